/*
 * journal.h - the durable memory of everything the gateway took in and decided.
 *
 * How a record gets here: somebody fills an entry (record.h parts) and submits it. One thread, the
 * sequencer, takes all entries waiting, asks each one's `admit` (the only place that knows what was
 * here before), gives number, stamp and place, writes the batch into the pre-written open segment and
 * syncs once. Then the durable mark moves, and `done` runs for each entry of the batch: only now may an
 * answer leave, because only now would the record survive a power cut.
 *
 * Owns      the data directory's segment files, its lock, and the only fdatasync an answer waits for.
 * Promises  entries submitted by one thread are numbered in that order; done() runs in number order; no
 *           reader ever passes the durable mark.
 * Fails     after the first failed write or sync every entry in flight and later gets STATUS_IO and
 *           nothing is ever written again: a failed fsync leaves the page cache unknowable. The owner is
 *           told through on_failure and should exit. Entries not marked `reserve` get STATUS_FULL while
 *           the disk is nearly full; what was taken in and finds no room waits until there is some.
 * Thread    journal_submit(), journal_durable() and readers: any. admit(), placed() and done() run on the
 *           sequencer thread and must not block: done() may submit, but not an entry marked `reserve`.
 *
 * Recovery (journal_open): sealed segments are trusted by their seal. The open segment is read record by
 * record: each must carry its end mark, checksum, the next number and the continuing chain. What follows the
 * last good record is a torn tail, and cut, unless a whole record behind it (or one in a later segment)
 * proves that it was durable: that is damage, and journal_open() says DAMAGED with segment and offset. The
 * good records are copied into a fresh segment and synced before anything counts as a fact: what merely sits
 * in the page cache after a crash proves nothing. (recovery.h has the argument in full.) On a full disk the
 * segment prepared ahead gives its space for that.
 *
 * While it runs: when nothing came for a second a mark says that what stands is durable, so that after a
 * power cut a spoilt record is told from a torn tail; and the scrub reads what was written long ago
 * (scrub.h).
 *
 * Files: DIR/journal/NNNNNNNNNN.seg (segment.h), NNNNNNNNNN.idx (index.h), lock.
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include <stddef.h>

#include "base/clock.h"
#include "base/status.h"
#include "journal/damage.h"
#include "journal/name.h"
#include "journal/record.h"
#include "journal/scrub.h"

struct disk;
struct journal;

struct journal_options {
    const char *directory; /* the data directory */
    const char *name; /* of a new journal; NULL or "": one is made (name.h). Of an old one: it must fit */
    uint64_t segment_size;      /* bytes; 0 means 64 MiB */
    uint64_t reserve;           /* free bytes below which only `reserve` entries are taken; 0: two segments */
    size_t queue_length;        /* entries that may wait; 0 means 4096 */
    int gather_ms;              /* behind a batch of several, wait so long for more; 0: never; <= 1000 */
    int idle_ms;                /* nothing came for so long: mark what stands; 0: at a close only */
    struct scrub_options scrub; /* how fast and how often what stands is read again */
    struct clock_sources clock; /* of the house's time (base/clock.h); tests have their own */
    int64_t clock_gap;       /* ns the wall clock may be ahead of the last record; 0 means CLOCK_GAP_USUAL */
    const struct disk *disk; /* NULL means the real one (disk.h) */
    void (*on_failure)(enum status status, void *context); /* sequencer thread, once */
    void *context;
};

struct journal_report { /* what opening found, for the log and `doctor` */
    char name[JOURNAL_NAME_MAX];
    uint64_t records, segments;
    uint64_t torn_bytes, torn_records; /* cut: what an unclean stop left unfinished (recovery.h) */
    stamp last;                        /* of the last record; 0: there is none */
    char segment[256];                 /* DAMAGED: which file */
    uint64_t offset;                   /* DAMAGED: where in it */
    enum damage damage;                /* DAMAGED: what */
};

/* LOCKED: another process has the directory. DAMAGED: report says where. FULL: no space to recover into,
 * nothing was changed. BAD_CONFIG: options that cannot be, or it has another name (report says which). IO. */
