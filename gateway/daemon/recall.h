/*
 * recall.h - what a start takes from state.db while the engine has not opened it yet.
 *
 * Failure: none. A state.db that is missing or cannot be read tells nothing, and the engine says so when it
 * opens it.
 * Thread    any.
 */
#ifndef DAEMON_RECALL_H
#define DAEMON_RECALL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/stamp.h"
#include "intake/intake.h"

/* An operator once said that the wall clock is right, though it is behind the records. They bear the stamp of
 * that order, or one of the moments in which it was carried out (CLOCK_TOLERANCE at most), until the wall
 * clock has caught up: so long the word stands, over a restart too. last: of the records. */
void recall_accepted_clock(const char *directory, stamp last, struct clock *clock);
/* What each party sent on the day of `now`, as far as state.db has come (*until, a record's number): how many
 * of max. The names are of the arena. 0 with *until 0: nothing is known. */
size_t recall_spent(const char *directory, stamp now, struct arena *arena, struct spent *list, size_t max,
                    uint64_t *until);

#endif
