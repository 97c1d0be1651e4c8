/*
 * bulk_order.c - those chosen are read from state.db page by page, in the order of the journal, while the
 * gateway changes it: deliveries are ordered a page at once, records one by one, for the engine answers each.
 */
#include "daemon/bulk_order.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "engine/delivery.h"
#include "engine/parts/held.h"
#include "view/set_aside.h"
#include "daemon/remote.h"

#define PRINT_MAX (64u << 20)
#define PAGE_MAX  128 /* deliveries in one request: adapters/api takes no more */
#define AGAIN_MAX 600
#define AGAIN_NS  (50 * 1000000L)
#define LEFT_MAX  20 /* of those told of one by one to a person */

/* How far it has come. */
struct ordering {
    struct invocation *inv;
    const struct bulk_order *order;
    const char *state; /* of the choice */
    struct client *client;
    size_t recorded;
    struct buf left, left_text; /* those that could not be ordered, and why: as JSON, and for a person */
    struct json_out out;
    size_t left_count;
};

static void leave(struct ordering *ordering, const char *id, const char *code, const char *words) {
    json_open_object(&ordering->out, NULL);
    json_put_string(&ordering->out, "id", id);
    json_put_string(&ordering->out, "code", code);
    json_close_object(&ordering->out);
    if (ordering->left_count++ < LEFT_MAX) {
        buf_printf(&ordering->left_text, "  %s  %s\n", id, words && *words ? words : code);
    }
}

/* --- deliveries ---------------------------------------------------------------------------------------- */

/* Keeps in `ids` those that the gateway had no room for. */
static void note_left(struct ordering *ordering, const struct json *answer, struct buf *ids) {
    const struct json *left = json_at(answer, "left");
    buf_clear(ids);
    for (size_t i = 0; i < json_count(left); i++) {
        const char *id = json_string_at(json_item(left, i), "id");
        const char *code = json_string_at(json_item(left, i), "code");
        if (strcmp(code, status_name(STATUS_BUSY)) == 0) {
            buf_printf(ids, "%s\n", id);
        } else {
            leave(ordering, id, code, NULL);
        }
    }
}

/* One page, until all of it is taken or refused. The exit code. */
static int order_page(struct ordering *ordering, struct buf *ids) {
    struct invocation *inv = ordering->inv;
    const char *path = arena_printf(inv->arena, "/control/deliveries/%s?reason=%s", ordering->order->verb,
                                    remote_escape(inv, ordering->order->reason));
    int code = 0;
    for (int tries = 0; code == 0 && ids->length; tries++) {
        struct client_answer answer;
        struct text body = buf_text(ids);
        char why[128];
        enum status status = client_ask(ordering->client, path, &body, NULL, &answer);
        if (status != STATUS_OK || client_status(&answer) != STATUS_OK || tries == AGAIN_MAX) {
            code = remote_fail(inv, status, &answer);
        } else {
            const struct json *told = json_parse(inv->arena, buf_text(&answer.body), why, sizeof(why));
            ordering->recorded += (size_t)json_int_at(told, "recorded");
            note_left(ordering, told, ids);
        }
        client_release(&answer);
        if (code == 0 && ids->length) {
            nanosleep(&(struct timespec){ .tv_nsec = AGAIN_NS }, NULL);
        }
    }
    return code;
}

/* False: there are no more. */
static bool read_page(struct state *state, const struct choice *choice, struct choice_place *place,
                      struct buf *ids, enum status *status) {
    struct store_query *query = choice_behind(state, choice, place, PAGE_MAX);
    buf_clear(ids);
    while (store_step(query, status)) {
        struct text party = store_text(query, 1);
        place->record = (uint64_t)store_int(query, 0);
        snprintf(place->party, sizeof(place->party), TEXT_FORMAT, TEXT_ARGS(party));
        buf_printf(ids, "%llu/" TEXT_FORMAT "\n", (unsigned long long)place->record, TEXT_ARGS(party));
    }
    store_reset(query);
    return *status == STATUS_OK && ids->length;
}

static int order_deliveries(struct ordering *ordering, struct state *state, enum status *status) {
    struct choice_place place = { .record = 0 };
    struct buf ids;
    int code = 0;
    buf_init(&ids, PRINT_MAX);
    while (code == 0 && read_page(state, &ordering->order->choice, &place, &ids, status)) {
        code = order_page(ordering, &ids);
    }
    buf_release(&ids);
    return code;
}

/* --- records that are set aside ------------------------------------------------------------------------ */

/* What the engine refuses is left (no route takes it still), and the next one's turn; what keeps the gateway
 * from taking orders ends it all. */
