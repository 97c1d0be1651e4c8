/*
 * tail.c - the lengths of all complete chains, sorted; of the longest twentieth the step that stands out.
 */
#include "view/statistics/tail.h"

#include <float.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

/* --- the slowest ---------------------------------------------------------------------------------------- */

struct slow {
    const struct samples *samples;
    size_t index;
    int64_t length_ns, order;
};

/* The calendar is 300 years long: two of its moments are less than 2^63 ns apart, or as good as that. */
static int64_t step_length(const struct samples *samples, size_t index, size_t from, size_t to) {
    __int128 length = (__int128)samples_at(samples, index, samples->path[to])
                      - samples_at(samples, index, samples->path[from]);
    return length > INT64_MAX ? INT64_MAX : length < -INT64_MAX ? -INT64_MAX : (int64_t)length;
}

int64_t tail_order_of(stamp released) {
    return released == SAMPLE_NEVER ? INT64_MIN : -released;
}

static int by_number(int64_t a, int64_t b) {
    return (a < b) - (a > b);
}

/* The slowest first. */
static int by_length(const void *a, const void *b) {
    const struct slow *x = a, *y = b;
    int order = by_number(x->length_ns, y->length_ns);
    order = order ? order : by_number(x->order, y->order);
    for (size_t step = 0; !order && step + 1 < x->samples->chain->count; step++) {
        order = by_number(step_length(x->samples, x->index, step, step + 1),
                          step_length(y->samples, y->index, step, step + 1));
    }
    return order;
}

void tail_means(const __int128 *sums, size_t steps, size_t n, long double *means) {
    for (size_t step = 0; step < steps; step++) {
        means[step] = n ? (long double)sums[step] / (long double)n : 0;
    }
}

size_t tail_holding_step(const int64_t *lengths, size_t steps, const long double *means, long double *ahead) {
    size_t holding = 0;
    long double most = -LDBL_MAX, next = -LDBL_MAX;
    for (size_t step = 0; step < steps; step++) {
        long double over = (long double)lengths[step] - means[step];
        if (over > most) {
            next = most;
            most = over;
            holding = step;
        } else {
            next = over > next ? over : next;
        }
    }
    *ahead = most - next;
    return holding;
}

static void means_of(const struct samples *samples, const struct slow *chains, size_t n, long double *means) {
    size_t steps = samples->chain->count - 1;
    __int128 sums[MILESTONES_MAX] = { 0 };
    for (size_t step = 0; step < steps; step++) {
        for (size_t i = 0; i < n; i++) {
            sums[step] += step_length(samples, chains[i].index, step, step + 1);
        }
    }
    tail_means(sums, steps, n, means);
}

static size_t holding_step(const struct samples *samples, size_t index, const long double *means) {
    int64_t lengths[MILESTONES_MAX];
    long double ahead;
    size_t steps = samples->chain->count - 1;
    for (size_t step = 0; step < steps; step++) {
        lengths[step] = step_length(samples, index, step, step + 1);
    }
    return tail_holding_step(lengths, steps, means, &ahead);
}

void tail_compute(const struct samples *samples, struct tail *out) {
    require(samples->chain->count > 0);
    long double means[MILESTONES_MAX];
    size_t n = 0, last = samples->chain->count - 1, month = samples_place(samples, samples->chain->month);
    *out = (struct tail){ .n = 0 };
    struct slow *chains = memory_array(samples->count + 1, sizeof(*chains));
    for (size_t i = 0; i < samples->count; i++) {
        if (samples_is_complete(samples, i)) {
            chains[n++] = (struct slow){ samples, i, step_length(samples, i, 0, last),
                                         tail_order_of(samples_at(samples, i, month)) };
        }
    }
    if (n) {
        qsort(chains, n, sizeof(*chains), by_length);
        means_of(samples, chains, n, means);
        out->n = (n + 19) / 20;
        out->from_ns = chains[out->n - 1].length_ns;
        for (size_t i = 0; i < out->n; i++) {
            out->held_by[holding_step(samples, chains[i].index, means)]++;
        }
    }
    free(chains);
}
