/* Was this id here before? Asked across generations, restarts, damage and another journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/store.h"
#include "message/facts.h"
#include "journal/journal.h"
#include "journal/reader.h"
#include "intake/seen.h"

struct world { char directory[64]; struct journal *journal; struct reader *reader; struct seen *seen; };

static void open_world(struct world *world) {
    struct journal_options options = { .directory = world->directory, .segment_size = 64u << 20, .reserve = 1 };
    struct journal_report report;
    assert_int_equal(journal_open(&options, &world->journal, &report), STATUS_OK);
    world->reader = reader_new(world->journal);
    assert_int_equal(seen_open(world->directory, world->journal, world->reader, &world->seen), STATUS_OK);
}

static void close_world(struct world *world) {
    seen_close(world->seen);
    reader_free(world->reader);
    journal_close(world->journal);
}

static void start(struct world *world) {
    snprintf(world->directory, sizeof world->directory, "/tmp/clearway-seen-XXXXXX");
    assert_non_null(mkdtemp(world->directory));
    open_world(world);
}

static void finish(struct world *world) {
    char command[128];
    close_world(world);
    snprintf(command, sizeof command, "rm -rf %s", world->directory);
    assert_int_equal(system(command), 0);
}

static struct digest digest_for(const char *bytes) {
    return digest_of(bytes, strlen(bytes));
}

/* Records a message as intake does, and notes it. */
static uint64_t take(struct world *world, const char *party, const char *id, const char *bytes, enum outcome outcome) {
    struct facts facts = { .env = { .party = party, .format = "cn-dec", .file = "", .trace = "", .digest = digest_for(bytes) },
                           .family = "declaration", .format = "cn-dec", .id = id, .outcome = outcome };
    struct buf meta;
    buf_init(&meta, 65536);
    facts_write(&facts, &meta);
    struct record rec = { .kind = RECORD_MESSAGE, .meta = buf_text(&meta), .data = text_of(bytes) };
    assert_int_equal(journal_append(world->journal, &rec, false), STATUS_OK);
    buf_release(&meta);
    if (outcome != OUTCOME_REFUSED)
        seen_note(world->seen, party, "declaration", id, &facts.env.digest, rec.number, outcome == OUTCOME_CONFLICT);
    return rec.number;
}

static void expect(struct world *world, const char *party, const char *id, const char *bytes, enum seen_answer answer, uint64_t number) {
    struct digest digest = digest_for(bytes);
    uint64_t got = 0;
    assert_int_equal(seen_ask(world->seen, party, "declaration", id, &digest, &got), answer);
    if (answer != SEEN_NEW) assert_int_equal(got, number);
}

static void same_other_conflict(void **state) {
    struct world world;
    start(&world);
    uint64_t first = take(&world, "FWD", "A-1", "<a/>", OUTCOME_ACCEPTED);
    expect(&world, "FWD", "A-1", "<a/>", SEEN_SAME, first);
    expect(&world, "FWD", "A-1", "<b/>", SEEN_OTHER, first);
    expect(&world, "FWD", "A-2", "<a/>", SEEN_NEW, 0);
    expect(&world, "OTHER", "A-1", "<a/>", SEEN_NEW, 0);          /* an id is the party's own */
    uint64_t conflict = take(&world, "FWD", "A-1", "<b/>", OUTCOME_CONFLICT);
    expect(&world, "FWD", "A-1", "<b/>", SEEN_CONFLICT_KNOWN, conflict);
    expect(&world, "FWD", "A-1", "<c/>", SEEN_OTHER, first);
    expect(&world, "FWD", "A-1", "<a/>", SEEN_SAME, first);
    finish(&world);
}

static void a_restart_remembers(void **state) {
    struct world world;
    start(&world);
    uint64_t first = take(&world, "FWD", "A-1", "<a/>", OUTCOME_ACCEPTED);
    uint64_t conflict = take(&world, "FWD", "A-1", "<b/>", OUTCOME_CONFLICT);
    take(&world, "FWD", "A-9", "<x/>", OUTCOME_REFUSED);
    close_world(&world);
    open_world(&world);
    expect(&world, "FWD", "A-1", "<a/>", SEEN_SAME, first);
    expect(&world, "FWD", "A-1", "<b/>", SEEN_CONFLICT_KNOWN, conflict);
    expect(&world, "FWD", "A-9", "<x/>", SEEN_NEW, 0);            /* a refused message does not use its id up */
    finish(&world);
}

/* Case 21: records of a time before ids had one form say them as they were written; a table made anew has their form. */
static void an_old_record_is_remembered_in_the_form_of_today(void **state) {
    struct world world;
    start(&world);
    uint64_t first = take(&world, "FWD", "A  B", "<a/>", OUTCOME_ACCEPTED);
    close_world(&world);
    char table[128];
    snprintf(table, sizeof table, "%s/seen.db", world.directory);
    assert_int_equal(unlink(table), 0);
    open_world(&world);
    expect(&world, "FWD", "A B", "<a/>", SEEN_SAME, first);
    expect(&world, "FWD", "A B", "<b/>", SEEN_OTHER, first);
    finish(&world);
}

