/*
 * The server beside its reading: deadlines, limits, answers that come later, back-pressure, closing,
 * draining. Deadlines are shortened; what is asserted is that and how they strike, never how fast.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "http_kit.h"
#include "waiting.h"
#include "adapters/http/counters.h"

enum { BODY_MAX = 100 * 1000, HELD_MAX = 64 };

/* --- what the server serves -------------------------------------------------------------------------- */

static struct http_request *held[HELD_MAX];
static atomic_int held_count, cancelled_count, served_count;

static void note_cancelled(struct http_request *req, void *context) {
    cancelled_count++;
}

static void answer_at_once(struct http_request *req, void *context) {
    cancelled_count++;
    http_answer(req, 200, NULL, NULL, TEXT(""));
}

static void answer_held(void *ignored) {
    int count = atomic_exchange(&held_count, 0);
    for (int i = 0; i < count; i++) {
        http_answer(held[i], 200, "text/plain", NULL, TEXT("held"));
    }
}

static void hold(struct http_request *req, void (*cancelled)(struct http_request *req, void *context)) {
    http_request_hold(req, cancelled, NULL);
    held[held_count] = req;
    held_count++;
}

static void answer_size(struct http_request *req) {
    struct text path = req->head->path, digits = { path.at + 6, path.length - 6 };
    uint64_t size = 0;
    require(text_to_uint(digits, &size));
    char *bytes = arena_alloc(req->arena, size + 1);
    memset(bytes, 'x', size);
    http_answer(req, 200, "application/octet-stream", NULL, (struct text){ bytes, size });
}

/* An answer in pieces, of letters that follow from their place; pieces: how many have been made. */
static struct {
    struct http_request *req;
    size_t size, made;
    atomic_int pieces, closed;
    atomic_bool waits; /* before its last piece, once */
    bool fails;        /* before its last piece */
    bool is_known;     /* its length, beforehand */
    bool is_one_whole;
} stream;

static enum http_piece next_piece(void *context, struct buf *out) {
    bool last = stream.size - stream.made <= HTTP_PIECE_MAX;
    if (last && stream.waits) {
        stream.waits = false;
        return HTTP_PIECE_WAIT;
    }
    if (last && stream.fails) {
        return HTTP_PIECE_FAIL;
    }
    for (size_t i = 0; i < HTTP_PIECE_MAX && stream.made < stream.size; i++, stream.made++) {
        buf_add_char(out, (char)('a' + stream.made % 23));
    }
    stream.pieces++;
    return last ? HTTP_PIECE_END : HTTP_PIECE_MORE;
}

static void close_stream(void *context) {
    stream.closed++;
}

static void answer_in_pieces(struct http_request *req, size_t size) {
    stream.req = req;
    stream.size = size;
    stream.made = 0;
    stream.pieces = stream.closed = 0;
    http_answer_stream(req, 200, "text/plain", NULL,
                       &(struct http_stream){ .next = next_piece,
                                              .close = close_stream,
                                              .length = stream.is_known ? &stream.size : NULL,
                                              .is_one_whole = stream.is_one_whole });
}

static void go_on(void *ignored) {
    http_stream_go_on(stream.req);
}

static void serve(struct http_request *req, void *context) {
    static const struct http_header bad[] = {
        { "X-Good", "a\tb" },
        { "X-Bad", "a\r\nX-Injected: b" },
        { NULL, NULL },
    };
    struct text path = req->head->path;
    served_count++;
    if (text_is(path, "/hold")) {
        hold(req, note_cancelled);
    } else if (text_is(path, "/hold-in-any-case")) {
        hold(req, NULL);
    } else if (text_is(path, "/hold-briefly")) {
        http_request_hold(req, answer_at_once, NULL);
    } else if (text_starts(path, "/size/")) {
        answer_size(req);
    } else if (text_starts(path, "/pieces/")) {
        uint64_t size = 0;
        require(text_to_uint((struct text){ path.at + 8, path.length - 8 }, &size));
        answer_in_pieces(req, size);
    } else if (text_is(path, "/empty")) {
        http_answer(req, 204, NULL, NULL, TEXT(""));
    } else if (text_is(path, "/headers")) {
        http_answer(req, 200, "text/plain", bad, TEXT("x"));
    } else if (text_is(path, "/full")) {
        http_problem_status(req, STATUS_FULL);
    } else if (text_is(path, "/type")) {
        http_answer(req, 200, "text/plain", NULL, text_of(http_request_type(req)));
    } else if (text_is(path, "/peer")) {
        http_answer(req, 200, "text/plain", NULL,
                    text_of(arena_printf(req->arena, "%s %d %d %u", req->peer->address, req->peer->tls,
                                         req->peer->local, req->peer->user)));
    } else {
        http_answer(req, 200, "text/plain", NULL, req->body);
    }
}

static void admit(struct http_request *req, void *context) {
    if (text_is(req->head->path, "/nowhere")) {
        http_problem(req, 404, "not-found", "这里没有", "nothing there");
    } else if (text_is(req->head->path, "/small")) {
        http_request_limit(req, 10);
    }
}

/* --- helpers ----------------------------------------------------------------------------------------- */

static struct http_kit kit;

static int start_with(const struct http_options *options) {
    const struct http_listen listen = {
        .address = "127.0.0.1:0",
        .body_max = BODY_MAX,
        .admit = admit,
        .handle = serve,
    };
    held_count = cancelled_count = served_count = 0;
    kit_start(&kit, options, &listen, 1);
    return http_server_port(kit.server, 0);
}

static int start(void) {
    return start_with(NULL);
}

static struct http_client open_client(int port) {
    struct http_client client;
    assert_true(client_open(&client, port, NULL));
    return client;
}

static void wait_for(atomic_int *value, int wanted) {
    for (int i = 0; *value != wanted; i++) {
        assert_true(i < CLIENT_TIMEOUT_S * 1000);
        usleep(1000);
    }
}

/* What belongs to the loop's thread is read there. */
struct look {
    const size_t *value;
    size_t seen;
    atomic_bool done;
};

static void look_on_loop(void *context) {
    struct look *look = context;
    look->seen = *look->value;
    atomic_store(&look->done, true);
}