enum status journal_open(const struct journal_options *options, struct journal **out,
                         struct journal_report *report);
/* Writes what is queued, syncs, ends the threads. Readers of it are freed before; NULL is fine. */
void journal_close(struct journal *journal);

/* What the sequencer decides about an entry just before its append. */
enum admit {
    ADMIT_APPEND,
    ADMIT_ANSWER_EARLIER, /* entry->earlier names the record that answers it */
    ADMIT_TURN_AWAY       /* done() gets entry->turned_away */
};

struct entry {
    struct record rec; /* kind, meta, fields, data: borrowed until done() ran */
    /* SHA-256 of rec.data where the submitter knows it, borrowed as the data is; NULL: journal_submit() makes
     * it, as it does for the other parts, on the submitter's thread. */
    const struct digest *data_digest;
    bool reserve; /* may use the last of the disk: decisions, delivery results, set-ups */
    /* NULL: append. rec.number and rec.stamp are what they will be if it is appended, which then happens, or
     * the journal fails. May put other texts in the place of parts, within RECORD_SIZE_MAX; what stays is not
     * changed. */
    enum admit (*admit)(struct entry *entry, void *context);
    /* Once, after it was submitted with OK. OK: durable; rec.number, stamp, durable and chain are set, or
     * `earlier` (and number 0). FULL: the disk became nearly full meanwhile, not admitted. IO: the journal
     * failed. CLOSED: it closed while the entry waited for space. Else what admit() said. The entry is the
     * caller's again. */
    void (*done)(struct entry *entry, enum status status, void *context);
    void *context;
    uint64_t earlier;              /* set by admit(): the record this one repeats ... */
    enum status turned_away;       /* ... or why it is not taken */
    struct record_digests digests; /* the journal's ... */
    struct entry *next;            /* ... own */
};

/* BUSY when the queue is full (unless entry->reserve: then it waits), FULL, TOO_LARGE (for RECORD_SIZE_MAX or
 * a segment), IO, CLOSED: done() is not called. */
enum status journal_submit(struct journal *journal, struct entry *entry);
/* The same, but never waits: BUSY when the queue is full, for an entry marked `reserve` too. For threads
 * that others wait for. */
enum status journal_try_submit(struct journal *journal, struct entry *entry);
/* Submit and wait. For tools, tests and start-up. Returns what done() got. */
enum status journal_append(struct journal *journal, struct record *rec, bool reserve);
/* The same, and placed() is told as the record gets its place, before it is durable, on the sequencer's
 * thread like admit(): what is placed later stands behind it. Not called when nothing is appended. */
enum status journal_append_told(struct journal *journal, struct record *rec, bool reserve,
                                void (*placed)(const struct record *rec, void *context), void *context);

/* From record *first on placed() is told of each record as it gets its place: in order, before it is durable,
 * on the sequencer's thread like admit(). One at a time; NULL: nobody any more. Behind the return no call of
 * the one before comes. IO, CLOSED: nothing is placed any more, nobody will be told. Not from admit(), done()
 * or placed(). */
enum status journal_follow(struct journal *journal, void (*placed)(const struct record *rec, void *context),
                           void *context, uint64_t *first);

/* What it is called, for ever: with a number it names a record among all journals. */
const char *journal_name(const struct journal *journal);
/* The house's time: what records are stamped with, but never smaller than the one before. While the wall
 * clock is doubted it goes on from the last record or reading that was believed. Any thread. */
struct clock *journal_clock(const struct journal *journal);
uint64_t journal_durable(const struct journal *journal); /* the mark: last durable number; 0: empty */
size_t journal_waiting(const struct journal *journal);   /* entries submitted and not done; for tests */
bool journal_is_full(const struct journal *journal);     /* messages would be answered FULL now */
/* Waits until the mark is above `number` or the time is over; returns the mark. Wakes on journal_close(). */
uint64_t journal_wait(struct journal *journal, uint64_t number, int timeout_ms);
uint64_t journal_reserve(const struct journal *journal); /* free bytes below which it is nearly full */

#endif
