/*
 * The reader against llhttp: whatever our reader takes, llhttp must read the same way, head and body, and end
 * it at the same byte. (That llhttp takes more is expected: it is more lenient.) And what our reader finds
 * must not depend on how the bytes come cut.
 *
 * One difference is explained: chunk extensions with blanks around ';' and '=', with quoted values, or one
 * behind another's value (RFC 9112 7.1.1) are refused by llhttp 8.
 */
#include <llhttp.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/status.h"
#include "adapters/http/reader.h"
#include "adapters/http/referee.h"
#include "fuzz/driver.h"
#include "unit/http_cases.h"

enum { BODY_MAX = 4096, REQUESTS_MAX = 64 };

const long fuzz_runs = 1000000;

struct text fuzz_seed(size_t index) {
    static struct http_cases *cases;
    if (!cases) {
        cases = http_cases_load("http");
    }
    return index < cases->count ? cases->items[index].bytes : (struct text){ NULL, 0 };
}

struct text fuzz_word(size_t index) {
    static const char *const words[] = {
        "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding:",
        "Host: a\r\n",
        "\r\n\r\n",
        "\r\n",
        "0\r\n\r\n",
        "3\r\nabc\r\n",
        "chunked",
        " HTTP/1.1\r\n",
        "HTTP/1.0",
        "Connection: close\r\n",
        "Upgrade: x\r\n",
        "Connection: Upgrade\r\n",
        "Expect: 100-continue\r\n",
        ";a=b",
        ";a=\"b\"",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "http://a/",
        "%00",
        "%2e",
        "..",
        "4096",
        "4294967296",
        "ffffffffffffffff",
        "18446744073709551616",
        "X: y\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "\t",
        ", ",
        "identity",
    };
    return index < sizeof(words) / sizeof(*words) ? text_of(words[index]) : (struct text){ NULL, 0 };
}

/* --- our reading ------------------------------------------------------------------------------------- */

struct request {
    size_t head_start, head_end, end;
    size_t body_length;
    bool complete;
};

struct reading {
    struct request requests[REQUESTS_MAX];
    size_t count;
    enum http_refusal refusal;
    struct buf bodies; /* one behind the other */
};

/* The next step of a random sequence, mostly small. */
static size_t some_step(uint64_t *cuts) {
    *cuts = *cuts * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return 1 + (*cuts >> 40) % (*cuts >> 33 & 3 ? 7 : 200);
}

/* One connection's state while its bytes come. */
struct progress {
    struct text all;
    struct reading *reading;
    struct http_scan scan;
    struct http_head head;
    struct http_body body;
    size_t at; /* of the current head, or of the unread part of a body */
    bool in_body;
};

static struct request *current(struct progress *progress) {
    return &progress->reading->requests[progress->reading->count];
}

/* Each reads on with the bytes up to `end` there; false: needs more, or refused. */
static bool read_head(struct progress *progress, size_t end) {
    struct reading *reading = progress->reading;
    struct http_scan *scan = &progress->scan;
    enum http_progress result = http_scan_head(scan, progress->all.at + progress->at, end - progress->at);
    if (result == HTTP_REFUSED) {
        reading->refusal = scan->refusal;
    }
    if (result != HTTP_COMPLETE) {
        return false;
    }
    struct text head = { progress->all.at + progress->at + scan->start, scan->end - scan->start };
    current(progress)->head_start = progress->at + scan->start;
    current(progress)->head_end = progress->at += scan->end;
    reading->refusal = http_head_read(head, "http", &progress->head);
    if (reading->refusal) {
        return false;
    }
    require(http_referee_agrees(head, &progress->head));
    http_body_start(&progress->body, &progress->head, BODY_MAX);
    progress->in_body = true;
    return true;
}

static bool read_body(struct progress *progress, size_t end) {
    struct reading *reading = progress->reading;
    enum http_progress result;
    struct text input = { progress->all.at + progress->at, end - progress->at }, data;
    do {
        result = http_body_read(&progress->body, &input, &data);
        buf_add_text(&reading->bodies, data);
        current(progress)->body_length += data.length;
    } while (result == HTTP_MORE && input.length);
    progress->at = end - input.length;
    if (result == HTTP_REFUSED) {
        reading->refusal = progress->body.refusal;
    }
    if (result != HTTP_COMPLETE) {
        return false;
    }
    current(progress)->complete = true;
    current(progress)->end = progress->at;
    reading->count++;
    *current(progress) = (struct request){ 0 };
    progress->scan = (struct http_scan){ 0 };
    progress->in_body = false;
    return true;
}