static size_t seen_by_loop(const size_t *value) {
    struct look look = { .value = value };
    loop_post(kit.loop, look_on_loop, &look);
    while (!atomic_load(&look.done)) {
        usleep(100);
    }
    return look.seen;
}

static void wait_until_equal(const size_t *value, size_t wanted) {
    for (int i = 0; seen_by_loop(value) != wanted; i++) {
        assert_true(i < CLIENT_TIMEOUT_S * 1000);
        usleep(1000);
    }
}

static struct http_options quick(void) {
    struct http_options options;
    http_options_init(&options);
    options.sweep_ms = 10;
    return options;
}

/* Sends the text over and over, slowly; returns whether the server ended that before all of `times`. */
static bool is_cut_off(struct http_client *client, const char *text, int times) {
    for (int i = 0; i < times; i++) {
        if (!client_says(client, text) || recv(client->fd, &(char){ 0 }, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
            return true;
        }
        usleep(10 * 1000);
    }
    return false;
}

static void assert_contains(const struct buf *buf, const char *what) {
    if (!strstr(buf->at, what)) {
        fail_msg("'%s' lacks '%s'", buf->at, what);
    }
}

/* --- deadlines --------------------------------------------------------------------------------------- */

static void test_deadline_head(void **state) {
    struct http_options options = quick();
    options.head_ms = 100;
    struct http_client client = open_client(start_with(&options));
    client_says(&client, "GET / HTTP/1.1\r\nHost: a\r\n");
    assert_true(is_cut_off(&client, "X: y\r\n", 99 * 50));
    assert_int_equal(client_answer(&client, false, NULL, NULL), 408);
    assert_true(client_is_closed(&client));
    client_close(&client);
    kit_stop(&kit);
}

static void test_deadline_body(void **state) {
    struct http_options options = quick();
    options.body_ms = 100;
    struct http_client client = open_client(start_with(&options));
    client_says(&client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n");
    assert_true(is_cut_off(&client, "x", 5000));
    assert_int_equal(client_answer(&client, false, NULL, NULL), 408);
    assert_true(client_is_closed(&client));
    assert_int_equal(served_count, 0);
    client_close(&client);
    kit_stop(&kit);
}

static void test_deadline_idle(void **state) {
    struct http_options options = quick();
    options.idle_ms = 500;
    int port = start_with(&options);
    int64_t before = room_counter_get(&http_counters[HTTP_COUNT_DEADLINES]);
    struct http_client fresh = open_client(port), used = open_client(port);
    assert_int_equal(client_asks(&used, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    assert_true(client_is_closed(&used));
    assert_true(client_is_closed(&fresh));
    assert_int_equal(room_counter_get(&http_counters[HTTP_COUNT_DEADLINES]) - before, 2);
    client_close(&used);
    client_close(&fresh);
    kit_stop(&kit);
}

static void test_deadline_send(void **state) {
    struct http_options options = quick();
    options.send_ms = 100;
    int port = start_with(&options);
    int64_t before = room_counter_get(&http_counters[HTTP_COUNT_DEADLINES]);
    struct http_client client = open_client(port);
    client_says(&client, "GET /size/30000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; room_counter_get(&http_counters[HTTP_COUNT_DEADLINES]) == before; i++) {
        assert_true(i < CLIENT_TIMEOUT_S * 1000);
        usleep(1000);
    }
    assert_int_equal(client_answer(&client, false, NULL, NULL), -1);
    client_close(&client);
    kit_stop(&kit);
}

/* The deadline of a body does not run while its request is worked on, nor does any other. */
static void test_no_deadline_while_held(void **state) {
    struct http_options options = quick();
    options.head_ms = options.body_ms = options.send_ms = 50;
    options.idle_ms = 300;
    struct http_client client = open_client(start_with(&options));
    client_says(&client, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_for(&held_count, 1);
    struct http_client other = open_client(http_server_port(kit.server, 0)); /* comes later, and is cut off */
    assert_true(client_is_closed(&other));
    client_close(&other);
    loop_post(kit.loop, answer_held, NULL);
    assert_int_equal(client_answer(&client, false, NULL, NULL), 200);
    client_close(&client);
    kit_stop(&kit);
}

/* --- limits ------------------------------------------------------------------------------------------ */

/* Asks until the server serves (a place became free) or the time is up. */
static bool gets_in(int port) {
    for (int i = 0; i < CLIENT_TIMEOUT_S * 100; i++) {
        struct http_client client;
        bool in = client_open(&client, port, NULL)
                  && client_asks(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n") == 200;
        client_close(&client);
        if (in) {
            return true;
        }
        usleep(10 * 1000);
    }
    return false;
}

static const char ask[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/* Case 193: 1,024 silent connections of one address shut out everybody else. There are three places for
 * strangers, and all are taken by who says nothing: the one that has waited longest yields to the next, of
 * the same address when that has more than its part. Who is being served yields to nobody. */
static void check_strangers(const struct http_options *options, unsigned of_newcomer, size_t yields,
                            const struct room_counter *counter) {
    struct http_client clients[3], newcomer;
    int port = start_with(options);
    int64_t before = room_counter_get(counter);
    for (size_t i = 0; i < 3; i++) {
        assert_true(client_open_from(&clients[i], port, i < 1 ? 1 : 2));
        assert_int_equal(client_asks(&clients[i], ask), 200);
    }
    assert_true(client_open_from(&newcomer, port, of_newcomer));
    assert_int_equal(client_asks(&newcomer, ask), 200);
    assert_int_equal(room_counter_get(counter), before + 1);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(client_asks(&clients[i], ask), i == yields ? 0 : 200);
    }
    for (size_t i = 0; i < 3; i++) {
        client_close(&clients[i]);
    }
    client_close(&newcomer);
    kit_stop(&kit);
}

static void test_strangers_yield(void **state) {
    struct http_options options = quick();
    options.strangers_max = 3;
    check_strangers(&options, 3, 0, &http_counters[HTTP_COUNT_THROTTLED_STRANGERS]);
    options = quick();
    options.connections_max = 3;
    check_strangers(&options, 3, 0, &http_counters[HTTP_COUNT_THROTTLED_STRANGERS]);
    options = quick();
    options.address_max = 2;
    check_strangers(&options, 2, 1, &http_counters[HTTP_COUNT_THROTTLED_ADDRESS]);
}

static void test_who_is_served_does_not_yield(void **state) {
    struct http_options options = quick();
    options.strangers_max = 1;
    int port = start_with(&options);
    struct http_client served = open_client(port), newcomer;
    client_says(&served, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_for(&held_count, 1);
    newcomer = open_client(port);
    assert_true(client_receive(&newcomer) <= 0);
    client_close(&newcomer);
    loop_post(kit.loop, answer_held, NULL);
    assert_int_equal(client_answer(&served, false, NULL, NULL), 200);
    client_close(&served);
    assert_true(gets_in(port));
    kit_stop(&kit);
}

/* 127.0.0.1 is a stranger; 127.0.0.11 and 12 have the certificates of parties 1 and 2. */
static struct http_account accounts[3];

static struct http_account *account_of(const struct http_peer *peer, void *context) {
    int host = atoi(strrchr(peer->address, '.') + 1);
    return host > 10 ? &accounts[host - 10] : NULL;
}

static int start_with_parties(const struct http_options *options) {
    const struct http_listen listen = {
        .address = "127.0.0.1:0",
        .body_max = BODY_MAX,
        .admit = admit,
        .handle = serve,
        .account_of = account_of,
    };
    held_count = cancelled_count = served_count = 0;
    memset(accounts, 0, sizeof(accounts));
    kit_start(&kit, options, &listen, 1);
    return http_server_port(kit.server, 0);
}

static void test_places_of_a_party(void **state) {
    struct http_options options = quick();
    options.strangers_max = 1;
    options.party_connections = 2;
    int port = start_with_parties(&options);
    int64_t before = room_counter_get(&http_counters[HTTP_COUNT_THROTTLED_CONNECTIONS]);
    struct http_client own[5], other, stranger;
    struct buf head;
    buf_init(&head, 10000);
    for (int i = 0; i < 2; i++) {
        assert_true(client_open_from(&own[i], port, 11));
        assert_int_equal(client_asks(&own[i], ask), 200);
    }
    assert_true(client_open_from(&own[2], port, 11)); /* one too many: told so, and closed */
    client_says(&own[2], ask);
    assert_int_equal(client_answer(&own[2], false, &head, NULL), 429);
    assert_contains(&head, "Retry-After: ");
    assert_true(client_is_closed(&own[2]));
    assert_int_equal(room_counter_get(&http_counters[HTTP_COUNT_THROTTLED_CONNECTIONS]), before + 1);
    assert_true(client_open_from(&stranger, port, 1)); /* strangers come and go */
    assert_true(client_open_from(&other, port, 12));   /* and take nobody's place */
    assert_int_equal(client_asks(&other, ask), 200);
    assert_int_equal(client_asks(&own[0], ask), 200);
    client_close(&own[0]);
    wait_until_equal(&accounts[1].connections, 1);
    assert_true(client_open_from(&own[0], port, 11));
    assert_int_equal(client_asks(&own[0], ask), 200);
    for (int i = 0; i < 3; i++) {
        client_close(&own[i]);
    }
    client_close(&other);
    client_close(&stranger);
    buf_release(&head);
    kit_stop(&kit);
    assert_int_equal(accounts[1].connections, 0);
}

/* Case 194: 39 stalled uploads of one certificate, and the others were told that the gateway is at its
   limit. */
static void test_bodies_of_a_party(void **state) {
    enum { PIECE = 100, MEMORY = 256 }; /* a piece of a body, and what a buffer takes for it */
    static const struct {
        size_t party_bodies, party_body_bytes, bodies_max;
    } cases[] = {
        { 2, SIZE_MAX, SIZE_MAX },
        { SIZE_MAX, 2 * MEMORY, SIZE_MAX },
        { SIZE_MAX, SIZE_MAX, 5 * MEMORY },
    };
    static char body[PIECE];
    memset(body, 'x', sizeof(body));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct http_options options = quick();
        options.party_bodies = cases[i].party_bodies;
        options.party_body_bytes = cases[i].party_body_bytes;
        options.bodies_max = cases[i].bodies_max;
        int port = start_with_parties(&options);
        struct http_client stalled[3], other;
        for (int k = 0; k < 3; k++) {
            assert_true(client_open_from(&stalled[k], port, 11));
            client_says(&stalled[k], "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
            client_send(&stalled[k], (struct text){ body, sizeof(body) }, SIZE_MAX);
            if (k < 2) {
                wait_until_equal(&accounts[1].body_bytes, (size_t)(k + 1) * MEMORY);
            }
        }
        assert_int_equal(client_answer(&stalled[2], false, NULL, NULL), 429);
        assert_true(client_open_from(&other, port, 12));
        client_says(&other, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
        client_send(&other, (struct text){ body, sizeof(body) }, SIZE_MAX);
        assert_int_equal(client_answer(&other, false, NULL, NULL), 200);
        for (int k = 0; k < 3; k++) {
            client_close(&stalled[k]);
        }
        client_close(&other);
        kit_stop(&kit);
        assert_int_equal(accounts[1].bodies, 0);
        assert_int_equal(accounts[1].body_bytes, 0);
    }
}

/* However much of one party waits to be read, it is served a piece in each turn of the loop. */
static void test_turn_of_a_party(void **state) {
    struct http_options options = quick();
    options.turn_bytes = 64 * 1024;
    int port = start_with_parties(&options);
    struct http_client busy[4];
    static char body[100 * 1000];
    for (int k = 0; k < 4; k++) {
        assert_true(client_open_from(&busy[k], port, 11));
        client_says(&busy[k], "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
        assert_true(client_send(&busy[k], (struct text){ body, sizeof(body) }, SIZE_MAX));
    }
    for (int k = 0; k < 4; k++) {
        assert_int_equal(client_answer(&busy[k], false, NULL, NULL), 200);
    }
    for (int k = 0; k < 4; k++) {
        client_close(&busy[k]);
    }
    kit_stop(&kit);
    assert_true(accounts[1].turn > 3); /* it is ours again */
}

/* Without descriptors the server does not accept, and does so again by itself when there are some. */
static void test_no_descriptors(void **state) {
    struct http_options options = quick();
    struct rlimit before, tight;
    int port = start_with(&options);
    struct http_client client = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    int lowest_free = dup(client.fd);
    close(lowest_free);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)lowest_free;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    struct sockaddr_in name = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    client_limits(&client);
    assert_int_equal(connect(client.fd, (struct sockaddr *)&name, sizeof(name)), 0);
    client_says(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    nothing_comes_ms(20);
    assert_int_equal(served_count, 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(client_answer(&client, false, NULL, NULL), 200);
    client_close(&client);
    kit_stop(&kit);
}

/* Refused by the declared length, before a byte of the body is there; and with it, the answer is not lost. */
static void test_body_limit(void **state) {
    int port = start();
    static char body[3 * 1000 * 1000];
    struct http_client client = open_client(port);
    assert_int_equal(client_asks(&client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n"),
                     413);
    assert_true(client_is_closed(&client));
    client_close(&client);

    client = open_client(port);
    client_says(&client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
    memset(body, 'x', sizeof(body));
    assert_true(client_send(&client, (struct text){ body, sizeof(body) }, SIZE_MAX));
    assert_int_equal(client_answer(&client, false, NULL, NULL), 413);
    assert_true(client_is_closed(&client));
    client_close(&client);
    assert_int_equal(served_count, 0);

    client = open_client(port);
    client_says(&client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    assert_true(client_send(&client, (struct text){ body, 100000 }, SIZE_MAX));
    assert_int_equal(client_answer(&client, false, NULL, NULL), 200);
    client_close(&client);
    kit_stop(&kit);
}

/* What a refused client goes on sending is dropped only so long. */
static void test_linger_limit(void **state) {
    struct http_options options = quick();
    options.linger_max = 10000;
    struct http_client client = open_client(start_with(&options));
    assert_int_equal(client_asks(&client, "BAD\r\n\r\n"), 400);
    static char bytes[20 * 1000];
    bool taken = true;
    for (int i = 0; taken && i < 10000; i++) {
        taken = client_send(&client, (struct text){ bytes, sizeof(bytes) }, SIZE_MAX);
    }
    assert_false(taken);
    client_close(&client);

    options = quick();
    options.linger_ms = 50;
    kit_stop(&kit);
    client = open_client(start_with(&options));
    assert_int_equal(client_asks(&client, "BAD\r\n\r\n"), 400);
    taken = true;
    for (int i = 0; taken && i < CLIENT_TIMEOUT_S * 100; i++) {
        usleep(10 * 1000);
        taken = client_says(&client, "x");
    }
    assert_false(taken);
    client_close(&client);
    kit_stop(&kit);
}

static void test_limit_of_a_request(void **state) {
    int port = start();
    struct http_client client = open_client(port);
    assert_int_equal(
        client_asks(&client, "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789"), 200);
    assert_int_equal(client_asks(&client,
                                 "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "b\r\n"),
                     413);
    assert_true(client_is_closed(&client));
    client_close(&client);
    client = open_client(port);
    assert_int_equal(client_asks(&client, "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"),
                     413);
    client_close(&client);
    kit_stop(&kit);
}

/* Bodies count by the bytes that came, not by what was announced. */
static void test_budget_of_bodies(void **state) {
    struct http_options options = quick();
    options.bodies_max = 150 * 1000;
    int port = start_with(&options);
    static char body[90 * 1000];
    struct http_client announcing[20], big[2];
    for (int i = 0; i < 20; i++) {
        announcing[i] = open_client(port);
        assert_true(
            client_says(&announcing[i], "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx"));
    }
    assert_true(gets_in(port));
    memset(body, 'x', sizeof(body));
    for (int i = 0; i < 2; i++) {
        big[i] = open_client(port);
        client_says(&big[i], "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
        client_send(&big[i], (struct text){ body, sizeof(body) }, SIZE_MAX);
        assert_true(gets_in(port)); /* so the first has been read before the second comes */
    }
    struct buf head;
    buf_init(&head, 10000);
    assert_int_equal(client_answer(&big[1], false, &head, NULL), 503);
    assert_contains(&head, "Retry-After: ");
    assert_true(client_is_closed(&big[1]));

    assert_true(client_send(&big[0], (struct text){ body, 10 * 1000 }, SIZE_MAX));
    assert_int_equal(client_answer(&big[0], false, NULL, NULL), 200);
    client_says(&big[0], "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n");
    client_send(&big[0], (struct text){ body, sizeof(body) }, SIZE_MAX);
    assert_int_equal(client_answer(&big[0], false, NULL, NULL), 200); /* the budget was given back */
    for (int i = 0; i < 20; i++) {
        client_close(&announcing[i]);
    }
    client_close(&big[0]);
    client_close(&big[1]);
    buf_release(&head);
    kit_stop(&kit);
}

/* --- what is sent before and instead of the body ----------------------------------------------------- */

static void test_continue(void **state) {
    int port = start();
    struct http_client client = open_client(port);
    client_says(&client, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    assert_int_equal(client_answer(&client, false, NULL, NULL), 100);
    client_says(&client, "abc");
    assert_int_equal(client_answer(&client, false, NULL, NULL), 200);

    /* The body is here already; the request has none; the client is of 1.0 and ignores it: no 100. */
    assert_int_equal(client_asks(&client, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                                          "Content-Length: 3\r\n\r\nabc"),
                     200);
    assert_int_equal(client_asks(&client, "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"), 200);
    client_says(&client, "POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n"
                         "Connection: keep-alive\r\n\r\n");
    nothing_comes_ms(20);
    client_says(&client, "abc");
    assert_int_equal(client_answer(&client, false, NULL, NULL), 200);

    /* Not for what will not be taken. */
    assert_int_equal(client_asks(&client, "POST /nowhere HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                                          "Content-Length: 3\r\n\r\n"),
                     404);
    assert_true(client_is_closed(&client));
    client_close(&client);
    client = open_client(port);
    assert_int_equal(client_asks(&client, "POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                                          "Content-Length: 11\r\n\r\n"),
                     413);
    assert_true(client_is_closed(&client));
    client_close(&client);
    kit_stop(&kit);
}

static void test_answered_in_admit(void **state) {
    int port = start();
    struct http_client client = open_client(port);
    assert_int_equal(client_asks(&client, "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"), 404);
    assert_int_equal(client_asks(&client, "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
                     404);
    assert_int_equal(client_asks(&client, "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"),
                     404);
    assert_true(client_is_closed(&client));
    client_close(&client);
    assert_int_equal(served_count, 0);
    kit_stop(&kit);
}

/* --- answers ----------------------------------------------------------------------------------------- */

static void test_shape_of_answers(void **state) {
    int port = start();
    struct buf head, body;
    buf_init(&head, 10000);
    buf_init(&body, 10000);
    struct http_client client = open_client(port);

    client_says(&client, "HEAD /size/1234 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, true, &head, NULL), 200);
    assert_contains(&head, "HTTP/1.1 200 OK\r\nDate: ");
    assert_contains(&head, " GMT\r\nContent-Type: application/octet-stream\r\nContent-Length: 1234\r\n\r\n");

    buf_clear(&head);
    client_says(&client, "GET /empty HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, true, &head, NULL), 204);
    assert_null(strstr(head.at, "Content-Length"));

    buf_clear(&head);
    client_says(&client, "GET /headers HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, false, &head, NULL), 200);
    assert_contains(&head, "X-Good: a\tb\r\n");
    assert_null(strstr(head.at, "Injected"));

    buf_clear(&head);
    client_says(&client, "GET /full HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, false, &head, &body), 503);
    assert_contains(&head, "Content-Type: application/problem+json\r\n");
    assert_contains(&head, "Retry-After: ");
    assert_contains(&body, "\"type\":\"/problems/full\"");
    assert_contains(
        &body, "\"title\":\"Service Unavailable\",\"status\":503,\"code\":\"full\",\"detail\":\"the disk");

    buf_clear(&body);
    client_says(&client, "POST /type HTTP/1.1\r\nHost: a\r\nContent-Type:  Text/XML ; charset=UTF-8\r\n\r\n");
    assert_int_equal(client_answer(&client, false, NULL, &body), 200);
    assert_string_equal(body.at, "text/xml");

    buf_clear(&head);
    client_says(&client, "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
    assert_int_equal(client_answer(&client, false, &head, NULL), 200);
    assert_contains(&head, "Connection: keep-alive\r\n");

    buf_clear(&head);
    client_says(&client,
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, false, &head, NULL), 200);
    assert_contains(&head, "Connection: close\r\n");
    assert_true(client_is_closed(&client));
    client_close(&client);

    client = open_client(port);
    assert_int_equal(client_asks(&client, "GET / HTTP/1.0\r\nHost: a\r\n\r\n"), 200);
    assert_true(client_is_closed(&client));
    client_close(&client);
    buf_release(&head);
    buf_release(&body);
    kit_stop(&kit);
}

static void test_refusal_is_a_problem(void **state) {
    struct http_client client = open_client(start());
    struct buf head, body;
    buf_init(&head, 10000);
    buf_init(&body, 10000);
    int64_t before = room_counter_get(&http_counters[HTTP_COUNT_REFUSED]);
    client_says(&client, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    assert_int_equal(client_answer(&client, false, &head, &body), 400);
    assert_contains(&head, "Connection: close\r\n");
    assert_contains(&body, "\"code\":\"host\"");
    assert_int_equal(room_counter_get(&http_counters[HTTP_COUNT_REFUSED]) - before, 1);
    client_close(&client);
    buf_release(&head);
    buf_release(&body);
    kit_stop(&kit);
}

static void test_large_answers(void **state) {
    struct http_client client = open_client(start());
    struct buf body;
    buf_init(&body, 100 * 1000 * 1000);
    client_says(&client,
                "GET /size/20000000 HTTP/1.1\r\nHost: a\r\n\r\nGET /size/3 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, false, NULL, &body), 200);
    assert_int_equal(body.length, 20000000);
    assert_int_equal(client_answer(&client, false, NULL, &body), 200);
    assert_int_equal(body.length, 20000003);
    assert_int_equal(client_asks(&client, "GET /size/67108865 HTTP/1.1\r\nHost: a\r\n\r\n"), 500);
    client_close(&client);
    buf_release(&body);
    kit_stop(&kit);
}

/* --- later answers ----------------------------------------------------------------------------------- */

static void test_held_in_order(void **state) {
    struct http_client client = open_client(start());
    struct buf body;
    buf_init(&body, 1000);
    client_says(&client,
                "GET /hold HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
                "fastGET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_for(&held_count, 1);
    assert_int_equal(served_count, 1); /* one request of a connection at a time */
    loop_post(kit.loop, answer_held, NULL);
    assert_int_equal(client_answer(&client, false, NULL, &body), 200);
    assert_int_equal(client_answer(&client, false, NULL, &body), 200);
    wait_for(&held_count, 1);
    loop_post(kit.loop, answer_held, NULL);
    assert_int_equal(client_answer(&client, false, NULL, &body), 200);
    assert_string_equal(body.at, "heldfastheld");
    client_close(&client);
    buf_release(&body);
    kit_stop(&kit);
}

/* Far more than the server reads ahead comes while a request is held. */
static void test_held_with_much_behind(void **state) {
    struct http_options options = quick();
    options.ahead_max = 1000;
    struct http_client client = open_client(start_with(&options));
    client_says(&client, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_for(&held_count, 1);
    for (int i = 0; i < 5000; i++) {
        client_says(&client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789");
    }
    assert_int_equal(served_count, 1);
    loop_post(kit.loop, answer_held, NULL);
    for (int i = 0; i < 5001; i++) {
        assert_int_equal(client_answer(&client, false, NULL, NULL), 200);
    }
    client_close(&client);
    kit_stop(&kit);
}

static void test_cancelled(void **state) {
    int port = start();
    struct http_client client = open_client(port);
    client_says(&client, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_for(&held_count, 1);
    client_reset(&client);
    wait_for(&cancelled_count, 1);
    loop_post(kit.loop, answer_held, NULL); /* frees it, says nothing */
    wait_for(&held_count, 0);

    client = open_client(port);
    client_says(&client, "GET /hold-briefly HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_for(&served_count, 2);
    client_reset(&client);
    wait_for(&cancelled_count, 2);
    assert_true(gets_in(port));
    kit_stop(&kit);
}

/* The connection breaks while a long answer is on its way, or when the answer is about to go. */
static void test_broken_while_answered(void **state) {
    int port = start();
    struct http_client client = open_client(port);
    client_says(&client, "GET /size/30000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(client_receive(&client) > 0);
    client_reset(&client);
    assert_true(gets_in(port));

    client = open_client(port);
    client_says(&client,
                "GET /hold HTTP/1.1\r\nHost: a\r\n\r\nGET /size/30000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    shutdown(client.fd, SHUT_WR);
    wait_for(&held_count, 1);
    client_close(&client);
    loop_post(kit.loop, answer_held, NULL);
    wait_for(&held_count, 0);
    assert_true(gets_in(port));
    kit_stop(&kit);
}

/* A client that has said all it wanted to say still gets its answers. */
static void test_half_closed(void **state) {
    int port = start();
    struct http_client client = open_client(port);
    client_says(&client, "GET /hold-in-any-case HTTP/1.1\r\nHost: a\r\n\r\n"
                         "GET /hold-in-any-case HTTP/1.1\r\nHost: a\r\n\r\n");
    shutdown(client.fd, SHUT_WR);
    for (int i = 0; i < 2; i++) {
        wait_for(&held_count, 1);
        loop_post(kit.loop, answer_held, NULL);
        assert_int_equal(client_answer(&client, false, NULL, NULL), 200);
    }
    assert_true(client_is_closed(&client));
    assert_int_equal(cancelled_count, 0);
    client_close(&client);

    /* In the middle of a request there is nothing to answer. */
    client = open_client(port);
    client_says(&client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
    shutdown(client.fd, SHUT_WR);
    assert_true(client_is_closed(&client));
    client_close(&client);
    kit_stop(&kit);
}

/* Case 926: ... but what is made for who waits, and holds up others, is given up when he closes. */
static void test_left_while_held(void **state) {
    struct http_client client = open_client(start());
    client_says(&client, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_for(&held_count, 1);
    client_close(&client);
    wait_for(&cancelled_count, 1);
    loop_post(kit.loop, answer_held, NULL); /* frees it, says nothing */
    wait_for(&held_count, 0);
    kit_stop(&kit);
}

/* The server is freed while requests are held: they are cancelled, and answering them later only frees
   them. */
static void test_freed_while_held(void **state) {
    struct http_client client = open_client(start());
    client_says(&client, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_for(&held_count, 1);
    kit_stop(&kit);
    assert_int_equal(cancelled_count, 1);
    answer_held(NULL);
    client_close(&client);
}

/* --- back-pressure ----------------------------------------------------------------------------------- */

static void test_unfetched_answers_stop_reading(void **state) {
    enum { REQUESTS = 3000 };
    struct http_client client = open_client(start());
    for (int i = 0; i < REQUESTS; i++) {
        client_says(&client, "GET /size/10000 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    await_asleep("server"); /* all was sent: it waits for its answers to be fetched */
    assert_in_range(served_count, 1, REQUESTS - 1);
    for (int i = 0; i < REQUESTS; i++) {
        assert_int_equal(client_answer(&client, false, NULL, NULL), 200);
    }
    assert_int_equal(served_count, REQUESTS);
    client_close(&client);
    kit_stop(&kit);
}

/* --- answers in pieces --------------------------------------------------------------------------------- */

/* Reads to the end of the connection, or until so many bytes have come. */
static bool fetch(struct http_client *client, size_t enough) {
    int got = 1;
    while (got > 0 && client->in.length < enough) {
        got = client_receive(client);
    }
    return got > 0 || client->in.length >= enough;
}

/* The body behind the head, whose chunks are put together; false: it is cut short, or not what was made. */
static bool is_whole(struct http_client *client, bool chunked, size_t size) {
    const char *at = strstr(client->in.at, "\r\n\r\n"), *end = client->in.at + client->in.length;
    size_t made = 0;
    for (at = at ? at + 4 : end; at < end;) {
        char *data = (char *)at;
        size_t length = chunked ? strtoul(at, &data, 16) : (size_t)(end - at);
        if (chunked && length == 0) {
            return made == size && end - at == 5 && memcmp(at, "0\r\n\r\n", 5) == 0;
        }
        data += chunked ? 2 : 0;
        for (size_t i = 0; i < length && data + i < end; i++, made++) {
            if (data[i] != (char)('a' + made % 23)) {
                return false;
            }
        }
        at = data + length + (chunked ? 2 : 0);
    }
    return !chunked && made == size;
}

static void test_answer_in_pieces(void **state) {
    static const size_t sizes[] = { 0, 1, HTTP_PIECE_MAX, HTTP_PIECE_MAX + 1, 3 * 1000 * 1000 };
    int port = start();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        for (int kind = 0; kind < 4; kind++) {
            int version = kind % 2;
            stream.is_known = kind >= 2;
            char request[128];
            struct http_client client = open_client(port);
            snprintf(request, sizeof(request), "GET /pieces/%zu HTTP/1.%d\r\nHost: a\r\n%s\r\n", sizes[i],
                     version, version ? "Connection: close\r\n" : "");
            client_says(&client, request);
            assert_false(fetch(&client, SIZE_MAX));
            assert_true(is_whole(&client, version == 1 && !stream.is_known, sizes[i]));
            assert_true(stream.is_known == (strstr(client.in.at, "Content-Length: ") != NULL));
            wait_for(&stream.closed, 1);
            client_close(&client);
        }
    }
    stream.is_known = false;
    /* and the next request of the same connection; to HEAD the head alone */
    struct http_client client = open_client(port);
    client_says(&client,
                "HEAD /pieces/100 HTTP/1.1\r\nHost: a\r\n\r\nGET /pieces/5 HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_false(fetch(&client, SIZE_MAX));
    assert_non_null(strstr(client.in.at, "chunked\r\n\r\nHTTP/1.1 200 OK"));
    assert_non_null(strstr(client.in.at, "\r\n\r\n5\r\nabcde\r\n0\r\n\r\nHTTP/1.1 204"));
    client_close(&client);
    kit_stop(&kit);
}

/* case 402: of a long answer that nobody fetches only a few pieces are made, and all once somebody does.
 * Others are served meanwhile. */
static void test_a_slow_reader_of_pieces(void **state) {
    enum { SIZE = 100 * 1000 * 1000 };
    int port = start();
    struct http_client slow = open_client(port), other = open_client(port);
    client_says(&slow, "GET /pieces/100000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_true(fetch(&slow, 1000));
    await_asleep("server"); /* the socket takes no more */
    int made = stream.pieces;
    assert_in_range(made, 1, SIZE / HTTP_PIECE_MAX / 4);
    assert_int_equal(client_asks(&other, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    assert_int_equal(stream.pieces, made);
    assert_false(fetch(&slow, SIZE_MAX));
    assert_true(is_whole(&slow, true, SIZE));
    client_close(&slow);
    client_close(&other);
    kit_stop(&kit);
}

/* Who fetches no piece within the deadline is cut off; who fetches each has all the time he needs. */
static void test_deadline_of_a_piece(void **state) {
    struct http_options options = quick();
    options.send_ms = 100;
    int64_t before = room_counter_get(&http_counters[HTTP_COUNT_DEADLINES]);
    struct http_client client = open_client(start_with(&options));
    client_says(&client, "GET /pieces/100000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; room_counter_get(&http_counters[HTTP_COUNT_DEADLINES]) == before; i++) {
        assert_true(i < CLIENT_TIMEOUT_S * 1000);
        usleep(1000);
    }
    wait_for(&stream.closed, 1);
    assert_false(fetch(&client, SIZE_MAX));
    assert_false(is_whole(&client, true, 100000000));
    client_close(&client);
    kit_stop(&kit);
}

static void test_a_stream_that_waits_or_fails(void **state) {
    struct http_options options = quick();
    options.send_ms = options.idle_ms = 50;
    int port = start_with(&options);
    struct http_client client = open_client(port);
    stream.waits = true;
    client_says(&client, "GET /pieces/10 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_true(fetch(&client, 50)); /* its head */
    struct http_client other = open_client(port);
    assert_true(client_is_closed(&other)); /* deadlines pass, and none is its */
    assert_int_equal(stream.closed, 0);
    loop_post(kit.loop, go_on, NULL);
    assert_false(fetch(&client, SIZE_MAX));
    assert_true(is_whole(&client, true, 10));
    client_close(&client);
    client_close(&other);

    client = open_client(port);
    stream.fails = true;
    client_says(&client, "GET /pieces/100000 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_false(fetch(&client, SIZE_MAX));
    assert_false(is_whole(&client, true, 100000)); /* seen to be short: no last chunk */
    wait_for(&stream.closed, 1);
    stream.fails = false;
    client_close(&client);

    client = open_client(port); /* who asked goes away, and then the server */
    stream.waits = true;
    client_says(&client, "GET /pieces/10 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(fetch(&client, 50));
    client_reset(&client);
    wait_for(&stream.closed, 1);
    client = open_client(port);
    stream.waits = true;
    client_says(&client, "GET /pieces/10 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(fetch(&client, 50));
    kit_stop(&kit);
    assert_int_equal(stream.closed, 1);
    client_close(&client);
}

/* --- draining ---------------------------------------------------------------------------------------- */

static atomic_int drained;

static void note_drained(void *context) {
    drained = 1;
}

static void drain(void *context) {
    http_server_drain(kit.server, note_drained, NULL);
}

/* Case 501: a stream whose producer has nothing to say ended at no drain, only when the drain was cut. It
 * ends at once, as it stands and to be seen as whole; where its length was promised, or it is an answer as a
 * whole alone, to be seen as short.
 * One that is still being sent ends where its producer has no more. */
static void test_a_drain_ends_streams_that_wait(void **state) {
    enum { SIZE = 30 * 1000 * 1000, LAST = 10 };
    static const struct {
        int minor;
        bool is_known, is_one_whole, is_slow, whole;
        size_t size;
    } cases[] = {
        { 1, false, false, false, true, HTTP_PIECE_MAX + LAST },
        { 0, false, false, false, true, HTTP_PIECE_MAX + LAST },
        { 1, false, false, false, true, LAST }, /* it waits before its first piece */
        { 1, true, false, false, false, HTTP_PIECE_MAX + LAST },
        { 1, false, true, false, false, HTTP_PIECE_MAX + LAST },
        { 1, false, false, true, true, SIZE },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct http_options options = quick();
        options.send_ms = 60 * 1000; /* no deadline ends it */
        struct http_client client = open_client(start_with(&options));
        char request[128];
        drained = 0;
        stream.is_known = cases[i].is_known;
        stream.is_one_whole = cases[i].is_one_whole;
        stream.waits = true;
        snprintf(request, sizeof(request), "GET /pieces/%zu HTTP/1.%d\r\nHost: a\r\n\r\n", cases[i].size,
                 cases[i].minor);
        client_says(&client, request);
        assert_true(fetch(&client, 50)); /* its head */
        if (cases[i].is_slow) {
            await_asleep("server"); /* the socket takes no more */
            assert_true(stream.waits);
        } else {
            while (stream.waits) {
                usleep(1000);
            }
        }
        loop_post(kit.loop, drain, NULL);
        assert_false(fetch(&client, SIZE_MAX));
        size_t told = cases[i].whole ? cases[i].size / HTTP_PIECE_MAX * HTTP_PIECE_MAX : cases[i].size;
        assert_int_equal(is_whole(&client, cases[i].minor == 1 && !cases[i].is_known, told), cases[i].whole);
        wait_for(&stream.closed, 1);
        client_close(&client);
        wait_for(&drained, 1);
        kit_stop(&kit);
        stream.is_known = stream.is_one_whole = false;
    }
}

static void test_drain(void **state) {
    struct http_options options = quick();
    int port = start_with(&options);
    struct http_client idle = open_client(port), busy = open_client(port), reading = open_client(port), late;
    drained = 0;
    assert_int_equal(client_asks(&idle, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    client_says(&busy, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    client_says(&reading, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
    wait_for(&held_count, 1);
    assert_true(gets_in(port)); /* so the half-sent one has been read as far as it came */
    loop_post(kit.loop, drain, NULL);
    assert_true(client_is_closed(&idle));
    assert_false(client_open(&late, port, NULL));
    assert_int_equal(drained, 0);

    struct buf head;
    buf_init(&head, 10000);
    client_says(&reading, "cd");
    assert_int_equal(client_answer(&reading, false, &head, NULL), 200);
    assert_contains(&head, "Connection: close\r\n");
    assert_true(client_is_closed(&reading));
    loop_post(kit.loop, answer_held, NULL);
    assert_int_equal(client_answer(&busy, false, NULL, NULL), 200);
    assert_true(client_is_closed(&busy));
    client_close(&idle);
    client_close(&busy);
    client_close(&reading);
    client_close(&late);
    wait_for(&drained, 1);
    buf_release(&head);
    kit_stop(&kit);
}

/* --- addresses --------------------------------------------------------------------------------------- */

static void test_unix_socket(void **state) {
    char directory[64], address[128], path[100], expected[64];
    snprintf(path, sizeof(path), "%s/control", kit_directory(directory));
    snprintf(address, sizeof(address), "unix:%s", path);
    int left_over = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
    assert_int_equal(bind(left_over, (struct sockaddr *)&name, sizeof(name)), 0);
    close(left_over);

    const struct http_listen listen = { .address = address, .body_max = 100, .handle = serve };
    kit_start(&kit, NULL, &listen, 1);
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    struct loop *loop = loop_new();
    struct http_server *second = http_server_new(loop, NULL);
    assert_int_equal(http_server_listen(second, &listen, NULL), STATUS_UNAVAILABLE);
    http_server_free(second);
    loop_free(loop);

    struct http_client client;
    struct buf body;
    buf_init(&body, 1000);
    client_open_unix(&client, path);
    client_says(&client, "GET /peer HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_int_equal(client_answer(&client, false, NULL, &body), 200);
    snprintf(expected, sizeof(expected), "unix 0 1 %u", (unsigned)getuid());
    assert_string_equal(body.at, expected);
    client_close(&client);
    buf_release(&body);
    kit_stop(&kit);
    assert_int_equal(stat(path, &file), -1);
    folder_remove(directory);
}

static void test_bad_addresses(void **state) {
    static const struct {
        const char *address;
        enum status status;
    } cases[] = {
        { "8080", STATUS_BAD_CONFIG },
        { ":8080", STATUS_BAD_CONFIG },
        { "127.0.0.1:0", STATUS_OK },
        { "127.0.0.1:", STATUS_BAD_CONFIG },
        { "127.0.0.1:99999", STATUS_BAD_CONFIG },
        { "127.0.0.1:http", STATUS_BAD_CONFIG },
        { "unix:", STATUS_BAD_CONFIG },
        { "unix:/nowhere/at/all/socket", STATUS_UNAVAILABLE },
        { "192.0.2.1:8080", STATUS_UNAVAILABLE },
    };
    struct loop *loop = loop_new();
    struct http_server *server = http_server_new(loop, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct explanation why = { "", "" };
        const struct http_listen listen = { .address = cases[i].address, .handle = serve };
        enum status status = http_server_listen(server, &listen, &why);
        if (status != cases[i].status) {
            fail_msg("%s: %s (%s)", cases[i].address, status_name(status), why.en);
        }
        assert_true(status == STATUS_OK
                    || (strstr(why.zh, cases[i].address) && strstr(why.en, cases[i].address)));
    }
    http_server_free(server);
    loop_free(loop);
}

static void test_peer_address(void **state) {
    struct http_client client = open_client(start());
    struct buf body;
    buf_init(&body, 1000);
    client_says(&client, "GET /peer HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, false, NULL, &body), 200);
    assert_string_equal(body.at, "127.0.0.1 0 0 0");
    client_close(&client);
    buf_release(&body);
    kit_stop(&kit);
}

static void test_connections_are_counted(void **state) {
    int port = start();
    int64_t before = room_counter_get(&http_counters[HTTP_COUNT_CONNECTIONS]),
            requests = room_counter_get(&http_counters[HTTP_COUNT_REQUESTS]);
    struct http_client client = open_client(port);
    assert_int_equal(client_asks(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    assert_int_equal(room_counter_get(&http_counters[HTTP_COUNT_CONNECTIONS]) - before, 1);
    assert_int_equal(room_counter_get(&http_counters[HTTP_COUNT_REQUESTS]) - requests, 1);
    client_close(&client);
    kit_stop(&kit);
    assert_int_equal(room_counter_get(&http_counters[HTTP_COUNT_CONNECTIONS]) - before, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadline_head),
        cmocka_unit_test(test_deadline_body),
        cmocka_unit_test(test_deadline_idle),
        cmocka_unit_test(test_deadline_send),
        cmocka_unit_test(test_no_deadline_while_held),
        cmocka_unit_test(test_strangers_yield),
        cmocka_unit_test(test_who_is_served_does_not_yield),
        cmocka_unit_test(test_places_of_a_party),
        cmocka_unit_test(test_bodies_of_a_party),
        cmocka_unit_test(test_turn_of_a_party),
        cmocka_unit_test(test_no_descriptors),
        cmocka_unit_test(test_body_limit),
        cmocka_unit_test(test_linger_limit),
        cmocka_unit_test(test_limit_of_a_request),
        cmocka_unit_test(test_budget_of_bodies),
        cmocka_unit_test(test_continue),
        cmocka_unit_test(test_answered_in_admit),
        cmocka_unit_test(test_shape_of_answers),
        cmocka_unit_test(test_refusal_is_a_problem),
        cmocka_unit_test(test_large_answers),
        cmocka_unit_test(test_held_in_order),
        cmocka_unit_test(test_held_with_much_behind),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_broken_while_answered),
        cmocka_unit_test(test_half_closed),
        cmocka_unit_test(test_left_while_held),
        cmocka_unit_test(test_freed_while_held),
        cmocka_unit_test(test_unfetched_answers_stop_reading),
        cmocka_unit_test(test_answer_in_pieces),
        cmocka_unit_test(test_a_slow_reader_of_pieces),
        cmocka_unit_test(test_deadline_of_a_piece),
        cmocka_unit_test(test_a_stream_that_waits_or_fails),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_a_drain_ends_streams_that_wait),
        cmocka_unit_test(test_unix_socket),
        cmocka_unit_test(test_bad_addresses),
        cmocka_unit_test(test_peer_address),
        cmocka_unit_test(test_connections_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
