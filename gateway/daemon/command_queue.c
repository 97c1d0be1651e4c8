/*
 * command_queue.c - `clearway queue`: what waits for somebody, read from state.db; and the orders by which an
 * operator moves it, given to the gateway that runs.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "engine/delivery.h"
#include "view/choice.h"
#include "view/view.h"
#include "daemon/command.h"
#include "daemon/local.h"
#include "daemon/remote.h"

#define PRINT_MAX (64u << 20)

static const struct option_row options[] = {
    { "data", "FOLDER", "数据文件夹（默认按配置）", "the data folder (default: of the configuration)" },
    { "reason", "TEXT", "redrive、drop、release 与 link 的原因，将记入日志",
      "why, for redrive, drop, release and link: it is recorded" },
    { "yes", NULL, "redrive 与 drop：执行（否则只计数）",
      "redrive, drop: do it; without it those chosen are only counted" },
    OPTIONS_END,
};

/* From state.db alone: what waits must be seen when the edition cannot be read, too. */
static int list(struct invocation *inv, const char *data) {
    struct view_question question;
    struct view_source source = { .state = NULL };
    int code = invocation_question(inv, &question);
    if (code) {
        return code;
    }
    enum status status = state_open(data, STORE_READ, &source.state);
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, data);
    }
    struct buf body;
    buf_init(&body, PRINT_MAX);
    local_tell_behind(inv, data, source.state);
    question.source = &source;
    status = view_answer(&question, inv->json ? VIEW_JSON : VIEW_TEXT, &body);
    state_close(source.state);
    return invocation_result(inv, status, &body, data);
}

/* RECORD/PARTY, the delivery id as the list shows it: an order to the running gateway, which records it. */
static int order(struct invocation *inv, const char *data, const char *verb, const char *id) {
    struct client_answer answer;
    struct text rest = text_of(id), record = text_until(&rest, '/');
    const char *reason = invocation_option(inv, "reason");
    uint64_t number;
    if (!text_to_uint(record, &number) || !rest.length) {
        return invocation_usage(inv, "投递写作 RECORD/PARTY，而非 '%s'",
                                "a delivery is named RECORD/PARTY, not '%s'", id);
    }
    const char *path =
        arena_printf(inv->arena, "/control/deliveries/%llu/%s/%s?reason=%s", (unsigned long long)number,
                     remote_escape(inv, rest.at), verb, remote_escape(inv, reason ? reason : ""));
    struct client *client = remote_control(inv, data, REMOTE_CONTROL_MS);
    enum status status = client_ask(client, path, &(struct text){ "", 0 }, NULL, &answer);
    int code =
        status != STATUS_OK || client_status(&answer) != STATUS_OK ? remote_fail(inv, status, &answer) : 0;
    if (!code) {
        printf(invocation_pick(inv, "%s：%s 已记录\n", "%s: %s recorded\n"), id, verb);
    }
    client_release(&answer);
    client_free(client);
    return code;
}

/* --- many deliveries at once ---------------------------------------------------------------------------- */

#define PAGE_MAX  128 /* deliveries in one request: adapters/api takes no more */
#define AGAIN_MAX 600
#define AGAIN_NS  (50 * 1000000L)

/* What is ordered of which deliveries, and how far that has come. */
struct ordering {
    struct invocation *inv;
    const char *verb, *reason;
    struct client *client;
    size_t recorded;
    struct buf left; /* JSON: those that could not be ordered, and why */
    struct json_out out;
    size_t left_count;
};

/* Keeps in `ids` those that the gateway had no room for. */
static void note_left(struct ordering *ordering, const struct json *answer, struct buf *ids) {
    const struct json *left = json_at(answer, "left");
    buf_clear(ids);
    for (size_t i = 0; i < json_count(left); i++) {
        const char *id = json_string_at(json_item(left, i), "id");
        const char *code = json_string_at(json_item(left, i), "code");
        if (strcmp(code, status_name(STATUS_BUSY)) == 0) {
            buf_printf(ids, "%s\n", id);
            continue;
        }
        json_open_object(&ordering->out, NULL);
        json_put_string(&ordering->out, "id", id);
        json_put_string(&ordering->out, "code", code);
        json_close_object(&ordering->out);
        ordering->left_count++;
    }
}

