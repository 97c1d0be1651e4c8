/*
 * clearance.c - the samples of a month are gathered once for each direction; all its figures are computed
 * over them.
 */
#include "view/statistics/clearance.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* `out` stays as it is when no overall time is asked for. */
static enum status overall_of(struct state *state, const struct segments *segments, const struct chain *chain,
                              int32_t first_day, int32_t next_day, struct figures *out) {
    struct samples samples;
    if (!*chain->from) {
        return STATUS_OK;
    }
    enum status status = samples_gather(state, segments, chain, first_day, next_day, true, &samples);
    *out = figures_of(&samples, chain->from, chain->to, VARIANT_AVAILABLE);
    samples_release(&samples);
    return status;
}

static int32_t months_before(int32_t first_day, int months) {
    int year, month, day;
    day_split(first_day, &year, &month, &day);
    int count = year * 12 + (month - 1) - months;
    return day_of(count / 12, count % 12 + 1, 1);
}

static void compute_segments(const struct samples *samples, struct clearance_direction *direction) {
    for (size_t i = 0; i < samples->segments->rows_count; i++) {
        const struct segment_row *row = &samples->segments->rows[i];
        if (strcmp(row->direction, direction->chain->direction) != 0) {
            continue;
        }
        struct clearance_segment *segment = &direction->segments[direction->segments_count++];
        segment->row = row;
        segment->chained = figures_are_chained(direction->chain, row->from, row->to);
        for (int v = 0; v < VARIANT_COUNT; v++) {
            segment->figures[v] = figures_of(samples, row->from, row->to, v);
        }
    }
}

static void compute_month(const struct samples *samples, struct clearance_direction *direction) {
    const struct chain *chain = direction->chain;
    direction->population = samples->count;
    direction->complete = samples->complete;
    direction->in_order = samples->in_order;
    compute_segments(samples, direction);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        direction->total[v] = figures_of(samples, direction->from, direction->to, v);
    }
    direction->overall.month = figures_of(samples, chain->from, chain->to, VARIANT_AVAILABLE);
}

static enum status compute_direction(struct state *state, const struct segments *segments,
                                     const struct chain *chain, int32_t first_day, int32_t next_day,
                                     struct clearance_direction *direction) {
    struct samples samples;
    direction->chain = chain;
    direction->from = chain->count ? chain->milestones[0] : "";
    direction->to = chain->count ? chain->milestones[chain->count - 1] : "";
    enum status status = samples_gather(state, segments, chain, first_day, next_day, false, &samples);
    compute_month(&samples, direction);
    samples_release(&samples);
    if (status == STATUS_OK) {
        status = overall_of(state, segments, chain, months_before(first_day, 1), first_day,
                            &direction->overall.month_before);
    }
    if (status == STATUS_OK) {
        status = overall_of(state, segments, chain, months_before(first_day, 12),
                            months_before(first_day, 11), &direction->overall.year_before);
    }
    return status;
}

enum status clearance_new(struct state *state, const struct segments *segments, struct text month,
                          struct clearance **out) {
    enum status status = STATUS_OK;
    int32_t first_day, next_day;
    size_t population = 0;
    *out = NULL;
    if (!month_parse(month, &first_day, &next_day)) {
        return STATUS_BAD_INPUT;
    }
    require(state && segments->chains_count <= CLEARANCE_DIRECTIONS_MAX);
    struct clearance *clearance = *out = memory_new(sizeof(*clearance));
    while (status == STATUS_OK && clearance->count < segments->chains_count) {
        struct clearance_direction *direction = &clearance->directions[clearance->count];
        const struct chain *chain = &segments->chains[clearance->count++];
        status = compute_direction(state, segments, chain, first_day, next_day, direction);
        population += direction->population;
    }
    return status != STATUS_OK ? status : population ? STATUS_OK : STATUS_NOT_FOUND;
}

void clearance_free(struct clearance *clearance) {
    free(clearance);
}
