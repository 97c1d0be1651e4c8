/*
 * clearance.c - the samples of a direction are gathered once for each of the three periods; its figures are
 * computed over all of them, then over those of each value of the dimension, all groups at once. Those of the
 * standard report are kept as declarations come and change (tally.h), where its months are at hand.
 */
#include "view/statistics/clearance.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "view/statistics/releases.h"
#include "view/statistics/tally.h"

/* --- base periods ------------------------------------------------------------------------------------ */

const char *const base_period_texts[BASE_PERIODS_COUNT + 1] = {
#define X(name, text, zh, en) text,
    BASE_PERIOD_LIST(X)
#undef X
};

const char *base_period_name(enum base_period base, enum language language) {
    static const struct {
        const char *zh, *en;
    } names[] = {
#define X(name, text, zh, en) { zh, en },
        BASE_PERIOD_LIST(X)
#undef X
    };
    require(base < BASE_PERIODS_COUNT);
    return language_pick(language, names[base].zh, names[base].en);
}

enum base_period base_period_of(struct text text) {
    enum base_period base = 0;
    while (base < BASE_PERIODS_COUNT && !text_is(text, base_period_texts[base])) {
        base++;
    }
    return base;
}

/* --- gathering ------------------------------------------------------------------------------------------ */

/* The samples of a direction: of the period that is told, and of those it is compared with. */
struct gathered {
    struct samples now, before, year_before, snapshot;
};

static enum status gather(const struct view_source *source, const struct segments *segments,
                          const struct chain *chain, const struct clearance_wanted *wanted,
                          struct gathered *out) {
    bool explained = wanted->why < BASE_PERIODS_COUNT;
    bool grouped = wanted->by < DIMENSION_NONE || explained || wanted->unit != UNIT_DECLARATION;
    bool compared = *chain->from != '\0' && !wanted->is_alone;
    struct samples_options options = {
        .detail = grouped ? SAMPLES_DESCRIBED : SAMPLES_MOMENTS,
        .unit = wanted->unit,
        .reads_groups = explained || (wanted->by >= DIMENSIONS_COUNT && wanted->by < DIMENSION_FIELD),
        .field = wanted->field,
        .mode = wanted->mode,
    };
    struct samples_options before = options;
    before.detail = grouped ? SAMPLES_DESCRIBED : SAMPLES_ENDS;
    *out = (struct gathered){ { 0 }, { 0 }, { 0 }, { 0 } };
    enum status status = samples_gather(source, segments, chain, wanted->period, &options, &out->now);
    if (status == STATUS_OK && compared) {
        status = samples_gather(source, segments, chain, wanted->before, &before, &out->before);
    }
    if (status == STATUS_OK && compared) {
        status = samples_gather(source, segments, chain, wanted->year_before, &before, &out->year_before);
    }
    if (status == STATUS_OK && compared && wanted->why == BASE_PERIOD_SNAPSHOT && wanted->snapshot.as_of) {
        status = samples_gather(source, segments, chain, wanted->snapshot, &options, &out->snapshot);
    }
    return status;
}

static const struct samples *compared_with(const struct gathered *gathered, enum base_period why) {
    return why == BASE_PERIOD_PREVIOUS        ? &gathered->before
           : why == BASE_PERIOD_PREVIOUS_YEAR ? &gathered->year_before
                                              : &gathered->snapshot;
}

static void gathered_release(struct gathered *gathered) {
    samples_release(&gathered->now);
    samples_release(&gathered->before);
    samples_release(&gathered->year_before);
    samples_release(&gathered->snapshot);
}

/* --- figures ------------------------------------------------------------------------------------------- */

/* The groups that figures are computed of: all samples as one, or those of each value of a dimension. */
struct grouping {
    enum dimension by;
    size_t count;
    struct clearance_group *groups;    /* in the order in which they are told */
    size_t places[SAMPLES_VALUES_MAX]; /* of each group: which of the distinct values it is */
};

static void add_segment(const struct samples *samples, const struct segment_row *row,
                        const struct grouping *grouping) {
    struct figures figures[SAMPLES_VALUES_MAX];
    for (int v = 0; v < VARIANT_COUNT; v++) {
        figures_by(samples, row->from, row->to, v, grouping->by, figures);
        for (size_t i = 0; i < grouping->count; i++) {
            struct clearance_group *group = &grouping->groups[i];
            group->segments[group->segments_count].figures[v] = figures[grouping->places[i]];
        }
    }
    for (size_t i = 0; i < grouping->count; i++) {
        struct clearance_segment *segment =
            &grouping->groups[i].segments[grouping->groups[i].segments_count++];
        segment->row = *row;
        segment->chained = figures_are_chained(samples->chain, row->from, row->to);
    }
}

