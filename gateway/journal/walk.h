/*
 * walk.h - going through segments with distrust: header, records, numbers, stamps, chain, seal, and the
 * zeros between.
 *
 * One walk goes over segments in their order, each of which must continue the one before; who begins
 * elsewhere, or goes on behind a fault, says so with walk_anew(). journal_verify() walks over all of a
 * journal at once, the scrub (scrub.h) in the background of a running one.
 * Fails     DAMAGED: `fault` says where and what. IO, FULL: it could not be read, which is no damage.
 * Thread    one at a time.
 */
#ifndef JOURNAL_WALK_H
#define JOURNAL_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/status.h"
#include "journal/damage.h"
#include "journal/disk.h"
#include "journal/segment.h"
#include "journal/window.h"

#define WALK_SEALED UINT64_MAX /* instead of an end: the segment says it by its seal */

struct walk_fault {
    uint64_t ordinal, offset; /* segment, and where in it */
    uint64_t number;          /* the record it belongs to */
    enum damage damage;
};

struct segment_walk {
    const struct folder *folder;       /* borrowed */
    struct link after;                 /* what the next record must continue */
    char name[JOURNAL_NAME_MAX];       /* the journal's, as the first segment says */
    uint64_t segments, records, bytes; /* found good */
    struct walk_fault fault;           /* DAMAGED */

    bool anew; /* the next segment continues what its own header says */
    struct segment_header header;
    uint64_t offset;
    struct window window;
    struct digester *digester;
};

/* Before record 1; reads `block` bytes at a time. */
void walk_init(struct segment_walk *walk, const struct folder *folder, size_t block);
void walk_release(struct segment_walk *walk);
/* The next segment is believed to begin where its header says. */
void walk_anew(struct segment_walk *walk);
/* Checks one segment, its records up to `end` or WALK_SEALED. */
enum status walk_segment(struct segment_walk *walk, uint64_t ordinal, uint64_t end);

#endif
