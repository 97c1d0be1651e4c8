/*
 * compiler.h - an expression while it is compiled. Between compile*.c, one file per subject:
 *   compile.c            the levels of the grammar (expr.h), lowest first, and the whole
 *   compile_operands.c   what stands alone: a value written out, a field, a call of a function
 *   compile_rows.c       what goes over the rows of a group
 * Nobody else includes it.
 *
 * The first mistake ends it: what follows is mostly its consequence. Every function gives NULL or false from
 * then on, so none needs to look twice.
 */
#ifndef EXPR_COMPILER_H
#define EXPR_COMPILER_H

#include "message/mistakes.h"
#include "expr/tokens.h"
#include "expr/tree.h"

struct compiler {
    struct tokens tokens;
    struct token token; /* the one looked at */
    const char *taken;  /* the end of the one taken last */
    struct span {       /* what stood on a side of an `and` */
        const struct node *node;
        struct text source;
    } *spans;
    size_t spans_count;
    struct expr_scope scope;
    struct arena *arena;
    struct mistakes mistakes;
    int group; /* whose current row there is; -1 */
    size_t nodes;
    unsigned depth;
    int closed_count;
    bool failed;
};

/* --- mistakes ------------------------------------------------------------------------------------------ */

struct place compiler_place(struct token token);

#define COMPILER_MISTAKE(compiler, token, meant, ...)                                                    \
    ((compiler)->failed ? (void)0                                                                        \
                        : mistakes_at(&(compiler)->mistakes, compiler_place(token), meant, __VA_ARGS__), \
     (void)((compiler)->failed = true))

/* The same in two sentences made apart, for words that differ: names of types. */
void compiler_mistake(struct compiler *compiler, struct token token, const char *meant, const char *zh,
                      const char *en);
/* `what` needs one type and found another. */
void compiler_wrong_type(struct compiler *compiler, struct token token, const char *what,
                         enum expr_type wanted, enum expr_type found, const char *meant);
/* The token looked at is not this. */
void compiler_expected(struct compiler *compiler, const char *zh, const char *en);
const char *compiler_type_zh(enum expr_type type);
const char *compiler_type_en(enum expr_type type);

/* --- tokens -------------------------------------------------------------------------------------------- */

struct token compiler_take(struct compiler *compiler);
bool compiler_is_sign(const struct compiler *compiler, const char *sign);
bool compiler_is_word(const struct compiler *compiler, const char *word);
bool compiler_take_sign(struct compiler *compiler, const char *sign); /* false: another stands there */
bool compiler_take_word(struct compiler *compiler, const char *word);
bool compiler_expect_sign(struct compiler *compiler, const char *sign); /* false: a mistake, told */
bool compiler_expect_word(struct compiler *compiler, const char *word);

/* --- nodes --------------------------------------------------------------------------------------------- */

struct node *compiler_node(struct compiler *compiler, enum node_kind kind, enum expr_type type);
/* One that goes over the rows of a group: closed (tree.h). */
struct node *compiler_node_over(struct compiler *compiler, enum node_kind kind, enum expr_type type,
                                int group);
/* NULL when there is no left operand; the right one may be NULL. */
const struct node *compiler_node_of(struct compiler *compiler, enum node_kind kind, enum expr_type type,
                                    const struct node *left, const struct node *right);
bool compiler_count_node(struct compiler *compiler); /* of what is none and costs as much */
/* Around everything that can stand in itself; leave also where enter gave false. */
bool compiler_enter(struct compiler *compiler);
void compiler_leave(struct compiler *compiler);
const struct node *compiler_need_type(struct compiler *compiler, const struct node *node, enum expr_type type,
                                      struct token at, const char *what);

/* --- compile.c ----------------------------------------------------------------------------------------- */

const struct node *compile_nested(struct compiler *compiler); /* an expression within another */

/* --- compile_operands.c -------------------------------------------------------------------------------- */

bool compile_is_literal(const struct compiler *compiler);
bool compile_read_literal(struct compiler *compiler, struct val *value);
const struct node *compile_literal(struct compiler *compiler);
bool compile_is_free_name(const struct compiler *compiler); /* a name that is not a word of the language */
const struct field *compile_take_field(struct compiler *compiler);
/* Of a field whose value is meant: it stands once, or in the current row. */
bool compile_is_in_sight(struct compiler *compiler, const struct field *field, struct token token);
const char *compile_name_of_group(const struct compiler *compiler, int group);
enum expr_type compile_type_of_field(const struct field *field);
/* kind: FIELD or EXISTS */
const struct node *compile_node_of_field(struct compiler *compiler, enum node_kind kind,
                                         const struct field *field);
const struct node *compile_field(struct compiler *compiler, enum node_kind kind);
const struct node *compile_function(struct compiler *compiler, struct token name); /* behind NAME "(" */

/* --- compile_rows.c ------------------------------------------------------------------------------------ */

struct aggregate;
const struct aggregate *compile_find_aggregate(struct text name); /* NULL: none has that name */
const char *compile_aggregate_at(size_t index);                   /* its name; NULL behind the last */
const struct node *compile_aggregate(struct compiler *compiler, const struct aggregate *aggregate);
const struct node *compile_count(struct compiler *compiler); /* count(GROUP [where ...]) or count(texts) */
const struct node *compile_quantifier(struct compiler *compiler, enum node_kind kind); /* EVERY or ANY */

#endif