static void compute_segments(const struct samples *samples, const struct clearance_wanted *wanted,
                             const struct grouping *grouping) {
    const struct segments *segments = samples->segments;
    const char *direction = samples->chain->direction;
    for (size_t i = 0; i < segments->rows_count; i++) {
        if (strcmp(segments->rows[i].direction, direction) == 0) {
            add_segment(samples, &segments->rows[i], grouping);
        }
    }
    if (wanted->from) {
        struct segment_row between = { direction, "between", wanted->from, wanted->to, "所问区间",
                                       "between", "" };
        add_segment(samples, &between, grouping);
    }
}

/* Where this value stands among the distinct ones of other samples; as many as those have: nowhere. */
static size_t place_of_value(const struct samples *samples, enum dimension by, const char *value) {
    size_t count = figures_groups(samples, by), i = 0;
    while (by < DIMENSION_NONE && i < count && strcmp(samples->described->distinct[by].list[i], value) != 0) {
        i++;
    }
    return i;
}

/* The overall times of each group in some period, at `which` of its clearance_overall. No period: nothing to
 * compare with, so nothing was gathered. */
static void compute_overall(const struct samples *samples, const struct chain *chain,
                            const struct grouping *grouping, size_t which) {
    struct figures figures[SAMPLES_VALUES_MAX];
    bool told = samples->chain && *chain->from;
    if (told) {
        figures_by(samples, chain->from, chain->to, VARIANT_AVAILABLE, grouping->by, figures);
    }
    for (size_t i = 0; i < grouping->count; i++) {
        struct clearance_overall *overall = &grouping->groups[i].overall;
        size_t place = told ? place_of_value(samples, grouping->by, grouping->groups[i].value) : 0;
        bool has = told && place < figures_groups(samples, grouping->by);
        *(which == 0   ? &overall->now
          : which == 1 ? &overall->before
                       : &overall->year_before) = has ? figures[place] : (struct figures){ .n = 0 };
    }
}

static void compute(const struct gathered *gathered, const struct clearance_direction *direction,
                    const struct clearance_wanted *wanted, struct arena *arena,
                    const struct grouping *grouping) {
    const struct samples *samples = &gathered->now;
    size_t units[SAMPLES_VALUES_MAX], complete[SAMPLES_VALUES_MAX], in_order[SAMPLES_VALUES_MAX];
    struct figures figures[SAMPLES_VALUES_MAX];
    samples_count_by(samples, grouping->by, units, complete, in_order);
    for (size_t i = 0; i < grouping->count; i++) {
        struct clearance_group *group = &grouping->groups[i];
        group->population = units[grouping->places[i]];
        group->complete = complete[grouping->places[i]];
        group->in_order = in_order[grouping->places[i]];
        group->segments = arena_alloc(arena, (samples->segments->rows_count + 1) * sizeof(*group->segments));
    }
    compute_segments(samples, wanted, grouping);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        figures_by(samples, direction->from, direction->to, v, grouping->by, figures);
        for (size_t i = 0; i < grouping->count; i++) {
            grouping->groups[i].total[v] = figures[grouping->places[i]];
        }
    }
    compute_overall(samples, direction->chain, grouping, 0);
    compute_overall(&gathered->before, direction->chain, grouping, 1);
    compute_overall(&gathered->year_before, direction->chain, grouping, 2);
}

/* --- groups --------------------------------------------------------------------------------------------- */

struct found_value {
    const char *value;
    size_t place; /* among the distinct ones */
};

static int by_value(const void *a, const void *b) {
    return strcmp(((const struct found_value *)a)->value, ((const struct found_value *)b)->value);
}

/* The values that stand in the samples, in the order of bytes; how many. */
static size_t values_of(const struct samples *samples, enum dimension by,
                        struct found_value values[SAMPLES_VALUES_MAX]) {
    bool stands[SAMPLES_VALUES_MAX] = { false };
    size_t count = 0, groups = figures_groups(samples, by);
    for (size_t i = 0; i < samples->count; i++) {
        stands[samples->described->values[by][i]] = true;
    }
    for (size_t place = 0; place < groups; place++) {
        if (stands[place]) {
            values[count++] = (struct found_value){ samples->described->distinct[by].list[place], place };
        }
    }
    qsort(values, count, sizeof(*values), by_value);
    return count;
}

