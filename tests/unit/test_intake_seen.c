/*
 * Was this id here before? Stories of messages and decisions, told live, with a restart before each step, and
 * with the table made anew before each; histories at random against a plain model; and all that can happen to
 * the table.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "seen_room.h"

#include "base/counters.h"
#include "base/file.h"
#include "base/log.h"
#include "base/store.h"
#include "journal/segment.h"
#include "intake/seen_table.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct seen_room house;

static int set_up(void **state) {
    house = (struct seen_room){ 0 };
    room_init(&house.room);
    seen_room_open(&house);
    return 0;
}

static int tear_down(void **state) {
    seen_room_close(&house);
    room_release(&house.room);
    return 0;
}

static void restart(void) {
    seen_room_close(&house);
    seen_room_open(&house);
}

static void make_anew(void) {
    seen_room_close(&house);
    seen_room_forget(&house);
    seen_room_open(&house);
}

/* Asks as a message that the check refuses would: nothing of it stays. */
static enum seen_answer ask(const char *party, const char *id, const char *bytes, bool again,
                            uint64_t *number) {
    struct sent sent;
    do {
        seen_room_wait(&house);
        send_start(&house, &sent, party, id, bytes, again, OUTCOME_REFUSED);
        sent_wait(&sent);
    } while (sent.status == STATUS_BUSY); /* this very question has found the table damaged */
    assert_int_equal(sent.status, STATUS_OK);
    *number = sent.holder;
    return sent.answer;
}

/* --- stories -------------------------------------------------------------------------------------------- */

/* N: accepted as the record of this step. C: recorded as a conflict with step `with`. S: gets the receipt
 * of step `with`. R: the engine refuses the message of step `with`; D: takes it; H: holds it. Steps count
 * from 1. */
#define STEPS_MAX 12
struct step {
    char what;
    const char *id, *bytes;
    bool again;
    int with;
};

static const struct {
    const char *name;
    struct step steps[STEPS_MAX];
} stories[] = {
    { "an id is used up",
      { { 'N', "A", "a", false, 0 },
        { 'S', "A", "a", false, 1 },
        { 'C', "A", "b", false, 1 },
        { 'S', "A", "b", false, 3 },
        { 'C', "A", "c", false, 1 },
        { 'S', "A", "a", false, 1 },
        { 'N', "B", "a", false, 0 } } },
    { "case 02: the engine refuses, and the mended one may carry the id",
      { { 'N', "A", "a", false, 0 },
        { 'R', NULL, NULL, false, 1 },
        { 'N', "A", "b", false, 0 },
        { 'S', "A", "b", false, 3 },
        { 'C', "A", "c", false, 3 } } },
    { "what the engine took keeps the id",
      { { 'N', "A", "a", false, 0 }, { 'D', NULL, NULL, false, 1 }, { 'C', "A", "b", false, 1 } } },
    { "what is held keeps the id, until it is released and refused",
      { { 'N', "A", "a", false, 0 },
        { 'H', NULL, NULL, false, 1 },
        { 'C', "A", "b", false, 1 },
        { 'S', "A", "a", true, 1 },
        { 'R', NULL, NULL, false, 1 },
        { 'N', "A", "b", false, 0 } } },
    { "refused bytes get their first receipt, whoever holds the id",
      { { 'N', "A", "a", false, 0 },
        { 'R', NULL, NULL, false, 1 },
        { 'S', "A", "a", false, 1 },
        { 'N', "A", "b", false, 0 },
        { 'S', "A", "a", false, 1 },
        { 'S', "A", "b", false, 4 } } },
    { "their sender wants them decided again",
      { { 'N', "A", "a", true, 0 },
        { 'S', "A", "a", true, 1 },
        { 'R', NULL, NULL, false, 1 },
        { 'N', "A", "a", true, 0 },
        { 'S', "A", "a", true, 4 },
        { 'S', "A", "a", false, 4 },
        { 'R', NULL, NULL, false, 4 },
        { 'S', "A", "a", false, 4 },
        { 'N', "A", "a", true, 0 },
        { 'D', NULL, NULL, false, 9 },
        { 'S', "A", "a", true, 9 } } },
    { "wanting it again is no way around another holder",
      { { 'N', "A", "a", false, 0 },
        { 'R', NULL, NULL, false, 1 },
        { 'N', "A", "b", false, 0 },
        { 'C', "A", "a", true, 3 },
        { 'S', "A", "a", true, 4 },
        { 'S', "A", "a", false, 1 },
        { 'R', NULL, NULL, false, 3 },
        { 'S', "A", "a", false, 1 },
        { 'S', "A", "b", false, 3 },
        { 'N', "A", "a", true, 0 },
        { 'S', "A", "b", false, 3 } } },
    { "an older refusal frees nothing newer",
      { { 'N', "A", "a", false, 0 },
        { 'R', NULL, NULL, false, 1 },
        { 'N', "A", "b", false, 0 },
        { 'R', NULL, NULL, false, 1 },
        { 'C', "A", "c", false, 3 },
        { 'S', "A", "b", true, 3 } } },
    { "conflicts end with the record they are with",
      { { 'N', "A", "a", false, 0 },
        { 'C', "A", "b", false, 1 },
        { 'C', "A", "c", false, 1 },
        { 'R', NULL, NULL, false, 1 },
        { 'N', "A", "b", false, 0 },
        { 'C', "A", "c", false, 5 },
        { 'S', "A", "c", false, 6 },
        { 'S', "A", "b", false, 5 } } },
    { "ids are free one by one",
      { { 'N', "A", "a", false, 0 },
        { 'N', "B", "a", false, 0 },
        { 'R', NULL, NULL, false, 2 },
        { 'C', "A", "b", false, 1 },
        { 'N', "B", "b", false, 0 } } },
    { "a refusal of what was never there",
      { { 'N', "A", "a", false, 0 }, { 'R', NULL, NULL, false, 7 }, { 'C', "A", "b", false, 1 } } },
};

