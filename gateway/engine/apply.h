/*
 * apply.h - what each kind of record does to state.db, the same in live running, catching up and rebuilding.
 *
 * Order is that of the causes: a message's row, then what was decided about it, then the next record. The
 * number of a decision is known only once it is recorded, while the next cause must already see what it
 * moved: hence the moves and the rest of a decision are applied apart. Deciding reads nothing of that rest.
 */
#ifndef ENGINE_APPLY_H
#define ENGINE_APPLY_H

#include "message/metadata.h"
#include "journal/record.h"
#include "engine/decision.h"
#include "engine/state.h"

void apply_moves(struct state *state, const struct decision *decision);
/* number, at: of the decision's record. */
void apply_recorded(struct state *state, const struct decision *decision, enum record_kind cause,
                    uint64_t number, stamp at);

/* Whether a decision follows from this record. metadata: filled for a message. DAMAGED: its meta cannot be
   read. */
enum status apply_read(const struct record *rec, struct arena *arena, struct metadata *metadata,
                       bool *is_cause);
/* The rows of one record that is no decision: MESSAGE (metadata as read), SETUP, DELIVERY, ORDER; a tick has
   none. */
enum status apply_record(struct state *state, const struct record *rec, const struct metadata *metadata,
                         struct arena *arena);

#endif
