/*
 * quarantine.h - messages that no route sends to anybody 隔离, kept for an operator: the part `quarantine`
 * (part.h).
 *
 * Such a message is decided, and what follows from it has happened; but nobody hears of it, and that is
 * mostly a mistake of the routes, of the parties file or of the message. So it is never silent: it stands in
 * `clearway queue`, in the metrics and in the log until an operator
 *   releases it   the routes of the edition in force then are judged anew, and it goes where they say
 *                 (orders.h); where they still say nothing the order is refused, and it stays
 *   drops it      it is meant to go nowhere.
 * Not so what waits for its counterpart (answers.h, unheld.h), and what a route sends `to nobody`.
 *
 * quarantine(record PK, submitter, since, state)       state: quarantined, released, dropped
 */
#ifndef ENGINE_QUARANTINE_H
#define ENGINE_QUARANTINE_H

#include "base/stamp.h"
#include "engine/part.h"

/* "quarantined", "released" or "dropped"; "" when this record never was. *submitter: whose goods it is about,
 * as was known then. In the arena. */
const char *quarantine_state(struct state *state, uint64_t record, struct arena *arena,
                             const char **submitter);
void quarantine_release(struct decision *decision, uint64_t record,
                        stamp at); /* it goes by its destinations */
/* Sets the gauges, and writes into the log of what came behind the record *told, which it moves on. */
void quarantine_watch(struct state *state, stamp now, uint64_t *told);

#endif
