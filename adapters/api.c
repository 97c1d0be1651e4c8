#include "adapters/api.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counters.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "message/identifiers.h"
#include "message/order.h"
#include "check/check.h"
#include "journal/reader.h"
#include "engine/state.h"
#include "view/statistics/report.h"
#include "view/mailbox.h"
#include "view/messages.h"
#include "view/orders.h"
#include "view/tracking.h"
#include "adapters/http/router.h"

#define ANSWER_MAX    (16u << 20)
#define WAIT_MAX_S    60
#define WAITERS_MAX   10000
#define ORDER_WAIT_MS 5000

/* A request that waits for its record to be durable, and perhaps for the decision about it. */
struct waiter {
    struct api *api;
    struct http_request *req;
    uint64_t record; /* 0: not recorded yet */
    bool order;      /* the record is an operator's order, else a message */
    int wait_ms;     /* how long the sender would wait for the decision; 0: not at all */
    struct loop_timer *timer;
    struct waiter *next, **link; /* among those waiting for a decision */
};

struct api {
    struct api_options options;
    struct state *state;
    struct reader *reader;
    struct http_router *routers[3];
    struct waiter *waiters;
    _Atomic size_t waiting;
    pthread_mutex_t mutex;
    bool looking; /* under mutex: look_at_waiters() is posted */
};

/* --- who asks ------------------------------------------------------------------------------------------- */

static const struct party *party_of_peer(const struct api *api, const struct http_peer *peer) {
    const struct tls_identity *identity = peer->identity;
    return identity && identity->name
               ? parties_of_certificate(api->options.setup->parties, text_of(identity->name))
               : NULL;
}

static struct http_account *account_of_peer(const struct http_peer *peer, void *context) {
    const struct api *api = context;
    const struct party *party = party_of_peer(api, peer);
    return party && !party->blocked ? &api->options.accounts[party - api->options.setup->parties->list]
                                    : NULL;
}

/* Identity comes from the channel. NULL: answered already. */
static const struct party *party_of(struct api *api, struct http_request *req) {
    const struct tls_identity *identity = req->peer->identity;
    const struct party *party = party_of_peer(api, req->peer);
    if (!party) {
        log_event_bounded(LOG_WARN, "http", "certificate_of_no_party",
                          LOG_STRING("address", req->peer->address),
                          LOG_STRING("subject", identity ? identity->subject : ""),
                          LOG_STRING("issuer", identity ? identity->issuer : ""), LOG_END);
        const char *name = identity && identity->name ? identity->name : "";
        http_problem(req, 403, "unknown-party",
                     arena_printf(req->arena, "没有参与方的证书名称为 \"%.100s\"", name),
                     arena_printf(req->arena, "no party has a certificate of the name \"%.100s\"", name));
        return NULL;
    }
    if (party->blocked) {
        http_problem(req, 403, "party-blocked", "该参与方已被停用", "this party is blocked");
        return NULL;
    }
    return party;
}

/* --- is there an answer yet ----------------------------------------------------------------------------- */

/* After a start state.db may lack what the last life knew: nothing is better than "not there". True:
   answered. */
static bool answer_if_behind(struct api *api, struct http_request *req) {
    uint64_t behind = engine_behind(api->options.engine);
    if (behind) {
        unsigned long long left = behind;
        http_problem_status_with(req, STATUS_BEHIND,
                                 arena_printf(req->arena, "%s：尚余 %llu 条记录",
                                              status_sentence(STATUS_BEHIND, LANGUAGE_ZH), left),
                                 arena_printf(req->arena, "%s: %llu records to go",
                                              status_sentence(STATUS_BEHIND, LANGUAGE_EN), left),
                                 NULL);
    }
    return behind != 0;
}

/* Before a party is answered from state.db. */
static void admit_view(struct http_request *req, void *context) {
    if (party_of(context, req)) {
        (void)answer_if_behind(context, req);
    }
}

/* Before anybody else is. */
static void admit_caught_up(struct http_request *req, void *context) {
    (void)answer_if_behind(context, req);
}

/* --- answers -------------------------------------------------------------------------------------------- */

static void start_body(struct buf *body, struct json_out *out) {
    buf_init(body, ANSWER_MAX);
    json_start(out, body);
}

