/*
 * lines.c - one pass per line: words first, then everything else follows from where they stand.
 *
 * A quote may open anywhere in a word and runs to the next quote that no backslash stands before; blanks
 * and '#' inside belong to the word. Only a word that is one quoted run and nothing else is `quoted` and
 * loses its quotes and backslashes; any other (an expression like f("a b")) keeps its raw form.
 */
#include "base/lines.h"
#include "base/status.h"

#include <string.h>

#define BOM "\xEF\xBB\xBF"

void lines_init(struct lines *lines, struct text source, struct arena *arena) {
    require(arena);
    *lines = (struct lines){ .source = source, .arena = arena };
    lines->offset = text_starts(source, BOM) ? strlen(BOM) : 0;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static bool take_line(struct lines *lines, struct text *out) {
    if (lines->offset >= lines->source.length) {
        return false;
    }
    struct text rest = { lines->source.at + lines->offset, lines->source.length - lines->offset };
    const char *end = memchr(rest.at, '\n', rest.length);
    *out = (struct text){ rest.at, end ? (size_t)(end - rest.at) : rest.length };
    lines->offset += out->length + (end != NULL);
    lines->number++;
    return true;
}

/* From the opening quote to behind the closing one; NULL when it stays open. */
static const char *behind_quote(const char *at, const char *end) {
    for (at++; at < end; at++) {
        if (*at == '\\' && at + 1 < end) {
            at++;
        } else if (*at == '"') {
            return at + 1;
        }
    }
    return NULL;
}

/* To the end of the word; NULL when a quote in it stays open, which *open then points at. */
static const char *behind_word(const char *at, const char *end, const char **open) {
    while (at && at < end && !is_blank(*at)) {
        *open = at;
        at = *at == '"' ? behind_quote(at, end) : at + 1;
    }
    return at;
}

static struct text without_escapes(struct text raw, struct arena *arena) {
    if (!raw.length || !memchr(raw.at, '\\', raw.length)) {
        return raw;
    }
    char *copy = arena_alloc(arena, raw.length);
    size_t length = 0;
    for (size_t i = 0; i < raw.length; i++) {
        if (raw.at[i] == '\\' && i + 1 < raw.length && (raw.at[i + 1] == '"' || raw.at[i + 1] == '\\')) {
            i++;
        }
        copy[length++] = raw.at[i];
    }
    return (struct text){ copy, length };
}

static struct word word_of(struct text raw, uint32_t column, struct arena *arena) {
    const char *end = raw.at + raw.length;
    if (raw.at[0] != '"' || behind_quote(raw.at, end) != end) {
        return (struct word){ raw, column, false };
    }
    return (struct word){ without_escapes((struct text){ raw.at + 1, raw.length - 2 }, arena), column, true };
}

static void mark_bad(struct line *line, const char *why, uint32_t column, bool *bad) {
    line->count = 1;
    line->words[0] = (struct word){ text_of(why), column, false };
    line->rest = TEXT("");
    line->rest_column = column;
    *bad = true;
}

static uint32_t column_after(uint32_t column, const char *from, const char *to) {
    return column + (uint32_t)text_characters((struct text){ from, (size_t)(to - from) });
}

static void read_words(struct lines *lines, struct text source, struct line *line, bool *bad) {
    const char *at = source.at, *end = at + source.length, *counted = at;
    uint32_t column = 1;
    for (;;) {
        while (at < end && is_blank(*at)) {
            at++;
        }
        column = column_after(column, counted, at);
        counted = at;
        if (at == end || *at == '#') {
            return;
        }
        const char *open = at, *start = at;
        at = behind_word(at, end, &open);
        if (!at) {
            column = column_after(column, start, open);
            mark_bad(line, "a quote is opened and not closed in this line", column, bad);
            return;
        }
        if (line->count == LINES_WORDS_MAX) {
            mark_bad(line, "more than 64 words in one line", column, bad);
            return;
        }
        struct text raw = { start, (size_t)(at - start) };
        line->words[line->count] = word_of(raw, column, lines->arena);
        if (line->count == 1) {
            line->rest_column = column;
            line->rest.at = start;
        }
        if (line->count >= 1) {
            line->rest.length = (size_t)(at - line->rest.at);
        }
        line->count++;
    }
}

bool lines_next(struct lines *lines, struct line *line, bool *bad) {
    struct text source;
    *bad = false;
    while (take_line(lines, &source)) {
        line->number = lines->number;
        line->indented = source.length > 0 && is_blank(source.at[0]);
        line->count = 0;
        line->rest = TEXT("");
        line->rest_column = 0;
        if (text_is_utf8(source)) {
            read_words(lines, source, line, bad);
        } else {
            mark_bad(line, "not UTF-8", 1, bad);
        }
        if (line->count) {
            return true;
        }
    }
    return false;
}