static void compute_groups(const struct gathered *gathered, struct clearance *clearance,
                           struct clearance_direction *direction) {
    struct found_value values[SAMPLES_VALUES_MAX];
    struct grouping grouping = { .by = clearance->wanted.by };
    grouping.count = direction->groups_count = values_of(&gathered->now, grouping.by, values);
    grouping.groups = direction->groups =
        arena_alloc(clearance->arena, (grouping.count + 1) * sizeof(*direction->groups));
    for (size_t i = 0; i < grouping.count; i++) {
        direction->groups[i].value = arena_string(clearance->arena, values[i].value);
        grouping.places[i] = values[i].place;
    }
    if (grouping.count) {
        compute(gathered, direction, &clearance->wanted, clearance->arena, &grouping);
    }
}

/* --- what is missing ------------------------------------------------------------------------------------ */

static void tell_coverage(struct clearance *clearance, struct clearance_direction *direction,
                          const struct coverage *coverage) {
    for (size_t step = 0; step < coverage->steps; step++) {
        direction->missing[step] = coverage->missing[step];
        direction->owners_count[step] =
            coverage_owners(coverage, step, clearance->arena, &direction->owners[step]);
    }
}

static const struct parties *parties_of(const struct view_source *source, struct digest *by) {
    *by = source->edition ? source->edition->digest : (struct digest){ { 0 } };
    return source->edition ? source->edition->parties : NULL;
}

static void count_coverage(const struct view_source *source, const struct samples *samples,
                           struct clearance *clearance, struct clearance_direction *direction) {
    struct coverage coverage;
    struct digest by;
    const struct parties *parties = parties_of(source, &by);
    coverage_count(&coverage, samples);
    coverage_settle(&coverage, samples->segments, samples->chain, parties, &by);
    tell_coverage(clearance, direction, &coverage);
    coverage_release(&coverage);
}

/* --- from figures that are kept ------------------------------------------------------------------------- */

/* The standard report: all declarations of months, in no groups, and nothing is explained. */
static bool is_standard(const struct clearance_wanted *wanted, const struct chain *chain) {
    return wanted->by == DIMENSION_NONE && wanted->why == BASE_PERIODS_COUNT && !wanted->from
           && wanted->unit == UNIT_DECLARATION && chain->count > 1;
}

static void tell_tallied(const struct view_source *source, struct clearance *clearance,
                         struct clearance_direction *direction, const struct segments *segments,
                         struct tally *tally) {
    const struct tally_counts *counts = tally_counts(tally);
    struct digest by;
    const struct parties *parties = parties_of(source, &by);
    struct clearance_group *all = &direction->all;
    direction->declarations = all->population = counts->declarations;
    all->complete = counts->complete;
    all->in_order = counts->in_order;
    memcpy(direction->marked, counts->marked, sizeof(direction->marked));
    tally_settle_coverage(tally, parties, &by);
    tell_coverage(clearance, direction, &counts->coverage);
    direction->tail = *tally_tail(tally);
    all->value = "";
    all->segments = arena_alloc(clearance->arena, (tally_segments(tally) + 1) * sizeof(*all->segments));
    for (size_t i = 0; i < segments->rows_count; i++) {
        const struct segment_row *row = &segments->rows[i];
        if (strcmp(row->direction, direction->chain->direction) == 0) {
            struct clearance_segment *segment = &all->segments[all->segments_count];
            segment->row = *row;
            segment->chained = figures_are_chained(direction->chain, row->from, row->to);
            for (int v = 0; v < VARIANT_COUNT; v++) {
                segment->figures[v] = *tally_segment(tally, all->segments_count, v);
            }
            all->segments_count++;
        }
    }
    for (int v = 0; v < VARIANT_COUNT; v++) {
        all->total[v] = *tally_total(tally, v);
    }
}

static bool tell_overall(const struct view_source *source, const struct segments *segments,
                         const struct chain *chain, struct period period, struct figures *out) {
    struct tally *tally = releases_tally(source->releases, source, segments, chain, period);
    if (tally) {
        *out = *tally_overall(tally);
    }
    return tally;
}

