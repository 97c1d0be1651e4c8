/*
 * phrase.c - words are found again by their column, since a quoted word's text has lost its quotes.
 */
#include "engine/phrase.h"

void phrase_each_line(const struct setup *setup, struct arena *arena, const struct mistakes *mistakes,
                      void (*read)(const struct line *line, void *context), void *context) {
    const struct setup_text *text = setup_text(setup, mistakes->file);
    struct lines lines;
    struct line line;
    bool bad;
    lines_init(&lines, text ? text->bytes : TEXT(""), arena);
    while (lines_next(&lines, &line, &bad)) {
        if (bad) {
            mistakes_bad_line(mistakes, &line);
        } else {
            read(&line, context);
        }
    }
}

/* Bytes of rest before the word. */
static size_t offset_of(const struct line *line, size_t word) {
    const char *at = line->rest.at, *end = at + line->rest.length;
    for (uint32_t column = line->rest_column; column < line->words[word].column && at < end; column++) {
        text_next(&at, end);
    }
    return (size_t)(at - line->rest.at);
}

static struct text phrase_text(const struct line *line, size_t first, size_t last) {
    size_t from = offset_of(line, first);
    size_t until = last + 1 < line->count ? offset_of(line, last + 1) : line->rest.length;
    return text_trim((struct text){ line->rest.at + from, until - from });
}

const struct expr *phrase_compile(const struct line *line, size_t first, size_t last,
                                  const struct setup *setup, const struct mistakes *mistakes,
                                  struct arena *arena) {
    struct expr_source source = {
        mistakes->file,
        phrase_text(line, first, last),
        line->number,
        line->words[first].column,
    };
    struct expr_scope scope = { setup->fields, setup->lists, NULL };
    return expr_compile(source, scope, NULL, arena, mistakes->verdict);
}

bool phrase_list_has(struct text list, struct text item) {
    while (list.length) {
        if (text_equal(text_until(&list, ','), item)) {
            return true;
        }
    }
    return false;
}

void phrase_check_families(const struct line *line, size_t word, const struct setup *setup,
                           const struct mistakes *mistakes) {
    struct text rest = word < line->count ? line->words[word].text : TEXT("");
    while (rest.length) {
        struct text family = text_until(&rest, ',');
        if (!catalog_has_family(setup->catalog, family)) {
            mistakes_at(mistakes, mistake_word(line, word), NULL, "没有报文种类 " TEXT_FORMAT,
                        "there is no family " TEXT_FORMAT, TEXT_ARGS(family));
        }
    }
}
