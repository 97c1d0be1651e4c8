/*
 * walk.h - the walk over an expression's tree, between walk.c, which walks, walk_columns.c, which takes the
 * columns of the document (columns.c keeps them, numbers.c calculates with them, bounds.c looks at them as a
 * whole), and walk_groups.c, which goes over the rows of a group. Nobody else includes it.
 *
 * A walk asks up to 64 rows of a group at once. Of a document of fifty goods lines most rules ask each line
 * the same, so each node is looked at once, not once a line: a column of the document is taken, and what
 * becomes of it is a column again.
 *
 *   rows     one bit for each row of the block, the first in the lowest
 *   truths   two of them: where it is true, and where it is false; elsewhere it is unknown (Kleene)
 *   texts, numbers, values   by row, and the rows in which it is known
 *
 * Who asks says in which rows: what `and` and `or` have decided by their left side is not asked of the right
 * one. What stands once in a message is a block of one row.
 */
#ifndef EXPR_WALK_H
#define EXPR_WALK_H

#include "expr/tree.h"

typedef uint64_t rows; /* of a block */

#define BLOCK    EXPR_ROWS_MAX /* that of a document, too */
#define ROWS_ALL (~(rows)0)

struct walk {
    const struct expr_context *context;
    struct expr_columns *columns; /* NULL: none was asked yet, and the context has none */
    struct expr_memo *memo;
    uint32_t first; /* the row of the group that is the block's first */
};

static inline unsigned first_of(rows some) {
    return (unsigned)__builtin_ctzll(some);
}

/* --- numbers.c ------------------------------------------------------------------------------------------ */

/* Narrow: whole[row] / 10^scale. Else they are decimals. Of rows that are not known nothing stands there. */
struct numbers {
    bool narrow;
    int scale;
    union {
        int64_t whole[BLOCK];
        struct decimal decimals[BLOCK];
    };
};

struct decimal numbers_at(const struct numbers *numbers, unsigned row);
/* Gives those of the rows in which the text says a number. */
rows numbers_of_texts(struct numbers *out, const struct text texts[BLOCK], rows there);
void numbers_of_decimals(struct numbers *out, const struct decimal decimals[BLOCK], rows known);
void numbers_fill(struct numbers *out, struct decimal number, rows known); /* the same in all of them */
/* NODE_ADD, NODE_SUBTRACT or NODE_MULTIPLY, in the rows in which both are known; gives those in which it is
 * exact. out: neither of the two. */
rows numbers_calculate(enum node_kind kind, const struct numbers *a, const struct numbers *b, rows both,
                       struct numbers *out);
/* With the other sign: all of them, or the negative ones only. */
void numbers_turn(const struct numbers *from, rows known, bool only_negative, struct numbers *out);
/* Their sum; false: it is not exact. */
bool numbers_sum(const struct numbers *numbers, rows known, struct decimal *out);
/* The rows in which a is less than b, and those in which it is more. */
void numbers_compare(const struct numbers *a, const struct numbers *b, rows both, rows *less, rows *more);

/* --- columns.c ------------------------------------------------------------------------------------------ */

/* A block of a column of the document. */
struct cells {
    bool read;
    rows there;                    /* it has a value, and not an empty one */
    rows sound;                    /* and not an ill one: its text is its value */
    const struct text *texts;      /* by row, where it is there */
    rows numeric;                  /* columns_numbers() */
    const struct numbers *numbers; /* NULL: nobody has asked, or there are none */
};

uint32_t columns_rows(const struct expr_columns *columns, const struct field *field);
/* Of the rows from `first` on. */
struct cells *columns_block(struct expr_columns *columns, const struct field *field, uint32_t first);
/* Each row has a value. */
bool columns_everywhere(const struct expr_columns *columns, const struct field *field);

/* Of the numbers of a column. */
struct range {
    bool known;     /* there are any */
    bool too_large; /* to say; then it is not known */
    int places;     /* of the one that has most */
    struct decimal least, most;
};
const struct range *columns_range(struct expr_columns *columns, const struct field *field);

/* What the sound texts say as numbers, and in which rows; *out is NULL where there are no sound texts. */
rows columns_numbers(struct expr_columns *columns, struct cells *cells, const struct numbers **out);

/* --- walk.c --------------------------------------------------------------------------------------------- */

/* What a node is in the rows that are asked: where it is true and false; where it is known, and what in each
 * of those. */
struct expr_truths walk_truths(struct walk *walk, const struct node *node, rows asked);
/* IN_LIST, and IN_SET of texts. */
bool node_lists(const struct node *node, struct text text, int32_t today);
rows walk_values(struct walk *walk, const struct node *node, rows asked, struct val out[BLOCK]);

/* --- walk_columns.c ------------------------------------------------------------------------------------- */

struct val val_unknown(enum expr_type type);
struct val val_of_flag(bool flag);
struct val val_of_number(int64_t number);
int val_order(const struct val *a, const struct val *b);    /* of one type, not TEXTS */
struct val val_read(enum expr_type type, struct text text); /* the canonical text of a field */

/* The rows in which a field is there, and not empty. */
rows walk_there(struct walk *walk, const struct field *field, rows asked);
/* Those in which it has a value, as a value of that type, a text or a number. */
rows walk_field_values(struct walk *walk, const struct field *field, enum expr_type type, rows asked,
                       struct val out[BLOCK]);
rows walk_field_texts(struct walk *walk, const struct field *field, rows asked, struct text room[BLOCK],
                      const struct text **out);
rows walk_field_numbers(struct walk *walk, const struct field *field, rows asked, struct numbers *room,
                        const struct numbers **out);
void walk_values_of_numbers(const struct numbers *numbers, rows known, struct val out[BLOCK]);

/* --- walk_groups.c -------------------------------------------------------------------------------------- */

struct val walk_closed(struct walk *walk, const struct node *node); /* of a closed node */
/* EVERY_IN and REPEATED: what the row says is looked for in the column. */
rows walk_search(struct walk *walk, const struct node *node, rows asked, struct val out[BLOCK]);

#endif
