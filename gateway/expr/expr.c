/*
 * expr.c - an expression is asked: a walk over its tree. Every value says whether it is known; logic is
 * Kleene's.
 *
 * What goes over the rows of a group is computed at its first asking and remembered in the memo (tree.h
 * says why it may be). A walk without a memo of the caller's makes one for itself.
 */
#include "expr/expr.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "expr/tree.h"

#define DAY_FIRST   (-719162) /* 0001-01-01: what a text may write */
#define DAY_LAST    DAY_OPEN
#define HOUR_PLACES 15 /* a nanosecond is 3e-13 hours */

/* Values of a group's field, sorted by value, then row: what unique, contiguous, every_in and repeated look
   at. */
struct cell {
    struct val value;
    uint32_t row;
};
struct column {
    struct cell *cells;
    size_t count;
    bool complete;
};

struct slot {
    bool computed;
    struct val value;
    struct column column;
};

struct expr_memo {
    struct slot *slots;
};

struct walk {
    const struct expr_context *context;
    struct expr_memo *memo;
    uint32_t row;
};

static struct val evaluate(struct walk *walk, const struct node *node);

/* Most expressions go over no rows: nothing of theirs is remembered, so they share the empty memo. */
struct expr_memo *expr_memo_new(const struct expr *expr, struct arena *arena) {
    static struct expr_memo empty;
    if (!expr->closed_count) {
        return &empty;
    }
    struct expr_memo *memo = arena_alloc(arena, sizeof(*memo));
    memo->slots = arena_alloc(arena, (size_t)expr->closed_count * sizeof(*memo->slots));
    return memo;
}

enum expr_type expr_type(const struct expr *expr) {
    return expr->root->type;
}

bool expr_sees_row(const struct expr *expr) {
    return expr->sees_row;
}

const struct field *expr_needs(const struct expr *expr) {
    return expr->needs;
}

/* --- values --------------------------------------------------------------------------------------------- */

static struct val unknown(enum expr_type type) {
    return (struct val){ .type = type };
}

static struct val flag_of(bool flag) {
    return (struct val){ .known = true, .type = EXPR_FLAG, .flag = flag };
}

static struct val number_of(int64_t number) {
    return (struct val){ .known = true, .type = EXPR_DECIMAL, .decimal = decimal_of_int(number) };
}

static bool is_false(struct val value) {
    return value.known && !value.flag;
}

static int order_of(const struct val *a, const struct val *b) {
    switch (a->type) {
    case EXPR_TEXT: return text_compare(a->text, b->text);
    case EXPR_DECIMAL: return decimal_compare(a->decimal, b->decimal);
    case EXPR_DATE: return (a->day > b->day) - (a->day < b->day);
    case EXPR_MOMENT: return (a->moment > b->moment) - (a->moment < b->moment);
    case EXPR_FLAG: return a->flag - b->flag;
    case EXPR_TEXTS: break;
    }
    panic("texts have no order");
}

static int value_order(const void *a, const void *b) {
    const struct cell *left = a, *right = b;
    return order_of(&left->value, &right->value);
}

static int cell_order(const void *a, const void *b) {
    const struct cell *left = a, *right = b;
    int order = value_order(a, b);
    return order ? order : (left->row > right->row) - (left->row < right->row);
}

/* Canonical text of a field to a value of that type. */
static struct val read_value(enum expr_type type, struct text text) {
    struct val value = { .type = type };
    switch (type) {
    case EXPR_TEXT:
        value.text = text;
        value.known = true;
        break;
    case EXPR_DECIMAL: value.known = decimal_parse(text, &value.decimal); break;
    case EXPR_DATE: value.known = day_parse(text, &value.day); break;
    case EXPR_MOMENT: value.known = stamp_parse(text, &value.moment); break;
    case EXPR_FLAG:
        value.flag = text_is(text, "true");
        value.known = value.flag || text_is(text, "false");
        break;
    case EXPR_TEXTS: break;
    }
    return value;
}

