/*
 * walk_groups.c - what goes over the rows of a group: sums and the like, counts, quantifiers, and columns in
 * which something is looked for. Each is computed at its first asking and remembered in the memo (tree.h says
 * why it may be).
 */
#include <stdlib.h>

#include "base/status.h"
#include "expr/walk.h"

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
    bool counted_off; /* 1, 2, 3 ... count, and no cells */
};

struct slot {
    bool computed;
    struct val value;
    struct column column;
};

struct expr_memo {
    struct slot *slots;
};

/* Most expressions go over no rows: nothing of theirs is remembered, so they share the empty memo. */
struct expr_memo *expr_memo_new(const struct expr *expr, struct arena *arena) {
    require(expr->closed_count >= 0 && expr->closed_count <= EXPR_NODES_MAX);
    static struct expr_memo empty;
    if (!expr->closed_count) {
        return &empty;
    }
    struct expr_memo *memo = arena_alloc(arena, sizeof(*memo));
    memo->slots = arena_alloc(arena, (size_t)expr->closed_count * sizeof(*memo->slots));
    return memo;
}

/* --- blocks of rows ------------------------------------------------------------------------------------- */

/* The next block of a group, from walk->first on: its rows; 0 behind the last. */
static rows block_of(const struct walk *walk, uint32_t count) {
    uint32_t left = walk->first < count ? count - walk->first : 0;
    return left >= BLOCK ? ROWS_ALL : ((rows)1 << left) - 1;
}

/* Those of a block that `where` lets through; *maybe: of which that is not known. */
static rows counted(struct walk *walk, const struct node *node, rows block, rows *maybe) {
    struct expr_truths counts = { block, 0 };
    if (node->arguments[0]) {
        counts = walk_truths(walk, node->arguments[0], block);
    }
    *maybe = block & ~counts.yes & ~counts.no;
    return counts.yes;
}

/* --- one value of all rows ------------------------------------------------------------------------------ */

static struct val compute_quantifier(struct walk *walk, const struct node *node, uint32_t count) {
    bool decisive = node->kind == NODE_ANY; /* one row that is so decides */
    rows block;
    bool all_known = true;
    for (walk->first = 0; (block = block_of(walk, count)); walk->first += BLOCK) {
        struct expr_truths holds = walk_truths(walk, node->arguments[0], block);
        if (decisive ? holds.yes : holds.no) {
            return val_of_flag(decisive);
        }
        all_known = all_known && (holds.yes | holds.no) == block;
    }
    return all_known ? val_of_flag(!decisive) : val_unknown(EXPR_FLAG);
}

static struct val compute_count(struct walk *walk, const struct node *node, uint32_t count) {
    int64_t found = node->arguments[0] ? 0 : count;
    rows block, maybe;
    for (walk->first = 0; node->arguments[0] && (block = block_of(walk, count)); walk->first += BLOCK) {
        found += __builtin_popcountll(counted(walk, node, block, &maybe));
        if (maybe) {
            return val_unknown(EXPR_DECIMAL);
        }
    }
    return val_of_number(found);
}

static struct val compute_sum(struct walk *walk, const struct node *node, uint32_t count) {
    struct val sum = val_of_number(0);
    struct numbers room;
    const struct numbers *numbers;
    rows block, maybe;
    for (walk->first = 0; sum.known && (block = block_of(walk, count)); walk->first += BLOCK) {
        rows wanted = counted(walk, node, block, &maybe);
        struct decimal here;
        sum.known = !maybe && walk_field_numbers(walk, node->field, wanted, &room, &numbers) == wanted
                    && (!wanted || numbers_sum(numbers, wanted, &here));
        if (sum.known && wanted) {
            sum.known = decimal_add(sum.decimal, here, &sum.decimal);
        }
    }
    return sum.known ? sum : val_unknown(node->type);
}

