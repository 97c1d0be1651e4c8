/*
 * samples.c - columns that grow by one sample at a time, and what is asked of them. They come from the rows
 * of state.db (scan.h).
 */
#include "view/statistics/samples.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/status.h"

/* --- dimensions ----------------------------------------------------------------------------------------- */

static const struct {
    const char *text, *zh, *en;
} dimensions[DIMENSIONS_COUNT] = {
#define X(name, text, zh, en, now, then) { text, zh, en },
    DIMENSION_LIST(X)
#undef X
};

const char *dimension_text(const struct segments *segments, enum dimension dimension) {
    require(dimension < DIMENSION_NONE);
    return dimension < DIMENSIONS_COUNT   ? dimensions[dimension].text
           : dimension < DIMENSION_FIELD  ? segments->dimensions[dimension - DIMENSIONS_COUNT].name
           : dimension == DIMENSION_FIELD ? "field"
                                          : dimensions[DIMENSION_MODE].text;
}

const char *dimension_name(const struct segments *segments, enum dimension dimension,
                           enum language language) {
    require(dimension < DIMENSION_NONE);
    if (dimension < DIMENSIONS_COUNT) {
        return language_pick(language, dimensions[dimension].zh, dimensions[dimension].en);
    }
    if (dimension == DIMENSION_ONE_MODE) {
        return language_pick(language, "是否以该模式申报", "declared in that mode, or not");
    }
    const struct segment_dimension *own =
        dimension < DIMENSION_FIELD ? &segments->dimensions[dimension - DIMENSIONS_COUNT] : NULL;
    return own ? language_pick(language, own->zh, own->en) : language_pick(language, "字段", "a field");
}

enum dimension dimension_of(const struct segments *segments, const struct fields *fields, struct text text,
                            const struct field **field) {
    struct text name = text, kind = text_until(&name, ':');
    *field = name.length && fields && text_is(kind, "field") ? fields_find(fields, name) : NULL;
    if (*field) {
        return (*field)->type == FIELD_GROUP ? DIMENSION_NONE : DIMENSION_FIELD;
    }
    size_t known = DIMENSIONS_COUNT + segments->dimensions_count;
    for (enum dimension dimension = 0; dimension < known; dimension++) {
        if (text_is(text, dimension_text(segments, dimension))) {
            return dimension;
        }
    }
    return DIMENSION_NONE;
}

/* --- reading samples ------------------------------------------------------------------------------------ */

size_t samples_place(const struct samples *samples, const char *code) {
    const struct milestone *milestone = segments_milestone(samples->segments, code);
    return milestone ? (size_t)(milestone - samples->segments->milestones)
                     : samples->segments->milestones_count;
}

unsigned samples_weight(const struct samples *samples, size_t index) {
    require(index < samples->count);
    return samples->weights ? samples->weights[index] : 1;
}

stamp samples_at(const struct samples *samples, size_t index, size_t place) {
    require(index < samples->count);
    bool told = place < samples->segments->milestones_count && samples->moments[place];
    return told ? samples->moments[place][index] : SAMPLE_NEVER;
}

const char *samples_value(const struct samples *samples, enum dimension dimension, size_t index) {
    require(index < samples->count && samples->described
            && (samples->described->values[dimension] || samples->described->numbers[dimension]));
    const struct sample_columns *described = samples->described;
    return described->listed ? texts_at(described->listed, described->numbers[dimension][index])
                             : described->distinct[dimension].list[described->values[dimension][index]];
}

bool samples_is_crowded(const struct samples *samples, enum dimension dimension) {
    require(dimension < DIMENSION_NONE);
    return samples->crowded & 1u << dimension;
}

const char *samples_tellers(const struct samples *samples, size_t index) {
    require(index < samples->count);
    return samples->tellers ? texts_at(samples->tellers_texts, samples->tellers[index]) : "";
}

stamp samples_at_most(const struct samples *samples, size_t index, size_t step) {
    stamp latest = SAMPLE_NEVER;
    require(step < samples->chain->count);
    for (size_t i = 0; i <= step; i++) {
        stamp at = samples_at(samples, index, samples->path[i]);
        latest = at > latest ? at : latest;
    }
    return latest;
}