static const struct value *value_of(const struct walk *walk, const struct field *field) {
    const struct value *value =
        document_value(walk->context->doc, field->id, field->group >= 0 ? walk->row : 0);
    return value && value->text.length ? value : NULL;
}

static struct val field_value(const struct walk *walk, const struct field *field, enum expr_type type) {
    const struct value *value = value_of(walk, field);
    return value && !value->ill ? read_value(type, value->text) : unknown(type);
}

/* --- logic (Kleene) and comparisons --------------------------------------------------------------------- */

/* What is true or false is asked for by itself: a truth fits into a register, a value does not, and most of
 * what rules ask is logic over texts. */
static enum truth truth_of(struct walk *walk, const struct node *node);

static enum truth truth(bool flag) {
    return flag ? TRUTH_TRUE : TRUTH_FALSE;
}

static enum truth truth_of_value(struct val value) {
    return !value.known ? TRUTH_UNKNOWN : truth(value.flag);
}

static struct val value_of_truth(enum truth truth) {
    return truth == TRUTH_UNKNOWN ? unknown(EXPR_FLAG) : flag_of(truth == TRUTH_TRUE);
}

/* A text without a copy of all that a value may be. False: unknown. */
static bool text_value(struct walk *walk, const struct node *node, struct text *out) {
    if (node->kind == NODE_FIELD) {
        const struct value *value = value_of(walk, node->field);
        *out = value ? value->text : TEXT("");
        return value && !value->ill;
    }
    if (node->kind == NODE_LITERAL) {
        *out = node->value.text;
        return node->value.known;
    }
    struct val value = evaluate(walk, node);
    *out = value.known ? value.text : TEXT("");
    return value.known;
}

/* The same of a number. */
static bool decimal_value(struct walk *walk, const struct node *node, struct decimal *out) {
    if (node->kind == NODE_FIELD) {
        const struct value *value = value_of(walk, node->field);
        return value && !value->ill && decimal_parse(value->text, out);
    }
    struct val value = evaluate(walk, node);
    *out = value.known ? value.decimal : decimal_of_int(0);
    return value.known;
}

static enum truth truth_of_not(struct walk *walk, const struct node *node) {
    enum truth value = truth_of(walk, node->arguments[0]);
    return value == TRUTH_UNKNOWN ? value : truth(value == TRUTH_FALSE);
}

static enum truth truth_of_and(struct walk *walk, const struct node *node) {
    enum truth left = truth_of(walk, node->arguments[0]);
    if (left == TRUTH_FALSE) {
        return left;
    }
    enum truth right = truth_of(walk, node->arguments[1]);
    return right == TRUTH_FALSE || left == TRUTH_TRUE ? right : TRUTH_UNKNOWN;
}

static enum truth truth_of_or(struct walk *walk, const struct node *node) {
    enum truth left = truth_of(walk, node->arguments[0]);
    if (left == TRUTH_TRUE) {
        return left;
    }
    enum truth right = truth_of(walk, node->arguments[1]);
    return right == TRUTH_TRUE || left == TRUTH_FALSE ? right : TRUTH_UNKNOWN;
}

static const struct node *chosen(const struct node *node, enum truth condition) {
    return node->arguments[condition == TRUTH_TRUE ? 1 : 2];
}

static enum truth truth_of_if(struct walk *walk, const struct node *node) {
    enum truth condition = truth_of(walk, node->arguments[0]);
    return condition == TRUTH_UNKNOWN ? condition : truth_of(walk, chosen(node, condition));
}

static struct val evaluate_if(struct walk *walk, const struct node *node) {
    enum truth condition = truth_of(walk, node->arguments[0]);
    return condition == TRUTH_UNKNOWN ? unknown(node->type) : evaluate(walk, chosen(node, condition));
}

static bool compares(enum comparison comparison, int order) {
    switch (comparison) {
    case COMPARE_EQUAL: return order == 0;
    case COMPARE_UNEQUAL: return order != 0;
    case COMPARE_LESS: return order < 0;
    case COMPARE_LESS_EQUAL: return order <= 0;
    case COMPARE_GREATER: return order > 0;
    case COMPARE_GREATER_EQUAL: return order >= 0;
    }
    panic("no such comparison: %d", comparison);
}

