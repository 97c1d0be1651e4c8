/*
 * rebuild.h - state.db made anew from the journal, by the same code that made it, and compared.
 * LOCKED while the gateway runs. The new file is put in place only when it is whole.
 */
#ifndef REPLAY_REBUILD_H
#define REPLAY_REBUILD_H

#include "base/digest.h"
#include "base/status.h"

struct rebuild_result {
    uint64_t records, decisions; /* read; applied */
    uint64_t position;           /* of the old state.db; compared there */
    bool had_old, equal;         /* equal: digests over all rows agree at `position` */
    struct digest old_digest, new_digest;
    struct explanation why; /* what cannot be read or compared; "": nothing */
};

enum status rebuild(const char *directory, struct rebuild_result *out);
/* Removes what one that was cut off left there, which is as large as state.db. Who calls has the journal's
 * lock. */
void rebuild_clear(const char *directory);

#endif
