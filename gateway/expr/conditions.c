/*
 * conditions.c - an expression taken apart at its `and`s, for who tells people why it is not true.
 */
#include "base/status.h"
#include "expr/tree.h"

size_t expr_conditions(const struct expr *expr) {
    return expr->conditions_count;
}

struct text expr_condition_source(const struct expr *expr, size_t which) {
    require(which < expr->conditions_count);
    return expr->conditions[which].source;
}

enum truth expr_condition_holds(const struct expr *expr, size_t which, const struct expr_context *context) {
    require(which < expr->conditions_count);
    struct expr condition = *expr;
    condition.root = expr->conditions[which].node;
    return expr_holds(&condition, context);
}

static size_t add_field(const struct field *field, const struct field **out, size_t count, size_t max) {
    for (size_t i = 0; i < count; i++) {
        if (out[i] == field) {
            return count;
        }
    }
    if (field && field->type != FIELD_GROUP && count < max) {
        out[count++] = field;
    }
    return count;
}

static size_t add_fields(const struct node *node, const struct field **out, size_t count, size_t max) {
    count = add_field(node->field, out, count, max);
    for (size_t i = 0; i < FUNCTION_ARGUMENTS_MAX; i++) {
        if (node->arguments[i]) {
            count = add_fields(node->arguments[i], out, count, max);
        }
    }
    return count;
}

size_t expr_condition_fields(const struct expr *expr, size_t which, const struct field **out, size_t max) {
    require(which < expr->conditions_count);
    return add_fields(expr->conditions[which].node, out, 0, max);
}
