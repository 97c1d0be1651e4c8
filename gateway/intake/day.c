/*
 * day.c - the sums of state.db first, then the records behind them, from the first of today on.
 */
#include "intake/day.h"

#include "base/log.h"
#include "message/metadata.h"

/* The first record up to `last` that is not before this moment, or the one behind it. Stamps never step
 * back. */
static enum status find_moment(struct reader *reader, stamp at, uint64_t last, struct arena *arena,
                               uint64_t *number) {
    uint64_t low = *number, high = last + 1;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct record rec;
        arena_reset(arena);
        status = reader_get(reader, middle, arena, &rec);
        if (status == STATUS_OK && rec.stamp < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *number = low;
    return status;
}

static void spend_record(struct budget *budget, const struct record *rec, struct arena *arena) {
    struct metadata metadata;
    arena_reset(arena);
    if (rec->kind != RECORD_MESSAGE || !metadata_read(rec->meta, arena, &metadata)) {
        return;
    }
    budget_spend(budget_account(budget, metadata.env.party), rec->stamp, record_size(rec),
                 metadata.outcome == OUTCOME_ACCEPTED);
}

void day_count(struct budget *budget, const struct intake_options *options, struct reader *reader) {
    require(options->spent || options->spent_count == 0);
    struct arena *arena = arena_new();
    struct record rec;
    uint64_t number = options->spent_until + 1;
    for (size_t i = 0; i < options->spent_count; i++) {
        struct account *account = budget_account(budget, options->spent[i].party);
        budget_spend(account, options->now, options->spent[i].accepted_bytes, true);
        budget_spend(account, options->now, options->spent[i].refused_bytes, false);
    }
    enum status status = find_moment(reader, stamp_of_day(stamp_day(options->now)),
                                     journal_durable(options->journal), arena, &number);
    if (status == STATUS_OK) {
        status = reader_seek(reader, number);
    }
    while (status == STATUS_OK && (status = reader_next(reader, &rec)) == STATUS_OK) {
        spend_record(budget, &rec, arena);
    }
    if (status != STATUS_NOT_FOUND) {
        log_event(LOG_WARN, EVENT_INTAKE_DAY_NOT_COUNTED, LOG_STRING("status", status_name(status)), LOG_END);
    }
    arena_free(arena);
}
