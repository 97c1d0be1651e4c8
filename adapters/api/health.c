/*
 * health.c - what monitors ask: does it live, is it ready, what has it counted, which version is it.
 */
#include "base/counters.h"
#include "base/stamp.h"
#include "view/gauges.h"
#include "adapters/adapter.h"
#include "adapters/api/shared.h"
#include "adapters/expiry.h"

void api_show_health(struct http_request *req, void *context) {
    http_answer(req, 200, "application/json", NULL, TEXT("{\"status\":\"alive\"}"));
}

void api_put_clock(struct json_out *out, const char *key, const struct clock_reading *reading) {
    char wall[STAMP_TEXT_MAX], now[STAMP_TEXT_MAX];
    json_open_object(out, key);
    json_put_string(out, "doubt", clock_doubt_text(reading->doubt));
    json_put_string(out, "sentence", clock_doubt_sentence(reading->doubt));
    json_put_string(out, "wall", stamp_print(reading->wall, wall));
    json_put_string(out, "time", stamp_print(reading->now, now));
    json_close_object(out);
}

/* What a transport does not serve now; nothing of one that serves everybody. */
static void put_adapter(const struct adapter *adapter, void *running, struct json_out *out) {
    struct buf said;
    struct json_out members;
    buf_init(&said, API_ANSWER_MAX);
    json_start(&members, &said);
    json_open_object(&members, NULL);
    adapter->health(running, &members);
    json_close_object(&members);
    if (!buf_failed(&said) && !text_is(buf_text(&said), "{}")) {
        json_put_raw(out, adapter->transport->name, buf_text(&said));
    }
    buf_release(&said);
}

static void put_adapters(const struct api *api, struct json_out *out) {
    const struct adapter *const *adapters = api->options.adapters;
    for (size_t i = 0; adapters && adapters[i]; i++) {
        void *running = api->options.running[i];
        if (running && adapters[i]->health) {
            put_adapter(adapters[i], running, out);
        }
    }
}

/* A clock that is doubted closes nothing, nor does a transport that cannot serve everybody: what comes in
 * is stamped all the same. But who looks is told. */
void api_show_readiness(struct http_request *req, void *context) {
    struct api *api = context;
    enum status status = intake_ready(api->options.intake);
    struct clock_reading reading = clock_read(journal_clock(api->options.journal));
    struct buf body;
    struct json_out out;
    if (status != STATUS_OK) {
        http_problem_status(req, status);
        return;
    }
    api_start_body(&body, &out);
    json_open_object(&out, NULL);
    json_put_string(&out, "status", "ready");
    if (reading.doubt != CLOCK_NONE) {
        api_put_clock(&out, "clock", &reading);
    }
    put_adapters(api, &out);
    json_close_object(&out);
    api_answer_buf(req, 200, &body);
}

#define GAUGES_SHARE 50 /* of the loop's time counting may take one part in so many */

/* They are counted on the loop, where a long queue takes its time: the longer that takes, the longer what was
 * counted stands. */
static void add_gauges(struct api *api, struct buf *body) {
    int64_t began_ms = stamp_monotonic_ms();
    if (began_ms >= api->gauges_until_ms) {
        stamp now = clock_now(journal_clock(api->options.journal));
        buf_clear(&api->gauges);
        if (gauges_print(api->state, now, &api->gauges) != STATUS_OK) {
            buf_clear(&api->gauges); /* absent rather than wrong */
        }
        api->gauges_until_ms = began_ms + GAUGES_SHARE * (stamp_monotonic_ms() - began_ms);
    }
    buf_add_text(body, buf_text(&api->gauges));
}

#define ROOMS_MAX 32 /* that count for themselves */

void api_show_metrics(struct http_request *req, void *context) {
    struct api *api = context;
    const struct adapter *const *adapters = api->options.adapters;
    struct room_counter *rooms[ROOMS_MAX];
    size_t count = 0;
    struct buf body;
    for (; adapters && adapters[count]; count++) {
        require(count + 1 < ROOMS_MAX);
        rooms[count] = adapters[count]->counters;
    }
    rooms[count++] = expiry_rows();
    buf_init(&body, API_ANSWER_MAX);
    counters_print(rooms, count, &body);
    add_gauges(api, &body);
    http_answer(req, 200, "text/plain; version=0.0.4; charset=utf-8", NULL, buf_text(&body));
    buf_release(&body);
}

void api_show_version(struct http_request *req, void *context) {
    http_answer(req, 200, "application/json", NULL,
                TEXT("{\"name\":\"clearway\",\"version\":\"" CLEARWAY_VERSION "\"}"));
}
