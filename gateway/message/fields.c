/*
 * fields.c - one pass over the source; each field is appended to the list (its index is its id) and kept
 * in a table by name, which answers both "is it there already" while loading and fields_find() after.
 */
#include "message/fields.h"

#include <string.h>

#include "base/lines.h"
#include "message/mistakes.h"

#define SLOTS (2 * FIELDS_MAX) /* a power of two; half of them stay empty, so a search ends soon */

struct fields {
    struct field *list;
    int *slots; /* by hash of the name, open addressing: id + 1, or 0 */
    size_t count;
};

struct loader {
    struct fields *fields;
    struct arena *arena;
    struct mistakes mistakes;
    const struct line *line;
};

static const char *const type_texts[] = {
#define X(name, text, form) text,
    FIELD_TYPE_LIST(X)
#undef X
};

#define TYPES_COUNT (sizeof(type_texts) / sizeof(type_texts[0]))

/* The slot the name has or would have. */
static int *slot_of(const struct fields *fields, struct text name) {
    uint32_t at = text_hash(name) % SLOTS;
    while (fields->slots[at] && !text_is(name, fields->list[fields->slots[at] - 1].name)) {
        at = (at + 1) % SLOTS;
    }
    return &fields->slots[at];
}

static bool is_name(struct text name, int dots) {
    bool starts = true;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.at[i];
        bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        if (c == '.' && !starts && dots > 0) {
            dots--;
            starts = true;
        } else if (letter || (!starts && (digit || c == '_'))) {
            starts = false;
        } else {
            return false;
        }
    }
    return !starts && name.length <= FIELD_NAME_MAX;
}

static bool read_type(const struct loader *loader, enum field_type *type) {
    struct text word = loader->line->words[1].text;
    struct nearest nearest;
    nearest_start(&nearest, word);
    for (size_t i = 0; i < TYPES_COUNT; i++) {
        if (text_is(word, type_texts[i])) {
            *type = (enum field_type)i;
            return true;
        }
        nearest_try(&nearest, type_texts[i]);
    }
    mistakes_at(&loader->mistakes, mistake_word(loader->line, 1), nearest_found(&nearest),
                "没有类型 " TEXT_FORMAT, "there is no type " TEXT_FORMAT, TEXT_ARGS(word));
    return false;
}

static bool read_group(const struct loader *loader, struct field *field) {
    struct text name = text_of(field->name);
    const char *dot = strchr(field->name, '.');
    field->group = -1;
    if (!dot) {
        return true;
    }
    struct text group_name = { name.at, (size_t)(dot - name.at) };
    const struct field *group = fields_find(loader->fields, group_name);
    struct place place = mistake_word(loader->line, 0);
    if (!group || group->type != FIELD_GROUP) {
        mistakes_at(&loader->mistakes, place, NULL, "组 " TEXT_FORMAT " 须在其字段之前定义",
                    "the group " TEXT_FORMAT " must stand before its fields", TEXT_ARGS(group_name));
        return false;
    }
    if (field->type == FIELD_GROUP) {
        mistakes_at(&loader->mistakes, place, NULL, "组不能嵌套", "a group cannot stand in a group");
        return false;
    }
    field->group = group->id;
    return true;
}

static const char *const form_texts[] = {
#define X(name, text, form) text,
    IDENTIFIER_FORM_LIST(X)
#undef X
};

static bool read_form(struct text word, struct field *field) {
    for (size_t i = 0; i < sizeof(form_texts) / sizeof(form_texts[0]); i++) {
        if (*form_texts[i] && text_is(word, form_texts[i])) {
            field->form = (enum identifier_form)i;
            return field->type == FIELD_TEXT || field->type == FIELD_CODE;
        }
    }
    return false;
}

