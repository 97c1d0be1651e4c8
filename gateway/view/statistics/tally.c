/*
 * tally.c - a sample → its length in each segment by each treatment, those that are equal as one → rankings
 * and sums, with a sign.
 */
#include "view/statistics/tally.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "view/statistics/ranking.h"

/* One of the segments, the total, or the overall time. */
struct kept_segment {
    struct figures_span span;
    struct ranking *ranking;
    struct figures_sums sums[VARIANT_COUNT];
    bool is_stale; /* its figures are of before */
    struct figures figures[VARIANT_COUNT];
};

struct tally {
    const struct segments *segments;
    const struct chain *chain;
    struct kept_segment *kept; /* the segments of the direction, the total, the overall time */
    size_t rows, count;        /* of the segments; of all */
    struct tally_counts counts;
    size_t beyond;                       /* samples with a length that no ranking takes: they stand in none */
    struct ranking *chains;              /* that are complete: length, release, steps */
    __int128 steps_sums[MILESTONES_MAX]; /* over them */
    bool is_tail_stale;
    struct tail tail;
    int64_t words[MILESTONES_MAX + 2]; /* of the chain at hand */
};

_Static_assert(VARIANT_COUNT == RANKING_KINDS, "a treatment is a kind of the rankings");

#define CHAIN_STEPS 2 /* where the steps begin in the words of a chain */

/* Which step holds up each of some chains, by the means of then. Of all of them it is ahead of the next by so
 * much that it stays the one until the means have moved by half of that. */
struct held {
    bool is_known;
    long double means[MILESTONES_MAX], ahead;
    size_t by[MILESTONES_MAX];
};

/* --- made ----------------------------------------------------------------------------------------------- */

static void keep_segment(struct tally *tally, const struct samples *samples, const char *from,
                         const char *to) {
    struct kept_segment *kept = &tally->kept[tally->count++];
    kept->span = figures_span_of(samples, from, to);
    kept->ranking = ranking_new(1, 0);
    kept->is_stale = true;
}

struct tally *tally_new(const struct segments *segments, const struct chain *chain) {
    struct tally *tally = memory_new(sizeof(*tally));
    struct samples none;
    require(chain->count > 1 && chain->count <= MILESTONES_MAX);
    tally->segments = segments;
    tally->chain = chain;
    coverage_init(&tally->counts.coverage, chain);
    tally->kept = memory_array(segments->rows_count + 2, sizeof(*tally->kept));
    samples_init(&none, segments, chain, SAMPLES_MOMENTS);
    for (size_t i = 0; i < segments->rows_count; i++) {
        if (strcmp(segments->rows[i].direction, chain->direction) == 0) {
            keep_segment(tally, &none, segments->rows[i].from, segments->rows[i].to);
        }
    }
    tally->rows = tally->count;
    keep_segment(tally, &none, chain->milestones[0], chain->milestones[chain->count - 1]);
    keep_segment(tally, &none, chain->from, chain->to);
    samples_release(&none);
    tally->chains = ranking_new(CHAIN_STEPS + chain->count - 1, sizeof(struct held));
    tally->is_tail_stale = true;
    return tally;
}

void tally_free(struct tally *tally) {
    if (tally) {
        for (size_t i = 0; i < tally->count; i++) {
            ranking_free(tally->kept[i].ranking);
        }
        ranking_free(tally->chains);
        coverage_release(&tally->counts.coverage);
        free(tally->kept);
        free(tally);
    }
}

void tally_adopt(struct tally *tally, const struct segments *segments, const struct chain *chain) {
    tally->segments = segments;
    tally->chain = chain;
}

size_t tally_bytes(const struct tally *tally) {
    size_t bytes = ranking_bytes(tally->chains) + coverage_bytes(&tally->counts.coverage);
    for (size_t i = 0; i < tally->count; i++) {
        bytes += ranking_bytes(tally->kept[i].ranking);
    }
    return bytes;
}

/* --- a sample ------------------------------------------------------------------------------------------- */

static bool fits(duration length) {
    return length > -RANKING_LENGTH_MAX && length < RANKING_LENGTH_MAX;
}

