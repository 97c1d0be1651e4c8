/*
 * operation.c - what the machine's operator may say over the control socket: orders, recorded before they are
 * answered; and the clock. An order is answered once the engine has come to it, so that who asks next sees
 * what he ordered; where the engine is behind, by 202 after ORDER_WAIT_MS.
 */
#include "adapters/api/shared.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "message/excerpt.h"
#include "message/order.h"
#include "view/orders.h"

#define ORDER_WAIT_MS 5000
#define LEFT_MAX      (6 * API_ORDERS_BODY_MAX + 64 * API_ORDERS_MAX) /* every byte of the body escaped */

static bool path_number(struct http_request *req, const char *name, uint64_t *number) {
    if (text_to_uint(http_path_parameter(req, name), number) && *number) {
        return true;
    }
    http_problem_status(req, STATUS_NOT_FOUND);
    return false;
}

static void wait_for_order(struct api *api, struct http_request *req, uint64_t record,
                           void (*decided)(struct waiter *waiter, bool in_time), void *context) {
    struct waiter *waiter = memory_new(sizeof(*waiter));
    *waiter = (struct waiter){
        .api = api, .req = req, .context = context, .decided = decided, .wait_ms = ORDER_WAIT_MS
    };
    api_wait_for_decision(waiter, record);
}

static void answer_delivery(struct waiter *waiter, bool in_time) {
    struct http_request *req = waiter->req;
    api_waiter_free(waiter);
    http_answer(req, in_time ? 200 : 202, "application/json", NULL, TEXT("{\"status\":\"recorded\"}"));
}

/* An order about one delivery on its way into the journal. */
struct ordering {
    struct api *api;
    struct http_request *req;
};

static void delivery_ordered(void *context, enum status status, uint64_t number) {
    struct ordering ordering = *(struct ordering *)context;
    free(context);
    if (status == STATUS_OK) {
        wait_for_order(ordering.api, ordering.req, number, answer_delivery, NULL);
    } else {
        http_problem_status(ordering.req, status);
    }
}

void api_order_delivery(struct http_request *req, void *context) {
    struct api *api = context;
    uint64_t record;
    if (!path_number(req, "record", &record)) {
        return;
    }
    struct text order = http_path_parameter(req, "order");
    enum delivery_outcome outcome = text_is(order, "redrive") ? DELIVERY_REDRIVEN : DELIVERY_DROPPED;
    if (outcome == DELIVERY_DROPPED && !text_is(order, "drop")) {
        api_problem(req, API_PROBLEM_DELIVERY_ORDER);
        return;
    }
    const char *reason = arena_copy(req->arena, http_query_parameter(req, "reason"));
    const char *party = http_path_parameter(req, "party").at;
    struct ordering *ordering = memory_new(sizeof(*ordering));
    *ordering = (struct ordering){ .api = api, .req = req };
    enum status status =
        dispatch_order(api->options.dispatch, record, party, outcome, reason, delivery_ordered, ordering);
    if (status == STATUS_OK) {
        http_request_hold(req, NULL, NULL);
        return;
    }
    free(ordering);
    if (status == STATUS_BAD_INPUT) {
        api_problem(req, API_PROBLEM_NO_REASON);
    } else if (status == STATUS_CONFLICT) {
        api_problem(req, API_PROBLEM_DELIVERED);
    } else {
        http_problem_status(req, status);
    }
}

/* --- many deliveries at once ---------------------------------------------------------------------------- */

/* One order for each line of the body; answered when all that was taken is durable, and the engine has come
 * to it. */
struct batch {
    struct api *api;
    struct http_request *req;
    size_t under_way, recorded;
    uint64_t last;      /* of their records */
    enum status status; /* why some were not recorded; OK: none was left out */
    struct buf left;    /* JSON of those that were not taken */
    struct json_out out;
};

static void answer_batch(struct batch *batch, int http) {
    struct buf body;
    struct json_out out;
    if (batch->status != STATUS_OK) { /* the journal has failed, or closes */
        http_problem_status(batch->req, batch->status);
    } else {
        api_start_body(&body, &out);
        json_open_object(&out, NULL);
        json_put_int(&out, "recorded", (int64_t)batch->recorded);
        buf_add_string(&body, ",\"left\":");
        buf_add_text(&body, buf_text(&batch->left));
        json_close_object(&out);
        api_answer_buf(batch->req, http, &body);
    }
    buf_release(&batch->left);
    free(batch);
}

