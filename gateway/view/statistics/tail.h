/*
 * tail.h - who holds the slowest: what a review asks next.
 */
#ifndef VIEW_STATISTICS_TAIL_H
#define VIEW_STATISTICS_TAIL_H

#include "view/statistics/samples.h"

/* The slowest twentieth of the complete chains (ceil(n / 20)), by the time from the first milestone of the
 * chain to the last. Each is held by the step of the chain that is longest beside the mean of that step over
 * all complete chains. Of equally slow ones the earlier released counts, and of
 * these the one that was slower in its earlier steps. */
struct tail {
    size_t n;
    int64_t from_ns;                /* the quickest of them took so long */
    size_t held_by[MILESTONES_MAX]; /* by the step that begins at that milestone of the chain */
};

void tail_compute(const struct samples *samples, struct tail *out);

/* --- for who keeps it up to date ------------------------------------------------------------------------ */

/* Of equally slow ones that with the greater one is slower, by when it was released. */
int64_t tail_order_of(stamp released);
/* The mean length of each step of n chains, by the sums. */
void tail_means(const __int128 *sums, size_t steps, size_t n, long double *means);
/* The step that stands out beside them, and by how much more than the next, in ns: 0 of equal ones. */
size_t tail_holding_step(const int64_t *lengths, size_t steps, const long double *means, long double *ahead);

#endif
