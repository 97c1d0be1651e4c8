/*
 * recovery.h - where a journal ends: which segments are sealed, which one is open, where its good records
 * end, and what follows them: nothing, a torn tail, or damage.
 *
 * The argument. A segment's header is synced before its first record, its seal before the next segment's
 * header. So of the segments only the last used one can be unsealed; an unsealed one before it, a gap in
 * the names, or a header or seal that does not continue what was before is damage. In the open segment
 * records are good as long as each is whole and continues number, stamp and chain. At the first that does
 * not, record N should stand. If N was ever durable somebody may have been told so: then a later record
 * says durable >= N, or the seal of a journal at rest (closed in good order, or idle for a second) names a
 * last record >= N, and it is damage. Without such a proof N belongs to the last batch. If the power failed
 * before a second had gone by behind it, nobody can tell whether that batch was still being written, and
 * never acknowledged, or was spoilt afterwards: it is taken for a torn tail, cut, and reported. What
 * cannot be read is IO, and no damage.
 *
 * A scan changes nothing and takes no lock; beside a running gateway it sees some moment of it.
 */
#ifndef JOURNAL_RECOVERY_H
#define JOURNAL_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "journal/segment.h"

struct recovery {
    uint64_t segments; /* used ones, the open one included */
    bool open_exists;  /* false: the next segment is still to be made, as header says */
    /* Of the open segment (DAMAGED: of the last one that was good so far). Its name is the journal's: "" when
     * there is none yet. */
    struct segment_header header;
    uint64_t end;          /* where the good records end in it */
    struct link after;     /* what the next record must continue */
    uint64_t torn_bytes;   /* of what follows them ... */
    uint64_t torn_records; /* ... and how many records in it are whole: more cannot be counted */

    uint64_t damaged_ordinal, damaged_offset; /* DAMAGED: where */
    enum damage damage;                       /* DAMAGED: what */
    uint64_t behind_number, behind_end;       /* DAMAGED in the open segment: the last whole record behind */
};

/* OK, DAMAGED (the others say how far it came), IO. */
enum status recovery_scan(const struct folder *folder, struct recovery *recovery);

#endif
