/*
 * bounds.c - a few forms of sentences are decided for all rows of a column at once, by its longest text and
 * its largest number. What a value that is no number, or ill, or absent, makes of a sentence is unknown, and
 * so never false.
 */
#include <string.h>

#include "base/status.h"
#include "expr/walk.h"

static size_t longest_of(struct expr_columns *columns, const struct field *field) {
    size_t longest = 0;
    uint32_t count = columns_rows(columns, field);
    for (uint32_t first = 0; first < count; first += BLOCK) {
        const struct cells *cells = columns_block(columns, field, first);
        for (rows left = cells->there; left; left &= left - 1) {
            size_t length = cells->texts[first_of(left)].length;
            longest = length > longest ? length : longest;
        }
    }
    return longest;
}

/* Without their signs, and the most places of one. False: they are too large to say. */
static bool largest_of(struct expr_columns *columns, const struct field *field, struct decimal *largest,
                       int *places) {
    uint32_t count = columns_rows(columns, field);
    *largest = decimal_of_int(0);
    *places = 0;
    for (uint32_t first = 0; first < count; first += BLOCK) {
        const struct numbers *numbers;
        rows known = columns_numbers(columns, columns_block(columns, field, first), &numbers);
        int64_t most = 0;
        if (known && !numbers->narrow) {
            return false;
        }
        for (rows left = known; left; left &= left - 1) {
            int64_t number = numbers->whole[first_of(left)], magnitude = number < 0 ? -number : number;
            most = magnitude > most ? magnitude : most;
        }
        struct decimal most_here = { most, known ? numbers->scale : 0 };
        *largest = decimal_compare(most_here, *largest) > 0 ? most_here : *largest;
        *places = most_here.scale > *places ? most_here.scale : *places;
    }
    return true;
}

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

/* length(FIELD) <= N; abs(FIELD) < N, FIELD < N and the same with <=. */
static bool stays_below(struct expr_columns *columns, const struct node *node) {
    const struct node *left = node->arguments[0], *right = node->arguments[1];
    struct decimal largest;
    int places;
    if (!is_number(right)) {
        return false;
    }
    if (is_call(left, "length")) { /* of characters there are no more than bytes */
        largest = decimal_of_int((int64_t)longest_of(columns, left->arguments[0]->field));
    } else {
        bool number = left->type == EXPR_DECIMAL && (is_field(left) || is_call(left, "abs"));
        const struct field *field = !number ? NULL : is_field(left) ? left->field : left->arguments[0]->field;
        if (!field || !largest_of(columns, field, &largest, &places)) {
            return false;
        }
    }
    int order = decimal_compare(largest, right->value.decimal);
    return node->comparison == COMPARE_LESS ? order < 0 : order <= 0;
}

/* round(FIELD, N) = FIELD: no value has more places. */
static bool is_rounded(struct expr_columns *columns, const struct node *node) {
    const struct node *left = node->arguments[0], *right = node->arguments[1];
    struct decimal largest;
    int places;
    return is_call(left, "round") && is_field(right) && right->field == left->arguments[0]->field
           && is_number(left->arguments[1]) && largest_of(columns, right->field, &largest, &places)
           && decimal_compare(left->arguments[1]->value.decimal, decimal_of_int(places)) >= 0;
}

static bool is_never_false(struct expr_columns *columns, const struct node *node) {
    if (node->kind == NODE_AND) {
        return is_never_false(columns, node->arguments[0]) && is_never_false(columns, node->arguments[1]);
    }
    if (node->kind != NODE_COMPARE) {
        return false;
    }
    switch (node->comparison) {
    case COMPARE_LESS:
    case COMPARE_LESS_EQUAL: return stays_below(columns, node);
    case COMPARE_EQUAL: return is_rounded(columns, node);
    default: return false;
    }
}

bool expr_never_false(const struct expr *expr, struct expr_columns *columns) {
    require(expr->root->type == EXPR_FLAG);
    return is_never_false(columns, expr->root);
}