static void fail_step(size_t story, size_t step, const char *telling) {
    fail_msg("%s (%s), step %zu", stories[story].name, telling, step + 1);
}

static void tell(size_t story, const char *telling, void (*between)(void)) {
    uint64_t records[STEPS_MAX + 1] = { 0 };
    set_up(NULL);
    for (size_t i = 0; i < STEPS_MAX && stories[story].steps[i].what; i++) {
        const struct step *step = &stories[story].steps[i];
        static const char whats[] = {
            [SEEN_NEW] = 'N', [SEEN_SAME] = 'S', [SEEN_OTHER] = 'C', [SEEN_CONFLICT_KNOWN] = 'S'
        };
        if (between) {
            between();
        }
        if (!step->id) {
            enum result result = step->what == 'R'   ? RESULT_REFUSED
                                 : step->what == 'H' ? RESULT_HELD
                                                     : RESULT_DONE;
            records[i + 1] = decide_about(&house, records[step->with] ? records[step->with] : 1000, result);
            continue;
        }
        struct sent sent = send_one(&house, step->id, step->bytes, step->again);
        records[i + 1] = sent.number;
        bool right = sent.status == STATUS_OK && whats[sent.answer] == step->what
                     && (step->what == 'N' || sent.holder == records[step->with]);
        if (!right) {
            fail_step(story, i, telling);
        }
    }
    tear_down(NULL);
}

static void every_story_in_every_telling(void **state) {
    for (size_t i = 0; i < COUNT(stories); i++) {
        tell(i, "live", NULL);
        tell(i, "restarts", restart);
        tell(i, "made anew", make_anew);
    }
}

static void an_id_is_the_partys_own(void **state) {
    uint64_t number;
    send_one(&house, "A", "a", false);
    assert_int_equal(ask("OTHER", "A", "b", false, &number), SEEN_NEW);
    assert_int_equal(ask("FWD", "A", "b", false, &number), SEEN_OTHER);
    assert_int_equal(ask("FW", "DA", "b", false, &number), SEEN_NEW);
}