static enum truth truth_of_comparison(struct walk *walk, const struct node *node) {
    const struct node *first = node->arguments[0], *second = node->arguments[1];
    if (first->type == EXPR_TEXT) {
        struct text left, right;
        if (!text_value(walk, first, &left) || !text_value(walk, second, &right)) {
            return TRUTH_UNKNOWN;
        }
        bool ordered = node->comparison != COMPARE_EQUAL && node->comparison != COMPARE_UNEQUAL;
        return truth(
            compares(node->comparison, ordered ? text_compare(left, right) : !text_equal(left, right)));
    }
    if (first->type == EXPR_DECIMAL) {
        struct decimal left, right;
        return decimal_value(walk, first, &left) && decimal_value(walk, second, &right)
                   ? truth(compares(node->comparison, decimal_compare(left, right)))
                   : TRUTH_UNKNOWN;
    }
    struct val left = evaluate(walk, first);
    if (!left.known) {
        return TRUTH_UNKNOWN;
    }
    struct val right = evaluate(walk, second);
    return right.known ? truth(compares(node->comparison, order_of(&left, &right))) : TRUTH_UNKNOWN;
}

static enum truth truth_of_in_list(struct walk *walk, const struct node *node) {
    struct text code;
    return text_value(walk, node->arguments[0], &code)
               ? truth(codelist_has(node->list, code, walk->context->today))
               : TRUTH_UNKNOWN;
}

static enum truth truth_of_in_set(struct walk *walk, const struct node *node) {
    struct text text;
    if (node->arguments[0]->type == EXPR_TEXT) {
        bool known = text_value(walk, node->arguments[0], &text), found = false;
        for (size_t i = 0; known && !found && i < node->set_count; i++) {
            found = text_equal(text, node->set[i].text);
        }
        return known ? truth(found) : TRUTH_UNKNOWN;
    }
    struct val value = evaluate(walk, node->arguments[0]);
    for (size_t i = 0; value.known && i < node->set_count; i++) {
        if (order_of(&value, &node->set[i]) == 0) {
            return TRUTH_TRUE;
        }
    }
    return value.known ? TRUTH_FALSE : TRUTH_UNKNOWN;
}

static enum truth truth_of(struct walk *walk, const struct node *node) {
    switch (node->kind) {
    case NODE_EXISTS: return truth(value_of(walk, node->field) != NULL);
    case NODE_NOT: return truth_of_not(walk, node);
    case NODE_AND: return truth_of_and(walk, node);
    case NODE_OR: return truth_of_or(walk, node);
    case NODE_IF: return truth_of_if(walk, node);
    case NODE_COMPARE: return truth_of_comparison(walk, node);
    case NODE_IN_LIST: return truth_of_in_list(walk, node);
    case NODE_IN_SET: return truth_of_in_set(walk, node);
    default: return truth_of_value(evaluate(walk, node));
    }
}

/* --- arithmetic ----------------------------------------------------------------------------------------- */

static struct val shift_day(int32_t day, struct decimal days, int sign) {
    bool fits = days.scale == 0 && days.coefficient <= DAY_LAST - DAY_FIRST
                && days.coefficient >= DAY_FIRST - DAY_LAST;
    int64_t shifted = fits ? day + sign * (int64_t)days.coefficient : DAY_LAST + 1;
    bool known = shifted >= DAY_FIRST && shifted <= DAY_LAST;
    return (struct val){ .known = known, .type = EXPR_DATE, .day = known ? (int32_t)shifted : 0 };
}

static struct val hours_between(stamp later, stamp earlier) {
    struct val hours = { .type = EXPR_DECIMAL };
    struct decimal difference;
    hours.known =
        decimal_subtract(decimal_of_int(later), decimal_of_int(earlier), &difference)
        && decimal_divide(difference, decimal_of_int(3600 * STAMP_SECOND), HOUR_PLACES, &hours.decimal);
    return hours;
}

