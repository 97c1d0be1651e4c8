/*
 * test_journal_background.c - what the journal does by itself while nothing comes, on a disk that fails:
 * the mark of a journal at rest, which is a write like any other, and the scrub, which must not take a
 * failed read for damage.
 */
#include <errno.h>
#include <stdatomic.h>

#include "tests/fault/fault_disk.h"
#include "tests/unit/journal_room.h"
#include "tests/unit/waiting.h"

#include "base/counters.h"
#include "base/log.h"
#include "journal/mark.h"
#include "journal/segment.h"

#define RECORDS 120

static struct journal_room room;
static struct fault_disk disk;
static _Atomic int failures;

static void note_failure(enum status status, void *context) {
    atomic_fetch_add(&failures, 1);
}

static struct journal *open_here(int idle_ms, uint64_t scrub_bytes_s) {
    struct journal_options options = room_options(&room);
    struct journal_report report;
    struct journal *journal;
    options.disk = &disk.disk;
    options.idle_ms = idle_ms;
    options.scrub = (struct scrub_options){ .bytes_s = scrub_bytes_s, .pause_ms = 20 };
    options.on_failure = note_failure;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    return journal;
}

static int set_up(void **state) {
    room_init(&room);
    fault_disk_init(&disk);
    atomic_store(&failures, 0);
    counter_set(COUNTER_JOURNAL_DAMAGED, 0);
    counter_set(COUNTER_JOURNAL_UNREAD, 0);
    counter_set(COUNTER_JOURNAL_SCRUB_PASSED, 0);
    return 0;
}

static int tear_down(void **state) {
    fault_disk_release(&disk);
    room_release(&room);
    return 0;
}

/* From now on calls of these kinds count, and the n-th fails. */
static void fail_from_here(unsigned kinds, int n, bool for_ever) {
    pthread_mutex_lock(&disk.lock);
    disk.kinds = kinds;
    disk.error = EIO;
    disk.calls = 0;
    disk.fail_at = n;
    disk.for_ever = for_ever;
    pthread_mutex_unlock(&disk.lock);
}

static int calls_made(void) {
    pthread_mutex_lock(&disk.lock);
    int calls = disk.calls;
    pthread_mutex_unlock(&disk.lock);
    return calls;
}

/* ---- the mark ---- */

/* So that preallocation makes no calls of its own meanwhile. */
static void wait_for_next_segment(void) {
    char path[128];
    room_path(&room, 2, "seg", path);
    while (access(path, F_OK) != 0) {
        usleep(500);
    }
}

static void one_mark_is_written_for_what_came(void **state) {
    struct journal *journal = open_here(20, 0);
    wait_for_next_segment();
    fail_from_here(CALL_BIT(CALL_SYNC), 0, false);
    for (uint64_t key = 1; key <= 3; key++) {
        int before = calls_made();
        room_fill(journal, key, key);
        while (calls_made() < before + 2) { /* the record's, and the mark's */
            usleep(1000);
        }
    }
    nothing_comes_ms(60); /* three times as long as it takes: nothing came, so nothing is to be marked */
    assert_int_equal(calls_made(), 6);
    journal_close(journal);
    assert_int_equal(calls_made(), 6); /* it was at rest already */
}

static void a_mark_that_fails_ends_the_journal(void **state) {
    static const unsigned kinds[] = { CALL_BIT(CALL_WRITE), CALL_BIT(CALL_SYNC) };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        struct journal *journal = open_here(20, 0);
        wait_for_next_segment();
        fail_from_here(kinds[i], 2, false); /* the first is the record's */
        room_fill(journal, 1, 1);
        while (atomic_load(&failures) == 0) {
            usleep(1000);
        }
        assert_int_equal(room_append(journal, 2, NULL), STATUS_IO);
        assert_int_equal(disk.writes_after, 0);
        journal_close(journal);
        assert_int_equal(atomic_load(&failures), 1);
        tear_down(state);
        set_up(state);
    }
}

/* ---- the scrub ---- */

/* A pass from its beginning to its end. */
static void await_pass(void) {
    for (int i = 0; i < 2; i++) {
        counter_set(COUNTER_JOURNAL_SCRUB_PASSED, 0);
        while (counter_get(COUNTER_JOURNAL_SCRUB_PASSED) == 0) {
            usleep(1000);
        }
    }
}

