/*
 * bounds.c - one pass over a column, when it is first asked about, finds its longest text and its most
 * digits; a few forms of sentences are then decided for all its rows at once. What a value that is no number,
 * or ill, or absent, makes of a sentence is unknown, and so never false.
 */
#include "expr/expr.h"

#include <string.h>

#include "base/status.h"
#include "expr/tree.h"

#define POWER_MAX 18 /* of ten, in an int64_t */

struct bounds {
    bool known;
    size_t bytes;           /* of the longest text; of numbers: */
    size_t whole, fraction; /* the most digits before the point, with the sign, and behind it */
};

struct expr_bounds {
    const struct document *doc;
    struct bounds *columns; /* by field */
};

struct expr_bounds *expr_bounds_new(const struct document *doc, struct arena *arena) {
    struct expr_bounds *bounds = arena_alloc(arena, sizeof(*bounds));
    bounds->doc = doc;
    bounds->columns = arena_alloc(arena, fields_count(document_fields(doc)) * sizeof(*bounds->columns));
    return bounds;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static void note_text(struct bounds *column, struct text text) {
    column->bytes = larger(column->bytes, text.length);
}

static void note_number(struct bounds *column, struct text text) {
    const char *point = text.length ? memchr(text.at, '.', text.length) : NULL;
    size_t whole = point ? (size_t)(point - text.at) : text.length;
    column->whole = larger(column->whole, whole);
    column->fraction = larger(column->fraction, point ? text.length - whole - 1 : 0);
}

static const struct bounds *bounds_of(struct expr_bounds *bounds, const struct field *field) {
    struct bounds *column = &bounds->columns[field->id];
    uint32_t rows = field->group >= 0 ? document_rows(bounds->doc, field->group) : 1;
    void (*note)(struct bounds *, struct text) = field->type == FIELD_DECIMAL ? note_number : note_text;
    for (uint32_t first = 0; first < rows && !column->known; first += EXPR_ROWS_MAX) {
        const struct value *values[EXPR_ROWS_MAX];
        uint32_t count = rows - first < EXPR_ROWS_MAX ? rows - first : EXPR_ROWS_MAX;
        document_column(bounds->doc, field->id, first, count, values);
        for (uint32_t i = 0; i < count; i++) {
            if (values[i]) {
                note(column, values[i]->text);
            }
        }
    }
    column->known = true;
    return column;
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

static bool is_at_least(struct decimal number, int64_t least) {
    return decimal_compare(number, decimal_of_int(least)) >= 0;
}

static int64_t ten_to(size_t power) {
    int64_t value = 1;
    while (power-- > 0) {
        value *= 10;
    }
    return value;
}

/* length(FIELD) <= N; abs(FIELD) < N, FIELD < N and the same with <=: no column of fewer digits gets there.
 */
static bool stays_below(struct expr_bounds *bounds, const struct node *node) {
    const struct node *left = node->arguments[0], *right = node->arguments[1];
    if (!is_number(right)) {
        return false;
    }
    bool strict = node->comparison == COMPARE_LESS;
    if (is_call(left, "length")) {
        size_t bytes = bounds_of(bounds, left->arguments[0]->field)->bytes;
        return is_at_least(right->value.decimal, (int64_t)bytes + strict);
    }
    bool number = left->type == EXPR_DECIMAL && (is_field(left) || is_call(left, "abs"));
    const struct field *field = !number ? NULL : is_field(left) ? left->field : left->arguments[0]->field;
    size_t whole = field ? bounds_of(bounds, field)->whole : 0;
    return field && whole <= POWER_MAX && is_at_least(right->value.decimal, ten_to(whole));
}

/* round(FIELD, N) = FIELD: no value has more places. */
static bool is_rounded(struct expr_bounds *bounds, const struct node *node) {
    const struct node *left = node->arguments[0], *right = node->arguments[1];
    return is_call(left, "round") && is_field(right) && right->field == left->arguments[0]->field
           && is_number(left->arguments[1])
           && is_at_least(left->arguments[1]->value.decimal,
                          (int64_t)bounds_of(bounds, right->field)->fraction);
}

static bool is_never_false(struct expr_bounds *bounds, const struct node *node) {
    if (node->kind == NODE_AND) {
        return is_never_false(bounds, node->arguments[0]) && is_never_false(bounds, node->arguments[1]);
    }
    if (node->kind != NODE_COMPARE) {
        return false;
    }
    switch (node->comparison) {
    case COMPARE_LESS:
    case COMPARE_LESS_EQUAL: return stays_below(bounds, node);
    case COMPARE_EQUAL: return is_rounded(bounds, node);
    default: return false;
    }
}

bool expr_never_false(const struct expr *expr, struct expr_bounds *bounds) {
    require(expr->root->type == EXPR_FLAG);
    return is_never_false(bounds, expr->root);
}