static struct val evaluate_sum(struct walk *walk, const struct node *node) {
    struct val left = evaluate(walk, node->arguments[0]), right = evaluate(walk, node->arguments[1]);
    struct val sum = unknown(node->type);
    bool plus = node->kind == NODE_ADD;
    if (!left.known || !right.known) {
        return sum;
    }
    if (left.type == EXPR_DECIMAL) {
        sum.known = (plus ? decimal_add : decimal_subtract)(left.decimal, right.decimal, &sum.decimal);
        return sum;
    }
    if (left.type == EXPR_MOMENT) {
        return hours_between(left.moment, right.moment);
    }
    return right.type == EXPR_DATE ? number_of((int64_t)left.day - right.day)
                                   : shift_day(left.day, right.decimal, plus ? 1 : -1);
}

static struct val evaluate_product(struct walk *walk, const struct node *node) {
    struct decimal left, right;
    struct val product = unknown(EXPR_DECIMAL);
    product.known = decimal_value(walk, node->arguments[0], &left)
                    && decimal_value(walk, node->arguments[1], &right)
                    && decimal_multiply(left, right, &product.decimal);
    return product;
}

static struct val evaluate_negation(struct walk *walk, const struct node *node) {
    struct val value = evaluate(walk, node->arguments[0]);
    value.decimal.coefficient = value.known ? -value.decimal.coefficient : 0;
    return value;
}

static struct val evaluate_call(struct walk *walk, const struct node *node) {
    struct val arguments[FUNCTION_ARGUMENTS_MAX] = { 0 };
    for (size_t i = 0; node->function->takes[i]; i++) {
        if (node->function->takes[i] == TAKES_TEXT) {
            arguments[i] = (struct val){ .known = true, .type = EXPR_TEXT };
            arguments[i].known = text_value(walk, node->arguments[i], &arguments[i].text);
        } else {
            arguments[i] = evaluate(walk, node->arguments[i]);
        }
        if (!arguments[i].known) {
            return unknown(node->type);
        }
    }
    struct val value = unknown(node->type);
    return node->function->run(arguments, &value) ? value : unknown(node->type);
}

static struct val evaluate_count_parts(struct walk *walk, const struct node *node) {
    struct val texts = evaluate(walk, node->arguments[0]);
    if (!texts.known) {
        return unknown(EXPR_DECIMAL);
    }
    int64_t count = 0;
    for (struct text part; parts_next(&texts.parts, &part);) {
        count++;
    }
    return number_of(count);
}

/* --- over the rows of a group --------------------------------------------------------------------------- */

/* The next row from walk->row on that `where` lets through; *maybe when it is not known whether it does. */
static bool next_row(struct walk *walk, const struct node *node, uint32_t rows, bool *maybe) {
    for (; walk->row < rows; walk->row++) {
        enum truth counts = node->arguments[0] ? truth_of(walk, node->arguments[0]) : TRUTH_TRUE;
        if (counts != TRUTH_FALSE) {
            *maybe = counts == TRUTH_UNKNOWN;
            return true;
        }
    }
    return false;
}

static struct val compute_quantifier(struct walk *walk, const struct node *node, uint32_t rows) {
    enum truth decisive = truth(node->kind == NODE_ANY); /* one row that is so decides */
    bool all_known = true;
    for (walk->row = 0; walk->row < rows; walk->row++) {
        enum truth holds = truth_of(walk, node->arguments[0]);
        if (holds == decisive) {
            return value_of_truth(holds);
        }
        all_known = all_known && holds != TRUTH_UNKNOWN;
    }
    return all_known ? flag_of(decisive == TRUTH_FALSE) : unknown(EXPR_FLAG);
}

static struct val compute_count(struct walk *walk, const struct node *node, uint32_t rows) {
    int64_t count = 0;
    bool maybe;
    for (walk->row = 0; next_row(walk, node, rows, &maybe); walk->row++) {
        if (maybe) {
            return unknown(EXPR_DECIMAL);
        }
        count++;
    }
    return number_of(count);
}