/* A decision about an order that releases a held record is about that record. */
static void what_is_released_and_refused_is_free(void **state) {
    uint64_t held = send_one(&house, "A", "a", false).number, number;
    for (int round = 0; round < 3; round++) {
        if (round == 0) {
            struct decided released = { .cause = 1000, .result = RESULT_REFUSED, .released = held };
            record_decision(&house, &released);
        } else if (round == 1) {
            restart();
        } else {
            make_anew();
        }
        assert_int_equal(ask("FWD", "A", "b", false, &number), SEEN_NEW);
        assert_int_equal(ask("FWD", "A", "a", false, &number), SEEN_SAME);
    }
}

/* --- histories at random -------------------------------------------------------------------------------- */

static uint64_t dice_state;

static unsigned dice(unsigned sides) {
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return (unsigned)(dice_state % sides);
}

static const char *const ids[] = { "A", "B", "C" }, *const bytes_of[] = { "a", "b", "c", "d" };

static void expect_the_model(const char *telling, unsigned seed) {
    static struct seen_model model;
    model_read(&model, house.journal);
    for (size_t i = 0; i < COUNT(ids) * COUNT(bytes_of) * 2; i++) {
        const char *id = ids[i % COUNT(ids)], *bytes = bytes_of[i / COUNT(ids) % COUNT(bytes_of)];
        bool again = i >= COUNT(ids) * COUNT(bytes_of);
        uint64_t number = 0, expected = 0;
        enum seen_answer answer = ask("FWD", id, bytes, again, &number);
        if (answer != model_ask(&model, id, bytes, again, &expected) || number != expected) {
            fail_msg("seed %u, %s: %s %s%s is answered %d %llu", seed, telling, id, bytes,
                     again ? " again" : "", answer, (unsigned long long)number);
        }
    }
}

/* Decisions come late, twice, in another order than their causes; batches hold messages and decisions side
 * by side. */
static void play_at_random(unsigned steps) {
    enum { MOST = 8 };
    struct sent sent[MOST];
    while (steps > 0) {
        unsigned count = 1 + dice(MOST);
        for (unsigned i = 0; i < count; i++) {
            send_start(&house, &sent[i], "FWD", ids[dice(COUNT(ids))], bytes_of[dice(COUNT(bytes_of))],
                       dice(4) == 0, dice(10) ? OUTCOME_ACCEPTED : OUTCOME_REFUSED);
        }
        uint64_t last = journal_durable(house.journal);
        if (last > 0 && dice(2)) {
            decide_about(&house, 1 + dice((unsigned)last),
                         dice(3)   ? RESULT_REFUSED
                         : dice(2) ? RESULT_HELD
                                   : RESULT_DONE);
        }
        for (unsigned i = 0; i < count; i++) {
            sent_wait(&sent[i]);
            assert_int_equal(sent[i].status, STATUS_OK);
        }
        steps -= steps < count ? steps : count;
    }
}

static void histories_at_random(void **state) {
    for (unsigned seed = 1; seed <= 25; seed++) {
        dice_state = seed * 2654435761u;
        set_up(NULL);
        for (int part = 0; part < 3; part++) {
            play_at_random(60);
            expect_the_model("live", seed);
            restart();
            expect_the_model("after a restart", seed);
        }
        make_anew();
        expect_the_model("made anew", seed);
        tear_down(NULL);
    }
}

/* --- more than memory holds ----------------------------------------------------------------------------- */

/* As many as wished at once; each must be new. */
static void send_many(const char *prefix, int from, int to) {
    enum { AT_ONCE = 512 };
    static struct sent sent[AT_ONCE];
    static char names[AT_ONCE][32];
    for (int first = from; first < to; first += AT_ONCE) {
        int count = to - first < AT_ONCE ? to - first : AT_ONCE;
        for (int i = 0; i < count; i++) {
            snprintf(names[i], sizeof(names[i]), "%s-%d", prefix, first + i);
            send_start(&house, &sent[i], "FWD", names[i], "a", false, OUTCOME_ACCEPTED);
        }
        for (int i = 0; i < count; i++) {
            sent_wait(&sent[i]);
            if (sent[i].status == STATUS_BUSY) { /* the writer was slower for a moment: come again */
                seen_room_wait(&house);
                sent[i] = send_one(&house, names[i], "a", false);
            }
            assert_int_equal(sent[i].status, STATUS_OK);
            assert_int_equal(sent[i].answer, SEEN_NEW);
        }
    }
}

