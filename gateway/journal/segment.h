/*
 * segment.h - one file of the journal: a header page, records one after another, zeros, a seal page.
 *
 *        0  header   "CWSEGMNT", format, seed of the record checksums, ordinal, first number, file size,
 *                    stamp and chain before the first record, the journal's name; CRC-32C in the last
 *                    four bytes
 *     4096  records  (record.h), back to back
 *      ...  zeros    the whole file is written and synced before its first record, so that an append
 *                    changes no metadata and cannot run out of space
 *                    (allocated only, each append would turn unwritten extents into written ones: measured on
 *                    ext4 that is half as much CPU again for a commit, and 1.5 to 3 times its duration,
 *                    while the zeros cost a third of a millisecond of CPU for each MiB)
 * size-4096  seal    "CWSEALED" or "CWRESTED", last number, end of the records, their last stamp and chain;
 *                    CRC-32C, started with the seed, in the last four bytes
 *
 * The life of a segment: blank (all zeros, prepared ahead) -> open (its header is synced before its first
 * record) -> sealed (its seal is synced before the next header is written), for ever. A journal at rest,
 * closed in good order or idle for a while, leaves a seal of the kind `rest` in the open segment: it adds
 * nothing but the proof that all records up to it were durable. Records that come later are written behind
 * those; the next rest, or the final seal, takes its place, and opening drops it.
 *
 * Names: NNNNNNNNNN.seg, NNNNNNNNNN.idx (index.h), and NNNNNNNNNN.new while a segment is being made.
 */
#ifndef JOURNAL_SEGMENT_H
#define JOURNAL_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/stamp.h"
#include "base/status.h"
#include "journal/damage.h"
#include "journal/disk.h"
#include "journal/name.h"
#include "journal/record.h"
#include "journal/window.h"

#define SEGMENT_FORMAT   13u
#define SEGMENT_PAGE     4096u
#define SEGMENT_SIZE_MIN (4u * SEGMENT_PAGE)
#define SEGMENT_SIZE_MAX (1u << 30)
#define SEGMENT_NAME_MAX 24

/* A place between two records: all that the next one must continue. */
struct link {
    uint64_t next;
    stamp stamp;
    struct digest chain;
};
bool link_equal(const struct link *a, const struct link *b);

struct segment_header {
    uint64_t ordinal; /* from 1, without gaps: the file's name */
    uint64_t size;    /* of the file */
    uint32_t seed;
    char name[JOURNAL_NAME_MAX]; /* of the journal, in each of its segments */
    struct link before;          /* before.next is the number of the first record */
};

enum seal_kind { SEAL_NONE, SEAL_REST, SEAL_FINAL, SEAL_BROKEN };

struct segment_seal {
    enum seal_kind kind;
    uint64_t end;      /* offset behind the last record */
    struct link after; /* after.next - 1 is the last record */
};

enum segment_state { SEGMENT_ABSENT, SEGMENT_BLANK, SEGMENT_USED, SEGMENT_DAMAGED };

static inline uint64_t segment_seal_offset(uint64_t size) {
    return size - SEGMENT_PAGE;
}
/* The largest record that a segment of this size can hold. */
static inline uint64_t segment_room(uint64_t size) {
    return size - 2 * SEGMENT_PAGE;
}

const char *segment_name(uint64_t ordinal, const char *suffix, char out[SEGMENT_NAME_MAX]); /* returns out */
/* The highest ordinal of a .seg file in the folder; 0 when there is none. */
enum status segment_highest(const struct folder *folder, uint64_t *out);

/* Makes the file under its .new name, syncs it, renames it over NNNNNNNNNN.seg and syncs the
 * folder. Records up to `end` are copied from the file `source` (-1: none). A NULL header makes it
 * blank. Gives the open file. FULL, IO. */
enum status segment_make(const struct folder *folder, uint64_t ordinal, uint64_t size,
                         const struct segment_header *header, int source, uint64_t end, int *fd);
/* The same out of the blank segment `blank`, which an earlier run prepared and nobody wrote to: needs no
 * space on the disk. NOT_FOUND: there is none of this size. FULL, IO. */
enum status segment_make_of_blank(const struct folder *folder, uint64_t blank, uint64_t ordinal,
                                  uint64_t size, const struct segment_header *header, int source,
                                  uint64_t end, int *fd);
/* Opens a segment for reading and judges its header. ABSENT gives fd -1; DAMAGED says why in *damage. IO. */
enum status segment_open(const struct folder *folder, uint64_t ordinal, enum segment_state *state,
                         struct segment_header *header, int *fd, enum damage *damage);
/* The name that the journal in DIRECTORY bears, out of its first segment. Takes no lock. NOT_FOUND: there is
 * no journal, or it has no segment yet; DAMAGED, IO. */
enum status segment_journal_name(const char *directory, char out[JOURNAL_NAME_MAX]);

enum status segment_write_header(const struct disk *disk, int fd, const struct segment_header *header);
enum status segment_write_seal(const struct disk *disk, int fd, const struct segment_header *header,
                               const struct segment_seal *seal);
enum status segment_read_seal(const struct disk *disk, int fd, const struct segment_header *header,
                              struct segment_seal *seal);

/* The record at offset, through the window. With `before` number, stamp and chain must continue it, else
   BROKEN. */
enum status segment_record(struct window *window, uint64_t offset, const struct segment_header *header,
                           const struct link *before, struct digester *digester, enum record_fault *fault,
                           struct record *rec);
/* The next whole record at or behind *offset, wherever one begins (*offset says where). NOT_FOUND, IO. */
enum status segment_find(struct window *window, uint64_t *offset, const struct segment_header *header,
                         struct record *rec);
/* Behind the last byte that is not zero, from offset on; offset itself when all are zero. */
enum status segment_last_byte(struct window *window, uint64_t offset, uint64_t *end);

#endif
