/*
 * answers.h - whose declaration customs answers 回执归属, and what waits until that is known (inside the
 * engine only).
 *
 * An answer names one or two of three numbers, in any order: the sender's own id, SeqNo and entry number
 * (links.h). The own id is chosen by its sender, so that anybody may choose another's. It proves whose an
 * answer is where its beginning is registered to a party (party.h, ids). Else an answer whose numbers are not
 * linked yet counts for a declaration only when that is the one earlier declaration with that id, has no
 * other SeqNo, is not ended, and was routed to the customs that answers. All other answers wait: until their
 * numbers are linked, until the owner of a registered id declares, or until an operator says whose they are.
 */
#ifndef ENGINE_ANSWERS_H
#define ENGINE_ANSWERS_H

#include "engine/state.h"

/* How many answers wait for whom they are; *oldest: when the first of them was recorded, 0 when none. */
int64_t answers_waiting(struct state *state, stamp *oldest);
/* Of those recorded behind record `after`, and not later than `by`: the oldest ones. */
size_t answers_overdue(struct state *state, uint64_t after, stamp by, uint64_t *records, size_t max);

#endif
