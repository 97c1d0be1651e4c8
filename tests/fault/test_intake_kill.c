/*
 * test_intake_kill.c - ids that are used and free again, while the power fails and processes are killed:
 * between a message and its sync, between the decision that refuses it and its sync, between that and the
 * table.
 *
 * Whatever is left of the journal, a start knows what the records that are left say, no more and no less: the
 * table beside it, as it stood at the cut, changes nothing of that. What was acknowledged is there.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/fault/fault_disk.h"
#include "tests/unit/seen_room.h"

#include "base/log.h"

#define STEPS        60
#define RESTARTS     4 /* each puts what is in memory into the table */
#define MIXTURES     2 /* random cuts at each call, besides all lost and all kept */
#define KILLS        15
#define DELAY_US_MAX 60000

static const char *const ids[] = { "A", "B" }, *const bytes_of[] = { "a", "b", "c" };
#define QUESTIONS (2 * 3 * 2) /* each id, each bytes, again or not */

static struct seen_room house, after; /* where the script runs; where a cut is opened */

static struct {
    struct fault_disk disk;
    uint64_t dice, choices;        /* of the cuts; of the script */
    _Atomic uint64_t acknowledged; /* all records up to this one */
    uint64_t cuts, torn;           /* opened; with records that were written and not synced yet */
    _Atomic bool failed;           /* problem says why */
    char problem[256];
} script;

static int set_up(void **state) {
    house = after = (struct seen_room){ 0 };
    room_init(&house.room);
    room_init(&after.room);
    return 0;
}

static int tear_down(void **state) {
    room_release(&house.room);
    room_release(&after.room);
    return 0;
}

/* ---- one cut ---- */

/* Called on the journal's threads, where cmocka cannot be: notes the first problem. */
static void hold_true(bool good, const char *what, uint64_t number) {
    if (!good && !script.failed) {
        snprintf(script.problem, sizeof(script.problem), "call %d: %s (%llu)", script.disk.calls, what,
                 (unsigned long long)number);
        script.failed = true;
    }
}

static void copy_file(const char *from, const char *to) {
    char bytes[65536];
    ssize_t length;
    int in = open(from, O_RDONLY);
    int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    while (in >= 0 && (length = read(in, bytes, sizeof(bytes))) > 0) {
        hold_true(write(out, bytes, (size_t)length) == length, "the table cannot be copied", 0);
    }
    close(in);
    close(out);
}

/* As it stands now, with what is not in its main file yet. */
static void copy_table(void) {
    static const char *const endings[] = { "", "-wal" };
    char base[128], from[160], to[160];
    seen_room_forget(&after);
    for (size_t i = 0; i < 2; i++) {
        snprintf(from, sizeof(from), "%s%s", seen_room_path(&house, base), endings[i]);
        snprintf(to, sizeof(to), "%s%s", seen_room_path(&after, base), endings[i]);
        copy_file(from, to);
    }
}

static void check_answers(void) {
    static struct seen_model model;
    model_read(&model, after.journal);
    for (size_t i = 0; i < QUESTIONS; i++) {
        const char *id = ids[i % 2], *bytes = bytes_of[i / 2 % 3];
        struct metadata metadata = metadata_for("FWD", id, bytes, i >= 6);
        struct seen_id asked = seen_id_of(&metadata);
        enum seen_answer answer = SEEN_NEW, expected;
        uint64_t number = 0, right = 0;
        enum status status = seen_ask(after.seen, &asked, &answer, &number);
        expected = model_ask(&model, id, bytes, i >= 6, &right);
        hold_true(status == STATUS_OK && answer == expected && number == right,
                  "a question is answered wrongly", i);
    }
}

/* The records that were left. */
static uint64_t check_cut(void) {
    struct disk lazy = disk_lazy();
    struct journal_options options = room_options(&after.room);
    struct journal_report report;
    options.disk = &lazy;
    if (journal_open(&options, &after.journal, &report) != STATUS_OK) {
        hold_true(false, "the journal does not open", report.offset);
        return 0;
    }
    uint64_t left = journal_durable(after.journal);
    hold_true(left >= script.acknowledged, "an acknowledged record is lost", left);
    if (seen_open(after.room.directory, after.journal, &after.seen) == STATUS_OK) {
        check_answers();
        seen_close(after.seen);
    } else {
        hold_true(false, "what is seen does not open", 0);
    }
    journal_close(after.journal);
    script.cuts++;
    return left;
}

static void cut_here(struct fault_disk *disk, enum fault_call call, void *context) {
    uint64_t lost = 0;
    for (int i = 0; i < 2 + MIXTURES && !script.failed; i++) {
        enum cut how = i == 0 ? CUT_ALL_LOST : i == 1 ? CUT_ALL_KEPT : CUT_RANDOM;
        fault_disk_cut(disk, how, &script.dice, after.room.directory);
        copy_table();
        uint64_t left = check_cut();
        lost = i == 0 ? left : lost;
        script.torn += left > lost;
    }
}

/* ---- the script ---- */

static unsigned dice(unsigned sides) {
    return (unsigned)(fault_dice(&script.choices) % sides);
}

