/*
 * tree.h - the compiled form of an expression, between compile*.c, which makes it, expr.c and walk*.c, which
 * walk it, and functions.c, which knows the named functions. Nobody else includes it.
 *
 * A node is CLOSED when its value does not depend on the current row: quantifiers and everything that goes
 * over a group look only at that group's rows and at fields that stand once. So each is worth computing once
 * per document, however many rows ask for it, and no expression costs more than its nodes times the rows of a
 * group.
 */
#ifndef EXPR_TREE_H
#define EXPR_TREE_H

#include "base/decimal.h"
#include "base/stamp.h"
#include "expr/expr.h"

/* What split() gives is not cut, only remembered: the text and what separates its parts. */
struct parts {
    struct text text, separator;
};

struct val {
    bool known;
    enum expr_type type;
    union {
        struct text text;
        struct decimal decimal;
        int32_t day;
        stamp moment;
        bool flag;
        struct parts parts;
    };
};

/* The next part, blanks trimmed, empty ones left out. False: no more. */
bool parts_next(struct parts *rest, struct text *part);

/* clang-format off */
/*    name      zh            en                 */
#define EXPR_TYPE_LIST(X)                          \
    X(TEXT,     "文字",        "a text")            \
    X(DECIMAL,  "数值",        "a number")          \
    X(DATE,     "日期",        "a day")            \
    X(MOMENT,   "时刻",        "a moment")          \
    X(FLAG,     "真假",        "true or false")     \
    X(TEXTS,    "文字组",      "the parts of a text")
/* clang-format on */

/* --- named functions ----------------------------------------------------------------------------------- */

#define FUNCTION_ARGUMENTS_MAX 3

/* What a function takes: one letter each. */
enum {
    TAKES_TEXT = 't',
    TAKES_DECIMAL = 'd',
    TAKES_DATE = 'D',
    TAKES_MOMENT = 'm',
    TAKES_TEXTS = 'p',
    TAKES_LITERAL = 'l' /* a text written out, not empty */,
    TAKES_PLACES = 'n' /* 0 to 18 written out */
};

struct numbers; /* of a block of rows (walk.h) */

struct function {
    const char *name, *takes;
    enum expr_type gives;
    bool (*run)(const struct val *arguments, struct val *out); /* all arguments are known; false: unknown */
    void (*of_numbers)(const struct numbers *numbers, uint64_t known,
                       struct numbers *out); /* the same of many; NULL: row by row */
    /* Of a function that makes a text, in the arena; `run` is NULL. */
    bool (*make)(const struct val *arguments, struct arena *arena, struct val *out);
};

const struct function *function_find(struct text name);
const struct function *function_at(size_t index); /* NULL behind the last */

/* --- nodes --------------------------------------------------------------------------------------------- */

enum node_kind {
    NODE_LITERAL,
    NODE_TODAY,
    NODE_FIELD,
    NODE_EXISTS,
    NODE_NOT,
    NODE_AND,
    NODE_OR,
    NODE_IF,
    NODE_COMPARE,
    NODE_IN_LIST,
    NODE_IN_SET,
    NODE_ADD,
    NODE_SUBTRACT,
    NODE_MULTIPLY,
    NODE_NEGATE,
    NODE_CALL,
    /* closed nodes: they go over the rows of node->group */
    NODE_EVERY,
    NODE_ANY,
    NODE_COUNT_ROWS,
    NODE_SUM,
    NODE_MIN,
    NODE_MAX,
    NODE_UNIQUE,
    NODE_CONTIGUOUS,
    /* go over the rows too, for an argument that may depend on the current one:
     * the rows' values are what is closed */
    NODE_EVERY_IN,
    NODE_REPEATED,
    NODE_COUNT_PARTS,
};

enum comparison {
    COMPARE_EQUAL,
    COMPARE_UNEQUAL,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_EQUAL,
};

struct node {
    enum node_kind kind;
    enum expr_type type;
    enum comparison comparison;
    int group;  /* whose rows it goes over; -1 */
    int closed; /* its slot in the memo; -1 */
    const struct field *field;
    enum expr_type field_type; /* of an aggregate's field */
    const struct codelist *list;
    const struct function *function;
    const struct node *arguments[FUNCTION_ARGUMENTS_MAX]; /* operands; `where` of an aggregate is the first */
    const struct val *set;
    size_t set_count;
    struct val value; /* a literal */
};

/* One side of an `and` that no other condition is above. */
struct condition {
    const struct node *node;
    struct text source;
};

/* A condition that says of one field what each of its values is (bounds.c). */
enum bound_kind {
    BOUND_THERE,
    BOUND_LENGTH,
    BOUND_MOST,
    BOUND_LEAST,
    BOUND_MAGNITUDE,
    BOUND_PLACES,
    BOUND_LISTED,
};

struct bound {
    enum bound_kind kind;
    bool open; /* number itself is beyond it */
    const struct field *field;
    const struct node *listed; /* NODE_IN_LIST or NODE_IN_SET */
    size_t length;             /* BOUND_LENGTH */
    struct decimal number;     /* of all others */
};

struct expr {
    const struct node *root;
    struct condition *conditions; /* from left to right; one that is no `and` is one condition */
    const struct bound *bounds;   /* one for each condition; NULL: not all of them are such */
    size_t conditions_count;
    int closed_count;
    bool sees_row;
    const struct field *needs; /* see expr_needs() */
};

const struct bound *bounds_of(const struct expr *expr, struct arena *arena);

#endif
