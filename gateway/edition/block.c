/*
 * block.c - each line finds its row: one at column 1 in the table of the text, an indented one in the table
 * below the line that opened its block. A block ends where the next begins, or the text ends: only then can
 * be said what it lacks.
 */
#include "edition/block.h"

#include <string.h>

#include "base/stamp.h"
#include "base/status.h"
#include "edition/party.h"

#define KEYS_SHOWN 400 /* bytes of the names that are told where none of them was near */

/* --- which row ------------------------------------------------------------------------------------------ */

static bool is_end(const struct block_key *key) {
    return !key->read;
}

static bool takes_any(const struct block_key *keys) {
    return !is_end(keys) && !*keys->name;
}

/* "when, to" */
static const char *names_of(const struct block *block, const struct block_key *keys) {
    struct buf names;
    buf_init(&names, KEYS_SHOWN);
    for (const struct block_key *key = keys; !is_end(key); key++) {
        buf_printf(&names, "%s%s", key == keys ? "" : ", ", key->name);
    }
    const char *copied = arena_copy(block->arena, buf_text(&names));
    buf_release(&names);
    return copied;
}

static void tell_unknown(struct block *block, const struct block_key *keys, const char *meant) {
    struct text key = block->line->words[0].text;
    struct place place = mistake_word(block->line, 0);
    if (meant) {
        BLOCK_MISTAKE(block, place, meant, "未知的键 " TEXT_FORMAT, "unknown key " TEXT_FORMAT,
                      TEXT_ARGS(key));
    } else {
        BLOCK_MISTAKE(block, place, NULL, "未知的键 " TEXT_FORMAT "，此处可用：%s",
                      "unknown key " TEXT_FORMAT "; here may stand: %s", TEXT_ARGS(key),
                      names_of(block, keys));
    }
}

/* NULL after a mistake. */
static const struct block_key *find_key(struct block *block, const struct block_key *keys) {
    struct nearest nearest;
    nearest_start(&nearest, block->line->words[0].text);
    for (const struct block_key *key = keys; !is_end(key); key++) {
        if (!*key->name || block_is(block, 0, key->name)) {
            return key;
        }
        nearest_try(&nearest, key->name);
    }
    const char *meant = nearest_found(&nearest);
    tell_unknown(block, keys, meant);
    for (const struct block_key *key = keys; meant && !is_end(key); key++) {
        block->seen |= strcmp(key->name, meant) == 0 ? 1u << (key - keys) : 0; /* it is not missing, too */
    }
    return NULL;
}

/* --- one line ------------------------------------------------------------------------------------------- */

static void read_line(struct block *block, const struct block_key *key) {
    block->wrong = 1;
    if (!key->read(block)) {
        const char *blank = *key->name ? " " : "";
        block->spoilt = true;
        mistakes_add(&block->mistakes, mistake_word(block->line, block->wrong), NULL,
                     arena_printf(block->arena, "此处应为 %s%s%s", key->name, blank, key->zh),
                     arena_printf(block->arena, "expected %s%s%s", key->name, blank, key->en));
    }
}

static void open_block(struct block *block, const struct block_key *keys) {
    const struct block_key *key = find_key(block, keys);
    block->seen = 0;
    block->head = key;
    block->head_line = block->line->number;
    block->name = block->line->count > 1 ? text_of(block_word(block, 1)) : TEXT("");
    if (key) {
        read_line(block, key);
    }
}

static void read_below(struct block *block) {
    const struct block_key *keys = block->head->below, *key = find_key(block, keys);
    if (!key) {
        return;
    }
    unsigned bit = 1u << (key - keys);
    require(key - keys < BLOCK_KEYS_MAX);
    if (key->times != BLOCK_MANY && block->seen & bit) {
        BLOCK_MISTAKE(block, mistake_word(block->line, 0), NULL, "%s 重复出现", "%s stands twice", key->name);
    } else {
        read_line(block, key);
    }
    block->seen |= bit;
    if (strcmp(key->name, "...") != 0) {
        block->before = key;
    }
}

