/*
 * tail.h - which declarations cannot be counted, and who holds the slowest: what a review asks next.
 */
#ifndef VIEW_STATISTICS_TAIL_H
#define VIEW_STATISTICS_TAIL_H

#include "view/statistics/samples.h"

/* Of each milestone of the chain: of how many declarations it was never told. */
void coverage_count(const struct samples *samples, size_t missing[MILESTONES_MAX]);

/* The slowest twentieth of the complete chains (ceil(n / 20)), by the time from the first milestone of the
 * chain to the last. Each is held by the step of the chain that is longest beside the mean of that step over
 * all complete chains. Of equally slow ones the earlier released counts. */
struct tail {
    size_t n;
    int64_t from_ns;                /* the quickest of them took so long */
    size_t held_by[MILESTONES_MAX]; /* by the step that begins at that milestone of the chain */
};

void tail_compute(const struct samples *samples, struct tail *out);

#endif
