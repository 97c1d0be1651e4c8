/*
 * test_journal_kill.c - kill -9: of a child that appends under load and tells through a pipe what was
 * acknowledged, at random moments; and of one that recovers, at each of its calls to the disk, one after the
 * other.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/fault/fault_disk.h"
#include "tests/unit/journal_room.h"

#include "base/log.h"
#include "journal/mark.h"
#include "journal/verify.h"

#define ROUNDS       40
#define CLIENTS      16
#define DELAY_US_MAX 40000

static struct journal_room room;

static int set_up(void **state) {
    room_init(&room);
    return 0;
}

static int tear_down(void **state) {
    room_release(&room);
    return 0;
}

/* ---- the child that appends ---- */

static struct {
    int pipe;
    sem_t slots;
    struct entry entries[CLIENTS]; /* a ring: done() runs in their order */
    struct record_content contents[CLIENTS];
} load;

static void tell_parent(struct entry *entry, enum status status, void *context) {
    uint64_t number = entry->rec.number;
    if (status != STATUS_OK || write(load.pipe, &number, sizeof(number)) != sizeof(number)) {
        _exit(4);
    }
    sem_post(&load.slots);
}

static void append_until_killed(int pipe) {
    struct journal *journal;
    struct journal_options options = room_options(&room);
    struct journal_report report;
    if (journal_open(&options, &journal, &report) != STATUS_OK) {
        _exit(2);
    }
    load.pipe = pipe;
    sem_init(&load.slots, 0, CLIENTS);
    for (uint64_t key = journal_durable(journal) + 1;; key++) {
        struct entry *entry = &load.entries[key % CLIENTS];
        while (sem_wait(&load.slots) < 0) {
        }
        *entry = (struct entry){ .done = tell_parent };
        content_of(key, &load.contents[key % CLIENTS], &entry->rec);
        if (journal_submit(journal, entry) != STATUS_OK) {
            _exit(3);
        }
    }
}

/* ---- the parent ---- */

static void kill_and_reap(pid_t child) {
    int status;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL); /* it did not end by itself */
}

/* One life of the child; returns the last record it was told of. */
static uint64_t live_once(uint64_t acknowledged, uint64_t *dice) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        append_until_killed(ends[1]);
    }
    close(ends[1]);
    usleep((useconds_t)(fault_dice(dice) % DELAY_US_MAX));
    kill_and_reap(child);
    uint64_t number;
    while (read(ends[0], &number, sizeof(number)) == sizeof(number)) {
        assert_true(number > acknowledged);
        acknowledged = number;
    }
    close(ends[0]);
    return acknowledged;
}

static void nothing_acknowledged_is_lost_by_a_kill(void **state) {
    uint64_t acknowledged = 0, dice = 88172645463325252u;
    for (int round = 0; round < ROUNDS; round++) {
        acknowledged = live_once(acknowledged, &dice);
        struct reader *reader;
        enum status status = reader_open(room.directory, &reader);
        if (status == STATUS_NOT_FOUND) { /* killed before it made the folder */
            assert_int_equal(acknowledged, 0);
            continue;
        }
        assert_int_equal(status, STATUS_OK);
        assert_true(reader_last(reader) >= acknowledged);
        assert_int_equal(room_check(reader), reader_last(reader));
        reader_free(reader);
    }
    assert_true(acknowledged > 0);
    struct journal_verdict verdict;
    assert_int_equal(journal_verify(room.directory, &verdict), STATUS_OK);
    printf("%d kills, %llu acknowledged, %llu records\n", ROUNDS, (unsigned long long)acknowledged,
           (unsigned long long)verdict.records);
}

/* ---- recovery, killed at each of its calls ---- */

static void die(struct fault_disk *disk, enum fault_call call, void *context) {
    if (disk->calls == *(int *)context) {
        raise(SIGKILL);
    }
}

/* Opens the journal in a child that dies at the n-th call; true when it came that far. */
static bool recover_until(int n) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static struct fault_disk disk;
        fault_disk_init(&disk);
        disk.before = die;
        disk.context = &n;
        struct journal_options options = room_options(&room);
        options.disk = &disk.disk;
        struct journal_report report;
        struct journal *journal;
        enum status status = journal_open(&options, &journal, &report);
        _exit(status == STATUS_OK ? 0 : 1); /* no orderly close */
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true((WIFEXITED(status) && WEXITSTATUS(status) == 0)
                || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
    return WIFSIGNALED(status);
}

static void recovery_may_be_killed_as_often_as_one_likes(void **state) {
    struct journal *journal = room_open(&room);
    room_fill(journal, 1, 50);
    struct journal_mark mark = journal_mark(journal);
    journal_close(journal);
    room_tear(&room, &mark);

    int kills = 0;
    for (int round = 0; round < 3; round++) {
        for (int n = 1; recover_until(n); n++) {
            kills++;
        }
    }
    printf("%d kills in a row\n", kills);
    assert_true(kills > 20);
    journal = room_open(&room);
    assert_int_equal(journal_durable(journal), 50);
    struct reader *reader = reader_new(journal);
    assert_int_equal(room_check(reader), 50);
    reader_free(reader);
    room_fill(journal, 51, 60);
    journal_close(journal);
    struct journal_verdict verdict;
    assert_int_equal(journal_verify(room.directory, &verdict), STATUS_OK);
    assert_int_equal(verdict.records, 60);
}

int main(void) {
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_acknowledged_is_lost_by_a_kill, set_up, tear_down),
        cmocka_unit_test_setup_teardown(recovery_may_be_killed_as_often_as_one_likes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
