/*
 * codelist.c - each list is an array sorted by code and first day, so that a look-up is one binary search
 * for the last entry of the code that has begun, and then a look at its last day.
 */
#include "message/codelist.h"

#include <stdlib.h>
#include <string.h>

#include "base/lines.h"
#include "base/stamp.h"
#include "message/mistakes.h"

struct code {
    struct text code;
    int32_t from_day, until_day;
    const char *zh, *en;
    uint32_t line;
};

struct codelist {
    const char *name;
    struct code *codes;
    size_t count;
};

struct codelists {
    struct arena *arena;
    struct codelist lists[CODELISTS_MAX];
    size_t count;
};

struct codelists *codelists_new(struct arena *arena) {
    struct codelists *lists = arena_alloc(arena, sizeof(*lists));
    lists->arena = arena;
    return lists;
}

/* --- loading ------------------------------------------------------------------------------------------- */

struct loader {
    struct codelist *list;
    size_t max;
    struct arena *arena;
    struct mistakes mistakes;
};

static int order_of(const void *left, const void *right) {
    const struct code *a = left, *b = right;
    int order = text_compare(a->code, b->code);
    return order ? order : (a->from_day > b->from_day) - (a->from_day < b->from_day);
}

static bool read_days(const struct loader *loader, const struct line *line, struct code *code) {
    for (size_t i = 3; i < line->count; i += 2) {
        int32_t *day = text_is(line->words[i].text, "from")    ? &code->from_day
                       : text_is(line->words[i].text, "until") ? &code->until_day
                                                               : NULL;
        if (!day || i + 1 == line->count || !day_parse(line->words[i + 1].text, day)) {
            mistakes_at(&loader->mistakes, mistake_word(line, i), NULL,
                        "此处应为 from YYYY-MM-DD 或 until YYYY-MM-DD",
                        "expected from YYYY-MM-DD or until YYYY-MM-DD");
            return false;
        }
    }
    if (code->from_day >= code->until_day) {
        mistakes_at(&loader->mistakes, mistake_word(line, 3), NULL, "失效日不晚于生效日",
                    "it ends before it begins");
        return false;
    }
    return true;
}

static void read_line(struct loader *loader, const struct line *line) {
    struct codelist *list = loader->list;
    if (line->count < 3) {
        mistakes_at(&loader->mistakes, mistake_word(line, line->count), NULL,
                    "每行须有：代码 \"中文\" \"英文\"", "a line needs: CODE \"zh\" \"en\"");
        return;
    }
    struct text code = line->words[0].text;
    if (code.length == 0 || code.length > CODE_LENGTH_MAX || list->count == loader->max) {
        mistakes_at(&loader->mistakes, mistake_word(line, 0), NULL,
                    "代码须有 1 至 %d 字节，每个代码表至多 %d 个代码",
                    "a code has 1 to %d bytes, a list at most %d codes", CODE_LENGTH_MAX, CODELIST_CODES_MAX);
        return;
    }
    struct code entry = { .from_day = INT32_MIN, .until_day = INT32_MAX, .line = line->number };
    if (!read_days(loader, line, &entry)) {
        return;
    }
    entry.code = text_of(arena_copy(loader->arena, code));
    entry.zh = arena_copy(loader->arena, line->words[1].text);
    entry.en = arena_copy(loader->arena, line->words[2].text);
    list->codes[list->count++] = entry;
}

static void find_overlaps(const struct loader *loader) {
    const struct codelist *list = loader->list;
    for (size_t i = 1; i < list->count; i++) {
        const struct code *before = &list->codes[i - 1], *code = &list->codes[i];
        if (text_equal(before->code, code->code) && before->until_day > code->from_day) {
            uint32_t later = code->line > before->line ? code->line : before->line;
            uint32_t earlier = code->line > before->line ? before->line : code->line;
            mistakes_at(&loader->mistakes, mistake_place(later, 1, code->code), NULL,
                        "代码 " TEXT_FORMAT " 与第 %u 行的有效期重叠",
                        "the code " TEXT_FORMAT " is valid on days of line %u as well", TEXT_ARGS(code->code),
                        earlier);
        }
    }
}

static size_t lines_in(struct text source) {
    size_t count = 1;
    for (size_t i = 0; i < source.length; i++) {
        count += source.at[i] == '\n';
    }
    return count < CODELIST_CODES_MAX ? count : CODELIST_CODES_MAX;
}

static bool is_list_name(const char *name) {
    return name[0] >= 'a' && name[0] <= 'z'
           && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

void codelists_load(struct codelists *lists, const char *name, struct text source, const char *file,
                    struct verdict *mistakes) {
    struct loader loader = { .arena = lists->arena, .mistakes = { mistakes, "LINT-LIST", file } };
    if (!is_list_name(name) || codelists_find(lists, text_of(name)) || lists->count == CODELISTS_MAX) {
        mistakes_at(
            &loader.mistakes, mistake_place(1, 1, TEXT("")), NULL,
            "代码表名 %s 须由小写字母、数字和 _ 组成且不重复，至多 %d 个代码表",
            "the list name %s must have lower-case letters, digits and _ and stand once; at most %d lists",
            name, CODELISTS_MAX);
        return;
    }
    struct codelist *list = loader.list = &lists->lists[lists->count++];
    loader.max = lines_in(source);
    list->name = arena_string(lists->arena, name);
    list->codes = arena_alloc(lists->arena, loader.max * sizeof(*list->codes));
    struct lines lines;
    struct line line;
    lines_init(&lines, source, lists->arena);
    for (bool bad; lines_next(&lines, &line, &bad);) {
        if (bad) {
            mistakes_bad_line(&loader.mistakes, &line);
        } else {
            read_line(&loader, &line);
        }
    }
    qsort(list->codes, list->count, sizeof(*list->codes), order_of);
    find_overlaps(&loader);
}

/* --- asking -------------------------------------------------------------------------------------------- */

const struct codelist *codelists_find(const struct codelists *lists, struct text name) {
    for (size_t i = 0; i < lists->count; i++) {
        if (text_is(name, lists->lists[i].name)) {
            return &lists->lists[i];
        }
    }
    return NULL;
}

const char *codelists_nearest(const struct codelists *lists, struct text name) {
    struct nearest nearest;
    nearest_start(&nearest, name);
    for (size_t i = 0; i < lists->count; i++) {
        nearest_try(&nearest, lists->lists[i].name);
    }
    return nearest_found(&nearest);
}

static const struct code *find(const struct codelist *list, struct text code, int32_t day) {
    const struct code wanted = { .code = code, .from_day = day };
    size_t low = 0, high = list->count; /* the entries below low have begun, those from high on have not */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (order_of(&list->codes[middle], &wanted) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const struct code *last = low ? &list->codes[low - 1] : NULL;
    return last && text_equal(last->code, code) && day < last->until_day ? last : NULL;
}

bool codelist_has(const struct codelist *list, struct text code, int32_t day) {
    return find(list, code, day) != NULL;
}

const char *codelist_name_of(const struct codelist *list, struct text code, int32_t day,
                             enum language language) {
    const struct code *found = find(list, code, day);
    return !found ? NULL : language == LANGUAGE_ZH ? found->zh : found->en;
}
