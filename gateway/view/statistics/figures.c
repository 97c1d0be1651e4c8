/*
 * figures.c - the lengths of one segment are put to their groups in one array; of each group sums are taken,
 * and what stands at some ranks is selected (lengths.h). Sums and quotients are exact over 128 bits, and
 * rounded once, when they become text.
 */
#include "view/statistics/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "view/statistics/ranking.h"

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

bool figures_length(const struct samples *samples, size_t index, const struct figures_span *span,
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

struct figures_span figures_span_of(const struct samples *samples, const char *from, const char *to) {
    const struct chain *chain = samples->chain;
    return (struct figures_span){ samples_place(samples, from), samples_place(samples, to),
                                  figures_are_chained(chain, from, to), step_of(chain, from),
                                  step_of(chain, to) };
}

size_t figures_groups(const struct samples *samples, enum dimension by) {
    require(by <= DIMENSION_NONE);
    return by == DIMENSION_NONE ? 1
           : samples->count && samples->described && samples->described->values[by]
               ? samples->described->distinct[by].count
               : 0;
}

/* The lengths and groups of samples that count once each, but for chains made monotone; how many.
 * *fits false: one of them is beyond 64 bits. */
static size_t plain_lengths(const struct samples *samples, const struct figures_span *span,
                            enum variant variant, const uint8_t *codes, int64_t *lengths, uint8_t *of,
                            bool *fits) {
    size_t width = samples->segments->milestones_count, n = 0;
    const stamp *begins = span->from < width ? samples->moments[span->from] : NULL;
    const stamp *ends = span->to < width ? samples->moments[span->to] : NULL;
    bool chained = span->chained && variant != VARIANT_AVAILABLE, beyond = false;
    uint8_t least = !chained                      ? CHAINED_NOT
                    : variant == VARIANT_EXCLUDED ? CHAINED_IN_ORDER
                                                  : CHAINED_COMPLETE;
    bool forward = variant == VARIANT_EXCLUDED && !span->chained;
    bool clamped = variant == VARIANT_CLAMPED && !span->chained;
    for (size_t i = 0; i < samples->count && begins && ends; i++) {
        int64_t length;
        bool overflows = __builtin_sub_overflow(ends[i], begins[i], &length);
        bool counts = begins[i] != SAMPLE_NEVER && ends[i] != SAMPLE_NEVER && samples->chained[i] >= least
                      && (!forward || ends[i] >= begins[i]);
        beyond |= counts && overflows;
        lengths[n] = clamped && length < 0 ? 0 : length;
        of[n] = codes ? codes[i] : 0;
        n += counts;
    }
    *fits = !beyond;
    return n;
}

bool figures_lengths(const struct samples *samples, const char *from, const char *to, enum variant variant,
                     enum dimension by, struct figures_lengths *out) {
    require(variant < VARIANT_COUNT);
    struct figures_span span = figures_span_of(samples, from, to);
    size_t groups = figures_groups(samples, by), n = 0;
    const uint8_t *codes = by < DIMENSION_NONE && groups ? samples->described->values[by] : NULL;
    int64_t *lengths = memory_grow(NULL, samples->units + 1, sizeof(*lengths));
    uint8_t *of = memory_grow(NULL, samples->units + 1, 1);
    bool fits = true, plain = !samples->weights && !(variant == VARIANT_CLAMPED && span.chained);
    if (plain) {
        n = plain_lengths(samples, &span, variant, codes, lengths, of, &fits);
    }
    for (size_t i = 0; i < samples->count && !plain; i++) {
        duration length;
        size_t weight = figures_length(samples, i, &span, variant, &length) ? samples_weight(samples, i) : 0;
        for (; weight; weight--) {
            fits = fits && length >= INT64_MIN && length <= INT64_MAX;
            lengths[n] = (int64_t)length;
            of[n++] = codes ? codes[i] : 0;
        }
    }
    out->at = memory_grow(NULL, n + 1, sizeof(*out->at));
    lengths_group(lengths, of, n, groups, out->starts, out->at);
    free(lengths);
    free(of);
    return fits;
}

/* --- measures ------------------------------------------------------------------------------------------- */

/* What is no quotient of integers becomes one of millionths of a nanosecond. */
#define MILLIONTHS 1000000
#define LOG_ONE    (INT64_C(1) << 48) /* logarithms become integers: in any order it is one sum */

static inline void move_length(struct figures_sums *sums, duration length, int sign) {
    __int128 high = length >> 32, low = length & UINT32_MAX;
    size_t one = (size_t)sign;
    sums->n += one;
    sums->sum += sign * length;
    sums->within_24h += length <= 24 * HOUR ? one : 0;
    sums->within_48h += length <= 48 * HOUR ? one : 0;
    sums->high += sign * high;
    sums->low += sign * low;
    sums->high_high += sign * high * high;
    sums->high_low += sign * high * low;
    sums->low_low += sign * low * low;
    if (length > 0) {
        sums->positive += one;
        sums->logs += sign * llrint(log((double)length) * LOG_ONE);
    }
}

void figures_sums_move(struct figures_sums *sums, duration length, int sign) {
    require(sign == 1 || sign == -1);
    move_length(sums, length, sign);
}

/* The sum of squares around the whole part of the mean, which is taken from both halves before they are put
 * together: exact up to the last step. */
static struct quotient deviation_of(const struct figures_sums *sums) {
    __int128 n = (__int128)sums->n, mean = sums->sum / n, high = mean >> 32, low = mean & UINT32_MAX;
    __int128 high_high = sums->high_high - 2 * high * sums->high + n * high * high;
    __int128 high_low = sums->high_low - high * sums->low - low * sums->high + n * high * low;
    __int128 low_low = sums->low_low - 2 * low * sums->low + n * low * low;
    long double two32 = 4294967296.0L, rest = (long double)(sums->sum - mean * n) / (long double)n;
    long double squares =
        (long double)high_high * two32 * two32 + 2 * (long double)high_low * two32 + (long double)low_low;
    long double variance = squares / (long double)n - rest * rest;
    return (struct quotient){ (__int128)roundl(sqrtl(variance > 0 ? variance : 0) * MILLIONTHS), MILLIONTHS };
}

static struct quotient geometric_of(const struct figures_sums *sums) {
    if (!sums->positive) {
        return (struct quotient){ 0, 0 };
    }
    long double mean = (long double)sums->logs / (long double)sums->positive / LOG_ONE;
    return (struct quotient){ (__int128)roundl(expl(mean) * MILLIONTHS), MILLIONTHS };
}

/* By which ranks, from 0 on, each measure goes; the first and last that are left of the trimmed ones. */
enum { RANK_MIN, RANK_P10, RANK_P25, RANK_LOW, RANK_HIGH, RANK_P75, RANK_P90, RANK_P95, RANK_MAX, RANKS };

/* Rank ceil(p n / 100) of 1 to n. */
static size_t percentile(size_t n, size_t p) {
    return (p * n + 99) / 100 - 1;
}

static void set_measures(const struct figures_sums *sums, const duration at[RANKS], duration trimmed,
                         struct figures *figures) {
    size_t n = sums->n, trim = n / 20;
    struct quotient *of = figures->measures;
    figures->n = n;
    figures->sum = sums->sum;
    of[MEASURE_MEAN] = (struct quotient){ sums->sum, (__int128)n };
    of[MEASURE_MEDIAN] = (struct quotient){ at[RANK_LOW] + at[RANK_HIGH], 2 };
    of[MEASURE_MIN] = (struct quotient){ at[RANK_MIN], 1 };
    of[MEASURE_P10] = (struct quotient){ at[RANK_P10], 1 };
    of[MEASURE_P25] = (struct quotient){ at[RANK_P25], 1 };
    of[MEASURE_P75] = (struct quotient){ at[RANK_P75], 1 };
    of[MEASURE_P90] = (struct quotient){ at[RANK_P90], 1 };
    of[MEASURE_P95] = (struct quotient){ at[RANK_P95], 1 };
    of[MEASURE_MAX] = (struct quotient){ at[RANK_MAX], 1 };
    of[MEASURE_DEVIATION] = deviation_of(sums);
    of[MEASURE_GEOMETRIC] = geometric_of(sums);
    of[MEASURE_TRIMMED] = (struct quotient){ trimmed, (__int128)(n - 2 * trim) };
    of[MEASURE_WITHIN_24H] = (struct quotient){ (__int128)sums->within_24h, (__int128)n };
    of[MEASURE_WITHIN_48H] = (struct quotient){ (__int128)sums->within_48h, (__int128)n };
}

static void set_ranks(size_t n, size_t ranks[RANKS]) {
    ranks[RANK_MIN] = 0;
    ranks[RANK_P10] = percentile(n, 10);
    ranks[RANK_P25] = percentile(n, 25);
    ranks[RANK_LOW] = (n - 1) / 2;
    ranks[RANK_HIGH] = n / 2;
    ranks[RANK_P75] = percentile(n, 75);
    ranks[RANK_P90] = percentile(n, 90);
    ranks[RANK_P95] = percentile(n, 95);
    ranks[RANK_MAX] = n - 1;
}

static int by_rank(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* The sum of those that stand, in their order, from rank `trim` to rank n - trim - 1: what is shorter than
 * the first of them, and longer than the last, is known by its length; of those equal, by how many. */
static duration trimmed_sum(const int64_t *lengths, size_t n, size_t trim, int64_t first, int64_t last) {
    size_t shorter = 0, longer = 0;
    duration sum = 0;
    for (size_t i = 0; i < n; i++) {
        shorter += lengths[i] < first;
        longer += lengths[i] > last;
        sum += lengths[i] >= first && lengths[i] <= last ? lengths[i] : 0;
    }
    return sum - (duration)(trim - shorter) * first - (duration)(trim - longer) * last;
}

static void measure(const int64_t *lengths, size_t n, struct figures *figures) {
    size_t own[RANKS], ranks[RANKS + 2], trim = n / 20;
    int64_t picked[RANKS + 2], first = 0, last = 0;
    duration at[RANKS] = { 0 };
    struct figures_sums sums = { .n = 0 };
    for (size_t i = 0; i < n; i++) {
        move_length(&sums, lengths[i], 1);
    }
    set_ranks(n, own);
    memcpy(ranks, own, sizeof(own));
    ranks[RANKS] = trim;
    ranks[RANKS + 1] = n - 1 - trim;
    qsort(ranks, RANKS + 2, sizeof(*ranks), by_rank);
    lengths_select(lengths, n, ranks, RANKS + 2, picked);
    for (size_t i = 0; i < RANKS + 2; i++) {
        for (size_t r = 0; r < RANKS; r++) {
            at[r] = ranks[i] == own[r] ? picked[i] : at[r];
        }
        first = ranks[i] == trim ? picked[i] : first;
        last = ranks[i] == n - 1 - trim ? picked[i] : last;
    }
    set_measures(&sums, at, trimmed_sum(lengths, n, trim, first, last), figures);
}

void figures_ranked(const struct figures_sums *sums, const struct ranking *ranking, unsigned kind,
                    struct figures *out) {
    size_t n = sums->n, own[RANKS], ranks[RANKS + 2], trim = n / 20;
    struct ranked picked[RANKS + 2];
    duration at[RANKS] = { 0 }, trimmed = 0;
    *out = (struct figures){ .n = 0 };
    require(n == ranking_count(ranking, kind));
    if (!n) {
        return;
    }
    set_ranks(n, own);
    memcpy(ranks, own, sizeof(own));
    ranks[RANKS] = trim;
    ranks[RANKS + 1] = n - 1 - trim;
    qsort(ranks, RANKS + 2, sizeof(*ranks), by_rank);
    ranking_find(ranking, kind, ranks, RANKS + 2, picked);
    for (size_t i = 0; i < RANKS + 2; i++) {
        for (size_t r = 0; r < RANKS; r++) {
            at[r] = ranks[i] == own[r] ? picked[i].length : at[r];
        }
    }
    for (size_t i = 0; i < RANKS + 2; i++) {
        bool is_new = i == 0 || ranks[i] != ranks[i - 1];
        trimmed -= is_new && ranks[i] == trim ? picked[i].before : 0;
        trimmed += is_new && ranks[i] == n - 1 - trim ? picked[i].before + picked[i].length : 0;
    }
    set_measures(sums, at, trimmed, out);
}

/* The same of lengths that 64 bits do not hold: of one group. */
static void measure_far(const struct samples *samples, const struct figures_span *span, enum variant variant,
                        const uint8_t *codes, size_t code, struct figures *figures) {
    duration *lengths = memory_array(samples->units + 1, sizeof(*lengths)), length, at[RANKS], trimmed = 0;
    struct figures_sums sums = { .n = 0 };
    for (size_t i = 0; i < samples->count; i++) {
        bool counts = (!codes || codes[i] == code) && figures_length(samples, i, span, variant, &length);
        for (size_t weight = counts ? samples_weight(samples, i) : 0; weight; weight--) {
            lengths[sums.n] = length;
            move_length(&sums, length, 1);
        }
    }
    if (sums.n) {
        size_t ranks[RANKS], trim = sums.n / 20;
        lengths_sort(lengths, sums.n);
        set_ranks(sums.n, ranks);
        for (size_t r = 0; r < RANKS; r++) {
            at[r] = lengths[ranks[r]];
        }
        for (size_t i = trim; i < sums.n - trim; i++) {
            trimmed += lengths[i];
        }
        set_measures(&sums, at, trimmed, figures);
    }
    free(lengths);
}

void figures_by(const struct samples *samples, const char *from, const char *to, enum variant variant,
                enum dimension by, struct figures *out) {
    size_t groups = figures_groups(samples, by);
    struct figures_lengths lengths;
    bool fits = figures_lengths(samples, from, to, variant, by, &lengths);
    struct figures_span span = figures_span_of(samples, from, to);
    for (size_t group = 0; group < groups; group++) {
        size_t n = lengths.starts[group + 1] - lengths.starts[group];
        out[group] = (struct figures){ .n = 0 };
        if (n && fits) {
            measure(&lengths.at[lengths.starts[group]], n, &out[group]);
        } else if (n) {
            measure_far(samples, &span, variant, by < DIMENSION_NONE ? samples->described->values[by] : NULL,
                        group, &out[group]);
        }
    }
    free(lengths.at);
}

/* --- for machines --------------------------------------------------------------------------------------- */

const char *figures_number(const struct figures *figures, enum measure measure, char out[FIGURE_MAX]) {
    require(measure < MEASURES_COUNT);
    struct quotient of = figures->measures[measure];
    of.denominator *= measures[measure].kind == MEASURE_TIME ? STAMP_SECOND : 1;
    return quotient_number(of, out);
}

/* --- for people ----------------------------------------------------------------------------------------- */

const char *units_text(size_t units, enum unit unit, char out[FIGURE_MAX]) {
    static const char *const quarters[TEU_QUARTERS] = { "", ".25", ".5", ".75" };
    bool teu = unit == UNIT_TEU;
    snprintf(out, FIGURE_MAX, "%zu%s", teu ? units / TEU_QUARTERS : units,
             teu ? quarters[units % TEU_QUARTERS] : "");
    return out;
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
    return (struct quotient){ figures->sum * decimal_powers_of_ten[base.scale] - one, one };
}

struct quotient figures_change(const struct figures *now, const struct figures *then) {
    if (!now->n || !then->n || then->sum <= 0) {
        return (struct quotient){ 0, 0 };
    }
    /* microseconds: enough for a percent, and it fits */
    __int128 was = then->sum / 1000 * (__int128)now->n, is = now->sum / 1000 * (__int128)then->n;
    return was ? (struct quotient){ is - was, was } : (struct quotient){ 0, 0 };
}
