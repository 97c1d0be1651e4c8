/*
 * figures.c - the lengths of one segment are gathered in one array and sorted; sums and quotients are exact
 * over 128 bits, and rounded once, when they become text.
 */
#include "view/statistics/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define HOUR (3600 * (__int128)STAMP_SECOND)

static const struct {
    const char *text, *zh, *en;
} variants[] = {
#define X(name, text, zh, en) { text, zh, en },
    VARIANT_LIST(X)
#undef X
};

const char *variant_text(enum variant variant) {
    require(variant < VARIANT_COUNT);
    return variants[variant].text;
}

const char *variant_name(enum variant variant, enum language language) {
    require(variant < VARIANT_COUNT);
    return language_pick(language, variants[variant].zh, variants[variant].en);
}

static const struct {
    const char *text, *zh, *en;
    enum measure_kind kind;
} measures[] = {
#define X(name, text, zh, en, kind) { text, zh, en, kind },
    MEASURE_LIST(X)
#undef X
};

const char *measure_text(enum measure measure) {
    require(measure < MEASURES_COUNT);
    return measures[measure].text;
}

const char *measure_name(enum measure measure, enum language language) {
    require(measure < MEASURES_COUNT);
    return language_pick(language, measures[measure].zh, measures[measure].en);
}

/* --- the lengths of a segment --------------------------------------------------------------------------- */

/* From one milestone to another: where they stand in a sample, and, when both are of the chain, in the
 * chain. */
struct span {
    size_t from, to;
    bool chained;
    size_t from_step, to_step;
};

/* The chain's length when it has no such milestone. */
static size_t step_of(const struct chain *chain, const char *code) {
    size_t step = 0;
    while (step < chain->count && strcmp(chain->milestones[step], code) != 0) {
        step++;
    }
    return step;
}

bool figures_are_chained(const struct chain *chain, const char *from, const char *to) {
    return step_of(chain, from) < chain->count && step_of(chain, to) < chain->count;
}

/* The segment's length in this sample; false: the sample does not count. */
static bool length_of(const struct samples *samples, size_t index, const struct span *span,
                      enum variant variant, duration *out) {
    stamp begin = samples_at(samples, index, span->from), end = samples_at(samples, index, span->to);
    if (begin == SAMPLE_NEVER || end == SAMPLE_NEVER
        || (span->chained && variant != VARIANT_AVAILABLE && !samples_is_complete(samples, index))) {
        return false;
    }
    *out = (duration)end - begin;
    if (variant == VARIANT_CLAMPED && span->chained) {
        *out = (duration)samples_at_most(samples, index, span->to_step)
               - samples_at_most(samples, index, span->from_step);
    } else if (variant == VARIANT_CLAMPED) {
        *out = *out > 0 ? *out : 0;
    } else if (variant == VARIANT_EXCLUDED) {
        return span->chained ? samples_is_in_order(samples, index) : *out >= 0;
    }
    return true;
}

/* Rank ceil(p n / 100) of 1 to n. */
static duration percentile(const duration *sorted, size_t n, size_t p) {
    return sorted[(p * n + 99) / 100 - 1];
}

static duration sum_of(const duration *lengths, size_t n) {
    duration sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += lengths[i];
    }
    return sum;
}

