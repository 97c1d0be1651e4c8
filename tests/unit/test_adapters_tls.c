/*
 * Who gets in over TLS, who does not and is told so by an alert, and what the server refuses to negotiate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdatomic.h>

#include "http_kit.h"
#include "adapters/http/counters.h"

static char directory[64];
static struct tls_server *mutual, *one_sided;
static struct http_kit kit;

static void show_identity(struct http_request *req, void *ignored) {
    const struct tls_identity *identity = req->peer->identity;
    const char *text = !identity
                           ? "none"
                           : arena_printf(req->arena, "%s|%s|%s|%s", identity->name ? identity->name : "",
                                          identity->uri ? identity->uri : "",
                                          identity->dns ? identity->dns : "", identity->fingerprint);
    http_answer(req, 200, "text/plain", NULL, text_is(req->head->path, "/echo") ? req->body : text_of(text));
}

static int start_with(const struct http_options *options) {
    const struct http_listen listens[] = {
        { .address = "127.0.0.1:0", .body_max = 1 << 20, .handle = show_identity, .tls = mutual },
        { .address = "127.0.0.1:0", .body_max = 1 << 20, .handle = show_identity, .tls = one_sided },
    };
    kit_start(&kit, options, listens, 2);
    return 0;
}

static int make_certificates(void **state) {
    kit_certify_all(kit_directory(directory));
    mutual = kit_tls(directory, true);
    one_sided = kit_tls(directory, false);
    return 0;
}

static int remove_certificates(void **state) {
    tls_server_free(mutual);
    tls_server_free(one_sided);
    folder_remove(directory);
    return 0;
}

static int start(void **state) {
    return start_with(NULL);
}

static int stop(void **state) {
    kit_stop(&kit);
    return 0;
}

/* --- clients ----------------------------------------------------------------------------------------- */

/* Connects and asks. True: answered, the answer in body (NULL: not wanted). False: reason says how it
   failed. */
