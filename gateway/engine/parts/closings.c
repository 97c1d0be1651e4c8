/*
 * closings.c - months whose clearance times are closed 定稿, as numbered snapshots.
 *
 * A snapshot is no copy: it is the record up to which the month was known, and milestones keep since when
 * each of them is known, and until when. So it costs a row, and its figures are asked for like today's.
 *
 *   first release of a month told ──► timer close ──► tick, the day of schemas/segments: snapshot 1
 *   told of it, or taken back, later ─► timer revise ─► tick, at the end of that day: snapshot 2
 *
 * What changes within one day is one revision. A month that is told of only after its closing day is closed
 * at the end of the day on which that begins.
 */
#include <inttypes.h>
#include <string.h>

#include "edition/segments.h"
#include "engine/parts/milestones.h"

#define MONTHS_MAX 16 /* of one consignment, looked at for one move */

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS snapshots(number INTEGER PRIMARY KEY, month TEXT NOT NULL,"
    "  event TEXT NOT NULL, record INTEGER NOT NULL, at INTEGER NOT NULL, definition TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS snapshots_month ON snapshots(month, number);";

/* --- which month ---------------------------------------------------------------------------------------- */

static const char *month_of(const struct cause *cause, stamp at) {
    int year, month, day;
    day_split(stamp_day(at), &year, &month, &day);
    return arena_printf(cause->arena, "%04d-%02d", year, month);
}

static bool is_closed(const struct cause *cause, const char *month) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT 1 FROM snapshots WHERE month = ? LIMIT 1");
    store_bind_string(query, 1, month);
    return state_exists(cause->state, query);
}

static bool is_any_closed(const struct cause *cause) {
    return state_exists(cause->state,
                        store_query(state_store(cause->state), "SELECT 1 FROM snapshots LIMIT 1"));
}

/* --- when ----------------------------------------------------------------------------------------------- */

static stamp end_of_day(const struct cause *cause) {
    return stamp_of_day(stamp_day(cause->stamp) + 1);
}

static stamp closing_day(const struct cause *cause, const char *month) {
    int32_t first_day, next_day;
    stamp due = month_parse(text_of(month), &first_day, &next_day)
                    ? stamp_of_day(next_day + cause->edition->segments->closes_day - 1)
                    : 0; /* no year of the calendar */
    return due > end_of_day(cause) ? due : end_of_day(cause);
}

/* Once is enough. */
static void remind(struct cause *cause, const char *month, const char *event, stamp due) {
    const struct decision *decision = cause->decision;
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (strcmp(move->part, "timers") == 0 && strcmp(move->key, month) == 0
            && text_is(move_text(move, "part"), "closings")) {
            return;
        }
    }
    if (!timer_stands(cause->state, "closings", month, event)) {
        timer_set(cause->decision, "closings", month, event, due);
    }
}

/* A declaration belongs to the month of this moment, or did. */
static void month_told(struct cause *cause, stamp at) {
    const char *month = month_of(cause, at);
    bool closed = is_closed(cause, month);
    remind(cause, month, closed ? "revise" : "close", closed ? end_of_day(cause) : closing_day(cause, month));
}

/* Something changed of goods that may have been counted in a month that is closed. */
static void revise_closed(struct cause *cause, const char *subject) {
    const struct segments *segments = cause->edition->segments;
    stamp at[MONTHS_MAX];
    for (size_t i = 0; i < segments->chains_count && is_any_closed(cause); i++) {
        size_t count = milestone_moments(cause, subject, segments->chains[i].month, at, MONTHS_MAX);
        for (size_t m = 0; m < count; m++) {
            const char *month = month_of(cause, at[m]);
            if (is_closed(cause, month)) {
                remind(cause, month, "revise", end_of_day(cause));
            }
        }
    }
}

static void hear(struct cause *cause, const struct move *move) {
    bool told = move_is(move, "milestones", "told");
    if (!cause->edition->segments->closes_day || (!told && !move_is(move, "milestones", "take-back"))) {
        return;
    }
    if (told && segments_is_month(cause->edition->segments, move_text(move, "code"))) {
        month_told(cause, move->at);
    }
    revise_closed(cause, move->key);
}

/* --- closing -------------------------------------------------------------------------------------------- */

static void tick(struct cause *cause) {
    struct decision *decision = cause->decision;
    const struct edition_text *definition = edition_text(cause->edition, "segments");
    const char *month = cause->tick_key;
    char hex[DIGEST_HEX_MAX] = "";
    struct store_query *query = store_query(state_store(cause->state), "SELECT max(number) FROM snapshots");
    int64_t number = state_number(cause->state, query, 0) + 1;
    const char *text = arena_printf(cause->arena, "%" PRId64, number);
    bool revised = strcmp(cause->tick_event, "revise") == 0;
    decision_move(decision, "closings", text, cause->tick_event, "", "", cause->stamp, "month", month,
                  "definition", definition ? digest_hex(&definition->digest, hex) : "", NULL);
    decision_put(decision, "number", number);
    decision_answer(decision, revised ? "MONTH-REVISED" : "MONTH-CLOSED",
                    arena_printf(cause->arena, "%s 月通关时效%s，快照 %s", month,
                                 revised ? "定稿后有变，已修订" : "已定稿", text),
                    arena_printf(cause->arena, "the clearance times of %s are %s, as snapshot %s", month,
                                 revised ? "revised" : "closed", text));
    decision_detail(decision, "snapshot", text);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { NULL, NULL, {
        "INSERT OR IGNORE INTO snapshots(number, month, event, record, at, definition)"
        " VALUES(:number, :month, :event, :cause, :at, :definition)" }, NULL },
    { 0 },
};
/* clang-format on */

const struct part part_closings = {
    .name = "closings", .tables = tables, .tick = tick, .hear = hear, .moves = moves
};
