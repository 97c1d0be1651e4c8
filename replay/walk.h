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

struct replay_walk;

/* A cause and its recorded decision, before either is applied: `state` is what was there when it was decided.
 * metadata: of a message, else NULL. *decision: may be replaced by another, which is applied in its stead.
 * scratch: lives until the next record. */
typedef enum status replay_walk_hook(struct state *state, const struct record *rec,
                                     const struct metadata *metadata, const struct decision **decision,
                                     struct arena *scratch, void *context);

/* Where it works; OK when it is there. Else *why says which folder that is, and what is in its way. */
enum status replay_walk_folder(const char *folder, struct explanation *why);
/* directory: the journal's; folder: an empty one for the new state.db; whole: for a walk with a hook, which
 * reads what messages say. When it is not OK, *why says which of the two could not be opened. */
enum status replay_walk_open(const char *directory, const char *folder, bool whole, struct replay_walk **out,
                             struct explanation *why);
void replay_walk_close(struct replay_walk *walk);
/* For a walk without a hook, before its first record: state.db is written the quick way (state_fill()), and
 * whole after replay_walk_end(). digest: of the whole; may be NULL. */
enum status replay_walk_fill(struct replay_walk *walk);
enum status replay_walk_end(struct replay_walk *walk, struct digest *digest);
/* Whether there is nothing more to apply. */
enum status replay_walk_is_over(struct replay_walk *walk, bool *over);
/* Applies records up to `number` and commits there; stops before at the end of the journal, or at a cause
 * that was not decided yet. hook may be NULL. */
enum status replay_walk_to(struct replay_walk *walk, uint64_t number, replay_walk_hook *hook, void *context);
struct state *replay_walk_state(struct replay_walk *walk);
uint64_t replay_walk_position(const struct replay_walk *walk);
uint64_t replay_walk_decisions(const struct replay_walk *walk);
/* Where the record behind its position stands, for messages about damage; NULL: that cannot be told. */
const char *replay_walk_where(struct replay_walk *walk, uint64_t *offset);

#endif
