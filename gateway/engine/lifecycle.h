/*
 * lifecycle.h - life cycles as tables: states with ranks, and events with the state each one proves.
 *
 * The state of a thing is the highest one that anything told about it proves (of a declaration, in its last
 * round: parts/declarations.c). So answers may come
 * late, repeated or in any order and the outcome is the same: a late `P` released does not undo
 * `R` closed, a late acceptance does not bring a released declaration back. What proves nothing
 * new is kept as data (timeline, milestones).
 * One table serves deciding, views and tests.
 */
#ifndef ENGINE_LIFECYCLE_H
#define ENGINE_LIFECYCLE_H

#include <stddef.h>

#include "base/stamp.h"

struct lifecycle_state {
    const char *name;
    int rank;
    const char *zh, *en;
};

/* to: the state it proves, "" when none. zh, en: NULL where a code list of the edition explains the name. */
struct lifecycle_event {
    const char *name, *to, *zh, *en;
};

struct lifecycle {
    const char *part;
    const struct lifecycle_state *states;
    size_t states_count;
    const struct lifecycle_event *events;
    size_t events_count;
    const char *list; /* the code list that explains events without a name; NULL: those of the port */
};

const struct lifecycle_event *lifecycle_event(const struct lifecycle *lifecycle,
                                              const char *name); /* NULL: no such event */
const struct lifecycle_state *lifecycle_state(const struct lifecycle *lifecycle,
                                              const char *name);                    /* NULL: no such state */
int lifecycle_rank(const struct lifecycle *lifecycle, const char *state);           /* 0 for "" and unknown */
const char *lifecycle_proves(const struct lifecycle *lifecycle, const char *event); /* "" when nothing */
/* The state after the event: the one it proves when that ranks higher, else `state` itself. */
const char *lifecycle_next(const struct lifecycle *lifecycle, const char *state, const char *event);

/* An event that was told of a thing, and its moment. */
struct lifecycle_told {
    const char *event;
    stamp at;
};

#endif