static void answer_buf(struct http_request *req, int status, struct buf *out) {
    if (buf_failed(out)) {
        http_problem(req, 500, "answer-too-large", "答复超过上限；请缩小范围",
                     "the answer is larger than the limit; ask for less");
    } else {
        http_answer(req, status, "application/json", NULL, buf_text(out));
    }
    buf_release(out);
}

static void answer_status(struct http_request *req, enum status status, struct buf *out) {
    if (status == STATUS_OK) {
        answer_buf(req, 200, out);
        return;
    }
    buf_release(out);
    http_problem_status(req, status);
}

/* A terminal asks for text/plain and names its language; everybody else gets JSON. */
static bool wants_text(struct http_request *req) {
    return text_starts(http_request_field(req, "accept"), "text/plain");
}

/* The answer of a view that has two forms. */
static void answer_view(struct http_request *req, enum status status, struct buf *out) {
    if (status == STATUS_OK && wants_text(req) && !buf_failed(out)) {
        http_answer(req, 200, "text/plain; charset=utf-8", NULL, buf_text(out));
        buf_release(out);
    } else {
        answer_status(req, status, out);
    }
}

static void location_of(uint64_t number, char out[64]) {
    snprintf(out, 64, "/v1/messages/%llu", (unsigned long long)number);
}

/* The first thing wrong; NULL: the receipt names none. */
static const char *first_error(const struct facts *facts, enum language language) {
    for (size_t i = 0; i < facts->count; i++) {
        if (facts->findings[i].severity == SEVERITY_ERROR) {
            return language_pick(language, facts->findings[i].zh, facts->findings[i].en);
        }
    }
    return NULL;
}

static void answer_receipt(struct http_request *req, const struct answer *answer) {
    char location[64];
    location_of(answer->number, location);
    struct http_header headers[] = { { "Location", location }, { NULL, NULL } };
    int status = outcome_http(answer->outcome);
    if (answer->outcome == OUTCOME_ACCEPTED) {
        http_answer(req, status, "application/json", headers, answer->receipt);
        return;
    }
    enum status kind = answer->outcome == OUTCOME_CONFLICT ? STATUS_CONFLICT : STATUS_REFUSED;
    enum language language = http_request_language(req, LANGUAGE_EN);
    struct buf body;
    struct json_out out;
    start_body(&body, &out);
    json_open_object(&out, NULL);
    json_put_string(&out, "type", "about:blank");
    json_put_string(&out, "title", status_sentence(kind, language));
    json_put_int(&out, "status", status);
    json_put_string(&out, "code", outcome_text(answer->outcome));
    json_put_string(&out, "detail", first_error(answer->facts, language));
    json_put_raw(&out, "receipt", answer->receipt);
    json_close_object(&out);
    http_answer(req, status, "application/problem+json", headers, buf_text(&body));
    buf_release(&body);
}

/* --- waiting for a decision ----------------------------------------------------------------------------- */

static void waiter_free(struct waiter *waiter) {
    if (waiter->link) {
        *waiter->link = waiter->next;
        if (waiter->next) {
            waiter->next->link = waiter->link;
        }
        atomic_fetch_sub(&waiter->api->waiting, 1);
    }
    if (waiter->timer) {
        loop_timer_free(waiter->timer);
    }
    free(waiter);
}

static bool is_decided(struct api *api, uint64_t record) {
    enum status status = STATUS_OK;
    struct store_query *query = store_query(
        state_store(api->state),
        "SELECT decision FROM messages WHERE number = ?1 UNION ALL SELECT decision FROM orders WHERE number"
        " = ?1");
    store_bind_int(query, 1, (int64_t)record);
    bool decided = store_step(query, &status) && store_int(query, 0) > 0;
    store_reset(query);
    return decided;
}

static void answer_order(struct waiter *waiter);

static void answer_waiter(struct waiter *waiter, int status) {
    if (waiter->order) {
        answer_order(waiter);
        return;
    }
    struct api *api = waiter->api;
    struct http_request *req = waiter->req;
    struct buf body;
    struct json_out out;
    start_body(&body, &out);
    const struct party *party =
        parties_of_certificate(api->options.setup->parties, text_of(req->peer->identity->name));
    enum status found = messages_json(api->state, api->reader, party, waiter->record, req->arena, &out);
    waiter_free(waiter);
    if (found != STATUS_OK) {
        buf_release(&body);
        http_problem_status(req, found);
    } else {
        answer_buf(req, status, &body);
    }
}

