/* The engine over a real journal: exactly one decision per cause, whatever dies when; set-ups recorded once;
   held causes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/counters.h"
#include "message/order.h"
#include "engine/attempts.h"
#include "engine/delivery.h"
#include "engine/setups.h"
#include "engine_room.h"
#include "long_event.h"
#include "waiting.h"
#include "message/identifiers.h"
#include "journal/mark.h"

#define PARTIES SOURCE_DIR "/tests/scenario/parties.yaml"

/* The message with one text replaced by another. */
static struct text with(struct engine_room *room, struct text bytes, const char *old, const char *new) {
    const char *at = strstr(bytes.at, old);
    assert_non_null(at);
    const char *made =
        arena_printf(room->arena, "%.*s%s%s", (int)(at - bytes.at), bytes.at, new, at + strlen(old));
    return text_of(made);
}

/* The n-th declaration of a row: another id, another bill of lading. */
static struct text declaration(struct engine_room *room, unsigned n) {
    struct text bytes = room_message(room, "cn-dec/import-general");
    bytes = with(room, bytes, "<ClientSeqNo>20261012000000001<",
                 arena_printf(room->arena, "<ClientSeqNo>D%u<", n));
    return with(room, bytes, "LYEX26Q4001234", arena_printf(room->arena, "LYEX%u", n));
}

static uint64_t send_as(struct engine_room *room, const char *party, struct text bytes) {
    struct judgement judgement;
    uint64_t number = room_send(room, party, bytes, &judgement);
    assert_true(verdict_passes(&judgement.verdict));
    return number;
}

static uint64_t send(struct engine_room *room, struct text bytes) {
    return send_as(room, "HAIJIA", bytes);
}

static int setup(void **state) {
    atomic_store(&room_wall, stamp_of_day(day_of(2026, 10, 12)) + 9 * 3600 * STAMP_SECOND);
    *state = room_open(SOURCE_DIR "/schemas", PARTIES);
    return 0;
}

static int teardown(void **state) {
    room_close(*state);
    return 0;
}

/* --- what the journal must hold ------------------------------------------------------------------------- */

struct count {
    size_t causes, decisions, setups, held;
};

/* Every cause has exactly one decision, in the order of the causes. */
static struct count check_journal(struct engine_room *room) {
    struct count count = { 0 };
    struct reader *reader;
    struct record rec;
    uint64_t *causes = calloc(100000, sizeof(*causes));
    size_t next = 0;
    enum status status;
    assert_int_equal(reader_open(room->directory, &reader), STATUS_OK);
    assert_int_equal(reader_seek(reader, 1), STATUS_OK);
    while ((status = reader_next(reader, &rec)) == STATUS_OK) {
        struct decision decision;
        if (rec.kind == RECORD_MESSAGE || rec.kind == RECORD_SETUP || rec.kind == RECORD_TICK
            || rec.kind == RECORD_ORDER) {
            causes[count.causes++] = rec.number;
            count.setups += rec.kind == RECORD_SETUP;
        } else if (rec.kind == RECORD_DECISION) {
            assert_true(decision_read(rec.meta, room->arena, &decision));
            assert_true(next < count.causes);
            assert_int_equal(decision.cause, causes[next++]);
            count.decisions++;
            count.held += decision.result == RESULT_HELD;
        }
    }
    assert_int_equal(status, STATUS_NOT_FOUND);
    reader_free(reader);
    free(causes);
    return count;
}

static void decides_each_cause_once(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    for (unsigned n = 0; n < 100; n++) {
        send(room, declaration(room, n));
    }
    assert_true(room_settle(room));
    assert_int_equal(engine_position(room->engine), journal_durable(room->journal));
    room_stop(room);
    struct count count = check_journal(room);
    assert_int_equal(count.causes, 101); /* and the set-up */
    assert_int_equal(count.decisions, 101);
    assert_int_equal(room->count, 101); /* each was told once */
}

static void what_the_check_refused_is_no_cause(void **state) {
    struct engine_room *room = *state;
    struct judgement judgement;
    assert_int_equal(room_start(room), STATUS_OK);
    room_send(room, "HAIJIA", TEXT("<nothing/>"), &judgement);
    assert_false(verdict_passes(&judgement.verdict));
    uint64_t good = send(room, declaration(room, 1));
    assert_non_null(room_wait(room, good, 0));
    assert_true(room_settle(room));
    room_stop(room);
    struct state *db;
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    assert_int_equal(
        state_number(
            db,
            store_query(state_store(db),
                        "SELECT count(*) FROM messages WHERE outcome = 'refused' AND decision IS NULL"),
            0),
        1);
    assert_int_equal(
        state_number(
            db, store_query(state_store(db), "SELECT count(*) FROM messages WHERE decision > number"), 0),
        1);
    assert_int_equal(state_number(db, store_query(state_store(db), "SELECT count(*) FROM deliveries"), 0),
                     2); /* customs, terminal */
    state_close(db);
}

/* --- set-ups -------------------------------------------------------------------------------------------- */

static void a_setup_is_recorded_when_it_is_another(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    room_stop(room);
    assert_int_equal(room_start(room), STATUS_OK);
    send(room, declaration(room, 1));
    assert_true(room_settle(room));
    room_stop(room);
    assert_int_equal(check_journal(room).setups, 1);

    /* one text changes: a second set-up that brings that text alone; then back: a third that brings none */
    struct edition_text *text = &room->edition->texts[3];
    struct text before = text->bytes;
    struct digest digest_before = text->digest, setup_before = room->edition->digest;
    text->bytes = TEXT("# another text\n");
    text->digest = digest_of(text->bytes.at, text->bytes.length);
    room->edition->digest = text->digest;
    assert_int_equal(room_start(room), STATUS_OK);
    room_stop(room);
    text->bytes = before;
    text->digest = digest_before;
    room->edition->digest = setup_before;
    assert_int_equal(room_start(room), STATUS_OK);
    room_settle(room);
    room_stop(room);
    assert_int_equal(room_start(room), STATUS_OK); /* and it is known again */
    room_settle(room);
    room_stop(room);

    struct reader *reader;
    struct record rec;
    size_t sizes[8] = { 0 }, count = 0;
    assert_int_equal(reader_open(room->directory, &reader), STATUS_OK);
    assert_int_equal(reader_seek(reader, 1), STATUS_OK);
    while (reader_next(reader, &rec) == STATUS_OK) {
        if (rec.kind == RECORD_SETUP) {
            sizes[count++] = rec.data.length;
            assert_non_null(memmem(rec.meta.at, rec.meta.length, "\"parties\"", 9)); /* all texts are named */
        }
    }
    reader_free(reader);
    assert_int_equal(count, 3);
    assert_true(sizes[0] > 100000 && sizes[1] > 0 && sizes[1] < 200 && sizes[2] == 0);
}

/* More than one record should hold: it is split, and read back whole. */
static void a_large_setup_stands_in_several_records(void **state) {
    struct engine_room *room = *state;
    char *large = malloc(7u << 20);
    struct edition_text texts[5];
    struct edition big = *room->edition;
    memset(large, 'x', 7u << 20);
    for (int i = 0; i < 5; i++) {
        texts[i] = (struct edition_text){ .name = arena_printf(room->arena, "text-%d", i),
                                          .bytes = { large, (7u << 20) - (size_t)i } };
        texts[i].digest = digest_of(large, texts[i].bytes.length);
    }
    big.texts = texts;
    big.count = 5;
    struct edition *ours = room->edition;
    room->edition = &big;
    assert_int_equal(room_start(room), STATUS_OK);
    assert_true(room_settle(room));
    room_stop(room);
    room->edition = ours;
    free(large);
    assert_int_equal(check_journal(room).setups, 5);
    struct state *db;
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    assert_int_equal(state_number(db, store_query(state_store(db), "SELECT count(*) FROM texts"), 0), 5);
    assert_int_equal(state_number(db, store_query(state_store(db), "SELECT count(*) FROM setups"), 0), 1);
    state_close(db);
}