/* One page, until all of it is taken or refused. The exit code. */
static int order_page(struct ordering *ordering, struct buf *ids) {
    struct invocation *inv = ordering->inv;
    const char *path = arena_printf(inv->arena, "/control/deliveries/%s?reason=%s", ordering->verb,
                                    remote_escape(inv, ordering->reason));
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

static int order_all(struct ordering *ordering, struct state *state, const struct choice *choice,
                     const char *data) {
    struct choice_place place = { .record = 0 };
    struct buf ids;
    enum status status = STATUS_OK;
    int code = 0;
    buf_init(&ids, PRINT_MAX);
    ordering->client = remote_control(ordering->inv, data, REMOTE_CONTROL_MS);
    while (code == 0 && read_page(state, choice, &place, &ids, &status)) {
        code = order_page(ordering, &ids);
    }
    client_free(ordering->client);
    buf_release(&ids);
    return code == 0 && status != STATUS_OK ? invocation_fail(ordering->inv, status, data) : code;
}

struct counted {
    size_t all;
    struct buf json, text; /* of each group */
};

static enum status count_chosen(const struct invocation *inv, struct state *state,
                                const struct choice *choice, struct counted *counted) {
    enum status status = STATUS_OK;
    struct json_out out;
    struct store_query *query = choice_groups(state, choice, true);
    buf_init(&counted->json, PRINT_MAX);
    buf_init(&counted->text, PRINT_MAX);
    json_start(&out, &counted->json);
    json_open_array(&out, NULL);
    while (store_step(query, &status)) {
        const char *reason = arena_copy(inv->arena, store_text(query, 2));
        json_open_object(&out, NULL);
        json_put_text(&out, "party", store_text(query, 0));
        json_put_text(&out, "state", store_text(query, 1));
        json_put_string(&out, "reason", reason);
        json_put_text(&out, "family", store_text(query, 3));
        json_put_int(&out, "n", store_int(query, 4));
        json_close_object(&out);
        buf_printf(&counted->text, "%8lld  " TEXT_FORMAT "  " TEXT_FORMAT "  " TEXT_FORMAT "  %s\n",
                   (long long)store_int(query, 4), TEXT_ARGS(store_text(query, 0)),
                   TEXT_ARGS(store_text(query, 1)), TEXT_ARGS(store_text(query, 3)),
                   delivery_reason_sentence(reason, inv->language));
        counted->all += (size_t)store_int(query, 4);
    }
    store_reset(query);
    json_close_array(&out);
    return status;
}

static void tell_ordering(const struct ordering *ordering, const struct counted *counted, bool done) {
    const struct invocation *inv = ordering->inv;
    if (inv->json) {
        printf("{\"count\":%zu,\"groups\":" TEXT_FORMAT ",\"done\":%s,\"recorded\":%zu,\"left\":" TEXT_FORMAT
               "}\n",
               counted->all, TEXT_ARGS(buf_text(&counted->json)), done ? "true" : "false", ordering->recorded,
               TEXT_ARGS(buf_text(&ordering->left)));
        return;
    }
    printf(TEXT_FORMAT, TEXT_ARGS(buf_text(&counted->text)));
    printf(invocation_pick(inv, "共 %zu 件投递\n", "%zu deliveries\n"), counted->all);
    if (!done) {
        puts(invocation_pick(inv, "尚未执行；加 --yes 执行", "nothing is done yet; with --yes it is"));
        return;
    }
    printf(invocation_pick(inv, "%s 已记录 %zu 件\n", "%s recorded for %zu\n"), ordering->verb,
           ordering->recorded);
    if (ordering->left_count) {
        printf(invocation_pick(inv, "%zu 件未执行：" TEXT_FORMAT "\n", "%zu were left: " TEXT_FORMAT "\n"),
               ordering->left_count, TEXT_ARGS(buf_text(&ordering->left)));
    }
}

static int order_in_state(struct ordering *ordering, struct state *state, const struct choice *choice,
                          const char *data) {
    struct counted counted = { .all = 0 };
    bool done = invocation_option(ordering->inv, "yes") != NULL;
    enum status status = count_chosen(ordering->inv, state, choice, &counted);
    int code = 0;
    buf_init(&ordering->left, PRINT_MAX);
    json_start(&ordering->out, &ordering->left);
    json_open_array(&ordering->out, NULL);
    if (status != STATUS_OK) {
        code = invocation_fail(ordering->inv, status, data);
    } else if (done) {
        code = order_all(ordering, state, choice, data);
    }
    json_close_array(&ordering->out);
    if (status == STATUS_OK) {
        tell_ordering(ordering, &counted, done);
    }
    buf_release(&counted.json);
    buf_release(&counted.text);
    buf_release(&ordering->left);
    return code ? code : ordering->left_count ? 1 : 0;
}

/* Chosen by what the options say; counted first, and ordered with --yes. */
static int order_chosen(struct invocation *inv, const char *data, const char *verb) {
    struct view_question question;
    const char *reason = invocation_option(inv, "reason");
    int code = invocation_question(inv, &question);
    if (code) {
        return code;
    }
    struct choice choice = choice_of(&question);
    if (choice_is_open(&choice)) {
        return invocation_usage(
            inv, "请指明投递：RECORD/PARTY，或 --to、--because、--family、--key、--since、--until",
            "say which deliveries: RECORD/PARTY, or --to, --because, --family, --key, --since,"
            " --until");
    }
    choice.state = choice.state.length ? choice.state : TEXT("parked");
    bool redrive = strcmp(verb, "redrive") == 0, again = text_is(choice.state, "delivered");
    if (text_is(choice.state, "kept") || (again && !redrive)) {
        return invocation_usage(inv, "此状态的投递不能 %s", "deliveries in that state cannot be %s",
                                redrive ? invocation_pick(inv, "redrive", "re-driven")
                                        : invocation_pick(inv, "drop", "dropped"));
    }
    if (again && !reason) {
        return invocation_usage(inv, "接收方已确认：再次投递须以 --reason TEXT 说明原因",
                                "the receiver has acknowledged them: say why with --reason TEXT");
    }
    struct state *state;
    enum status status = state_open(data, STORE_READ, &state);
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, data);
    }
    struct ordering ordering = { .inv = inv, .verb = verb, .reason = reason ? reason : "" };
    code = order_in_state(&ordering, state, &choice, data);
    state_close(state);
    return code;
}

