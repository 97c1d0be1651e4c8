/*
 * Dispatch over a real journal and a real state.db, with a fake transport whose answers the test gives, and a
 * fake engine that applies DELIVERY records to the rows (the real one's way is tested in its own room).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/counters.h"
#include "base/memory.h"
#include "base/store.h"
#include "message/metadata.h"
#include "edition/party.h"
#include "journal/reader.h"
#include "deliver/dispatch.h"
#include "decided_kit.h"
#include "transports_kit.h"
#include "waiting.h"

#define HELD_MAX      256
#define UNDECIDED_MAX 2048
#define JOURNAL_QUEUE 64

/* --- the fake transport ------------------------------------------------------------------------------ */

struct transport {
    struct port port;
    enum status answer[3]; /* by party: what it says at once */
    bool holds[3];         /* or keeps it until the test says more */
    size_t room;
    struct delivery *held[HELD_MAX];
    size_t held_count, cancelled, most_held;
    char parked[256]; /* ids it was told of that are given up */
    char sent[8192];  /* ids in the order sent, each with a blank behind */
    void (*opened)(void *listener, const struct party *party);
    void *listener;
};

static const char parties_text[] =
    "parties:\n"
    "  - { code: A, name: { zh: 甲, en: A }, roles: [customs], deliver: { transport: loopback, to: a } }\n"
    "  - { code: B, name: { zh: 乙, en: B }, roles: [customs], deliver: { transport: loopback, to: b } }\n"
    "  - { code: BLOCKED, name: { zh: 丙, en: X }, roles: [customs], deliver: { transport: loopback, to: x }, blocked: true }\n"
    "  - { code: NOWHERE, name: { zh: 丁, en: N }, roles: [customs] }\n"
    "  - { code: STRANGE, name: { zh: 戊, en: S }, roles: [customs], deliver: { transport: kafka, to: topic } }\n";

static size_t index_of(const struct party *party) {
    return (size_t)(party->address[0] - 'a');
}

static void transport_send(void *context, struct delivery *delivery) {
    struct transport *transport = context;
    size_t length = strlen(transport->sent);
    snprintf(transport->sent + length, sizeof(transport->sent) - length, "%s ", delivery->id);
    size_t who = index_of(delivery->party);
    if (transport->holds[who]) {
        assert_true(transport->held_count < HELD_MAX);
        transport->held[transport->held_count++] = delivery;
        transport->most_held =
            transport->held_count > transport->most_held ? transport->held_count : transport->most_held;
    } else {
        delivery->done(delivery, transport->answer[who], DELIVERY_REASON_NONE, "as told");
    }
}

static void transport_parked(void *context, const struct delivery *delivery, enum delivery_reason reason,
                             const char *words) {
    struct transport *transport = context;
    size_t length = strlen(transport->parked);
    snprintf(transport->parked + length, sizeof(transport->parked) - length, "%s %s ", delivery->id,
             delivery_reason_code(reason));
}

/* Folders: what comes is put away at once, told with the file it answers, unless they hold. */
static void folders_send(void *context, struct delivery *delivery) {
    struct transport *folders = context;
    size_t length = strlen(folders->sent);
    snprintf(folders->sent + length, sizeof(folders->sent) - length, "%s %s ", delivery->id, delivery->file);
    delivery->done(delivery, folders->answer[0], DELIVERY_REASON_NONE, "as told");
}

static bool let_go(struct transport *transport, struct delivery *delivery) {
    for (size_t i = 0; i < transport->held_count; i++) {
        if (transport->held[i] == delivery) {
            memmove(&transport->held[i], &transport->held[i + 1],
                    (--transport->held_count - i) * sizeof(delivery));
            return true;
        }
    }
    return false;
}

static void transport_cancel(void *context, struct delivery *delivery) {
    struct transport *transport = context;
    assert_true(let_go(transport, delivery));
    transport->cancelled++;
}

static size_t transport_room(void *context, const struct party *party) {
    struct transport *transport = context;
    return transport->held_count < transport->room ? transport->room - transport->held_count : 0;
}

static void transport_listen(void *context, void (*opened)(void *listener, const struct party *party),
                             void *listener) {
    struct transport *transport = context;
    transport->opened = opened;
    transport->listener = listener;
}

static void answer(struct transport *transport, const char *id, enum status status) {
    for (size_t i = 0; i < transport->held_count; i++) {
        struct delivery *delivery = transport->held[i];
        if (strcmp(delivery->id, id) == 0) {
            let_go(transport, delivery);
            delivery->done(delivery, status, DELIVERY_REASON_NONE, "as told");
            return;
        }
    }
    fail_msg("%s is not held", id);
}

/* --- the world --------------------------------------------------------------------------------------- */

struct undecided {
    uint64_t record;
    const char *party, *subject, *route, *file;
};

struct world {
    char directory[64];
    struct loop *loop;
    struct journal *journal;
    struct state *state;
    struct reader *engine_reader;
    struct loop_timer *engine_timer, *limit;
    struct arena *arena;
    struct edition edition;
    struct transport transport, folders;
    struct dispatch_options options;
    struct dispatch *dispatch;
    uint64_t position;
    struct undecided undecided[UNDECIDED_MAX];
    size_t undecided_count;
    bool engine_rests, damaged;
    bool ordered; /* the last order's record is durable, or never will be ... */
    enum status order_status;
    bool (*until)(struct world *world);
};

static void apply_result(struct world *world, const struct delivery_result *result, const char *state) {
    struct store_query *query = store_query(
        state_store(world->state),
        "UPDATE deliveries SET state = ?, attempts = ?, reason = ?, words = ?, returns = ?, next = ?"
        " WHERE record = ? AND party = ?");
    store_bind_string(query, 1, state);
    store_bind_int(query, 2, result->attempt);
    store_bind_string(query, 3, delivery_reason_code(result->reason));
    store_bind_string(query, 4, result->words);
    store_bind_int(query, 5, delivery_reason_returns(result->reason));
    store_bind_int(query, 6, result->next);
    store_bind_int(query, 7, (int64_t)result->record);
    store_bind_string(query, 8, result->party);
    assert_int_equal(store_run(query), STATUS_OK);
}

static void apply_record(struct world *world, const struct record *rec) {
    static const char *const states[] = {
#define X(name, text, state, what) state,
        DELIVERY_LIST(X)
#undef X
    };
    if (rec->kind == RECORD_DELIVERY) {
        struct delivery_results results;
        assert_true(delivery_read(rec->meta, world->arena, &results));
        for (size_t i = 0; i < results.count; i++) {
            apply_result(world, &results.list[i], states[results.list[i].outcome]);
        }
    }
    world->position = rec->number;
}

/* The fake engine's turn, every millisecond; also where the test looks whether it has what it waits for. */
static void engine_turn(void *context) {
    struct world *world = context;
    struct record rec;
    while (!world->engine_rests && reader_next(world->engine_reader, &rec) == STATUS_OK) {
        apply_record(world, &rec);
    }
    if (world->dispatch) {
        dispatch_advance(world->dispatch, world->position, false);
    }
    if (world->until && world->until(world)) {
        loop_stop(world->loop);
    }
    loop_timer_start(world->engine_timer, 1);
}