static void expect_many(const char *prefix, int from, int to, int every) {
    char id[32];
    uint64_t number;
    for (int i = from; i < to; i += every) {
        snprintf(id, sizeof(id), "%s-%d", prefix, i);
        assert_int_equal(ask("FWD", id, "a", false, &number), SEEN_SAME);
        assert_int_equal(ask("FWD", id, "b", false, &number), SEEN_OTHER);
    }
    assert_int_equal(ask("FWD", "none", "a", false, &number), SEEN_NEW);
}

/* From here on most of what never was here is told without the table. */
static void wait_for_filter(void) {
    for (int i = 0; !seen_is_filtered(house.seen); i++) {
        assert_true(i < 60000);
        usleep(1000);
    }
}

/* The first generations stand in the table, where a restart finds them again. Each of the two in memory is
 * used again and again: what was in it before takes no place any more. The filter forgets none of them,
 * whether it learned them as they came, grew too small for them, or read them all again. */
static void generations(void **state) {
    enum { IDS = 4 * SEEN_NEWEST_MAX + 100 };
    uint64_t number;
    struct sent first = send_one(&house, "first", "a", false);
    assert_true(seen_is_filtered(house.seen)); /* an empty table has its filter at once */
    send_many("G", 0, IDS);
    expect_many("G", 0, IDS, 97);
    wait_for_filter();
    expect_many("G", 0, IDS, 11);
    decide_about(&house, first.number, RESULT_REFUSED);
    assert_int_equal(ask("FWD", "first", "b", false, &number), SEEN_NEW);
    restart();
    expect_many("G", 0, IDS, 97);
    wait_for_filter();
    expect_many("G", 0, IDS, 11);
    assert_int_equal(ask("FWD", "first", "b", false, &number), SEEN_NEW);
    assert_int_equal(ask("FWD", "first", "a", false, &number), SEEN_SAME);
    make_anew();
    expect_many("G", 0, IDS, 97);
    wait_for_filter();
    expect_many("G", 0, IDS, 11);
    assert_int_equal(ask("FWD", "first", "b", false, &number), SEEN_NEW);
}

static int64_t rows_in_table(void) {
    char path[128];
    struct store *store;
    enum status status;
    assert_int_equal(store_open(seen_room_path(&house, path), STORE_READ, &store), STATUS_OK);
    struct store_query *query = store_query(store, "SELECT count(*) FROM seen");
    assert_true(store_step(query, &status));
    int64_t rows = store_int(query, 0);
    store_close(store);
    return rows;
}

/* A power cut took the record back: an id that stood in the table would be answered with a receipt for
 * nothing. */
static void what_is_not_durable_stays_out_of_the_table(void **state) {
    uint64_t number, durable = send_one(&house, "A", "a", false).number;
    restart();
    int64_t rows = rows_in_table();
    for (int i = 0; i < SEEN_NEWEST_MAX + 10; i++) {
        char id[32];
        snprintf(id, sizeof(id), "N-%d", i);
        struct metadata metadata = metadata_for("FWD", id, "a", false);
        struct seen_id asked = seen_id_of(&metadata);
        enum seen_answer answer;
        assert_int_equal(seen_ask(house.seen, &asked, &answer, &number), STATUS_OK);
        assert_int_equal(answer, SEEN_NEW);
        seen_note(house.seen, &asked, durable + 1, 0);
    }
    seen_room_close(&house);
    assert_int_equal(rows_in_table(), rows);
    seen_room_open(&house);
    assert_int_equal(ask("FWD", "A", "a", false, &number), SEEN_SAME);
    assert_int_equal(ask("FWD", "N-0", "a", false, &number), SEEN_NEW);
}

/* --- the table cannot be written, and the journal can --------------------------------------------------- */

/* Case 152. Somebody else holds the table: senders hear to come again once memory is used up; decisions
 * are taken nevertheless, as many as come; nothing waits, and when the table is free again nothing is
 * missing. */