static struct val compute_extreme(struct walk *walk, const struct node *node, uint32_t count) {
    struct val extreme = val_unknown(node->type), values[BLOCK];
    rows block, maybe;
    for (walk->first = 0; (block = block_of(walk, count)); walk->first += BLOCK) {
        rows wanted = counted(walk, node, block, &maybe);
        if (maybe || walk_field_values(walk, node->field, node->field_type, wanted, values) != wanted) {
            return val_unknown(node->type);
        }
        for (rows left = wanted; left; left &= left - 1) {
            unsigned i = first_of(left);
            int order = extreme.known ? val_order(&values[i], &extreme) : 0;
            bool further = node->kind == NODE_MIN ? order < 0 : order > 0;
            extreme = further || !extreme.known ? values[i] : extreme;
        }
    }
    return extreme;
}

/* --- sorted columns ------------------------------------------------------------------------------------- */

static int value_order(const void *a, const void *b) {
    const struct cell *left = a, *right = b;
    return val_order(&left->value, &right->value);
}

static int cell_order(const void *a, const void *b) {
    const struct cell *left = a, *right = b;
    int order = value_order(a, b);
    return order ? order : (left->row > right->row) - (left->row < right->row);
}

/* As numbers of lines mostly are. */
static bool is_in_order(const struct column *column) {
    for (size_t i = 1; i < column->count; i++) {
        if (cell_order(&column->cells[i - 1], &column->cells[i]) > 0) {
            return false;
        }
    }
    return true;
}

/* A row whose part in it is unknown leaves the column incomplete. */
static struct column compute_column(struct walk *walk, const struct node *node, uint32_t count) {
    struct column column = { .complete = true };
    struct val values[BLOCK];
    rows block, maybe;
    column.cells = count ? arena_alloc(walk->context->arena, count * sizeof(*column.cells)) : NULL;
    for (walk->first = 0; (block = block_of(walk, count)); walk->first += BLOCK) {
        rows wanted = counted(walk, node, block, &maybe);
        rows known = walk_field_values(walk, node->field, node->field_type, wanted, values);
        column.complete = column.complete && !maybe && known == wanted;
        for (rows left = known; left; left &= left - 1) {
            unsigned i = first_of(left);
            column.cells[column.count++] = (struct cell){ values[i], walk->first + (uint32_t)i };
        }
    }
    if (!is_in_order(&column)) {
        qsort(column.cells, column.count, sizeof(*column.cells), cell_order);
    }
    return column;
}

static struct val unique_in(const struct column *column) {
    for (size_t i = 1; i < column->count; i++) {
        if (value_order(&column->cells[i - 1], &column->cells[i]) == 0) {
            return val_of_flag(false);
        }
    }
    return column->complete ? val_of_flag(true) : val_unknown(EXPR_FLAG);
}

static bool is_false(struct val value) {
    return value.known && !value.flag;
}

/* 1, 2, 3 ... from the first row on, as lines mostly are: seen without sorting. */
static bool is_counted_off(struct walk *walk, const struct node *node, uint32_t count,
                           struct column *column) {
    struct numbers room;
    const struct numbers *numbers;
    rows block, maybe;
    int64_t next = 1;
    for (walk->first = 0; (block = block_of(walk, count)); walk->first += BLOCK) {
        rows wanted = counted(walk, node, block, &maybe);
        if (maybe || walk_field_numbers(walk, node->field, wanted, &room, &numbers) != wanted) {
            return false;
        }
        if (wanted && (!numbers->narrow || numbers->scale != 0)) {
            return false;
        }
        for (rows left = wanted; left; left &= left - 1) {
            if (numbers->whole[first_of(left)] != next++) {
                return false;
            }
        }
    }
    *column = (struct column){ .count = (size_t)next - 1, .complete = true, .counted_off = true };
    return true;
}

/* Two that are equal can never be 1..n; nor can one below 1, whatever is missing. */
static struct val contiguous_in(const struct column *column) {
    bool exact = true;
    for (size_t i = 0; i < column->count; i++) {
        struct val wanted = val_of_number((int64_t)i + 1);
        exact = exact && val_order(&column->cells[i].value, &wanted) == 0;
    }
    const struct val one = val_of_number(1);
    bool below = column->count && val_order(&column->cells[0].value, &one) < 0;
    if (column->complete || below || is_false(unique_in(column))) {
        return val_of_flag(column->complete && exact);
    }
    return val_unknown(EXPR_FLAG);
}

