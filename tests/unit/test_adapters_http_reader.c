/*
 * The reader over bytes alone: every row of http_cases whole, byte by byte and cut in two at every place; the
 * referee's opinion on every head it takes; and what it makes of a head.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/memory.h"
#include "adapters/http/reader.h"
#include "adapters/http/referee.h"
#include "http_cases.h"

enum { BODY_MAX = 4096 };

/* Reads a connection's bytes as the server does: requests complete, then a refusal, or waiting for more. */
struct connection {
    const char *scheme;
    struct http_scan scan;
    struct http_head head;
    struct http_body reader;
    bool in_body;
    size_t start;    /* of the current head, or of the unread part of a body */
    struct buf body; /* of the last request */
    int answers;
    enum http_refusal refusal;
};

static void read_head(struct connection *conn, struct text bytes) {
    struct text head = { bytes.at + conn->start + conn->scan.start, conn->scan.end - conn->scan.start };
    conn->refusal = http_head_read(head, conn->scheme, &conn->head);
    if (conn->refusal) {
        return;
    }
    assert_true(http_referee_agrees(head, &conn->head));
    http_body_start(&conn->reader, &conn->head, BODY_MAX);
    conn->start += conn->scan.end;
    conn->scan = (struct http_scan){ 0 };
    conn->in_body = true;
    buf_clear(&conn->body);
}

static bool advance_body(struct connection *conn, struct text bytes) {
    struct text input = { bytes.at + conn->start, bytes.length - conn->start }, data;
    enum http_progress progress = http_body_read(&conn->reader, &input, &data);
    buf_add_text(&conn->body, data);
    bool moved = conn->start != bytes.length - input.length;
    conn->start = bytes.length - input.length;
    if (progress == HTTP_REFUSED) {
        conn->refusal = conn->reader.refusal;
    }
    if (progress != HTTP_COMPLETE) {
        return moved;
    }
    conn->in_body = false;
    conn->answers++;
    return true;
}

static void feed(struct connection *conn, struct text bytes) {
    bool moved = true;
    while (moved && !conn->refusal) {
        if (conn->in_body) {
            moved = advance_body(conn, bytes);
            continue;
        }
        struct text rest = { bytes.at + conn->start, bytes.length - conn->start };
        enum http_progress progress = http_scan_head(&conn->scan, rest.at, rest.length);
        moved = progress == HTTP_COMPLETE;
        if (progress == HTTP_REFUSED) {
            conn->refusal = conn->scan.refusal;
        } else if (moved) {
            read_head(conn, bytes);
        }
    }
}

/* In steps of so many bytes, the first one apart. */
static void judge(const struct http_case *item, const char *scheme, size_t first, size_t step) {
    struct text ping = TEXT("GET /ping HTTP/1.1\r\nHost: a\r\n\r\n");
    static struct connection conn;
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    buf_add_text(&bytes, item->bytes);
    if (item->accept) {
        buf_add_text(&bytes, ping);
    }

    memset(&conn, 0, sizeof(conn));
    conn.scheme = scheme;
    buf_init(&conn.body, BODY_MAX);
    bool checked = false;
    for (size_t end = first;; end += step) {
        struct text part = { bytes.at, end < bytes.length ? end : bytes.length };
        feed(&conn, part);
        if (item->accept && part.length >= item->bytes.length && !checked && conn.answers == item->answers) {
            checked = true;
            if (!text_equal(buf_text(&conn.body), item->body)) {
                fail_msg("%s: body is '%s'", item->name, conn.body.at);
            }
        }
        if (end >= bytes.length) {
            break;
        }
    }
    int status = http_refusal_status(conn.refusal);
    if (item->accept && (conn.refusal || conn.answers != item->answers + 1)) {
        fail_msg("%s (%s, %zu+%zu): refused %d %s, %d answers", item->name, scheme, first, step, status,
                 http_refusal_code(conn.refusal), conn.answers);
    }
    if (!item->accept
        && (!conn.refusal || conn.answers != item->answers || !http_case_status_fits(item, status))) {
        fail_msg("%s (%s, %zu+%zu): status %d %s, %d answers", item->name, scheme, first, step, status,
                 http_refusal_code(conn.refusal), conn.answers);
    }
    buf_release(&conn.body);
    buf_release(&bytes);
}

