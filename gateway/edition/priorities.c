/*
 * priorities.c - reads schemas/priorities, and tells which of them a message gives.
 */
#include "edition/priorities.h"

#include <string.h>

#include "edition/block.h"
#include "edition/catalog.h"
#include "edition/edition.h"
#include "edition/workdays.h"

#define SOURCES_MAX 128

/* One `from` line. */
struct source {
    const struct priority *priority;
    struct families families;
    const struct expr *when;
};

struct priority_sources {
    struct source list[SOURCES_MAX];
    size_t count;
};

/* --- reading -------------------------------------------------------------------------------------------- */

static int place_of(const struct priorities *priorities, struct text code) {
    for (size_t i = 0; i < priorities->count; i++) {
        if (text_is(code, priorities->list[i].code)) {
            return (int)i;
        }
    }
    return PRIORITIES_MAX;
}

/* A code is a word among words where it is kept. */
static bool read_priority(struct block *block) {
    struct priorities *priorities = block->whole;
    const struct line *line = block->line;
    if (line->count != 4 || memchr(line->words[1].text.at, ' ', line->words[1].text.length)) {
        return false;
    }
    if (place_of(priorities, line->words[1].text) < PRIORITIES_MAX) {
        block_twice(block, 1);
    } else if (!block_full(block, priorities->count, PRIORITIES_MAX)) {
        struct priority *priority = block->open = &priorities->list[priorities->count++];
        *priority = (struct priority){ block_word(block, 1), block_word(block, 2), block_word(block, 3) };
    }
    return true;
}

/* from FAMILY[,FAMILY] when CONDITION */
static bool read_from(struct block *block) {
    struct priority_sources *sources = ((struct priorities *)block->whole)->sources;
    if (block->line->count < 4 || !block_is(block, 2, "when")) {
        return block_wrong(block, block->line->count > 2 ? 2 : 1);
    }
    if (block_full(block, sources->count, SOURCES_MAX)) {
        return true;
    }
    struct source source = { .priority = block->open };
    families_read(block, 1, &source.families);
    source.when = block_condition(block, 3, block->line->count - 1);
    if (source.when) {
        sources->list[sources->count++] = source;
    }
    return true;
}

/* waited NUMBER working days */
static bool read_waited(struct block *block) {
    struct priorities *priorities = block->whole;
    uint64_t days;
    if (block->line->count != 4 || !block_is(block, 2, "working") || !block_is(block, 3, "days")) {
        return false;
    }
    if (!text_to_uint(block->line->words[1].text, &days) || days == 0 || days > WORKDAYS_SPAN_MAX) {
        return block_wrong(block, 1);
    }
    if (priorities->waited_days) {
        block_twice(block, 0);
    }
    priorities->waited_days = (int)days;
    return true;
}

/* clang-format off */
static const struct block_key lines[] = {
    { "from", BLOCK_MANY, read_from, "报文种类[,报文种类] when 条件", "FAMILY[,FAMILY] when CONDITION", NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key heads[] = {
    { "priority", BLOCK_MANY, read_priority, "代码 \"中文\" \"英文\"", "CODE \"zh\" \"en\"", lines, NULL },
    { "waited",   BLOCK_MANY, read_waited,   "天数（1 至 30） working days", "NUMBER (1 to 30) working days", NULL, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

struct priorities *priorities_load(const struct edition *edition, struct verdict *mistakes) {
    require(edition->fields && edition->catalog && edition->lists); /* what it names is read before it */
    struct priorities *priorities = arena_alloc(edition->arena, sizeof(*priorities));
    struct block block = { .mistakes = { mistakes, "LINT-PRIORITY", NULL },
                           .arena = edition->arena,
                           .whole = priorities };
    priorities->sources = arena_alloc(edition->arena, sizeof(*priorities->sources));
    block_read_text(&block, edition, "priorities", heads);
    return priorities;
}

/* --- judging -------------------------------------------------------------------------------------------- */

void priorities_judge(const struct priorities *priorities, struct text family,
                      const struct expr_context *context, void (*found)(const char *code, void *to),
                      void *to) {
    const struct priority_sources *sources = priorities->sources;
    for (size_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->list[i];
        if (families_have(&source->families, family) && expr_holds(source->when, context) == TRUTH_TRUE) {
            found(source->priority->code, to);
        }
    }
}

int priorities_rank(const struct priorities *priorities, struct text codes) {
    int best = PRIORITIES_MAX;
    while (codes.length) {
        int place = place_of(priorities, text_until(&codes, ' '));
        best = place < best ? place : best;
    }
    return best;
}