static bool asks(int port, SSL_CTX *context, struct buf *body, const char **reason) {
    struct http_client client;
    bool answered = client_open(&client, port, context);
    if (answered) {
        client_says(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        answered = client_answer(&client, false, NULL, body) == 200;
    }
    *reason = answered ? "" : ERR_reason_error_string(ERR_peek_last_error());
    if (!*reason) {
        *reason = "no reason";
    }
    client_close(&client);
    return answered;
}

static bool gets_in(const char *file, struct buf *body, const char **reason) {
    SSL_CTX *context = client_context(directory, file);
    bool in = asks(http_server_port(kit.server, 0), context, body, reason);
    SSL_CTX_free(context);
    return in;
}

static void test_identity(void **state) {
    const char *reason;
    char expected[256], path[512], hex[DIGEST_HEX_MAX];
    struct digest digest;
    struct buf body;
    buf_init(&body, 10000);
    FILE *stream = fopen(kit_path(directory, "client.pem", path), "r");
    X509 *certificate = PEM_read_X509(stream, NULL, NULL, NULL);
    fclose(stream);
    assert_true(X509_digest(certificate, EVP_sha256(), digest.bytes, NULL));
    X509_free(certificate);
    snprintf(expected, sizeof(expected), "货代 Forwarder A|urn:clearway:party:FWD-A|a.example|%s",
             digest_hex(&digest, hex));
    assert_true(gets_in("client", &body, &reason));
    assert_string_equal(body.at, expected);

    buf_clear(&body);
    assert_true(gets_in("nobody", &body, &reason));
    assert_memory_equal(body.at, "|||", 3);
    buf_clear(&body);
    assert_true(gets_in("control", &body, &reason)); /* its name could be taken for another in a log */
    assert_memory_equal(body.at, "|||", 3);

    buf_clear(&body);
    SSL_CTX *context = client_context(directory, "client");
    assert_true(asks(http_server_port(kit.server, 1), context, &body, &reason));
    assert_string_equal(body.at, "none"); /* nobody was asked for a certificate there */
    SSL_CTX_free(context);
    buf_release(&body);
}

/* Each is told by an alert, which a reset would have eaten. */
static void test_bad_certificates(void **state) {
    /* clang-format off */
    static const struct { const char *file, *alert; } cases[] = {
        { NULL,       "certificate required" },
        { "stranger", "unknown ca" },
        { "impostor", "decrypt error" },
        { "expired",  "certificate expired" },
        { "future",   "bad certificate" },
        { "machine",  "unsupported certificate" },
        { "short",    "bad certificate" },
        { "old",      "bad certificate" },
        { "huge",     "illegal parameter" },
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *reason;
        if (gets_in(cases[i].file, NULL, &reason)) {
            fail_msg("%s gets in", cases[i].file ? cases[i].file : "none");
        }
        if (!strstr(reason, "alert") || !strstr(reason, cases[i].alert)) {
            fail_msg("%s: '%s'", cases[i].file ? cases[i].file : "none", reason);
        }
    }
    const char *reason;
    assert_true(gets_in("client", NULL, &reason));
}

/* --- what is not negotiated -------------------------------------------------------------------------- */

static void test_versions(void **state) {
    static const struct {
        int version;
        bool in;
    } cases[] = {
        { SSL3_VERSION, false },  { TLS1_VERSION, false },  { TLS1_1_VERSION, false },
        { TLS1_2_VERSION, true }, { TLS1_3_VERSION, true },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        SSL_CTX *context = client_context(directory, "client");
        const char *reason;
        bool can = SSL_CTX_set_min_proto_version(context, cases[i].version)
                   && SSL_CTX_set_max_proto_version(context, cases[i].version);
        assert_true(can || !cases[i].in);
        assert_int_equal(can && asks(http_server_port(kit.server, 0), context, NULL, &reason), cases[i].in);
        SSL_CTX_free(context);
    }
}

static void test_weak_ciphers(void **state) {
    static const char *const ciphers[] = { "AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "NULL:aNULL", "DHE" };
    for (size_t i = 0; i < sizeof(ciphers) / sizeof(*ciphers); i++) {
        SSL_CTX *context = client_context(directory, "client");
        const char *reason;
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
        bool can = SSL_CTX_set_cipher_list(context, ciphers[i]);
        assert_false(can && asks(http_server_port(kit.server, 0), context, NULL, &reason));
        SSL_CTX_free(context);
    }
}

/* A session of one connection is of no use for the next, so a certificate is looked at each time. */
static void test_no_resumption(void **state) {
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        SSL_CTX *context = client_context(directory, "client");
        SSL_CTX_set_max_proto_version(context, version);
        int port = http_server_port(kit.server, 0);
        struct http_client first, second;
        assert_true(client_open(&first, port, context));
        assert_int_equal(client_asks(&first, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
        SSL_SESSION *session = SSL_get1_session(first.ssl);
        assert_int_equal(SSL_SESSION_get_max_early_data(session), 0);
        assert_false(SSL_SESSION_has_ticket(session));
        assert_null(SSL_get_current_compression(first.ssl));
        client_close(&first);

        assert_true(client_open(&second, port, NULL));
        second.ssl = SSL_new(context);
        SSL_set_fd(second.ssl, second.fd);
        SSL_set_session(second.ssl, session);
        assert_int_equal(SSL_connect(second.ssl), 1);
        assert_false(SSL_session_reused(second.ssl));
        client_close(&second);
        SSL_SESSION_free(session);
        SSL_CTX_free(context);
    }
}

static void test_no_renegotiation(void **state) {
    SSL_CTX *context = client_context(directory, "client");
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    struct http_client client;
    assert_true(client_open(&client, http_server_port(kit.server, 0), context));
    assert_int_equal(client_asks(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    SSL_renegotiate(client.ssl);
    assert_int_not_equal(SSL_do_handshake(client.ssl), 1);
    client_close(&client);
    SSL_CTX_free(context);
}

static void test_protocols(void **state) {
    static const struct {
        const char *offer;
        unsigned length;
        bool in;
    } cases[] = {
        { "\x08http/1.1", 9, true },
        { "\x02h2\x08http/1.1", 12, true },
        { "\x02h2", 3, false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        SSL_CTX *context = client_context(directory, "client");
        const char *reason;
        SSL_CTX_set_alpn_protos(context, (const unsigned char *)cases[i].offer, cases[i].length);
        assert_int_equal(asks(http_server_port(kit.server, 0), context, NULL, &reason), cases[i].in);
        assert_true(cases[i].in || strstr(reason, "no application protocol"));
        SSL_CTX_free(context);
    }
}

static void test_not_tls_at_all(void **state) {
    struct http_client client;
    assert_true(client_open(&client, http_server_port(kit.server, 0), NULL));
    client_says(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(client_answer(&client, false, NULL, NULL) <= 0);
    client_close(&client);
}

/* Records without content do not keep the server from its other connections, nor lose requests behind
   them. */
static void test_key_updates(void **state) {
    SSL_CTX *context = client_context(directory, "client");
    struct http_client client, other;
    assert_true(client_open(&client, http_server_port(kit.server, 0), context));
    for (int i = 0; i < 300; i++) {
        int kind = i % 2 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED;
        assert_true(SSL_key_update(client.ssl, kind));
        assert_int_equal(SSL_do_handshake(client.ssl), 1);
    }
    assert_true(client_open(&other, http_server_port(kit.server, 0), context));
    assert_int_equal(client_asks(&other, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    assert_int_equal(client_asks(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    client_close(&client);
    client_close(&other);
    SSL_CTX_free(context);
}

static void test_large_bodies(void **state) {
    enum { SIZE = 1 << 20 };
    SSL_CTX *context = client_context(directory, "client");
    struct http_client client;
    struct buf body;
    char *bytes = malloc(SIZE);
    buf_init(&body, 4 * SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        bytes[i] = (char)('a' + i % 23);
    }
    assert_true(client_open(&client, http_server_port(kit.server, 0), context));
    for (int i = 0; i < 3; i++) {
        buf_clear(&body);
        client_says(&client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n");
        assert_true(client_send(&client, (struct text){ bytes, SIZE }, i ? 1000 * (size_t)i : SIZE_MAX));
        assert_int_equal(client_answer(&client, false, NULL, &body), 200);
        assert_true(text_equal(buf_text(&body), (struct text){ bytes, SIZE }));
    }
    client_close(&client);
    free(bytes);
    buf_release(&body);
    SSL_CTX_free(context);
}

/* More handshakes at once than the server works on in one turn of its loop. */
static void test_many_at_once(void **state) {
    enum { MANY = 60 };
    static struct http_client clients[MANY];
    SSL_CTX *context = client_context(directory, "client");
    for (int i = 0; i < MANY; i++) {
        assert_true(client_open(&clients[i], http_server_port(kit.server, 0), NULL));
        clients[i].ssl = SSL_new(context);
        SSL_set_fd(clients[i].ssl, clients[i].fd);
        fcntl(clients[i].fd, F_SETFL, O_NONBLOCK);
        int connected = SSL_connect(clients[i].ssl);
        assert_true(connected == 1 || SSL_get_error(clients[i].ssl, connected) == SSL_ERROR_WANT_READ);
    }
    for (int i = MANY - 1; i >= 0; i--) {
        fcntl(clients[i].fd, F_SETFL, 0);
        assert_int_equal(SSL_connect(clients[i].ssl), 1);
        assert_int_equal(client_asks(&clients[i], "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    }
    for (int i = 0; i < MANY; i++) {
        client_close(&clients[i]);
    }
    SSL_CTX_free(context);
}

/* A client that says goodbye behind its request has still asked. */
static void test_half_closed(void **state) {
    SSL_CTX *context = client_context(directory, "client");
    struct http_client client;
    assert_true(client_open(&client, http_server_port(kit.server, 0), context));
    client_says(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(SSL_shutdown(client.ssl), 0);
    assert_int_equal(client_answer(&client, false, NULL, NULL), 200);
    assert_true(client_is_closed(&client));
    client_close(&client);
    SSL_CTX_free(context);
}

static atomic_int drained;

static void note_drained(void *ignored) {
    drained = 1;
}

static void drain(void *ignored) {
    http_server_drain(kit.server, note_drained, NULL);
}

static void test_drained_in_handshake(void **state) {
    SSL_CTX *context = client_context(directory, "client");
    struct http_client silent, idle;
    assert_true(client_open(&silent, http_server_port(kit.server, 0), NULL));
    assert_true(client_open(&idle, http_server_port(kit.server, 0), context));
    assert_int_equal(client_asks(&idle, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    loop_post(kit.loop, drain, NULL);
    assert_true(client_receive(&silent) <= 0);
    assert_true(client_is_closed(&idle));
    client_close(&silent);
    client_close(&idle);
    for (int i = 0; !drained; i++) {
        assert_true(i < CLIENT_TIMEOUT_S * 1000);
        usleep(1000);
    }
    SSL_CTX_free(context);
}

/* --- handshakes that do not end ---------------------------------------------------------------------- */

static void test_handshake_deadline(void **state) {
    struct http_options options;
    http_options_init(&options);
    options.handshake_ms = 100;
    options.sweep_ms = 10;
    options.strangers_max = 2;
    start_with(&options);
    int64_t before = room_counter_get(&http_counters[HTTP_COUNT_DEADLINES]);
    int port = http_server_port(kit.server, 0);
    struct http_client silent[2];
    for (int i = 0; i < 2; i++) {
        assert_true(client_open(&silent[i], port, NULL));
    }
    /* They hold all places of strangers; the first of them yields to the next. */
    const char *reason;
    assert_true(gets_in("client", NULL, &reason));
    for (int i = 0; i < 2; i++) {
        assert_true(client_receive(&silent[i]) <= 0);
        client_close(&silent[i]);
    }
    assert_int_equal(room_counter_get(&http_counters[HTTP_COUNT_DEADLINES]) - before, 1);
    kit_stop(&kit);
}

/* Silent connections of one address by the hundred, and everybody comes in; as do many honest ones of it at
   once. */
static void test_handshake_flood(void **state) {
    struct http_options options;
    http_options_init(&options);
    options.strangers_max = 64;
    options.address_max = 16;
    start_with(&options);
    int port = http_server_port(kit.server, 0);
    static struct http_client silent[300];
    for (size_t i = 0; i < 300; i++) {
        assert_true(client_open_from(&silent[i], port, 1));
    }
    const char *reason;
    for (int i = 0; i < 10; i++) {
        assert_true(gets_in("client", NULL, &reason));
    }
    for (size_t i = 0; i < 300; i++) {
        client_close(&silent[i]);
    }
    kit_stop(&kit);
}

static void test_bad_files(void **state) {
    static const struct {
        const char *certificate, *key, *ca, *named;
    } cases[] = {
        { "server.pem", "server.key", "nothing.pem", "nothing.pem" },
        { "server.pem", "server.key", "server.key", "server.key" },
        { "server.pem", "client.key", NULL, "client.key" },
        { "server.pem", "nothing.key", NULL, "nothing.key" },
        { "nothing.pem", "server.key", NULL, "nothing.pem" },
        { "server.key", "server.key", NULL, "server.key" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char certificate[512], key[512], ca[512];
        struct explanation why;
        const struct tls_options options = {
            .certificate_file = kit_path(directory, cases[i].certificate, certificate),
            .key_file = kit_path(directory, cases[i].key, key),
            .client_ca_file = cases[i].ca ? kit_path(directory, cases[i].ca, ca) : NULL,
        };
        assert_null(tls_server_new(&options, &why));
        assert_non_null(strstr(why.en, cases[i].named));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_identity, start, stop),
        cmocka_unit_test_setup_teardown(test_bad_certificates, start, stop),
        cmocka_unit_test_setup_teardown(test_versions, start, stop),
        cmocka_unit_test_setup_teardown(test_weak_ciphers, start, stop),
        cmocka_unit_test_setup_teardown(test_no_resumption, start, stop),
        cmocka_unit_test_setup_teardown(test_no_renegotiation, start, stop),
        cmocka_unit_test_setup_teardown(test_protocols, start, stop),
        cmocka_unit_test_setup_teardown(test_not_tls_at_all, start, stop),
        cmocka_unit_test_setup_teardown(test_key_updates, start, stop),
        cmocka_unit_test_setup_teardown(test_large_bodies, start, stop),
        cmocka_unit_test_setup_teardown(test_many_at_once, start, stop),
        cmocka_unit_test_setup_teardown(test_half_closed, start, stop),
        cmocka_unit_test_setup_teardown(test_drained_in_handshake, start, stop),
        cmocka_unit_test(test_handshake_deadline),
        cmocka_unit_test(test_handshake_flood),
        cmocka_unit_test(test_bad_files),
    };
    return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
