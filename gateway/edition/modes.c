/*
 * modes.c - reads schemas/modes, and asks each of its conditions.
 */
#include "edition/modes.h"

#include <string.h>

#include "edition/block.h"
#include "edition/edition.h"

struct mode {
    const char *code, *zh, *en;
    const struct expr *when;
};

struct modes {
    struct mode list[MODES_MAX];
    size_t count;
};

static const struct mode *find(const struct modes *modes, struct text code) {
    for (size_t i = 0; i < modes->count; i++) {
        if (text_is(code, modes->list[i].code)) {
            return &modes->list[i];
        }
    }
    return NULL;
}

/* mode CODE "zh" "en" */
static bool read_mode(struct block *block) {
    struct modes *modes = block->whole;
    if (block->line->count != 4) {
        return false;
    }
    const char *code = block_word(block, 1);
    if (!*code || strlen(code) > MODE_LENGTH_MAX
        || strspn(code, "abcdefghijklmnopqrstuvwxyz-") != strlen(code)) {
        return block_wrong(block, 1);
    }
    if (find(modes, text_of(code))) {
        block_twice(block, 1);
    } else if (!block_full(block, modes->count, MODES_MAX)) {
        struct mode *mode = block->open = &modes->list[modes->count++];
        *mode = (struct mode){ code, block_word(block, 2), block_word(block, 3), NULL };
    }
    return true;
}

static bool read_when(struct block *block) {
    struct mode *mode = block->open;
    if (block->line->count < 2) {
        return false;
    }
    mode->when = block_condition(block, 1, block->line->count - 1);
    return true;
}

/* clang-format off */
static const struct block_key lines[] = {
    { "when", BLOCK_NEEDED, read_when, "条件", "CONDITION", NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key heads[] = {
    { "mode", BLOCK_MANY, read_mode, "代码 \"中文\" \"英文\"", "CODE \"zh\" \"en\"", lines, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

struct modes *modes_load(const struct edition *edition, struct verdict *mistakes) {
    struct modes *modes = arena_alloc(edition->arena, sizeof(*modes));
    struct block block = { .mistakes = { mistakes, "LINT-MODE", NULL },
                           .arena = edition->arena,
                           .whole = modes };
    block_read_text(&block, edition, "modes", heads);
    return modes;
}

const char *modes_judge(const struct modes *modes, const struct expr_context *context) {
    const char *all = "";
    for (size_t i = 0; i < modes->count; i++) {
        const struct mode *mode = &modes->list[i];
        if (mode->when && expr_holds(mode->when, context) == TRUTH_TRUE) {
            all = arena_printf(context->arena, "%s%s%s", all, *all ? " " : "", mode->code);
        }
    }
    return all;
}

const char *mode_name(const struct modes *modes, struct text code, enum language language) {
    const struct mode *mode = find(modes, code);
    return mode ? language_pick(language, mode->zh, mode->en) : NULL;
}
