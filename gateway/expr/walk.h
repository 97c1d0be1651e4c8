/*
 * walk.h - the walk over an expression's tree, between expr.c, which walks, walk_columns.c, which takes the
 * columns of the document, and walk_groups.c, which goes over the rows of a group. Nobody else includes it.
 *
 * A walk asks up to 64 rows of a group at once. Of a document of fifty goods lines most rules ask each line
 * the same, so each node is looked at once, not once a line: a column of the document is taken, and what
 * becomes of it is a column again.
 *
 *   rows     one bit for each row of the block, the first in the lowest
 *   truths   two of them: where it is true, and where it is false; elsewhere it is unknown (Kleene)
 *   texts, numbers, values   an array by row, and the rows in which it is known
 *
 * Who asks says in which rows: what `and` and `or` have decided by their left side is not asked of the right
 * one. What stands once in a message is a block of one row.
 */
#ifndef EXPR_WALK_H
#define EXPR_WALK_H

#include "expr/tree.h"

typedef uint64_t rows; /* of a block */

#define BLOCK    EXPR_ROWS_MAX
#define ROWS_ALL (~(rows)0)

struct walk {
    const struct expr_context *context;
    struct expr_memo *memo;
    uint32_t first; /* the row of the group that is the block's first */
};

static inline unsigned first_of(rows some) {
    return (unsigned)__builtin_ctzll(some);
}

/* --- expr.c --------------------------------------------------------------------------------------------- */

/* What a node is in the rows that are asked: where it is true and false; where it is known, and what in each
 * of those. */
struct expr_truths walk_truths(struct walk *walk, const struct node *node, rows asked);
rows walk_texts(struct walk *walk, const struct node *node, rows asked, struct text out[BLOCK]);
rows walk_numbers(struct walk *walk, const struct node *node, rows asked, struct decimal out[BLOCK]);
rows walk_values(struct walk *walk, const struct node *node, rows asked, struct val out[BLOCK]);

/* --- walk_columns.c ------------------------------------------------------------------------------------- */

struct val val_unknown(enum expr_type type);
struct val val_of_flag(bool flag);
struct val val_of_number(int64_t number);
int val_order(const struct val *a, const struct val *b);    /* of one type, not TEXTS */
struct val val_read(enum expr_type type, struct text text); /* the canonical text of a field */

/* The rows in which a field is there, and not empty. */
rows walk_cells(const struct walk *walk, const struct field *field, rows asked,
                const struct value *out[BLOCK]);
/* Those in which it has a value, as a value of that type, a text or a number. */
rows walk_field_values(const struct walk *walk, const struct field *field, enum expr_type type, rows asked,
                       struct val out[BLOCK]);
rows walk_field_texts(const struct walk *walk, const struct field *field, rows asked, struct text out[BLOCK]);
rows walk_field_numbers(const struct walk *walk, const struct field *field, rows asked,
                        struct decimal out[BLOCK]);

/* --- walk_groups.c -------------------------------------------------------------------------------------- */

struct val walk_closed(struct walk *walk, const struct node *node); /* of a closed node */
/* EVERY_IN and REPEATED: what the row says is looked for in the column. */
rows walk_search(struct walk *walk, const struct node *node, rows asked, struct val out[BLOCK]);

#endif