static void tell_stray(struct block *block, const struct block_key *keys) {
    while (!is_end(keys) && !keys->below) {
        keys++;
    }
    if (block->begun) {
        BLOCK_MISTAKE(block, mistake_word(block->line, 0), NULL, "%s 之下不能有缩进的行",
                      "no line can be indented below %s", block->head->name);
    } else {
        BLOCK_MISTAKE(block, mistake_word(block->line, 0), NULL, "此行缩进，但上方没有 %s",
                      "this line is indented, and no %s stands above", is_end(keys) ? "line" : keys->name);
    }
}

/* --- a whole text --------------------------------------------------------------------------------------- */

static void tell_missing(struct block *block) {
    for (const struct block_key *key = block->unread ? NULL : block->head->below; key && !is_end(key);
         key++) {
        if (key->times == BLOCK_NEEDED && !(block->seen & 1u << (key - block->head->below))) {
            mistakes_at(&block->mistakes, mistake_place(block->head_line, 1, text_of(block->head->name)),
                        NULL, "%s " TEXT_FORMAT " 缺少 %s", "the %s " TEXT_FORMAT " lacks %s",
                        block->head->name, TEXT_ARGS(block->name), key->name);
            block->lacks = true;
        }
    }
}

static void close_block(struct block *block) {
    if (block->head && block->open) {
        tell_missing(block);
        if (block->head->end) {
            block->head->end(block);
        }
    }
    block->begun = true;
    block->head = block->before = NULL;
    block->open = NULL;
    block->spoilt = block->lacks = block->unread = false;
    block->seen = 0;
}

void block_read(struct block *block, struct text source, const struct block_key *keys) {
    struct lines lines;
    struct line line;
    bool bad, any = takes_any(keys);
    require(block->mistakes.verdict && block->arena);
    block->line = &line;
    lines_init(&lines, source, block->arena);
    while (lines_next(&lines, &line, &bad)) {
        bool opens = any || !line.indented;
        if (opens) {
            close_block(block);
        }
        if (bad) {
            mistakes_bad_line(&block->mistakes, &line);
            block->spoilt = block->unread = true;
        } else if (opens) {
            open_block(block, keys);
        } else if (!block->begun || (block->head && !block->head->below)) {
            tell_stray(block, keys);
        } else if (block->open) {
            read_below(block);
        }
    }
    close_block(block);
}

void block_read_text(struct block *block, const struct edition *edition, const char *name,
                     const struct block_key *keys) {
    require(edition->fields && edition->lists && edition->catalog);
    const struct edition_text *text = edition_text(edition, name);
    block->mistakes.file = text ? text->path : name;
    block->fields = edition->fields;
    block->lists = edition->lists;
    block->catalog = edition->catalog;
    block_read(block, text ? text->bytes : TEXT(""), keys);
}

/* --- for readers ---------------------------------------------------------------------------------------- */

bool block_is(const struct block *block, size_t word, const char *expected) {
    return word < block->line->count && text_is(block->line->words[word].text, expected);
}

const char *block_word(const struct block *block, size_t word) {
    require(word < block->line->count);
    return arena_copy(block->arena, block->line->words[word].text);
}

bool block_wrong(struct block *block, size_t word) {
    require(block->line);
    block->wrong = word;
    return false;
}

void block_twice(struct block *block, size_t word) {
    require(block->line && word < block->line->count);
    struct text name = block->line->words[word].text;
    BLOCK_MISTAKE(block, mistake_word(block->line, word), NULL, TEXT_FORMAT " " TEXT_FORMAT " 重复定义",
                  "the " TEXT_FORMAT " " TEXT_FORMAT " is defined twice",
                  TEXT_ARGS(block->line->words[0].text), TEXT_ARGS(name));
}

bool block_full(struct block *block, size_t count, size_t max) {
    require(block->line && block->line->count > 0);
    struct text key = block->line->words[0].text;
    struct place place = mistake_word(block->line, 0);
    if (count >= max && !*block->head->name) {
        BLOCK_MISTAKE(block, place, NULL, "超过 %zu 行", "more than %zu lines", max);
    } else if (count >= max) {
        BLOCK_MISTAKE(block, place, NULL, TEXT_FORMAT " 超过 %zu 行", TEXT_FORMAT ": more than %zu lines",
                      TEXT_ARGS(key), max);
    }
    return count >= max;
}

