/*
 * test_journal_scrub.c - a journal in use is read again in the background: what was spoilt behind its back is
 * found and told, what is whole is not; nobody is given a damaged record, and everything else goes on.
 */
#include <fcntl.h>

#include "tests/unit/journal_room.h"

#include "base/condition.h"
#include "base/counters.h"
#include "journal/mark.h"
#include "journal/pace.h"
#include "journal/segment.h"
#include "tests/unit/waiting.h"

#define RECORDS 120 /* three sealed segments and an open one */
#define FAST    (1u << 30)

static struct journal_room room;

static struct journal *open_scrubbed(uint64_t bytes_s) {
    struct journal_options options = room_options(&room);
    struct journal_report report;
    struct journal *journal;
    options.scrub = (struct scrub_options){ .bytes_s = bytes_s, .pause_ms = 20 };
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    return journal;
}

static int set_up(void **state) {
    room_init(&room);
    struct journal *journal = room_open(&room);
    room_fill(journal, 1, RECORDS);
    assert_true(journal_mark(journal).ordinal >= 4);
    journal_close(journal);
    counter_set(COUNTER_JOURNAL_DAMAGED, 0);
    counter_set(COUNTER_JOURNAL_SCRUB_PASSED, 0);
    counter_set(COUNTER_JOURNAL_SCRUB_POSITION, 0);
    return 0;
}

static int tear_down(void **state) {
    room_release(&room);
    return 0;
}

/* Each flip is undone by the same again. */
static void flip(uint64_t ordinal, uint64_t offset) {
    char path[128];
    uint8_t byte;
    int fd = open(room_path(&room, ordinal, "seg", path), O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, (off_t)offset), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)offset), 1);
    close(fd);
}

static void await(enum counter counter, int64_t value) {
    while (counter_get(counter) != value) {
        usleep(1000);
    }
}

/* So much is read again from here on: at least one whole pass has begun and ended. */
static void await_passes(void) {
    int64_t before = counter_get(COUNTER_JOURNAL_SCRUBBED);
    while (counter_get(COUNTER_JOURNAL_SCRUBBED) < before + 3 * 4 * ROOM_SEGMENT) {
        usleep(1000);
    }
}

static void a_whole_journal_passes(void **state) {
    struct journal *journal = open_scrubbed(FAST);
    await_passes();
    assert_true(counter_get(COUNTER_JOURNAL_SCRUB_PASSED) > 0);
    await(COUNTER_JOURNAL_SCRUB_POSITION, RECORDS);
    assert_int_equal(counter_get(COUNTER_JOURNAL_DAMAGED), 0);
    assert_int_equal(counter_get(COUNTER_JOURNAL_UNREAD), 0);
    journal_close(journal);
}

/* Where the spoilt byte stands: an ordinal from 1, or OPEN. */
#define OPEN 0

static const struct {
    const char *what;
    uint64_t ordinal, offset;
} flips[] = {
    { "the header of a sealed segment", 2, 40 },
    { "the first record of the first segment", 1, SEGMENT_PAGE + 100 },
    { "a record of a sealed segment", 2, SEGMENT_PAGE + 9000 },
    { "the zeros behind its records", 2, ROOM_SEGMENT - SEGMENT_PAGE - 1 },
    { "its seal", 2, ROOM_SEGMENT - SEGMENT_PAGE + 20 },
    { "a record of the open segment", OPEN, SEGMENT_PAGE + 60 },
    { "the header of the open segment", OPEN, 12 },
};

/* Case 270: an old record is spoilt on the disk while the gateway runs. */
static void a_flip_is_found_while_the_journal_is_used(void **state) {
    for (size_t i = 0; i < sizeof(flips) / sizeof(*flips); i++) {
        struct journal *journal = open_scrubbed(FAST);
        uint64_t last = journal_durable(journal);
        uint64_t ordinal = flips[i].ordinal != OPEN ? flips[i].ordinal : journal_mark(journal).ordinal;
        flip(ordinal, flips[i].offset);
        await(COUNTER_JOURNAL_DAMAGED, 1);
        assert_int_equal(room_append(journal, last + 1, NULL), STATUS_OK); /* everything goes on */
        flip(ordinal, flips[i].offset);
        await(COUNTER_JOURNAL_DAMAGED, 0); /* a good copy is put in its place */
        journal_close(journal);
    }
}

