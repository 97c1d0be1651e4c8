/*
 * CLEARWAY/1 over real CURVE sockets on loopback: who gets in, submissions, deliveries, peers that come and
 * go. The intake is a fake, linked in its place.
 */
#include "journal_room.h"
#include "message_record.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <zmq.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/memory.h"
#include "message/metadata.h"
#include "engine/decision.h"
#include "edition/party.h"
#include "check/check.h"
#include "adapters/adapters.h"
#include "adapters/zmq/zmq.h"
#include "adapters/zmq/protocol.h"
#include "adapters/zmq/counters.h"
#include "decided_kit.h"
#include "waiting.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define HELD_MAX     2048

/* --- the fake intake --------------------------------------------------------------------------------- */

static struct {
    struct {
        void (*answered)(const struct answer *answer, void *context);
        void *context;
    } held[HELD_MAX];
    size_t count, answered;
    bool holds;
    enum status status;
    char party[32], format[64], trace[64], bytes[256];
    const char *channel;
} fake;

static void answer_next(enum status status) {
    struct answer answer = { .status = status,
                             .repeated = true,
                             .number = 42,
                             .outcome = OUTCOME_REFUSED,
                             .receipt = TEXT("{\"receipt\":1}") };
    size_t i = fake.answered++;
    fake.held[i % HELD_MAX].answered(&answer, fake.held[i % HELD_MAX].context);
}

enum status intake_submit(struct intake *intake, const struct envelope *env, const struct party *party,
                          struct text bytes, void (*answered)(const struct answer *answer, void *context),
                          void *context) {
    if (fake.status != STATUS_OK) {
        return fake.status;
    }
    snprintf(fake.party, sizeof(fake.party), "%s", party->code);
    snprintf(fake.format, sizeof(fake.format), "%s", env->format);
    snprintf(fake.trace, sizeof(fake.trace), "%s", env->trace);
    snprintf(fake.bytes, sizeof(fake.bytes), TEXT_FORMAT, TEXT_ARGS(bytes));
    fake.channel = env->channel;
    fake.held[fake.count % HELD_MAX].answered = answered;
    fake.held[fake.count++ % HELD_MAX].context = context;
    if (!fake.holds) {
        answer_next(STATUS_OK);
    }
    return STATUS_OK;
}

struct client {
    struct client *next; /* open ones, for a test that failed */
    void *socket, *monitor;
    int event;                                     /* the last of its monitor */
    char verb[32], headers[5000], body[256 << 10]; /* the last message */
};

/* --- the world: a gateway's side with parties A, B and a blocked one, and keys for all ---------------- */

struct keys {
    char public_key[41], secret_key[41];
};

static struct {
    char secret_file[64];
    struct loop *loop;
    struct loop_timer *look, *limit;
    struct arena *arena;
    struct edition edition;
    struct journal_room room;
    struct journal *journal;
    struct zmq *zmq;
    struct keys gateway, a, a2, b, blocked, stranger;
    void *context; /* of the clients */
    struct client *clients;
    bool (*until)(void *with);
    void *with;
    size_t opened, done;
    struct delivery *cancels; /* as soon as another is done */
    enum status status;
    char reason[256];
} world;

static void look(void *context) {
    if (world.until && world.until(world.with)) {
        loop_stop(world.loop);
    }
    loop_timer_start(world.look, 1);
}

static void too_long(void *context) {
    fail_msg("what the test waits for did not happen");
}

static void run_until(bool (*until)(void *with), void *with) {
    world.until = until;
    world.with = with;
    loop_timer_start(world.limit, WAITING_MAX_MS);
    loop_run(world.loop);
    loop_timer_stop(world.limit);
    world.until = NULL;
}

static void opened(void *listener, const struct party *party) {
    assert_string_equal(party->code, "A");
    world.opened++;
}

static void done(struct delivery *delivery, enum status status, enum delivery_reason reason,
                 const char *words) {
    world.done++;
    world.status = status;
    snprintf(world.reason, sizeof(world.reason), "%s%s", delivery_reason_code(reason), words);
    if (world.cancels) {
        const struct port *port = zmq_port(world.zmq);
        port->cancel(port->context, world.cancels);
        memset(world.cancels, 0xAA, sizeof(*world.cancels));
        world.cancels = NULL;
    }
}

