/*
 * change.h - why the overall time 整体通关时间 of a period is not that of the one it is compared with.
 *
 * Both over complete chains with signed times, so that segments add up. By segment: the overall time is cut
 * at the milestones of the chain, and the change of its mean is the sum of the changes of theirs. By
 * dimension: the change is what the groups became faster or slower by (`within`), and what became of their
 * shares in all declarations (`mix`); of a group g with share w and mean m
 *
 *   within = sum of (w then + w now) / 2 * (m now - m then)
 *   mix    = sum of (m then + m now) / 2 * (w now - w then)
 *
 * (Kitagawa 1955), which add up to the change. A group that one of the periods lacks has there the mean of
 * the other: all of it is mix. Computed in long double: what adds up does so to 1e-12 of the terms.
 */
#ifndef VIEW_STATISTICS_CHANGE_H
#define VIEW_STATISTICS_CHANGE_H

#include "view/statistics/figures.h"

/* From one milestone of the chain to the next. */
struct change_step {
    const char *from, *to;
    const struct segment_row *row; /* the segment of the edition that is so; NULL: none */
    long double then, now;         /* mean, seconds */
};

struct change_split {
    long double within, mix; /* seconds */
};

struct change {
    /* Complete chains, in units; one of them 0: there is nothing to say, and nothing else is set. */
    size_t n_then, n_now;
    long double then, now; /* mean of the overall time, seconds */
    struct change_step steps[MILESTONES_MAX];
    size_t steps_count;
    struct change_split splits[DIMENSION_NONE];
    bool is_split[DIMENSION_NONE];   /* by the dimensions that the samples have */
    bool is_crowded[DIMENSION_NONE]; /* by which it is not, for one of the periods has too many values */
};

/* Of described samples of one chain. */
void change_compute(const struct samples *then, const struct samples *now, struct change *out);

#endif