/* "done FORWARDED  handed on to 3 parties", or that it will be decided. */
static void print_order(const struct invocation *inv, const struct json *order) {
    const struct json *answer = json_at(order, "answer");
    const char *sentence = json_string_at(answer, inv->language == LANGUAGE_ZH ? "zh" : "en");
    if (answer) {
        printf("%s %s  %s\n", json_string_at(order, "result"), json_string_at(answer, "code"), sentence);
    } else {
        printf("%lld: %s\n", (long long)json_int_at(order, "order"),
               invocation_pick(inv, "指令已记录，处理进度落后，稍后执行",
                               "recorded; the engine is behind and will carry it out"));
    }
}

/* An order to the running gateway: recorded, then decided by the engine. */
static int give_order(struct invocation *inv, const char *data, const char *path) {
    struct client_answer answer;
    char why[128];
    struct client *client = remote_control(inv, data, REMOTE_CONTROL_MS);
    enum status status = client_ask(client, path, &TEXT(""), NULL, &answer);
    int code =
        status != STATUS_OK || client_status(&answer) != STATUS_OK ? remote_fail(inv, status, &answer) : 0;
    if (code == 0 && inv->json) {
        printf(TEXT_FORMAT "\n", TEXT_ARGS(buf_text(&answer.body)));
    } else if (code == 0) {
        print_order(inv, json_parse(inv->arena, buf_text(&answer.body), why, sizeof(why)));
    }
    client_release(&answer);
    client_free(client);
    return code;
}

/* Of a record that is held, or in quarantine: "release", "drop". */
static int order_record(struct invocation *inv, const char *data, const char *verb, const char *name) {
    const char *reason = invocation_option(inv, "reason");
    uint64_t number;
    if (!text_to_uint(text_of(name), &number)) {
        return invocation_usage(inv, "暂挂或隔离的记录以其编号指明，而非 '%s'",
                                "a record that is held or in quarantine is named by its number, not '%s'",
                                name);
    }
    if (!reason) {
        return invocation_usage(inv, "请说明原因：--reason TEXT 与指令一并记入日志",
                                "say why: --reason TEXT is recorded with the order");
    }
    return give_order(inv, data,
                      arena_printf(inv->arena, "/control/orders/%s?record=%llu&reason=%s", verb,
                                   (unsigned long long)number, remote_escape(inv, reason)));
}