/* form FORM, wco ID, list LIST, known: in any order behind the names. */
static bool read_options(const struct loader *loader, struct field *field) {
    const struct line *line = loader->line;
    for (size_t i = 4; i < line->count; i++) {
        bool has_value = i + 1 < line->count;
        if (text_is(line->words[i].text, "known")) {
            field->known = true;
        } else if (text_is(line->words[i].text, "form") && has_value
                   && read_form(line->words[i + 1].text, field)) {
            i++;
        } else if (text_is(line->words[i].text, "open") && field->type == FIELD_DATE) {
            field->open = true;
        } else if (text_is(line->words[i].text, "wco") && has_value) {
            field->wco = arena_copy(loader->arena, line->words[++i].text);
        } else if (text_is(line->words[i].text, "list") && has_value && field->type == FIELD_CODE) {
            field->list = arena_copy(loader->arena, line->words[++i].text);
        } else {
            mistakes_at(
                &loader->mistakes, mistake_word(line, i), NULL,
                "此处应为 form token|capitals（限 text、code 类型）、wco ID、list LIST（限 code"
                " 类型）、open（限 date 类型）"
                "或 known",
                "expected form token|capitals (of a text or code), wco ID, list LIST (of a code), open (of a"
                " date) "
                "or known");
            return false;
        }
    }
    return true;
}

static void add(struct fields *fields, const struct field *field) {
    struct field *added = &fields->list[fields->count];
    *added = *field;
    added->id = (int)fields->count++;
    *slot_of(fields, text_of(added->name)) = added->id + 1;
}

static void read_line(const struct loader *loader) {
    const struct line *line = loader->line;
    struct fields *fields = loader->fields;
    struct text name = line->words[0].text;
    struct place place = mistake_word(line, 0);
    if (line->count < 4) {
        mistakes_at(&loader->mistakes, mistake_word(line, line->count), NULL,
                    "每个字段须有：名称 类型 \"中文\" \"英文\"", "a field needs: NAME TYPE \"zh\" \"en\"");
        return;
    }
    if (!is_name(name, 1)) {
        mistakes_at(
            &loader->mistakes, place, NULL, "字段名只含小写字母、数字和 _，至多一个点，不超过 %d 字节",
            "a field name has lower-case letters, digits and _, at most one dot, and no more than %d bytes",
            FIELD_NAME_MAX);
        return;
    }
    if (fields_find(fields, name)) {
        mistakes_at(&loader->mistakes, place, NULL, "字段 " TEXT_FORMAT " 重复定义",
                    "the field " TEXT_FORMAT " is defined twice", TEXT_ARGS(name));
        return;
    }
    if (fields->count == FIELDS_MAX) {
        mistakes_at(&loader->mistakes, place, NULL, "字段超过 %d 个", "more than %d fields", FIELDS_MAX);
        return;
    }
    struct field field = {
        .name = arena_copy(loader->arena, name),
        .zh = arena_copy(loader->arena, line->words[2].text),
        .en = arena_copy(loader->arena, line->words[3].text),
        .wco = "",
        .list = "",
    };
    if (read_type(loader, &field.type) && read_group(loader, &field) && read_options(loader, &field)) {
        add(fields, &field);
    }
}

struct fields *fields_load(struct text source, const char *file, struct arena *arena,
                           struct verdict *mistakes) {
    struct fields *fields = arena_alloc(arena, sizeof(*fields));
    fields->list = arena_alloc(arena, FIELDS_MAX * sizeof(*fields->list));
    fields->slots = arena_alloc(arena, SLOTS * sizeof(*fields->slots));
    struct line line;
    struct loader loader = { fields, arena, { mistakes, "LINT-FIELDS", file }, &line };
    struct lines lines;
    lines_init(&lines, source, arena);
    for (bool bad; lines_next(&lines, &line, &bad);) {
        if (bad) {
            mistakes_bad_line(&loader.mistakes, &line);
        } else {
            read_line(&loader);
        }
    }
    return fields;
}

size_t fields_count(const struct fields *fields) {
    return fields->count;
}

const struct field *fields_at(const struct fields *fields, int id) {
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
