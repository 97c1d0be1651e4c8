/*
 * expr.c - an expression is asked: a walk over its tree (walk.h), which makes a memo for itself where the
 * caller has none.
 */
#include "expr/expr.h"

#include "base/status.h"
#include "expr/walk.h"

enum expr_type expr_type(const struct expr *expr) {
    return expr->root->type;
}

bool expr_sees_row(const struct expr *expr) {
    return expr->sees_row;
}

const struct field *expr_needs(const struct expr *expr) {
    return expr->needs;
}

static struct walk walk_of(const struct expr *expr, const struct expr_context *context) {
    struct expr_memo *memo = context->memo ? context->memo : expr_memo_new(expr, context->arena);
    return (
        struct walk){ .context = context, .columns = context->columns, .memo = memo, .first = context->row };
}

struct expr_truths expr_truths(const struct expr *expr, const struct expr_context *context, uint64_t asked) {
    require(expr->root->type == EXPR_FLAG);
    struct walk walk = walk_of(expr, context);
    return walk_truths(&walk, expr->root, asked);
}

enum truth expr_holds(const struct expr *expr, const struct expr_context *context) {
    struct expr_truths truths = expr_truths(expr, context, 1);
    return truths.yes ? TRUTH_TRUE : truths.no ? TRUTH_FALSE : TRUTH_UNKNOWN;
}

static struct text print(struct val value, struct arena *arena) {
    char out[DECIMAL_TEXT_MAX > STAMP_TEXT_MAX ? DECIMAL_TEXT_MAX : STAMP_TEXT_MAX];
    switch (value.type) {
    case EXPR_TEXT: return value.text;
    case EXPR_DECIMAL: return text_of(arena_string(arena, decimal_print(value.decimal, out)));
    case EXPR_DATE: return text_of(arena_string(arena, day_print(value.day, out)));
    case EXPR_MOMENT: return text_of(arena_string(arena, stamp_print(value.moment, out)));
    case EXPR_FLAG: return text_of(value.flag ? "true" : "false");
    case EXPR_TEXTS: break;
    }
    panic("texts are no value of an expression");
}

bool expr_value(const struct expr *expr, const struct expr_context *context, struct text *out) {
    require(context->doc && context->arena);
    struct walk walk = walk_of(expr, context);
    struct val values[BLOCK];
    bool known = walk_values(&walk, expr->root, 1, values) != 0;
    *out = known ? print(values[0], context->arena) : TEXT("");
    return known;
}