/* False: they are not kept, not of all of its months. */
static bool tell_kept(const struct view_source *source, const struct segments *segments,
                      struct clearance *clearance, struct clearance_direction *direction) {
    const struct clearance_wanted *wanted = &clearance->wanted;
    const struct chain *chain = direction->chain;
    struct clearance_overall overall = { .now = { .n = 0 } };
    if (!source->releases || !is_standard(wanted, chain)) {
        return false;
    }
    if (*chain->from && !wanted->is_alone
        && (!tell_overall(source, segments, chain, wanted->before, &overall.before)
            || !tell_overall(source, segments, chain, wanted->year_before, &overall.year_before))) {
        return false;
    }
    struct tally *tally = releases_tally(source->releases, source, segments, chain, wanted->period);
    if (tally) {
        overall.now = *chain->from ? *tally_overall(tally) : overall.now;
        tell_tallied(source, clearance, direction, segments, tally);
        direction->all.overall = overall;
    }
    return tally;
}

/* --- a direction, and all ------------------------------------------------------------------------------- */

/* Of one of its periods there are more groups than can be told. */
static bool is_crowded(const struct gathered *gathered, enum dimension by) {
    const struct samples *const all[] = { &gathered->now, &gathered->before, &gathered->year_before };
    bool crowded = false;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all) && by < DIMENSION_NONE; i++) {
        crowded |= samples_is_crowded(all[i], by);
    }
    return crowded;
}

static enum status compute_direction(const struct view_source *source, const struct segments *segments,
                                     struct clearance *clearance, struct clearance_direction *direction) {
    const struct chain *chain = direction->chain;
    struct gathered gathered;
    direction->from = chain->count ? chain->milestones[0] : "";
    direction->to = chain->count ? chain->milestones[chain->count - 1] : "";
    if (tell_kept(source, segments, clearance, direction)) {
        return STATUS_OK;
    }
    enum status status = gather(source, segments, chain, &clearance->wanted, &gathered);
    clearance->is_crowded = status == STATUS_OK && is_crowded(&gathered, clearance->wanted.by);
    status = clearance->is_crowded ? STATUS_TOO_LARGE : status;
    if (status == STATUS_OK) {
        enum base_period why = clearance->wanted.why;
        direction->all.value = "";
        direction->declarations = gathered.now.count;
        direction->without_containers = gathered.now.without_containers;
        direction->of_unknown_size = gathered.now.of_unknown_size;
        direction->unread = gathered.now.unread;
        memcpy(direction->marked, gathered.now.marked, sizeof(direction->marked));
        count_coverage(source, &gathered.now, clearance, direction);
        tail_compute(&gathered.now, &direction->tail);
        if (why < BASE_PERIODS_COUNT && *chain->from) {
            change_compute(compared_with(&gathered, why), &gathered.now, &direction->change);
        }
        if (gathered.snapshot.chain) {
            direction->revision = revision_of(&gathered.snapshot, &gathered.now);
        }
        const struct grouping all = { .by = DIMENSION_NONE, .count = 1, .groups = &direction->all };
        compute(&gathered, direction, &clearance->wanted, clearance->arena, &all);
    }
    if (status == STATUS_OK && clearance->wanted.by < DIMENSION_NONE) {
        compute_groups(&gathered, clearance, direction);
    }
    gathered_release(&gathered);
    return status;
}

static size_t excluded_count(const struct segments *segments, const struct clearance_direction *direction) {
    size_t count = 0;
    for (size_t i = 0; i < segments->marks_count; i++) {
        count += segments->marks[i].excludes ? direction->marked[i] : 0;
    }
    return count;
}

enum status clearance_new(const struct view_source *source, const struct clearance_wanted *wanted,
                          struct clearance **out) {
    const struct segments *segments = wanted->definition.segments;
    enum status status = STATUS_OK;
    size_t population = 0;
    require(source->state && segments && segments->chains_count <= CLEARANCE_DIRECTIONS_MAX
            && wanted->by <= DIMENSION_NONE && wanted->why <= BASE_PERIODS_COUNT
            && !wanted->from == !wanted->to);
    struct clearance *clearance = *out = memory_new(sizeof(*clearance));
    clearance->wanted = *wanted;
    clearance->arena = arena_new();
    while (status == STATUS_OK && clearance->count < segments->chains_count) {
        struct clearance_direction *direction = &clearance->directions[clearance->count];
        direction->chain = &segments->chains[clearance->count++];
        status = compute_direction(source, segments, clearance, direction);
        population += direction->declarations + excluded_count(segments, direction);
    }
    return status != STATUS_OK ? status : population ? STATUS_OK : STATUS_NOT_FOUND;
}

void clearance_free(struct clearance *clearance) {
    if (clearance) {
        arena_free(clearance->arena);
        free(clearance);
    }
}