static void wait_is_over(void *context) {
    answer_waiter(context, 202);
}

static void look_at_waiters(void *context) {
    struct api *api = context;
    pthread_mutex_lock(&api->mutex);
    api->looking = false;
    pthread_mutex_unlock(&api->mutex);
    for (struct waiter *waiter = api->waiters, *next; waiter; waiter = next) {
        next = waiter->next;
        if (is_decided(api, waiter->record)) {
            answer_waiter(waiter, 200);
        }
    }
}

void api_advanced(struct api *api) {
    if (!atomic_load(&api->waiting)) {
        return;
    }
    pthread_mutex_lock(&api->mutex);
    bool post = !api->looking;
    api->looking = true;
    pthread_mutex_unlock(&api->mutex);
    if (post) {
        loop_post(api->options.loop, look_at_waiters, api);
    }
}

static void wait_for_decision(struct waiter *waiter, uint64_t record) {
    struct api *api = waiter->api;
    waiter->record = record;
    /* Counted first: a decision committed from now on posts a look, one committed before is seen below. */
    atomic_fetch_add(&api->waiting, 1);
    waiter->next = api->waiters;
    if (waiter->next) {
        waiter->next->link = &waiter->next;
    }
    waiter->link = &api->waiters;
    api->waiters = waiter;
    if (is_decided(api, record)) {
        answer_waiter(waiter, 200);
        return;
    }
    waiter->timer = loop_timer_new(api->options.loop, wait_is_over, waiter);
    loop_timer_start(waiter->timer, waiter->wait_ms);
}

/* --- POST /v1/messages ---------------------------------------------------------------------------------- */

/* Not taken: 429 when the party is over its own budget, 503 when there is no room for anybody; and when to
   come back. */
static void turn_away(struct api *api, struct http_request *req, enum status status) {
    char seconds[16];
    stamp now = clock_now(journal_clock(api->options.journal));
    snprintf(seconds, sizeof(seconds), "%d", budget_retry_after_s(status, now));
    const struct http_header headers[] = { { "Retry-After", seconds }, { NULL, NULL } };
    http_problem_status_with(req, status, status_sentence(status, LANGUAGE_ZH),
                             status_sentence(status, LANGUAGE_EN),
                             status_retry(status) == RETRY_LATER ? headers : NULL);
}

static void answered(const struct answer *answer, void *context) {
    struct waiter *waiter = context;
    struct http_request *req = waiter->req;
    if (answer->status != STATUS_OK) {
        struct api *api = waiter->api;
        waiter_free(waiter);
        turn_away(api, req, answer->status);
    } else if (waiter->wait_ms && answer->outcome == OUTCOME_ACCEPTED
               && !engine_behind(waiter->api->options.engine)
               && atomic_load(&waiter->api->waiting) < WAITERS_MAX) {
        wait_for_decision(waiter, answer->number);
    } else {
        waiter_free(waiter);
        answer_receipt(req, answer);
    }
}

/* Prefer: wait=N (RFC 7240 §4.3), in milliseconds; 0 when absent or odd. */
static int preferred_wait_ms(struct http_request *req) {
    struct text prefer = http_request_field(req, "prefer");
    while (prefer.length) {
        struct text part = text_trim(text_until(&prefer, ','));
        uint64_t seconds;
        if (!text_starts(part, "wait=")) {
            continue;
        }
        part = (struct text){ part.at + 5, part.length - 5 };
        if (!text_to_uint(part, &seconds)) {
            return 0;
        }
        return 1000 * (int)(seconds > WAIT_MAX_S ? WAIT_MAX_S : seconds);
    }
    return 0;
}

static bool is_xml(struct http_request *req) {
    const char *type = http_request_type(req);
    return strcmp(type, "application/xml") == 0 || strcmp(type, "text/xml") == 0;
}

/* False: neither absent nor 1, which is told. */
static bool wants_again(struct http_request *req, bool *again) {
    struct text value = http_query_parameter(req, "again");
    *again = text_is(value, "1");
    if (!*again && value.length) {
        http_problem(req, 400, "again", "again 只取 1：让处理时被拒收的内容重新处理",
                     "again takes 1: decide anew what the engine refused");
        return false;
    }
    return true;
}

