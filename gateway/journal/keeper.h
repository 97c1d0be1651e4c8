/*
 * keeper.h - the thread beside the sequencer: it makes the next segment ahead, so that going on to it does
 * not stall an append, and looks at the free space five times a second.
 *
 * Fails     a disk without space is not a failure: the keeper tries again by itself. Any other failed call
 *           is; `failed` is told once, on the keeper's thread, and the thread ends.
 * Thread    keeper_take() is the sequencer's; keeper_is_full() anybody's.
 */
#ifndef JOURNAL_KEEPER_H
#define JOURNAL_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "journal/disk.h"

struct keeper_options {
    const struct folder *folder;
    const char *directory; /* whose free space counts */
    uint64_t segment_size, reserve;
    void (*failed)(void *context);
    void *context;
};

struct keeper;

struct keeper *keeper_start(const struct keeper_options *options,
                            uint64_t ordinal); /* begins to make that one */
void keeper_stop(struct keeper *keeper);
/* Waits for the segment being made. OK: *fd is it, taken; IO; FULL: there was no space for it at the last
   try. */
enum status keeper_take(struct keeper *keeper, int *fd);
void keeper_make(struct keeper *keeper, uint64_t ordinal); /* after a take: the next one */
bool keeper_is_full(const struct keeper *keeper);

#endif
