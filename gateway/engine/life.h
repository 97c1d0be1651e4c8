/*
 * life.h - life cycles as tables: states with ranks, and events with the state each one proves.
 *
 * The state of a thing is the highest one that anything told about it proves. So answers may come
 * late, repeated or in any order and the outcome is the same: a late `P` released does not undo
 * `R` closed, a late acceptance does not bring a released declaration back. What proves nothing
 * new is kept as data (timeline, milestones).
 * One table serves deciding, views and tests.
 */
#ifndef ENGINE_LIFE_H
#define ENGINE_LIFE_H

#include <stddef.h>

struct life_state {
    const char *name;
    int rank;
    const char *zh, *en;
};

/* to: the state it proves, "" when none. zh, en: NULL where a code list of the set-up explains the name. */
struct life_event {
    const char *name, *to, *zh, *en;
};

struct life {
    const char *part;
    const struct life_state *states;
    size_t states_count;
    const struct life_event *events;
    size_t events_count;
};

const struct life_event *life_event(const struct life *life, const char *name); /* NULL: no such event */
const struct life_state *life_state(const struct life *life, const char *name); /* NULL: no such state */
int life_rank(const struct life *life, const char *state);                      /* 0 for "" and unknown */
const char *life_proves(const struct life *life, const char *event);            /* "" when nothing */
/* The state after the event: the one it proves when that ranks higher, else `state` itself. */
const char *life_next(const struct life *life, const char *state, const char *event);

extern const struct life declaration_life, booking_life, charge_life, consignment_life;
const struct life *life_of(const char *part); /* NULL: it has none */

#endif