/* --- another edition while it runs --------------------------------------------------------------------- */

/* Of the same texts and another parties file. */
static struct edition *another_edition(struct engine_room *room) {
    struct buf text;
    struct edition *other;
    struct verdict mistakes;
    const char *path = arena_printf(room->arena, "%s/parties.yaml", room->directory);
    buf_init(&text, 1 << 20);
    assert_int_equal(file_read(PARTIES, &text), STATUS_OK);
    buf_add_string(&text, "# another edition\n");
    assert_int_equal(file_replace(path, buf_text(&text)), STATUS_OK);
    buf_release(&text);
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas",
                                       .parties = path,
                                       .transports = kit_transports };
    verdict_init(&mistakes, room->arena);
    assert_int_equal(edition_load(&options, &other, &mistakes), STATUS_OK);
    assert_int_equal(mistakes.errors, 0);
    assert_false(digest_equal(&other->digest, &room->edition->digest));
    return other;
}

/* Its set-up record, as whoever reloads appends it. */
static void record_edition(struct engine_room *room, const struct edition *edition) {
    struct state *db;
    struct reader *reader = reader_new(room->journal);
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    assert_int_equal(setups_record(room->journal, reader, db, edition, NULL, NULL), STATUS_OK);
    state_close(db);
    reader_free(reader);
}

static void await_halt(struct engine_room *room, size_t halts) {
    pthread_mutex_lock(&room->lock);
    while (room->halts < halts) {
        pthread_cond_wait(&room->told, &room->lock);
    }
    pthread_mutex_unlock(&room->lock);
}

static void expect_edition(struct engine_room *room, uint64_t cause, const struct edition *edition) {
    const struct room_decision *decision = room_wait(room, cause, 0);
    assert_non_null(decision);
    assert_true(digest_equal(&decision->decision.edition, &edition->digest));
}

/* case 565: what stands before the record of another edition is decided by the old one, what stands behind
 * it by the new one, and nothing of that before those who act on decisions have changed, too. */
static void another_edition_decides_from_its_record_on(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    struct edition *other = another_edition(room);
    uint64_t first = send(room, declaration(room, 1));
    assert_true(room_settle(room));
    engine_announce(room->engine, other);
    uint64_t before = send(room, declaration(room, 2)); /* announced is not in force */
    record_edition(room, other);
    assert_non_null(room_wait(room, before, 0));
    uint64_t after = send(room, declaration(room, 3));
    await_halt(room, 1);
    assert_true(engine_position(room->engine) < after);
    nothing_comes_ms(100);
    assert_true(engine_position(room->engine) < after);
    pthread_mutex_lock(&room->lock);
    assert_int_equal(room->halts, 1); /* told once, however long it stands there */
    assert_null(room_find(room, after, 0));
    pthread_mutex_unlock(&room->lock);
    engine_change(room->engine);
    expect_edition(room, first, room->edition);
    expect_edition(room, before, room->edition);
    expect_edition(room, after, other);
    assert_true(room_settle(room));
    room_stop(room);
    assert_int_equal(check_journal(room).setups, 2);
    edition_release(other);
}

static void an_edition_that_is_withdrawn_decides_nothing(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    struct edition *other = another_edition(room);
    for (unsigned n = 1; n <= 3; n++) {
        engine_announce(room->engine, other);
        engine_withdraw(room->engine);
        expect_edition(room, send(room, declaration(room, n)), room->edition);
    }
    assert_true(room_settle(room));
    room_stop(room);
    assert_int_equal(room->halts, 0);
    assert_int_equal(check_journal(room).setups, 1);
    edition_release(other);
}

/* It ends while it stands before the record: the next life, which starts by the new edition, decides what is
 * behind it by that one, and each cause once. */
static void a_stop_in_the_middle_of_a_change_loses_nothing(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    struct edition *other = another_edition(room), *ours = room->edition;
    engine_announce(room->engine, other);
    record_edition(room, other);
    uint64_t after = send(room, declaration(room, 1));
    await_halt(room, 1);
    room_stop(room);
    room->edition = other;
    assert_int_equal(room_start(room), STATUS_OK);
    expect_edition(room, after, other);
    assert_true(room_settle(room));
    room_stop(room);
    room->edition = ours;
    struct count count = check_journal(room);
    assert_int_equal(count.setups, 2);
    assert_int_equal(count.decisions, count.causes);
    edition_release(other);
}

/* --- deaths --------------------------------------------------------------------------------------------- */

static void put_aside(struct engine_room *room, const char *name) {
    char from[128], to[128];
    snprintf(from, sizeof(from), "%s/state.db%s", room->directory, name);
    snprintf(to, sizeof(to), "%s/aside%s", room->directory, name);
    (void)rename(from, to);
}

/* Two engines that applied the same causes stopped there, and had read their own last decisions or not. */
static void expect_decisions_between(struct engine_room *room, uint64_t one, uint64_t other) {
    struct reader *reader;
    struct record rec;
    uint64_t last = one > other ? one : other;
    assert_int_equal(reader_open(room->directory, &reader), STATUS_OK);
    for (uint64_t number = (one < other ? one : other) + 1; number <= last; number++) {
        assert_int_equal(reader_seek(reader, number), STATUS_OK);
        assert_int_equal(reader_next(reader, &rec), STATUS_OK);
        assert_int_equal(rec.kind, RECORD_DECISION);
    }
    reader_free(reader);
}

static struct digest look_at_state(struct engine_room *room, uint64_t *position) {
    struct digest digest;
    struct state *db;
    assert_int_equal(state_open(room->directory, STORE_WRITE, &db), STATUS_OK);
    if (*position) { /* positions may differ by decisions; the rest may not */
        expect_decisions_between(room, *position, state_position(db));
        assert_int_equal(state_begin(db), STATUS_OK);
        assert_int_equal(state_commit(db, *position), STATUS_OK);
    }
    *position = state_position(db);
    assert_int_equal(state_digest(db, &digest), STATUS_OK);
    state_close(db);
    return digest;
}

/* The stopped engine's state.db is lost, or damaged: it makes the same one anew. */
static void expect_the_same_anew(struct engine_room *room, bool damaged) {
    uint64_t position = 0;
    struct digest before = look_at_state(room, &position);
    put_aside(room, "");
    put_aside(room, "-wal");
    put_aside(room, "-shm");
    if (damaged) {
        char path[128];
        snprintf(path, sizeof(path), "%s/state.db", room->directory);
        assert_int_equal(
            file_replace(path, TEXT("what was a database once, and is none any more: so much for that")),
            STATUS_OK);
    }
    assert_int_equal(room_start(room), STATUS_OK);
    assert_true(room_settle(room));
    room_stop(room);
    struct digest after = look_at_state(room, &position);
    assert_true(digest_equal(&before, &after));
}

static void makes_its_state_anew(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    for (unsigned n = 0; n < 20; n++) {
        send(room, declaration(room, n));
    }
    assert_true(room_settle(room));
    room_stop(room);
    expect_the_same_anew(room, false);
    expect_the_same_anew(room, true);
    check_journal(room);
}

