/*
 * clearance.h - the clearance times of a month by segment 通关时效, as figures: of each direction that has a
 * chain its segments, their total, and the overall time beside the months it is compared with.
 */
#ifndef VIEW_STATISTICS_CLEARANCE_H
#define VIEW_STATISTICS_CLEARANCE_H

#include "edition/segments.h"
#include "engine/state.h"
#include "view/statistics/figures.h"

#define CLEARANCE_DIRECTIONS_MAX 4

struct clearance_segment {
    const struct segment_row *row;
    bool chained; /* it is part of the total */
    struct figures figures[VARIANT_COUNT];
};

/* The available times between the two milestones of the published figure 整体通关时间. */
struct clearance_overall {
    struct figures month, month_before, year_before;
};

struct clearance_direction {
    const struct chain *chain;
    const char *from, *to; /* the ends of the chain; "" when it is empty */
    size_t population, complete, in_order;
    struct clearance_segment segments[SEGMENTS_MAX];
    size_t segments_count;
    struct figures total[VARIANT_COUNT];
    struct clearance_overall overall;
};

struct clearance {
    struct clearance_direction directions[CLEARANCE_DIRECTIONS_MAX];
    size_t count;
};

/* month: YYYY-MM. NOT_FOUND: no declaration in that month; BAD_INPUT: not YYYY-MM; TOO_LARGE: more
 * declarations than can be counted; and what the store says. To be freed, whatever is returned. */
enum status clearance_new(struct state *state, const struct segments *segments, struct text month,
                          struct clearance **out);
void clearance_free(struct clearance *clearance);

#endif
