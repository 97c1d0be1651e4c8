/*
 * document_kit.h - for tests: a document from lines "field=value", "field@row=value"; "field~=value" is ill;
 * "group@rows" gives a group rows without any value. Its places are those of the lines
 * And what stands in a document by name, which must be in the dictionary.
 */
#ifndef TESTS_DOCUMENT_KIT_H
#define TESTS_DOCUMENT_KIT_H

#include "base/status.h"
#include "message/document.h"

static inline struct document *document_of(const char *lines, const struct fields *fields,
                                           struct arena *arena) {
    struct document *doc = document_new(fields, arena);
    const char *text = arena_string(arena, lines);
    struct text rest = text_of(text);
    for (uint32_t number = 1; rest.length; number++) {
        struct text line = text_until(&rest, '\n'), value = line;
        if (!line.length) {
            continue;
        }
        struct text name = text_until(&value, '=');
        bool ill = name.length && name.at[name.length - 1] == '~';
        name.length -= ill;
        struct text row_text = name;
        name = text_until(&row_text, '@');
        uint64_t row = 0;
        const struct field *field = fields_find(fields, name);
        if (!field || (row_text.at && !text_to_uint(row_text, &row))) {
            panic("the line " TEXT_FORMAT " is none of a document", TEXT_ARGS(line));
        }
        struct origin origin = { .element = ORIGIN_NO_ELEMENT };
        if (value.length) {
            origin.extent = (struct extent){ (uint32_t)(value.at - text), (uint32_t)value.length };
        }
        if (field->type == FIELD_GROUP) {
            document_set_rows(doc, field->id, (uint32_t)row);
        } else {
            document_add(doc, field, (uint32_t)row, value.at ? value : TEXT(""), ill, origin);
        }
    }
    return doc;
}

static inline const struct field *field_named(const struct document *doc, const char *name) {
    const struct field *field = fields_find(document_fields(doc), text_of(name));
    require(field);
    return field;
}

/* Empty when absent. */
static inline struct text document_row_text(const struct document *doc, const char *field, uint32_t row) {
    const struct value *value = document_value(doc, field_named(doc, field)->id, row);
    return value ? value->text : TEXT("");
}

static inline struct text document_text(const struct document *doc, const char *field) {
    return document_row_text(doc, field, 0);
}

static inline uint32_t document_rows_of(const struct document *doc, const char *group) {
    return document_rows(doc, field_named(doc, group)->id);
}

#endif
