/*
 * simulated_month.c DIRECTORY CONSIGNMENTS ORDER: the state.db, and the messages in the journal, of a gateway
 * that was told a simulated month, of two ports, and the parties of it; ORDER: time, shuffled, twice. Of the
 * month a year before and of the one before it was told a tenth as much, in the order of time. Says how many
 * messages there were.
 */
#include <stdlib.h>
#include <string.h>

#include "../unit/month_kit.h"
#include "journal/journal.h"

/* --- the journal ---------------------------------------------------------------------------------------- */

static struct journal *journal;

static stamp wall(void) {
    return stamp_of_day(day_of(2026, 12, 1));
}
static int64_t elapsed(void) {
    return 0;
}

static void free_entry(struct entry *entry, enum status status, void *context) {
    (void)context;
    require(status == STATUS_OK);
    free(entry);
}

static struct text take(char **at, struct text part) {
    struct text copy = { *at, part.length };
    memcpy(*at, part.at, part.length);
    *at += part.length;
    return copy;
}

static void submit(const struct record *rec) {
    size_t length = rec->meta.length + rec->fields.length + rec->data.length;
    struct entry *entry = memory_new(sizeof(*entry) + length);
    char *at = (char *)(entry + 1);
    entry->rec = (struct record){ .kind = rec->kind,
                                  .meta = take(&at, rec->meta),
                                  .fields = take(&at, rec->fields),
                                  .data = take(&at, rec->data) };
    entry->reserve = true; /* it waits for its turn */
    entry->done = free_entry;
    require(journal_submit(journal, entry) == STATUS_OK);
}

/* Behind each message stands something in the place of its decision: reports ask for none. */
static void record(struct month *month, const struct record *rec) {
    static const struct record decided = {
        .kind = RECORD_TICK, .meta = TEXT("{}"), .fields = TEXT(""), .data = TEXT("")
    };
    (void)month;
    submit(rec);
    submit(&decided);
}

static void open_journal(const char *directory) {
    struct journal_report report;
    struct journal_options options = {
        .directory = directory, .reserve = 1, .clock = { wall, elapsed }, .clock_gap = INT64_MAX
    };
    require(journal_open(&options, &journal, &report) == STATUS_OK);
}

/* --- the months ----------------------------------------------------------------------------------------- */

int main(int count, char **arguments) {
    require(count == 4);
    enum month_order order = strcmp(arguments[3], "shuffled") == 0 ? MONTH_SHUFFLED
                             : strcmp(arguments[3], "twice") == 0  ? MONTH_TWICE
                                                                   : MONTH_IN_TIME;
    struct simulate_options options = { .seed = 12,
                                        .first = 1,
                                        .ports = 2,
                                        .consignments = (unsigned)atoi(arguments[2]),
                                        .from = stamp_of_day(day_of(2026, 10, 1)),
                                        .until = stamp_of_day(day_of(2026, 11, 1)) };
    struct simulate_options year_before = options, before = options;
    unsigned some = options.consignments / 10;
    year_before.first = options.consignments + 1;
    year_before.consignments = some;
    year_before.from = stamp_of_day(day_of(2025, 10, 1));
    year_before.until = stamp_of_day(day_of(2025, 10, 25));
    before.first = year_before.first + some;
    before.consignments = some;
    before.from = stamp_of_day(day_of(2026, 9, 1));
    before.until = stamp_of_day(day_of(2026, 9, 25));
    struct month *month = month_open(arguments[1], options.ports);
    open_journal(arguments[1]);
    month->recorded = record;
    month_feed(month, &year_before, MONTH_IN_TIME);
    month_feed(month, &before, MONTH_IN_TIME);
    month_feed(month, &options, order);
    printf("accepted %u refused %u repeated %u declined %u\n", month->accepted, month->refused,
           month->repeated, month->declined);
    bool as_meant = month->surprises == 0;
    journal_close(journal);
    month_close(month);
    return as_meant ? 0 : 1;
}