static size_t within(const duration *sorted, size_t n, duration most) {
    size_t low = 0;
    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (sorted[middle] > most) {
            n = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* What is no quotient of integers becomes one of millionths of a nanosecond. */
#define MILLIONTHS 1000000

static struct quotient deviation_of(const duration *lengths, size_t n, duration sum) {
    long double mean = (long double)sum / (long double)n, squares = 0;
    for (size_t i = 0; i < n; i++) {
        long double off = (long double)lengths[i] - mean;
        squares += off * off;
    }
    return (struct quotient){ (__int128)roundl(sqrtl(squares / (long double)n) * MILLIONTHS), MILLIONTHS };
}

static struct quotient geometric_of(const duration *sorted, size_t n) {
    size_t first = within(sorted, n, 0);
    long double logs = 0;
    if (first == n) {
        return (struct quotient){ 0, 0 };
    }
    for (size_t i = first; i < n; i++) {
        logs += logl((long double)sorted[i]);
    }
    return (struct quotient){ (__int128)roundl(expl(logs / (long double)(n - first)) * MILLIONTHS),
                              MILLIONTHS };
}

static void measure_all(const duration *sorted, struct figures *figures) {
    size_t n = figures->n, trim = n / 20;
    struct quotient *of = figures->measures;
    of[MEASURE_MEAN] = (struct quotient){ figures->sum, (__int128)n };
    of[MEASURE_MEDIAN] = (struct quotient){ sorted[(n - 1) / 2] + sorted[n / 2], 2 };
    of[MEASURE_MIN] = (struct quotient){ sorted[0], 1 };
    of[MEASURE_P10] = (struct quotient){ percentile(sorted, n, 10), 1 };
    of[MEASURE_P25] = (struct quotient){ percentile(sorted, n, 25), 1 };
    of[MEASURE_P75] = (struct quotient){ percentile(sorted, n, 75), 1 };
    of[MEASURE_P90] = (struct quotient){ percentile(sorted, n, 90), 1 };
    of[MEASURE_P95] = (struct quotient){ percentile(sorted, n, 95), 1 };
    of[MEASURE_MAX] = (struct quotient){ sorted[n - 1], 1 };
    of[MEASURE_DEVIATION] = deviation_of(sorted, n, figures->sum);
    of[MEASURE_GEOMETRIC] = geometric_of(sorted, n);
    of[MEASURE_TRIMMED] = (struct quotient){ sum_of(&sorted[trim], n - 2 * trim), (__int128)(n - 2 * trim) };
    of[MEASURE_WITHIN_24H] = (struct quotient){ (__int128)within(sorted, n, 24 * HOUR), (__int128)n };
    of[MEASURE_WITHIN_48H] = (struct quotient){ (__int128)within(sorted, n, 48 * HOUR), (__int128)n };
}

struct figures figures_of(const struct samples *samples, const char *from, const char *to,
                          enum variant variant) {
    require(variant < VARIANT_COUNT);
    struct figures figures = { 0 };
    struct span span = { samples_place(samples, from), samples_place(samples, to),
                         figures_are_chained(samples->chain, from, to), step_of(samples->chain, from),
                         step_of(samples->chain, to) };
    duration *lengths = memory_array(samples->units + 1, sizeof(*lengths)), length;
    for (size_t i = 0; i < samples->count; i++) {
        size_t weight = length_of(samples, i, &span, variant, &length) ? samples_weight(samples, i) : 0;
        for (; weight; weight--) {
            figures.sum += length;
            lengths[figures.n++] = length;
        }
    }
    if (figures.n) {
        lengths_sort(lengths, figures.n);
        measure_all(lengths, &figures);
    }
    free(lengths);
    return figures;
}

/* --- for machines --------------------------------------------------------------------------------------- */

static const char *number(__int128 numerator, __int128 denominator, __int128 unit, char out[FIGURE_MAX]) {
    if (!denominator) {
        return "";
    }
    snprintf(out, FIGURE_MAX, "%.17Lg",
             (long double)numerator / (long double)denominator / (long double)unit);
    return out;
}

const char *figures_number(const struct figures *figures, enum measure measure, char out[FIGURE_MAX]) {
    require(measure < MEASURES_COUNT);
    struct quotient of = figures->measures[measure];
    return number(of.numerator, of.denominator, measures[measure].kind == MEASURE_TIME ? STAMP_SECOND : 1,
                  out);
}

const char *quotient_number(struct quotient quotient, char out[FIGURE_MAX]) {
    return number(quotient.numerator, quotient.denominator, 1, out);
}

/* --- for people ----------------------------------------------------------------------------------------- */

static __int128 power_of_ten(int exponent) {
    __int128 power = 1;
    for (int i = 0; i < exponent; i++) {
        power *= 10;
    }
    return power;
}

/* With so many decimals, half away from zero. */
static const char *rounded(struct quotient of, int places, char out[FIGURE_MAX]) {
    __int128 scale = power_of_ten(places);
    if (!of.denominator) {
        return "";
    }
    bool negative = of.numerator < 0;
    __int128 scaled =
        ((negative ? -of.numerator : of.numerator) * scale * 2 + of.denominator) / (of.denominator * 2);
    const char *sign = negative && scaled ? "-" : "";
    snprintf(out, FIGURE_MAX, "%s%lld.%0*lld", sign, (long long)(scaled / scale), places,
             (long long)(scaled % scale));
    return out;
}

const char *quotient_percent(struct quotient quotient, char out[FIGURE_MAX]) {
    return rounded((struct quotient){ quotient.numerator * 100, quotient.denominator }, 1, out);
}

const char *units_text(size_t units, enum unit unit, char out[FIGURE_MAX]) {
    static const char *const quarters[TEU_QUARTERS] = { "", ".25", ".5", ".75" };
    bool teu = unit == UNIT_TEU;
    snprintf(out, FIGURE_MAX, "%zu%s", teu ? units / TEU_QUARTERS : units,
             teu ? quarters[units % TEU_QUARTERS] : "");
    return out;
}

const char *quotient_hours(struct quotient nanoseconds, char out[FIGURE_MAX]) {
    return rounded((struct quotient){ nanoseconds.numerator, nanoseconds.denominator * HOUR }, 2, out);
}

const char *figures_text(const struct figures *figures, enum measure measure, char out[FIGURE_MAX]) {
    require(measure < MEASURES_COUNT);
    struct quotient of = figures->measures[measure];
    return measures[measure].kind == MEASURE_SHARE ? quotient_percent(of, out) : quotient_hours(of, out);
}

/* --- beside others -------------------------------------------------------------------------------------- */

struct quotient figures_share(const struct figures *figures, const struct figures *total) {
    bool same = figures->n && figures->n == total->n && total->sum > 0;
    return same ? (struct quotient){ figures->sum, total->sum } : (struct quotient){ 0, 0 };
}

struct quotient figures_change_to_base(const struct figures *figures, struct decimal base) {
    if (!figures->n || base.coefficient <= 0) {
        return (struct quotient){ 0, 0 };
    }
    __int128 one = HOUR * (__int128)figures->n * base.coefficient;
    return (struct quotient){ figures->sum * power_of_ten(base.scale) - one, one };
}

struct quotient figures_change(const struct figures *now, const struct figures *then) {
    if (!now->n || !then->n || then->sum <= 0) {
        return (struct quotient){ 0, 0 };
    }
    /* microseconds: enough for a percent, and it fits */
    __int128 was = then->sum / 1000 * (__int128)now->n, is = now->sum / 1000 * (__int128)then->n;
    return was ? (struct quotient){ is - was, was } : (struct quotient){ 0, 0 };
}