static void a_table_that_cannot_be_written(void **state) {
    char path[128];
    struct store *store;
    struct sent kept, busy;
    uint64_t number;
    kept = send_one(&house, "kept", "a", false);
    assert_int_equal(store_open(seen_room_path(&house, path), STORE_WRITE, &store), STATUS_OK);
    assert_int_equal(store_begin(store), STATUS_OK);
    int sent = 0;
    do {
        char id[32];
        snprintf(id, sizeof(id), "L-%d", sent++);
        busy = send_one(&house, id, "a", false);
    } while (busy.status == STATUS_OK);
    assert_int_equal(busy.status, STATUS_BUSY);
    assert_int_equal(seen_ready(house.seen), STATUS_BUSY);
    assert_in_range(sent, 2 * SEEN_NEWEST_MAX - 10, 2 * SEEN_NEWEST_MAX + 10);
    for (int i = 0; i < SEEN_NEWEST_MAX; i++) {
        assert_true(decide_about(&house, 1000000 + (uint64_t)i, RESULT_REFUSED) > 0);
    }
    assert_true(decide_about(&house, kept.number, RESULT_REFUSED) > 0);
    assert_int_equal(send_one(&house, "L-0", "a", false).status, STATUS_BUSY);
    store_rollback(store);
    store_close(store);
    seen_room_wait(&house);
    expect_many("L", 0, sent - 1, 97);
    assert_int_equal(ask("FWD", "kept", "b", false, &number), SEEN_NEW);
    restart();
    expect_many("L", 0, sent - 1, 97);
    assert_int_equal(ask("FWD", "kept", "b", false, &number), SEEN_NEW);
}

/* --- damage --------------------------------------------------------------------------------------------- */

static void read_table(struct buf *out) {
    char path[128];
    buf_init(out, 64u << 20);
    assert_int_equal(file_read(seen_room_path(&house, path), out), STATUS_OK);
}

static void write_table(const struct buf *bytes) {
    char path[128];
    seen_room_forget(&house);
    int fd = open(seen_room_path(&house, path), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes->at, bytes->length), bytes->length);
    close(fd);
}

#define PAGE 4096

/* What stands in the house of the flips: ids of two parties with the same names, a conflict, a refusal. */
enum { FLIP_IDS = 120 };

static void fill_for_flips(void) {
    char id[32];
    for (int i = 0; i < FLIP_IDS; i++) {
        struct sent sent[2];
        snprintf(id, sizeof(id), "F-%d", i);
        send_start(&house, &sent[0], "FWD", id, "a", false, OUTCOME_ACCEPTED);
        send_start(&house, &sent[1], "OTHER", id, "a", false, OUTCOME_ACCEPTED);
        sent_wait(&sent[0]);
        sent_wait(&sent[1]);
    }
    send_one(&house, "F-0", "b", false);
    decide_about(&house, send_one(&house, "refused", "a", false).number, RESULT_REFUSED);
}

/* Never another's receipt, never taken twice: asked live, as it stands there now. */
static void expect_truth(size_t offset) {
    char id[32];
    uint64_t number;
    for (int i = 0; i < FLIP_IDS; i += 7) {
        snprintf(id, sizeof(id), "F-%d", i);
        bool right = ask("FWD", id, "a", false, &number) == SEEN_SAME && number == 2 * (uint64_t)i + 1
                     && ask("OTHER", id, "a", false, &number) == SEEN_SAME && number == 2 * (uint64_t)i + 2;
        if (!right) {
            fail_msg("byte %zu flipped: %s is answered with %llu", offset, id, (unsigned long long)number);
        }
    }
    assert_int_equal(ask("FWD", "F-0", "b", false, &number), SEEN_CONFLICT_KNOWN);
    assert_int_equal(ask("FWD", "F-0", "c", false, &number), SEEN_OTHER);
    assert_int_equal(ask("FWD", "refused", "b", false, &number), SEEN_NEW);
    assert_int_equal(ask("FWD", "refused", "a", false, &number), SEEN_SAME);
    assert_int_equal(ask("FWD", "F", "a", false, &number), SEEN_NEW);
}

/* Case 151. A bit of the table at a time, in its head and all over its pages (test_intake_seen_table.c flips
 * more), while the gateway is down: at the next start nothing is answered wrongly, and what was damaged is
 * made anew. */