/* --- a world that is in the way for a while ------------------------------------------------------------- */

static void await_held_up(struct engine_room *room, enum status status) {
    pthread_mutex_lock(&room->lock);
    while (room->held_up != status) {
        assert_int_equal(room->failure, STATUS_OK);
        pthread_cond_wait(&room->told, &room->lock);
    }
    pthread_mutex_unlock(&room->lock);
}

static uint64_t size_of(const struct engine_room *room, const char *name) {
    char path[128];
    struct stat metadata;
    snprintf(path, sizeof(path), "%s/%s", room->directory, name);
    return stat(path, &metadata) == 0 ? (uint64_t)metadata.st_size : 0;
}

static atomic_int writes_refused; /* since files have a limit */

static void note_refused(int signal_number) {
    atomic_fetch_add(&writes_refused, 1);
}

/* No file grows beyond so many bytes; 0: as before. */
static void limit_files(uint64_t bytes) {
    static struct rlimit before;
    if (bytes > 0) {
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        signal(SIGXFSZ, note_refused);
    }
    struct rlimit limit = { .rlim_cur = bytes > 0 ? bytes : before.rlim_cur, .rlim_max = before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* case 185: the decisions are durable, their moves find no space: both are there once when there is some. */
static void a_full_disk_decides_nothing_twice(void **state) {
    struct engine_room *room = *state;
    unsigned n = 0;
    assert_int_equal(room_start(room), STATUS_OK);
    do {
        send(room, declaration(room, n++));
        assert_true(room_settle(room));
    } while (size_of(room, "state.db-wal") < journal_mark(room->journal).end + (256 << 10));
    limit_files(size_of(room, "state.db-wal"));
    uint64_t before = engine_position(room->engine), number = send(room, declaration(room, n));
    await_held_up(room, STATUS_FULL);
    assert_int_equal(engine_position(room->engine), before);
    assert_true(journal_durable(room->journal) > number); /* its decision */
    for (int tries = atomic_load(&writes_refused); atomic_load(&writes_refused) < tries + 2;) {
        usleep(1000); /* two more */
    }
    limit_files(0);
    await_held_up(room, STATUS_OK);
    uint64_t more = send(room, declaration(room, n + 1));
    assert_true(room_settle(room));
    assert_non_null(room_wait(room, more, 0));
    room_stop(room);
    assert_int_equal(check_journal(room).decisions, n + 3); /* and the set-up's */
    expect_the_same_anew(room, false);
}

/* case 185: somebody copies the database, and holds it for longer than is waited for. */
static void a_database_that_another_holds_is_waited_for(void **state) {
    struct engine_room *room = *state;
    struct state *other;
    assert_int_equal(room_start(room), STATUS_OK);
    assert_true(room_settle(room));
    assert_int_equal(state_open(room->directory, STORE_WRITE, &other), STATUS_OK);
    assert_int_equal(state_begin(other), STATUS_OK);
    uint64_t number = send(room, declaration(room, 1));
    await_held_up(room, STATUS_LOCKED);
    state_rollback(other);
    state_close(other);
    await_held_up(room, STATUS_OK);
    assert_true(room_settle(room));
    assert_true(engine_position(room->engine) > number);
    room_stop(room);
    assert_int_equal(check_journal(room).decisions, 2);
}

/* case 143: who reads state.db must be able to know that it lacks what the last life knew. */
static void tells_how_far_it_is_behind(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    assert_int_equal(engine_mark(room->engine), 0); /* nothing was there before */
    assert_int_equal(engine_behind(room->engine), 0);
    for (unsigned n = 0; n < 300; n++) {
        send(room, declaration(room, n));
    }
    assert_true(room_settle(room));
    uint64_t last = journal_durable(room->journal);
    room_stop(room);
    assert_int_equal(room_start(room), STATUS_OK);
    assert_int_equal(engine_mark(room->engine), last);
    /* All of it until state.db is checked; then where it stood, but for decisions without a commit of their
     * own. */
    uint64_t behind_at_start = engine_behind(room->engine);
    assert_true(behind_at_start == last || behind_at_start < 300);
    assert_true(room_settle(room));
    assert_int_equal(engine_behind(room->engine), 0);
    room_stop(room);
    put_aside(room, "");
    put_aside(room, "-wal");
    put_aside(room, "-shm");
    assert_int_equal(room_start(room), STATUS_OK);
    uint64_t more = send(room, declaration(room, 1000)), before = last;
    assert_int_equal(engine_mark(room->engine), last);
    for (uint64_t behind; (behind = engine_behind(room->engine)) > 0; usleep(100)) {
        assert_true(behind <= before);
        before = behind;
    }
    assert_true(engine_position(room->engine) >= last);
    assert_non_null(room_wait(room, more, 0));
    assert_int_equal(engine_behind(room->engine), 0);
}

static void never_mind(struct entry *entry, enum status status, void *context) {}

/* A start does not read a long journal for its edition: what it does not see soon it records once more. */
static void looks_back_for_its_setup_so_far_and_no_further(void **state) {
    enum { MANY = 20100 };
    static const struct delivery_result result = {
        .record = 1, .party = "NOBODY", .outcome = DELIVERY_DELIVERED, .attempt = 1, .words = ""
    };
    struct engine_room *room = *state;
    struct buf meta;
    struct entry *entries = calloc(MANY, sizeof(*entries));
    assert_int_equal(room_start(room), STATUS_OK);
    assert_true(room_settle(room));
    buf_init(&meta, 1024);
    delivery_write(&result, &meta);
    for (size_t i = 0; i < MANY; i++) {
        entries[i] = (struct entry){ .rec = { .kind = RECORD_DELIVERY, .meta = buf_text(&meta) },
                                     .reserve = true,
                                     .done = never_mind };
        assert_int_equal(journal_submit(room->journal, &entries[i]), STATUS_OK);
    }
    while (journal_waiting(room->journal) > 0) {
        usleep(1000);
    }
    assert_true(room_settle(room));
    room_stop(room);
    for (int start = 0; start < 2; start++) { /* the second sees what the first has recorded */
        put_aside(room, "");
        put_aside(room, "-wal");
        put_aside(room, "-shm");
        assert_int_equal(room_start(room), STATUS_OK);
        assert_true(room_settle(room));
        room_stop(room);
        assert_int_equal(check_journal(room).setups, 2);
    }
    expect_the_same_anew(room, false);
    buf_release(&meta);
    free(entries);
}

/* Killed at any moment under load, again and again: one decision per cause, and the state that a rebuild
   makes. */
static void killed_at_any_moment(void **state) {
    struct engine_room *room = *state;
    unsigned n = 0;
    for (int round = 0; round < 12; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            if (room_start(room) != STATUS_OK) {
                _exit(1);
            }
            for (unsigned i = 0;; i++) {
                struct judgement judgement;
                room_send(room, "HAIJIA", declaration(room, n + i), &judgement);
            }
        }
        usleep(20000 + (useconds_t)(round * 7919 % 60) * 1000);
        kill(child, SIGKILL);
        int how;
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how));
        n += 100000;
    }
    assert_int_equal(room_start(room), STATUS_OK);
    assert_true(room_settle(room));
    room_stop(room);
    struct count count = check_journal(room);
    assert_int_equal(count.causes, count.decisions);
    assert_int_equal(count.held, 0);
    expect_the_same_anew(room, false);
}

/* --- held ----------------------------------------------------------------------------------------------- */

