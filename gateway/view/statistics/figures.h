/*
 * figures.h - exact measures of the time between two milestones, over the samples of a period.
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
 * How each measure is defined:
 *   percentiles         nearest rank: the value at rank ceil(p n / 100), exact
 *   median              the middle one; of an even n the mean of the two in the middle, exact
 *   mean                sum / n, the sum exact over 128 bits
 *   trimmed mean        the mean without the floor(n / 20) shortest and as many longest (5 % at each end)
 *   standard deviation  of the population, that is with divisor n: all declarations of the period are there
 *   geometric mean      of those that are longer than zero
 *   within 24 h, 48 h   the share of those that took no longer
 * All but the standard deviation and the geometric mean are quotients of integers; those two come from sums
 * of integers, too, are computed in long double and are right to 1e-12 of themselves. So the order of the
 * samples is nothing to any of them.
 */
#ifndef VIEW_STATISTICS_FIGURES_H
#define VIEW_STATISTICS_FIGURES_H

#include "base/decimal.h"
#include "view/statistics/lengths.h"
#include "view/statistics/quotient.h"
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

/* clang-format off */
/*    name           text                  zh               en           what it is */
#define MEASURE_LIST(X)                                                                  \
    X(MEAN,          "mean",               "均值",           "mean",      MEASURE_TIME)   \
    X(MEDIAN,        "median",             "中位数",         "median",    MEASURE_TIME)   \
    X(MIN,           "min",                "最短",           "min",       MEASURE_TIME)   \
    X(P10,           "p10",                "p10",            "p10",       MEASURE_TIME)   \
    X(P25,           "p25",                "p25",            "p25",       MEASURE_TIME)   \
    X(P75,           "p75",                "p75",            "p75",       MEASURE_TIME)   \
    X(P90,           "p90",                "p90",            "p90",       MEASURE_TIME)   \
    X(P95,           "p95",                "p95",            "p95",       MEASURE_TIME)   \
    X(MAX,           "max",                "最长",           "max",       MEASURE_TIME)   \
    X(DEVIATION,     "standard_deviation", "标准差",         "sd",        MEASURE_TIME)   \
    X(GEOMETRIC,     "geometric_mean",     "几何均值",       "geo mean",  MEASURE_TIME)   \
    X(TRIMMED,       "trimmed_mean",       "截尾均值",       "trimmed",   MEASURE_TIME)   \
    X(WITHIN_24H,    "within_24h",         "24h内%",         "<=24h%",    MEASURE_SHARE)  \
    X(WITHIN_48H,    "within_48h",         "48h内%",         "<=48h%",    MEASURE_SHARE)
/* clang-format on */

enum measure_kind {
    MEASURE_TIME,  /* seconds for machines, hours for people */
    MEASURE_SHARE, /* of n: 0 to 1 for machines, percent for people */
};

enum measure {
#define X(name, text, zh, en, kind) MEASURE_##name,
    MEASURE_LIST(X)
#undef X
        MEASURES_COUNT
};

const char *measure_text(enum measure measure);
const char *measure_name(enum measure measure, enum language language);

struct figures {
    size_t n; /* in units: declarations, containers, or quarters of a TEU */
    duration sum;
    struct quotient measures[MEASURES_COUNT];
};

/* Those of each value of the dimension, as many as it has (figures_groups()); DIMENSION_NONE: of all. */
void figures_by(const struct samples *samples, const char *from, const char *to, enum variant variant,
                enum dimension by, struct figures *out);
size_t figures_groups(const struct samples *samples, enum dimension by);

/* The lengths themselves, those of one group together, from starts[group] to starts[group + 1]; `at` is to be
 * freed. False: one of them is beyond 64 bits, and none is right. */
struct figures_lengths {
    int64_t *at;
    size_t starts[SAMPLES_VALUES_MAX + 1];
};
bool figures_lengths(const struct samples *samples, const char *from, const char *to, enum variant variant,
                     enum dimension by, struct figures_lengths *out);
/* Both ends stand in the chain. */
bool figures_are_chained(const struct chain *chain, const char *from, const char *to);

/* --- for who keeps them up to date ---------------------------------------------------------------------- */

/* From one milestone to another: where they stand in a sample, and, when both are of the chain, in the
 * chain. */
struct figures_span {
    size_t from, to;
    bool chained;
    size_t from_step, to_step;
};
struct figures_span figures_span_of(const struct samples *samples, const char *from, const char *to);
/* The segment's length in this sample; false: the sample does not count. */
bool figures_length(const struct samples *samples, size_t index, const struct figures_span *span,
                    enum variant variant, duration *out);

/* Sums of lengths, those that are squared of two halves each: length = high 2^32 + low. */
struct figures_sums {
    size_t n, positive, within_24h, within_48h;
    duration sum;
    __int128 high, low, high_high, high_low, low_low, logs;
};
void figures_sums_move(struct figures_sums *sums, duration length, int sign); /* 1: it comes; -1: it goes */
/* From the sums of a kind of a ranking. */
struct ranking;
void figures_ranked(const struct figures_sums *sums, const struct ranking *ranking, unsigned kind,
                    struct figures *out);

#define FIGURE_MAX QUOTIENT_MAX

/* For machines: seconds, or a share of 1, with 17 significant digits; "" where there is nothing to say. */
const char *figures_number(const struct figures *figures, enum measure measure, char out[FIGURE_MAX]);

/* For people: hours with two decimals, percents with one, half away from zero. */
const char *figures_text(const struct figures *figures, enum measure measure, char out[FIGURE_MAX]);

/* --- beside others -------------------------------------------------------------------------------------- */

/* Of the total's mean; the same declarations must stand in both. */
struct quotient figures_share(const struct figures *figures, const struct figures *total);
/* mean / base - 1, of unrounded values. base: hours. */
struct quotient figures_change_to_base(const struct figures *figures, struct decimal base);
struct quotient figures_change(const struct figures *now, const struct figures *then);

/* How many: of quarters of a TEU with up to two decimals. */
const char *units_text(size_t units, enum unit unit, char out[FIGURE_MAX]);

#endif