int block_choose(struct block *block, size_t word, const char *const *names, size_t count,
                 const char *noun_zh, const char *noun_en) {
    require(block->line);
    struct text wanted = block->line->words[word].text;
    struct nearest nearest;
    nearest_start(&nearest, wanted);
    for (size_t i = 0; i < count; i++) {
        if (text_is(wanted, names[i])) {
            return (int)i;
        }
        nearest_try(&nearest, names[i]);
    }
    struct arena *arena = block->arena;
    block->spoilt = true;
    mistakes_add(&block->mistakes, mistake_word(block->line, word), nearest_found(&nearest),
                 arena_printf(arena, "没有%s " TEXT_FORMAT, noun_zh, TEXT_ARGS(wanted)),
                 arena_printf(arena, "there is no %s " TEXT_FORMAT, noun_en, TEXT_ARGS(wanted)));
    return -1;
}

const char *block_role(struct block *block, size_t word) {
    static const char *const roles[] = {
#define X(name, text, zh, en) text,
        ROLE_LIST(X)
#undef X
    };
    int role = block_choose(block, word, roles, sizeof(roles) / sizeof(*roles), "角色", "role");
    return role < 0 ? NULL : roles[role];
}

const struct field *block_field(struct block *block, size_t word) {
    require(block->line);
    struct text name = block->line->words[word].text;
    const struct field *field = fields_find(block->fields, name);
    if (!field) {
        const struct field *nearest = fields_nearest(block->fields, name);
        BLOCK_MISTAKE(block, mistake_word(block->line, word), nearest ? nearest->name : NULL,
                      "没有字段 " TEXT_FORMAT, "there is no field " TEXT_FORMAT, TEXT_ARGS(name));
    }
    return field;
}

bool block_days(struct block *block, size_t word, int32_t *from, int32_t *until) {
    const struct line *line = block->line;
    for (; word < line->count; word += 2) {
        int32_t *day = block_is(block, word, "from") ? from : block_is(block, word, "until") ? until : NULL;
        if (!day || word + 1 == line->count || !day_parse(line->words[word + 1].text, day)) {
            return block_wrong(block, word);
        }
    }
    return true;
}

/* --- expressions: words are found again by their column, for a quoted one has lost its quotes ----------- */

static const char *at_column(const struct line *line, uint32_t column) {
    const char *at = line->rest.at, *end = at + line->rest.length;
    for (uint32_t here = line->rest_column; here < column && at < end; here++) {
        text_next(&at, end);
    }
    return at;
}

static struct text words_as_written(const struct line *line, size_t first, size_t last) {
    const char *from = at_column(line, line->words[first].column);
    const char *until = last + 1 < line->count ? at_column(line, line->words[last + 1].column)
                                               : line->rest.at + line->rest.length;
    return text_trim((struct text){ from, (size_t)(until - from) });
}

static const struct expr *compile(struct block *block, size_t first, size_t last, const struct field *each) {
    require(first > 0 && first <= last && last < block->line->count);
    struct expr_source source = {
        block->mistakes.file,
        words_as_written(block->line, first, last),
        block->line->number,
        block->line->words[first].column,
    };
    struct expr_scope scope = { block->fields, block->lists, NULL };
    const struct expr *expr = expr_compile(source, scope, each, block->arena, block->mistakes.verdict);
    block->spoilt |= !expr;
    return expr;
}

const struct expr *block_expr(struct block *block, size_t first, size_t last) {
    return compile(block, first, last, NULL);
}

const struct expr *block_condition(struct block *block, size_t first, size_t last) {
    return block_condition_of(block, first, last, NULL);
}

const struct expr *block_condition_of(struct block *block, size_t first, size_t last,
                                      const struct field *each) {
    const struct expr *condition = compile(block, first, last, each);
    if (condition && expr_type(condition) != EXPR_FLAG) {
        BLOCK_MISTAKE(block, mistake_word(block->line, first), NULL, "条件须为真或假",
                      "the condition must be true or false");
        condition = NULL;
    }
    return condition;
}