/* sum, min, max: one value that each row's changes; unknown as soon as a row's is. */
static struct val compute_fold(struct walk *walk, const struct node *node, uint32_t rows) {
    struct val result = node->kind == NODE_SUM ? number_of(0) : unknown(node->type);
    bool maybe;
    for (walk->row = 0; next_row(walk, node, rows, &maybe); walk->row++) {
        struct val value = field_value(walk, node->field, node->field_type);
        if (maybe || !value.known) {
            return unknown(node->type);
        }
        if (node->kind == NODE_SUM) {
            if (!decimal_add(result.decimal, value.decimal, &result.decimal)) {
                return unknown(node->type);
            }
        } else if (!result.known
                   || (node->kind == NODE_MIN ? order_of(&value, &result) < 0
                                              : order_of(&value, &result) > 0)) {
            result = value;
        }
    }
    return result;
}

/* As numbers of lines mostly are. */
static bool in_order(const struct column *column) {
    for (size_t i = 1; i < column->count; i++) {
        if (cell_order(&column->cells[i - 1], &column->cells[i]) > 0) {
            return false;
        }
    }
    return true;
}

/* A row whose part in it is unknown leaves the column incomplete. */
static struct column compute_column(struct walk *walk, const struct node *node, uint32_t rows) {
    struct column column = { .complete = true };
    bool maybe;
    size_t count = 0;
    for (walk->row = 0; next_row(walk, node, rows, &maybe); walk->row++) {
        count++;
    }
    column.cells = count ? arena_alloc(walk->context->arena, count * sizeof(*column.cells)) : NULL;
    for (walk->row = 0; next_row(walk, node, rows, &maybe); walk->row++) {
        struct val value = field_value(walk, node->field, node->field_type);
        if (maybe || !value.known) {
            column.complete = false;
        } else {
            column.cells[column.count++] = (struct cell){ value, walk->row };
        }
    }
    if (!in_order(&column)) {
        qsort(column.cells, column.count, sizeof(*column.cells), cell_order);
    }
    return column;
}

static struct val unique_in(const struct column *column) {
    for (size_t i = 1; i < column->count; i++) {
        if (value_order(&column->cells[i - 1], &column->cells[i]) == 0) {
            return flag_of(false);
        }
    }
    return column->complete ? flag_of(true) : unknown(EXPR_FLAG);
}

/* Two that are equal can never be 1..n; nor can one below 1, whatever is missing. */
static struct val contiguous_in(const struct column *column) {
    bool exact = true;
    for (size_t i = 0; i < column->count; i++) {
        struct val wanted = number_of((int64_t)i + 1);
        exact = exact && order_of(&column->cells[i].value, &wanted) == 0;
    }
    const struct val one = number_of(1);
    bool below = column->count && order_of(&column->cells[0].value, &one) < 0;
    if (column->complete || below || is_false(unique_in(column))) {
        return flag_of(column->complete && exact);
    }
    return unknown(EXPR_FLAG);
}

/* Computes a closed node, leaving the walk where it was. */
static void compute(struct walk *walk, const struct node *node, struct slot *slot) {
    uint32_t row = walk->row, rows = document_rows(walk->context->doc, node->group);
    switch (node->kind) {
    case NODE_EVERY:
    case NODE_ANY: slot->value = compute_quantifier(walk, node, rows); break;
    case NODE_COUNT_ROWS: slot->value = compute_count(walk, node, rows); break;
    case NODE_SUM:
    case NODE_MIN:
    case NODE_MAX: slot->value = compute_fold(walk, node, rows); break;
    case NODE_UNIQUE:
    case NODE_CONTIGUOUS:
    case NODE_EVERY_IN:
    case NODE_REPEATED:
        slot->column = compute_column(walk, node, rows);
        slot->value = node->kind == NODE_UNIQUE       ? unique_in(&slot->column)
                      : node->kind == NODE_CONTIGUOUS ? contiguous_in(&slot->column)
                                                      : unknown(EXPR_FLAG);
        break;
    default: panic("not a closed node: %d", node->kind);
    }
    walk->row = row;
    slot->computed = true;
}

