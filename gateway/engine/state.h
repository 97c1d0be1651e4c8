/*
 * state.h - state.db: where everything stands now, derived from the journal and able to be made again.
 *
 * Written by the engine alone, one transaction per batch of decisions, committed only after they are durable;
 * carries the position (the last record applied). Views and dispatch open it read-only. Damaged: rebuilt.
 *
 * Tables of the engine itself (parts add theirs, part.h):
 *   position(id=1, number)                               messages(number PK, party, family, format, own_id, outcome,
 *   setups(digest PK, number)  texts(digest PK, number)           recorded, subject, decision, result, answer_code)
 *   deliveries(record, party, PK(record, party), decision, route, subject, family, state, attempts, reason, next, updated)
 *   timers(part, key, event, due, PK(part, key, event))
 */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include "base/status.h"
#include "base/store.h"

struct state;

enum status state_open(const char *directory, enum store_mode mode, struct state **out);   /* DIR/state.db */
void        state_close(struct state *state);
struct store *state_store(struct state *state);        /* for the parts' and views' queries */
uint64_t    state_position(struct state *state);       /* 0: nothing applied */
enum status state_digest(struct state *state, struct digest *out);

#endif