/* Two segments are spoilt: the one does not hide the other, nor what is behind it. */
static void each_damaged_segment_counts(void **state) {
    flip(1, SEGMENT_PAGE + 300);
    flip(3, SEGMENT_PAGE + 300);
    struct journal *journal = open_scrubbed(FAST);
    await(COUNTER_JOURNAL_DAMAGED, 2);
    await_passes();
    assert_int_equal(counter_get(COUNTER_JOURNAL_DAMAGED), 2);
    await(COUNTER_JOURNAL_SCRUB_POSITION, RECORDS);
    struct reader *reader = reader_new(journal);
    struct arena *arena = arena_new();
    uint64_t damaged = 0;
    for (uint64_t number = 1; number <= RECORDS; number++) {
        struct record rec;
        enum status status = reader_get(reader, number, arena, &rec);
        assert_true(status == STATUS_DAMAGED || (status == STATUS_OK && content_is(&rec, number)));
        damaged += status == STATUS_DAMAGED;
    }
    assert_int_equal(damaged, 2);
    arena_free(arena);
    reader_free(reader);
    journal_close(journal);
}

/* Records come while it reads: behind the mark it does not look. */
static void appends_and_turned_pages_are_no_damage(void **state) {
    struct journal *journal = open_scrubbed(FAST);
    for (int i = 0; i < 3; i++) {
        uint64_t last = journal_durable(journal);
        room_fill(journal, last + 1, last + 200);
        await_passes();
    }
    assert_int_equal(counter_get(COUNTER_JOURNAL_DAMAGED), 0);
    await(COUNTER_JOURNAL_SCRUB_POSITION, (int64_t)journal_durable(journal));
    journal_close(journal);
}

/* ---- the rate ---- */

static void a_pace_carries_its_rate_and_no_more(void **state) {
    enum { MS = 1000000 };
    static const struct {
        uint64_t bytes_s;
        int64_t now_ms;
        uint64_t bytes;
        int64_t wait_ms;
        const char *why;
    } rows[] = {
        { 1000, 0, 500, 0, "the first waits for nothing" },
        { 1000, 0, 500, 500, "the second for the first" },
        { 1000, 100, 250, 900, "the third for both" },
        { 1000, 1250, 10, 0, "all is over" },
        { 1000, 9000, 1000, 0, "a pause ..." },
        { 1000, 9000, 1000, 1000, "... is not made up for" },
        { 1, 20000, 32 << 20, 0, "a huge one is one piece" },
        { 1, 20000, 1, (int64_t)(32 << 20) * 1000, "and is waited for" },
    };
    struct pace pace = { 0 };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pace.bytes_s = rows[i].bytes_s;
        assert_int_equal(pace_wait(&pace, rows[i].now_ms * MS, rows[i].bytes) / MS, rows[i].wait_ms);
    }
}

/* The bytes that are read again in a stretch of time: those of the rate, and one block. */
static void the_scrub_keeps_to_its_rate(void **state) {
    enum { RATE = 128 << 10, BLOCK = 256 << 10 };
    int64_t before = counter_get(COUNTER_JOURNAL_SCRUBBED), began = condition_in(0);
    struct journal *journal = open_scrubbed(RATE);
    while (counter_get(COUNTER_JOURNAL_SCRUBBED) < before + RATE / 2) {
        usleep(1000);
    }
    int64_t read = counter_get(COUNTER_JOURNAL_SCRUBBED) - before;
    double seconds = (double)(condition_in(0) - began) / 1e9;
    assert_true((double)read <= seconds * RATE + ROOM_SEGMENT); /* a segment is smaller than a block */
    journal_close(journal);
}

/* However slow it is, nobody waits for it. */
static void a_close_does_not_wait_for_it(void **state) {
    struct journal *journal = open_scrubbed(1);
    await_asleep("scrub"); /* for the rate to allow a block */
    journal_close(journal);
    assert_int_equal(counter_get(COUNTER_JOURNAL_DAMAGED), 0);
    assert_int_equal(counter_get(COUNTER_JOURNAL_SCRUB_PASSED), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_whole_journal_passes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_flip_is_found_while_the_journal_is_used, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_damaged_segment_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(appends_and_turned_pages_are_no_damage, set_up, tear_down),
        cmocka_unit_test(a_pace_carries_its_rate_and_no_more),
        cmocka_unit_test_setup_teardown(the_scrub_keeps_to_its_rate, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_close_does_not_wait_for_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
