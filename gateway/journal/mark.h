/*
 * mark.h - where the durable mark stands on the disk, for what reads segments beside the running journal:
 * readers and the scrub. The other rooms know the mark by its number, journal_durable().
 */
#ifndef JOURNAL_MARK_H
#define JOURNAL_MARK_H

#include <stdint.h>

#include "journal/disk.h"

struct journal;

struct journal_mark {
    uint64_t number;       /* the last durable record */
    uint64_t ordinal, end; /* the segment now open, and the end of its durable records */
};
struct journal_mark journal_mark(struct journal *journal);
const struct folder *journal_folder(const struct journal *journal);

#endif