static void too_long(void *context) {
    fail_msg("what the test waits for did not happen");
}

static void decide_all(struct world *world);

static void run_until(struct world *world, bool (*until)(struct world *world)) {
    decide_all(world);
    world->until = until;
    loop_timer_start(world->limit, WAITING_MAX_MS);
    loop_run(world->loop);
    loop_timer_stop(world->limit);
    world->until = NULL;
}

static void start_dispatch(struct world *world) {
    decide_all(world);
    assert_int_equal(dispatch_start(&world->options, &world->dispatch), STATUS_OK);
    dispatch_add_port(world->dispatch, &world->transport.port);
    dispatch_add_port(world->dispatch, &world->folders.port);
    dispatch_advance(world->dispatch, world->position, false);
}

static void stop_dispatch(struct world *world) {
    struct dispatch *dispatch = world->dispatch;
    world->dispatch = NULL; /* the fake engine advances it no more */
    dispatch_stop(dispatch);
}

static void note_ordered(void *context, enum status status, uint64_t number) {
    struct world *world = context;
    world->ordered = true;
    world->order_status = status;
}

static enum status start_order(struct world *world, uint64_t record, const char *party,
                               enum delivery_outcome outcome, const char *words) {
    world->ordered = false;
    return dispatch_order(world->dispatch, record, party, outcome, words, note_ordered, world);
}

static bool is_ordered(struct world *world) {
    return world->ordered;
}

/* An operator's word, until it is recorded. */
static enum status order(struct world *world, uint64_t record, const char *party,
                         enum delivery_outcome outcome, const char *words) {
    enum status status = start_order(world, record, party, outcome, words);
    if (status == STATUS_OK) {
        run_until(world, is_ordered);
        status = world->order_status;
    }
    return status;
}

static struct world *world_new(void) {
    struct world *world = memory_new(sizeof(*world));
    strcpy(world->directory, "/tmp/clearway-dispatch-XXXXXX");
    assert_non_null(mkdtemp(world->directory));
    world->loop = loop_new();
    world->arena = arena_new();
    struct journal_report report;
    struct journal_options journal_options = { .directory = world->directory,
                                               .segment_size = 4 << 20,
                                               .queue_length = JOURNAL_QUEUE };
    assert_int_equal(journal_open(&journal_options, &world->journal, &report), STATUS_OK);
    assert_int_equal(state_open(world->directory, STORE_WRITE, &world->state), STATUS_OK);
    world->engine_reader = reader_new(world->journal);
    assert_int_equal(reader_seek(world->engine_reader, 1), STATUS_OK);
    struct verdict mistakes;
    verdict_init(&mistakes, world->arena);
    world->edition.holds = 1;
    world->edition.parties =
        parties_load(text_of(parties_text), "parties.yaml", kit_transports, world->arena, &mistakes);
    assert_int_equal(mistakes.errors, 0);
    world->transport.room = HELD_MAX;
    world->transport.port = (struct port){ .transport = "loopback",
                                           .context = &world->transport,
                                           .send = transport_send,
                                           .cancel = transport_cancel,
                                           .room = transport_room,
                                           .parked = transport_parked,
                                           .listen = transport_listen };
    world->folders.port = (struct port){
        .transport = "files", .context = &world->folders, .send = folders_send, .cancel = transport_cancel
    };
    world->options = (struct dispatch_options){
        .loop = world->loop,
        .journal = world->journal,
        .directory = world->directory,
        .edition = &world->edition,
        .window = 8,
        .limits = { .attempts = 3, .retry_first_ms = 5, .retry_max_ms = 20, .timeout_ms = 10000 }
    };
    world->engine_timer = loop_timer_new(world->loop, engine_turn, world);
    world->limit = loop_timer_new(world->loop, too_long, world);
    loop_timer_start(world->engine_timer, 1);
    return world;
}

static void world_free(struct world *world) {
    if (world->dispatch) {
        stop_dispatch(world);
    }
    loop_timer_free(world->engine_timer);
    loop_timer_free(world->limit);
    reader_free(world->engine_reader);
    state_close(world->state);
    journal_close(world->journal);
    loop_free(world->loop);
    arena_free(world->arena);
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", world->directory);
    assert_int_equal(system(command), 0);
    free(world);
}

/* A message record with these bytes; returns its number. */
static uint64_t message(struct world *world, struct text bytes) {
    struct metadata metadata = { .env = { .party = "FWD",
                                          .channel = "http",
                                          .format = "",
                                          .file = "",
                                          .trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                          .digest = digest_of(bytes.at, bytes.length),
                                          .size = bytes.length },
                                 .family = "declaration",
                                 .format = "cn-dec",
                                 .id = "1",
                                 .outcome = OUTCOME_ACCEPTED };
    struct buf meta;
    buf_init(&meta, 4096);
    metadata_write(&metadata, &meta);
    struct record rec = { .kind = RECORD_MESSAGE, .meta = buf_text(&meta), .data = bytes };
    assert_int_equal(journal_append(world->journal, &rec, false), STATUS_OK);
    buf_release(&meta);
    return rec.number;
}

/* A destination of a decision, from now on. The decision is recorded, and its row written as the engine does,
 * before dispatch is at work again: so the numbers of messages are those of the order in which the test sends
 * them. */
static void decide(struct world *world, uint64_t record, const char *party, const char *subject) {
    assert_true(world->undecided_count < UNDECIDED_MAX);
    world->undecided[world->undecided_count++] =
        (struct undecided){ .record = record,
                            .party = party,
                            .subject = arena_string(world->arena, subject),
                            .route = "R01",
                            .file = "" };
    world->position++; /* only so that dispatch looks; the fake engine corrects it */
}

/* The same for the refusal of a file of the party's OutBox. */
static void refuse_file(struct world *world, uint64_t record, const char *party, const char *file) {
    decide(world, record, party, "S");
    struct undecided *last = &world->undecided[world->undecided_count - 1];
    last->route = "refused";
    last->file = file;
}

static void put_row(struct world *world, const struct undecided *row, uint64_t decision) {
    struct store_query *query = store_query(
        state_store(world->state),
        "INSERT OR IGNORE INTO deliveries(record, party, decision, route, subject, family, state, updated, since, file, way) "
        "VALUES(?1, ?2, ?3, ?4, ?5, 'declaration', 'waiting', 0, 0, ?6, iif(?6 = '', '', 'files'))");
    store_bind_int(query, 1, (int64_t)row->record);
    store_bind_string(query, 2, row->party);
    store_bind_int(query, 3, (int64_t)decision);
    store_bind_string(query, 4, row->route);
    store_bind_string(query, 5, row->subject);
    store_bind_string(query, 6, row->file);
    assert_int_equal(store_run(query), STATUS_OK);
}

static void decide_all(struct world *world) {
    assert_int_equal(store_begin(state_store(world->state)), STATUS_OK);
    for (size_t i = 0; i < world->undecided_count; i++) {
        const struct undecided *row = &world->undecided[i];
        struct decision decision;
        decision_init(&decision, world->arena, row->record);
        decision_subject(&decision, row->subject);
        decision_send(&decision, row->party, row->record, row->route);
        decision.destinations[0].file = row->file;
        decision.destinations[0].way = *row->file ? "files" : "";
        put_row(world, row, decided_append(world->journal, &decision, TEXT("<Decision/>")));
    }
    assert_int_equal(store_commit(state_store(world->state)), STATUS_OK);
    world->undecided_count = 0;
}