static int take_answer(struct ordering *ordering, const char *id, enum status status,
                       const struct client_answer *answer) {
    char why[128];
    struct arena *arena = arena_new();
    const struct json *told =
        status == STATUS_OK ? json_parse(arena, buf_text(&answer->body), why, sizeof(why)) : NULL;
    const char *refused = json_string_at(told, "code");
    int code = 0;
    if (status == STATUS_OK && client_status(answer) == STATUS_OK) {
        ordering->recorded++;
    } else if (status == STATUS_OK && client_status(answer) == STATUS_CONFLICT && refused) {
        leave(ordering, id, refused, json_string_at(told, "detail"));
    } else {
        code = remote_fail(ordering->inv, status, answer);
    }
    arena_free(arena);
    return code;
}

static int order_record(struct ordering *ordering, uint64_t record) {
    struct invocation *inv = ordering->inv;
    const char *path =
        arena_printf(inv->arena, "/control/orders/%s?record=%" PRIu64 "&reason=%s", ordering->order->verb,
                     record, remote_escape(inv, ordering->order->reason));
    struct client_answer answer;
    enum status status = client_ask(ordering->client, path, &TEXT(""), NULL, &answer);
    for (int tries = 0; status == STATUS_OK && client_status(&answer) == STATUS_BUSY && tries < AGAIN_MAX;
         tries++) {
        client_release(&answer);
        nanosleep(&(struct timespec){ .tv_nsec = AGAIN_NS }, NULL);
        status = client_ask(ordering->client, path, &TEXT(""), NULL, &answer);
    }
    int code = take_answer(ordering, arena_printf(inv->arena, "%" PRIu64, record), status, &answer);
    client_release(&answer);
    return code;
}

static int order_records(struct ordering *ordering, struct state *state, enum status *status) {
    uint64_t records[PAGE_MAX], last = 0;
    size_t count;
    int code = 0;
    do {
        struct store_query *query =
            set_aside_behind(state, ordering->state, &ordering->order->choice, last, PAGE_MAX);
        for (count = 0; store_step(query, status); count++) {
            records[count] = last = (uint64_t)store_int(query, 0);
        }
        store_reset(query);
        for (size_t i = 0; code == 0 && *status == STATUS_OK && i < count; i++) {
            code = order_record(ordering, records[i]);
        }
    } while (code == 0 && *status == STATUS_OK && count == PAGE_MAX);
    return code;
}

/* --- counted, and told --------------------------------------------------------------------------------- */

struct counted {
    size_t all;
    struct buf json, text; /* of each group */
    struct json_out out;
};

static void add_group(const struct invocation *inv, struct counted *counted, const char *party,
                      const char *state, const char *reason, const char *family, int64_t count) {
    const char *sentence = delivery_reason_sentence(reason, inv->language);
    if (strcmp(state, SET_ASIDE_HELD) == 0) {
        sentence = held_reason_sentence(reason, inv->language);
    } else if (strcmp(state, SET_ASIDE_QUARANTINED) == 0) {
        sentence = invocation_pick(inv, "没有路由接收", "no route takes it");
    }
    json_open_object(&counted->out, NULL);
    json_put_string(&counted->out, "party", party);
    json_put_string(&counted->out, "state", state);
    json_put_string(&counted->out, "reason", reason);
    json_put_string(&counted->out, "family", family);
    json_put_int(&counted->out, "n", count);
    json_close_object(&counted->out);
    buf_printf(&counted->text, "%8" PRId64 "  %s  %s  %s  %s", count, party, state, family, sentence);
    buf_printf(&counted->text, *reason ? " (%s)\n" : "%s\n", reason); /* the code, for --because */
    counted->all += (size_t)count;
}

static enum status count_chosen(const struct ordering *ordering, struct state *state,
                                struct counted *counted) {
    const struct invocation *inv = ordering->inv;
    const struct choice *choice = &ordering->order->choice;
    bool of_records = set_aside_is_meant(choice);
    enum status status = STATUS_OK;
    struct store_query *query =
        of_records ? set_aside_groups(state, ordering->state, choice) : choice_groups(state, choice, true);
    int reason = of_records ? 1 : 2; /* the columns behind a delivery's state are one further */
    buf_init(&counted->json, PRINT_MAX);
    buf_init(&counted->text, PRINT_MAX);
    json_start(&counted->out, &counted->json);
    json_open_array(&counted->out, NULL);
    while (store_step(query, &status)) {
        add_group(inv, counted, arena_copy(inv->arena, store_text(query, 0)), ordering->state,
                  arena_copy(inv->arena, store_text(query, reason)),
                  arena_copy(inv->arena, store_text(query, reason + 1)), store_int(query, reason + 2));
    }
    store_reset(query);
    json_close_array(&counted->out);
    return status;
}