/* cuts: where to cut; NULL: all at once. */
static void read_all(struct text all, uint64_t *cuts, struct reading *reading) {
    static struct progress progress;
    progress = (struct progress){ .all = all, .reading = reading };
    reading->count = 0;
    reading->refusal = HTTP_REFUSE_NONE;
    reading->requests[0] = (struct request){ 0 };
    buf_clear(&reading->bodies);
    for (size_t end = 0; end < all.length;) {
        size_t step = cuts ? some_step(cuts) : all.length;
        end = all.length - end < step ? all.length : end + step;
        bool moved = true;
        while (moved && !reading->refusal && reading->count < REQUESTS_MAX - 1) {
            moved = progress.in_body ? read_body(&progress, end) : read_head(&progress, end);
        }
    }
}

static void require_same(const struct reading *whole, const struct reading *cut) {
    require(whole->count == cut->count && whole->refusal == cut->refusal);
    require(text_equal(buf_text(&whole->bodies), buf_text(&cut->bodies)));
    for (size_t i = 0; i <= whole->count; i++) {
        const struct request *a = &whole->requests[i], *b = &cut->requests[i];
        require(a->head_start == b->head_start && a->head_end == b->head_end && a->end == b->end
                && a->body_length == b->body_length);
    }
}

/* --- llhttp's reading of one request ----------------------------------------------------------------- */

struct other {
    struct buf body;
    bool complete;
};

static int on_headers_complete(llhttp_t *parser) {
    parser->upgrade = 0; /* as we do: never switch protocols */
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t length) {
    struct other *other = parser->data;
    buf_add(&other->body, at, length);
    return 0;
}

static int on_message_complete(llhttp_t *parser) {
    struct other *other = parser->data;
    other->complete = true;
    return HPE_PAUSED;
}

/* Lines without the blanks before their CR LF, as the referee feeds them. */
static void feed_head(llhttp_t *parser, struct text head) {
    while (head.length) {
        struct text line = text_until(&head, '\n');
        size_t length = line.length - 1;
        while (length && (line.at[length - 1] == ' ' || line.at[length - 1] == '\t')) {
            length--;
        }
        llhttp_execute(parser, line.at, length);
        llhttp_execute(parser, "\r\n", 2);
    }
}

/* May llhttp have stopped at `at`, in a body that we took or still take? In a chunk line with extensions, or
 * in one whose end has not come: we look at it then. */
static bool may_stop(struct text body, const char *at) {
    const char *start = at, *end = memchr(at, '\n', (size_t)(body.at + body.length - at));
    while (start > body.at && start[-1] != '\n') {
        start--;
    }
    return !end || memchr(start, ';', (size_t)(end - start));
}

static void compare(struct text all, const struct request *request, struct text body) {
    static const llhttp_settings_t settings = {
        .on_headers_complete = on_headers_complete,
        .on_body = on_body,
        .on_message_complete = on_message_complete,
    };
    static struct other other;
    llhttp_t parser;
    struct text head = { all.at + request->head_start, request->head_end - request->head_start };
    struct text rest = { all.at + request->head_end, all.length - request->head_end };
    if (!other.body.max) {
        buf_init(&other.body, 1 << 21);
    }
    buf_clear(&other.body);
    other.complete = false;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    parser.data = &other;
    feed_head(&parser, head);
    size_t end = request->head_end;
    if (!other.complete) {
        require(llhttp_get_errno(&parser) == HPE_OK);
        llhttp_errno_t error = llhttp_execute(&parser, rest.at, rest.length);
        if (error != HPE_OK && error != HPE_PAUSED) {
            require(may_stop(rest, llhttp_get_error_pos(&parser)));
            return;
        }
        end = error == HPE_PAUSED ? (size_t)(llhttp_get_error_pos(&parser) - all.at) : all.length;
    }
    require(other.complete == request->complete);
    require(!request->complete || end == request->end);
    require(text_equal(buf_text(&other.body), body));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static struct reading whole, cut;
    struct text all = { (const char *)bytes, length };
    if (!whole.bodies.max) {
        buf_init(&whole.bodies, 1 << 21);
        buf_init(&cut.bodies, 1 << 21);
    }
    uint64_t cuts = length + (length ? bytes[length / 2] : 0);
    read_all(all, NULL, &whole);
    read_all(all, &cuts, &cut);
    require_same(&whole, &cut);

    size_t body = 0;
    for (size_t i = 0; i <= whole.count; i++) {
        const struct request *request = &whole.requests[i];
        bool refused = i == whole.count && whole.refusal;
        if (request->head_end && !refused && whole.count < REQUESTS_MAX - 1) {
            compare(all, request, (struct text){ whole.bodies.at + body, request->body_length });
        }
        body += request->body_length;
    }
    return 0;
}