static void die_on(struct engine_room *room, uint64_t cause, int times) {
    for (int i = 0; i < times; i++) {
        struct attempts *attempts;
        enum held_reason reason;
        assert_int_equal(attempts_open(room->directory, &attempts), STATUS_OK);
        assert_true(attempts_begin(attempts, cause, &reason));
        attempts_close(attempts);
    }
}

/* A process that decides this cause and ends by this signal; `elsewhere`: another thread of it is hit. */
static void *hit(void *signal_number) {
    (void)raise(*(int *)signal_number);
    return NULL;
}

static void crash_on(struct engine_room *room, uint64_t cause, int signal_number, bool elsewhere) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct attempts *attempts;
        enum held_reason reason;
        pthread_t other;
        (void)signal(signal_number, SIG_DFL); /* the test's own handler would catch it */
        if (attempts_open(room->directory, &attempts) != STATUS_OK
            || !attempts_begin(attempts, cause, &reason)) {
            _exit(1);
        }
        if (elsewhere) {
            pthread_create(&other, NULL, hit, &signal_number);
            pthread_join(other, NULL);
        } else {
            hit(&signal_number);
        }
        _exit(2);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == signal_number);
}

/* True when the next process would decide this cause. */
static bool would_decide(struct engine_room *room, uint64_t cause, enum held_reason *reason) {
    struct attempts *attempts;
    assert_int_equal(attempts_open(room->directory, &attempts), STATUS_OK);
    bool decides = attempts_begin(attempts, cause, reason);
    if (decides) {
        attempts_end(attempts);
    }
    attempts_close(attempts);
    return decides;
}

/* The number that the next cause will have, of an engine that has stopped. */
static uint64_t next_cause(struct engine_room *room) {
    assert_int_equal(room_start(room), STATUS_OK);
    assert_true(room_settle(room));
    uint64_t last = journal_durable(room->journal);
    room_stop(room);
    return last + 1;
}

/* Starts, and sends a declaration on which two processes have crashed. Its number. */
static uint64_t start_and_hold(struct engine_room *room, unsigned n) {
    uint64_t next = next_cause(room);
    crash_on(room, next, SIGABRT, false);
    crash_on(room, next, SIGSEGV, false);
    assert_int_equal(room_start(room), STATUS_OK);
    uint64_t cause = send(room, declaration(room, n));
    assert_int_equal(cause, next);
    const struct room_decision *held = room_wait(room, cause, 0);
    assert_non_null(held);
    assert_int_equal(held->decision.result, RESULT_HELD);
    assert_string_equal(held->decision.answer_code, "HELD");
    assert_non_null(strstr(held->decision.answer_en, "crashed twice"));
    assert_int_equal(held->decision.moves_count, 1);
    assert_string_equal(held->decision.moves[0].part, "held");
    assert_int_equal(held->decision.destinations_count, 0);
    return cause;
}

static void a_cause_that_crashes_twice_is_held(void **state) {
    struct engine_room *room = *state;
    start_and_hold(room, 2);
    assert_int_equal(counter_get(COUNTER_HELD), 1);
    const struct room_decision *next = room_wait(room, send(room, declaration(room, 3)), 0);
    assert_non_null(next);
    assert_int_equal(next->decision.result, RESULT_DONE);
    assert_true(room_settle(room));
    room_stop(room);
    counter_set(COUNTER_HELD, 0);
    assert_int_equal(room_start(room), STATUS_OK); /* the gauge tells it after a restart, too */
    assert_int_equal(counter_get(COUNTER_HELD), 1);
}

/* case 140: two kills from outside (an operator, the kernel's memory killer) at one message held it for
   ever. */
static void five_unexplained_deaths_hold(void **state) {
    struct engine_room *room = *state;
    enum held_reason reason;
    for (int deaths = 0; deaths < ATTEMPTS_DEATHS_MAX; deaths++) {
        assert_true(would_decide(room, 7, &reason)); /* which ended well: it counts anew */
        die_on(room, 7, deaths);
    }
    assert_true(would_decide(room, 7, &reason));
    die_on(room, 7, ATTEMPTS_DEATHS_MAX);
    assert_false(would_decide(room, 7, &reason));
    assert_int_equal(reason, HELD_DIED);
    assert_true(would_decide(room, 8, &reason));
}

static void crashes_and_deaths_are_told_apart(void **state) {
    struct engine_room *room = *state;
    enum held_reason reason;
    crash_on(room, 7, SIGSEGV, false);
    die_on(room, 7, ATTEMPTS_DEATHS_MAX - 1);
    crash_on(room, 7, SIGBUS, false);
    assert_false(would_decide(room, 7, &reason));
    assert_int_equal(reason, HELD_CRASHED);
    /* what another thread died of is not this cause's fault, nor is a kill */
    crash_on(room, 9, SIGFPE, false);
    crash_on(room, 9, SIGABRT, true);
    crash_on(room, 9, SIGFPE, false);
    assert_true(would_decide(room, 9, &reason));
    crash_on(room, 11, SIGKILL, false);
    crash_on(room, 11, SIGKILL, false);
    crash_on(room, 11, SIGILL, false);
    assert_true(would_decide(room, 11, &reason));
}

/* --- released ------------------------------------------------------------------------------------------- */

static const struct decision *release(struct engine_room *room, uint64_t record) {
    struct order order = { .kind = ORDER_RELEASE, .record = record, .reason = "mended" };
    struct buf meta;
    buf_init(&meta, 1024);
    order_write(&order, &meta);
    struct record rec = { .kind = RECORD_ORDER, .meta = buf_text(&meta) };
    assert_int_equal(journal_append(room->journal, &rec, false), STATUS_OK);
    buf_release(&meta);
    const struct room_decision *decided = room_wait(room, rec.number, 0);
    assert_non_null(decided);
    return &decided->decision;
}

static int64_t ask(struct engine_room *room, const char *sql) {
    struct state *db;
    assert_true(room_settle(room));
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    int64_t number = state_number(db, store_query(state_store(db), sql), -1);
    assert_int_equal(state_status(db), STATUS_OK);
    state_close(db);
    return number;
}

/* case 141: nothing brought a held message back; its sender waited for ever. */
static void a_held_message_is_released_as_if_decided_now(void **state) {
    struct engine_room *room = *state;
    uint64_t cause = start_and_hold(room, 2);
    const struct decision *decided = release(room, cause);
    assert_int_equal(decided->result, RESULT_DONE);
    assert_int_equal(decided->released, cause);
    assert_int_equal(decision_about(decided), cause);
    assert_string_equal(decided->answer_code, "FORWARDED");
    assert_true(decided->moves_count > 0);
    for (size_t i = 0; i < decided->destinations_count; i++) {
        assert_true(decided->destinations[i].record == cause || decided->destinations[i].record == 0);
    }
    /* what follows from it is like what follows from one that never was held */
    const struct room_decision *other = room_wait(room, send(room, declaration(room, 3)), 0);
    assert_non_null(other);
    assert_int_equal(decided->moves_count, other->decision.moves_count);
    assert_int_equal(decided->destinations_count, other->decision.destinations_count);
    assert_int_equal(ask(room, "SELECT count(*) FROM messages WHERE result = 'held'"), 0);
    assert_int_equal(ask(room, "SELECT count(*) FROM deliveries d JOIN messages m ON d.record = m.number"
                               " WHERE d.decision = m.decision AND d.family = 'declaration'"),
                     4);
    assert_int_equal(ask(room, "SELECT count(*) FROM timeline t JOIN messages m ON t.record = m.number"),
                     ask(room, "SELECT count(*) FROM timeline"));
    assert_int_equal(counter_get(COUNTER_HELD), 0);
    room_stop(room);
    expect_the_same_anew(room, false);
    check_journal(room);
}

