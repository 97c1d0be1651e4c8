/*
 * tally.h - the figures of a month of a direction 统计台账, kept up to date as declarations come into it,
 * change, and leave it: what the standard report tells of it, without computing it from all of them.
 *
 * Counts and sums are integers, from which what left can be taken again; what stands at a rank is found in
 * rankings (ranking.h), one for each segment, and one of the complete chains for the slowest. Only figures of
 * rankings that changed are made again. They are the same as made from all samples, to the last digit.
 *
 * A sample with a time of more than nine years is beyond them: as long as there is one, the tally has nothing
 * to tell.
 */
#ifndef VIEW_STATISTICS_TALLY_H
#define VIEW_STATISTICS_TALLY_H

#include "view/statistics/coverage.h"
#include "view/statistics/figures.h"
#include "view/statistics/samples.h"
#include "view/statistics/tail.h"

#define TALLY_BYTES_EACH 200 /* of memory for a sample, about */

struct tally;

/* Of a chain of two milestones at least. */
struct tally *tally_new(const struct segments *segments, const struct chain *chain);
void tally_free(struct tally *tally); /* NULL is fine */
/* The same definition, as another edition holds it. */
void tally_adopt(struct tally *tally, const struct segments *segments, const struct chain *chain);
size_t tally_bytes(const struct tally *tally);

/* Of counted samples (samples_count()), with all of their moments; those excluded count beside, where they
 * stand among them, too. */
void tally_add(struct tally *tally, const struct samples *samples);
void tally_remove(struct tally *tally, const struct samples *samples); /* that were added */
/* Behind what was added and removed, before it is asked. False: it has nothing to tell. */
bool tally_settle(struct tally *tally);
/* And whose telling the milestones were, before that is asked: coverage_settle(). */
void tally_settle_coverage(struct tally *tally, const struct parties *parties, const struct digest *by);

/* What a settled one has to tell. The figures are of the direction's n-th segment; or the total and the
 * overall time, behind all of them. */
struct tally_counts {
    size_t declarations, complete, in_order;
    size_t marked[MARKS_MAX]; /* as in clearance.h */
    struct coverage coverage;
};
const struct tally_counts *tally_counts(const struct tally *tally);
size_t tally_segments(const struct tally *tally);
const struct figures *tally_segment(struct tally *tally, size_t index, enum variant variant);
const struct figures *tally_total(struct tally *tally, enum variant variant);
const struct figures *tally_overall(struct tally *tally); /* available; the chain has an overall time */
const struct tail *tally_tail(struct tally *tally);

#endif
