/*
 * fields.c - each field is appended to the list (its index is its id) and kept in a table by name.
 */
#include "message/fields.h"

#include <string.h>

#include "base/status.h"
#include "message/mistakes.h"

#define SLOTS (2 * FIELDS_MAX) /* a power of two; half of them stay empty, so a search ends soon */

struct fields {
    struct field *list;
    int *slots; /* by hash of the name, open addressing: id + 1, or 0 */
    size_t count;
};

static struct text name_of(const struct field *field) {
    return (struct text){ field->name, field->length };
}

/* The slot the name has or would have. */
static int *slot_of(const struct fields *fields, struct text name) {
    uint32_t at = text_hash(name) % SLOTS;
    while (fields->slots[at] && !text_equal(name, name_of(&fields->list[fields->slots[at] - 1]))) {
        at = (at + 1) % SLOTS;
    }
    return &fields->slots[at];
}

struct fields *fields_new(struct arena *arena) {
    struct fields *fields = arena_alloc(arena, sizeof(*fields));
    fields->list = arena_alloc(arena, FIELDS_MAX * sizeof(*fields->list));
    fields->slots = arena_alloc(arena, SLOTS * sizeof(*fields->slots));
    return fields;
}

void fields_add(struct fields *fields, const struct field *field) {
    int *slot = slot_of(fields, text_of(field->name));
    require(fields->count < FIELDS_MAX && *slot == 0);
    struct field *added = &fields->list[fields->count];
    *added = *field;
    added->id = (int)fields->count++;
    added->length = strlen(added->name);
    *slot = added->id + 1;
}

size_t fields_count(const struct fields *fields) {
    return fields->count;
}

const struct field *fields_at(const struct fields *fields, int id) {
    require(id >= 0 && (size_t)id < fields->count);
    return &fields->list[id];
}

const struct field *fields_find(const struct fields *fields, struct text name) {
    int slot = *slot_of(fields, name);
    return slot ? &fields->list[slot - 1] : NULL;
}

const struct field *fields_nearest(const struct fields *fields, struct text name) {
    struct nearest nearest;
    nearest_start(&nearest, name);
    for (size_t i = 0; i < fields->count; i++) {
        nearest_try(&nearest, fields->list[i].name);
    }
    const char *best = nearest_found(&nearest);
    return best ? fields_find(fields, text_of(best)) : NULL;
}
