/*
 * dictionary.c - one line for each field: its name, its type, what people call it, and what else there is.
 */
#include "edition/dictionary.h"

#include <string.h>

#include "edition/block.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const type_texts[] = {
#define X(name, text, form) text,
    FIELD_TYPE_LIST(X)
#undef X
};

static const char *const form_texts[] = {
#define X(name, text, form) text,
    IDENTIFIER_FORM_LIST(X)
#undef X
};

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

static bool read_name(struct block *block, struct field *field) {
    struct text name = block->line->words[0].text;
    struct place place = mistake_word(block->line, 0);
    if (!is_name(name, 1)) {
        BLOCK_MISTAKE(
            block, place, NULL, "字段名只含小写字母、数字和 _，至多一个点，不超过 %d 字节",
            "a field name has lower-case letters, digits and _, at most one dot, and no more than %d bytes",
            FIELD_NAME_MAX);
        return false;
    }
    if (fields_find(block->fields, name)) {
        BLOCK_MISTAKE(block, place, NULL, "字段 " TEXT_FORMAT " 重复定义",
                      "the field " TEXT_FORMAT " is defined twice", TEXT_ARGS(name));
        return false;
    }
    field->name = block_word(block, 0);
    return true;
}

static bool read_type(struct block *block, struct field *field) {
    int type = block_choose(block, 1, type_texts, COUNT(type_texts), "类型", "type");
    field->type = type < 0 ? FIELD_TEXT : (enum field_type)type;
    return type >= 0;
}

static bool read_group(struct block *block, struct field *field) {
    const char *dot = strchr(field->name, '.');
    field->group = -1;
    if (!dot) {
        return true;
    }
    struct text group_name = { field->name, (size_t)(dot - field->name) };
    const struct field *group = fields_find(block->fields, group_name);
    struct place place = mistake_word(block->line, 0);
    if (!group || group->type != FIELD_GROUP) {
        BLOCK_MISTAKE(block, place, NULL, "组 " TEXT_FORMAT " 须在其字段之前定义",
                      "the group " TEXT_FORMAT " must stand before its fields", TEXT_ARGS(group_name));
        return false;
    }
    if (field->type == FIELD_GROUP) {
        BLOCK_MISTAKE(block, place, NULL, "组不能嵌套", "a group cannot stand in a group");
        return false;
    }
    field->group = group->id;
    return true;
}

static bool read_form(struct text word, struct field *field) {
    for (size_t i = 0; i < COUNT(form_texts); i++) {
        if (*form_texts[i] && text_is(word, form_texts[i])) {
            field->form = (enum identifier_form)i;
            return field->type == FIELD_TEXT || field->type == FIELD_CODE;
        }
    }
    return false;
}

/* form FORM, wco ID, list LIST, open, known: in any order behind the names. */
static bool read_options(struct block *block, struct field *field) {
    const struct line *line = block->line;
    for (size_t i = 4; i < line->count; i++) {
        bool has_value = i + 1 < line->count;
        if (block_is(block, i, "known")) {
            field->known = true;
        } else if (block_is(block, i, "form") && has_value && read_form(line->words[i + 1].text, field)) {
            i++;
        } else if (block_is(block, i, "open") && field->type == FIELD_DATE) {
            field->open = true;
        } else if (block_is(block, i, "wco") && has_value) {
            field->wco = block_word(block, ++i);
        } else if (block_is(block, i, "list") && has_value && field->type == FIELD_CODE) {
            field->list = block_word(block, ++i);
        } else {
            BLOCK_MISTAKE(
                block, mistake_word(line, i), NULL,
                "此处应为 form token|capitals（限 text、code 类型）、wco ID、list LIST（限 code 类型）、"
                "open（限 date 类型）或 known",
                "expected form token|capitals (of a text or code), wco ID, list LIST (of a code), open (of a"
                " date) or known");
            return false;
        }
    }
    return true;
}

static bool read_field(struct block *block) {
    struct fields *fields = block->whole;
    struct field field = { .wco = "", .list = "" };
    if (block->line->count < 4) {
        return block_wrong(block, block->line->count);
    }
    if (!block_full(block, fields_count(fields), FIELDS_MAX) && read_name(block, &field)
        && read_type(block, &field) && read_group(block, &field) && read_options(block, &field)) {
        field.zh = block_word(block, 2);
        field.en = block_word(block, 3);
        fields_add(fields, &field);
    }
    return true;
}

/* clang-format off */
static const struct block_key lines[] = {
    { "", BLOCK_MANY, read_field, "名称 类型 \"中文\" \"英文\" [选项 ...]", "NAME TYPE \"zh\" \"en\" [OPTION ...]",
      NULL, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

struct fields *dictionary_load(struct text source, const char *file, struct arena *arena,
                               struct verdict *mistakes) {
    struct fields *fields = fields_new(arena);
    struct block block = {
        .mistakes = { mistakes, "LINT-FIELDS", file }, .arena = arena, .fields = fields, .whole = fields
    };
    block_read(&block, source, lines);
    return fields;
}
