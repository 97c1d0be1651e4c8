/*
 * Content codings and digests at a real server: what is undone and verified comes to the handler as if it had
 * been sent plainly, all else is refused before it comes there, with a code that says why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <poll.h>
#include <stdatomic.h>

#include "compressed.h"
#include "http_kit.h"
#include "base/decompress.h"
#include "base/digest.h"
#include "adapters/http/counters.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { BODY_MAX = 1 << 20 };

static const char sentence[] = "<DecMessage>出口</DecMessage>";

static struct http_kit kit;
static atomic_int served;

static void echo(struct http_request *req, void *ignored) {
    served++;
    http_answer(req, 200, "application/octet-stream", NULL, req->body);
}

static void small_or_not_at_all(struct http_request *req, void *ignored) {
    if (text_is(req->head->path, "/small")) {
        http_request_limit(req, 40);
    } else if (text_is(req->head->path, "/nowhere")) {
        http_problem(req, 404, "not-found", "没有", "nothing there");
    }
}

static void start(const struct http_options *options, bool account);

/* --- what is sent --------------------------------------------------------------------------------------- */

enum form { PLAIN, GZIP, ZSTD, GZIP_TWICE, CUT, BOMB, NOISE, EMPTY };

static void make(enum form form, struct buf *out) {
    struct buf inner;
    buf_init(&inner, 8 << 20);
    switch (form) {
    case PLAIN: buf_add_string(out, sentence); break;
    case GZIP: add_gzip(out, text_of(sentence)); break;
    case ZSTD: add_zstd(out, text_of(sentence), 3, 0); break;
    case GZIP_TWICE:
        add_gzip(&inner, text_of(sentence));
        add_gzip(out, buf_text(&inner));
        break;
    case CUT:
        add_gzip(out, text_of(sentence));
        out->length -= 4;
        break;
    case BOMB:
        while (inner.length < BODY_MAX - 10) {
            buf_add_string(&inner, "aaaaaaaa");
        }
        add_gzip(out, buf_text(&inner));
        break;
    case NOISE: /* within the ratio, over the limit */
        for (unsigned i = 0; inner.length < BODY_MAX + 100; i++) {
            buf_printf(&inner, "<Item>%u</Item>", i * 2654435761u);
        }
        add_gzip(out, buf_text(&inner));
        break;
    case EMPTY: break;
    }
    buf_release(&inner);
}

/* @ and # stand for the SHA-256 and SHA-512 of the bytes sent, * for those of the sentence. */
static void write_fields(const char *fields, struct text sent, struct buf *out) {
    static const char signs[] = "@#*";
    struct digester *digesters[] = { digester_new_of(DIGEST_SHA256), digester_new_of(DIGEST_SHA512),
                                     digester_new_of(DIGEST_SHA256) };
    char base64[DIGEST_BASE64_MAX];
    for (const char *at = fields; *at; at++) {
        const char *sign = strchr(signs, *at);
        if (sign) {
            struct digester *digester = digesters[sign - signs];
            struct text of = sign - signs == 2 ? text_of(sentence) : sent;
            digester_add(digester, of.at, of.length);
            buf_add_string(out, digester_finish_base64(digester, base64));
        } else {
            buf_add_char(out, *at);
        }
    }
    for (size_t i = 0; i < COUNT(digesters); i++) {
        digester_free(digesters[i]);
    }
}

