/*
 * figures.h - exact n, mean, median and p90 of the time between two milestones, over the samples of a month.
 *
 * Side by side, each with its n:
 *   available  every declaration that has both ends of the segment;
 *              may be negative after an advance declaration 提前申报
 *   signed     complete chains only, as they are
 *   clamped    the same chains, their milestones made monotone along the chain, so that segments still add up
 *   excluded   only chains that are complete and in order
 * Of complete chains the means of the segments add up to the total; medians do not. A segment outside the
 * chain (inspection) has no chain: its three are all pairs, pairs with negatives taken as zero, and pairs
 * without negatives.
 *
 * Means are computed from exact nanoseconds and rounded last (hours, two places, half up). Median and p90 by
 * the nearest-rank method (p90 = value at rank ceil(0.9 n)); the median of an even n is the mean of the two
 * middle values.
 */
#ifndef VIEW_STATISTICS_FIGURES_H
#define VIEW_STATISTICS_FIGURES_H

#include "base/decimal.h"
#include "view/statistics/samples.h"

/* clang-format off */
/*    name        text         zh            en                 */
#define VARIANT_LIST(X)                                           \
    X(AVAILABLE,  "available", "有数据",     "available")         \
    X(SIGNED,     "signed",    "含负值",     "signed")            \
    X(CLAMPED,    "clamped",   "负值归零",   "clamped")           \
    X(EXCLUDED,   "excluded",  "剔除异常",   "excluded")
/* clang-format on */

enum variant {
#define X(name, text, zh, en) VARIANT_##name,
    VARIANT_LIST(X)
#undef X
        VARIANT_COUNT
};

const char *variant_text(enum variant variant);
const char *variant_name(enum variant variant, enum language language);

typedef __int128 duration; /* ns; the calendar is longer than 64 bits of them */

struct figures {
    size_t n;
    duration sum, low_median, high_median, p90;
};

struct figures figures_of(const struct samples *samples, const char *from, const char *to,
                          enum variant variant);
/* Both ends stand in the chain. */
bool figures_are_chained(const struct chain *chain, const char *from, const char *to);

/* --- as texts: hours and percents; "" where there is nothing to say ------------------------------------- */

#define FIGURE_MAX 48

const char *figures_mean(const struct figures *figures, char out[FIGURE_MAX]);
const char *figures_median(const struct figures *figures, char out[FIGURE_MAX]);
const char *figures_p90(const struct figures *figures, char out[FIGURE_MAX]);
/* Of the total's mean, in percent; the same declarations must stand in both. */
const char *figures_share(const struct figures *figures, const struct figures *total, char out[FIGURE_MAX]);
/* mean / base - 1 in percent, of unrounded values. base: hours. */
const char *figures_change_to_base(const struct figures *figures, struct decimal base, char out[FIGURE_MAX]);
const char *figures_change(const struct figures *now, const struct figures *then, char out[FIGURE_MAX]);

#endif
