/*
 * test_journal_disk.c - every call the journal makes to its disk fails in turn: the 1st, the 2nd, ... until a
 * whole run makes no more calls; once, and from then on always; with EIO, ENOSPC, EMFILE, EINTR, and as a
 * short write. After each run the journal is opened again on a good disk, and an outside list of what was
 * acknowledged is held against it. All of it from an empty directory, and from one that a crash left with a
 * torn tail, so that recovery fails too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>

#include "tests/fault/fault_disk.h"
#include "tests/unit/journal_room.h"

#include "base/log.h"
#include "journal/mark.h"
#include "journal/verify.h"

#define ENTRIES 80 /* a run turns three pages */
#define GROUP   4  /* submitted together */
#define BEFORE  30 /* of them acknowledged before a crash */

struct mode {
    const char *name;
    unsigned kinds;
    int error;
    bool for_ever, index_files;
    int least;
}; /* calls of a run */

static const struct mode modes[] = {
    { "EIO once", CALLS_ALL, EIO, false, false, 10 },
    { "EIO for ever", CALLS_ALL, EIO, true, false, 10 },
    { "ENOSPC once", CALLS_ALL, ENOSPC, false, false, 10 },
    { "ENOSPC for ever", CALLS_ALL, ENOSPC, true, false, 10 },
    { "EMFILE once", CALL_BIT(CALL_OPEN), EMFILE, false, false, 5 },
    { "EMFILE for ever", CALL_BIT(CALL_OPEN), EMFILE, true, false, 5 },
    { "EINTR once", CALL_BIT(CALL_OPEN) | CALL_BIT(CALL_READ) | CALL_BIT(CALL_WRITE), EINTR, false, false,
      10 },
    { "short write", CALL_BIT(CALL_WRITE), SHORT_WRITE, false, false, 10 },
    { "EIO once, index files", CALLS_ALL, EIO, false, true, 10 },
    { "ENOSPC for ever, index files", CALLS_ALL, ENOSPC, true, true, 10 },
};

static struct journal_room room;

/* ---- the outside list ---- */

static struct run {
    const struct mode *mode;
    struct fault_disk disk;
    _Atomic int told[ENTRIES + 1];              /* how often done() ran for the entry */
    _Atomic uint64_t acknowledged[ENTRIES + 1]; /* under which number; 0: not */
    _Atomic int failures, late;                 /* on_failure calls; acknowledgements after the failed call */
    _Atomic int refused;                        /* entries told IO */
    struct entry entries[ENTRIES + 1];
    struct record_content contents[ENTRIES + 1];
} run;

static bool is_harmless(const struct mode *mode) {
    return mode->error == EINTR || mode->error == SHORT_WRITE || mode->index_files;
}

static void note_failure(enum status status, void *context) {
    atomic_fetch_add(&run.failures, 1);
}

static void note_done(struct entry *entry, enum status status, void *context) {
    size_t key = (size_t)(entry - run.entries);
    atomic_fetch_add(&run.refused, status == STATUS_IO);
    if (status == STATUS_OK) {
        pthread_mutex_lock(&run.disk.lock);
        bool late =
            run.disk.tripped && pthread_equal(run.disk.tripped_by, pthread_self()) && !is_harmless(run.mode);
        pthread_mutex_unlock(&run.disk.lock);
        atomic_fetch_add(&run.late, late);
        atomic_store(&run.acknowledged[key], entry->rec.number);
    }
    atomic_fetch_add(&run.told[key], 1);
}

/* ---- one run ---- */

static bool is_tripped(void) {
    pthread_mutex_lock(&run.disk.lock);
    bool tripped = run.disk.tripped;
    pthread_mutex_unlock(&run.disk.lock);
    return tripped;
}

/* A full disk is tried again, unless it stays so. */
static enum status submit(struct journal *journal, uint64_t key) {
    struct entry *entry = &run.entries[key];
    *entry = (struct entry){ .done = note_done };
    content_of(key, &run.contents[key], &entry->rec);
    enum status status;
    while ((status = journal_submit(journal, entry)) == STATUS_FULL && !run.mode->for_ever) {
        usleep(2000);
    }
    return status;
}

/* Submits groups and waits for each, until all are done or the journal takes no more. Returns how many it
   took. */
static uint64_t work(struct journal *journal, uint64_t taken) {
    enum status status = STATUS_OK;
    while (status == STATUS_OK && taken < ENTRIES) {
        for (int i = 0; i < GROUP && taken < ENTRIES && status == STATUS_OK; i++) {
            status = submit(journal, taken + 1);
            taken += status == STATUS_OK;
        }
        while (journal_waiting(journal) > 0 && !(run.mode->for_ever && journal_is_full(journal))) {
            usleep(500);
        }
    }
    assert_true(status == STATUS_OK || is_tripped());
    return taken;
}