/* More than memory holds: the first generations stand in the table, where a restart finds them again. Each of the two
 * in memory is used again and again: what was in it before takes no place any more. */
static void generations(void **state) {
    enum { IDS = 5 * SEEN_NEWEST_MAX + 100 };
    struct world world;
    uint64_t *numbers = calloc(IDS, sizeof *numbers);
    char id[32];
    start(&world);
    struct digest digest = digest_for("<a/>");
    uint64_t recorded = take(&world, "FWD", "first", "<a/>", OUTCOME_ACCEPTED);
    for (int i = 0; i < IDS; i++) {
        snprintf(id, sizeof id, "G-%d", i);
        if (i % 4096 == 0) recorded = take(&world, "FWD", id, "<a/>", OUTCOME_ACCEPTED);
        else seen_note(world.seen, "FWD", "declaration", id, &digest, recorded, false);
        numbers[i] = recorded;
    }
    for (int i = 0; i < IDS; i += 7) {
        snprintf(id, sizeof id, "G-%d", i);
        expect(&world, "FWD", id, "<a/>", SEEN_SAME, numbers[i]);
    }
    expect(&world, "FWD", "first", "<a/>", SEEN_SAME, 1);
    expect(&world, "FWD", "G-none", "<a/>", SEEN_NEW, 0);
    close_world(&world);
    open_world(&world);
    for (int i = 0; i < SEEN_NEWEST_MAX - 1; i += 7) {            /* "first" is the first generation's too */
        snprintf(id, sizeof id, "G-%d", i);
        expect(&world, "FWD", id, "<a/>", SEEN_SAME, numbers[i]);
    }
    free(numbers);
    finish(&world);
}

/* Fills generations so that the first of them is handed to the table; number is each one's record. */
static void note_many(struct world *world, int count, uint64_t number) {
    struct digest digest = digest_for("<a/>");
    char id[32];
    for (int i = 0; i < count; i++) {
        snprintf(id, sizeof id, "N-%d", i);
        seen_note(world->seen, "FWD", "declaration", id, &digest, number, false);
    }
}

static int64_t rows_in_table(const struct world *world) {
    char path[128];
    struct store *store;
    enum status status;
    snprintf(path, sizeof path, "%s/seen.db", world->directory);
    assert_int_equal(store_open(path, STORE_READ, &store), STATUS_OK);
    struct store_query *query = store_query(store, "SELECT count(*) FROM seen");
    assert_true(store_step(query, &status));
    int64_t rows = store_int(query, 0);
    store_close(store);
    return rows;
}

/* A power cut took the record back: an id that stood in the table would be answered with a receipt for nothing. */
static void what_is_not_durable_stays_out_of_the_table(void **state) {
    struct world world;
    start(&world);
    uint64_t durable = take(&world, "FWD", "A-1", "<a/>", OUTCOME_ACCEPTED);
    note_many(&world, SEEN_NEWEST_MAX + 1, durable + 1);
    expect(&world, "FWD", "N-0", "<a/>", SEEN_SAME, durable + 1);
    close_world(&world);
    assert_int_equal(rows_in_table(&world), 0);
    open_world(&world);
    expect(&world, "FWD", "A-1", "<a/>", SEEN_SAME, durable);
    expect(&world, "FWD", "N-0", "<a/>", SEEN_NEW, 0);
    finish(&world);
}

/* The table knows records that this journal never had: it is another's, and made again. */
static void the_table_of_another_journal_is_made_again(void **state) {
    struct world world;
    char command[160];
    start(&world);
    for (int i = 0; i < 5; i++) take(&world, "FWD", "A-1", "<a/>", OUTCOME_REFUSED);
    note_many(&world, 2 * SEEN_NEWEST_MAX + 1, 5);                /* the second freeze waits for the first to be written */
    close_world(&world);
    snprintf(command, sizeof command, "rm -rf %s/journal", world.directory);
    assert_int_equal(system(command), 0);
    open_world(&world);
    expect(&world, "FWD", "N-0", "<a/>", SEEN_NEW, 0);
    uint64_t first = take(&world, "FWD", "N-0", "<b/>", OUTCOME_ACCEPTED);
    expect(&world, "FWD", "N-0", "<b/>", SEEN_SAME, first);
    finish(&world);
}

static void overwrite(const char *path, const char *bytes) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 4096; i++) fputs(bytes, file);
    fclose(file);
}

static void a_damaged_table_is_made_again(void **state) {
    struct world world;
    char path[128];
    start(&world);
    uint64_t first = take(&world, "FWD", "A-1", "<a/>", OUTCOME_ACCEPTED);
    close_world(&world);
    snprintf(path, sizeof path, "%s/seen.db", world.directory);
    overwrite(path, "not a table ");
    open_world(&world);
    expect(&world, "FWD", "A-1", "<a/>", SEEN_SAME, first);
    finish(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_other_conflict),
        cmocka_unit_test(a_restart_remembers),
        cmocka_unit_test(an_old_record_is_remembered_in_the_form_of_today),
        cmocka_unit_test(generations),
        cmocka_unit_test(what_is_not_durable_stays_out_of_the_table),
        cmocka_unit_test(the_table_of_another_journal_is_made_again),
        cmocka_unit_test(a_damaged_table_is_made_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
