/*
 * preallocation.h - the thread beside the sequencer: it makes the next segment ahead, so that going on to it
 * does not stall an append, and looks at the free space five times a second.
 *
 * Fails     a disk without space is not a failure: it is tried again. Any other failed call is; `failed` is
 *           told once, on this thread, and the thread ends.
 * Thread    preallocation_take() is the sequencer's; preallocation_is_full() anybody's.
 */
#ifndef JOURNAL_PREALLOCATION_H
#define JOURNAL_PREALLOCATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "journal/disk.h"

struct preallocation_options {
    const struct folder *folder;
    const char *directory; /* whose free space counts */
    uint64_t segment_size, reserve;
    void (*failed)(void *context);
    void *context;
};

struct preallocation;

/* Begins to make that one. */
struct preallocation *preallocation_start(const struct preallocation_options *options, uint64_t ordinal);
void preallocation_stop(struct preallocation *preallocation);
/* Waits for the segment being made. OK: *fd is it, taken; IO; FULL: there was no space at the last try. */
enum status preallocation_take(struct preallocation *preallocation, int *fd);
void preallocation_make(struct preallocation *preallocation, uint64_t ordinal); /* after a take: the next */
bool preallocation_is_full(const struct preallocation *preallocation);

#endif