/* clang-format off */
static const struct example {
    const char *fields; /* lines, each with its CR LF */
    enum form form;
    int status;
    const char *code; /* of a problem; NULL: the sentence comes back */
} examples[] = {
    { "",                                                     PLAIN, 200, NULL },
    { "Content-Encoding: gzip\r\n",                           GZIP,  200, NULL },
    { "content-encoding:X-GZIP\r\n",                          GZIP,  200, NULL },
    { "Content-Encoding: zstd\r\n",                           ZSTD,  200, NULL },
    { "Content-Encoding: identity\r\n",                       PLAIN, 200, NULL },
    { "Content-Encoding:\r\n",                                PLAIN, 200, NULL },
    { "Content-Encoding: , gzip ,\r\n",                       GZIP,  200, NULL },
    /* case 33: br with plain XML was taken, gzip was recorded as characters XML does not know */
    { "Content-Encoding: br\r\n",                             PLAIN, 415, "content-coding" },
    { "Content-Encoding: deflate\r\n",                        GZIP,  415, "content-coding" },
    { "Content-Encoding: gzip;q=1\r\n",                       GZIP,  415, "content-coding" },
    { "Content-Encoding: gzi\r\n",                            GZIP,  415, "content-coding" },
    { "Content-Encoding: gzip, gzip\r\n",                     GZIP_TWICE, 415, "content-coding" },
    { "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", GZIP_TWICE, 415, "content-coding" },
    { "Content-Encoding: identity, gzip\r\n",                 GZIP,  415, "content-coding" },
    { "Content-Encoding: gzip\r\n",                           PLAIN, 400, "content-malformed" },
    { "Content-Encoding: gzip\r\n",                           ZSTD,  400, "content-malformed" },
    { "Content-Encoding: zstd\r\n",                           GZIP,  400, "content-malformed" },
    { "Content-Encoding: gzip\r\n",                           CUT,   400, "content-malformed" },
    { "Content-Encoding: gzip\r\n",                           BOMB,  413, "content-ratio" },
    { "Content-Encoding: gzip\r\n",                           NOISE, 413, "body-too-large" },
    /* digests are of what is sent, its coding included (RFC 9530, 2 and 3) */
    { "Content-Digest: sha-256=:@:\r\n",                      PLAIN, 200, NULL },
    { "Content-Digest: sha-512=:#:\r\n",                      PLAIN, 200, NULL },
    { "Content-Digest: sha-256=:@:, sha-512=:#:\r\n",         PLAIN, 200, NULL },
    { "Content-Digest: sha-256=:@:\r\nContent-Digest:\tsha-512=:#:\t\r\n", PLAIN, 200, NULL },
    { "Repr-Digest: sha-256=:@:\r\n",                         PLAIN, 200, NULL },
    { "Content-Encoding: gzip\r\nContent-Digest: sha-256=:@:\r\nRepr-Digest: sha-256=:@:\r\n", GZIP, 200, NULL },
    { "Content-Encoding: zstd\r\nRepr-Digest: sha-512=:#:\r\n", ZSTD, 200, NULL },
    { "Content-Digest: md5=:1B2M2Y8AsgTpgAmY7PhCfg==:\r\n",   PLAIN, 200, NULL },
    { "Content-Digest: id-sha-256=:AAAA:, sha-256=:@:\r\n",   PLAIN, 200, NULL },
    { "Want-Content-Digest: sha-256=9\r\n",                   PLAIN, 200, NULL },
    { "Content-Digest: sha-256=:*:\r\nContent-Encoding: gzip\r\n", GZIP, 400, "digest-mismatch" },
    { "Content-Digest: sha-256=:*:\r\n",                      EMPTY, 400, "digest-mismatch" },
    { "Content-Digest: sha-256=:@:\r\n",                      EMPTY, 200, "" },
    { "Content-Digest: sha-512=:@:\r\n",                      PLAIN, 400, "digest-mismatch" },
    { "Content-Digest: sha-256=:@:, sha-512=:AAAA:\r\n",      PLAIN, 400, "digest-mismatch" },
    { "Content-Digest: sha-256=:@:\r\nRepr-Digest: sha-256=:AAAA:\r\n", PLAIN, 400, "digest-mismatch" },
    { "Content-Digest: sha-256=::\r\n",                       PLAIN, 400, "digest-mismatch" },
    { "Content-Digest: sha-256=:@:\r\nContent-Encoding: gzip\r\n", CUT, 400, "content-malformed" },
    { "Content-Digest:\r\n",                                  PLAIN, 400, "digest" },
    { "Content-Digest: sha-256\r\n",                          PLAIN, 400, "digest" },
    { "Content-Digest: sha-256=@\r\n",                        PLAIN, 400, "digest" },
    { "Content-Digest: sha-256=\"@\"\r\n",                    PLAIN, 400, "digest" },
    { "Content-Digest: sha-256=:\r\n",                        PLAIN, 400, "digest" },
    { "Content-Digest: sha-256 =:@:\r\n",                     PLAIN, 400, "digest" },
    { "Content-Digest: SHA-256=:@:\r\n",                      PLAIN, 400, "digest" },
    { "Content-Digest: sha-256=:@:,\r\n",                     PLAIN, 400, "digest" },
    { "Content-Digest: sha-256=:@:;a=1\r\n",                  PLAIN, 400, "digest" },
    { "Content-Digest: sha-256=:@:, sha-256=:@:\r\n",         PLAIN, 400, "digest" },
    { "Content-Digest: sha-256=:AA AA:\r\n",                  PLAIN, 400, "digest" },
};
/* clang-format on */