/* "state attempts reason", and behind a colon the words, of one row. */
static const char *row(struct world *world, uint64_t record, const char *party) {
    static char out[512];
    enum status status;
    struct store_query *query =
        store_query(state_store(world->state),
                    "SELECT state, attempts, reason || iif(words = '', '', ': ' || words) FROM deliveries"
                    " WHERE record = ? AND party = ?");
    store_bind_int(query, 1, (int64_t)record);
    store_bind_string(query, 2, party);
    assert_true(store_step(query, &status));
    snprintf(out, sizeof(out), TEXT_FORMAT " %d " TEXT_FORMAT, TEXT_ARGS(store_text(query, 0)),
             (int)store_int(query, 1), TEXT_ARGS(store_text(query, 2)));
    store_reset(query);
    return out;
}

static int64_t rows_waiting(struct world *world) {
    enum status status;
    struct store_query *query =
        store_query(state_store(world->state), "SELECT count(*) FROM deliveries WHERE state = 'waiting'");
    assert_true(store_step(query, &status));
    int64_t count = store_int(query, 0);
    store_reset(query);
    return count;
}

static bool all_is_delivered(struct world *world) {
    enum status status;
    struct store_query *query =
        store_query(state_store(world->state), "SELECT count(*) FROM deliveries WHERE state <> 'delivered'");
    assert_true(store_step(query, &status));
    bool all = store_int(query, 0) == 0;
    store_reset(query);
    return all;
}

static int64_t rows_waiting_at(struct world *world, const char *party) {
    enum status status;
    struct store_query *query = store_query(
        state_store(world->state), "SELECT count(*) FROM deliveries WHERE state = 'waiting' AND party = ?");
    store_bind_string(query, 1, party);
    assert_true(store_step(query, &status));
    int64_t count = store_int(query, 0);
    store_reset(query);
    return count;
}

static bool nothing_waits(struct world *world) {
    return rows_waiting(world) == 0 && dispatch_under_way(world->dispatch) == 0;
}

static bool one_waits(struct world *world) {
    return rows_waiting(world) == 1;
}
static bool something_is_held(struct world *world) {
    return world->transport.held_count > 0;
}
static bool nothing_is_held(struct world *world) {
    return world->transport.held_count == 0;
}
static bool eight_are_held(struct world *world) {
    return world->transport.held_count == 8;
}

/* Record 1 is handed over to A, which does not answer yet. */
static void hold_one(struct world *world) {
    message(world, TEXT("<m/>"));
    decide(world, 1, "A", "S");
    world->transport.holds[0] = true;
    start_dispatch(world);
    run_until(world, something_is_held);
}

static bool b_has_all(struct world *world) {
    return rows_waiting_at(world, "B") == 0;
}

/* --- what is tested ---------------------------------------------------------------------------------- */

