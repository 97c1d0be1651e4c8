/*
 * Every row of http_cases against a real server, plain and TLS, sent whole and byte by byte. What is refused
 * must be answered and the connection closed in order; what is taken must be answered, with the body the
 * server read, and one more request on the same connection too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "http_cases.h"
#include "http_kit.h"
#include "adapters/http/counters.h"

enum { BODY_MAX = 4096 };

static char directory[64];
static struct tls_server *tls;
static SSL_CTX *context;
static struct http_kit kit;

static void echo(struct http_request *req, void *ignored) {
    bool ping = text_is(req->head->path, "/ping");
    http_answer(req, 200, "application/octet-stream", NULL, ping ? TEXT("pong") : req->body);
}

static int start(void **state) {
    kit_certify_all(kit_directory(directory));
    tls = kit_tls(directory, false);
    context = client_context(directory, NULL);
    const struct http_listen listens[] = {
        { .address = "127.0.0.1:0", .body_max = BODY_MAX, .handle = echo },
        { .address = "127.0.0.1:0", .body_max = BODY_MAX, .handle = echo, .tls = tls },
    };
    kit_start(&kit, NULL, listens, 2);
    return 0;
}

static int stop(void **state) {
    kit_stop(&kit);
    tls_server_free(tls);
    SSL_CTX_free(context);
    folder_remove(directory);
    return 0;
}

static bool asks_for_head(struct text request) {
    return text_starts(request, "HEAD");
}

static const char *judge(struct http_client *client, const struct http_case *item, size_t step,
                         struct buf *body) {
    bool sent = client_send(client, item->bytes, step);
    if (item->accept && !(sent && client_says(client, "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n"))) {
        return "cannot be sent";
    }
    for (int i = 0; i < item->answers; i++) {
        buf_clear(body);
        int status;
        do {
            status = client_answer(client, asks_for_head(item->bytes), NULL, body);
        } while (status == 100);
        if (status != 200) {
            return "no good answer";
        }
    }
    if (item->accept && !asks_for_head(item->bytes) && !text_equal(buf_text(body), item->body)) {
        return "another body was read";
    }
    buf_clear(body);
    int status = client_answer(client, false, NULL, body);
    if (item->accept) {
        return status == 200 && text_is(buf_text(body), "pong") ? NULL : "the next request is not answered";
    }
    if (!http_case_status_fits(item, status)) {
        return "not refused with the right status";
    }
    return client_is_closed(client) ? NULL : "not closed in order";
}

static void run_all(int port, SSL_CTX *secure, size_t step) {
    struct http_cases *cases = http_cases_load(secure ? "https" : "http");
    struct buf body;
    buf_init(&body, 1 << 20);
    for (size_t i = 0; i < cases->count; i++) {
        struct http_client client;
        assert_true(client_open(&client, port, secure));
        const char *wrong = judge(&client, &cases->items[i], step, &body);
        if (wrong) {
            fail_msg("%s: %s (%s)", cases->items[i].name, wrong, body.at);
        }
        client_close(&client);
    }
    buf_release(&body);
    http_cases_free(cases);
    assert_int_equal(room_counter_get(&http_counters[HTTP_COUNT_VETOES]), 0);
}

static void test_plain_whole(void **state) {
    run_all(http_server_port(kit.server, 0), NULL, SIZE_MAX);
}
static void test_plain_bytes(void **state) {
    run_all(http_server_port(kit.server, 0), NULL, 1);
}
static void test_tls_whole(void **state) {
    run_all(http_server_port(kit.server, 1), context, SIZE_MAX);
}
static void test_tls_bytes(void **state) {
    run_all(http_server_port(kit.server, 1), context, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_whole),
        cmocka_unit_test(test_plain_bytes),
        cmocka_unit_test(test_tls_whole),
        cmocka_unit_test(test_tls_bytes),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