/* What was asked for, the state that was meant among it: of a word that is mistyped there is nothing, too. */
static void tell_none(const struct ordering *ordering) {
    const struct invocation *inv = ordering->inv;
    const struct choice *choice = &ordering->order->choice;
    const struct {
        const char *option;
        struct text text;
    } said[] = { { "--state", choice->state },   { "--to", choice->party },
                 { "--from", choice->sender },   { "--because", choice->reason },
                 { "--family", choice->family }, { "--key", choice->key } };
    printf("%s", invocation_pick(inv, "没有符合者：", "there is none of"));
    for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
        if (said[i].text.length) {
            printf(" %s " TEXT_FORMAT, said[i].option, TEXT_ARGS(said[i].text));
        }
    }
    printf("%s",
           choice->since || choice->until ? invocation_pick(inv, "（所给时段内）", " in that time") : "");
    printf(invocation_pick(inv, "；clearway queue --state %s 列出全部\n",
                           "; clearway queue --state %s lists all\n"),
           ordering->state);
}

static void tell_left(const struct ordering *ordering) {
    const struct invocation *inv = ordering->inv;
    printf(invocation_pick(inv, "%zu 件未执行：\n" TEXT_FORMAT, "%zu were left:\n" TEXT_FORMAT),
           ordering->left_count, TEXT_ARGS(buf_text(&ordering->left_text)));
    if (ordering->left_count > LEFT_MAX) {
        printf(invocation_pick(inv, "  另有 %zu 件\n", "  and %zu more\n"), ordering->left_count - LEFT_MAX);
    }
}

static void tell_ordering(const struct ordering *ordering, const struct counted *counted) {
    const struct invocation *inv = ordering->inv;
    bool of_records = set_aside_is_meant(&ordering->order->choice), done = ordering->order->yes;
    if (inv->json) {
        printf("{\"count\":%zu,\"groups\":" TEXT_FORMAT ",\"done\":%s,\"recorded\":%zu,\"left\":" TEXT_FORMAT
               "}\n",
               counted->all, TEXT_ARGS(buf_text(&counted->json)), done ? "true" : "false", ordering->recorded,
               TEXT_ARGS(buf_text(&ordering->left)));
        return;
    }
    if (counted->all == 0) {
        tell_none(ordering);
        return;
    }
    printf(TEXT_FORMAT, TEXT_ARGS(buf_text(&counted->text)));
    printf(of_records ? invocation_pick(inv, "共 %zu 条记录\n", "%zu records\n")
                      : invocation_pick(inv, "共 %zu 件投递\n", "%zu deliveries\n"),
           counted->all);
    if (!done) {
        puts(invocation_pick(inv, "尚未执行；加 --yes 执行", "nothing is done yet; with --yes it is"));
        return;
    }
    printf(invocation_pick(inv, "%s 已记录 %zu 件\n", "%s recorded for %zu\n"), ordering->order->verb,
           ordering->recorded);
    if (ordering->left_count) {
        tell_left(ordering);
    }
}

/* --- all of it ----------------------------------------------------------------------------------------- */

static int order_all(struct ordering *ordering, struct state *state, const char *data) {
    enum status status = STATUS_OK;
    ordering->client = remote_control(ordering->inv, data, REMOTE_CONTROL_MS);
    int code = set_aside_is_meant(&ordering->order->choice) ? order_records(ordering, state, &status)
                                                            : order_deliveries(ordering, state, &status);
    client_free(ordering->client);
    return code == 0 && status != STATUS_OK ? invocation_fail(ordering->inv, status, data) : code;
}

static int order_in_state(struct ordering *ordering, struct state *state, const char *data) {
    struct counted counted = { .all = 0 };
    enum status status = count_chosen(ordering, state, &counted);
    int code = 0;
    buf_init(&ordering->left, PRINT_MAX);
    buf_init(&ordering->left_text, PRINT_MAX);
    json_start(&ordering->out, &ordering->left);
    json_open_array(&ordering->out, NULL);
    if (status != STATUS_OK) {
        code = invocation_fail(ordering->inv, status, data);
    } else if (ordering->order->yes) {
        code = order_all(ordering, state, data);
    }
    json_close_array(&ordering->out);
    if (status == STATUS_OK) {
        tell_ordering(ordering, &counted);
    }
    buf_release(&counted.json);
    buf_release(&counted.text);
    buf_release(&ordering->left);
    buf_release(&ordering->left_text);
    return code ? code : ordering->left_count ? 1 : 0;
}

int bulk_order(struct invocation *inv, const char *data, const struct bulk_order *order) {
    require(order->choice.state.length);
    struct state *state;
    enum status status = state_open(data, STORE_READ, &state);
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, data);
    }
    struct ordering ordering = { .inv = inv,
                                 .order = order,
                                 .state = arena_copy(inv->arena, order->choice.state) };
    int code = order_in_state(&ordering, state, data);
    state_close(state);
    return code;
}
