/*
 * terms.c - reads schemas/terms, and finds what holds on a day.
 */
#include "edition/terms.h"

#include <string.h>

#include "base/stamp.h"
#include "edition/block.h"
#include "edition/edition.h"

static const char *const names[] = {
#define X(name, text) text,
    TERM_LIST(X)
#undef X
};

/* Of what its number is. */
static const char *unit_of(int term) {
    return term == TERM_WEIGHING_TOLERANCE ? "permille" : "days";
}

struct row {
    enum term term;
    int number;
    int32_t from;
};

struct terms {
    struct row list[TERMS_MAX];
    size_t count;
};

/* --- reading -------------------------------------------------------------------------------------------- */

static bool stands(const struct terms *terms, enum term term, int32_t from) {
    for (size_t i = 0; i < terms->count; i++) {
        if (terms->list[i].term == term && terms->list[i].from == from) {
            return true;
        }
    }
    return false;
}

/* term NAME NUMBER days|permille [from DAY] */
static bool read_term(struct block *block) {
    struct terms *terms = block->whole;
    const struct line *line = block->line;
    int32_t from = INT32_MIN;
    uint64_t number;
    if (line->count < 4) {
        return false;
    }
    if (!text_to_uint(line->words[2].text, &number) || number == 0 || number > TERM_DAYS_MAX) {
        return block_wrong(block, 2);
    }
    if (line->count > 4
        && (line->count != 6 || !block_is(block, 4, "from") || !day_parse(line->words[5].text, &from))) {
        return block_wrong(block, 4);
    }
    int term = block_choose(block, 1, names, TERMS_COUNT, "期限", "term");
    if (term < 0) {
        return true;
    }
    if (!block_is(block, 3, unit_of(term))) {
        return block_wrong(block, 3);
    }
    if (stands(terms, (enum term)term, from)) {
        block_twice(block, 1);
    } else if (!block_full(block, terms->count, TERMS_MAX)) {
        terms->list[terms->count] = (struct row){ (enum term)term, (int)number, from };
        block->open = &terms->list[terms->count++];
    }
    return true;
}

static bool read_basis(struct block *block) {
    return block->line->count == 2;
}

static bool read_words(struct block *block) {
    return block->line->count > 1;
}

/* clang-format off */
static const struct block_key lines[] = {
    { "basis", BLOCK_ONCE,   read_basis, "\"依据\"", "\"TEXT\"",       NULL, NULL },
    { "zh",    BLOCK_NEEDED, read_words, "中文说明", "what it is for", NULL, NULL },
    { "en",    BLOCK_NEEDED, read_words, "英文说明", "what it is for", NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key heads[] = {
    { "term", BLOCK_MANY, read_term, "名称 数目 days|permille [from 日期]", "NAME NUMBER days|permille [from DAY]", lines, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

struct terms *terms_load(const struct edition *edition, struct verdict *mistakes) {
    struct terms *terms = arena_alloc(edition->arena, sizeof(*terms));
    struct block block = { .mistakes = { mistakes, "LINT-TERM", NULL },
                           .arena = edition->arena,
                           .whole = terms };
    block_read_text(&block, edition, "terms", heads);
    return terms;
}

const char *term_name(enum term term) {
    require(term < TERMS_COUNT);
    return names[term];
}

/* --- what holds ----------------------------------------------------------------------------------------- */

int terms_number(const struct terms *terms, enum term term, int32_t today) {
    require(terms && term < TERMS_COUNT);
    const struct row *first = NULL, *holds = NULL;
    for (size_t i = 0; i < terms->count; i++) {
        const struct row *row = &terms->list[i];
        if (row->term != term) {
            continue;
        }
        first = !first || row->from < first->from ? row : first;
        holds = row->from <= today && (!holds || row->from > holds->from) ? row : holds;
    }
    return holds ? holds->number : first ? first->number : 0;
}

int terms_days(const struct terms *terms, enum term term, int32_t today) {
    require(strcmp(unit_of((int)term), "days") == 0);
    return terms_number(terms, term, today);
}

int terms_permille(const struct terms *terms, enum term term, int32_t today) {
    require(strcmp(unit_of((int)term), "permille") == 0);
    return terms_number(terms, term, today);
}