/* Both are named by their records: ids and numbers are what the answer could not be found by. */
static int link_answer(struct invocation *inv, const char *data, const char *answer,
                       const char *declaration) {
    const char *reason = invocation_option(inv, "reason");
    uint64_t record, to;
    if (!text_to_uint(text_of(answer), &record)) {
        return invocation_usage(inv, "待关联的回执以其编号指明，而非 '%s'",
                                "a waiting answer is named by its number, not '%s'", answer);
    }
    if (!text_to_uint(text_of(declaration), &to)) {
        return invocation_usage(inv, "报关单以其记录编号指明，而非 '%s'",
                                "the declaration is named by its record number, not '%s'", declaration);
    }
    if (!reason) {
        return invocation_usage(inv, "请说明原因：--reason TEXT 与指令一并记入日志",
                                "say why: --reason TEXT is recorded with the order");
    }
    return give_order(inv, data,
                      arena_printf(inv->arena, "/control/orders/link?record=%llu&to=%llu&reason=%s",
                                   (unsigned long long)record, (unsigned long long)to,
                                   remote_escape(inv, reason)));
}

static int run(struct invocation *inv) {
    const char *data = invocation_data(inv);
    if (!data) {
        return status_exit(STATUS_BAD_CONFIG);
    }
    const char *verb = inv->count ? inv->arguments[0] : "list";
    if (strcmp(verb, "list") == 0 && inv->count <= 1) {
        return list(inv, data);
    }
    bool orders = strcmp(verb, "redrive") == 0 || strcmp(verb, "drop") == 0;
    bool of_record = strcmp(verb, "release") == 0 || strcmp(verb, "drop") == 0;
    if (of_record && inv->count == 2 && !strchr(inv->arguments[1], '/')) {
        return order_record(inv, data, verb, inv->arguments[1]);
    }
    if (orders && inv->count == 1) {
        return order_chosen(inv, data, verb);
    }
    if (orders && inv->count == 2) {
        return order(inv, data, verb, inv->arguments[1]);
    }
    if (strcmp(verb, "link") == 0 && inv->count == 3) {
        return link_answer(inv, data, inv->arguments[1], inv->arguments[2]);
    }
    return invocation_usage(
        inv,
        "应为 list、redrive [RECORD/PARTY]、drop [RECORD[/PARTY]]、release RECORD 或 link ANSWER DECLARATION",
        "say list, redrive [RECORD/PARTY], drop [RECORD[/PARTY]], release RECORD"
        " or link ANSWER DECLARATION");
}

static const struct example_row examples[] = {
    { "clearway queue", NULL, NULL },
    { "clearway queue redrive 42/CUS-QD --reason INC-2121", "恢复投递", "deliver it after all" },
    { "clearway queue redrive --to CUS-QD --because receiver-refused", "先计数；加 --yes 执行",
      "counts them; with --yes delivers all of them" },
    { "clearway queue redrive --state delivered --to CUS-QD --since 2026-11-28 --reason INC-2130",
      "对方丢失的再次投递，并标明", "sends again what they lost, marked so" },
    { "clearway queue drop 57 --reason INC-2124", "隔离的报文不再送往任何一方",
      "the message in quarantine goes nowhere" },
    { "clearway queue release 57 --reason INC-2122", "解除暂挂，重新处理", "have it decided anew" },
    { "clearway queue link 61 17 --reason INC-2123", "回执 61 属于报关单 17",
      "answer 61 is about declaration 17" },
    EXAMPLES_END,
};

const struct command command_queue = {
    .name = "queue",
    .arguments = "[list | redrive [RECORD/PARTY] | drop [RECORD[/PARTY]] | release RECORD |"
                 " link ANSWER DECLARATION]",
    .summary_en =
        "what waits for somebody: deliveries that fail or are parked, records held or in quarantine, answers",
    .summary_zh = "查看待投、失败与搁置的投递，暂挂与隔离的记录，以及待关联的海关回执",
    .examples = examples,
    .options = options,
    .asks = "queue",
    .run = run,
};