static void check_what_was_told(uint64_t before, uint64_t taken) {
    for (uint64_t key = 1; key <= ENTRIES; key++) {
        assert_int_equal(atomic_load(&run.told[key]), key > before && key <= taken ? 1 : 0);
    }
    assert_int_equal(atomic_load(&run.late), 0);
    assert_true(atomic_load(&run.failures) <= 1);
    assert_true(atomic_load(&run.refused) == 0 || atomic_load(&run.failures) == 1);
    if (run.failures && run.mode->error == EIO) { /* a disk without space is tried again */
        assert_int_equal(run.disk.writes_after, 0);
    }
    if (is_harmless(run.mode)) {
        for (uint64_t key = 1; key <= ENTRIES; key++) {
            assert_int_equal(run.acknowledged[key], key);
        }
    }
}

/* Everything acknowledged stands under its number, in the order it was submitted; nothing stands twice. */
static void check_records(struct journal *journal) {
    struct reader *reader = reader_new(journal);
    struct record rec;
    uint64_t last = 0, acknowledged = 0;
    for (uint64_t number = 1; number <= journal_durable(journal); number++) {
        assert_int_equal(reader_next(reader, &rec), STATUS_OK);
        uint64_t key = content_key(&rec);
        assert_true(content_is(&rec, key));
        assert_true(key > last);
        last = key;
        assert_true(run.acknowledged[key] == 0 || run.acknowledged[key] == number);
        acknowledged += run.acknowledged[key] > 0;
    }
    for (uint64_t key = 1; key <= ENTRIES; key++) {
        acknowledged -= run.acknowledged[key] > 0;
    }
    assert_int_equal(acknowledged, 0);
    reader_free(reader);
}

static void check_with_a_good_disk(void) {
    struct disk lazy = disk_lazy();
    struct journal_options options = room_options(&room);
    struct journal_report report;
    struct journal *journal;
    options.disk = &lazy;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    uint64_t found = journal_durable(journal);
    check_records(journal);
    struct record rec;
    assert_int_equal(room_append(journal, found + 1, &rec), STATUS_OK);
    assert_int_equal(rec.number, found + 1);
    journal_close(journal);
    struct journal_verdict verdict;
    assert_int_equal(journal_verify(room.directory, &verdict), STATUS_OK);
    assert_int_equal(verdict.records, found + 1);
}

/* Appends BEFORE records and leaves what a crash in the middle of the next write leaves. */
static void crash(void) {
    struct disk lazy = disk_lazy();
    struct journal_options options = room_options(&room);
    struct journal_report report;
    struct journal *journal;
    options.disk = &lazy;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    room_fill(journal, 1, BEFORE);
    for (uint64_t key = 1; key <= BEFORE; key++) {
        run.acknowledged[key] = key;
    }
    struct journal_mark mark = journal_mark(journal);
    journal_close(journal);
    room_tear(&room, &mark);
}

/* False: no call was left to fail. */
static bool fail_at(const struct mode *mode, uint64_t before, int n) {
    memset(&run, 0, sizeof(run));
    run.mode = mode;
    room_init(&room);
    if (before) {
        crash();
    }
    fault_disk_init(&run.disk);
    run.disk.kinds = mode->kinds;
    run.disk.error = mode->error;
    run.disk.for_ever = mode->for_ever;
    run.disk.index_files = mode->index_files;
    run.disk.fail_at = n;
    struct journal_options options = room_options(&room);
    options.disk = &run.disk.disk;
    options.on_failure = note_failure;
    struct journal_report report;
    struct journal *journal;
    enum status status = journal_open(&options, &journal, &report);
    if (status == STATUS_OK) {
        uint64_t taken = work(journal, before);
        journal_close(journal);
        check_what_was_told(before, taken);
    } else {
        assert_true(status == STATUS_IO || status == STATUS_FULL);
        assert_true(run.disk.tripped && !is_harmless(mode));
    }
    bool tripped = run.disk.tripped;
    fault_disk_release(&run.disk);
    check_with_a_good_disk();
    room_release(&room);
    return tripped;
}

static void fail_each_call(uint64_t before) {
    for (size_t m = 0; m < sizeof(modes) / sizeof(*modes); m++) {
        int n = 0, reached = 0;
        while (n < reached + 3) { /* two threads make the calls: the last few come early or late */
            n++;
            if (fail_at(&modes[m], before, n)) {
                reached = n;
            }
        }
        printf("%s: %d calls\n", modes[m].name, reached);
        assert_true(reached > modes[m].least);
    }
}

static void every_call_fails_in_turn(void **state) {
    fail_each_call(0);
}

static void every_call_fails_in_turn_after_a_crash(void **state) {
    fail_each_call(BEFORE);
}

int main(void) {
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_fails_in_turn),
        cmocka_unit_test(every_call_fails_in_turn_after_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
