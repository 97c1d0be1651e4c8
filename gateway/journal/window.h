/*
 * window.h - a stretch of one file in memory, moved along by whoever reads it.
 *
 * Promises  reads in blocks, never beyond the limit, and takes no more memory than a block or the largest
 *           piece asked for.
 * Thread    one at a time.
 */
#ifndef JOURNAL_WINDOW_H
#define JOURNAL_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "journal/disk.h"

struct window {
    const struct disk *disk;
    int fd;         /* borrowed */
    uint64_t limit; /* nothing at or behind it is read; may be moved on at any time */
    size_t block;
    uint8_t *bytes;
    size_t capacity, length; /* length bytes of the file, from start on, are here */
    uint64_t start;
};

void window_init(struct window *window, const struct disk *disk, size_t block);
void window_release(struct window *window);
void window_point(struct window *window, int fd, uint64_t limit); /* at another file */
/* Makes at least `wanted` bytes from offset on readable, fewer only at the limit or the end of the file; *got
 * says how many there are. IO. */
enum status window_get(struct window *window, uint64_t offset, size_t wanted, const uint8_t **bytes,
                       size_t *got);

#endif
