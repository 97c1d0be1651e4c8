/*
 * orders.h - what follows from an operator's order (message/order.h), inside the engine only.
 *
 * `release` decides the record it names anew: moves, destinations and answer are those of that record as if
 * it were decided now, and decision.released names it. Of a quarantined message (parts/quarantine.h) only the
 * routes are judged anew: the rest of it has happened. What is neither gets an answer that says so, and
 * nothing else. Every other order passes the parts (cause.order), as a message does.
 */
#ifndef ENGINE_ORDERS_H
#define ENGINE_ORDERS_H

#include "message/metadata.h"
#include "engine/engine.h"

/* rec: of kind ORDER. reader: where the record it names is read. *metadata: of the message that was decided
 * anew, in scratch; NULL when none was. DAMAGED, IO. */
enum status orders_decide(const struct edition *edition, struct state *state, struct reader *reader,
                          const struct record *rec, struct arena *scratch, struct decision *decision,
                          const struct metadata **metadata);

#endif
