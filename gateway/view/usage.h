/*
 * usage.h - how many bytes of the journal each party's messages fill, since a moment.
 */
#ifndef VIEW_USAGE_H
#define VIEW_USAGE_H

#include "base/stamp.h"
#include "base/status.h"
#include "engine/state.h"

/* Once for each party that sent since then; party is borrowed for the call. Counts records up to
   *position. */
enum status usage_since(struct state *state, stamp from,
                        void (*used)(struct text party, uint64_t accepted_bytes, uint64_t refused_bytes,
                                     void *context),
                        void *context, uint64_t *position);

#endif