static void batch_followed(struct waiter *waiter, bool in_time) {
    struct batch *batch = waiter->context;
    api_waiter_free(waiter);
    answer_batch(batch, in_time ? 200 : 202);
}

static const struct shape_member left_members[] = {
    { "id", SHAPE_TEXT, .zh = "投递编号", .en = "the line, as it was sent" },
    { "code", SHAPE_TEXT, .zh = "为何没有", .en = "why it was not recorded" },
    SHAPE_END,
};

static const struct shape_member delivery_orders_members[] = {
    { "recorded", SHAPE_NUMBER, .zh = "已记录多少", .en = "how many orders were recorded" },
    { "left", SHAPE_LIST, .zh = "没有记录的", .en = "those that were not", .of = SHAPE_OF(left_members) },
    SHAPE_END,
};

const struct shape delivery_orders_shape = { "DeliveryOrders", delivery_orders_members };

static void one_less(struct batch *batch) {
    if (--batch->under_way > 0) {
        return;
    }
    if (batch->last && batch->status == STATUS_OK) {
        wait_for_order(batch->api, batch->req, batch->last, batch_followed, batch);
    } else {
        answer_batch(batch, 200);
    }
}

static void one_ordered(void *context, enum status status, uint64_t number) {
    struct batch *batch = context;
    batch->recorded += status == STATUS_OK;
    batch->last = number > batch->last ? number : batch->last;
    batch->status = status != STATUS_OK ? status : batch->status;
    one_less(batch);
}

static void order_line(struct api *api, struct batch *batch, struct text line, enum delivery_outcome outcome,
                       const char *reason) {
    uint64_t record;
    struct text party = line;
    enum status status = STATUS_NOT_FOUND;
    if (text_to_uint(text_until(&party, '/'), &record) && record && party.length) {
        batch->under_way++;
        status = dispatch_order(api->options.dispatch, record, arena_copy(batch->req->arena, party), outcome,
                                reason, one_ordered, batch);
        batch->under_way -= status != STATUS_OK;
    }
    if (status != STATUS_OK) {
        json_open_object(&batch->out, NULL);
        json_put_text(&batch->out, "id", line);
        json_put_string(&batch->out, "code", status_name(status));
        json_close_object(&batch->out);
    }
}

static size_t count_lines(struct text text) {
    size_t lines = 0;
    while (text.length) {
        text_until(&text, '\n');
        lines++;
    }
    return lines;
}

static void order_deliveries(struct api *api, struct http_request *req, const char *reason) {
    struct text order = http_path_parameter(req, "order"), rest = req->body;
    enum delivery_outcome outcome = text_is(order, "redrive") ? DELIVERY_REDRIVEN : DELIVERY_DROPPED;
    if (outcome == DELIVERY_DROPPED && !text_is(order, "drop")) {
        api_problem(req, API_PROBLEM_DELIVERY_ORDER);
        return;
    }
    if (count_lines(rest) > API_ORDERS_MAX) {
        http_problem_status(req, STATUS_TOO_LARGE);
        return;
    }
    struct batch *batch = memory_new(sizeof(*batch));
    /* Under way itself, so that none of them ends it before the last. */
    *batch = (struct batch){ .api = api, .req = req, .under_way = 1 };
    http_request_hold(req, NULL, NULL);
    buf_init(&batch->left, LEFT_MAX);
    json_start(&batch->out, &batch->left);
    json_open_array(&batch->out, NULL);
    while (rest.length) {
        struct text line = text_trim(text_until(&rest, '\n'));
        if (line.length) {
            order_line(api, batch, line, outcome, reason);
        }
    }
    json_close_array(&batch->out);
    one_less(batch);
}

static const char *reason_asked(struct http_request *req) {
    return arena_copy(req->arena, http_query_parameter(req, "reason"));
}

void api_order_deliveries(struct http_request *req, void *context) {
    order_deliveries(context, req, reason_asked(req));
}

