/*
 * index.h - where each record of a segment begins: NNNNNNNNNN.idx, an array of u32 offsets by number, from
 * the segment's first. Derived, never synced, never believed: whoever follows an entry checks that the record
 * found there is whole and has the number looked for.
 */
#ifndef JOURNAL_INDEX_H
#define JOURNAL_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "journal/disk.h"
#include "journal/segment.h"

/* Scans the segment up to `end` and writes its index anew. */
enum status index_make(const struct folder *folder, const struct segment_header *header, int fd,
                       uint64_t end);
/* Opens for reading or, when `write`, for adding; NOT_FOUND, IO. */
enum status index_open(const struct folder *folder, uint64_t ordinal, bool write, int *fd);
/* Writes offsets of `count` records, the first of them the segment's record number `position` (from 0). */
enum status index_add(const struct disk *disk, int fd, uint64_t position, const uint32_t *offsets,
                      size_t count);
/* The offset noted for record `position`; 0 when there is none. */
uint32_t index_get(const struct disk *disk, int fd, uint64_t position);

#endif