static bool length_fits(const struct tally *tally, const struct samples *samples, size_t index) {
    duration length;
    for (size_t i = 0; i < tally->count; i++) {
        for (int v = 0; v < VARIANT_COUNT; v++) {
            if (figures_length(samples, index, &tally->kept[i].span, v, &length) && !fits(length)) {
                return false;
            }
        }
    }
    for (size_t step = 0; samples_is_complete(samples, index) && step + 1 < tally->chain->count; step++) {
        if (!fits((duration)samples_at(samples, index, samples->path[step + 1])
                  - samples_at(samples, index, samples->path[step]))) {
            return false;
        }
    }
    return true;
}

static void move_word(struct ranking *ranking, const int64_t *words, int sign) {
    if (sign > 0) {
        ranking_come(ranking, words);
    } else {
        ranking_go(ranking, words);
    }
}

static void move_lengths(struct kept_segment *kept, const struct samples *samples, size_t index, int sign) {
    duration lengths[VARIANT_COUNT];
    unsigned left = 0;
    for (int v = 0; v < VARIANT_COUNT; v++) {
        if (figures_length(samples, index, &kept->span, v, &lengths[v])) {
            left |= 1u << v;
            figures_sums_move(&kept->sums[v], lengths[v], sign);
        }
    }
    for (int v = 0; v < VARIANT_COUNT; v++) {
        unsigned kinds = 0;
        for (int w = v; w < VARIANT_COUNT && left >> v & 1; w++) {
            kinds |= left >> w & 1 && lengths[w] == lengths[v] ? 1u << w : 0;
        }
        left &= ~kinds;
        if (kinds) {
            int64_t word = ranking_word((int64_t)lengths[v], kinds);
            move_word(kept->ranking, &word, sign);
        }
    }
}

static void move_chain(struct tally *tally, const struct samples *samples, size_t index, int sign) {
    size_t steps = tally->chain->count - 1;
    size_t month = samples_place(samples, tally->chain->month);
    int64_t *words = tally->words;
    words[0] = ranking_word(
        samples_at(samples, index, samples->path[steps]) - samples_at(samples, index, samples->path[0]), 1);
    words[1] = tail_order_of(samples_at(samples, index, month));
    for (size_t step = 0; step < steps; step++) {
        int64_t length = samples_at(samples, index, samples->path[step + 1])
                         - samples_at(samples, index, samples->path[step]);
        words[CHAIN_STEPS + step] = length;
        tally->steps_sums[step] += sign * (__int128)length;
    }
    move_word(tally->chains, words, sign);
}

static void move_counts(struct tally *tally, const struct samples *samples, size_t index, int sign) {
    struct tally_counts *counts = &tally->counts;
    size_t one = (size_t)sign; /* counts come back to where they were */
    counts->declarations += one;
    counts->complete += samples_is_complete(samples, index) ? one : 0;
    counts->in_order += samples_is_in_order(samples, index) ? one : 0;
    coverage_move(&counts->coverage, samples, index, sign);
}

static void move(struct tally *tally, const struct samples *samples, int sign) {
    size_t one = (size_t)sign; /* as above */
    for (size_t i = 0; i < tally->segments->marks_count; i++) {
        tally->counts.marked[i] += one * samples->marked[i];
    }
    for (size_t i = 0; i < samples->count; i++) {
        if (samples->keeps_excluded && samples_excluded_by(samples, i) < tally->segments->marks_count) {
            continue;
        }
        move_counts(tally, samples, i, sign);
        if (!length_fits(tally, samples, i)) {
            tally->beyond += one;
            continue;
        }
        for (size_t k = 0; k < tally->count; k++) {
            move_lengths(&tally->kept[k], samples, i, sign);
        }
        if (samples_is_complete(samples, i)) {
            move_chain(tally, samples, i, sign);
        }
    }
}

void tally_add(struct tally *tally, const struct samples *samples) {
    require(samples->chained && !samples->weights);
    move(tally, samples, 1);
}