static const struct slot *slot_of(struct walk *walk, const struct node *node) {
    struct slot *slot = &walk->memo->slots[node->closed];
    if (!slot->computed) {
        compute(walk, node, slot);
    }
    return slot;
}

static bool column_has(const struct column *column, struct text part) {
    if (!column->count) {
        return false;
    }
    struct cell wanted = { .value = read_value(column->cells[0].value.type, part) };
    return wanted.value.known && bsearch(&wanted, column->cells, column->count, sizeof(wanted), value_order);
}

static struct val evaluate_every_in(struct walk *walk, const struct node *node) {
    struct val texts = evaluate(walk, node->arguments[1]);
    if (!texts.known) {
        return unknown(EXPR_FLAG);
    }
    const struct column *column = &slot_of(walk, node)->column;
    for (struct text part; parts_next(&texts.parts, &part);) {
        if (!column_has(column, part)) {
            return column->complete ? flag_of(false) : unknown(EXPR_FLAG);
        }
    }
    return flag_of(true);
}

/* Equal values stand side by side, by rising row. */
static struct val evaluate_repeated(struct walk *walk, const struct node *node) {
    struct cell wanted = { evaluate(walk, node->arguments[1]), walk->row };
    if (!wanted.value.known) {
        return unknown(EXPR_FLAG);
    }
    const struct column *column = &slot_of(walk, node)->column;
    const struct cell *cell =
        column->count ? bsearch(&wanted, column->cells, column->count, sizeof(wanted), cell_order) : NULL;
    if (cell > column->cells && value_order(cell - 1, cell) == 0) {
        return flag_of(true);
    }
    return column->complete ? flag_of(false) : unknown(EXPR_FLAG);
}

/* --- the walk ------------------------------------------------------------------------------------------- */

static struct val evaluate(struct walk *walk, const struct node *node) {
    switch (node->kind) {
    case NODE_LITERAL: return node->value;
    case NODE_TODAY: return (struct val){ .known = true, .type = EXPR_DATE, .day = walk->context->today };
    case NODE_FIELD: return field_value(walk, node->field, node->type);
    case NODE_EXISTS:
    case NODE_NOT:
    case NODE_AND:
    case NODE_OR:
    case NODE_COMPARE:
    case NODE_IN_LIST:
    case NODE_IN_SET: return value_of_truth(truth_of(walk, node));
    case NODE_IF: return evaluate_if(walk, node);
    case NODE_ADD:
    case NODE_SUBTRACT: return evaluate_sum(walk, node);
    case NODE_MULTIPLY: return evaluate_product(walk, node);
    case NODE_NEGATE: return evaluate_negation(walk, node);
    case NODE_CALL: return evaluate_call(walk, node);
    case NODE_COUNT_PARTS: return evaluate_count_parts(walk, node);
    case NODE_EVERY_IN: return evaluate_every_in(walk, node);
    case NODE_REPEATED: return evaluate_repeated(walk, node);
    case NODE_EVERY:
    case NODE_ANY:
    case NODE_COUNT_ROWS:
    case NODE_SUM:
    case NODE_MIN:
    case NODE_MAX:
    case NODE_UNIQUE:
    case NODE_CONTIGUOUS: return slot_of(walk, node)->value;
    }
    panic("no such node: %d", node->kind);
}

static struct walk walk_of(const struct expr *expr, const struct expr_context *context) {
    struct expr_memo *memo = context->memo ? context->memo : expr_memo_new(expr, context->arena);
    return (struct walk){ .context = context, .memo = memo, .row = context->row };
}

enum truth expr_holds(const struct expr *expr, const struct expr_context *context) {
    require(expr->root->type == EXPR_FLAG);
    struct walk walk = walk_of(expr, context);
    return truth_of(&walk, expr->root);
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
    struct walk walk = walk_of(expr, context);
    struct val value = evaluate(&walk, expr->root);
    *out = value.known ? print(value, context->arena) : TEXT("");
    return value.known;
}
