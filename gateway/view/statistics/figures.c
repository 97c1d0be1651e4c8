/*
 * figures.c - the lengths of one segment are gathered in one array and sorted; sums and quotients are exact
 * over 128 bits, and rounded once, when they become text.
 */
#include "view/statistics/figures.h"

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

static int by_length(const void *a, const void *b) {
    duration x = *(const duration *)a, y = *(const duration *)b;
    return (x > y) - (x < y);
}

struct figures figures_of(const struct samples *samples, const char *from, const char *to,
                          enum variant variant) {
    require(variant < VARIANT_COUNT);
    struct figures figures = { 0 };
    struct span span = { samples_place(samples, from), samples_place(samples, to),
                         figures_are_chained(samples->chain, from, to), step_of(samples->chain, from),
                         step_of(samples->chain, to) };
    duration *lengths = memory_array(samples->count + 1, sizeof(*lengths));
    for (size_t i = 0; i < samples->count; i++) {
        if (length_of(samples, i, &span, variant, &lengths[figures.n])) {
            figures.sum += lengths[figures.n++];
        }
    }
    if (figures.n) {
        qsort(lengths, figures.n, sizeof(*lengths), by_length);
        figures.low_median = lengths[(figures.n - 1) / 2];
        figures.high_median = lengths[figures.n / 2];
        figures.p90 = lengths[(9 * figures.n + 9) / 10 - 1];
    }
    free(lengths);
    return figures;
}

/* --- exact quotients, rounded last ---------------------------------------------------------------------- */

static __int128 power_of_ten(int exponent) {
    __int128 power = 1;
    for (int i = 0; i < exponent; i++) {
        power *= 10;
    }
    return power;
}

/* numerator / denominator with so many decimals, half away from zero. */
static const char *quotient(__int128 numerator, __int128 denominator, int places, char out[FIGURE_MAX]) {
    __int128 scale = power_of_ten(places);
    bool negative = numerator < 0;
    __int128 scaled = ((negative ? -numerator : numerator) * scale * 2 + denominator) / (denominator * 2);
    const char *sign = negative && scaled ? "-" : "";
    snprintf(out, FIGURE_MAX, "%s%lld.%0*lld", sign, (long long)(scaled / scale), places,
             (long long)(scaled % scale));
    return out;
}

const char *figures_mean(const struct figures *figures, char out[FIGURE_MAX]) {
    return figures->n ? quotient(figures->sum, HOUR * (__int128)figures->n, 2, out) : "";
}

const char *figures_median(const struct figures *figures, char out[FIGURE_MAX]) {
    return figures->n ? quotient(figures->low_median + figures->high_median, 2 * HOUR, 2, out) : "";
}

const char *figures_p90(const struct figures *figures, char out[FIGURE_MAX]) {
    return figures->n ? quotient(figures->p90, HOUR, 2, out) : "";
}

const char *figures_share(const struct figures *figures, const struct figures *total, char out[FIGURE_MAX]) {
    bool same = figures->n && figures->n == total->n && total->sum > 0;
    return same ? quotient(figures->sum * 100, total->sum, 1, out) : "";
}

const char *figures_change_to_base(const struct figures *figures, struct decimal base, char out[FIGURE_MAX]) {
    if (!figures->n || base.coefficient <= 0) {
        return "";
    }
    __int128 one = HOUR * (__int128)figures->n * base.coefficient;
    return quotient((figures->sum * power_of_ten(base.scale) - one) * 100, one, 1, out);
}

const char *figures_change(const struct figures *now, const struct figures *then, char out[FIGURE_MAX]) {
    if (!now->n || !then->n || then->sum <= 0) {
        return "";
    }
    /* microseconds: enough for a percent, and it fits */
    __int128 was = then->sum / 1000 * (__int128)now->n, is = now->sum / 1000 * (__int128)then->n;
    return was ? quotient((is - was) * 100, was, 1, out) : "";
}
