/*
 * routes.c - reads schemas/routes: a block for each route, its condition and the lines that say who.
 */
#include "edition/routes.h"

#include <string.h>

#include "base/status.h"
#include "edition/block.h"
#include "edition/edition.h"

const struct route *routes_find(const struct routes *routes, struct text code) {
    for (size_t i = 0; i < routes->count; i++) {
        if (text_is(code, routes->list[i].code)) {
            return &routes->list[i];
        }
    }
    return NULL;
}

static bool read_route(struct block *block) {
    struct routes *routes = block->whole;
    if (block->line->count != 3) {
        return false;
    }
    if (routes_find(routes, block->line->words[1].text)) {
        block_twice(block, 1);
    } else if (!block_full(block, routes->count, ROUTES_MAX)) {
        struct route *route = block->open = &routes->list[routes->count++];
        route->code = block_word(block, 1);
        route->line = block->line->number;
        families_read(block, 2, &route->families);
    }
    return true;
}

static bool read_when(struct block *block) {
    struct route *route = block->open;
    if (block->line->count < 2) {
        return false;
    }
    route->when_line = block->line->number;
    route->when = block_condition(block, 1, block->line->count - 1);
    return true;
}

/* ROLE | ROLE at EXPRESSION; false: not so, or a mistake was told. */
static bool read_role(struct block *block, struct target *target) {
    const struct line *line = block->line;
    target->role = block_role(block, 1);
    if (!target->role || line->count == 2) {
        return target->role != NULL;
    }
    target->at = block_expr(block, 3, line->count - 1);
    if (target->at && expr_type(target->at) != EXPR_TEXT) {
        BLOCK_MISTAKE(block, mistake_word(line, 3), NULL, "at 之后须为文本",
                      "what follows `at` must be a text");
    }
    return target->at != NULL;
}

static bool read_to(struct block *block) {
    struct route *route = block->open;
    struct target target = { .kind = TARGET_ROLE, .line = block->line->number };
    size_t count = block->line->count;
    bool good = true;
    if (block_full(block, route->count, TARGETS_MAX)) {
        return true;
    }
    if (block_is(block, 1, "submitter") && count == 2) {
        target.kind = TARGET_SUBMITTER;
    } else if (block_is(block, 1, "sender") && block_is(block, 2, "decision") && count == 3) {
        target.kind = TARGET_SENDER;
        target.decision = true;
    } else if (block_is(block, 1, "nobody") && count == 2) {
        target.kind = TARGET_NOBODY;
    } else if (count == 2 && !block_is(block, 1, "sender")) {
        good = read_role(block, &target);
    } else if (count > 3 && block_is(block, 2, "at")) {
        good = read_role(block, &target);
    } else {
        return false;
    }
    if (good) {
        route->targets[route->count++] = target;
    }
    return true;
}

/* clang-format off */
static const struct block_key lines[] = {
    { "when", BLOCK_ONCE, read_when, "条件", "CONDITION", NULL, NULL },
    { "to",   BLOCK_MANY, read_to,   "角色 [at 表达式]、submitter、sender decision 或 nobody",
                                     "ROLE [at EXPRESSION], submitter, sender decision, or nobody", NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key heads[] = {
    { "route", BLOCK_MANY, read_route, "编号 报文种类[,报文种类]", "CODE FAMILY[,FAMILY]", lines, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

struct routes *routes_load(const struct edition *edition, struct verdict *mistakes) {
    require(edition->fields && edition->catalog && edition->lists); /* what it names is read before it */
    struct routes *routes = arena_alloc(edition->arena, sizeof(*routes));
    routes->parties = edition->parties;
    struct block block = { .mistakes = { mistakes, "LINT-ROUTE", NULL },
                           .arena = edition->arena,
                           .whole = routes };
    block_read_text(&block, edition, "routes", heads);
    return routes;
}