static void what_is_not_held_is_not_released(void **state) {
    struct engine_room *room = *state;
    uint64_t cause = start_and_hold(room, 2), other = send(room, declaration(room, 3));
    static const char *const codes[] = { "NOT-HELD", "NOT-HELD", "NOT-HELD" };
    uint64_t records[] = { other, 1, 999999 };
    assert_non_null(room_wait(room, other, 0));
    int64_t deliveries = ask(room, "SELECT count(*) FROM deliveries");
    for (size_t i = 0; i < 3; i++) {
        const struct decision *decided = release(room, records[i]);
        assert_int_equal(decided->result, RESULT_REFUSED);
        assert_string_equal(decided->answer_code, codes[i]);
        assert_int_equal(decided->released, 0);
        assert_int_equal(decided->moves_count + decided->destinations_count, 0);
    }
    assert_int_equal(ask(room, "SELECT count(*) FROM deliveries"), deliveries);
    assert_int_equal(release(room, cause)->result, RESULT_DONE);
    deliveries = ask(room, "SELECT count(*) FROM deliveries");
    assert_string_equal(release(room, cause)->answer_code, "RELEASED"); /* nothing happens twice */
    assert_int_equal(ask(room, "SELECT count(*) FROM deliveries"), deliveries);
    assert_int_equal(ask(room, "SELECT count(*) FROM orders WHERE decision IS NOT NULL"), 5);
}

/* The engine fails on it again: the order is answered, the message stays held, and the next order may
   succeed. */
static void a_release_that_fails_again_leaves_it_held(void **state) {
    struct engine_room *room = *state;
    uint64_t cause = start_and_hold(room, 2);
    assert_true(room_settle(room));
    room_stop(room);
    uint64_t next = next_cause(room);
    crash_on(room, next, SIGSEGV, false);
    crash_on(room, next, SIGSEGV, false);
    assert_int_equal(room_start(room), STATUS_OK);
    const struct decision *failed = release(room, cause);
    assert_int_equal(failed->cause, next);
    assert_int_equal(failed->result, RESULT_REFUSED);
    assert_string_equal(failed->answer_code, "ORDER-FAILED");
    assert_int_equal(ask(room, "SELECT count(*) FROM held WHERE state = 'held'"), 1);
    assert_int_equal(release(room, cause)->result, RESULT_DONE);
    assert_int_equal(ask(room, "SELECT count(*) FROM held WHERE state = 'held'"), 0);
}

/* case 142: a held tick left its timer due, so that the next tick came at once, and died the same way. */
static void a_held_tick_does_not_come_again_by_itself(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    send(room, room_message(room, "cn-dec/import-two-step-summary"));
    assert_true(ask(room, "SELECT count(*) FROM timers") > 0);
    room_stop(room);
    uint64_t tick = next_cause(room);
    crash_on(room, tick, SIGSEGV, false);
    crash_on(room, tick, SIGSEGV, false);
    room_advance(30 * 86400);
    assert_int_equal(room_start(room), STATUS_OK);
    const struct room_decision *held = room_wait(room, tick, 0);
    assert_non_null(held);
    assert_int_equal(held->decision.result, RESULT_HELD);
    int64_t timers = ask(room, "SELECT count(*) FROM timers WHERE held = 1");
    assert_int_equal(timers, 1);
    uint64_t looks = engine_looks(room->engine); /* turns of the engine, in which it would tick */
    while (engine_looks(room->engine) < looks + 3) {
        usleep(1000);
    }
    assert_int_equal(ask(room, "SELECT count(*) FROM held"), 1);
    assert_string_equal(held->decision.moves[0].part, "held");
    const struct decision *decided = release(room, tick);
    assert_int_equal(decided->result, RESULT_DONE);
    assert_int_equal(decided->released, tick);
    assert_int_equal(ask(room, "SELECT count(*) FROM timers WHERE held = 1"), 0);
    room_stop(room);
    expect_the_same_anew(room, false);
}

/* An event of 2000 containers that names a declaration, whose number customs gave to six of them: six
 * consignments are told of all. */
static uint64_t send_event_of_many(struct engine_room *room) {
    struct judgement judgement;
    struct buf list;
    buf_init(&list, 1 << 20);
    for (int n = 0; n < 2000; n++) {
        buf_printf(&list, "<Container><ID>%s</ID></Container>", container(room, n));
    }
    for (unsigned n = 0; n < 6; n++) {
        const char *id = arena_printf(room->arena, "HAIJ-%u", n);
        send(room, with(room, declaration(room, n), arena_printf(room->arena, "<ClientSeqNo>D%u<", n),
                        arena_printf(room->arena, "<ClientSeqNo>%s<", id)));
        send_as(room, "CUSTOMS",
                with(room, room_message(room, "cn-import-response/imported"), "20261012000000001", id));
    }
    send_as(room, "CUSTOMS", room_message(room, "cn-result/accepted"));
    struct text bytes = with(room, room_message(room, "port-event/import-2-arrival"),
                             "<BillOfLadingID>LYEX26Q4001234</BillOfLadingID>",
                             arena_printf(room->arena, "<DeclarationID>421820261000004417</DeclarationID>%s",
                                          arena_copy(room->arena, buf_text(&list))));
    buf_release(&list);
    assert_true(room_settle(room));
    uint64_t number = room_send(room, "QQCT", bytes, &judgement);
    assert_true(verdict_passes(&judgement.verdict));
    return number;
}

/* The message just fits. Bug 56, case 109: a decision larger than a segment ended the gateway, and ended it
   again at every start. */
static void a_decision_that_no_segment_takes_is_held(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK); /* records the set-up, whose texts are longer */
    assert_true(room_settle(room));
    room_stop(room);
    room->segment_size = 216 << 10;
    assert_int_equal(room_start(room), STATUS_OK);
    uint64_t cause = send_event_of_many(room);
    const struct room_decision *held = room_wait(room, cause, 0);
    assert_non_null(held);
    assert_int_equal(held->decision.result, RESULT_HELD);
    assert_non_null(strstr(held->decision.answer_en, "more than a record may hold"));
    const struct room_decision *next = room_wait(room, send(room, declaration(room, 99)), 0);
    assert_non_null(next);
    assert_int_equal(next->decision.result, RESULT_DONE);
    assert_true(room_settle(room));
    room_stop(room);
    assert_int_equal(check_journal(room).held, 1);
}

/* Case 110: what stands in a record may be of another's making; its chain proves that it was written, not
 * that it can be read. */
static void a_message_that_cannot_be_read_is_held(void **state) {
    struct engine_room *room = *state;
    struct metadata metadata = {
        .env = { .party = "HAIJIA",
                 .channel = "loopback",
                 .received = room_now(),
                 .format = "",
                 .file = "",
                 .trace = "" },
        .family = "declaration",
        .format = "cn-dec",
        .id = "X",
        .outcome = OUTCOME_ACCEPTED,
        .edition = room->edition->digest,
    };
    struct buf meta;
    buf_init(&meta, 1 << 16);
    metadata_write(&metadata, &meta);
    struct record rec = {
        .kind = RECORD_MESSAGE, .meta = buf_text(&meta), .fields = TEXT("\x01\xff\xff"), .data = TEXT("<x/>")
    };
    assert_int_equal(room_start(room), STATUS_OK);
    assert_int_equal(journal_append(room->journal, &rec, false), STATUS_OK);
    buf_release(&meta);
    const struct room_decision *held = room_wait(room, rec.number, 0);
    assert_non_null(held);
    assert_int_equal(held->decision.result, RESULT_HELD);
    assert_non_null(strstr(held->decision.answer_en, "cannot be read"));
    const struct room_decision *next = room_wait(room, send(room, declaration(room, 1)), 0);
    assert_non_null(next);
    assert_int_equal(next->decision.result, RESULT_DONE);
}