static size_t first_exclusion(const struct segments *segments, uint32_t marks) {
    size_t i = 0;
    while (i < segments->marks_count && !(segments->marks[i].excludes && (marks & 1u << i))) {
        i++;
    }
    return i;
}

size_t samples_excluded_by(const struct samples *samples, size_t index) {
    require(index < samples->count && samples->described);
    return first_exclusion(samples->segments, samples->described->marks[index]);
}

bool samples_is_complete(const struct samples *samples, size_t index) {
    require(index < samples->count && samples->chained);
    return samples->chained[index] >= CHAINED_COMPLETE;
}

bool samples_is_in_order(const struct samples *samples, size_t index) {
    require(index < samples->count && samples->chained);
    return samples->chained[index] == CHAINED_IN_ORDER;
}

void samples_count_by(const struct samples *samples, enum dimension by, size_t *units, size_t *complete,
                      size_t *in_order) {
    require(by <= DIMENSION_NONE && (by == DIMENSION_NONE || samples->described || samples->count == 0));
    const uint8_t *codes = by < DIMENSION_NONE && samples->count ? samples->described->values[by] : NULL;
    size_t groups = codes ? samples->described->distinct[by].count : 1;
    memset(units, 0, groups * sizeof(*units));
    memset(complete, 0, groups * sizeof(*complete));
    memset(in_order, 0, groups * sizeof(*in_order));
    for (size_t i = 0; i < samples->count; i++) {
        size_t code = codes ? codes[i] : 0, weight = samples_weight(samples, i);
        units[code] += weight;
        complete[code] += samples->chained[i] >= CHAINED_COMPLETE ? weight : 0;
        in_order[code] += samples->chained[i] == CHAINED_IN_ORDER ? weight : 0;
    }
}

/* --- gathering them ------------------------------------------------------------------------------------- */

void samples_init(struct samples *samples, const struct segments *segments, const struct chain *chain,
                  enum samples_detail detail) {
    require(segments->milestones_count <= MILESTONES_MAX && segments->marks_count <= MARKS_MAX);
    *samples = (struct samples){ .segments = segments, .chain = chain };
    samples->keeps_excluded = detail == SAMPLES_EXCLUDED;
    for (size_t i = 0; i < chain->count; i++) {
        samples->path[i] = samples_place(samples, chain->milestones[i]);
    }
    if (detail >= SAMPLES_DESCRIBED) {
        samples->described = memory_new(sizeof(*samples->described));
        samples->described->arena = arena_new();
    }
}

static void grow_described(struct sample_columns *described, size_t room) {
    described->at = memory_grow(described->at, room, sizeof(*described->at));
    if (!described->is_nameless) {
        described->subjects = memory_grow(described->subjects, room, sizeof(*described->subjects));
        described->declarations =
            memory_grow(described->declarations, room, sizeof(*described->declarations));
        described->containers = memory_grow(described->containers, room, sizeof(*described->containers));
        described->records = memory_grow(described->records, room, sizeof(*described->records));
    }
    described->marks = memory_grow(described->marks, room, sizeof(*described->marks));
    for (int dimension = 0; dimension < DIMENSION_NONE; dimension++) {
        if (described->values[dimension]) {
            described->values[dimension] = memory_grow(described->values[dimension], room, 1);
        }
        if (described->numbers[dimension]) {
            described->numbers[dimension] =
                memory_grow(described->numbers[dimension], room, sizeof(*described->numbers[dimension]));
        }
    }
}

void samples_reserve(struct samples *samples, size_t room) {
    if (room <= samples->room) {
        return;
    }
    for (size_t place = 0; place < samples->segments->milestones_count; place++) {
        if (samples->moments[place]) {
            samples->moments[place] = memory_grow(samples->moments[place], room, sizeof(stamp));
        }
    }
    if (samples->tellers) {
        samples->tellers = memory_grow(samples->tellers, room, sizeof(*samples->tellers));
    }
    if (samples->described) {
        grow_described(samples->described, room);
    }
    samples->room = room;
}

size_t samples_add(struct samples *samples) {
    if (samples->count == samples->room) {
        samples_reserve(samples, samples->room ? 2 * samples->room : 64);
    }
    size_t index = samples->count++;
    for (size_t place = 0; place < samples->segments->milestones_count; place++) {
        if (samples->moments[place]) {
            samples->moments[place][index] = SAMPLE_NEVER;
        }
    }
    if (samples->tellers) {
        samples->tellers[index] = 0;
    }
    return index;
}