static bool is_tripped(void) {
    pthread_mutex_lock(&disk.lock);
    bool tripped = disk.tripped;
    pthread_mutex_unlock(&disk.lock);
    return tripped;
}

/* The n-th read from here on fails once. False: the next pass, which reads all, was over before we saw it. */
static bool one_read_fails(int n) {
    pthread_mutex_lock(&disk.lock);
    disk.tripped = false;
    pthread_mutex_unlock(&disk.lock);
    fail_from_here(CALL_BIT(CALL_READ), n, false);
    while (!is_tripped()) {
        usleep(200);
    }
    counter_set(COUNTER_JOURNAL_SCRUB_PASSED, 0);
    while (counter_get(COUNTER_JOURNAL_UNREAD) == 0 && counter_get(COUNTER_JOURNAL_SCRUB_PASSED) == 0) {
        usleep(200);
    }
    bool seen = counter_get(COUNTER_JOURNAL_UNREAD) == 1;
    assert_int_equal(counter_get(COUNTER_JOURNAL_DAMAGED), 0);
    while (counter_get(COUNTER_JOURNAL_UNREAD) != 0) {
        usleep(200);
    }
    return seen;
}

/* Case 271: whichever read fails, of a header, of records, a seal or the zeros: nothing is called damaged. */
static void a_read_that_fails_is_no_damage(void **state) {
    struct journal *journal = room_open(&room);
    room_fill(journal, 1, RECORDS);
    journal_close(journal);
    journal = open_here(0, 1u << 30);
    await_pass();
    fail_from_here(CALL_BIT(CALL_READ), 0, false);
    await_pass();
    int reads = calls_made();
    for (int n = 1; n <= reads; n++) {
        while (!one_read_fails(n)) {
        }
        assert_int_equal(counter_get(COUNTER_JOURNAL_DAMAGED), 0);
        assert_int_equal(atomic_load(&failures), 0);
        assert_int_equal(room_append(journal, journal_durable(journal) + 1, NULL), STATUS_OK);
    }
    journal_close(journal);
    printf("each of %d reads failed once\n", reads);
    assert_true(reads > 10);
}

static void what_cannot_be_read_at_all_is_no_full_pass(void **state) {
    struct journal *journal = open_here(0, 1u << 30);
    room_fill(journal, 1, RECORDS);
    await_pass();
    fail_from_here(CALL_BIT(CALL_READ) | CALL_BIT(CALL_OPEN), 1, true);
    while (counter_get(COUNTER_JOURNAL_UNREAD) != (int64_t)journal_mark(journal).ordinal) {
        usleep(1000);
    }
    counter_set(COUNTER_JOURNAL_SCRUB_PASSED, 0);
    int calls = calls_made();
    while (calls_made() < calls + 100) {
        usleep(1000);
    }
    assert_int_equal(counter_get(COUNTER_JOURNAL_SCRUB_PASSED), 0);
    assert_int_equal(counter_get(COUNTER_JOURNAL_DAMAGED), 0);
    journal_close(journal);
}

/* Connections hold them all: that is nothing of the disk's, and passes. */
static void want_of_descriptors_is_waited_out(void **state) {
    struct journal *journal = open_here(0, 1u << 30);
    room_fill(journal, 1, RECORDS);
    await_pass();
    fail_from_here(CALL_BIT(CALL_OPEN), 1, true);
    pthread_mutex_lock(&disk.lock);
    disk.error = EMFILE;
    pthread_mutex_unlock(&disk.lock);
    while (calls_made() < 2) {
        usleep(1000);
    }
    fail_from_here(CALL_BIT(CALL_OPEN), 0, false);
    await_pass();
    assert_int_equal(counter_get(COUNTER_JOURNAL_UNREAD), 0);
    assert_int_equal(counter_get(COUNTER_JOURNAL_DAMAGED), 0);
    journal_close(journal);
}

int main(void) {
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_mark_is_written_for_what_came, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mark_that_fails_ends_the_journal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_read_that_fails_is_no_damage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_at_all_is_no_full_pass, set_up, tear_down),
        cmocka_unit_test_setup_teardown(want_of_descriptors_is_waited_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
