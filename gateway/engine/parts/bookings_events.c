/*
 * bookings_events.c - what the port tells of an inspection, by the booking it names, else by its
 * containers' active bookings, and only of those at its own port: containers travel.
 *
 * Each event that moves a booking leaves a row, so that one that is told again 更正 or withdrawn 撤回 can be
 * unlearned: the booking then stands where all others put it, and what the new telling says comes on top.
 */
#include <string.h>

#include "engine/parts/bookings.h"
#include "engine/parts/port_events_told.h"
#include "engine/subject.h"

/* Where all else that happened to it puts it. */
static const char *state_without(const struct cause *cause, const char *key, uint64_t told) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT event FROM booking_events WHERE booking = ? AND record <> ? ORDER BY record");
    const char *state = "booked";
    store_bind_string(query, 1, key);
    store_bind_int(query, 2, (int64_t)told);
    while (state_row(cause->state, query)) {
        state = lifecycle_next(&booking_lifecycle, state, row_text(query, 0, cause->arena));
    }
    store_reset(query);
    return state;
}

static void unlearn(struct cause *cause, uint64_t told) {
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT key, state, subject FROM booking_events"
                                            " JOIN bookings ON key = booking WHERE booking_events.record = ?"
                                            " ORDER BY key");
    store_bind_int(query, 1, (int64_t)told);
    while (state_row(cause->state, query)) {
        const char *key = row_text(query, 0, cause->arena), *before = row_text(query, 1, cause->arena);
        const char *to = strcmp(before, "cancelled") == 0 ? before : state_without(cause, key, told);
        decision_move(cause->decision, "bookings", key, "unlearn", before, to, cause->metadata->env.received,
                      "subject", row_text(query, 2, cause->arena), NULL);
        decision_put(cause->decision, "told", (int64_t)told);
    }
    store_reset(query);
}

/* The states of bookings that an event can be about: of an earlier booking of the container it is not. */
static bool fits(const char *event, const char *state) {
    const char *states = strcmp(event, "NOSH") == 0   ? " booked "
                         : strcmp(event, "LEAV") == 0 ? " positioned opened done "
                                                      : " booked missed positioned opened ";
    const char *at = strstr(states, state);
    return at && at[-1] == ' ' && at[strlen(state)] == ' ';
}

static void apply(struct cause *cause, const char *event) {
    struct decision *decision = cause->decision;
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT DISTINCT b.key, b.state, b.subject FROM json_each(?1) named CROSS JOIN booking_containers c"
        " JOIN bookings b ON b.key = c.booking WHERE c.container = named.value AND (?2 = '' OR b.own_id = ?2)"
        " AND substr(b.subject, 1, length(?3)) = ?3 AND b.direction IN (?4, '')"
        " AND NOT (b.state = 'missed' AND EXISTS"
        " (SELECT 1 FROM booking_containers o JOIN bookings n ON n.key = o.booking"
        " WHERE o.container = c.container AND n.queued > b.queued AND n.state <> 'cancelled'))"
        " ORDER BY b.key");
    store_bind_string(query, 1, booking_containers_named(cause));
    store_bind_string(query, 2, cause_text(cause, "booking_id"));
    store_bind_string(query, 3, subject_of_bill(cause, subject_port(cause), ""));
    store_bind_string(query, 4, cause_direction(cause));
    while (state_row(cause->state, query)) {
        const char *key = row_text(query, 0, cause->arena), *now = state_of(decision, "bookings", key);
        const char *before = now ? now : row_text(query, 1, cause->arena);
        if (fits(event, before)) {
            decision_move(decision, "bookings", key, event, before,
                          lifecycle_next(&booking_lifecycle, before, event),
                          cause_moment(cause, "event_time", cause->metadata->env.received), "subject",
                          row_text(query, 2, cause->arena), NULL);
        }
    }
    store_reset(query);
}

void booking_decide_event(struct cause *cause) {
    const char *event = cause_text(cause, "event_code");
    struct event_told before;
    enum retelling retelling = event_told_before(cause, &before);
    if (retelling == RETELLING_HOLDS) {
        unlearn(cause, before.record);
    }
    if (retelling != RETELLING_OUTDATED && !event_is_withdrawn(cause)
        && *lifecycle_proves(&booking_lifecycle, event)
        && strcmp(cause_text(cause, "classifier"), "ACT") == 0) {
        apply(cause, event);
    }
}
