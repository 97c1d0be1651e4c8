/*
 * test_journal_power.c - the power fails before, in and after every write, sync and rename of a script of 200
 * records, and again while what was left is being recovered, and once more after that.
 *
 * At each such call the disk is asked what a cut would leave: nothing of what was not synced, all of it, or
 * any mixture of its sectors. That is opened as the gateway would after the power came back. It must open
 * without an operator; every record acknowledged by then must be there under its number; what else is there
 * must be what was submitted, in order; and appending must go on.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/fault/fault_disk.h"
#include "tests/unit/journal_room.h"

#include "base/log.h"
#include "journal/verify.h"

#define RECORDS     200 /* in a generation */
#define GROUP_MAX   7
#define GENERATIONS 3 /* each begins with what a cut in the one before left */
#define MIXTURES    2 /* random cuts at each call, besides all lost and all kept */

static struct journal_room room, after; /* where the script runs; where a cut is opened */
static char next_start[64];             /* the cut the next generation begins with */

static struct {
    struct fault_disk disk;
    uint64_t dice;
    _Atomic uint64_t acknowledged; /* all records up to this one */
    _Atomic uint64_t submitted;
    uint64_t cuts, torn, shorter; /* opened; with a torn tail; with less than was submitted */
    uint64_t chosen;              /* the call whose cut the next generation begins with */
    uint64_t start;               /* the acknowledged ones at that cut */
    char problem[256];
    struct entry entries[GENERATIONS * RECORDS + 1];
    struct record_content contents[GENERATIONS * RECORDS + 1];
} script;

/* ---- one cut ---- */

/* Called on the journal's threads, where cmocka cannot be: notes the first problem. */
static bool hold_true(bool good, const char *what, uint64_t number) {
    if (!good && script.problem[0] == '\0') {
        snprintf(script.problem, sizeof(script.problem),
                 "call %d: %s (%llu; acknowledged %llu, submitted %llu)", script.disk.calls, what,
                 (unsigned long long)number, (unsigned long long)script.acknowledged,
                 (unsigned long long)script.submitted);
    }
    return good;
}

static void check_records(struct journal *journal, uint64_t found) {
    struct reader *reader = reader_new(journal);
    struct record rec;
    for (uint64_t number = 1; number <= found; number++) {
        enum status status = reader_next(reader, &rec);
        if (!hold_true(status == STATUS_OK && rec.number == number && content_is(&rec, number),
                       "a record is not what was submitted", number)) {
            break;
        }
    }
    reader_free(reader);
}

static void check_cut(uint64_t acknowledged) {
    struct disk lazy = disk_lazy();
    struct journal_options options = room_options(&after);
    struct journal_report report;
    struct journal *journal;
    options.disk = &lazy;
    enum status status = journal_open(&options, &journal, &report);
    if (!hold_true(status == STATUS_OK,
                   report.damage != DAMAGE_NONE ? damage_sentence(report.damage, LANGUAGE_EN)
                                                : "it does not open",
                   report.offset)) {
        return;
    }
    uint64_t found = journal_durable(journal);
    hold_true(found >= acknowledged, "an acknowledged record is lost", found);
    hold_true(found <= atomic_load(&script.submitted), "there is more than was submitted", found);
    check_records(journal, found);
    struct record rec = { .kind = RECORD_TICK };
    status = journal_append(journal, &rec, true);
    hold_true(status == STATUS_OK && rec.number == found + 1, "it does not go on", rec.number);
    journal_close(journal);
    struct journal_verdict verdict;
    status = journal_verify(after.directory, &verdict);
    hold_true(status == STATUS_OK && verdict.records == found + 1, "it does not verify", verdict.offset);
    script.cuts++;
    script.torn += report.torn_bytes > 0;
    script.shorter += found < atomic_load(&script.submitted);
}

static void cut_here(struct fault_disk *disk, enum fault_call call, void *context) {
    if (script.problem[0] != '\0') {
        return;
    }
    uint64_t acknowledged = atomic_load(&script.acknowledged);
    for (int i = 0; i < 2 + MIXTURES; i++) {
        enum cut how = i == 0 ? CUT_ALL_LOST : i == 1 ? CUT_ALL_KEPT : CUT_RANDOM;
        fault_disk_cut(disk, how, &script.dice, after.directory);
        check_cut(acknowledged);
    }
    if (fault_dice(&script.dice) % 40 == 0
        || script.chosen == 0) { /* one of the later ones it will be, mostly */
        fault_disk_cut(disk, CUT_RANDOM, &script.dice, next_start);
        script.start = acknowledged;
        script.chosen = (uint64_t)disk->calls;
    }
}

/* ---- the script ---- */

static void note_done(struct entry *entry, enum status status, void *context) {
    if (status == STATUS_OK) {
        atomic_store(&script.acknowledged, entry->rec.number);
    }
}

static void run_script(uint64_t last, uint64_t *dice) {
    struct journal_options options = room_options(&room);
    struct journal_report report;
    struct journal *journal;
    options.disk = &script.disk.disk;
    options.idle_ms = 1;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    uint64_t key = journal_durable(journal);
    assert_true(key >= script.acknowledged);
    while (key < last) {
        uint64_t group = 1 + fault_dice(dice) % GROUP_MAX;
        for (uint64_t i = 0; i < group && key < last; i++) {
            struct entry *entry = &script.entries[++key];
            *entry = (struct entry){ .done = note_done };
            content_of(key, &script.contents[key], &entry->rec);
            atomic_store(&script.submitted, key);
            assert_int_equal(journal_submit(journal, entry), STATUS_OK);
        }
        while (journal_durable(journal) < key) {
            usleep(1000);
        }
        if (fault_dice(dice) % 4 == 0) { /* time for a mark */
            usleep(3000);
        }
    }
    journal_close(journal);
}

static void the_power_fails_at_every_call(void **state) {
    struct journal_room start;
    room_init(&room);
    room_init(&after);
    room_init(&start);
    strcpy(next_start, start.directory);
    script.dice = 88172645463325252u;
    uint64_t dice = 1181783497276652981u;
    for (uint64_t generation = 1; generation <= GENERATIONS; generation++) {
        fault_disk_init(&script.disk);
        script.disk.kinds = CALL_BIT(CALL_WRITE) | CALL_BIT(CALL_SYNC) | CALL_BIT(CALL_SYNC_NAMES)
                            | CALL_BIT(CALL_RENAME) | CALL_BIT(CALL_UNLINK);
        script.disk.before = cut_here;
        script.cuts = script.torn = script.shorter = script.chosen = 0;
        run_script(generation * RECORDS, &dice);
        printf("%d calls, %llu cuts: %llu with a torn tail, %llu lost what was not acknowledged\n",
               script.disk.calls, (unsigned long long)script.cuts, (unsigned long long)script.torn,
               (unsigned long long)script.shorter);
        fault_disk_release(&script.disk);
        assert_string_equal(script.problem, "");
        assert_true(script.cuts > 100 && script.chosen > 0 && script.shorter > 0);

        char command[300];
        snprintf(command, sizeof(command), "rm -rf '%s/journal' && cp -r '%s/journal' '%s/'", room.directory,
                 next_start, room.directory);
        assert_int_equal(system(command), 0);
        atomic_store(&script.acknowledged, script.start);
    }
    room_release(&room);
    room_release(&after);
    room_release(&start);
}

int main(void) {
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_power_fails_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