/* Before the body is read: everything that can be said without it. */
static void admit_message(struct http_request *req, void *context) {
    struct api *api = context;
    const struct party *party = party_of(api, req);
    if (!party) {
        return;
    }
    enum status admits =
        intake_admits(api->options.intake, party, clock_now(journal_clock(api->options.journal)));
    bool again;
    if (!is_xml(req)) {
        http_problem(req, 415, "not-xml", "请以 application/xml 提交报文",
                     "send the message as application/xml");
    } else if (wants_again(req, &again) && admits != STATUS_OK) {
        turn_away(api, req, admits);
    }
}

static void take_message(struct http_request *req, void *context) {
    struct api *api = context;
    const struct party *party = party_of(api, req);
    if (!party) {
        return;
    }
    struct text format = http_query_parameter(req, "format");
    struct text trace = http_request_field(req, "traceparent");
    bool again;
    if (!wants_again(req, &again)) {
        return;
    }
    struct envelope env = { .party = party->code,
                            .channel = "http",
                            .format = arena_copy(req->arena, format),
                            .trace = arena_copy(req->arena, trace),
                            .file = "",
                            .again = again };
    struct waiter *waiter = memory_new(sizeof(*waiter));
    waiter->api = api;
    waiter->req = req;
    waiter->wait_ms = preferred_wait_ms(req);
    enum status status = intake_submit(api->options.intake, &env, party, req->body, answered, waiter);
    counter_add(COUNTER_RECEIVED_HTTP, status == STATUS_OK);
    if (status != STATUS_OK) {
        waiter_free(waiter);
        turn_away(api, req, status);
        return;
    }
    http_request_hold(req, NULL, NULL);
}

/* --- GET ------------------------------------------------------------------------------------------------ */

static void show_message_number(struct api *api, struct http_request *req, const struct party *party,
                                uint64_t number) {
    struct buf body;
    struct json_out out;
    start_body(&body, &out);
    answer_status(req, messages_json(api->state, api->reader, party, number, req->arena, &out), &body);
}

static void find_message(struct http_request *req, void *context) {
    struct api *api = context;
    const struct party *party = party_of(api, req);
    if (!party) {
        return;
    }
    struct text id = identifier_canonical(IDENTIFIER_TOKEN, http_query_parameter(req, "id"), req->arena);
    uint64_t number;
    if (!id.length) {
        http_problem(req, 400, "no-id", "请给出报文编号：?id=YOUR-ID", "name the message: ?id=YOUR-ID");
        return;
    }
    enum status status =
        messages_find(api->state, text_of(party->code), http_query_parameter(req, "family"), id, &number);
    if (status != STATUS_OK) {
        http_problem_status(req, status);
    } else {
        show_message_number(api, req, party, number);
    }
}

static bool path_number(struct http_request *req, const char *name, uint64_t *number) {
    if (text_to_uint(http_path_parameter(req, name), number) && *number) {
        return true;
    }
    http_problem_status(req, STATUS_NOT_FOUND);
    return false;
}

static void show_message(struct http_request *req, void *context) {
    uint64_t number;
    const struct party *party = party_of(context, req);
    if (party && path_number(req, "number", &number)) {
        show_message_number(context, req, party, number);
    }
}

static void show_receipt(struct http_request *req, void *context) {
    struct api *api = context;
    uint64_t number;
    struct record rec;
    struct facts facts;
    const struct party *party = party_of(api, req);
    if (!party || !path_number(req, "number", &number)) {
        return;
    }
    bool own = reader_get(api->reader, number, req->arena, &rec) == STATUS_OK && rec.kind == RECORD_MESSAGE
               && facts_read(rec.meta, req->arena, &facts) && strcmp(facts.env.party, party->code) == 0;
    if (!own) {
        http_problem_status(req, STATUS_NOT_FOUND);
        return;
    }
    struct buf body;
    buf_init(&body, ANSWER_MAX);
    receipt_json(&(struct receipt_of){ rec.number, rec.stamp, rec.chain }, &facts, &body);
    answer_buf(req, 200, &body);
}

