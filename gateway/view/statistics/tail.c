/*
 * tail.c - the lengths of all complete chains, sorted; of the longest twentieth the step that stands out.
 */
#include "view/statistics/tail.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

void coverage_count(const struct samples *samples, size_t missing[MILESTONES_MAX]) {
    require(samples->chain->count <= MILESTONES_MAX);
    for (size_t step = 0; step < samples->chain->count; step++) {
        missing[step] = 0;
        for (size_t i = 0; i < samples->count; i++) {
            missing[step] += samples_at(samples, i, samples->path[step]) == SAMPLE_NEVER;
        }
    }
}

/* --- the slowest ---------------------------------------------------------------------------------------- */

struct slow {
    int64_t length_ns;
    size_t index;
};

static int by_length(const void *a, const void *b) {
    const struct slow *x = a, *y = b;
    return x->length_ns != y->length_ns ? (x->length_ns < y->length_ns) - (x->length_ns > y->length_ns)
                                        : (x->index > y->index) - (x->index < y->index);
}

/* The calendar is 300 years long: two of its moments are less than 2^63 ns apart, or as good as that. */
static int64_t step_length(const struct samples *samples, size_t index, size_t from, size_t to) {
    __int128 length = (__int128)samples_at(samples, index, samples->path[to])
                      - samples_at(samples, index, samples->path[from]);
    return length > INT64_MAX ? INT64_MAX : length < -INT64_MAX ? -INT64_MAX : (int64_t)length;
}

static void means_of_steps(const struct samples *samples, const struct slow *chains, size_t n,
                           long double means[MILESTONES_MAX]) {
    for (size_t step = 0; step + 1 < samples->chain->count; step++) {
        long double sum = 0;
        for (size_t i = 0; i < n; i++) {
            sum += (long double)step_length(samples, chains[i].index, step, step + 1);
        }
        means[step] = sum / (long double)n;
    }
}

static size_t holding_step(const struct samples *samples, size_t index,
                           const long double means[MILESTONES_MAX]) {
    size_t holding = 0;
    long double most = 0;
    for (size_t step = 0; step + 1 < samples->chain->count; step++) {
        long double over = (long double)step_length(samples, index, step, step + 1) - means[step];
        if (step == 0 || over > most) {
            most = over;
            holding = step;
        }
    }
    return holding;
}

void tail_compute(const struct samples *samples, struct tail *out) {
    require(samples->chain->count > 0);
    long double means[MILESTONES_MAX];
    size_t n = 0, last = samples->chain->count - 1;
    *out = (struct tail){ .n = 0 };
    struct slow *chains = memory_array(samples->count + 1, sizeof(*chains));
    for (size_t i = 0; i < samples->count; i++) {
        if (samples_is_complete(samples, i)) {
            chains[n++] = (struct slow){ step_length(samples, i, 0, last), i };
        }
    }
    if (n) {
        qsort(chains, n, sizeof(*chains), by_length);
        means_of_steps(samples, chains, n, means);
        out->n = (n + 19) / 20;
        out->from_ns = chains[out->n - 1].length_ns;
        for (size_t i = 0; i < out->n; i++) {
            out->held_by[holding_step(samples, chains[i].index, means)]++;
        }
    }
    free(chains);
}
