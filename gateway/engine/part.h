/*
 * part.h - what a part of the engine is: one thing that has state (declarations, bookings, charges, ...).
 *
 * decide  looks at a cause and at state.db and adds moves, an answer and subjects to the decision. Pure but for
 *         reading state.db: no clock, no network, no other memory.
 * apply   carries out one move of its own on state.db. Live code, catch-up after a crash and a rebuild all come
 *         through here, so state is a function of the decisions alone.
 * A life cycle is a table (state, event -> state); what the table does not know leaves the state as it is and is
 * kept as data: late, repeated and out-of-order events never move a state backwards.
 */
#ifndef ENGINE_PART_H
#define ENGINE_PART_H

#include "engine/decision.h"
#include "engine/state.h"
#include "message/document.h"
#include "message/facts.h"
#include "message/setup.h"

struct engine_setup;                      /* compiled routes, segments, engine rules (engine.c) */

struct cause {
    uint64_t number;
    stamp stamp;
    const struct facts *facts;            /* message; NULL for a tick */
    struct document *doc;                 /* message; parts may document_know() what they know */
    const char *tick_part, *tick_key, *tick_event;   /* tick: the timer that is due */
    const struct setup *setup;
    const struct engine_setup *engine_setup;
    struct arena *arena;
};

struct transition { const char *state, *event, *next; };

struct part {
    const char *name;
    const char *tables;                   /* CREATE TABLE ... STRICT statements */
    void (*decide)(const struct cause *cause, struct state *state, struct decision *decision);
    enum status (*apply)(struct state *state, const struct move *move, uint64_t decision, uint64_t cause);
};

/* The next state, or `state` itself when the table has no row for (state, event). */
const char *transition_next(const struct transition *table, const char *state, const char *event);

extern const struct part part_declarations, part_bookings, part_charges, part_consignments;
#define PART_LIST(X) X(declarations) X(bookings) X(charges) X(consignments)

#endif