static void test_a_message_is_delivered_untouched(void **state) {
    struct world *world = world_new();
    uint64_t record = message(world, TEXT("<DecMessage>\r\n \xe6\xb5\x8b</DecMessage>"));
    decide(world, record, "A", "CNQDG/BL1");
    world->transport.holds[0] = true;
    start_dispatch(world);
    run_until(world, something_is_held);
    const struct delivery *delivery = world->transport.held[0];
    assert_string_equal(delivery->id, "1/A");
    assert_int_equal(delivery->record, 1);
    assert_string_equal(delivery->party->code, "A");
    assert_string_equal(delivery->subject, "CNQDG/BL1");
    assert_string_equal(delivery->family, "declaration");
    assert_string_equal(delivery->format, "cn-dec");
    assert_string_equal(delivery->route, "R01");
    assert_string_equal(delivery->sender, "FWD");
    assert_string_equal(delivery->trace, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_int_equal(delivery->attempt, 1);
    assert_true(delivery->recorded > 0);
    assert_true(text_equal(delivery->data, TEXT("<DecMessage>\r\n \xe6\xb5\x8b</DecMessage>")));
    struct digest digest = digest_of(delivery->data.at, delivery->data.length);
    assert_true(digest_equal(&digest, &delivery->digest));
    answer(&world->transport, "1/A", STATUS_OK);
    run_until(world, nothing_waits);
    assert_string_equal(row(world, record, "A"), "delivered 1 ");
    world_free(world);
}

static void test_the_decision_itself_is_delivered(void **state) {
    struct world *world = world_new();
    struct decision decision;
    decision_init(&decision, world->arena, 1);
    decision_send(&decision, "A", 0, "R01");
    uint64_t number = decided_append(world->journal, &decision, TEXT("<Decision/>"));
    put_row(world,
            &(struct undecided){ .record = number, .party = "A", .subject = "", .route = "R01", .file = "" },
            number);
    world->position++;
    world->transport.holds[0] = true;
    start_dispatch(world);
    run_until(world, something_is_held);
    assert_true(text_equal(world->transport.held[0]->data, TEXT("<Decision/>")));
    assert_string_equal(world->transport.held[0]->sender, "");
    answer(&world->transport, "1/A", STATUS_OK);
    run_until(world, nothing_waits);
    world_free(world);
}

/* Case 01: a party whose transport is dead, or that has none, is told in its folder what became of its
   file. */
static void test_the_refusal_of_a_file_goes_by_the_folder(void **state) {
    struct world *world = world_new();
    uint64_t held = message(world, TEXT("<m/>")), refused = message(world, TEXT("<m/>"));
    world->transport.holds[0] = true;
    decide(world, held, "A", "S"); /* of the same consignment, and before it */
    refuse_file(world, refused, "A", "a.xml");
    refuse_file(world, refused, "NOWHERE", "n.xml");
    start_dispatch(world);
    run_until(world, one_waits);
    assert_string_equal(world->transport.sent, "1/A ");
    assert_string_equal(world->folders.sent, "2/A a.xml 2/NOWHERE n.xml ");
    assert_string_equal(row(world, refused, "A"), "delivered 1 ");
    assert_string_equal(row(world, refused, "NOWHERE"), "delivered 1 ");
    answer(&world->transport, "1/A", STATUS_OK);
    run_until(world, nothing_waits);
    assert_int_equal(order(world, refused, "A", DELIVERY_REDRIVEN, "lost there"), STATUS_OK);
    run_until(world, nothing_waits);
    assert_string_equal(world->transport.sent, "1/A ");
    assert_string_equal(world->folders.sent, "2/A a.xml 2/NOWHERE n.xml 2/A a.xml ");
    world_free(world);
}

/* A party blocked since, or gone: parked with its reason, for somebody to see; a folder that cannot take it,
   too. */
static void test_a_refusal_that_cannot_be_told_is_parked(void **state) {
    struct world *world = world_new();
    uint64_t refused = message(world, TEXT("<m/>"));
    world->folders.answer[0] = STATUS_DENIED;
    refuse_file(world, refused, "A", "a.xml");
    refuse_file(world, refused, "BLOCKED", "b.xml");
    refuse_file(world, refused, "GONE", "g.xml");
    start_dispatch(world);
    run_until(world, nothing_waits);
    assert_string_equal(row(world, refused, "A"), "parked 1 not-allowed: as told");
    assert_string_equal(row(world, refused, "BLOCKED"), "parked 0 party-blocked");
    assert_string_equal(row(world, refused, "GONE"), "parked 0 party-left");
    world_free(world);
}

static void test_order_holds_per_subject(void **state) {
    struct world *world = world_new();
    for (int i = 0; i < 4; i++) {
        uint64_t record = message(world, TEXT("<m/>"));
        decide(world, record, "A", i == 2 ? "OTHER" : "SAME");
    }
    world->transport.holds[0] = true;
    start_dispatch(world);
    run_until(world, something_is_held);
    assert_string_equal(world->transport.sent, "1/A 3/A ");
    answer(&world->transport, "1/A", STATUS_OK);
    world->transport.holds[0] = false;
    answer(&world->transport, "3/A", STATUS_OK);
    run_until(world, nothing_waits);
    assert_string_equal(world->transport.sent, "1/A 3/A 2/A 4/A ");
    world_free(world);
}

static void test_a_dead_destination_delays_nobody(void **state) {
    struct world *world = world_new();
    for (int i = 0; i < 100; i++) {
        uint64_t record = message(world, TEXT("<m/>"));
        decide(world, record, "A", "");
        decide(world, record, "B", "");
    }
    world->transport.holds[0] = true; /* A takes what it gets and never answers */
    start_dispatch(world);
    run_until(world, b_has_all);
    assert_int_equal(world->transport.held_count, 8);
    assert_int_equal(rows_waiting_at(world, "A"), 100);
    world->transport.answer[0] = STATUS_OK;
    world->transport.holds[0] = false;
    while (world->transport.held_count) {
        answer(&world->transport, world->transport.held[0]->id, STATUS_OK);
    }
    run_until(world, nothing_waits);
    assert_int_equal(world->transport.most_held, 8);
    world_free(world);
}

static void test_after_its_attempts_it_is_parked_and_can_be_redriven(void **state) {
    struct world *world = world_new();
    uint64_t record = message(world, TEXT("<m/>"));
    decide(world, record, "A", "S");
    world->transport.answer[0] = STATUS_BUSY;
    start_dispatch(world);
    run_until(world, nothing_waits);
    assert_string_equal(world->transport.sent, "1/A 1/A 1/A ");
    assert_string_equal(row(world, record, "A"), "parked 3 receiver-busy: as told");

    world->transport.answer[0] = STATUS_OK;
    assert_int_equal(order(world, record, "A", DELIVERY_REDRIVEN, "mended"), STATUS_OK);
    run_until(world, nothing_waits);
    assert_string_equal(world->transport.sent, "1/A 1/A 1/A 1/A ");
    assert_string_equal(row(world, record, "A"), "delivered 1 ");

    assert_int_equal(order(world, record, "A", DELIVERY_REDRIVEN, "lost there"), STATUS_OK);
    run_until(world, nothing_waits); /* delivered ones can be sent again as well, under the same id */
    assert_string_equal(world->transport.sent, "1/A 1/A 1/A 1/A 1/A ");
    assert_int_equal(order(world, record, "B", DELIVERY_REDRIVEN, ""), STATUS_NOT_FOUND);
    assert_int_equal(order(world, 99, "A", DELIVERY_REDRIVEN, ""), STATUS_NOT_FOUND);
    world_free(world);
}

static void test_what_the_receiver_refuses_is_parked_at_once(void **state) {
    struct world *world = world_new();
    uint64_t record = message(world, TEXT("<m/>"));
    decide(world, record, "A", "S");
    world->transport.answer[0] = STATUS_REFUSED;
    start_dispatch(world);
    run_until(world, nothing_waits);
    assert_string_equal(row(world, record, "A"), "parked 1 receiver-refused: as told");
    world_free(world);
}

static bool one_failed(struct world *world) {
    return strncmp(row(world, 1, "A"), "waiting 1", 9) == 0 && dispatch_under_way(world->dispatch) == 0;
}

static void test_dropped_is_never_sent_again(void **state) {
    struct world *world = world_new();
    message(world, TEXT("<m/>"));
    message(world, TEXT("<m/>"));
    decide(world, 1, "A", "S");
    decide(world, 2, "A", "S");
    world->options.limits.retry_first_ms = world->options.limits.retry_max_ms = 100000;
    world->transport.answer[0] = STATUS_BUSY;
    start_dispatch(world);
    run_until(world, one_failed);
    world->transport.answer[0] = STATUS_OK;
    assert_int_equal(order(world, 1, "A", DELIVERY_DROPPED, "sent by courier"), STATUS_OK);
    run_until(world, nothing_waits);
    assert_string_equal(world->transport.sent, "1/A 2/A ");
    assert_string_equal(row(world, 1, "A"), "dropped 0 operator: sent by courier");
    world_free(world);
}

/* Bug 55: what the receiver had acknowledged was shown as dropped. */
static void test_what_is_delivered_cannot_be_dropped(void **state) {
    struct world *world = world_new();
    message(world, TEXT("<m/>"));
    decide(world, 1, "A", "S");
    start_dispatch(world);
    run_until(world, nothing_waits);
    assert_int_equal(order(world, 1, "A", DELIVERY_DROPPED, "too late"), STATUS_CONFLICT);
    assert_string_equal(row(world, 1, "A"), "delivered 1 ");
    world_free(world);
}

static void test_a_failure_does_not_undo_a_drop(void **state) {
    struct world *world = world_new();
    hold_one(world);
    world->engine_rests = true;
    assert_int_equal(order(world, 1, "A", DELIVERY_DROPPED, "no"), STATUS_OK);
    answer(&world->transport, "1/A", STATUS_UNAVAILABLE);
    world->engine_rests = false;
    run_until(world, nothing_waits);
    assert_string_equal(row(world, 1, "A"), "dropped 0 operator: no");
    assert_string_equal(world->transport.sent, "1/A ");
    world_free(world);
}

static bool sent_twice(struct world *world) {
    return strcmp(world->transport.sent, "1/A 1/A ") == 0;
}

static void test_no_answer_in_time_is_tried_again(void **state) {
    struct world *world = world_new();
    message(world, TEXT("<m/>"));
    decide(world, 1, "A", "S");
    world->transport.holds[0] = true;
    world->options.limits.timeout_ms = 30;
    start_dispatch(world);
    run_until(world, sent_twice);
    assert_int_equal(world->transport.cancelled, 1);
    assert_int_equal(world->transport.held_count, 1);
    answer(&world->transport, "1/A", STATUS_OK);
    run_until(world, nothing_waits);
    assert_string_equal(row(world, 1, "A"), "delivered 2 ");
    world_free(world);
}

static void test_a_restart_sends_again_what_still_waits(void **state) {
    struct world *world = world_new();
    for (int i = 0; i < 20; i++) {
        decide(world, message(world, TEXT("<m/>")), "A", "");
    }
    world->transport.holds[0] = true;
    start_dispatch(world);
    run_until(world, eight_are_held);
    answer(&world->transport, "1/A", STATUS_OK);
    while (world->transport.held_count > 3) {
        answer(&world->transport, world->transport.held[0]->id, STATUS_OK);
    }
    world->transport.holds[0] = false;
    while (world->transport.held_count) {
        answer(&world->transport, world->transport.held[0]->id, STATUS_UNAVAILABLE);
    }
    stop_dispatch(world); /* results in hand are recorded, nothing more is sent */
    size_t sent = strlen(world->transport.sent);
    start_dispatch(world);
    run_until(world, nothing_waits);
    assert_true(strlen(world->transport.sent) > sent);
    assert_null(strstr(world->transport.sent + sent, " 1/A "));
    for (uint64_t record = 1; record <= 20; record++) {
        assert_memory_equal(row(world, record, "A"), "delivered", 9);
    }
    world_free(world);
}

static void test_attempts_and_rest_survive_a_restart(void **state) {
    struct world *world = world_new();
    message(world, TEXT("<m/>"));
    decide(world, 1, "A", "S");
    world->options.limits.retry_first_ms = world->options.limits.retry_max_ms = 100000;
    world->transport.answer[0] = STATUS_UNAVAILABLE;
    start_dispatch(world);
    run_until(world, one_failed);
    stop_dispatch(world);
    world->transport.answer[0] = STATUS_OK;
    decide(world, message(world, TEXT("<m/>")), "B", "S");
    start_dispatch(world);
    run_until(world, b_has_all);
    assert_string_equal(world->transport.sent, "1/A 4/B ");
    world->transport.opened(world->transport.listener,
                            parties_find(world->edition.parties, TEXT("A"))); /* it keeps its time */
    assert_int_equal(order(world, 1, "A", DELIVERY_REDRIVEN, ""), STATUS_OK);
    run_until(world, nothing_waits);
    assert_string_equal(world->transport.sent, "1/A 4/B 1/A ");
    world_free(world);
}

static void test_stopping_cancels_what_nobody_answers(void **state) {
    struct world *world = world_new();
    hold_one(world);
    stop_dispatch(world); /* takes the five seconds it grants */
    assert_int_equal(world->transport.cancelled, 1);
    assert_int_equal(world->transport.held_count, 0);
    assert_string_equal(row(world, 1, "A"), "waiting 0 ");
    world_free(world);
}

static void test_who_cannot_be_served_is_parked_not_rerouted(void **state) {
    static const struct {
        const char *party, *reason;
    } cases[] = {
        { "BLOCKED", "parked 0 party-blocked" },
        { "NOWHERE", "parked 0 no-transport" },
        { "STRANGE", "parked 0 transport-not-running" },
        { "GONE", "parked 0 party-left" },
    };
    struct world *world = world_new();
    message(world, TEXT("<m/>"));
    for (size_t i = 0; i < 4; i++) {
        decide(world, 1, cases[i].party, "S");
    }
    start_dispatch(world);
    run_until(world, nothing_waits);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(row(world, 1, cases[i].party), cases[i].reason);
    }
    assert_string_equal(world->transport.sent, "");
    world_free(world);
}

