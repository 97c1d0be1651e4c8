/*
 * clearance.h - the clearance times of a period by segment 通关时效, as figures: of each direction that has a
 * chain its segments, their total, and the overall time beside the periods it is compared with; of all its
 * declarations, and, where it was asked for, of the groups that a dimension makes of them.
 */
#ifndef VIEW_STATISTICS_CLEARANCE_H
#define VIEW_STATISTICS_CLEARANCE_H

#include "edition/segments.h"
#include "engine/state.h"
#include "view/statistics/change.h"
#include "view/statistics/coverage.h"
#include "view/statistics/definitions.h"
#include "view/statistics/figures.h"
#include "view/statistics/revision.h"
#include "view/statistics/tail.h"

#define CLEARANCE_DIRECTIONS_MAX 4

/* clang-format off */
/*    name           text              zh       en */
#define BASE_PERIOD_LIST(X)                                                    \
    X(PREVIOUS,      "previous",       "环比",  "against the period before")  \
    X(PREVIOUS_YEAR, "previous_year",  "同比",  "against the year before")   \
    X(SNAPSHOT,      "snapshot",       "较定稿", "against its last snapshot")
/* clang-format on */

enum base_period {
#define X(name, text, zh, en) BASE_PERIOD_##name,
    BASE_PERIOD_LIST(X)
#undef X
        BASE_PERIODS_COUNT /* also: none of them */
};

extern const char *const base_period_texts[BASE_PERIODS_COUNT + 1]; /* NULL ends */
const char *base_period_name(enum base_period base, enum language language);
enum base_period base_period_of(struct text text); /* BASE_PERIODS_COUNT: no such */

struct clearance_wanted {
    struct definition_used definition;
    struct period period;
    bool is_alone; /* it is compared with nothing */
    /* What it is compared with: the one before (环比), and the same of the year before (同比). */
    struct period before, year_before;
    struct period snapshot;    /* the same, as of a snapshot; its as_of 0: there is none */
    enum base_period why;      /* why the overall time is another than then; BASE_PERIODS_COUNT: not asked */
    enum dimension by;         /* DIMENSION_NONE: no groups */
    const struct field *field; /* by DIMENSION_FIELD */
    const char *mode;          /* by DIMENSION_ONE_MODE */
    enum unit unit;
    const char *from,
        *to; /* two milestones of the edition, as one segment more of each direction; NULL: none */
};

struct clearance_segment {
    struct segment_row row;
    bool chained; /* it is part of the total */
    struct figures figures[VARIANT_COUNT];
};

/* The available times between the two milestones of the published figure 整体通关时间. */
struct clearance_overall {
    struct figures now, before, year_before;
};

struct clearance_group {
    const char *value;                     /* of the dimension; "" of all declarations */
    size_t population, complete, in_order; /* in units */
    struct clearance_segment *segments;
    size_t segments_count;
    struct figures total[VARIANT_COUNT];
    struct clearance_overall overall;
};

struct clearance_direction {
    const struct chain *chain;
    const char *from, *to; /* the ends of the chain; "" when it is empty */
    struct clearance_group all;
    size_t declarations;                        /* of the population */
    size_t without_containers, of_unknown_size; /* that count for nothing by the unit (samples.h) */
    size_t unread;                              /* of which nothing they say was at hand (samples.h) */
    size_t marked[MARKS_MAX];                   /* by the edition's marks (samples.h) */
    size_t missing[MILESTONES_MAX]; /* by the chain's milestones: declarations to which it was never told */
    struct coverage_owner *owners[MILESTONES_MAX]; /* whose telling that was (coverage.h) */
    size_t owners_count[MILESTONES_MAX];
    struct tail tail;
    struct change change;           /* where it was asked for */
    struct revision revision;       /* compared with a snapshot */
    struct clearance_group *groups; /* by their values, in the order of bytes */
    size_t groups_count;
};

struct clearance {
    struct clearance_wanted wanted;
    struct clearance_direction directions[CLEARANCE_DIRECTIONS_MAX];
    size_t count;
    bool is_crowded;     /* TOO_LARGE: what it is grouped by has too many values (samples.h) */
    struct arena *arena; /* private */
};

/* NOT_FOUND: no declaration in that period, not even one that is excluded; TOO_LARGE: more declarations, or
 * groups, than can be counted; and what the store says. To be freed, whatever is returned. */
enum status clearance_new(const struct view_source *source, const struct clearance_wanted *wanted,
                          struct clearance **out);
void clearance_free(struct clearance *clearance);

#endif