static void a_bit_that_flips_while_nobody_looks(void **state) {
    struct buf good;
    size_t flips = 0;
    int64_t before = counter_get(COUNTER_SEEN_REMADE);
    fill_for_flips();
    seen_close(house.seen);
    read_table(&good);
    assert_true(good.length > 4 * PAGE);
    for (size_t offset = 0; offset < good.length; offset += offset < 108 ? 9 : 251, flips++) {
        char right = good.at[offset];
        good.at[offset] ^= (char)(1 << (offset + offset / PAGE) % 8);
        write_table(&good);
        good.at[offset] = right;
        assert_int_equal(seen_open(house.room.directory, house.journal, &house.seen), STATUS_OK);
        expect_truth(offset);
        seen_close(house.seen);
    }
    printf("%zu flips, %lld tables made anew\n", flips,
           (long long)(counter_get(COUNTER_SEEN_REMADE) - before));
    assert_true(counter_get(COUNTER_SEEN_REMADE) > before);
    buf_release(&good);
    assert_int_equal(seen_open(house.room.directory, house.journal, &house.seen), STATUS_OK);
}

/* The same under a running gateway, in a table larger than what it keeps in memory. Damage that nobody
 * asks about is found by the slices. */
static void a_bit_that_flips_while_it_runs(void **state) {
    enum { IDS = 2 * SEEN_NEWEST_MAX, FLIPS = 60 };
    char path[128];
    uint64_t number;
    dice_state = 88172645463325252u;
    send_many("W", 0, IDS);
    restart();
    for (int flip = 0; flip < FLIPS; flip++) {
        int64_t before = counter_get(COUNTER_SEEN_REMADE);
        struct stat found;
        char byte;
        seen_room_wait(&house);
        int fd = open(seen_room_path(&house, path), O_RDWR);
        if (fd < 0) { /* the slices have just found the last one */
            continue;
        }
        assert_int_equal(fstat(fd, &found), 0);
        if (found.st_size <= PAGE) {
            close(fd);
            continue;
        }
        off_t offset = PAGE + dice((unsigned)found.st_size - PAGE);
        assert_int_equal(pread(fd, &byte, 1, offset), 1);
        byte ^= (char)(1 << dice(8));
        assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
        close(fd);
        expect_many("W", (int)dice(97), IDS, 997);
        if (flip % 20 == 0) { /* rows that nobody asked about */
            for (int i = 0; i < 20000 && counter_get(COUNTER_SEEN_REMADE) == before; i++) {
                usleep(1000);
            }
        }
    }
    assert_int_equal(ask("FWD", "W-1", "a", false, &number), SEEN_SAME);
}

/* Case 153. A table of this very shape, every row of it whole, and of another gateway: made anew. */
static void the_table_of_another_journal(void **state) {
    struct seen_room first = house;
    struct buf foreign;
    uint64_t number;
    for (int i = 0; i < 10; i++) {
        char id[32];
        snprintf(id, sizeof(id), "X-%d", i);
        send_one(&house, id, "a", false);
    }
    seen_room_close(&house);
    read_table(&foreign);
    for (int records = 5; records <= 15;
         records += 5) { /* shorter, as long as, longer than the other journal */
        house = (struct seen_room){ 0 };
        room_init(&house.room);
        seen_room_open(&house);
        for (int i = 0; i < records; i++) {
            char id[32];
            snprintf(id, sizeof(id), "Y-%d", i);
            send_one(&house, id, "a", false);
        }
        seen_room_close(&house);
        write_table(&foreign);
        int64_t before = counter_get(COUNTER_SEEN_REMADE);
        seen_room_open(&house);
        assert_int_equal(counter_get(COUNTER_SEEN_REMADE), before + 1);
        assert_int_equal(ask("FWD", "X-0", "a", false, &number), SEEN_NEW);
        assert_int_equal(ask("FWD", "Y-0", "a", false, &number), SEEN_SAME);
        assert_int_equal(number, 1);
        seen_room_close(&house);
        room_release(&house.room);
    }
    buf_release(&foreign);
    house = first;
    seen_room_open(&house);
}

