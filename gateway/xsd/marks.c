/*
 * marks.c - each mark is asked for each name the grammar knows, once; what it answers is cut to the stretch
 * from the first child to the last.
 */
#include "xsd/marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

static struct marks_row row_of(const struct grammar *grammar, struct marks *marks, uint32_t mark,
                               uint16_t *room) {
    const struct marks_source *source = &marks->source;
    struct marks_row row = { .low = 0 };
    uint32_t end = 0;
    for (uint32_t i = 0; i < grammar->locals_count; i++) {
        room[i] = (uint16_t)source->child(source->context, mark, grammar->locals->words[i]);
        row.low = room[i] && !end ? i : row.low;
        end = room[i] ? i + 1 : end;
    }
    row.count = end - row.low;
    if (end) {
        uint16_t *kept = arena_alloc(marks->arena, row.count * sizeof(*kept));
        memcpy(kept, room + row.low, row.count * sizeof(*kept));
        row.marks = kept;
    }
    return row;
}

struct marks *marks_new(const struct grammar *grammar, const struct marks_source *source) {
    require(source->attributes && grammar->locals); /* compiled whole */
    if (source->count > MARKS_MAX) {
        return NULL;
    }
    struct marks *marks = memory_new(sizeof(*marks));
    marks->arena = arena_new();
    marks->source = *source;
    struct marks_row *rows = arena_alloc(marks->arena, (source->count + 1) * sizeof(*rows));
    bool *attributes = arena_alloc(marks->arena, (source->count + 1) * sizeof(*attributes));
    uint16_t *room = memory_array(grammar->locals_count + 1, sizeof(*room));
    for (uint32_t mark = 1; mark <= source->count; mark++) {
        rows[mark] = row_of(grammar, marks, mark, room);
        attributes[mark] = source->attributes(source->context, mark);
    }
    free(room);
    marks->rows = rows;
    marks->attributes = attributes;
    return marks;
}

void marks_free(struct marks *marks) {
    if (marks) {
        arena_free(marks->arena);
        free(marks);
    }
}