static const char *name_of(const struct example *example, bool chunked) {
    static char name[300];
    snprintf(name, sizeof(name), "%s %.250s", chunked ? "chunked" : "whole", example->fields);
    return name;
}

static void write_request(const struct example *example, bool chunked, struct buf *request) {
    struct buf body;
    buf_init(&body, 8 << 20);
    make(example->form, &body);
    buf_add_string(request, "POST / HTTP/1.1\r\nHost: a\r\n");
    write_fields(example->fields, buf_text(&body), request);
    if (!chunked) {
        buf_printf(request, "Content-Length: %zu\r\n\r\n", body.length);
        buf_add_text(request, buf_text(&body));
    } else {
        buf_add_string(request, "Transfer-Encoding: chunked\r\n\r\n");
        for (size_t at = 0; at < body.length; at += 7) {
            size_t length = body.length - at < 7 ? body.length - at : 7;
            buf_printf(request, "%zx\r\n", length);
            buf_add(request, body.at + at, length);
            buf_add_string(request, "\r\n");
        }
        buf_add_string(request, "0\r\n\r\n");
    }
    buf_release(&body);
}

static void check_example(const struct example *example, bool chunked) {
    struct http_client client;
    struct buf request, head, body;
    buf_init(&request, 32 << 20);
    buf_init(&head, 1 << 16);
    buf_init(&body, 8 << 20);
    int before = served;
    write_request(example, chunked, &request);
    assert_true(client_open(&client, http_server_port(kit.server, 0), NULL));
    client_send(&client, buf_text(&request), SIZE_MAX);
    int status = client_answer(&client, false, &head, &body);
    if (status != example->status) {
        fail_msg("%s: %d, not %d: %s", name_of(example, chunked), status, example->status, body.at);
    }
    if (example->status == 200) {
        assert_string_equal(body.at, example->code ? example->code : sentence);
        assert_int_equal(served, before + 1);
        assert_int_equal(client_asks(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    } else {
        char code[64];
        snprintf(code, sizeof(code), "\"code\":\"%s\"", example->code);
        if (!strstr(body.at, code)) {
            fail_msg("%s: %s", name_of(example, chunked), body.at);
        }
        assert_int_equal(served, before);
        assert_int_equal(strstr(head.at, "\r\nAccept-Encoding: gzip, zstd\r\n") != NULL, status == 415);
    }
    client_close(&client);
    buf_release(&body);
    buf_release(&head);
    buf_release(&request);
}

static void test_examples(void **state) {
    for (size_t i = 0; i < COUNT(examples); i++) {
        check_example(&examples[i], false);
        check_example(&examples[i], true);
    }
}

/* --- beside the body ------------------------------------------------------------------------------------ */

static int asks(const char *request) {
    struct http_client client;
    assert_true(client_open(&client, http_server_port(kit.server, 0), NULL));
    int status = client_asks(&client, request);
    client_close(&client);
    return status;
}

/* Without a body there is nothing to undo; where the resource says no first, that is told. */
static void test_what_is_said_first(void **state) {
    assert_int_equal(asks("GET / HTTP/1.1\r\nHost: a\r\nContent-Encoding: br\r\n\r\n"), 200);
    assert_int_equal(
        asks("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\n"), 404);
    /* before a byte of it is read: an honest client that waits to be told to go on sends none */
    assert_int_equal(asks("POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: br\r\nContent-Length: 9\r\n"
                          "Expect: 100-continue\r\n\r\n"),
                     415);
}

/* The limit of a resource holds for what the bytes become, too. */
static void test_limit_of_a_resource(void **state) {
    struct http_client client;
    struct buf request, body;
    buf_init(&request, 1 << 16);
    buf_init(&body, 1 << 16);
    add_gzip(&body, TEXT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    assert_true(body.length < 40);
    buf_printf(&request,
               "POST /small HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
               body.length);
    buf_add_text(&request, buf_text(&body));
    assert_true(client_open(&client, http_server_port(kit.server, 0), NULL));
    client_send(&client, buf_text(&request), SIZE_MAX);
    assert_int_equal(client_answer(&client, false, NULL, NULL), 413);
    client_close(&client);
    buf_release(&body);
    buf_release(&request);
}

static int64_t counted(enum http_counter counter) {
    return room_counter_get(&http_counters[counter]);
}

static void test_counters(void **state) {
    static const struct example seen[] = {
        { "Content-Encoding: gzip\r\nContent-Digest: sha-256=:@:\r\n", GZIP, 200, NULL },
        { "Content-Encoding: zstd\r\nContent-Digest: sha-256=:AA:\r\n", ZSTD, 400, "digest-mismatch" },
    };
    static const enum http_counter counters[] = { HTTP_COUNT_CODED_GZIP, HTTP_COUNT_CODED_ZSTD,
                                                  HTTP_COUNT_DIGESTS_GOOD, HTTP_COUNT_DIGESTS_BAD };
    int64_t before[COUNT(counters)];
    for (size_t i = 0; i < COUNT(counters); i++) {
        before[i] = counted(counters[i]);
    }
    check_example(&seen[0], false);
    check_example(&seen[1], false);
    for (size_t i = 0; i < COUNT(counters); i++) {
        assert_int_equal(counted(counters[i]) - before[i], 1);
    }
}

/* --- memory --------------------------------------------------------------------------------------------- */

static struct http_account account;

static struct http_account *account_of(const struct http_peer *peer, void *context) {
    return &account;
}

static void start(const struct http_options *options, bool of_party) {
    const struct http_listen listen = { .address = "127.0.0.1:0",
                                        .body_max = BODY_MAX,
                                        .admit = small_or_not_at_all,
                                        .handle = echo,
                                        .account_of = of_party ? account_of : NULL };
    kit_start(&kit, options, &listen, 1);
}

/* Case 603: few bytes, and windows of 8 MiB; what they take is the party's, and it has had enough. */
static void test_windows_are_counted(void **state) {
    enum { CLIENTS = 8 };
    struct http_options options;
    struct http_client clients[CLIENTS];
    struct pollfd polled[CLIENTS];
    struct buf body, request;
    http_options_init(&options);
    options.party_body_bytes = 20 << 20;
    start(&options, true);
    buf_init(&body, 1 << 16);
    buf_init(&request, 1 << 16);
    add_zstd(&body, text_of(sentence), 3, DECOMPRESS_WINDOW_LOG_MAX);
    buf_printf(&request,
               "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: zstd\r\nContent-Length: %zu\r\n\r\n",
               body.length + 1);
    buf_add_text(&request, buf_text(&body));
    for (int i = 0; i < CLIENTS; i++) {
        assert_true(client_open(&clients[i], http_server_port(kit.server, 0), NULL));
        client_send(&clients[i], buf_text(&request), SIZE_MAX);
        polled[i] = (struct pollfd){ .fd = clients[i].fd, .events = POLLIN };
    }
    /* two windows have room; whose was one too many is told so, and gave it back */
    for (int answered = 0; answered < CLIENTS - 2;) {
        assert_true(poll(polled, CLIENTS, CLIENT_TIMEOUT_S * 1000) > 0);
        for (int i = 0; i < CLIENTS; i++) {
            if (polled[i].revents) {
                assert_int_equal(client_answer(&clients[i], false, NULL, NULL), 429);
                polled[i].fd = -1;
                answered++;
            }
        }
    }
    for (int i = 0; i < CLIENTS; i++) {
        client_close(&clients[i]);
    }
    buf_release(&request);
    buf_release(&body);
    kit_stop(&kit);
    assert_int_equal(account.body_bytes, 0);
    assert_int_equal(account.bodies, 0);
}

/* Case 607: a head with a coding, and no byte behind it, holds what undoes it: that is counted, too. */
static void test_heads_are_counted(void **state) {
    struct http_options options;
    struct http_client client;
    http_options_init(&options);
    options.party_body_bytes = 16 << 10;
    start(&options, true);
    assert_true(client_open(&client, http_server_port(kit.server, 0), NULL));
    assert_int_equal(client_asks(&client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: zstd\r\n"
                                          "Content-Length: 100\r\n\r\n"),
                     429);
    client_close(&client);
    kit_stop(&kit);
    assert_int_equal(account.body_bytes, 0);
}

static int start_all(void **state) {
    start(NULL, false);
    return 0;
}

static int stop_all(void **state) {
    kit_stop(&kit);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_what_is_said_first),
        cmocka_unit_test(test_limit_of_a_resource),
        cmocka_unit_test(test_counters),
    };
    const struct CMUnitTest of_parties[] = {
        cmocka_unit_test(test_windows_are_counted),
        cmocka_unit_test(test_heads_are_counted),
    };
    int failed = cmocka_run_group_tests(tests, start_all, stop_all);
    return failed + cmocka_run_group_tests(of_parties, NULL, NULL);
}
