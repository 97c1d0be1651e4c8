/*
 * answer.c - what is printed can hold no line that somebody else wrote: a value with control characters is
 * left out.
 */
#include "adapters/http/answer.h"

#include <time.h>

#include "base/log.h"
#include "base/stamp.h"
#include "adapters/http/problem.h"
#include "adapters/http/counters.h"

static const struct http_header retry_later[] = { { "Retry-After", "2" }, { NULL, NULL } };

/* What a sender should do again says when. */
const struct http_header *http_retry_headers(int status) {
    return status == 429 || status == 503 ? retry_later : NULL;
}

/* A line break in a value would let whoever chose the value write fields, or answers, that are not ours. */
static bool is_value(const char *value) {
    for (; *value; value++) {
        if (((unsigned char)*value < 0x20 && *value != '\t') || *value == 0x7f) {
            return false;
        }
    }
    return true;
}

static void put_header(struct buf *out, const char *name, const char *value) {
    if (is_value(value)) {
        buf_printf(out, "%s: %s\r\n", name, value);
    } else {
        log_event_bounded(LOG_ERROR, EVENT_HTTP_HEADER_DROPPED, LOG_STRING("name", name), LOG_END);
    }
}

static void put_date(struct buf *out) {
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t now = (time_t)(stamp_now() / STAMP_SECOND);
    struct tm tm;
    gmtime_r(&now, &tm);
    buf_printf(out, "Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n", days[tm.tm_wday], tm.tm_mday,
               months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void http_answer_print(const struct http_answer *answer, bool closing, bool old, struct buf *out) {
    bool bodiless = answer->status == 204 || answer->status == 304;
    buf_printf(out, "HTTP/1.1 %d %s\r\n", answer->status, http_reason(answer->status));
    put_date(out);
    for (const struct http_header *header = answer->headers; header && header->name; header++) {
        put_header(out, header->name, header->value);
    }
    if (answer->content_type) {
        put_header(out, "Content-Type", answer->content_type);
    }
    const size_t *length = answer->stream ? answer->stream->length : &answer->body.length;
    if (length && !bodiless) {
        buf_printf(out, "Content-Length: %zu\r\n", *length);
    } else if (!length && !old) {
        buf_add_string(out, "Transfer-Encoding: chunked\r\n");
    }
    if (closing) {
        buf_add_string(out, "Connection: close\r\n");
    } else if (old) {
        buf_add_string(out, "Connection: keep-alive\r\n");
    }
    buf_add_string(out, "\r\n");
    if (!bodiless && !answer->head_only) {
        buf_add_text(out, answer->body);
    }
    require(!buf_failed(out) && (length || (!bodiless && (closing || !old))));
    room_counter_add(&http_counters[HTTP_COUNT_REQUESTS], 1);
}

void http_chunk_print(struct text piece, struct buf *out) {
    buf_printf(out, "%zx\r\n", piece.length);
    buf_add_text(out, piece);
    buf_add_string(out, "\r\n");
    require(!buf_failed(out));
}