static void deciding_counts_only_one_cause_after_another(void **state) {
    struct engine_room *room = *state;
    struct attempts *attempts;
    enum held_reason reason;
    assert_int_equal(attempts_open(room->directory, &attempts), STATUS_OK);
    for (uint64_t cause = 1; cause < 1000; cause++) {
        assert_true(attempts_begin(attempts, cause, &reason));
        attempts_end(attempts);
        assert_true(attempts_begin(attempts, cause, &reason)); /* ended is not died */
        attempts_end(attempts);
    }
    for (int i = 0; i < ATTEMPTS_DEATHS_MAX; i++) {
        assert_true(attempts_begin(attempts, 7, &reason));
    }
    assert_false(attempts_begin(attempts, 7, &reason));
    assert_true(attempts_begin(attempts, 8, &reason));
    attempts_end(attempts);
    attempts_close(attempts);
}

/* --- the rest of the records ---------------------------------------------------------------------------- */

static void delivery_results_move_their_rows(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    uint64_t number = send(room, declaration(room, 1));
    assert_non_null(room_wait(room, number, 0));
    static const struct {
        enum delivery_outcome outcome;
        const char *state;
    } steps[] = {
        { DELIVERY_DEFERRED, "waiting" },
        { DELIVERY_PARKED, "parked" },
        { DELIVERY_REDRIVEN, "waiting" },
        { DELIVERY_DELIVERED, "delivered" },
    };
    for (size_t i = 0; i < 4; i++) {
        struct delivery_result result = { .record = number,
                                          .party = "CUSTOMS",
                                          .outcome = steps[i].outcome,
                                          .attempt = (uint32_t)i + 1,
                                          .reason = DELIVERY_REASON_OPERATOR,
                                          .words = "why",
                                          .next = 77 };
        struct buf meta;
        struct state *db;
        buf_init(&meta, 1024);
        delivery_write(&result, &meta);
        struct record rec = { .kind = RECORD_DELIVERY, .meta = buf_text(&meta) };
        assert_int_equal(journal_append(room->journal, &rec, true), STATUS_OK);
        buf_release(&meta);
        assert_true(room_settle(room));
        assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
        struct store_query *query = store_query(
            state_store(db),
            "SELECT state, attempts, family FROM deliveries WHERE record = ? AND party = 'CUSTOMS'");
        store_bind_int(query, 1, (int64_t)number);
        assert_true(state_row(db, query));
        assert_true(text_is(store_text(query, 0), steps[i].state));
        assert_int_equal(store_int(query, 1), i + 1);
        assert_true(text_is(store_text(query, 2), "declaration"));
        store_reset(query);
        state_close(db);
    }
}

static void a_state_of_another_journal_is_refused(void **state) {
    struct engine_room *room = *state;
    struct state *db;
    assert_int_equal(state_open(room->directory, STORE_WRITE, &db), STATUS_OK);
    assert_int_equal(state_begin(db), STATUS_OK);
    assert_int_equal(state_commit(db, 1000), STATUS_OK);
    state_close(db);
    assert_int_equal(room_start(room), STATUS_DAMAGED);
    journal_close(room->journal);
}

static void what_has_no_transport_is_kept(void **state) {
    struct engine_room *room = *state;
    struct judgement judgement;
    assert_int_equal(room_start(room), STATUS_OK);
    struct text list = with(room, room_message(room, "charge-list/terminal"),
                            "<Name>青岛前湾示例码头有限公司</Name>", "<Name>QQCT</Name>");
    uint64_t number = room_send(room, "QQCT", list, &judgement);
    assert_true(verdict_passes(&judgement.verdict));
    const struct room_decision *decided = room_wait(room, number, 0);
    assert_non_null(decided);
    assert_string_equal(decided->decision.answer_code, "PUBLISHED");
    for (size_t i = 0; i < decided->decision.destinations_count; i++) {
        const struct destination *destination = &decided->decision.destinations[i];
        assert_int_equal(destination->kept, strcmp(destination->party, "OFFICE") == 0);
    }
    assert_true(room_settle(room));
    struct state *db;
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    assert_int_equal(
        state_number(db,
                     store_query(state_store(db),
                                 "SELECT count(*) FROM deliveries WHERE state = 'kept' AND party = 'OFFICE'"),
                     0),
        1);
    assert_int_equal(
        state_number(
            db,
            store_query(
                state_store(db),
                "SELECT count(*) FROM deliveries WHERE state = 'waiting' AND party = 'QQCT' AND family = 'decision'"),
            0),
        1);
    state_close(db);
}

/* The number of rows of deliveries that such a condition finds. */
static int64_t deliveries_where(struct engine_room *room, const char *sql) {
    struct state *db;
    assert_true(room_settle(room));
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    int64_t count = state_number(db, store_query(state_store(db), sql), -1);
    state_close(db);
    return count;
}

/* A complete declaration without its summary. */
static struct text without_summary(struct engine_room *room) {
    struct text bytes =
        with(room, room_message(room, "cn-dec/import-general"), "<SeqNo/>", "<SeqNo>I9</SeqNo>");
    return with(room, bytes, "<EntryType>", "<Type>  6</Type><EntryType>");
}

/* Line and column are not in the journal: they are counted in the bytes that came, here of GB18030. */
static void what_the_engine_finds_has_its_place(void **state) {
    struct engine_room *room = *state;
    struct judgement judgement;
    struct text bytes =
        with(room, room_message(room, "cn-dec/import-gb18030"), "<SeqNo/>", "<SeqNo>I9</SeqNo>\r\n");
    bytes = with(room, bytes, "<EntryType>", "<!-- \xC7\xE0\xB5\xBA --><Type>  6</Type><EntryType>");
    assert_int_equal(room_start(room), STATUS_OK);
    uint64_t number = room_send(room, "HAIJIA", bytes, &judgement);
    assert_true(verdict_passes(&judgement.verdict));
    const struct room_decision *refused = room_wait(room, number, 0);
    assert_non_null(refused);
    assert_int_equal(refused->decision.findings.count, 1);
    const struct finding *finding = &refused->decision.findings.findings[0];
    assert_string_equal(finding->code, "T01");
    assert_memory_equal(bytes.at + finding->place.offset, "6<", 2);
    assert_int_equal(finding->place.length, 1);
    uint32_t line = 1;
    for (size_t i = 0; i < finding->place.offset; i++) {
        line += bytes.at[i] == '\n';
    }
    assert_int_equal(finding->place.line, line);
    assert_int_equal(finding->place.column, strlen("    <!-- 12 --><Type>  6"));
    room_stop(room);
}

/* Case 160: the sender has been blocked, or has left, between its message and the decision: the refusal is
 * for it all the same, and dispatch parks what cannot be handed over. */