/* Case 280: what was decided for a party while it could not be served is parked, and nothing leaves. Once it
 * can be served (here: it is unblocked, and back in the edition) all of it goes, in the order decided and
 * before what comes later. */
static void test_who_can_be_served_again_gets_what_was_parked(void **state) {
    static const char served_again[] =
        "parties:\n"
        "  - { code: BLOCKED, name: { zh: 丙, en: X }, roles: [customs], deliver: { transport: loopback, to: a } }\n"
        "  - { code: GONE, name: { zh: 丁, en: G }, roles: [customs], deliver: { transport: loopback, to: b } }\n";
    struct world *world = world_new();
    struct verdict mistakes;
    for (int i = 0; i < 3; i++) {
        uint64_t record = message(world, TEXT("<m/>"));
        decide(world, record, "BLOCKED", "SAME");
        decide(world, record, "GONE", "SAME");
    }
    for (int life = 0; life < 2; life++) { /* a restart alone brings nothing back */
        start_dispatch(world);
        run_until(world, nothing_waits);
        stop_dispatch(world);
        assert_string_equal(row(world, 2, "BLOCKED"), "parked 0 party-blocked");
        assert_string_equal(row(world, 2, "GONE"), "parked 0 party-left");
        assert_string_equal(world->transport.sent, "");
    }
    uint64_t later = message(world, TEXT("<m/>"));
    decide(world, later, "BLOCKED", "SAME");
    verdict_init(&mistakes, world->arena);
    world->edition.parties =
        parties_load(text_of(served_again), "parties.yaml", kit_transports, world->arena, &mistakes);
    assert_int_equal(mistakes.errors, 0);
    start_dispatch(world);
    run_until(world, all_is_delivered);
    const char *expected =
        arena_printf(world->arena, "1/BLOCKED 2/BLOCKED 3/BLOCKED %" PRIu64 "/BLOCKED ", later);
    char sent[sizeof(world->transport.sent)];
    const char *of_blocked = "";
    strcpy(sent, world->transport.sent);
    for (char *id = strtok(sent, " "); id; id = strtok(NULL, " ")) {
        of_blocked = strstr(id, "BLOCKED") ? arena_printf(world->arena, "%s%s ", of_blocked, id) : of_blocked;
    }
    assert_string_equal(of_blocked, expected);
    assert_string_equal(row(world, 3, "GONE"), "delivered 1 ");
    world_free(world);
}

/* Case 500: the party left the edition, or got another transport, while a delivery was in flight that was
 * then refused: the port that has it hears that it is parked, not the one that would serve the party now. */
static void test_what_is_parked_after_a_change_is_told_to_the_port_that_had_it(void **state) {
    static const char *const after[] = {
        "parties:\n"
        "  - { code: B, name: { zh: 乙, en: B }, roles: [customs], deliver: { transport: loopback, to: b } }\n",
        "parties:\n"
        "  - { code: A, name: { zh: 甲, en: A }, roles: [customs], files: { folder: /a }, deliver: { transport: files } }\n",
    };
    for (size_t i = 0; i < sizeof(after) / sizeof(*after); i++) {
        struct world *world = world_new();
        struct verdict mistakes;
        struct edition changed = { .holds = 1 };
        verdict_init(&mistakes, world->arena);
        changed.parties =
            parties_load(text_of(after[i]), "parties.yaml", kit_transports, world->arena, &mistakes);
        assert_int_equal(mistakes.errors, 0);
        hold_one(world);
        dispatch_change(world->dispatch, &changed);
        answer(&world->transport, "1/A", STATUS_REFUSED);
        run_until(world, nothing_waits);
        assert_string_equal(world->transport.parked, "1/A receiver-refused ");
        assert_string_equal(row(world, 1, "A"), "parked 1 receiver-refused: as told");
        stop_dispatch(world);
        world_free(world);
    }
}

/* --- another edition ----------------------------------------------------------------------------------- */