static bool query_number(struct http_request *req, const char *name, uint64_t *number) {
    struct text value = http_query_parameter(req, name);
    *number = 0;
    return !value.length || text_to_uint(value, number);
}

static bool read_order(struct http_request *req, const char *reason, struct order *order) {
    *order = (struct order){ .reason = reason };
    return order_find(http_path_parameter(req, "order"), &order->kind)
           && query_number(req, "record", &order->record) && query_number(req, "to", &order->to)
           && order_is_whole(order);
}

void api_show_clock(struct http_request *req, void *context) {
    struct api *api = context;
    struct clock_reading reading = clock_read(journal_clock(api->options.journal));
    struct buf body;
    struct json_out out;
    api_start_body(&body, &out);
    api_put_clock(&out, NULL, &reading);
    api_answer_buf(req, 200, &body);
}

/* An operator's order on its way into the journal. */
struct taking {
    struct api *api;
    struct http_request *req;
    enum order_kind kind;
};

/* --- a reload ------------------------------------------------------------------------------------------- */

static void put_mistakes(struct json_out *out, const struct verdict *mistakes, enum language language) {
    json_open_array(out, "findings");
    for (size_t i = 0; i < mistakes->count; i++) {
        json_open_object(out, NULL);
        json_put_string(out, "file", mistakes->findings[i].file);
        json_put_int(out, "length",
                     mistakes->findings[i].place.length); /* of what is wrong, for who shows it */
        buf_add_string(out->buf, ",\"finding\":");
        struct json_out inner = { .buf = out->buf };
        excerpt_json(&inner, &mistakes->findings[i], language);
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_changes(struct json_out *out, const struct reload_changes *changes) {
    json_open_array(out, "changes");
    for (size_t i = 0; i < changes->count; i++) {
        json_open_object(out, NULL);
        json_put_string(out, "what", changes->list[i].what);
        json_put_string(out, "name", changes->list[i].name);
        json_put_string(out, "how", changes->list[i].how);
        json_close_object(out);
    }
    json_close_array(out);
    json_put_int(out, "changes_left_out", (int64_t)changes->left_out);
}

static const char *outcome_of(const struct reload_outcome *outcome, bool refused) {
    bool changes = outcome->changed || (outcome->dry && outcome->settings);
    return refused ? "refused" : !changes ? "unchanged" : outcome->dry ? "would-change" : "in-force";
}

static void answer_reload(const struct reload_outcome *outcome, void *asker) {
    struct http_request *req = asker;
    enum language language = http_request_language(req, LANGUAGE_EN);
    bool refused = outcome->status == STATUS_BAD_CONFIG;
    char hex[DIGEST_HEX_MAX];
    struct buf body;
    struct json_out out;
    if (outcome->status != STATUS_OK && !refused) {
        http_problem_status(req, outcome->status);
        return;
    }
    api_start_body(&body, &out);
    json_open_object(&out, NULL);
    json_put_string(&out, "outcome", outcome_of(outcome, refused));
    json_put_int(&out, "settings", (int64_t)outcome->settings);
    json_put_int(&out, "record", (int64_t)outcome->record);
    json_put_string(&out, "edition", digest_hex(&outcome->edition, hex));
    put_changes(&out, &outcome->changes);
    put_mistakes(&out, &outcome->mistakes, language);
    json_close_object(&out);
    api_answer_buf(req, refused ? status_http(STATUS_REFUSED) : 200, &body);
}

void api_reload(struct http_request *req, void *context) {
    struct api *api = context;
    bool dry = text_is(http_query_parameter(req, "dry_run"), "true");
    http_request_hold(req, NULL, NULL);
    enum status status = api->options.reload(api->options.context, dry, answer_reload, req);
    if (status != STATUS_OK) {
        http_problem_status(req, status);
    }
}

void api_show_reload(struct http_request *req, void *context) {
    struct api *api = context;
    struct explanation waits;
    struct buf body;
    struct json_out out;
    api->options.reload_waits(api->options.context, &waits);
    api_start_body(&body, &out);
    json_open_object(&out, NULL);
    json_put_string(&out, "waits",
                    language_pick(http_request_language(req, LANGUAGE_EN), waits.zh, waits.en));
    json_close_object(&out);
    api_answer_buf(req, 200, &body);
}

/* --- orders --------------------------------------------------------------------------------------------- */

/* What the order became, as far as that is known by now. */
static void answer_order(struct waiter *waiter, bool in_time) {
    require(waiter->record > 0);
    struct api *api = waiter->api;
    struct http_request *req = waiter->req;
    struct buf body;
    struct json_out out;
    struct orders_view view;
    api_start_body(&body, &out);
    enum status status = orders_json(api->state, api->reader, waiter->record, req->arena, &out, &view);
    api_waiter_free(waiter);
    if (status != STATUS_OK) {
        buf_release(&body);
        http_problem_status(req, status);
    } else if (view.refused) {
        buf_release(&body);
        http_problem(req, 409, view.code, view.zh, view.en);
    } else {
        api_answer_buf(req, view.decided ? 200 : 202, &body); /* decided just now, perhaps */
    }
}

/* The operator's word is answered when it is durable: from then on it will be carried out. What the engine
 * decides about it is waited for, as it comes at once unless the engine is behind. */
static void order_taken(void *context, enum status status, uint64_t number) {
    struct taking taking = *(struct taking *)context;
    free(context);
    if (status != STATUS_OK) {
        http_problem_status(taking.req, status);
        return;
    }
    if (taking.kind == ORDER_CLOCK_ACCEPT) { /* durable: should we die here, the next start doubts it anew */
        clock_accept(journal_clock(taking.api->options.journal));
    }
    wait_for_order(taking.api, taking.req, number, answer_order, NULL);
}

static void take_order(struct api *api, struct http_request *req, const char *reason) {
    struct order order;
    struct buf meta;
    if (!read_order(req, reason, &order)) {
        api_problem(req, API_PROBLEM_NO_ORDER);
        return;
    }
    struct clock *clock = journal_clock(api->options.journal);
    if (order.kind == ORDER_CLOCK_ACCEPT && clock_read(clock).doubt == CLOCK_NONE) {
        api_problem(req, API_PROBLEM_NOT_DOUBTED);
        return;
    }
    buf_init(&meta, 8 * ORDER_REASON_MAX);
    order_write(&order, &meta);
    struct record rec = { .kind = RECORD_ORDER, .meta = buf_text(&meta) };
    struct taking *taking = memory_new(sizeof(*taking));
    *taking = (struct taking){ .api = api, .req = req, .kind = order.kind };
    enum status status = appender_append(api->appender, &rec, false, order_taken, taking);
    buf_release(&meta);
    if (status != STATUS_OK) {
        free(taking);
        http_problem_status(req, status);
        return;
    }
    http_request_hold(req, NULL, NULL);
}

void api_take_order(struct http_request *req, void *context) {
    take_order(context, req, reason_asked(req));
}

/* --- of people ------------------------------------------------------------------------------------------ */

/* "wang.fang: they asked for it again"; NULL: answered already. What stands before it is who was let in, so
 * that nobody signs for another. */
static const char *reason_of_operator(struct api *api, struct http_request *req) {
    struct api_asker asker;
    struct text reason = text_trim(http_query_parameter(req, "reason"));
    if (!api_asker_of(api, req, &asker)) {
        return NULL;
    }
    if (!asker.account || sight_of(asker.role, asker.party, VIEW_OF_GATEWAY).reach != SIGHT_ALL) {
        api_problem(req, API_PROBLEM_ROLE);
        return NULL;
    }
    if (!reason.length) {
        api_problem(req, API_PROBLEM_NO_ORDER);
        return NULL;
    }
    return arena_printf(req->arena, "%s: " TEXT_FORMAT, asker.account->name, TEXT_ARGS(reason));
}

/* What would be cut is refused: who signs is to find what he wrote. */
void api_people_order_deliveries(struct http_request *req, void *context) {
    const char *reason = reason_of_operator(context, req);
    if (reason && strlen(reason) >= DELIVERY_WORDS_MAX) {
        api_problem(req, API_PROBLEM_NO_ORDER);
    } else if (reason) {
        order_deliveries(context, req, reason);
    }
}

void api_people_order_record(struct http_request *req, void *context) {
    const char *reason = reason_of_operator(context, req);
    if (reason) {
        take_order(context, req, reason);
    }
}