void samples_remove(struct samples *samples, size_t index) {
    struct sample_columns *described = samples->described;
    size_t last = samples->count - 1;
    require(index < samples->count && !samples->weights);
    for (size_t place = 0; place < samples->segments->milestones_count; place++) {
        if (samples->moments[place]) {
            samples->moments[place][index] = samples->moments[place][last];
        }
    }
    if (samples->tellers) {
        samples->tellers[index] = samples->tellers[last];
    }
    if (described) {
        described->at[index] = described->at[last];
        described->subjects[index] = described->subjects[last];
        described->declarations[index] = described->declarations[last];
        described->containers[index] = described->containers[last];
        described->records[index] = described->records[last];
        described->marks[index] = described->marks[last];
        for (int dimension = 0; dimension < DIMENSION_NONE; dimension++) {
            if (described->values[dimension]) {
                described->values[dimension][index] = described->values[dimension][last];
            }
        }
    }
    samples->count--;
}

stamp *samples_column(struct samples *samples, size_t place) {
    require(place < samples->segments->milestones_count && samples->room >= samples->count);
    if (!samples->moments[place]) {
        samples->moments[place] = memory_grow(NULL, samples->room, sizeof(stamp));
        for (size_t i = 0; i < samples->count; i++) {
            samples->moments[place][i] = SAMPLE_NEVER;
        }
    }
    return samples->moments[place];
}

void samples_tell(struct samples *samples, size_t index, size_t place, stamp at) {
    require(index < samples->count);
    samples_column(samples, place)[index] = at;
}

void samples_tell_tellers(struct samples *samples, size_t index, struct text tellers) {
    require(index < samples->room);
    if (!samples->tellers && !tellers.length) {
        return;
    }
    if (!samples->tellers) {
        samples->tellers = memory_array(samples->room, sizeof(*samples->tellers));
        samples->tellers_texts = texts_new();
        (void)texts_number(samples->tellers_texts, TEXT(""));
    }
    samples->tellers[index] = texts_number(samples->tellers_texts, tellers);
}

bool samples_code(struct samples *samples, enum dimension dimension, struct text value, uint8_t *out) {
    struct sample_columns *described = samples->described;
    require(described && dimension < DIMENSION_NONE && !described->listed);
    struct distinct *distinct = &described->distinct[dimension];
    size_t code = 0;
    if (samples_is_crowded(samples, dimension)) {
        return false;
    }
    if (!described->values[dimension]) {
        described->values[dimension] = memory_array(samples->room, 1);
    }
    while (code < distinct->count && !text_is(value, distinct->list[code])) {
        code++;
    }
    if (code == distinct->count && code < SAMPLES_VALUES_MAX) {
        distinct->list[distinct->count++] = arena_copy(described->arena, value);
    }
    *out = (uint8_t)code;
    if (code == SAMPLES_VALUES_MAX) {
        samples->crowded |= 1u << dimension;
        free(described->values[dimension]);
        described->values[dimension] = NULL;
    }
    return code < SAMPLES_VALUES_MAX;
}

static void list_value(struct samples *samples, size_t index, enum dimension dimension, struct text value) {
    struct sample_columns *described = samples->described;
    uint32_t **numbers = &described->numbers[dimension];
    if (!*numbers) {
        *numbers = memory_array(samples->room, sizeof(**numbers));
    }
    (*numbers)[index] = texts_number(described->listed, value);
}

void samples_describe(struct samples *samples, size_t index, enum dimension dimension, struct text value) {
    uint8_t code;
    require(index < samples->count);
    if (samples->described->listed) {
        list_value(samples, index, dimension, value);
    } else if (samples_code(samples, dimension, value, &code)) {
        samples->described->values[dimension][index] = code;
    }
}

