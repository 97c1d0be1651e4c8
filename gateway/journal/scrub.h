/*
 * scrub.h - reading the journal again in the background, so that silent damage of the disk is found while
 * there still is a copy to mend it from, and not years later when somebody asks for the record.
 *
 * A pass checks all that journal_verify() checks (walk.h), from the first segment to where the durable mark
 * stood when it began; then comes a pause, and the next pass. One thread does it, at the lowest priority
 * for processor and disk, and reads at most so many bytes a second. Before and after it reads a piece of a
 * sealed segment it drops that piece from the page cache: the disk is asked and not the cache, nothing of
 * ours stays, and at most as much as the rate allows is lost to others. The open segment, which everybody
 * uses, is left in the cache and checked as it stands there; it is checked on the disk when it is sealed.
 *
 * Damage is logged with segment, offset and record, and counted in `clearway_journal_damaged_segments` (the
 * alarm), once for each segment in each pass; the pass goes on with the next segment. The gateway goes on
 * too: no reader hands out a damaged record (reader.h), and new records are chained to the last one, which
 * the sequencer has in memory. What to do about it is the operator's decision: an intact copy of the
 * segment put in its place mends it. The next start judges as always: it trusts seals, so damage within a
 * sealed segment does not keep it from opening; damage of a header, a seal or the open segment does. A read
 * that fails is not damage: it is logged, counted in `clearway_journal_unread_segments`, and tried again in
 * the next pass.
 * Thread    scrub_start() and scrub_stop() are the journal's.
 */
#ifndef JOURNAL_SCRUB_H
#define JOURNAL_SCRUB_H

#include <stdint.h>

struct folder;
struct journal;
struct journal_mark;

struct scrub;

struct scrub_options {
    uint64_t bytes_s; /* read a second; 0: no scrub */
    int64_t pause_ms; /* between two passes, at least 1 */
};

/* folder: where the segments stand. mark: asks the journal how far they are durable; any thread. */
struct scrub *scrub_start(const struct scrub_options *options, const struct folder *folder,
                          struct journal_mark (*mark)(struct journal *journal), struct journal *journal);
void scrub_stop(struct scrub *scrub); /* before the journal closes; NULL is fine */

#endif