static void test_cases(void **state) {
    for (int secure = 0; secure < 2; secure++) {
        const char *scheme = secure ? "https" : "http";
        struct http_cases *cases = http_cases_load(scheme);
        assert_true(cases->count > 300);
        for (size_t i = 0; i < cases->count; i++) {
            const struct http_case *item = &cases->items[i];
            judge(item, scheme, SIZE_MAX / 2, 1);
            if (item->accept) { /* the next request comes later */
                judge(item, scheme, item->bytes.length, SIZE_MAX / 2);
            }
            judge(item, scheme, 1, 1);
            for (size_t cut = 1; cut < item->bytes.length && item->bytes.length < 400; cut++) {
                judge(item, scheme, cut, SIZE_MAX / 2);
            }
        }
        http_cases_free(cases);
    }
}

static void take(struct http_head *head, const char *text) {
    struct http_scan scan = { 0 };
    assert_int_equal(http_scan_head(&scan, text, strlen(text)), HTTP_COMPLETE);
    struct text bytes = { text + scan.start, scan.end - scan.start };
    assert_int_equal(http_head_read(bytes, "https", head), HTTP_REFUSE_NONE);
    assert_true(http_referee_agrees(bytes, head));
}

#define assert_text(text, string)                           \
    do {                                                    \
        if (!text_is((text), (string)))                     \
            fail_msg("'" TEXT_FORMAT "'", TEXT_ARGS(text)); \
    } while (0)

static void test_what_a_head_says(void **state) {
    static struct http_head head;
    take(&head,
         "\r\nPOST /v1/a%20b/?x=1&y HTTP/1.1\r\nhOsT: gate.example:8443\r\nContent-Length: 12 \r\n"
         "Expect: 100-continue\r\nX:\r\nContent-Type: text/xml; charset=utf-8\r\nX: second\r\n\r\nbody");
    assert_int_equal(head.method, METHOD_POST);
    assert_int_equal(head.minor, 1);
    assert_text(head.target, "/v1/a%20b/?x=1&y");
    assert_text(head.path, "/v1/a%20b/");
    assert_text(head.query, "x=1&y");
    assert_text(head.host, "gate.example:8443");
    assert_int_equal(head.field_count, 6);
    assert_text(http_head_field(&head, "content-TYPE"), "text/xml; charset=utf-8");
    assert_non_null(http_head_field(&head, "x").at);
    assert_int_equal(http_head_field(&head, "x").length, 0);
    assert_null(http_head_field(&head, "y").at);
    assert_true(head.has_length && !head.chunked && head.length == 12);
    assert_true(head.keep_alive && head.expects_continue);

    take(&head, "GET https://a?q HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\n\r\n");
    assert_text(head.path, "/");
    assert_text(head.query, "q");
    assert_false(head.keep_alive || head.expects_continue || head.has_length || head.chunked);
    take(&head, "GET / HTTP/1.0\r\nHost: a\r\nConnection: x, Keep-Alive\r\n\r\n");
    assert_true(head.keep_alive);
    take(&head, "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: foo,\tClose \r\n\r\n");
    assert_false(head.keep_alive);
}

static void test_referee_vetoes(void **state) {
    static struct http_head head;
    static const char text[] = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX: y\r\n\r\n";
    struct text bytes = TEXT("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX: y\r\n\r\n");

#define assert_vetoes(change)                            \
    do {                                                 \
        take(&head, text);                               \
        change;                                          \
        assert_false(http_referee_agrees(bytes, &head)); \
    } while (0)
    assert_vetoes(head.length = 4);
    assert_vetoes(head.chunked = true);
    assert_vetoes(head.has_length = false);
    assert_vetoes(head.method = METHOD_GET);
    assert_vetoes(head.minor = 0);
    assert_vetoes(head.target.length--);
    assert_vetoes(head.target = TEXT("/b"));
    assert_vetoes(head.field_count--);
    assert_vetoes(head.fields[2].value = TEXT("z"));
    assert_vetoes(head.fields[2].value = TEXT("yy"));
    assert_vetoes(head.fields[2].name = TEXT("Z"));
    assert_vetoes(head.fields[3] = head.fields[2]; head.field_count++);

    /* A head that goes on behind its end, and one that ends before. */
    take(&head, text);
    assert_false(http_referee_agrees((struct text){ bytes.at, bytes.length - 2 }, &head));
    struct text longer = TEXT("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX: y\r\n\r\nabc\r\n");
    assert_false(http_referee_agrees(longer, &head));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_what_a_head_says),
        cmocka_unit_test(test_referee_vetoes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