static void one_step(void) {
    struct sent sent[3];
    unsigned count = 1 + dice(3);
    for (unsigned i = 0; i < count; i++) {
        send_start(&house, &sent[i], "FWD", ids[dice(2)], bytes_of[dice(3)], dice(3) == 0, OUTCOME_ACCEPTED);
    }
    uint64_t last = journal_durable(house.journal);
    if (last > 0) {
        script.acknowledged = decide_about(&house, last - dice(last < 4 ? (unsigned)last : 4),
                                           dice(4) ? RESULT_REFUSED : RESULT_DONE);
    }
    for (unsigned i = 0; i < count; i++) {
        sent_wait(&sent[i]);
        assert_int_equal(sent[i].status, STATUS_OK);
        uint64_t number = sent[i].number;
        script.acknowledged = number > script.acknowledged ? number : script.acknowledged;
    }
}

static void the_power_fails_at_every_call(void **state) {
    memset(&script, 0, sizeof(script));
    script.dice = 88172645463325252u;
    script.choices = 2463534242u;
    fault_disk_init(&script.disk);
    house.disk = &script.disk.disk;
    script.disk.kinds = CALL_BIT(CALL_WRITE) | CALL_BIT(CALL_SYNC);
    script.disk.before = cut_here;
    seen_room_open(&house);
    for (int step = 0; step < STEPS && !script.failed; step++) {
        if (step % (STEPS / RESTARTS) == STEPS / RESTARTS - 1) {
            seen_close(house.seen);
            assert_int_equal(seen_open(house.room.directory, house.journal, &house.seen), STATUS_OK);
        }
        one_step();
    }
    seen_room_close(&house);
    if (script.failed) {
        fail_msg("%s", script.problem);
    }
    fault_disk_release(&script.disk);
    printf("%llu cuts, %llu of them with records that nobody was told of\n", (unsigned long long)script.cuts,
           (unsigned long long)script.torn);
    assert_true(script.cuts > 400 && script.torn > 50);
}

/* ---- kill -9 of a process that takes, refuses and takes again ---- */

struct word {
    uint64_t serial, number;
    bool refused;
}; /* told when it is acknowledged */

static void serial_names(uint64_t serial, char id[16], char bytes[16]) {
    snprintf(id, 16, "K-%u", (unsigned)(serial / 3)); /* refused twice, then taken, under one id */
    snprintf(bytes, 16, "b-%u", (unsigned)serial);
}

static void take_until_killed(int pipe, uint64_t serial) {
    seen_room_open(&house);
    for (;; serial++) {
        char id[16], bytes[16];
        serial_names(serial, id, bytes);
        struct sent sent = send_one(&house, id, bytes, false);
        if (sent.status != STATUS_OK || (sent.answer != SEEN_NEW && sent.answer != SEEN_SAME)) {
            _exit(3);
        }
        struct word word = { serial, sent.number, serial % 3 != 2 };
        if (write(pipe, &word, sizeof(word)) != sizeof(word)) {
            _exit(4);
        }
        if (word.refused && decide_about(&house, sent.number, RESULT_REFUSED) == 0) {
            _exit(5);
        }
    }
}

static void killed_between_taking_and_refusing(void **state) {
    enum { WORDS_MAX = 100000 };
    static struct word words[WORDS_MAX];
    size_t count = 0;
    uint64_t dice_of_delays = 2463534242u;
    for (int round = 0; round < KILLS; round++) {
        int ends[2], status;
        uint64_t number;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[0]);
            take_until_killed(ends[1], count);
        }
        close(ends[1]);
        if (round % 2) { /* the others are killed while they open, too */
            struct pollfd first = { .fd = ends[0], .events = POLLIN };
            assert_int_equal(poll(&first, 1, -1), 1);
        }
        usleep((useconds_t)(fault_dice(&dice_of_delays) % DELAY_US_MAX));
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL); /* it did not end by itself */
        while (count < WORDS_MAX
               && read(ends[0], &words[count], sizeof(words[count])) == sizeof(words[count])) {
            assert_int_equal(words[count].serial, count);
            count++;
        }
        close(ends[0]);

        seen_room_open(&house);
        for (size_t i = count > 300 ? count - 300 : 0; i < count; i++) {
            char id[16], bytes[16];
            serial_names(words[i].serial, id, bytes);
            struct metadata metadata = metadata_for("FWD", id, bytes, false);
            struct seen_id asked = seen_id_of(&metadata);
            enum seen_answer answer;
            assert_int_equal(seen_ask(house.seen, &asked, &answer, &number), STATUS_OK);
            assert_int_equal(answer, SEEN_SAME);
            assert_int_equal(number, words[i].number);
        }
        if (count > 0 && words[count - 1].refused) { /* its refusal may have been lost with the process */
            decide_about(&house, words[count - 1].number, RESULT_REFUSED);
        }
        seen_room_close(&house);
    }
    assert_true(count > 0);
    printf("%d kills, %zu acknowledged\n", KILLS, count);
}

int main(void) {
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_power_fails_at_every_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(killed_between_taking_and_refusing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