static void a_refusal_is_for_a_blocked_sender_too(void **state) {
    struct engine_room *room = *state;
    struct judgement judgement;
    struct verdict mistakes;
    struct decision decision;
    struct record rec;
    assert_int_equal(room_start(room), STATUS_OK);
    uint64_t number = room_send(room, "HAIJIA", without_summary(room), &judgement);
    assert_true(verdict_passes(&judgement.verdict));
    assert_non_null(room_wait(room, number, 0));
    assert_int_equal(
        deliveries_where(room,
                         "SELECT count(*) FROM deliveries WHERE party = 'HAIJIA' AND family = 'decision'"
                         " AND state = 'waiting' AND route = 'refused' AND way = ''"),
        1);
    assert_int_equal(deliveries_where(room, "SELECT count(*) FROM deliveries"), 1);

    static const struct {
        const char *rows;
        bool kept;
    } cases[] = {
        { "parties:\n  - { code: HAIJIA, name: { zh: 甲, en: A }, roles: [declarant], blocked: true, deliver: { transport: loopback } }\n",
          false },
        { "parties:\n  - { code: HAIJIA, name: { zh: 甲, en: A }, roles: [declarant], blocked: true }\n",
          true },
        { "parties:\n  - { code: OTHER, name: { zh: 甲, en: A }, roles: [declarant] }\n", false },
    };
    struct reader *reader = reader_new(room->journal);
    assert_int_equal(reader_get(reader, number, room->arena, &rec), STATUS_OK);
    struct state *db;
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct edition edition = *room->edition;
        verdict_init(&mistakes, room->arena);
        edition.parties =
            parties_load(text_of(cases[i].rows), "parties.yaml", kit_transports, room->arena, &mistakes);
        assert_int_equal(mistakes.errors, 0);
        assert_int_equal(engine_decide(&edition, db, NULL, &rec, room->arena, &decision), STATUS_OK);
        assert_int_equal(decision.result, RESULT_REFUSED);
        assert_int_equal(decision.destinations_count, 1);
        assert_string_equal(decision.destinations[0].party, "HAIJIA");
        assert_int_equal(decision.destinations[0].kept, cases[i].kept);
    }
    state_close(db);
    reader_free(reader);
}

/* Case 450: what came over ZeroMQ and is refused by the engine goes back over ZeroMQ, whatever the sender's
 * own transport is, and though it has none; a way that the sender has no more, or that delivers nothing, is
 * none. */
static void a_refusal_goes_back_the_way_the_message_came(void **state) {
#define ROW  "parties:\n  - { code: HAIJIA, name: { zh: 甲, en: A }, roles: [declarant]"
#define LINE ", zmq: { bind: \"tcp://127.0.0.1:5571\", keys: [k] }"
    static const struct {
        const char *channel, *rows, *way;
        bool kept;
    } cases[] = {
        { "zmq", ROW LINE ", deliver: { transport: loopback } }\n", "zmq", false },
        { "zmq", ROW LINE ", deliver: { transport: zmq } }\n", "zmq", false },
        { "zmq", ROW LINE " }\n", "zmq", false },
        { "zmq", ROW ", deliver: { transport: loopback } }\n", "", false },
        { "zmq", ROW " }\n", "", true },
        { "http", ROW LINE ", deliver: { transport: loopback } }\n", "", false },
        { "http", ROW LINE " }\n", "", true },
    };
#undef ROW
#undef LINE
    struct engine_room *room = *state;
    struct judgement judgement;
    assert_int_equal(room_start(room), STATUS_OK);
    uint64_t number = room_send(room, "HAIJIA", without_summary(room), &judgement);
    assert_non_null(room_wait(room, number, 0));
    struct reader *reader = reader_new(room->journal);
    struct state *db;
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct edition edition = *room->edition;
        struct verdict mistakes;
        struct decision decision;
        struct record rec;
        assert_int_equal(reader_get(reader, number, room->arena, &rec), STATUS_OK);
        rec.meta = with(room, rec.meta, "\"channel\":\"loopback\"",
                        arena_printf(room->arena, "\"channel\":\"%s\"", cases[i].channel));
        verdict_init(&mistakes, room->arena);
        edition.parties =
            parties_load(text_of(cases[i].rows), "parties.yaml", kit_transports, room->arena, &mistakes);
        assert_int_equal(mistakes.errors, 0);
        assert_int_equal(engine_decide(&edition, db, NULL, &rec, room->arena, &decision), STATUS_OK);
        assert_int_equal(decision.result, RESULT_REFUSED);
        assert_int_equal(decision.destinations_count, 1);
        assert_string_equal(decision.destinations[0].way, cases[i].way);
        assert_int_equal(decision.destinations[0].kept, cases[i].kept);
    }
    state_close(db);
    reader_free(reader);
}

/* --- much at once --------------------------------------------------------------------------------------- */

static int64_t deliveries_of(struct engine_room *room, const char *party, const char *family) {
    struct state *db;
    assert_true(room_settle(room));
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    struct store_query *query =
        store_query(state_store(db), "SELECT count(*) FROM deliveries WHERE party = ? AND family = ?");
    store_bind_string(query, 1, party);
    store_bind_string(query, 2, family);
    int64_t count = state_number(db, query, -1);
    state_close(db);
    return count;
}

static uint64_t send_of(struct engine_room *room, const char *party, const char *name) {
    return send_as(room, party, room_message(room, name));
}

/* With an id that is registered to its sender, so that an answer to it may come first. */
static uint64_t send_with_own_id(struct engine_room *room, const char *party, const char *name) {
    return send_as(room, party, with(room, room_message(room, name), "20261012000000001", "HAIJ-1"));
}

/* Bug 52: more had waited for a declaration than one decision holds, and the declaration was refused for
   it. */
static void much_that_waited_comes_along_bit_by_bit(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    for (int i = 0; i < 150; i++) {
        send_of(room, "QQCT", "port-event/import-2-arrival");
        send_with_own_id(room, "CUSTOMS", "cn-import-response/imported");
    }
    send_of(room, "CUSTOMS", "cn-result/accepted");
    const struct room_decision *declared =
        room_wait(room, send_with_own_id(room, "HAIJIA", "cn-dec/import-general"), 0);
    assert_non_null(declared);
    assert_int_equal(declared->decision.result, RESULT_DONE);
    assert_true(declared->decision.destinations_count <= DECISION_DESTINATIONS_MAX);
    assert_int_equal(deliveries_of(room, "HAIJIA", "customs-response"), 100);
    send_of(room, "CUSTOMS", "cn-result/accepted");
    /* 200 destinations are enough for one decision: the answers that waited are 51 of them */
    assert_int_equal(deliveries_of(room, "HAIJIA", "customs-response"), 152);
    assert_int_equal(deliveries_of(room, "HAIJIA", "port-event"), 149);
    send_of(room, "QQCT", "port-event/import-2-arrival");
    assert_int_equal(deliveries_of(room, "HAIJIA", "port-event"), 151);
}

/* Case 282: what nobody can claim came first a hundred times, and what came behind it was never looked at. */
static void what_nobody_claims_hides_nothing_behind_it(void **state) {
    struct engine_room *room = *state;
    struct text answer = room_message(room, "cn-import-response/imported");
    assert_int_equal(room_start(room), STATUS_OK);
    /* customs of another district answers a registered id; and answers name an id that nobody registered */
    for (int i = 0; i < 120; i++) {
        const char *number = arena_printf(room->arena, "I%d", i);
        struct text other = with(room, answer, "I20260000000412055", number);
        send_as(room, "YANTAI", with(room, other, "20261012000000001", "HAIJ-1"));
        send_as(room, "CUSTOMS", with(room, other, "20261012000000001", "ANYBODYS"));
    }
    send_as(room, "CUSTOMS", with(room, answer, "20261012000000001", "HAIJ-1"));
    send_as(room, "CUSTOMS", with(room, answer, "20261012000000001", "ANYBODYS"));
    send_with_own_id(room, "HAIJIA", "cn-dec/import-general");
    assert_int_equal(deliveries_of(room, "HAIJIA", "customs-response"), 1);
    send_as(room, "HAIJIA",
            with(room, room_message(room, "cn-dec/import-general"), "20261012000000001", "ANYBODYS"));
    assert_int_equal(deliveries_of(room, "HAIJIA", "customs-response"), 2);
}