static void show_content(struct http_request *req, void *context) {
    struct api *api = context;
    uint64_t number;
    struct text content;
    const struct party *party = party_of(api, req);
    if (!party || !path_number(req, "number", &number)) {
        return;
    }
    enum status status = messages_content(api->state, api->reader, party, number, req->arena, &content);
    if (status != STATUS_OK) {
        http_problem_status(req, status);
    } else {
        http_answer(req, 200, "application/xml", NULL, content);
    }
}

static void show_mailbox(struct http_request *req, void *context) {
    struct api *api = context;
    const struct party *party = party_of(api, req);
    if (!party) {
        return;
    }
    struct buf body;
    struct json_out out;
    start_body(&body, &out);
    struct text after = http_query_parameter(req, "after");
    answer_status(req, mailbox_json(api->state, api->reader, party->code, after, &out), &body);
}

static void show_track(struct http_request *req, void *context) {
    struct api *api = context;
    const struct party *party = party_of(api, req);
    if (!party) {
        return;
    }
    struct buf body;
    struct json_out out;
    start_body(&body, &out);
    struct text query = http_path_parameter(req, "query");
    const struct setup *setup = api->options.setup;
    const struct segments *segments = api->options.segments;
    enum status status = wants_text(req)
                             ? tracking_print(api->state, setup, segments, party, query,
                                              http_request_language(req, LANGUAGE_ZH), req->arena, &body)
                             : tracking_json(api->state, setup, segments, party, query, req->arena, &out);
    answer_view(req, status, &body);
}

static void show_report(struct http_request *req, void *context) {
    struct api *api = context;
    const struct party *party = party_of(api, req);
    if (!party) {
        return;
    }
    if (!party_has_role(party, "office")) {
        http_problem(req, 403, "not-the-office", "月度报告只供口岸办查阅",
                     "the monthly report is for the port office");
        return;
    }
    struct buf body;
    struct json_out out;
    start_body(&body, &out);
    struct text month = http_query_parameter(req, "month");
    int32_t first, next;
    if (!month_parse(month, &first, &next)) {
        buf_release(&body);
        http_problem(req, 400, "no-month", "month 应为 1900 至 2199 年间的月份，写作 YYYY-MM",
                     "month is one of the years 1900 to 2199, as YYYY-MM");
        return;
    }
    enum status status = wants_text(req) ? report_print(api->state, api->options.segments, month,
                                                        http_request_language(req, LANGUAGE_ZH), &body)
                                         : report_json(api->state, api->options.segments, month, &out);
    answer_view(req, status, &body);
}

/* --- for people and monitors ---------------------------------------------------------------------------- */

static void show_health(struct http_request *req, void *context) {
    http_answer(req, 200, "application/json", NULL, TEXT("{\"status\":\"alive\"}"));
}

static void put_clock(struct json_out *out, const char *key, const struct clock_reading *reading) {
    char wall[STAMP_TEXT_MAX], now[STAMP_TEXT_MAX];
    json_open_object(out, key);
    json_put_string(out, "doubt", clock_doubt_text(reading->doubt));
    json_put_string(out, "sentence", clock_doubt_sentence(reading->doubt));
    json_put_string(out, "wall", stamp_print(reading->wall, wall));
    json_put_string(out, "time", stamp_print(reading->now, now));
    json_close_object(out);
}

/* A clock that is doubted closes nothing: what comes in is stamped all the same. But who looks is told. */
static void show_readiness(struct http_request *req, void *context) {
    struct api *api = context;
    enum status status = intake_ready(api->options.intake);
    struct clock_reading reading = clock_read(journal_clock(api->options.journal));
    struct buf body;
    struct json_out out;
    if (status != STATUS_OK) {
        http_problem_status(req, status);
        return;
    }
    start_body(&body, &out);
    json_open_object(&out, NULL);
    json_put_string(&out, "status", "ready");
    if (reading.doubt != CLOCK_NONE) {
        put_clock(&out, "clock", &reading);
    }
    json_close_object(&out);
    answer_buf(req, 200, &body);
}

static void show_metrics(struct http_request *req, void *context) {
    struct buf body;
    buf_init(&body, ANSWER_MAX);
    counters_print(&body);
    http_answer(req, 200, "text/plain; version=0.0.4; charset=utf-8", NULL, buf_text(&body));
    buf_release(&body);
}

