/*
 * clearance.c - the samples of a direction are gathered once for each of the three periods; its figures are
 * computed over all of them, then over those of each value of the dimension.
 */
#include "view/statistics/clearance.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"

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

/* --- the figures of some samples ------------------------------------------------------------------------ */

static void add_segment(struct clearance_group *group, const struct samples *samples,
                        const struct segment_row *row) {
    struct clearance_segment *segment = &group->segments[group->segments_count++];
    segment->row = *row;
    segment->chained = figures_are_chained(samples->chain, row->from, row->to);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        segment->figures[v] = figures_of(samples, row->from, row->to, v);
    }
}

static void compute_segments(const struct samples *samples, const struct clearance_wanted *wanted,
                             struct clearance_group *group) {
    const struct segments *segments = samples->segments;
    const char *direction = samples->chain->direction;
    for (size_t i = 0; i < segments->rows_count; i++) {
        if (strcmp(segments->rows[i].direction, direction) == 0) {
            add_segment(group, samples, &segments->rows[i]);
        }
    }
    if (wanted->from) {
        struct segment_row between = { direction, "between", wanted->from, wanted->to, "所问区间",
                                       "between", "" };
        add_segment(group, samples, &between);
    }
}

/* No period: nothing to compare with, so nothing was gathered. */
static struct figures overall_of(const struct samples *samples, const struct chain *chain) {
    return samples->chain && *chain->from ? figures_of(samples, chain->from, chain->to, VARIANT_AVAILABLE)
                                          : (struct figures){ 0 };
}

static void compute(const struct gathered *gathered, const struct clearance_direction *direction,
                    const struct clearance_wanted *wanted, struct arena *arena,
                    struct clearance_group *group) {
    const struct samples *samples = &gathered->now;
    group->population = samples->units;
    group->complete = samples->complete;
    group->in_order = samples->in_order;
    group->segments = arena_alloc(arena, (samples->segments->rows_count + 1) * sizeof(*group->segments));
    compute_segments(samples, wanted, group);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        group->total[v] = figures_of(samples, direction->from, direction->to, v);
    }
    group->overall = (struct clearance_overall){ overall_of(samples, direction->chain),
                                                 overall_of(&gathered->before, direction->chain),
                                                 overall_of(&gathered->year_before, direction->chain) };
}

/* --- groups --------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The values that stand in the samples, in the order of bytes; how many. */
static size_t values_of(const struct samples *samples, enum dimension dimension,
                        const char *values[SAMPLES_VALUES_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < samples->count; i++) {
        const char *value = samples->descriptions[i].values[dimension];
        size_t v = 0;
        while (v < count && values[v] != value) {
            v++;
        }
        require(v < SAMPLES_VALUES_MAX); /* they were counted when they were gathered */
        values[v] = value;
        count += v == count;
    }
    qsort(values, count, sizeof(*values), by_value);
    return count;
}

static void compute_groups(const struct gathered *gathered, struct clearance *clearance,
                           struct clearance_direction *direction) {
    const char *values[SAMPLES_VALUES_MAX];
    enum dimension by = clearance->wanted.by;
    size_t count = values_of(&gathered->now, by, values);
    direction->groups = arena_alloc(clearance->arena, (count + 1) * sizeof(*direction->groups));
    for (direction->groups_count = 0; direction->groups_count < count; direction->groups_count++) {
        struct clearance_group *group = &direction->groups[direction->groups_count];
        struct gathered of_value = { .snapshot = { 0 } };
        group->value = arena_string(clearance->arena, values[direction->groups_count]);
        samples_select(&gathered->now, by, group->value, &of_value.now);
        samples_select(&gathered->before, by, group->value, &of_value.before);
        samples_select(&gathered->year_before, by, group->value, &of_value.year_before);
        compute(&of_value, direction, &clearance->wanted, clearance->arena, group);
        gathered_release(&of_value);
    }
}

/* --- a direction, and all ------------------------------------------------------------------------------- */

static enum status compute_direction(const struct view_source *source, const struct segments *segments,
                                     struct clearance *clearance, struct clearance_direction *direction) {
    const struct chain *chain = direction->chain;
    struct gathered gathered;
    direction->from = chain->count ? chain->milestones[0] : "";
    direction->to = chain->count ? chain->milestones[chain->count - 1] : "";
    enum status status = gather(source, segments, chain, &clearance->wanted, &gathered);
    if (status == STATUS_OK) {
        enum base_period why = clearance->wanted.why;
        direction->all.value = "";
        direction->declarations = gathered.now.count;
        direction->without_containers = gathered.now.without_containers;
        direction->of_unknown_size = gathered.now.of_unknown_size;
        memcpy(direction->marked, gathered.now.marked, sizeof(direction->marked));
        coverage_count(&gathered.now, direction->missing);
        tail_compute(&gathered.now, &direction->tail);
        if (why < BASE_PERIODS_COUNT && *chain->from) {
            change_compute(compared_with(&gathered, why), &gathered.now, &direction->change);
        }
        if (gathered.snapshot.chain) {
            direction->revision = revision_of(&gathered.snapshot, &gathered.now);
        }
        compute(&gathered, direction, &clearance->wanted, clearance->arena, &direction->all);
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