void tally_remove(struct tally *tally, const struct samples *samples) {
    require(samples->chained && !samples->weights);
    move(tally, samples, -1);
}

bool tally_settle(struct tally *tally) {
    for (size_t i = 0; i < tally->count; i++) {
        tally->kept[i].is_stale |= ranking_settle(tally->kept[i].ranking);
    }
    tally->is_tail_stale |= ranking_settle(tally->chains);
    return !tally->beyond;
}

void tally_settle_coverage(struct tally *tally, const struct parties *parties, const struct digest *by) {
    coverage_settle(&tally->counts.coverage, tally->segments, tally->chain, parties, by);
}

/* --- what is asked -------------------------------------------------------------------------------------- */

const struct tally_counts *tally_counts(const struct tally *tally) {
    return &tally->counts;
}

size_t tally_segments(const struct tally *tally) {
    return tally->rows;
}

static const struct figures *figures_at(struct tally *tally, size_t index, enum variant variant) {
    struct kept_segment *kept = &tally->kept[index];
    require(!tally->beyond);
    for (int v = 0; v < VARIANT_COUNT && kept->is_stale; v++) {
        figures_ranked(&kept->sums[v], kept->ranking, (unsigned)v, &kept->figures[v]);
    }
    kept->is_stale = false;
    return &kept->figures[variant];
}

const struct figures *tally_segment(struct tally *tally, size_t index, enum variant variant) {
    require(index < tally->rows && variant < VARIANT_COUNT);
    return figures_at(tally, index, variant);
}

const struct figures *tally_total(struct tally *tally, enum variant variant) {
    require(variant < VARIANT_COUNT);
    return figures_at(tally, tally->rows, variant);
}

const struct figures *tally_overall(struct tally *tally) {
    require(*tally->chain->from);
    return figures_at(tally, tally->rows + 1, VARIANT_AVAILABLE);
}

struct slowest {
    struct tally *tally;
    long double means[MILESTONES_MAX];
};

#define ROUNDED 1 /* ns, and more than what is lost of lengths and means */

static bool still_holds(const struct held *held, const long double *means, size_t steps) {
    long double moved = 0;
    for (size_t step = 0; step < steps; step++) {
        moved = fmaxl(moved, fabsl(means[step] - held->means[step]));
    }
    return held->is_known && held->ahead > 2 * moved + ROUNDED;
}

static void find_held(const struct ranking_slice *slice, const struct slowest *slowest, struct held *held) {
    size_t steps = slowest->tally->chain->count - 1, width = CHAIN_STEPS + steps;
    *held = (struct held){ .is_known = true, .ahead = LDBL_MAX };
    memcpy(held->means, slowest->means, sizeof(held->means));
    for (size_t i = 0; i < slice->count; i++) {
        long double ahead;
        held->by[tail_holding_step(&slice->words[i * width + CHAIN_STEPS], steps, slowest->means, &ahead)]++;
        held->ahead = fminl(held->ahead, ahead);
    }
}

static void count_slow(const struct ranking_slice *slice, void *to) {
    struct slowest *slowest = to;
    struct tail *tail = &slowest->tally->tail;
    struct held here = { .is_known = false }, *held = slice->note ? slice->note : &here;
    size_t steps = slowest->tally->chain->count - 1;
    if (!still_holds(held, slowest->means, steps)) {
        find_held(slice, slowest, held);
    }
    tail->n += slice->count;
    tail->from_ns = ranking_length(slice->words[0]);
    for (size_t step = 0; step < steps; step++) {
        tail->held_by[step] += held->by[step];
    }
}

const struct tail *tally_tail(struct tally *tally) {
    size_t n = ranking_count(tally->chains, 0);
    require(!tally->beyond);
    if (tally->is_tail_stale) {
        struct slowest slowest = { .tally = tally, .means = { 0 } };
        tail_means(tally->steps_sums, tally->chain->count - 1, n, slowest.means);
        tally->tail = (struct tail){ .n = 0 };
        ranking_longest(tally->chains, (n + 19) / 20, count_slow, &slowest);
        tally->is_tail_stale = false;
    }
    return &tally->tail;
}
