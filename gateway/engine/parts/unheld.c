/*
 * unheld.c - remembered without a holder → handed over to the holder.
 *
 * An event of containers that was kept until they belonged to somebody (passages.h) comes in here when the
 * last of them is claimed: then it can be told whose it is.
 */
#include "engine/parts/unheld.h"

#include <string.h>

#include "base/status.h"
#include "engine/parts/consignments.h"
#include "engine/parts/declarations.h"
#include "engine/parts/passages.h"

#define READ_MAX            100 /* at a time */
#define MOVES_ENOUGH        (DECISION_MOVES_MAX / 2)
#define DESTINATIONS_ENOUGH 200 /* of one decision: what more there is, is remembered for the next one */
#define SUBJECTS_READ       (EVENT_SUBJECTS_MAX + 1)

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS unheld(subject TEXT NOT NULL, direction TEXT NOT NULL, record INTEGER NOT"
    " NULL,"
    "  route TEXT NOT NULL, PRIMARY KEY(subject, direction, record)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS unheld_record ON unheld(record);";

static bool has_room(const struct cause *cause) {
    return cause->decision->destinations_count < DESTINATIONS_ENOUGH
           && cause->decision->moves_count < MOVES_ENOUGH;
}

/* --- remembering ---------------------------------------------------------------------------------------- */

void unheld_remember(struct cause *cause, const char *const *subjects, size_t count, const char *direction,
                     uint64_t record, const char *route) {
    require(cause_has_state(cause));
    for (size_t i = 0; *route && i < count; i++) {
        decision_move(cause->decision, "unheld", subjects[i], "remember", "", "", 0, "direction", direction,
                      "route", route, NULL);
        decision_put(cause->decision, "record", (int64_t)record);
    }
}

/* --- handing over --------------------------------------------------------------------------------------- */

struct unheld {
    uint64_t record;
    const char *route;
};

/* Behind the record `behind`. */
static size_t load(const struct cause *cause, const char *subject, const char *direction, uint64_t behind,
                   struct unheld out[READ_MAX]) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT record, route FROM unheld WHERE subject = ? AND direction = ?"
                                   " AND record > ? ORDER BY record LIMIT ?");
    size_t count = 0;
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, direction);
    store_bind_int(query, 3, (int64_t)behind);
    store_bind_int(query, 4, READ_MAX);
    while (count < READ_MAX && state_row(cause->state, query)) {
        out[count++] = (struct unheld){ (uint64_t)store_int(query, 0), row_text(query, 1, cause->arena) };
    }
    store_reset(query);
    return count;
}

/* Who holds all consignments that the record is about. */
static enum hold hold_of_record(const struct cause *cause, uint64_t record, const char *direction,
                                const char **holder) {
    const char *subjects[2 * SUBJECTS_READ];
    size_t assigned = passages_of_record(cause, record, subjects, SUBJECTS_READ), count = assigned;
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT DISTINCT subject FROM unheld WHERE record = ? ORDER BY subject LIMIT ?");
    store_bind_int(query, 1, (int64_t)record);
    store_bind_int(query, 2, SUBJECTS_READ);
    while (count < 2 * SUBJECTS_READ && state_row(cause->state, query)) {
        subjects[count++] = row_text(query, 0, cause->arena);
    }
    store_reset(query);
    if (assigned == SUBJECTS_READ || count - assigned == SUBJECTS_READ) {
        *holder = "";
        return HELD_BY_SEVERAL; /* as far as can be told */
    }
    return consignments_hold(cause, subjects, count, direction, holder);
}

/* What another consignment without a holder is named in, too, goes on waiting. */
static void hand_over(struct cause *cause, const char *subject, const char *direction, const char *party,
                      const struct unheld *unheld) {
    const char *holder;
    enum hold hold = hold_of_record(cause, unheld->record, direction, &holder);
    if (hold != HELD_BY_NOBODY_YET) {
        decision_move(cause->decision, "unheld", subject, "hand-over", "", "", cause->stamp, NULL);
        decision_put(cause->decision, "record", (int64_t)unheld->record);
    }
    if (hold == HELD_BY_ONE && strcmp(holder, party) == 0) {
        decision_send(cause->decision, party, unheld->record, unheld->route);
    }
}

void unheld_hand_over(struct cause *cause, const char *subject, const char *direction, const char *party) {
    require(*party);
    struct unheld unheld[READ_MAX];
    size_t count = READ_MAX;
    for (uint64_t behind = 0; count == READ_MAX && has_room(cause) && !state_budget_is_low(cause->state);
         behind = count ? unheld[count - 1].record : behind) {
        count = load(cause, subject, direction, behind, unheld);
        for (size_t i = 0; i < count && has_room(cause); i++) {
            hand_over(cause, subject, direction, party, &unheld[i]);
        }
    }
}

/* Of an event that was kept every container belongs to somebody now: on to who holds them all. */
static void claimed(struct cause *cause, uint64_t record, const char *direction) {
    const char *subjects[SUBJECTS_READ], *holder, *route = passages_route(cause, record);
    size_t count = *route ? passages_of_record(cause, record, subjects, SUBJECTS_READ) : 0;
    if (!count || count == SUBJECTS_READ) { /* of so many cannot be told who holds all */
        return;
    }
    enum hold hold = consignments_hold(cause, subjects, count, direction, &holder);
    if (hold == HELD_BY_ONE && cause->decision->destinations_count < DESTINATIONS_ENOUGH) {
        decision_send(cause->decision, holder, record, route);
    } else if (hold != HELD_BY_SEVERAL) {
        unheld_remember(cause, subjects, count, direction, record, route);
    }
}

static void hear(struct cause *cause, const struct move *move) {
    struct declaration declaration;
    uint64_t record;
    const char *direction;
    enum declaration_turn turn = declaration_turn(cause, move);
    if (passage_is_claimed(cause, move, &record, &direction)) {
        claimed(cause, record, direction);
    } else if ((turn == DECLARATION_ACCEPTED || turn == DECLARATION_REMAINS_ACCEPTED)
               && declaration_get(cause, move->key, &declaration)) {
        const char *holder = consignment_holder(cause, declaration.subject, declaration.direction);
        if (strcmp(holder, declaration.party) == 0) {
            unheld_hand_over(cause, declaration.subject, declaration.direction, holder);
        }
    }
}

/* --- what its moves do to it ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "remember", NULL, {
        "INSERT OR IGNORE INTO unheld(subject, direction, record, route) VALUES(:key, :direction, :record, :route)" }, NULL },
    { "hand-over", NULL, { "DELETE FROM unheld WHERE record = :record" }, NULL },
    { 0 },
};
/* clang-format on */

const struct part part_unheld = { .name = "unheld", .tables = tables, .hear = hear, .moves = moves };
