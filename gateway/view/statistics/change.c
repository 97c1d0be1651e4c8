/*
 * change.c - sums of each period over its complete chains → means → their difference, taken apart twice.
 */
#include "view/statistics/change.h"

#include <string.h>

/* --- sums ----------------------------------------------------------------------------------------------- */

/* The steps of the chain that the overall time is made of: from which to which. False: it is none of it. */
static bool steps_of(const struct chain *chain, size_t *first, size_t *last) {
    *first = *last = chain->count;
    for (size_t i = 0; i < chain->count; i++) {
        *first = strcmp(chain->milestones[i], chain->from) == 0 ? i : *first;
        *last = strcmp(chain->milestones[i], chain->to) == 0 ? i : *last;
    }
    return *first < *last && *last < chain->count;
}

static duration length_of(const struct samples *samples, size_t index, size_t first, size_t last) {
    return (duration)samples_at(samples, index, samples->path[last])
           - samples_at(samples, index, samples->path[first]);
}

/* Mean of the complete chains between two steps of the chain, in seconds. value NULL: of all; else of those
 * with that value of the dimension. *n 0: of none, and the mean is 0. */
static long double mean_of(const struct samples *samples, size_t first, size_t last, enum dimension dimension,
                           const char *value, size_t *n) {
    duration sum = 0;
    *n = 0;
    for (size_t i = 0; i < samples->count; i++) {
        bool counts = samples_is_complete(samples, i)
                      && (!value || strcmp(samples_value(samples, dimension, i), value) == 0);
        if (counts) {
            sum += length_of(samples, i, first, last) * samples_weight(samples, i);
            *n += samples_weight(samples, i);
        }
    }
    return *n ? (long double)sum / (long double)*n / STAMP_SECOND : 0;
}

/* --- by segment ----------------------------------------------------------------------------------------- */

static const struct segment_row *row_of(const struct segments *segments, const struct chain *chain,
                                        size_t step) {
    for (size_t i = 0; i < segments->rows_count; i++) {
        const struct segment_row *row = &segments->rows[i];
        if (strcmp(row->direction, chain->direction) == 0 && strcmp(row->from, chain->milestones[step]) == 0
            && strcmp(row->to, chain->milestones[step + 1]) == 0) {
            return row;
        }
    }
    return NULL;
}

static void compute_steps(const struct samples *then, const struct samples *now, size_t first, size_t last,
                          struct change *out) {
    const struct chain *chain = now->chain;
    size_t n;
    for (size_t step = first; step < last; step++) {
        out->steps[out->steps_count++] = (struct change_step){
            .from = chain->milestones[step],
            .to = chain->milestones[step + 1],
            .row = row_of(now->segments, chain, step),
            .then = mean_of(then, step, step + 1, DIMENSION_NONE, NULL, &n),
            .now = mean_of(now, step, step + 1, DIMENSION_NONE, NULL, &n),
        };
    }
}

/* --- by dimension --------------------------------------------------------------------------------------- */

/* Adds the values of the samples to those that are there already. */
static size_t add_values(const struct samples *samples, enum dimension dimension, const char **values,
                         size_t count) {
    for (size_t i = 0; i < samples->count; i++) {
        const char *value = samples_value(samples, dimension, i);
        size_t v = 0;
        while (v < count && strcmp(values[v], value) != 0) {
            v++;
        }
        if (v == count) {
            require(count < 2 * SAMPLES_VALUES_MAX); /* of each period they were counted */
            values[count++] = value;
        }
    }
    return count;
}

static struct change_split split_of(const struct samples *then, const struct samples *now, size_t first,
                                    size_t last, enum dimension dimension, const struct change *change) {
    const char *values[2 * SAMPLES_VALUES_MAX];
    size_t count = add_values(now, dimension, values, add_values(then, dimension, values, 0));
    struct change_split split = { 0, 0 };
    for (size_t i = 0; i < count; i++) {
        size_t n_then, n_now;
        long double mean_then = mean_of(then, first, last, dimension, values[i], &n_then);
        long double mean_now = mean_of(now, first, last, dimension, values[i], &n_now);
        long double share_then = (long double)n_then / (long double)change->n_then;
        long double share_now = (long double)n_now / (long double)change->n_now;
        mean_then = n_then ? mean_then : mean_now;
        mean_now = n_now ? mean_now : mean_then;
        split.within += (share_then + share_now) / 2 * (mean_now - mean_then);
        split.mix += (mean_then + mean_now) / 2 * (share_now - share_then);
    }
    return split;
}

void change_compute(const struct samples *then, const struct samples *now, struct change *out) {
    size_t first, last;
    *out = (struct change){ .n_then = 0 };
    if (!now->chain || !steps_of(now->chain, &first, &last)) {
        return;
    }
    require(!then->count || (then->described && now->described && then->chain == now->chain));
    out->then = mean_of(then, first, last, DIMENSION_NONE, NULL, &out->n_then);
    out->now = mean_of(now, first, last, DIMENSION_NONE, NULL, &out->n_now);
    if (!out->n_then || !out->n_now) {
        return;
    }
    compute_steps(then, now, first, last, out);
    for (int dimension = 0; dimension < DIMENSION_NONE; dimension++) {
        out->is_crowded[dimension] =
            samples_is_crowded(now, dimension) || samples_is_crowded(then, dimension);
        if (!now->described->values[dimension] || !then->described->values[dimension]) {
            continue; /* it is crowded, or nobody asked for it */
        }
        out->is_split[dimension] = true;
        out->splits[dimension] = split_of(then, now, first, last, dimension, out);
    }
}
