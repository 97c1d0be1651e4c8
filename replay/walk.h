/*
 * walk.h - a journal walked from its first record, each cause with the decision that was recorded about it,
 * and state.db made of it in a folder of its own: what rebuild and recheck share. It decides nothing and
 * sends nothing.
 */
#ifndef REPLAY_WALK_H
#define REPLAY_WALK_H

#include "message/metadata.h"
#include "journal/reader.h"
#include "engine/decision.h"
#include "engine/state.h"

struct walk;

/* A cause and its recorded decision, before either is applied: `state` is what was there when it was decided.
 * metadata: of a message, else NULL. scratch: lives until the next record. */
typedef enum status walk_hook(struct state *state, const struct record *rec, const struct metadata *metadata,
                              const struct decision *decision, struct arena *scratch, void *context);

/* directory: the journal's; folder: an empty one for the new state.db. */
enum status walk_open(const char *directory, const char *folder, struct walk **out);
void walk_close(struct walk *walk);
/* Applies records up to `number` and commits there; stops before at the end of the journal, or at a cause
 * that was not decided yet. hook may be NULL. */
enum status walk_to(struct walk *walk, uint64_t number, walk_hook *hook, void *context);
struct state *walk_state(struct walk *walk);
uint64_t walk_position(const struct walk *walk);
uint64_t walk_decisions(const struct walk *walk);
const char *walk_where(const struct walk *walk, uint64_t *offset); /* for messages about damage */

#endif