bool samples_append(struct samples *samples, const struct samples *more) {
    struct sample_columns *into = samples->described, *from = more->described;
    require(!into->listed && !from->listed);
    samples->crowded |= more->crowded;
    for (size_t i = 0; i < more->count && !samples->crowded; i++) {
        size_t index = samples_add(samples);
        into->at[index] = from->at[i];
        into->subjects[index] = arena_string(into->arena, from->subjects[i]);
        into->declarations[index] = arena_string(into->arena, from->declarations[i]);
        into->containers[index] = arena_string(into->arena, from->containers[i]);
        into->records[index] = from->records[i];
        into->marks[index] = from->marks[i];
        for (enum dimension dimension = 0; dimension < DIMENSIONS_COUNT; dimension++) {
            samples_describe(samples, index, dimension, text_of(samples_value(more, dimension, i)));
        }
        for (size_t place = 0; place < more->segments->milestones_count; place++) {
            stamp at = samples_at(more, i, place);
            if (at != SAMPLE_NEVER) {
                samples_tell(samples, index, place, at);
            }
        }
        samples_tell_tellers(samples, index, text_of(samples_tellers(more, i)));
    }
    return !samples->crowded;
}

bool samples_mark(struct samples *samples, uint32_t marks) {
    const struct segments *segments = samples->segments;
    if (!marks) {
        return false;
    }
    size_t excluded = first_exclusion(segments, marks);
    if (excluded < segments->marks_count) {
        samples->marked[excluded]++;
        return true;
    }
    for (size_t i = 0; i < segments->marks_count; i++) {
        samples->marked[i] += (marks & 1u << i) != 0;
    }
    return false;
}

/* Column by column: once a milestone is missing it stays so. */
static void count_chained(const struct samples *samples, uint8_t *chained) {
    const struct chain *chain = samples->chain;
    const stamp *before = NULL;
    memset(chained, chain->count > 1 ? CHAINED_IN_ORDER : CHAINED_NOT, samples->count);
    for (size_t step = 0; step < chain->count; step++) {
        size_t place = samples->path[step];
        const stamp *moments = place < samples->segments->milestones_count ? samples->moments[place] : NULL;
        if (!moments) {
            memset(chained, CHAINED_NOT, samples->count);
            return;
        }
        for (size_t i = 0; i < samples->count; i++) {
            uint8_t most = moments[i] == SAMPLE_NEVER         ? CHAINED_NOT
                           : before && moments[i] < before[i] ? CHAINED_COMPLETE
                                                              : CHAINED_IN_ORDER;
            chained[i] = most < chained[i] ? most : chained[i];
        }
        before = moments;
    }
}

void samples_count(struct samples *samples) {
    const struct segments *segments = samples->segments;
    samples->units = samples->complete = samples->in_order = 0;
    free(samples->chained);
    samples->chained = memory_grow(NULL, samples->count + 1, 1);
    count_chained(samples, samples->chained);
    bool plain = !samples->keeps_excluded && !samples->weights;
    for (size_t i = 0; plain && i < samples->count; i++) {
        samples->complete += samples->chained[i] >= CHAINED_COMPLETE;
        samples->in_order += samples->chained[i] == CHAINED_IN_ORDER;
    }
    samples->units = plain ? samples->count : 0;
    for (size_t i = 0; !plain && i < samples->count; i++) {
        bool counts = !samples->keeps_excluded || samples_excluded_by(samples, i) == segments->marks_count;
        size_t weight = counts ? samples_weight(samples, i) : 0;
        samples->units += weight;
        samples->complete += samples->chained[i] >= CHAINED_COMPLETE ? weight : 0;
        samples->in_order += samples->chained[i] == CHAINED_IN_ORDER ? weight : 0;
    }
}

static void described_free(struct sample_columns *described) {
    if (described) {
        free(described->at);
        free(described->subjects);
        free(described->declarations);
        free(described->containers);
        free(described->records);
        free(described->marks);
        for (int dimension = 0; dimension < DIMENSION_NONE; dimension++) {
            free(described->values[dimension]);
            free(described->numbers[dimension]);
        }
        texts_free(described->listed);
        arena_free(described->arena);
        free(described);
    }
}

void samples_release(struct samples *samples) {
    for (size_t place = 0; place < MILESTONES_MAX; place++) {
        free(samples->moments[place]);
    }
    described_free(samples->described);
    free(samples->tellers);
    texts_free(samples->tellers_texts);
    free(samples->weights);
    free(samples->is_unread);
    free(samples->chained);
    *samples = (struct samples){ 0 };
}
