/*
 * submission.c - POST /v1/messages: what can be refused before the body is read → intake → the receipt, or
 * the decision for who waits for it.
 */
#include "adapters/api/shared.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "message/excerpt.h"
#include "check/check.h"
#include "view/messages.h"
#include "adapters/http/counters.h"

#define WAIT_MAX_S 60

static void location_of(uint64_t number, char out[64]) {
    snprintf(out, 64, "/v1/messages/%llu", (unsigned long long)number);
}

/* Every finding in the language that was asked for; the receipt has them in both. */
static void put_errors(struct json_out *out, const struct metadata *metadata, enum language language) {
    json_open_array(out, "errors");
    for (size_t i = 0; i < metadata->count; i++) {
        if (metadata->findings[i].severity == SEVERITY_ERROR) {
            excerpt_json(out, &metadata->findings[i], language);
        }
    }
    json_close_array(out);
}

/* The first thing wrong; NULL: the receipt names none. */
static const char *first_error(const struct metadata *metadata, enum language language) {
    for (size_t i = 0; i < metadata->count; i++) {
        if (metadata->findings[i].severity == SEVERITY_ERROR) {
            return language_pick(language, metadata->findings[i].zh, metadata->findings[i].en);
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
    api_start_body(&body, &out);
    json_open_object(&out, NULL);
    json_put_string(&out, "type",
                    arena_printf(req->arena, HTTP_PROBLEM_PAGES "%s", outcome_text(answer->outcome)));
    json_put_string(&out, "title", status_sentence(kind, language));
    json_put_int(&out, "status", status);
    json_put_string(&out, "code", outcome_text(answer->outcome));
    json_put_string(&out, "detail", first_error(answer->metadata, language));
    put_errors(&out, answer->metadata, language);
    json_put_raw(&out, "receipt", answer->receipt);
    json_close_object(&out);
    http_answer(req, status, "application/problem+json", headers, buf_text(&body));
    buf_release(&body);
}

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

static void answer_decided(struct waiter *waiter, bool in_time) {
    struct api *api = waiter->api;
    struct http_request *req = waiter->req;
    struct api_asker asker;
    bool known = api_asker_is_still(api, req, &asker);
    uint64_t record = waiter->record;
    struct buf body;
    struct json_out out;
    api_waiter_free(waiter);
    if (!known) { /* another edition came into force while it waited */
        http_problem_status(req, STATUS_DENIED);
        return;
    }
    api_start_body(&body, &out);
    enum status found = messages_json(api->state, api->reader, asker.party, record, req->arena, &out);
    if (found != STATUS_OK) {
        buf_release(&body);
        http_problem_status(req, found);
    } else {
        api_answer_buf(req, in_time ? 200 : 202, &body);
    }
}

static void answered(const struct answer *answer, void *context) {
    struct waiter *waiter = context;
    struct http_request *req = waiter->req;
    if (answer->status != STATUS_OK) {
        struct api *api = waiter->api;
        api_waiter_free(waiter);
        turn_away(api, req, answer->status);
    } else if (waiter->wait_ms && answer->outcome == OUTCOME_ACCEPTED
               && !engine_behind(waiter->api->options.engine)
               && atomic_load(&waiter->api->waiting) < API_WAITERS_MAX) {
        api_wait_for_decision(waiter, answer->number);
    } else {
        api_waiter_free(waiter);
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
        api_problem(req, API_PROBLEM_AGAIN);
        return false;
    }
    return true;
}

/* In whose name it comes, and who hands it over. False: answered already. */
static bool sender_of(struct api *api, struct http_request *req, struct api_asker *asker) {
    if (!api_asker_of(api, req, asker)) {
        return false;
    }
    if (!sight_role_sends(asker->role)) {
        api_problem(req, API_PROBLEM_ROLE);
        return false;
    }
    return true;
}

/* Before the body is read: everything that can be said without it. */
void api_admit_message(struct http_request *req, void *context) {
    struct api *api = context;
    struct api_asker asker;
    if (!sender_of(api, req, &asker)) {
        return;
    }
    enum status admits =
        intake_admits(api->options.intake, asker.party, clock_now(journal_clock(api->options.journal)));
    bool again;
    if (!is_xml(req)) {
        api_problem(req, API_PROBLEM_NOT_XML);
    } else if (wants_again(req, &again) && admits != STATUS_OK) {
        turn_away(api, req, admits);
    }
}

void api_take_message(struct http_request *req, void *context) {
    struct api *api = context;
    struct api_asker asker;
    if (!sender_of(api, req, &asker)) {
        return;
    }
    struct text format = http_query_parameter(req, "format");
    struct text trace = http_request_field(req, "traceparent");
    bool again;
    if (!wants_again(req, &again)) {
        return;
    }
    struct envelope env = { .party = asker.party->code,
                            .account = asker.account ? asker.account->name : "",
                            .channel = "http",
                            .format = arena_copy(req->arena, format),
                            .trace = arena_copy(req->arena, trace),
                            .file = "",
                            .again = again };
    struct waiter *waiter = memory_new(sizeof(*waiter));
    waiter->api = api;
    waiter->req = req;
    waiter->decided = answer_decided;
    waiter->wait_ms = preferred_wait_ms(req);
    enum status status = intake_submit(api->options.intake, &env, asker.party, req->body, answered, waiter);
    room_counter_add(&http_counters[HTTP_COUNT_RECEIVED], status == STATUS_OK);
    if (status != STATUS_OK) {
        api_waiter_free(waiter);
        turn_away(api, req, status);
        return;
    }
    http_request_hold(req, NULL, NULL);
}