static void show_version(struct http_request *req, void *context) {
    http_answer(req, 200, "application/json", NULL,
                TEXT("{\"name\":\"clearway\",\"version\":\"" CLEARWAY_VERSION "\"}"));
}

/* --- for the operator ----------------------------------------------------------------------------------- */

static void order_delivery(struct http_request *req, void *context) {
    struct api *api = context;
    uint64_t record;
    if (!path_number(req, "record", &record)) {
        return;
    }
    struct text order = http_path_parameter(req, "order");
    enum delivery_outcome outcome = text_is(order, "redrive") ? DELIVERY_REDRIVEN : DELIVERY_DROPPED;
    if (outcome == DELIVERY_DROPPED && !text_is(order, "drop")) {
        http_problem(req, 404, "not-found", "指令为 redrive 与 drop", "the orders are redrive and drop");
        return;
    }
    const char *reason = arena_copy(req->arena, http_query_parameter(req, "reason"));
    const char *party = http_path_parameter(req, "party").at;
    enum status status = dispatch_order(api->options.dispatch, record, party, outcome, reason);
    if (status == STATUS_CONFLICT) {
        http_problem(req, 409, "delivered", "接收方已确认，无可撤销",
                     "the receiver has acknowledged it: nothing is left to drop");
    } else if (status != STATUS_OK) {
        http_problem_status(req, status);
    } else {
        http_answer(req, 200, "application/json", NULL, TEXT("{\"status\":\"recorded\"}"));
    }
}

/* What the order became, as far as that is known by now. */
static void answer_order(struct waiter *waiter) {
    struct api *api = waiter->api;
    struct http_request *req = waiter->req;
    struct buf body;
    struct json_out out;
    struct orders_view view;
    start_body(&body, &out);
    enum status status = orders_json(api->state, api->reader, waiter->record, req->arena, &out, &view);
    waiter_free(waiter);
    if (status != STATUS_OK) {
        buf_release(&body);
        http_problem_status(req, status);
    } else if (view.refused) {
        buf_release(&body);
        http_problem(req, 409, view.code, view.zh, view.en);
    } else {
        answer_buf(req, view.decided ? 200 : 202, &body);
    }
}

static bool query_number(struct http_request *req, const char *name, uint64_t *number) {
    struct text value = http_query_parameter(req, name);
    *number = 0;
    return !value.length || text_to_uint(value, number);
}

static bool read_order(struct http_request *req, struct order *order) {
    *order = (struct order){ .reason = arena_copy(req->arena, http_query_parameter(req, "reason")) };
    return order_find(http_path_parameter(req, "order"), &order->kind)
           && query_number(req, "record", &order->record) && query_number(req, "to", &order->to)
           && order_is_whole(order);
}

static void show_clock(struct http_request *req, void *context) {
    struct api *api = context;
    struct clock_reading reading = clock_read(journal_clock(api->options.journal));
    struct buf body;
    struct json_out out;
    start_body(&body, &out);
    put_clock(&out, NULL, &reading);
    answer_buf(req, 200, &body);
}

/* The operator's word is answered when it is durable: from then on it will be carried out. What the engine
 * decides about it is waited for, as it comes at once unless the engine is behind. */
static void take_order(struct http_request *req, void *context) {
    struct api *api = context;
    struct order order;
    struct buf meta;
    if (!read_order(req, &order)) {
        http_problem(req, 400, "no-order", "指令须指明记录，原因不超过 500 字节",
                     "an order names its records, and a reason of at most 500 bytes");
        return;
    }
    struct clock *clock = journal_clock(api->options.journal);
    if (order.kind == ORDER_CLOCK_ACCEPT && clock_read(clock).doubt == CLOCK_NONE) {
        http_problem(req, 409, "not-doubted", "系统时钟可信，无须采信",
                     "the wall clock is believed: there is nothing to accept");
        return;
    }
    buf_init(&meta, 8 * ORDER_REASON_MAX);
    order_write(&order, &meta);
    struct record rec = { .kind = RECORD_ORDER, .meta = buf_text(&meta) };
    enum status status = journal_append(api->options.journal, &rec, false);
    buf_release(&meta);
    if (status != STATUS_OK) {
        http_problem_status(req, status);
        return;
    }
    if (order.kind == ORDER_CLOCK_ACCEPT) { /* durable: should we die here, the next start doubts it anew */
        clock_accept(clock);
    }
    struct waiter *waiter = memory_new(sizeof(*waiter));
    *waiter = (struct waiter){ .api = api, .req = req, .order = true, .wait_ms = ORDER_WAIT_MS };
    http_request_hold(req, NULL, NULL);
    wait_for_decision(waiter, rec.number);
}

