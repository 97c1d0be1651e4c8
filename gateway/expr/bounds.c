/*
 * bounds.c - most conditions say of one field what each of its values is: it is there, so long at most, more
 * than nothing, one of a list. Such a condition is a bound, made of the expression when it is compiled, and
 * all rows of a column are held against it at once: by its longest text, its least and its greatest number.
 * What a value that is no number, or ill, or absent, makes of a sentence is unknown, and so never false.
 */
#include <string.h>

#include "base/status.h"
#include "expr/walk.h"

/* --- from a condition ----------------------------------------------------------------------------------- */

static bool is_field(const struct node *node) {
    return node->kind == NODE_FIELD;
}

static bool is_number(const struct node *node) {
    return node->kind == NODE_LITERAL && node->type == EXPR_DECIMAL;
}

/* `name` of a field. */
static bool is_call(const struct node *node, const char *name) {
    return node->kind == NODE_CALL && strcmp(node->function->name, name) == 0 && is_field(node->arguments[0]);
}

#define LENGTH_MAX (INT64_C(1) << 40) /* no text is as long */

/* length(FIELD) <= N */
static bool bound_of_length(const struct node *node, struct bound *out) {
    struct decimal limit = node->arguments[1]->value.decimal;
    int64_t open = node->comparison == COMPARE_LESS;
    if (limit.scale != 0 || limit.coefficient < open || limit.coefficient > LENGTH_MAX) {
        return false;
    }
    *out = (struct bound){ .kind = BOUND_LENGTH, .field = node->arguments[0]->arguments[0]->field };
    out->length = (size_t)(limit.coefficient - open);
    return true;
}

/* length(FIELD), abs(FIELD) or FIELD, and then a number. */
static bool bound_of_order(const struct node *node, struct bound *out) {
    const struct node *left = node->arguments[0], *right = node->arguments[1];
    bool below = node->comparison == COMPARE_LESS || node->comparison == COMPARE_LESS_EQUAL;
    bool magnitude = is_call(left, "abs");
    if (!is_number(right)) {
        return false;
    }
    if (below && is_call(left, "length")) {
        return bound_of_length(node, out);
    }
    *out = (struct bound){ .kind = magnitude ? BOUND_MAGNITUDE
                                   : below   ? BOUND_MOST
                                             : BOUND_LEAST,
                           .open = node->comparison == COMPARE_LESS || node->comparison == COMPARE_GREATER,
                           .field = magnitude ? left->arguments[0]->field : left->field,
                           .number = right->value.decimal };
    return is_field(left) || (magnitude && below);
}

/* round(FIELD, N) = FIELD: no value has more places. */
static bool bound_of_places(const struct node *node, struct bound *out) {
    const struct node *left = node->arguments[0], *right = node->arguments[1];
    if (!is_call(left, "round") || !is_number(left->arguments[1]) || !is_field(right)
        || right->field != left->arguments[0]->field) {
        return false;
    }
    *out = (struct bound){ .kind = BOUND_PLACES,
                           .field = right->field,
                           .number = left->arguments[1]->value.decimal };
    return true;
}

static bool bound_of_comparison(const struct node *node, struct bound *out) {
    switch (node->comparison) {
    case COMPARE_EQUAL: return bound_of_places(node, out);
    case COMPARE_UNEQUAL: return false;
    default: return bound_of_order(node, out);
    }
}

static bool bound_of(const struct node *node, struct bound *out) {
    switch (node->kind) {
    case NODE_COMPARE: return bound_of_comparison(node, out);
    case NODE_EXISTS: *out = (struct bound){ .kind = BOUND_THERE, .field = node->field }; return true;
    case NODE_IN_LIST:
    case NODE_IN_SET:
        *out = (struct bound){ .kind = BOUND_LISTED, .field = node->arguments[0]->field, .listed = node };
        return is_field(node->arguments[0]) && node->arguments[0]->type == EXPR_TEXT;
    default: return false;
    }
}

const struct bound *bounds_of(const struct expr *expr, struct arena *arena) {
    require(expr->conditions_count > 0);
    struct bound *bounds = arena_alloc(arena, expr->conditions_count * sizeof(*bounds));
    for (size_t i = 0; i < expr->conditions_count; i++) {
        if (!bound_of(expr->conditions[i].node, &bounds[i])) {
            return NULL;
        }
    }
    return bounds;
}

/* --- held against a column ------------------------------------------------------------------------------ */

static bool is_below(const struct bound *bound, struct decimal number) {
    int order = decimal_compare(number, bound->number);
    return bound->open ? order < 0 : order <= 0;
}

static bool is_above(const struct bound *bound, struct decimal number) {
    int order = decimal_compare(number, bound->number);
    return bound->open ? order > 0 : order >= 0;
}

static struct decimal negative(struct decimal number) {
    return (struct decimal){ -number.coefficient, number.scale };
}

static bool numbers_keep(const struct bound *bound, const struct range *range) {
    if (!range->known) {
        return !range->too_large;
    }
    switch (bound->kind) {
    case BOUND_MOST: return is_below(bound, range->most);
    case BOUND_LEAST: return is_above(bound, range->least);
    case BOUND_MAGNITUDE: return is_below(bound, range->most) && is_below(bound, negative(range->least));
    case BOUND_PLACES: return decimal_compare(decimal_of_int(range->places), bound->number) <= 0;
    default: panic("not of numbers: %d", bound->kind);
    }
}

static bool is_listed(const struct bound *bound, const struct expr_context *context) {
    const struct value *value = document_value(context->doc, bound->field->id, 0);
    return !value || !value->text.length || value->ill
           || node_lists(bound->listed, value->text, context->today);
}

/* As lines do, that mostly have the same currency or unit as the line before. */
static bool texts_keep(const struct bound *bound, const struct expr_context *context) {
    if (bound->field->group < 0) {
        return is_listed(bound, context);
    }
    uint32_t count = columns_rows(context->columns, bound->field);
    struct text before = TEXT("");
    for (uint32_t first = 0; first < count; first += BLOCK) {
        const struct cells *cells = columns_block(context->columns, bound->field, first);
        for (rows left = cells->sound; left; left &= left - 1) {
            struct text text = cells->texts[first_of(left)];
            if (!text_equal(text, before) && !node_lists(bound->listed, text, context->today)) {
                return false;
            }
            before = text;
        }
    }
    return true;
}

static bool is_kept(const struct bound *bound, const struct expr_context *context) {
    struct expr_columns *columns = context->columns;
    switch (bound->kind) {
    case BOUND_THERE: return columns_everywhere(columns, bound->field);
    case BOUND_LENGTH: /* of characters there are no more than bytes */
        return document_longest(context->doc, bound->field->id) <= bound->length;
    case BOUND_LISTED: return texts_keep(bound, context);
    default: return numbers_keep(bound, columns_range(columns, bound->field));
    }
}

bool expr_never_false(const struct expr *expr, const struct expr_context *context) {
    require(expr->root->type == EXPR_FLAG && context->columns);
    for (size_t i = 0; i < expr->conditions_count; i++) {
        if (!expr->bounds || !is_kept(&expr->bounds[i], context)) {
            return false;
        }
    }
    return true;
}