/* Of these parties; its digest begins with the mark. */
static const struct edition *edition_of(struct world *world, const char *parties, char mark) {
    struct edition *edition = arena_alloc(world->arena, sizeof(*edition));
    struct verdict mistakes;
    verdict_init(&mistakes, world->arena);
    *edition = (struct edition){ .holds = 1 };
    edition->digest.bytes[0] = (uint8_t)mark;
    edition->parties =
        parties_load(text_of(parties), "parties.yaml", kit_transports, world->arena, &mistakes);
    assert_int_equal(mistakes.errors, 0);
    return edition;
}

/* "1/A:delivered@N ": each outcome in the journal's order, with the mark of the edition it went by. */
static const char *outcomes(struct world *world) {
    struct reader *reader = reader_new(world->journal);
    struct record rec;
    const char *told = "";
    assert_int_equal(reader_seek(reader, 1), STATUS_OK);
    while (reader_next(reader, &rec) == STATUS_OK) {
        struct delivery_results results = { .count = 0 };
        if (rec.kind == RECORD_DELIVERY) {
            assert_true(delivery_read(rec.meta, world->arena, &results));
        }
        for (size_t i = 0; i < results.count; i++) {
            const struct delivery_result *result = &results.list[i];
            char mark = (char)result->edition.bytes[0];
            told = arena_printf(world->arena, "%s%" PRIu64 "/%s:%d@%c ", told, result->record, result->party,
                                (int)result->outcome, mark ? mark : '-');
        }
    }
    reader_free(reader);
    return told;
}

static void assert_outcome(const char *told, uint64_t record, const char *party,
                           enum delivery_outcome outcome, char mark) {
    char one[64];
    snprintf(one, sizeof(one), "%" PRIu64 "/%s:%d@%c ", record, party, (int)outcome, mark);
    if (!strstr(told, one)) {
        fail_msg("%s is not among %s", one, told);
    }
}

static bool only_first_is_open(struct world *world) {
    return strcmp(row(world, 2, "A"), "parked 0 party-blocked") == 0
           && strcmp(row(world, 1, "B"), "delivered 1 ") == 0;
}

static bool first_is_delivered(struct world *world) {
    return strcmp(row(world, 1, "A"), "delivered 1 ") == 0;
}

/* case 564: from a change of edition on it says who is served, and where. What is in flight ends by the one
 * it was handed over by; what waited for a party that is blocked now is parked, and goes at its place, to
 * the party's address of that day, once it is served again. */
static void test_another_edition_says_who_is_served_and_where(void **state) {
    static const char blocked[] =
        "parties:\n"
        "  - { code: A, name: { zh: 甲, en: A }, roles: [customs], deliver: { transport: loopback, to: a }, blocked: true }\n"
        "  - { code: B, name: { zh: 乙, en: B }, roles: [customs], deliver: { transport: loopback, to: b } }\n";
    static const char moved[] =
        "parties:\n"
        "  - { code: A, name: { zh: 甲, en: A }, roles: [customs], deliver: { transport: loopback, to: c } }\n"
        "  - { code: B, name: { zh: 乙, en: B }, roles: [customs], deliver: { transport: loopback, to: b } }\n";
    struct world *world = world_new();
    const struct edition *editions[] = { edition_of(world, blocked, 'x'), edition_of(world, moved, 'y') };
    message(world, TEXT("<m/>"));
    message(world, TEXT("<m/>"));
    decide(world, 1, "A", "S");
    decide(world, 2, "A", "S");
    world->transport.holds[0] = true;
    start_dispatch(world);
    run_until(world, something_is_held);
    const struct party *handed_over_by = world->transport.held[0]->party;
    dispatch_change(world->dispatch, editions[0]);
    decide(world, 1, "B", "S");
    run_until(world, only_first_is_open);
    assert_int_equal(world->transport.held_count, 1);
    assert_ptr_equal(world->transport.held[0]->party, handed_over_by);
    assert_false(handed_over_by->blocked);
    answer(&world->transport, "1/A", STATUS_OK);
    run_until(world, first_is_delivered);
    uint64_t later = message(world, TEXT("<m/>"));
    decide(world, later, "A", "S");
    dispatch_change(world->dispatch, editions[1]);
    run_until(world, all_is_delivered);
    assert_string_equal(world->transport.sent,
                        arena_printf(world->arena, "1/A 1/B 2/A %" PRIu64 "/A ", later));
    assert_int_equal(world->transport.held_count, 0); /* at `a` they would be held */
    const char *told = outcomes(world);
    assert_outcome(told, 1, "A", DELIVERY_DELIVERED, '-');
    assert_outcome(told, 1, "B", DELIVERY_DELIVERED, 'x');
    assert_outcome(told, 2, "A", DELIVERY_PARKED, 'x');
    assert_outcome(told, 2, "A", DELIVERY_DELIVERED, 'y');
    assert_outcome(told, later, "A", DELIVERY_DELIVERED, 'y');
    stop_dispatch(world);
    world_free(world);
}

/* The same parties under another digest: nothing is parked, sent again or overtaken by it. */
static void test_changes_under_load_lose_and_double_nothing(void **state) {
    enum { RECORDS = 60 };
    struct world *world = world_new();
    start_dispatch(world);
    for (int i = 0; i < RECORDS; i++) {
        uint64_t record = message(world, TEXT("<m/>"));
        decide(world, record, "A", i % 2 ? "S" : "T");
        decide(world, record, "B", "S");
        if (i % 10 == 9) {
            decide_all(world);
            dispatch_change(world->dispatch, edition_of(world, parties_text, (char)('a' + i / 10)));
        }
    }
    run_until(world, all_is_delivered);
    const char *told = outcomes(world);
    size_t count = 0;
    for (const char *at = told; (at = strchr(at, '@')); at++) {
        assert_int_equal(at[-1], '0' + DELIVERY_DELIVERED);
        count++;
    }
    assert_int_equal(count, 2 * RECORDS);
    stop_dispatch(world);
    world_free(world);
}

static void test_a_record_that_is_no_message_is_parked(void **state) {
    struct world *world = world_new();
    struct record rec = { .kind = RECORD_TICK, .meta = TEXT("{}") };
    assert_int_equal(journal_append(world->journal, &rec, false), STATUS_OK);
    decide(world, rec.number, "A", "");
    start_dispatch(world);
    run_until(world, nothing_waits);
    assert_string_equal(row(world, rec.number, "A"), "parked 1 record-unreadable");
    world_free(world);
}

static bool two_are_held(struct world *world) {
    return world->transport.held_count == 2;
}

static void test_room_is_kept_and_opened_brings_more(void **state) {
    struct world *world = world_new();
    for (int i = 0; i < 5; i++) {
        decide(world, message(world, TEXT("<m/>")), "A", "");
    }
    world->transport.holds[0] = true;
    world->transport.room = 2;
    start_dispatch(world);
    run_until(world, two_are_held);
    assert_string_equal(world->transport.sent, "1/A 2/A ");
    world->transport.room = HELD_MAX;
    world->transport.holds[0] = false;
    world->transport.opened(world->transport.listener, parties_find(world->edition.parties, TEXT("A")));
    answer(&world->transport, "1/A", STATUS_OK);
    answer(&world->transport, "2/A", STATUS_OK);
    run_until(world, nothing_waits);
    world_free(world);
}