/* --- tables --------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct http_route machine_routes[] = {
    { METHOD_POST, "/v1/messages",                  .handle = take_message, .admit = admit_message,
                                                    .body_max = CHECK_BODY_MAX },
    { METHOD_GET,  "/v1/messages",                  .handle = find_message, .admit = admit_view },
    { METHOD_GET,  "/v1/messages/{number}",         .handle = show_message, .admit = admit_view },
    { METHOD_GET,  "/v1/messages/{number}/receipt", .handle = show_receipt },
    { METHOD_GET,  "/v1/messages/{number}/content", .handle = show_content, .admit = admit_view },
    { METHOD_GET,  "/v1/deliveries",                .handle = show_mailbox, .admit = admit_view },
    { METHOD_GET,  "/v1/track/{query}",             .handle = show_track, .admit = admit_view },
    { METHOD_GET,  "/v1/report",                    .handle = show_report, .admit = admit_view },
    { METHOD_GET,  "/healthz",                      .handle = show_health },
    { METHOD_GET,  "/readyz",                       .handle = show_readiness, .admit = admit_caught_up },
    { METHOD_GET,  "/version",                      .handle = show_version },
};
/* clang-format on */

/* clang-format off */
static const struct http_route people_routes[] = {
    { METHOD_GET,  "/healthz",                      .handle = show_health },
    { METHOD_GET,  "/readyz",                       .handle = show_readiness, .admit = admit_caught_up },
    { METHOD_GET,  "/metrics",                      .handle = show_metrics },
    { METHOD_GET,  "/version",                      .handle = show_version },
};
/* clang-format on */

/* clang-format off */
static const struct http_route control_routes[] = {
    { METHOD_POST, "/control/deliveries/{record}/{party}/{order}",  .handle = order_delivery, .admit = admit_caught_up },
    { METHOD_POST, "/control/orders/{order}",                       .handle = take_order },
    { METHOD_GET,  "/control/clock",                                .handle = show_clock },
    { METHOD_GET,  "/readyz",                                       .handle = show_readiness, .admit = admit_caught_up },
    { METHOD_GET,  "/metrics",                                      .handle = show_metrics },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum status api_start(const struct api_options *options, struct api **out) {
    struct api *api = memory_new(sizeof(*api));
    api->options = *options;
    enum status status = state_open(options->directory, STORE_READ, &api->state);
    if (status == STATUS_OK) {
        state_on_damage(api->state, options->on_damage, options->context);
    }
    if (status != STATUS_OK) {
        free(api);
        return status;
    }
    api->reader = reader_new(options->journal);
    pthread_mutex_init(&api->mutex, NULL);
    api->routers[API_MACHINES] = http_router_new(machine_routes, COUNT(machine_routes), api);
    api->routers[API_PEOPLE] = http_router_new(people_routes, COUNT(people_routes), api);
    api->routers[API_CONTROL] = http_router_new(control_routes, COUNT(control_routes), api);
    *out = api;
    return STATUS_OK;
}

void api_stop(struct api *api) {
    if (!api) {
        return;
    }
    while (api->waiters) {
        wait_is_over(api->waiters);
    }
    for (size_t i = 0; i < COUNT(api->routers); i++) {
        http_router_free(api->routers[i]);
    }
    reader_free(api->reader);
    state_close(api->state);
    pthread_mutex_destroy(&api->mutex);
    free(api);
}

void api_listen(struct api *api, enum api_audience audience, struct http_listen *listen) {
    listen->admit = http_router_admit;
    listen->handle = http_router_handle;
    listen->context = api->routers[audience];
    listen->account_of = audience == API_MACHINES ? account_of_peer : NULL;
    listen->account_context = api;
    listen->body_max = CHECK_BODY_MAX;
}