/* Not a table at all, and one of another format. */
static void what_is_no_table_is_made_anew(void **state) {
    static const char *const tables[] = {
        "CREATE TABLE position(id INTEGER PRIMARY KEY, number INTEGER NOT NULL) STRICT;",
        "CREATE TABLE seen(key BLOB PRIMARY KEY, number INTEGER NOT NULL, digest BLOB NOT NULL) STRICT, WITHOUT ROWID;",
    };
    uint64_t number;
    send_one(&house, "A", "a", false);
    for (size_t i = 0; i <= COUNT(tables); i++) {
        char path[128];
        seen_room_close(&house);
        seen_room_forget(&house);
        if (i < COUNT(tables)) {
            struct store *store;
            assert_int_equal(store_open(seen_room_path(&house, path), STORE_WRITE, &store), STATUS_OK);
            assert_int_equal(store_exec(store, tables[i]), STATUS_OK);
            store_close(store);
        } else {
            char bytes[PAGE * 4];
            memset(bytes, 'x', sizeof(bytes));
            assert_int_equal(
                file_replace(seen_room_path(&house, path), (struct text){ bytes, sizeof(bytes) }), STATUS_OK);
        }
        seen_room_open(&house);
        assert_int_equal(ask("FWD", "A", "a", false, &number), SEEN_SAME);
        assert_int_equal(ask("FWD", "A", "b", false, &number), SEEN_OTHER);
    }
}

/* Case 154. The journal has the truth and cannot be read just now: what the table knows would be lost with
 * it. */
static void a_journal_that_cannot_be_read_costs_no_table(void **state) {
    char path[128];
    struct buf before, after;
    uint64_t number;
    send_one(&house, "A", "a", false);
    restart(); /* the table stands at record 1 ... */
    seen_room_close(&house);
    read_table(&before);
    seen_room_open(&house);
    send_many("M", 0, 5000); /* ... and the journal goes on for some segments */
    seen_room_close(&house);
    write_table(&before);
    int fd = open(room_path(&house.room, 1, "seg", path), O_RDWR);
    char byte, broken;
    off_t place = SEGMENT_PAGE + 4000; /* behind record 1; the segment is sealed, so it is trusted */
    assert_int_equal(pread(fd, &byte, 1, place), 1);
    broken = (char)(byte ^ 1);
    assert_int_equal(pwrite(fd, &broken, 1, place), 1);

    struct journal_options options = room_options(&house.room);
    struct journal_report report;
    struct seen *seen;
    options.segment_size = 1u << 20;
    assert_int_equal(journal_open(&options, &house.journal, &report), STATUS_OK);
    int64_t remade = counter_get(COUNTER_SEEN_REMADE);
    assert_int_equal(seen_open(house.room.directory, house.journal, &seen), STATUS_IO);
    assert_null(seen);
    journal_close(house.journal);
    assert_int_equal(counter_get(COUNTER_SEEN_REMADE), remade);
    read_table(&after);
    assert_int_equal(after.length, before.length);
    assert_memory_equal(after.at, before.at, after.length);

    assert_int_equal(pwrite(fd, &byte, 1, place), 1);
    close(fd);
    seen_room_open(&house);
    assert_int_equal(ask("FWD", "A", "a", false, &number), SEEN_SAME);
    expect_many("M", 0, 5000, 97);
    assert_int_equal(counter_get(COUNTER_SEEN_REMADE), remade);
    buf_release(&before);
    buf_release(&after);
}

static void nobody_else_may_read_it(void **state) {
    char path[128];
    struct stat found;
    assert_int_equal(stat(seen_room_path(&house, path), &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
}

int main(void) {
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_story_in_every_telling),
        cmocka_unit_test(histories_at_random),
        cmocka_unit_test_setup_teardown(an_id_is_the_partys_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_released_and_refused_is_free, set_up, tear_down),
        cmocka_unit_test_setup_teardown(generations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_durable_stays_out_of_the_table, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_table_that_cannot_be_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bit_that_flips_while_nobody_looks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bit_that_flips_while_it_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_table_of_another_journal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_table_is_made_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_journal_that_cannot_be_read_costs_no_table, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_else_may_read_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