/* --- what one cause may concern ------------------------------------------------------------------------- */

static void tell_of(struct engine_room *room, const char *id, const char *bill, int first, int count) {
    send_as(room, "QQCT", port_event(room, id, "DISC", bill, first, count));
}

/* Case 283: the same of events that wait for the holder of another's goods, too. */
static void events_that_wait_for_another_hold_up_none(void **state) {
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    tell_of(room, "OWN", "LYEX26Q4001234", 0, 1);
    tell_of(room, "OTHER", "LYEXOTHER", 1, 1);
    for (int i = 0; i < 120; i++) {
        tell_of(room, arena_printf(room->arena, "BOTH%d", i), NULL, 0, 2);
    }
    tell_of(room, "LAST", NULL, 0, 1);
    send_with_own_id(room, "HAIJIA", "cn-dec/import-general");
    send_with_own_id(room, "CUSTOMS", "cn-import-response/imported");
    send_of(room, "CUSTOMS", "cn-result/accepted");
    assert_int_equal(deliveries_of(room, "HAIJIA", "port-event"), 2);
}

/* Case 284: of an event over more consignments than 128 only some were told, and nobody got it. It happens to
 * all; what concerns more than a decision holds is refused, and nothing of it happens. */
static void an_event_happens_to_all_it_names_or_to_none(void **state) {
    enum { SOME = 200, LIMIT = 1000 };
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    for (int i = 0; i <= LIMIT; i++) {
        const char *bill = arena_printf(room->arena, "LYEXMANY%d", i);
        tell_of(room, bill, bill, i, 1);
    }
    assert_true(room_settle(room));
    size_t before = room_count(room);
    uint64_t some = send_as(room, "QQCT", port_event(room, "SOME", "GTOT", NULL, 0, SOME));
    uint64_t all = send_as(room, "QQCT", port_event(room, "ALL", "GTOT", NULL, 0, LIMIT));
    uint64_t more = send_as(room, "QQCT", port_event(room, "MORE", "GTOT", NULL, 0, LIMIT + 1));
    assert_string_equal(room_wait(room, some, before)->decision.answer_code, "APPLIED");
    assert_string_equal(room_wait(room, all, before)->decision.answer_code, "APPLIED");
    assert_string_equal(room_wait(room, more, before)->decision.answer_code, "TOO-MUCH");
    assert_int_equal(deliveries_where(room, "SELECT count(*) FROM timeline WHERE event = 'I:GTOT'"),
                     SOME + LIMIT);
}

static const struct room_decision *tell(struct engine_room *room, const char *id, const char *code,
                                        const char *bill, int containers) {
    size_t before = room_count(room);
    uint64_t number = send_as(room, "QQCT", port_event(room, id, code, bill, 0, containers));
    const struct room_decision *decision = room_wait(room, number, before);
    assert_non_null(decision);
    return decision;
}

/* Case 196: one event over many containers that each carry many bills held up the decisions of all others. As
 * long as the schema lets it be it is applied; what concerns more than can be decided at once is refused in
 * words, and the next one is not. */
static void an_event_over_too_much_is_refused_in_words(void **state) {
    enum { CONTAINERS = 2000, BILLS = 12 };
    struct engine_room *room = *state;
    assert_int_equal(room_start(room), STATUS_OK);
    for (int bill = 0; bill < BILLS; bill++) {
        const char *name = arena_printf(room->arena, "LYEXMUCH%d", bill);
        assert_string_equal(tell(room, name, "DISC", name, CONTAINERS)->decision.answer_code, "APPLIED");
    }
    int64_t before = counter_get(COUNTER_ENGINE_TOO_MUCH);
    const struct decision *refused = &tell(room, "MUCH", "CUSI", NULL, CONTAINERS)->decision;
    assert_int_equal(refused->result, RESULT_REFUSED);
    assert_string_equal(refused->answer_code, "TOO-MUCH");
    assert_int_equal(refused->moves_count, 0);
    assert_int_equal(counter_get(COUNTER_ENGINE_TOO_MUCH), before + 1);
    assert_string_equal(tell(room, "PART", "CUSI", NULL, CONTAINERS / 20)->decision.answer_code, "APPLIED");
}

static void queries_of_a_cause_end(void **unused) {
    struct engine_room *room = *unused;
    struct state *state;
    assert_int_equal(room_start(room), STATUS_OK);
    assert_true(room_settle(room));
    assert_int_equal(state_open(room->directory, STORE_READ, &state), STATUS_OK);
    state_limit(state, 3);
    for (int step = 0; step < 5; step++) {
        struct store_query *query = store_query(state_store(state), "SELECT 1");
        assert_int_equal(state_exists(state, query), step < 3);
        assert_int_equal(state_overworked(state), step >= 3);
    }
    assert_int_equal(state_status(state), STATUS_OK);
    state_limit(state, 0);
    assert_true(state_exists(state, store_query(state_store(state), "SELECT 1")));
    state_close(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(an_event_over_too_much_is_refused_in_words),
        TEST(queries_of_a_cause_end),
        TEST(decides_each_cause_once),
        TEST(what_the_check_refused_is_no_cause),
        TEST(a_setup_is_recorded_when_it_is_another),
        TEST(a_large_setup_stands_in_several_records),
        TEST(another_edition_decides_from_its_record_on),
        TEST(an_edition_that_is_withdrawn_decides_nothing),
        TEST(a_stop_in_the_middle_of_a_change_loses_nothing),
        TEST(makes_its_state_anew),
        TEST(a_full_disk_decides_nothing_twice),
        TEST(a_database_that_another_holds_is_waited_for),
        TEST(tells_how_far_it_is_behind),
        TEST(looks_back_for_its_setup_so_far_and_no_further),
        TEST(killed_at_any_moment),
        TEST(a_cause_that_crashes_twice_is_held),
        TEST(five_unexplained_deaths_hold),
        TEST(crashes_and_deaths_are_told_apart),
        TEST(a_held_message_is_released_as_if_decided_now),
        TEST(what_is_not_held_is_not_released),
        TEST(a_release_that_fails_again_leaves_it_held),
        TEST(a_held_tick_does_not_come_again_by_itself),
        TEST(a_decision_that_no_segment_takes_is_held),
        TEST(a_message_that_cannot_be_read_is_held),
        TEST(deciding_counts_only_one_cause_after_another),
        TEST(delivery_results_move_their_rows),
        TEST(a_state_of_another_journal_is_refused),
        TEST(what_has_no_transport_is_kept),
        TEST(what_the_engine_finds_has_its_place),
        TEST(a_refusal_is_for_a_blocked_sender_too),
        TEST(a_refusal_goes_back_the_way_the_message_came),
        TEST(much_that_waited_comes_along_bit_by_bit),
        TEST(what_nobody_claims_hides_nothing_behind_it),
        TEST(events_that_wait_for_another_hold_up_none),
        TEST(an_event_happens_to_all_it_names_or_to_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