/* --- closed nodes --------------------------------------------------------------------------------------- */

/* Computes a closed node, leaving the walk where it was. */
static void compute(struct walk *walk, const struct node *node, struct slot *slot) {
    uint32_t first = walk->first, count = document_rows(walk->context->doc, node->group);
    switch (node->kind) {
    case NODE_EVERY:
    case NODE_ANY: slot->value = compute_quantifier(walk, node, count); break;
    case NODE_COUNT_ROWS: slot->value = compute_count(walk, node, count); break;
    case NODE_SUM: slot->value = compute_sum(walk, node, count); break;
    case NODE_MIN:
    case NODE_MAX: slot->value = compute_extreme(walk, node, count); break;
    case NODE_CONTIGUOUS:
        slot->value = val_of_flag(true);
        if (!is_counted_off(walk, node, count, &slot->column)) {
            slot->column = compute_column(walk, node, count);
            slot->value = contiguous_in(&slot->column);
        }
        break;
    case NODE_EVERY_IN:
        slot->value = val_unknown(EXPR_FLAG);
        if (node->field_type != EXPR_DECIMAL || !is_counted_off(walk, node, count, &slot->column)) {
            slot->column = compute_column(walk, node, count);
        }
        break;
    case NODE_UNIQUE:
    case NODE_REPEATED:
        slot->column = compute_column(walk, node, count);
        slot->value = node->kind == NODE_UNIQUE ? unique_in(&slot->column) : val_unknown(EXPR_FLAG);
        break;
    default: panic("not a closed node: %d", node->kind);
    }
    walk->first = first;
    slot->computed = true;
}

static const struct slot *slot_of(struct walk *walk, const struct node *node) {
    struct slot *slot = &walk->memo->slots[node->closed];
    if (!slot->computed) {
        compute(walk, node, slot);
    }
    return slot;
}

struct val walk_closed(struct walk *walk, const struct node *node) {
    return slot_of(walk, node)->value;
}

static bool is_counted(const struct column *column, struct text part) {
    struct decimal number;
    uint64_t whole;
    if (text_to_uint(part, &whole)) { /* as mostly */
        return whole >= 1 && whole <= column->count;
    }
    return decimal_parse(part, &number) && number.scale == 0 && number.coefficient >= 1
           && number.coefficient <= (__int128)column->count;
}

static bool column_has(const struct column *column, struct text part) {
    if (column->counted_off || !column->count) {
        return column->count && is_counted(column, part);
    }
    struct cell wanted = { .value = val_read(column->cells[0].value.type, part) };
    return wanted.value.known && bsearch(&wanted, column->cells, column->count, sizeof(wanted), value_order);
}

static struct val every_in(const struct column *column, struct parts parts) {
    for (struct text part; parts_next(&parts, &part);) {
        if (!column_has(column, part)) {
            return column->complete ? val_of_flag(false) : val_unknown(EXPR_FLAG);
        }
    }
    return val_of_flag(true);
}

/* Equal values stand side by side, by rising row. */
static struct val repeated(const struct column *column, const struct val *value, uint32_t row) {
    struct cell wanted = { *value, row };
    const struct cell *cell =
        column->count ? bsearch(&wanted, column->cells, column->count, sizeof(wanted), cell_order) : NULL;
    if (cell > column->cells && value_order(cell - 1, cell) == 0) {
        return val_of_flag(true);
    }
    return column->complete ? val_of_flag(false) : val_unknown(EXPR_FLAG);
}

rows walk_search(struct walk *walk, const struct node *node, rows asked, struct val out[BLOCK]) {
    require(node->kind == NODE_EVERY_IN || node->kind == NODE_REPEATED);
    rows said = walk_values(walk, node->arguments[1], asked, out), known = 0;
    const struct column *column = said ? &slot_of(walk, node)->column : NULL;
    for (rows left = said; left; left &= left - 1) {
        unsigned i = first_of(left);
        out[i] = node->kind == NODE_EVERY_IN ? every_in(column, out[i].parts)
                                             : repeated(column, &out[i], walk->first + (uint32_t)i);
        known |= (rows)out[i].known << i;
    }
    return known;
}