static void test_bytes_under_way_are_bounded_and_leave_room_for_others(void **state) {
    struct world *world = world_new();
    struct text big = { memory_new(3 << 20), 3 << 20 };
    for (int i = 0; i < 4; i++) {
        decide(world, message(world, big), "A", "");
    }
    decide(world, message(world, TEXT("<m/>")), "B", "");
    world->transport.holds[0] = true;
    start_dispatch(world);
    run_until(world, b_has_all);
    assert_int_equal(world->transport.held_count, 2); /* 3 MiB are below its share of 4, 6 are not */
    world->transport.holds[0] = false;
    answer(&world->transport, "1/A", STATUS_OK);
    answer(&world->transport, "2/A", STATUS_OK);
    run_until(world, nothing_waits);
    free((char *)big.at);
    world_free(world);
}

static bool all_are_held(struct world *world) {
    return world->transport.held_count == 201;
}

/* However wide the window: behind the first 64 the others have their turn, and the rest goes without being
   called. */
static void test_one_turn_sends_so_many_to_one_destination(void **state) {
    struct world *world = world_new();
    world->options.window = HELD_MAX;
    world->engine_rests = true;
    world->transport.holds[0] = world->transport.holds[1] = true;
    for (int i = 0; i < 200; i++) {
        decide(world, message(world, TEXT("<m/>")), "A", "");
    }
    decide(world, message(world, TEXT("<m/>")), "B", "");
    start_dispatch(world);
    run_until(world, all_are_held);
    assert_non_null(strstr(world->transport.sent, " 64/A 201/B 65/A "));
    for (int i = 0; i < 200; i++) {
        char id[16];
        snprintf(id, sizeof(id), "%d/A", i + 1);
        answer(&world->transport, id, STATUS_OK);
    }
    answer(&world->transport, "201/B", STATUS_OK);
    world->engine_rests = false;
    run_until(world, nothing_waits);
    world_free(world);
}

static void test_thousands_of_rows_pass_through_small_windows(void **state) {
    struct world *world = world_new();
    int64_t before = counter_get(COUNTER_DELIVERED);
    uint64_t record = message(world, TEXT("<m/>"));
    for (int i = 0; i < 2000; i++) { /* one record to one party only once: the key needs other numbers */
        if (i % 100 == 0 && i > 0) {
            record = message(world, TEXT("<m/>"));
        }
        char subject[16];
        snprintf(subject, sizeof(subject), "S%d", i % 7);
        decide(world, record, i % 2 ? "A" : "B", subject);
    }
    decide_all(world);
    int64_t rows = rows_waiting(world);
    start_dispatch(world);
    run_until(world, nothing_waits);
    assert_int_equal(counter_get(COUNTER_DELIVERED) - before, rows);
    assert_true(nothing_is_held(world));
    world_free(world);
}

static bool has_found_damage(struct world *world) {
    return world->damaged;
}

static void note_damage(void *context) {
    struct world *world = context;
    world->damaged = true;
}

/* Case 210: one character of a row changed. Nothing leaves, nothing is recorded, whoever it names now, and it
   is told. */
static void test_a_row_that_its_decision_does_not_confirm_sends_nothing(void **state) {
    static const char *const changes[] = {
        "UPDATE deliveries SET party = 'B'",
        "UPDATE deliveries SET party = 'BLOCKED'",
        "UPDATE deliveries SET party = 'GONE'",
        "UPDATE deliveries SET record = 2",
        "UPDATE deliveries SET record = 999",
        "UPDATE deliveries SET record = decision",
        "UPDATE deliveries SET decision = 2",
        "UPDATE deliveries SET decision = 0",
        "UPDATE deliveries SET decision = 4",
        "UPDATE deliveries SET decision = 999",
        "UPDATE deliveries SET route = 'R02'",
        "UPDATE deliveries SET subject = 's'",
        "UPDATE deliveries SET subject = printf('%.5000c', 'S')",
        "UPDATE deliveries SET file = 'a.xml', way = 'files'",
        "UPDATE deliveries SET way = 'files'",
        "UPDATE deliveries SET file = 'A'",
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        struct world *world = world_new();
        message(world, TEXT("<m/>"));
        message(world, TEXT("<other/>"));
        decide(world, 1, "A", "S");       /* record 3 */
        decide(world, 2, "STRANGE", "S"); /* record 4 */
        decide_all(world);
        assert_int_equal(store_exec(state_store(world->state), "DELETE FROM deliveries WHERE record = 2"),
                         STATUS_OK);
        assert_int_equal(store_exec(state_store(world->state), changes[i]), STATUS_OK);
        world->options.on_damage = note_damage;
        world->options.context = world;
        start_dispatch(world);
        run_until(world, has_found_damage);
        stop_dispatch(world);
        assert_string_equal(world->transport.sent, "");
        assert_string_equal(world->folders.sent, "");
        assert_int_equal(rows_waiting(world), 1);
        assert_int_equal(journal_durable(world->journal), 4);
        world_free(world);
    }
}

/* What the row says besides is not used: the family is the record's own. */
static void test_the_family_is_the_records_own(void **state) {
    struct world *world = world_new();
    message(world, TEXT("<m/>"));
    decide(world, 1, "A", "S");
    decide_all(world);
    assert_int_equal(store_exec(state_store(world->state), "UPDATE deliveries SET family = 'decision'"),
                     STATUS_OK);
    world->transport.holds[0] = true;
    start_dispatch(world);
    run_until(world, something_is_held);
    assert_string_equal(world->transport.held[0]->family, "declaration");
    answer(&world->transport, "1/A", STATUS_OK);
    run_until(world, nothing_waits);
    world_free(world);
}

/* --- a journal that takes nothing ---------------------------------------------------------------------- */

/* Entries that never become records; the first keeps the sequencer until the test lets it go. */
struct crowd {
    struct entry entries[1 + JOURNAL_QUEUE];
    sem_t first_is_in, may_go, done;
};

static enum admit keep_the_sequencer(struct entry *entry, void *context) {
    struct crowd *crowd = context;
    if (entry == crowd->entries) {
        sem_post(&crowd->first_is_in);
        while (sem_wait(&crowd->may_go) < 0) {
            /* a signal came */
        }
    }
    entry->turned_away = STATUS_BUSY;
    return ADMIT_TURN_AWAY;
}

static void crowd_done(struct entry *entry, enum status status, void *context) {
    struct crowd *crowd = context;
    sem_post(&crowd->done);
}

static void wait_for(sem_t *semaphore) {
    while (sem_wait(semaphore) < 0) {
        /* a signal came */
    }
}

/* The first `count` of them. */
static void crowd_the_journal(struct world *world, struct crowd *crowd, size_t count) {
    sem_init(&crowd->first_is_in, 0, 0);
    sem_init(&crowd->may_go, 0, 0);
    sem_init(&crowd->done, 0, 0);
    for (size_t i = 0; i < count; i++) {
        crowd->entries[i] = (struct entry){
            .rec = { .kind = RECORD_TICK }, .admit = keep_the_sequencer, .done = crowd_done, .context = crowd
        };
        assert_int_equal(journal_try_submit(world->journal, &crowd->entries[i]), STATUS_OK);
        if (i == 0) {
            wait_for(&crowd->first_is_in);
        }
    }
}

