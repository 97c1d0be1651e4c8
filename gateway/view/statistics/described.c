/*
 * described.c - record → document → values and containers; then each container counts with one declaration.
 */
#include "view/statistics/described.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "message/document.h"
#include "message/metadata.h"

/* A container that a declaration names. */
struct named {
    const char *number;
    size_t index; /* of the sample */
    unsigned quarters;
};

struct describing {
    const struct view_source *source;
    const struct samples_options *options;
    struct samples *samples;
    struct named *named;
    size_t named_count, named_room;
};

/* --- one declaration ------------------------------------------------------------------------------------ */

/* NULL: its record is none of a message that passed. */
static struct document *read_document(const struct describing *describing, uint64_t number,
                                      struct arena *arena, struct metadata *metadata, enum status *status) {
    struct record rec;
    const struct view_source *source = describing->source;
    enum status found = source->reader ? reader_get(source->reader, number, arena, &rec) : STATUS_NOT_FOUND;
    *status = found == STATUS_NOT_FOUND ? STATUS_OK : found; /* a copy of state.db may stand alone */
    bool readable = found == STATUS_OK && rec.kind == RECORD_MESSAGE
                    && metadata_read(rec.meta, arena, metadata) && rec.fields.length;
    return readable ? document_unpack(rec.fields, source->edition->fields, arena) : NULL;
}

static struct text field_of(const struct document *doc, const struct field *field, uint32_t row) {
    const struct value *value = doc && field ? document_value(doc, field->id, row) : NULL;
    return value ? value->text : TEXT("");
}

static void take_values(struct describing *describing, const struct expr_context *context, size_t index) {
    struct samples *samples = describing->samples;
    size_t groups = describing->options->reads_groups ? samples->segments->dimensions_count : 0;
    for (size_t i = 0; i < groups; i++) {
        struct text value = text_of(context->doc ? segments_value(samples->segments, i, context) : "");
        samples_describe(samples, index, DIMENSIONS_COUNT + i, value);
    }
    if (describing->options->field) {
        samples_describe(samples, index, DIMENSION_FIELD,
                         field_of(context->doc, describing->options->field, 0));
    }
}

static void add_named(struct describing *describing, struct named named) {
    if (describing->named_count == describing->named_room) {
        describing->named_room = describing->named_room ? 2 * describing->named_room : 256;
        describing->named =
            memory_grow(describing->named, describing->named_room, sizeof(*describing->named));
    }
    describing->named[describing->named_count++] = named;
}

static void take_containers(struct describing *describing, const struct document *doc, size_t index) {
    const struct fields *fields = describing->source->edition->fields;
    const struct field *number = fields_find(fields, TEXT("container.number"));
    const struct field *type = fields_find(fields, TEXT("container.type"));
    struct samples *samples = describing->samples;
    size_t before = describing->named_count;
    uint32_t rows = doc && number ? document_rows(doc, number->group) : 0;
    for (uint32_t row = 0; row < rows; row++) {
        struct text value = field_of(doc, number, row);
        unsigned quarters = describing->options->unit == UNIT_TEU
                                ? segments_quarters(samples->segments, field_of(doc, type, row))
                                : 1;
        if (value.length) {
            add_named(describing,
                      (struct named){ arena_copy(samples->described->arena, value), index, quarters });
        }
    }
    samples->without_containers += doc && describing->named_count == before;
}

static void add_unread(struct samples *samples, size_t index) {
    if (!samples->is_unread) {
        samples->is_unread = memory_array(samples->count, sizeof(*samples->is_unread));
    }
    samples->is_unread[index] = true;
    samples->unread++;
}

static enum status read_one(struct describing *describing, size_t index, struct arena *arena) {
    struct metadata metadata = { .env = { .received = 0 } };
    enum status status;
    uint64_t record = describing->samples->described->records[index];
    struct document *doc = read_document(describing, record, arena, &metadata, &status);
    struct expr_context context = { .doc = doc, .today = stamp_day(metadata.env.received), .arena = arena };
    if (status != STATUS_OK) {
        return status;
    }
    if (!doc) {
        add_unread(describing->samples, index);
    }
    if (describing->options->unit != UNIT_DECLARATION) {
        take_containers(describing, doc, index);
    }
    take_values(describing, &context, index);
    return STATUS_OK;
}

/* --- in the order of the journal ------------------------------------------------------------------------ */

struct record_place {
    uint64_t record;
    size_t index;
};

static int by_record(const void *a, const void *b) {
    const struct record_place *x = a, *y = b;
    return (x->record > y->record) - (x->record < y->record);
}

/* Samples stand in the order of their releases; a reader that goes back and forth reads its blocks again. */
static struct record_place *places_of(const struct samples *samples) {
    struct record_place *places = memory_array(samples->count + 1, sizeof(*places));
    for (size_t i = 0; i < samples->count; i++) {
        places[i] = (struct record_place){ samples->described->records[i], i };
    }
    qsort(places, samples->count, sizeof(*places), by_record);
    return places;
}

/* --- what each counts for ------------------------------------------------------------------------------- */

/* Those of one container together, the last released first. */
static int by_number(const void *a, const void *b) {
    const struct named *x = a, *y = b;
    int order = strcmp(x->number, y->number);
    return order != 0 ? order : (x->index < y->index) - (x->index > y->index);
}

static enum status weigh(struct describing *describing) {
    struct samples *samples = describing->samples;
    size_t units = 0;
    samples->weights = memory_array(samples->count + 1, sizeof(*samples->weights));
    if (describing->named_count > 0) {
        qsort(describing->named, describing->named_count, sizeof(*describing->named), by_number);
    }
    for (size_t i = 0; i < describing->named_count; i++) {
        const struct named *named = &describing->named[i];
        if (i == 0 || strcmp(named[-1].number, named->number) != 0) {
            samples->weights[named->index] += named->quarters;
            samples->of_unknown_size += named->quarters == 0;
            units += named->quarters;
        }
    }
    return units <= UNITS_MAX ? STATUS_OK : STATUS_TOO_LARGE;
}

enum status described_read(const struct view_source *source, const struct samples_options *options,
                           struct samples *samples) {
    bool weighs = options->unit != UNIT_DECLARATION;
    bool groups = options->reads_groups && samples->segments->dimensions_count > 0;
    enum status status = STATUS_OK;
    if (!weighs && !groups && !options->field) {
        return STATUS_OK;
    }
    require(samples->described || samples->count == 0);
    struct describing *describing = memory_new(sizeof(*describing));
    describing->source = source;
    describing->options = options;
    describing->samples = samples;
    struct arena *arena = arena_new();
    struct record_place *places = places_of(samples);
    for (size_t i = 0; i < samples->count && status == STATUS_OK; i++) {
        status = store_is_stopped(state_store(source->state)) ? STATUS_CLOSED
                                                              : read_one(describing, places[i].index, arena);
        arena_reset(arena);
    }
    free(places);
    if (status == STATUS_OK && weighs) {
        status = weigh(describing);
    }
    arena_free(arena);
    free(describing->named);
    free(describing);
    return status;
}
