/*
 * lists.c - one line for each code and its days; a code that is valid twice on one day is found once all are
 * sorted.
 */
#include "edition/lists.h"

#include <string.h>

#include "edition/block.h"

struct reading {
    struct code *codes;
    size_t count, max;
};

static bool read_code(struct block *block) {
    struct reading *reading = block->whole;
    struct text code = block->line->words[0].text;
    struct code *entry = &reading->codes[reading->count];
    if (block->line->count < 3) {
        return block_wrong(block, block->line->count);
    }
    if (code.length == 0 || code.length > CODE_LENGTH_MAX || reading->count == reading->max) {
        BLOCK_MISTAKE(
            block, mistake_word(block->line, 0), NULL, "代码须有 1 至 %d 字节，每个代码表至多 %d 个代码",
            "a code has 1 to %d bytes, a list at most %d codes", CODE_LENGTH_MAX, CODELIST_CODES_MAX);
        return true;
    }
    *entry = (struct code){ .from_day = INT32_MIN, .until_day = INT32_MAX, .line = block->line->number };
    if (!block_days(block, 3, &entry->from_day, &entry->until_day)) {
        return false;
    }
    if (entry->from_day >= entry->until_day) {
        BLOCK_MISTAKE(block, mistake_word(block->line, 3), NULL, "失效日不晚于生效日",
                      "it ends before it begins");
        return true;
    }
    entry->code = text_of(block_word(block, 0));
    entry->zh = block_word(block, 1);
    entry->en = block_word(block, 2);
    reading->count++;
    return true;
}

/* clang-format off */
static const struct block_key lines[] = {
    { "", BLOCK_MANY, read_code, "代码 \"中文\" \"英文\" [from YYYY-MM-DD] [until YYYY-MM-DD]",
                                 "CODE \"zh\" \"en\" [from YYYY-MM-DD] [until YYYY-MM-DD]", NULL, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

static void find_overlaps(const struct block *block) {
    const struct reading *reading = block->whole;
    for (size_t i = 1; i < reading->count; i++) {
        const struct code *before = &reading->codes[i - 1], *code = &reading->codes[i];
        if (text_equal(before->code, code->code) && before->until_day > code->from_day) {
            uint32_t later = code->line > before->line ? code->line : before->line;
            uint32_t earlier = code->line > before->line ? before->line : code->line;
            mistakes_at(&block->mistakes, mistake_place(later, 1, code->code), NULL,
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

void lists_load(struct codelists *lists, const char *name, struct text source, const char *file,
                struct arena *arena, struct verdict *mistakes) {
    struct reading reading = { .max = lines_in(source) };
    struct block block = { .mistakes = { mistakes, "LINT-LIST", file }, .arena = arena, .whole = &reading };
    if (!is_list_name(name) || codelists_find(lists, text_of(name)) || !codelists_have_room(lists)) {
        mistakes_at(
            &block.mistakes, mistake_place(1, 1, TEXT("")), NULL,
            "代码表名 %s 须由小写字母、数字和 _ 组成且不重复，至多 %d 个代码表",
            "the list name %s must have lower-case letters, digits and _ and stand once; at most %d lists",
            name, CODELISTS_MAX);
        return;
    }
    reading.codes = arena_alloc(arena, (reading.max + 1) * sizeof(*reading.codes));
    block_read(&block, source, lines);
    codelists_add(lists, name, reading.codes, reading.count);
    find_overlaps(&block);
}