static void fill_the_journal(struct world *world, struct crowd *crowd) {
    crowd_the_journal(world, crowd, 1 + JOURNAL_QUEUE);
}

static void wait_for_all(struct crowd *crowd) {
    for (size_t i = 0; i <= JOURNAL_QUEUE; i++) {
        wait_for(&crowd->done);
    }
}

/* case 300: an outcome comes while the journal's queue is full. The loop thread does not wait for room, which
 * would keep every sender and receiver from being served; the outcome is offered again, and recorded. */
static void test_a_full_journal_does_not_hold_up_the_loop(void **state) {
    struct world *world = world_new();
    struct crowd crowd;
    hold_one(world);
    fill_the_journal(world, &crowd);
    answer(&world->transport, "1/A", STATUS_OK); /* comes back, though nobody makes room */
    assert_int_equal(dispatch_under_way(world->dispatch), 1);
    assert_int_equal(journal_durable(world->journal), 2);
    sem_post(&crowd.may_go);
    run_until(world, nothing_waits);
    assert_string_equal(row(world, 1, "A"), "delivered 1 ");
    wait_for_all(&crowd);
    world_free(world);
}

/* The same at a stop: what the journal does not take in time is forgotten, and sent again after the
 * restart. */
static void test_a_full_journal_does_not_hold_up_the_stop(void **state) {
    struct world *world = world_new();
    struct crowd crowd;
    hold_one(world);
    fill_the_journal(world, &crowd);
    answer(&world->transport, "1/A", STATUS_OK);
    stop_dispatch(world);
    sem_post(&crowd.may_go);
    wait_for_all(&crowd);
    assert_int_equal(journal_durable(world->journal), 2);
    start_dispatch(world);
    run_until(world, something_is_held);
    answer(&world->transport, "1/A", STATUS_OK);
    run_until(world, nothing_waits);
    world_free(world);
}

static bool b_has_one(struct world *world) {
    return strstr(world->transport.sent, "/B ") != NULL;
}

/* case 400: an operator's order while the journal takes its time (a disk that is full, or slow). The loop
 * thread waited for the record, and every sender and receiver with it: it goes on, and the operator is
 * answered when the record is durable. No failure that comes meanwhile undoes the order. */
static void test_an_order_does_not_hold_up_the_loop(void **state) {
    struct world *world = world_new();
    struct crowd crowd;
    message(world, TEXT("<m/>"));
    message(world, TEXT("<m/>"));
    decide(world, 1, "A", "S");
    world->transport.holds[0] = world->transport.holds[1] = true;
    start_dispatch(world);
    run_until(world, something_is_held);
    decide(world, 2, "B", "S");
    decide_all(world);
    crowd_the_journal(world, &crowd, 1);
    assert_int_equal(start_order(world, 1, "A", DELIVERY_DROPPED, "no"), STATUS_OK);
    answer(&world->transport, "1/A", STATUS_UNAVAILABLE);
    run_until(world, b_has_one); /* others are served */
    assert_false(world->ordered);
    assert_int_equal(dispatch_under_way(world->dispatch), 2);
    sem_post(&crowd.may_go);
    run_until(world, is_ordered);
    assert_int_equal(world->order_status, STATUS_OK);
    answer(&world->transport, "2/B", STATUS_OK);
    run_until(world, nothing_waits);
    assert_string_equal(row(world, 1, "A"), "dropped 0 operator: no");
    assert_string_equal(world->transport.sent, "1/A 2/B ");
    wait_for(&crowd.done);
    world_free(world);
}

/* The same where the journal's queue has no place: the operator is told to come again. */
static void test_an_order_that_finds_no_place_is_told_so(void **state) {
    struct world *world = world_new();
    struct crowd crowd;
    hold_one(world);
    fill_the_journal(world, &crowd);
    assert_int_equal(order(world, 1, "A", DELIVERY_DROPPED, "no"), STATUS_BUSY);
    sem_post(&crowd.may_go);
    wait_for_all(&crowd);
    answer(&world->transport, "1/A", STATUS_OK); /* and nothing was dropped */
    run_until(world, nothing_waits);
    assert_string_equal(row(world, 1, "A"), "delivered 1 ");
    world_free(world);
}

/* At a stop an order that the sequencer has is waited for, and its operator told. */
static void test_a_stop_waits_for_an_order(void **state) {
    struct world *world = world_new();
    hold_one(world);
    assert_int_equal(start_order(world, 1, "A", DELIVERY_REDRIVEN, "again"), STATUS_OK);
    answer(&world->transport, "1/A", STATUS_OK);
    stop_dispatch(world);
    assert_true(world->ordered);
    assert_int_equal(world->order_status, STATUS_OK);
    world_free(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row_that_its_decision_does_not_confirm_sends_nothing),
        cmocka_unit_test(test_the_family_is_the_records_own),
        cmocka_unit_test(test_a_message_is_delivered_untouched),
        cmocka_unit_test(test_the_decision_itself_is_delivered),
        cmocka_unit_test(test_the_refusal_of_a_file_goes_by_the_folder),
        cmocka_unit_test(test_a_refusal_that_cannot_be_told_is_parked),
        cmocka_unit_test(test_order_holds_per_subject),
        cmocka_unit_test(test_a_dead_destination_delays_nobody),
        cmocka_unit_test(test_after_its_attempts_it_is_parked_and_can_be_redriven),
        cmocka_unit_test(test_what_the_receiver_refuses_is_parked_at_once),
        cmocka_unit_test(test_an_order_does_not_hold_up_the_loop),
        cmocka_unit_test(test_an_order_that_finds_no_place_is_told_so),
        cmocka_unit_test(test_a_stop_waits_for_an_order),
        cmocka_unit_test(test_dropped_is_never_sent_again),
        cmocka_unit_test(test_a_failure_does_not_undo_a_drop),
        cmocka_unit_test(test_what_is_delivered_cannot_be_dropped),
        cmocka_unit_test(test_no_answer_in_time_is_tried_again),
        cmocka_unit_test(test_a_restart_sends_again_what_still_waits),
        cmocka_unit_test(test_attempts_and_rest_survive_a_restart),
        cmocka_unit_test(test_stopping_cancels_what_nobody_answers),
        cmocka_unit_test(test_a_full_journal_does_not_hold_up_the_loop),
        cmocka_unit_test(test_a_full_journal_does_not_hold_up_the_stop),
        cmocka_unit_test(test_who_cannot_be_served_is_parked_not_rerouted),
        cmocka_unit_test(test_who_can_be_served_again_gets_what_was_parked),
        cmocka_unit_test(test_what_is_parked_after_a_change_is_told_to_the_port_that_had_it),
        cmocka_unit_test(test_another_edition_says_who_is_served_and_where),
        cmocka_unit_test(test_changes_under_load_lose_and_double_nothing),
        cmocka_unit_test(test_a_record_that_is_no_message_is_parked),
        cmocka_unit_test(test_room_is_kept_and_opened_brings_more),
        cmocka_unit_test(test_bytes_under_way_are_bounded_and_leave_room_for_others),
        cmocka_unit_test(test_one_turn_sends_so_many_to_one_destination),
        cmocka_unit_test(test_thousands_of_rows_pass_through_small_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
