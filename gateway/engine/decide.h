/*
 * decide.h - from one cause to its decision: the parts, the engine-stage rules and the routes in their order
 * (inside the engine only; the engine's thread, recheck and tests come through engine_decide()).
 */
#ifndef ENGINE_DECIDE_H
#define ENGINE_DECIDE_H

#include "message/metadata.h"
#include "engine/engine.h"
#include "engine/routing.h"

/* Steps of queries for one cause: some tenths of a second. What needs more is refused, TOO-MUCH, as is what
 * moves more than a decision holds: no message may hold up the decisions of the others. */
#define CAUSE_STEPS_MAX 50000

/* decision: fresh from decision_init(), in an arena of its own. metadata: of a message, as read already; NULL
 * for other causes. A release comes through orders.h. scratch: for what is needed only meanwhile.
 * False: the fields of the record cannot be read, and nothing is decided. */
bool decide_cause(const struct edition *edition, struct state *state, const struct record *rec,
                  const struct metadata *metadata, struct arena *scratch, struct decision *decision);
/* The routes alone, of a message that has been decided: adds destinations, and the answer that tells of them,
 * to a decision that is not refused. submitter: as the parts found it then. state NULL: nothing is
 * known of other messages. False: as decide_cause(). */
bool decide_routes(const struct edition *edition, struct state *state, const struct record *rec,
                   const struct metadata *metadata, const char *submitter,
                   const struct routing_listener *listener, struct arena *scratch, struct decision *decision);
/* What is handed out as the decision: the refusal of a file in the form that its format is answered in there
 * (catalog `receipt`), else <Decision>. metadata: of the message that the decision is about; NULL
 * for other causes. */
void decide_answer(const struct edition *edition, const struct metadata *metadata,
                   const struct decision *decision, struct buf *xml);

#endif