static void write_secret(const char *text) {
    FILE *file = fopen(world.secret_file, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", text);
    fclose(file);
}

/* clang-format off */
#define PARTY(code, zh, more, host, keys)                                                             \
    "  - code: " code "\n    name: { zh: " zh ", en: " code " }\n    roles: [terminal]\n" more         \
    "    zmq: { bind: \"tcp://" host ":*\", events: \"tcp://" host ":*\", keys: [" keys "] }\n"         \
    "    deliver: { transport: zmq }\n"
#define PARTY_A "parties:\n" PARTY("A", "甲", "", "127.0.0.1", "\"%s\", \"%s\"")
#define PARTY_B PARTY("B", "乙", "", "127.0.0.2", "\"%s\"")
#define PARTY_X PARTY("X", "丙", "    blocked: true\n", "127.0.0.3", "\"%s\"")
/* clang-format on */

static struct parties *load(const char *text) {
    static const struct party_transport *const transports[] = { &zmq_transport, NULL };
    struct verdict mistakes;
    verdict_init(&mistakes, world.arena);
    struct parties *parties = parties_load(text_of(text), "parties.yaml", transports, world.arena, &mistakes);
    for (size_t i = 0; i < mistakes.count; i++) {
        print_message("%s\n", mistakes.findings[i].en);
    }
    assert_int_equal(mistakes.errors, 0);
    return parties;
}

static int set_up(void **state) {
    memset(&world, 0, sizeof(world));
    memset(&fake, 0, sizeof(fake));
    struct keys *all[] = { &world.gateway, &world.a, &world.a2, &world.b, &world.blocked, &world.stranger };
    for (size_t i = 0; i < COUNT(all); i++) {
        zmq_keypair(all[i]->public_key, all[i]->secret_key);
    }
    strcpy(world.secret_file, "/tmp/clearway-zmq-XXXXXX");
    close(mkstemp(world.secret_file));
    write_secret(world.gateway.secret_key);
    char text[2048];
    snprintf(text, sizeof(text), PARTY_A PARTY_B PARTY_X, world.a.public_key, world.a2.public_key,
             world.b.public_key, world.blocked.public_key);
    world.arena = arena_new();
    world.edition.holds = 1;
    world.edition.parties = load(text);
    world.loop = loop_new();
    world.look = loop_timer_new(world.loop, look, NULL);
    world.limit = loop_timer_new(world.loop, too_long, NULL);
    loop_timer_start(world.look, 1);
    room_init(&world.room);
    world.journal = room_open(&world.room);
    struct zmq_options options = { .loop = world.loop,
                                   .edition = &world.edition,
                                   .intake = (struct intake *)&fake,
                                   .journal = world.journal,
                                   .secret_key_file = world.secret_file };
    assert_int_equal(zmq_start(&options, &world.zmq), STATUS_OK);
    zmq_port(world.zmq)->listen(zmq_port(world.zmq)->context, opened, NULL);
    world.context = zmq_ctx_new();
    zmq_ctx_set(world.context, ZMQ_MAX_SOCKETS, 400);
    return 0;
}

static void client_close(struct client *client) {
    struct client **at = &world.clients;
    while (*at != client) {
        at = &(*at)->next;
    }
    *at = client->next;
    zmq_close(client->socket);
    zmq_close(client->monitor);
    free(client);
}

static int tear_down(void **state) {
    while (world.clients) {
        client_close(world.clients);
    }
    zmq_stop(world.zmq);
    journal_close(world.journal);
    room_release(&world.room);
    zmq_ctx_term(world.context);
    loop_timer_free(world.look);
    loop_timer_free(world.limit);
    loop_free(world.loop);
    arena_free(world.arena);
    return unlink(world.secret_file);
}

/* --- a party's end ----------------------------------------------------------------------------------- */

static void set_int(void *socket, int option, int value) {
    assert_int_equal(zmq_setsockopt(socket, option, &value, sizeof(value)), 0);
}

static struct client *client_of(int kind) {
    static int serial;
    struct client *client = memory_new(sizeof(*client));
    char address[64];
    client->next = world.clients;
    world.clients = client;
    client->socket = zmq_socket(world.context, kind);
    client->monitor = zmq_socket(world.context, ZMQ_PAIR);
    assert_non_null(client->socket);
    set_int(client->socket, ZMQ_LINGER, 0);
    set_int(client->socket, ZMQ_RECONNECT_IVL, 60000);
    snprintf(address, sizeof(address), "inproc://client-%d", serial++);
    assert_int_equal(zmq_socket_monitor(client->socket, address,
                                        ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED
                                            | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
                                            | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
                                            | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL),
                     0);
    assert_int_equal(zmq_connect(client->monitor, address), 0);
    return client;
}

static struct client *client_new(void) {
    return client_of(ZMQ_DEALER);
}

static void use_keys(struct client *client, const char *server, const struct keys *keys) {
    zmq_setsockopt(client->socket, ZMQ_CURVE_SERVERKEY, server, 41);
    zmq_setsockopt(client->socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, 41);
    zmq_setsockopt(client->socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 41);
}

static struct client *connect_as(const struct keys *keys, const char *party) {
    struct client *client = client_new();
    use_keys(client, world.gateway.public_key, keys);
    assert_int_equal(zmq_connect(client->socket, zmq_bound(world.zmq, party)), 0);
    return client;
}

static void say(struct client *client, const char *verb, const char *headers, const char *body) {
    zmq_send(client->socket, verb, strlen(verb), ZMQ_SNDMORE);
    zmq_send(client->socket, headers, strlen(headers), ZMQ_SNDMORE);
    assert_true(zmq_send(client->socket, body, strlen(body), 0) >= 0);
}

static bool take_frame(void *socket, char *out, size_t max, int flags) {
    int got = zmq_recv(socket, out, max - 1, flags);
    if (got < 0) {
        return false;
    }
    assert_true((size_t)got < max);
    out[got] = '\0';
    return true;
}

/* Every message of ours has a verb of the list, and exactly its headers, in their order. */
static void check_frames(const struct client *client) {
    const struct zmq_verb_row *row = NULL;
    for (enum zmq_verb i = ZMQ_VERB_NONE + 1; i < ZMQ_VERBS_END; i++) {
        row = strcmp(zmq_verb_row(i)->name, client->verb) == 0 ? zmq_verb_row(i) : row;
    }
    assert_non_null(row);
    assert_int_equal(row->from, ZMQ_FROM_GATEWAY);
    size_t members = 0;
    for (const char *at = client->headers; (at = strstr(at, "\":")) != NULL; at++) {
        members++;
    }
    const char *at = client->headers;
    for (struct text names = text_of(row->headers); names.length; members--) {
        char name[64];
        struct text word = text_until(&names, ' ');
        snprintf(name, sizeof(name), "\"" TEXT_FORMAT "\":", TEXT_ARGS(word));
        at = strstr(at, name);
        assert_non_null(at);
    }
    assert_int_equal(members, 0);
}

static bool has_message(void *with) {
    struct client *client = with;
    if (!take_frame(client->socket, client->verb, sizeof(client->verb), ZMQ_DONTWAIT)) {
        return false;
    }
    assert_true(take_frame(client->socket, client->headers, sizeof(client->headers), 0));
    assert_true(take_frame(client->socket, client->body, sizeof(client->body), 0));
    check_frames(client);
    return true;
}

static bool has_event(void *with) {
    struct client *client = with;
    uint8_t event[8];
    char address[128];
    if (zmq_recv(client->monitor, event, sizeof(event), ZMQ_DONTWAIT) < 0) {
        return false;
    }
    zmq_recv(client->monitor, address, sizeof(address), 0);
    client->event = event[0] | event[1] << 8;
    return true;
}

/* The next message is this one; returns a header of it. */
static void expect(struct client *client, const char *verb) {
    run_until(has_message, client);
    assert_string_equal(client->verb, verb);
}

static const char *header(const struct client *client, const char *name) {
    static char out[512];
    char why[128];
    struct arena *arena = arena_new();
    const struct json *json = json_parse(arena, text_of(client->headers), why, sizeof(why));
    assert_non_null(json);
    const char *value = json_string_at(json, name);
    snprintf(out, sizeof(out), "%s", value ? value : "(none)");
    arena_free(arena);
    return out;
}

static struct client *greet(const struct keys *keys, const char *hello) {
    struct client *client = connect_as(keys, "A");
    say(client, "HELLO", hello, "");
    expect(client, "WELCOME");
    return client;
}

static struct delivery deliveries[HELD_MAX];
static char ids[HELD_MAX][32];

static void fill(size_t i, const char *text) {
    snprintf(ids[i], sizeof(ids[i]), "%zu/A", i + 1);
    deliveries[i] = (struct delivery){ .id = ids[i],
                                       .record = i + 1,
                                       .party = parties_find(world.edition.parties, TEXT("A")),
                                       .subject = "CNQDG/BL1",
                                       .family = "declaration",
                                       .format = "cn-dec",
                                       .route = "R01",
                                       .trace = "",
                                       .sender = "FWD",
                                       .recorded = STAMP_SECOND,
                                       .digest = digest_of(text, strlen(text)),
                                       .data = text_of(text),
                                       .attempt = 1,
                                       .result = "",
                                       .done = done };
}

static struct delivery *deliver(size_t i, const char *text) {
    const struct port *port = zmq_port(world.zmq);
    fill(i, text);
    port->send(port->context, &deliveries[i]);
    return &deliveries[i];
}

/* What became of record 41, which the party sent. */
static struct delivery *decision(size_t i, const char *text) {
    const struct port *port = zmq_port(world.zmq);
    fill(i, text);
    deliveries[i].family = deliveries[i].format = "decision";
    deliveries[i].sender = "";
    deliveries[i].about = 41;
    deliveries[i].result = "refused";
    port->send(port->context, &deliveries[i]);
    return &deliveries[i];
}

static bool is_done(void *with) {
    return world.done == (size_t)(uintptr_t)with;
}

static void wait_done(size_t count) {
    run_until(is_done, (void *)(uintptr_t)count);
}

/* --- who gets in ------------------------------------------------------------------------------------- */

static void test_keys_decide_who_gets_in(void **state) {
    static const struct keys none;
    /* clang-format off */
    struct { const char *what, *party; const struct keys *keys; const char *server; bool in; bool denied; } cases[] = {
        { "its key",                      "A", &world.a,        world.gateway.public_key,  true,  false },
        { "its second key",               "A", &world.a2,       world.gateway.public_key,  true,  false },
        { "another party's key",          "A", &world.b,        world.gateway.public_key,  false, true },
        { "its key at another's socket",  "B", &world.a,        world.gateway.public_key,  false, true },
        { "an unknown key",               "A", &world.stranger, world.gateway.public_key,  false, true },
        { "a blocked party's key",        "X", &world.blocked,  world.gateway.public_key,  false, true },
        { "another server's key",         "A", &world.a,        world.stranger.public_key, false, false },
        { "NULL",                         "A", &none,           "",                        false, false },
        { "PLAIN",                        "A", &none,           "plain",                   false, false },
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t denied = room_counter_get(&zmq_counters[ZMQ_COUNT_DENIED]);
        struct client *client = client_new();
        if (*cases[i].keys->public_key) {
            use_keys(client, cases[i].server, cases[i].keys);
        } else if (*cases[i].server) {
            zmq_setsockopt(client->socket, ZMQ_PLAIN_USERNAME, "A", 1);
            zmq_setsockopt(client->socket, ZMQ_PLAIN_PASSWORD, "x", 1);
        }
        zmq_connect(client->socket, zmq_bound(world.zmq, cases[i].party));
        say(client, "SUBMIT", "{\"ref\":\"1\"}", "<a/>");
        size_t before = fake.count;
        run_until(has_event, client);
        if (cases[i].in != (client->event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)) {
            fail_msg("%s: event %d", cases[i].what, client->event);
        }
        if (cases[i].in) {
            expect(client, "RECEIPT");
        }
        assert_int_equal(fake.count - before, cases[i].in);
        assert_int_equal(room_counter_get(&zmq_counters[ZMQ_COUNT_DENIED]) - denied, cases[i].denied);
        client_close(client);
    }
}

static void test_nobody_gets_in_while_the_handler_does_not_answer(void **state) {
    struct client *client = connect_as(&world.a, "A");
    say(client, "HELLO", "", "");
    nothing_comes_ms(50); /* the loop does not run */
    assert_false(has_event(client));
    expect(client, "WELCOME");
    client_close(client);
}

static void test_a_key_file_that_is_none(void **state) {
    struct zmq *zmq;
    struct zmq_options options = {
        .loop = world.loop, .edition = &world.edition, .journal = world.journal, .secret_key_file = "/nowhere"
    };
    assert_int_equal(zmq_start(&options, &zmq), STATUS_NOT_FOUND);
    options.secret_key_file = world.secret_file;
    write_secret("too short");
    assert_int_equal(zmq_start(&options, &zmq), STATUS_BAD_CONFIG);
    write_secret("\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"");
    assert_int_equal(zmq_start(&options, &zmq), STATUS_BAD_CONFIG);
}

/* --- the event stream ---------------------------------------------------------------------------------- */

/* What became of a message of this party: one event for it. */
static uint64_t append_decision(const char *party) {
    struct arena *arena = arena_new();
    struct decision decision;
    decision_init(&decision, arena, append_message(world.journal, party, ""));
    decision.result = RESULT_DONE;
    uint64_t number = decided_append(world.journal, &decision, TEXT("<Decision/>"));
    arena_free(arena);
    return number;
}

static struct client *subscribe_as(const struct keys *keys, const char *party, int bytes) {
    struct client *client = client_of(ZMQ_SUB);
    use_keys(client, world.gateway.public_key, keys);
    if (bytes) {
        set_int(client->socket, ZMQ_RCVHWM, 1);
        set_int(client->socket, ZMQ_RCVBUF, bytes);
    }
    zmq_setsockopt(client->socket, ZMQ_SUBSCRIBE, "", 0);
    assert_int_equal(zmq_connect(client->socket, zmq_stream_address(world.zmq, party)), 0);
    return client;
}

/* Case 451: who may hear a party's events is who may speak for it; a blocked party's keys hear nothing. */
static void test_keys_decide_who_hears(void **state) {
    /* clang-format off */
    struct { const char *what, *party; const struct keys *keys; bool in; } cases[] = {
        { "its key",                      "A", &world.a,        true },
        { "its second key",               "A", &world.a2,       true },
        { "another party's key",          "A", &world.b,        false },
        { "its key at another's stream",  "B", &world.a,        false },
        { "an unknown key",               "A", &world.stranger, false },
        { "a blocked party's key",        "X", &world.blocked,  false },
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t denied = room_counter_get(&zmq_counters[ZMQ_COUNT_DENIED]);
        struct client *client = subscribe_as(cases[i].keys, cases[i].party, 0);
        run_until(has_event, client);
        if (cases[i].in != (client->event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)) {
            fail_msg("%s: event %d", cases[i].what, client->event);
        }
        assert_int_equal(room_counter_get(&zmq_counters[ZMQ_COUNT_DENIED]) - denied, !cases[i].in);
        client_close(client);
    }
}

/* --- the gateway's own key, and keys that are gone ----------------------------------------------------- */

static struct zmq_prepared *prepare(const struct edition *edition, struct verdict *mistakes) {
    verdict_init(mistakes, world.arena);
    struct zmq_prepared *prepared = zmq_prepare(world.zmq, edition, "parties.yaml", mistakes);
    assert_true(verdict_passes(mistakes));
    return prepared;
}

static bool is_cut(void *with) {
    return has_event(with) && ((struct client *)with)->event == ZMQ_EVENT_DISCONNECTED;
}

static struct client *come_in(struct client *client) {
    run_until(has_event, client);
    assert_int_equal(client->event, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    return client;
}

/* Case 790: the gateway's own key changes while it runs. What listens is never closed, who was connected is
 * cut off, and comes in by the new key alone. */
static void test_the_gateways_key_changes(void **state) {
    struct client *line = greet(&world.a, "{\"credit\":4}");
    struct client *hears = come_in(subscribe_as(&world.a, "A", 0));
    struct verdict mistakes;
    char bound[128], events[128];
    snprintf(bound, sizeof(bound), "%s", zmq_bound(world.zmq, "A"));
    snprintf(events, sizeof(events), "%s", zmq_stream_address(world.zmq, "A"));
    write_secret(world.stranger.secret_key);
    zmq_discard(prepare(&world.edition, &mistakes)); /* it does not come to it */
    assert_int_equal(mistakes.warnings, 1);
    assert_non_null(strstr(mistakes.findings[0].en, world.stranger.public_key));
    struct delivery *first = deliver(0, "first");
    expect(line, "DELIVER");
    say(line, "ACK", "{\"delivery\":\"1/A\"}", "");
    wait_done(1);
    assert_int_equal(world.status, STATUS_OK);
    assert_string_equal(first->id, "1/A");
    deliver(1, "second");
    expect(line, "DELIVER");
    zmq_change(world.zmq, &world.edition, prepare(&world.edition, &mistakes));
    assert_int_equal(world.done, 2);
    assert_int_equal(world.status, STATUS_UNAVAILABLE);
    assert_string_equal(zmq_bound(world.zmq, "A"), bound);
    assert_string_equal(zmq_stream_address(world.zmq, "A"), events);
    run_until(is_cut, line);
    run_until(is_cut, hears);
    struct client *stale = connect_as(&world.a, "A");
    run_until(is_cut, stale);
    struct keys old = world.gateway;
    world.gateway = world.stranger;
    struct client *again = greet(&world.a, "{\"credit\":4}");
    deliver(2, "second");
    expect(again, "DELIVER");
    come_in(subscribe_as(&world.a, "A", 0));
    struct zmq_prepared *unchanged = prepare(&world.edition, &mistakes);
    assert_int_equal(mistakes.count, 0);
    zmq_change(world.zmq, &world.edition, unchanged);
    say(again, "ACK", "{\"delivery\":\"3/A\"}", "");
    wait_done(3);
    assert_int_equal(world.status, STATUS_OK);
    world.gateway = old;
}

/* Case 791: a key that is gone from the row hears no event any more; who still may comes in again at the same
 * address, and another party's subscriber stays. It needed a restart. */
static void test_a_subscriber_whose_key_is_gone_is_cut_off(void **state) {
    struct client *kept = come_in(subscribe_as(&world.a, "A", 0));
    struct client *gone = come_in(subscribe_as(&world.a2, "A", 0));
    struct client *other = come_in(subscribe_as(&world.b, "B", 0));
    struct edition next = { .holds = 1 };
    struct verdict mistakes;
    char text[2048];
    snprintf(text, sizeof(text), PARTY_A PARTY_B, world.a.public_key, world.stranger.public_key,
             world.b.public_key);
    next.parties = load(text);
    zmq_change(world.zmq, &next, prepare(&next, &mistakes));
    run_until(is_cut, kept);
    run_until(is_cut, gone);
    come_in(subscribe_as(&world.a, "A", 0));
    struct client *late = subscribe_as(&world.a2, "A", 0);
    run_until(has_event, late);
    assert_int_equal(late->event, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
    expect(other, "EVENTS"); /* over the connection that it had */
    assert_false(has_event(other));
    zmq_change(world.zmq, &world.edition, prepare(&world.edition, &mistakes));
}

static int64_t number_of(const struct client *client, const char *name) {
    char why[128];
    struct arena *arena = arena_new();
    const struct json *json = json_parse(arena, text_of(client->headers), why, sizeof(why));
    assert_non_null(json_at(json, name));
    int64_t number = json_int_at(json, name);
    arena_free(arena);
    return number;
}

static void test_a_party_hears_its_own_events_alone(void **state) {
    struct client *a = subscribe_as(&world.a, "A", 0), *b = subscribe_as(&world.b, "B", 0);
    for (struct client *client = a; client; client = client == a ? b : NULL) {
        expect(client, "EVENTS"); /* a mark: the subscription stands */
        assert_string_equal(client->body, "[]");
    }
    uint64_t first = append_decision("A"), second = append_decision("B");
    zmq_advance(world.zmq);
    const struct {
        struct client *client;
        uint64_t number;
    } hears[] = { { a, first }, { b, second } };
    for (size_t i = 0; i < 2; i++) {
        do {
            expect(hears[i].client, "EVENTS");
        } while (strcmp(hears[i].client->body, "[]") == 0);
        assert_int_equal(number_of(hears[i].client, "position"), hears[i].number);
        assert_int_equal(number_of(hears[i].client, "after"), 0);
        do { /* and no other event until everything was told */
            expect(hears[i].client, "EVENTS");
            assert_string_equal(hears[i].client->body, "[]");
        } while (number_of(hears[i].client, "position") < (int64_t)second);
        assert_int_equal(number_of(hears[i].client, "after"), hears[i].number);
        client_close(hears[i].client);
    }
}

static bool told_everything(void *with) {
    return room_counter_get(&zmq_counters[ZMQ_COUNT_EVENTS]) == (int64_t)(uintptr_t)with;
}

#define MANY 3000

/* Case 452: a subscriber that reads nothing for a while costs no more than its limit, and misses nothing in
 * the end: the first word that it reads behind a gap shows it, and the line tells what was in it. */
static void test_a_slow_subscriber_misses_nothing_in_the_end(void **state) {
    struct client *slow = subscribe_as(&world.a, "A", 8192), *line = greet(&world.a, "");
    expect(slow, "EVENTS");
    int64_t place = number_of(slow, "position"), before = room_counter_get(&zmq_counters[ZMQ_COUNT_EVENTS]);
    for (int i = 0; i < MANY; i++) {
        append_decision("A");
    }
    zmq_advance(world.zmq);
    run_until(told_everything, (void *)(uintptr_t)(before + MANY));
    size_t events = 0, heard = 0, gaps = 0;
    while (place < 2 * MANY) {
        expect(slow, "EVENTS");
        heard += strcmp(slow->body, "[]") != 0;
        while (number_of(slow, "after") > place) {
            char headers[128];
            snprintf(headers, sizeof(headers), "{\"ref\":\"gap\",\"after\":%" PRId64 "}", place);
            say(line, "FOLLOW", headers, "");
            expect(line, "EVENTS");
            assert_int_equal(number_of(line, "after"), place);
            for (const char *at = line->body; (at = strstr(at, "\"specversion\"")) != NULL; at++) {
                events++;
            }
            place = number_of(line, "position");
            gaps++;
        }
        if (number_of(slow, "position") > place) {
            events += strcmp(slow->body, "[]") != 0;
            place = number_of(slow, "position");
        }
    }
    assert_int_equal(events, MANY);
    assert_true(gaps > 0 && heard < MANY);
    client_close(slow);
    client_close(line);
}

static void test_what_is_asked_of_events_and_cannot_be(void **state) {
    struct client *client = connect_as(&world.a, "A");
    uint64_t number = append_decision("A");
    say(client, "FOLLOW", "{\"ref\":\"1\"}", "");
    expect(client, "EVENTS");
    assert_int_equal(number_of(client, "position"), number);
    assert_string_equal(header(client, "journal"), journal_name(world.journal));
    say(client, "FOLLOW", "{\"ref\":\"2\",\"after\":999}", "");
    expect(client, "PROBLEM");
    assert_string_equal(header(client, "code"), "NOT_FOUND");
    /* One at a time. Both are to be there before the loop runs, and nothing shows it: longer, where
       they were not. */
    for (unsigned ms = 200;; ms *= 2) {
        assert_true(ms < WAITING_MAX_MS);
        say(client, "FOLLOW", "{\"ref\":\"3\",\"after\":0}", "");
        say(client, "FOLLOW", "{\"ref\":\"4\",\"after\":0}", "");
        usleep(ms * 1000);
        run_until(has_message, client);
        if (strcmp(client->verb, "PROBLEM") == 0) {
            break;
        }
        assert_string_equal(header(client, "ref"), "3");
        expect(client, "EVENTS");
        assert_string_equal(header(client, "ref"), "4");
    }
    assert_string_equal(header(client, "ref"), "4");
    assert_string_equal(header(client, "code"), "BUSY");
    expect(client, "EVENTS");
    assert_string_equal(header(client, "ref"), "3");
    say(client, "FOLLOW", "{\"ref\":\"5\",\"after\":0}", "");
    zmq_stop(world.zmq); /* while it is asked */
    world.zmq = NULL;
    client_close(client);
}

/* --- those who only knock ----------------------------------------------------------------------------- */

#define KNOCKS 5000 /* libzmq keeps 2,000 events of a monitor that nobody reads */

struct flood {
    struct sockaddr_in to;
    atomic_size_t knocks;
    atomic_bool over;
};

/* A health check, a port scan: connects and goes away without a word. */
static bool knock(const struct sockaddr_in *to) {
    struct timeval patience = { .tv_sec = 5 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    bool heard = connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0;
    close(fd);
    return heard;
}

static void *knock_often(void *context) {
    struct flood *flood = context;
    while (atomic_load(&flood->knocks) < KNOCKS && knock(&flood->to)) {
        atomic_fetch_add(&flood->knocks, 1);
    }
    atomic_store(&flood->over, true);
    return NULL;
}

static void flood_start(struct flood *flood, pthread_t *thread, const char *party) {
    *flood = (struct flood){ .to.sin_family = AF_INET };
    char host[64];
    unsigned port;
    assert_int_equal(sscanf(zmq_bound(world.zmq, party), "tcp://%63[0-9.]:%u", host, &port), 2);
    flood->to.sin_port = htons((uint16_t)port);
    assert_int_equal(inet_pton(AF_INET, host, &flood->to.sin_addr), 1);
    assert_int_equal(pthread_create(thread, NULL, knock_often, flood), 0);
}

static bool is_over(void *with) {
    return atomic_load(&((struct flood *)with)->over);
}

/* case 180: nobody of party B has ever said a word; A is served while B's port is knocked at, and
   afterwards. */
static void test_knocking_at_an_absent_partys_port_silences_nobody(void **state) {
    struct flood flood;
    pthread_t thread;
    flood_start(&flood, &thread, "B");
    size_t served = 0;
    while (served == 0 || !is_over(&flood)) {
        struct client *client = connect_as(&world.a, "A");
        say(client, "SUBMIT", "{\"ref\":\"1\"}", "<a/>");
        run_until(has_message, client);
        if (strcmp(client->verb, "RECEIPT") == 0) {
            served++;
        } else { /* it came anew more quickly than was seen that it had gone: so it comes again */
            assert_string_equal(header(client, "code"), "busy");
        }
        client_close(client);
    }
    pthread_join(thread, NULL);
    assert_int_equal(flood.knocks, KNOCKS);
    struct client *newcomer = connect_as(&world.b, "B");
    say(newcomer, "SUBMIT", "{\"ref\":\"1\"}", "<a/>");
    expect(newcomer, "RECEIPT");
    client_close(newcomer);
}

/* case 180: the loop does not run, so the monitor is not read and libzmq waits: stopping waits for
   neither. */
static void test_stopping_while_the_monitor_is_full(void **state) {
    struct flood flood;
    pthread_t thread;
    flood_start(&flood, &thread, "B");
    while (!is_over(&flood)) {
        usleep(1000);
    }
    pthread_join(thread, NULL);
    assert_in_range(flood.knocks, 2000, KNOCKS - 1); /* it really was full */
    alarm(20);
    zmq_stop(world.zmq);
    alarm(0);
    world.zmq = NULL;
}

/* --- submissions ------------------------------------------------------------------------------------- */

static void test_a_submission_gets_its_receipt(void **state) {
    struct client *client = connect_as(&world.a, "A");
    say(client, "SUBMIT", "{\"ref\":\"r-1\",\"format\":\"cn-dec\",\"traceparent\":\"00-aa-bb-01\"}",
        "<DecMessage/>");
    expect(client, "RECEIPT");
    assert_string_equal(fake.party, "A");
    assert_string_equal(fake.format, "cn-dec");
    assert_string_equal(fake.trace, "00-aa-bb-01");
    assert_string_equal(fake.bytes, "<DecMessage/>");
    assert_string_equal(fake.channel, "zmq");
    assert_string_equal(client->headers,
                        "{\"ref\":\"r-1\",\"record\":42,\"verdict\":\"refused\",\"repeated\":true}");
    assert_string_equal(client->body, "{\"receipt\":1}");
    client_close(client);
}

static void test_what_is_not_taken_gets_a_problem(void **state) {
    struct client *client = connect_as(&world.a, "A");
    fake.status = STATUS_BUSY;
    say(client, "SUBMIT", "{\"ref\":\"1\"}", "<a/>");
    expect(client, "PROBLEM");
    assert_string_equal(header(client, "ref"), "1");
    assert_string_equal(header(client, "code"), "BUSY");
    assert_non_null(strstr(client->headers, "\"retry\":true"));
    fake.status = STATUS_TOO_LARGE;
    say(client, "SUBMIT", "{\"ref\":\"2\"}", "<a/>");
    expect(client, "PROBLEM");
    assert_string_equal(header(client, "code"), "TOO_LARGE");
    assert_non_null(strstr(client->headers, "\"retry\":false"));
    fake.status = STATUS_OK;
    fake.holds = true;
    say(client, "SUBMIT", "{\"ref\":\"3\"}", "<a/>");
    for (int i = 0; i < 64; i++) { /* 63 more fit; the next is one too many */
        say(client, "SUBMIT", "{\"ref\":\"4\"}", "<a/>");
    }
    expect(client, "PROBLEM");
    assert_string_equal(header(client, "code"), "BUSY");
    assert_int_equal(fake.count, 64);
    answer_next(STATUS_IO);
    expect(client, "PROBLEM");
    assert_string_equal(header(client, "ref"), "3");
    assert_string_equal(header(client, "code"), "IO");
    say(client, "SUBMIT", "{\"ref\":\"5\"}", "<a/>"); /* its place is free again */
    while (fake.answered < fake.count) {
        answer_next(STATUS_OK);
        expect(client, "RECEIPT");
    }
    client_close(client);
}

static bool is_submitted(void *with) {
    return fake.count > 0;
}

/* As the kernel has it: no connection of this address of ours stands, or waits for us to close it. */
static bool nobody_is_connected(void *with) {
    enum { ESTABLISHED = 1, CLOSE_WAIT = 8 };
    unsigned port, ours = (unsigned)atoi(strrchr(with, ':') + 1), connection;
    char line[256];
    bool nobody = true;
    FILE *table = fopen("/proc/net/tcp", "r");
    assert_non_null(table);
    while (fgets(line, sizeof(line), table)) {
        if (sscanf(line, "%*u: %*8[0-9A-F]:%x %*8[0-9A-F]:%*x %x", &port, &connection) == 2 && port == ours) {
            nobody = nobody && connection != ESTABLISHED && connection != CLOSE_WAIT;
        }
    }
    fclose(table);
    return nobody;
}

static void test_an_answer_to_a_peer_that_has_gone_is_dropped(void **state) {
    struct client *client = connect_as(&world.a, "A");
    char address[64];
    snprintf(address, sizeof(address), "%s", zmq_bound(world.zmq, "A"));
    fake.holds = true;
    say(client, "SUBMIT", "{\"ref\":\"1\"}", "<a/>");
    run_until(is_submitted, NULL);
    assert_false(nobody_is_connected(address));
    client_close(client);
    run_until(nobody_is_connected, address);
    while (fake.answered < fake.count) {
        answer_next(STATUS_OK);
    }
    client = greet(&world.a, ""); /* the line lives on */
    client_close(client);
}

static size_t receipts;

static bool thousand_receipts(void *with) {
    while (receipts < 1000 && has_message(with)) {
        assert_string_equal(((struct client *)with)->verb, "RECEIPT");
        receipts++;
    }
    return receipts == 1000;
}

static void test_a_thousand_in_one_burst(void **state) {
    struct client *client = connect_as(&world.a, "A");
    for (int i = 0; i < 1000; i++) {
        say(client, "SUBMIT", "{\"ref\":\"x\"}", "<a/>");
    }
    run_until(thousand_receipts, client);
    assert_int_equal(fake.count, 1000);
    client_close(client);
}

static void test_malformed_messages_get_a_problem_and_change_nothing(void **state) {
    static char long_headers[5000];
    memset(long_headers, ' ', sizeof(long_headers) - 1);
    const char *const cases[][2] = {
        { "", "" },
        { "hello", "" },
        { "SUBMITX", "{}" },
        { "SUBMIT", "[]" },
        { "SUBMIT", "{" },
        { "SUBMIT", "{\"a\":1,\"a\":1}" },
        { "SUBMIT", long_headers },
        { "ACK", "" },
        { "NACK", "{\"delivery\":7}" },
        { "SUBMIT", "\"x\"" },
        { "HELLO", "{\"\xff\":1}" },
    };
    struct client *client = greet(&world.a, "{\"credit\":3}");
    for (size_t i = 0; i < COUNT(cases); i++) {
        say(client, cases[i][0], cases[i][1], "<a/>");
        expect(client, "PROBLEM");
        assert_string_equal(header(client, "code"), "BAD_INPUT");
    }
    for (int frames = 1; frames <= 12; frames++) {
        for (int i = 1; i < frames; i++) {
            zmq_send(client->socket, "ACK", 3, ZMQ_SNDMORE);
        }
        zmq_send(client->socket, "x", 1, 0);
        expect(client, "PROBLEM");
        assert_string_equal(header(client, "code"), "BAD_INPUT");
    }
    say(client, "SUBMIT", "  {\"ref\":\"1\"}", "<a/>");
    expect(client, "RECEIPT");
    assert_int_equal(fake.count, 1);
    client_close(client);
}

static void test_a_frame_that_is_too_large_closes_the_connection(void **state) {
    struct client *client = greet(&world.a, "");
    char *huge = memory_new(CHECK_BODY_MAX + 1000);
    zmq_send(client->socket, "SUBMIT", 6, ZMQ_SNDMORE);
    zmq_send(client->socket, "", 0, ZMQ_SNDMORE);
    zmq_send(client->socket, huge, CHECK_BODY_MAX + 1000, 0);
    run_until(has_event, client);
    if (client->event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        run_until(has_event, client);
    }
    assert_int_equal(client->event, ZMQ_EVENT_DISCONNECTED);
    assert_int_equal(fake.count, 0);
    free(huge);
    client_close(client);
}

static void test_one_peer_too_many_is_told_so(void **state) {
    struct client *clients[65];
    for (int i = 0; i < 64; i++) {
        clients[i] = greet(&world.a, "{\"credit\":1}");
    }
    clients[64] = connect_as(&world.a, "A");
    say(clients[64], "HELLO", "", "");
    expect(clients[64], "PROBLEM");
    assert_string_equal(header(clients[64], "code"), "BUSY");
    client_close(clients[0]);
    do { /* as soon as the gateway knows that one has gone */
        say(clients[64], "HELLO", "", "");
        run_until(has_message, clients[64]);
    } while (strcmp(clients[64]->verb, "WELCOME") != 0);
    for (int i = 1; i < 65; i++) {
        client_close(clients[i]);
    }
}

/* --- deliveries -------------------------------------------------------------------------------------- */

static void test_a_delivery_is_done_at_its_ack(void **state) {
    struct client *client = greet(&world.a, "{\"credit\":2}");
    assert_string_equal(client->headers, "{\"party\":\"A\",\"credit\":64}");
    assert_int_equal(world.opened, 1);
    deliver(41, "<DecMessage>\r\n</DecMessage>");
    expect(client, "DELIVER");
    assert_int_equal(world.done, 0);
    assert_string_equal(client->body, "<DecMessage>\r\n</DecMessage>");
    assert_string_equal(header(client, "delivery"), "42/A");
    assert_string_equal(header(client, "family"), "declaration");
    assert_string_equal(header(client, "format"), "cn-dec");
    assert_string_equal(header(client, "subject"), "CNQDG/BL1");
    assert_string_equal(header(client, "sender"), "FWD");
    assert_string_equal(header(client, "recorded"), "1970-01-01T08:00:01.000+08:00");
    char digest[80] = "sha256:";
    digest_hex(&deliveries[41].digest, digest + 7);
    assert_string_equal(header(client, "digest"), digest);
    assert_non_null(strstr(client->headers, "\"record\":42,"));
    say(client, "ACK", "{\"delivery\":\"42/A\"}", "");
    wait_done(1);
    assert_int_equal(world.status, STATUS_OK);
    client_close(client);
}

static size_t room(void) {
    const struct port *port = zmq_port(world.zmq);
    return port->room(port->context, parties_find(world.edition.parties, TEXT("A")));
}

static void test_a_decision_is_acknowledged_like_a_message(void **state) {
    struct client *client = greet(&world.a, "{\"credit\":1}");
    decision(0, "<Decision/>");
    expect(client, "DECISION");
    assert_string_equal(client->body, "<Decision/>");
    assert_string_equal(header(client, "delivery"), "1/A");
    assert_string_equal(header(client, "result"), "refused");
    assert_non_null(strstr(client->headers, "\"about\":41,"));
    assert_int_equal(room(), 0);
    assert_int_equal(world.done, 0);
    say(client, "ACK", "{\"delivery\":\"1/A\"}", "");
    wait_done(1);
    assert_int_equal(world.status, STATUS_OK);
    assert_int_equal(room(), 1);
    client_close(client);
}

static void test_a_nack_is_the_receivers_word(void **state) {
    struct client *client = greet(&world.a, "{\"credit\":2}");
    deliver(0, "<a/>");
    say(client, "NACK", "{\"delivery\":\"1/A\",\"reason\":\"not our berth\",\"final\":true}", "");
    wait_done(1);
    assert_int_equal(world.status, STATUS_REFUSED);
    assert_string_equal(world.reason, "not our berth");
    deliver(1, "<a/>");
    say(client, "NACK", "{\"delivery\":\"2/A\"}", "");
    wait_done(2);
    assert_int_equal(world.status, STATUS_BUSY);
    client_close(client);
}

static void test_without_a_receiver_it_is_unavailable(void **state) {
    deliver(0, "<a/>");
    assert_int_equal(world.done, 1);
    assert_int_equal(world.status, STATUS_UNAVAILABLE);
    struct client *client = connect_as(&world.a, "A");
    say(client, "SUBMIT", "{\"ref\":\"1\"}", "<a/>"); /* a sender is no receiver */
    expect(client, "RECEIPT");
    deliver(1, "<a/>");
    assert_int_equal(world.done, 2);
    client_close(client);
}

static bool has_opened(void *with) {
    return world.opened == (size_t)(uintptr_t)with;
}

static void test_credit_is_kept(void **state) {
    assert_int_equal(room(), SIZE_MAX); /* asked, it gives the reason */
    struct client *client = greet(&world.a, "{\"credit\":1}");
    assert_int_equal(room(), 1);
    deliver(0, "<a/>");
    assert_int_equal(room(), 0);
    deliver(1, "<a/>");
    assert_int_equal(world.status, STATUS_BUSY);
    say(client, "CREDIT", "{\"credit\":3}", "");
    run_until(has_opened, (void *)2);
    assert_int_equal(room(), 3);
    say(client, "ACK", "{\"delivery\":\"1/A\"}", ""); /* gives its own back */
    wait_done(2);
    assert_int_equal(room(), 4);
    say(client, "HELLO", "{\"credit\":99999}", "");
    run_until(has_opened, (void *)3);
    assert_int_equal(room(), ZMQ_CREDIT_MAX);
    client_close(client);
}

static void test_a_late_ack_changes_nothing(void **state) {
    struct client *client = greet(&world.a, "{\"credit\":2}");
    const struct port *port = zmq_port(world.zmq);
    struct delivery *delivery = deliver(0, "<a/>");
    expect(client, "DELIVER");
    port->cancel(port->context, delivery);
    memset(delivery, 0xAA, sizeof(*delivery));
    assert_int_equal(room(), 1);
    say(client, "ACK", "{\"delivery\":\"1/A\"}", "");
    say(client, "SUBMIT", "{\"ref\":\"1\"}", "<a/>");
    expect(client, "RECEIPT");
    assert_int_equal(world.done, 0);
    assert_int_equal(room(), 2);
    client_close(client);
}

/* Whether its ACK has come by then or not, it is told no more. */
static void test_what_is_cancelled_while_another_ends(void **state) {
    enum { PAIRS = 100 };
    struct client *client = greet(&world.a, "{\"credit\":2}");
    for (size_t i = 0; i < PAIRS; i++) {
        deliver(2 * i, "<a/>");
        world.cancels = deliver(2 * i + 1, "<a/>");
        for (size_t k = 1; k <= 2; k++) {
            char ack[64];
            expect(client, "DELIVER");
            snprintf(ack, sizeof(ack), "{\"delivery\":\"%zu/A\"}", 2 * i + k);
            say(client, "ACK", ack, "");
        }
        say(client, "SUBMIT", "{\"ref\":\"1\"}", "<a/>");
        expect(client, "RECEIPT");
        assert_int_equal(world.done, i + 1);
        assert_int_equal(room(), 2);
    }
    client_close(client);
}

static void test_a_lost_receiver_is_noticed_and_another_takes_over(void **state) {
    struct client *first = greet(&world.a, "{\"credit\":8}"), *second = greet(&world.a2, "{\"credit\":8}");
    deliver(0, "<a/>");
    deliver(1, "<b/>");
    expect(second, "DELIVER"); /* it said HELLO last */
    client_close(second);
    wait_done(2);
    assert_int_equal(world.status, STATUS_UNAVAILABLE);
    deliver(0, "<a/>");
    expect(first, "DELIVER");
    assert_string_equal(first->body, "<a/>");
    struct client *third = greet(&world.a, "{\"credit\":8}");
    assert_int_equal(world.done, 3); /* what the first had is delivered anew, to the third */
    deliver(0, "<a/>");
    expect(third, "DELIVER");
    say(first, "ACK", "{\"delivery\":\"1/A\"}", ""); /* the party has it, whoever of it says so */
    wait_done(4);
    assert_int_equal(world.status, STATUS_OK);
    client_close(first);
    client_close(third);
    deliver(2, "<c/>");
    wait_done(5);
    assert_int_equal(world.status, STATUS_UNAVAILABLE);
}

static bool thousand_done(void *with) {
    struct client *client = with;
    while (has_message(with)) {
        char headers[64];
        assert_string_equal(client->verb, "DELIVER");
        snprintf(headers, sizeof(headers), "{\"delivery\":\"%s\"}", header(client, "delivery"));
        say(client, "ACK", headers, "");
    }
    return world.done == 1000;
}

static void test_a_thousand_deliveries(void **state) {
    struct client *client = greet(&world.a, "{\"credit\":1024}");
    for (size_t i = 0; i < 1000; i++) {
        deliver(i, "<a/>");
    }
    run_until(thousand_done, client);
    assert_int_equal(room(), 1024);
    client_close(client);
}

static void test_stopping_fails_what_is_under_way(void **state) {
    struct client *client = greet(&world.a, "{\"credit\":2}");
    deliver(0, "<a/>");
    zmq_stop(world.zmq);
    world.zmq = NULL;
    assert_int_equal(world.done, 1);
    assert_int_equal(world.status, STATUS_UNAVAILABLE);
    client_close(client);
}

static void test_long_texts_are_cut_between_characters(void **state) {
    char headers[1024] = "{\"ref\":\"", *at = headers + strlen(headers);
    struct zmq_request request;
    for (int i = 0; i < 60; i++) {
        at = stpcpy(at, "报");
    }
    stpcpy(at, "\",\"credit\":-5,\"final\":1}");
    assert_null(zmq_request_read(TEXT("SUBMIT"), text_of(headers), &request));
    assert_int_equal(strlen(request.ref), 126);
    assert_true(text_is_utf8(text_of(request.ref)));
    assert_int_equal(request.credit, 0);
    assert_false(request.final);
}

/* The short way reads what the long one would: with a blank before it everything goes the long way. */
static void test_an_acknowledgement_is_read_either_way(void **state) {
    char most[256], long_one[512];
    snprintf(most, sizeof(most), "{\"delivery\":\"%0159d\"}", 7);
    snprintf(long_one, sizeof(long_one), "{\"delivery\":\"%0160d\"}", 7);
    const char *const headers[] = {
        "{\"delivery\":\"42/CUS-QD\"}",
        "{\"delivery\": \"42/CUS-QD\"}",
        "{\"delivery\":  \"42/CUS-QD\"}",
        "{\"delivery\":\"42/CUS-QD\" }",
        "{\"delivery\":\"42/CUS-QD\",\"reason\":\"r\",\"final\":true}",
        "{\"delivery\":\"4\\u0032/X\"}",
        "{\"delivery\":\"42/\\\"}",
        "{\"delivery\":\"42/报\"}",
        "{\"delivery\":\"42/\xff\"}",
        "{\"delivery\":\"42/\x01\"}",
        "{\"delivery\":\"\"}",
        "{\"delivery\":\"42\"",
        "{\"delivery\":\"42",
        "{\"delivery\":\"",
        "{\"delivery\":",
        "{\"delivery\":42}",
        "{\"delivery\":\"42\"}}",
        "{\"delivery\":\"42\"} x",
        most,
        long_one,
    };
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
        struct zmq_request request, same;
        char longer[1024];
        snprintf(longer, sizeof(longer), " %s", headers[i]);
        const char *wrong = zmq_request_read(TEXT("ACK"), text_of(headers[i]), &request);
        const char *wrong_too = zmq_request_read(TEXT("ACK"), text_of(longer), &same);
        assert_ptr_equal(wrong, wrong_too);
        assert_memory_equal(&request, &same, sizeof(same));
        assert_true(wrong || *request.delivery);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(test_keys_decide_who_gets_in),
        T(test_nobody_gets_in_while_the_handler_does_not_answer),
        T(test_a_key_file_that_is_none),
        T(test_keys_decide_who_hears),
        T(test_the_gateways_key_changes),
        T(test_a_subscriber_whose_key_is_gone_is_cut_off),
        T(test_a_party_hears_its_own_events_alone),
        T(test_a_slow_subscriber_misses_nothing_in_the_end),
        T(test_what_is_asked_of_events_and_cannot_be),
        T(test_knocking_at_an_absent_partys_port_silences_nobody),
        T(test_stopping_while_the_monitor_is_full),
        T(test_a_submission_gets_its_receipt),
        T(test_what_is_not_taken_gets_a_problem),
        T(test_an_answer_to_a_peer_that_has_gone_is_dropped),
        T(test_a_thousand_in_one_burst),
        T(test_malformed_messages_get_a_problem_and_change_nothing),
        T(test_a_frame_that_is_too_large_closes_the_connection),
        T(test_one_peer_too_many_is_told_so),
        T(test_a_delivery_is_done_at_its_ack),
        T(test_a_decision_is_acknowledged_like_a_message),
        T(test_a_nack_is_the_receivers_word),
        T(test_without_a_receiver_it_is_unavailable),
        T(test_credit_is_kept),
        T(test_a_late_ack_changes_nothing),
        T(test_what_is_cancelled_while_another_ends),
        T(test_a_lost_receiver_is_noticed_and_another_takes_over),
        T(test_a_thousand_deliveries),
        T(test_stopping_fails_what_is_under_way),
#undef T
        cmocka_unit_test(test_long_texts_are_cut_between_characters),
        cmocka_unit_test(test_an_acknowledgement_is_read_either_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
