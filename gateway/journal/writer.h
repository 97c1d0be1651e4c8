/*
 * writer.h - the pen of the journal: recovers the open segment, appends batches to it, goes on to the next.
 *
 * Fails     IO once means for ever: the caller writes nothing more through it.
 * Thread    the sequencer's (before it starts, the opener's).
 */
#ifndef JOURNAL_WRITER_H
#define JOURNAL_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/status.h"
#include "journal/record.h"
#include "journal/segment.h"
#include "journal/recovery.h"

#define WRITER_BATCH_RECORDS 1024
#define WRITER_BATCH_BYTES   (2u << 20) /* one record alone may be larger */

struct writer {
    const struct folder *folder;
    struct segment_header header; /* of the open segment */
    int fd, index_fd;             /* index_fd -1: its index could not be written and is left alone */
    uint64_t end;                 /* of what is synced */
    struct link after;            /* behind the last record added */
    uint64_t proven;              /* after.next of the last seal: records below it are proven durable */
    struct buf batch;             /* records added and not yet committed ... */
    uint32_t offsets[WRITER_BATCH_RECORDS]; /* ... and where they will stand */
    size_t count;
    struct digester *digester;
};

/* Copies what recovery found good into a fresh segment file, or makes the next one of `size` bytes. FULL,
   IO. */
enum status writer_open(struct writer *writer, const struct folder *folder, const struct recovery *recovery,
                        uint64_t size);
void writer_close(struct writer *writer);

bool writer_fits(const struct writer *writer, uint64_t record_size); /* in the rest of the segment */
/* Takes number, stamp and digests as they are. */
void writer_add(struct writer *writer, struct record *rec, const struct record_digests *digests);
enum status writer_commit(struct writer *writer); /* one write, one sync */
/* Seals the open segment and goes on in the blank one (takes fd). Nothing may be uncommitted. */
enum status writer_turn(struct writer *writer, int fd, uint64_t size);
/* The mark of a journal at rest: nothing that is durable now can be taken for a torn tail later. Nothing
 * may be uncommitted; does nothing when the last seal says it already. */
enum status writer_rest(struct writer *writer);
bool writer_is_at_rest(const struct writer *writer);

#endif
