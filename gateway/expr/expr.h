/*
 * expr.h - the one small language for everything experts decide: rules, routes, milestones, alerts.
 *
 *   gross_weight >= net_weight and net_weight > 0
 *   every item: item.hs_code in hs_chapters and (not exists item.second_unit or exists item.second_quantity)
 *   sum(item.total) <= 1000000 and substr(bill_number, 1, 4) = "COSU"
 *
 * An expression is typed against the dictionary and the code lists when it is loaded; every mistake has a
 * line and a column. It cannot loop, allocate without bound, or fail at run time: what is absent or
 * ill-typed makes a comparison UNKNOWN, and `not UNKNOWN` is UNKNOWN (Kleene). A rule is violated only by
 * FALSE, a route matches only on TRUE.
 *
 * Grammar (lowest first):
 *   or      = and { "or" and }
 *   and     = not { "and" not }
 *   not     = "not" not | quant
 *   quant   = ("every" | "any") GROUP ":" or  |  compare            -- `every` over no rows is TRUE, `any`
 *                                                                   FALSE
 *   compare = sum [ ("=" | "!=" | "<" | "<=" | ">" | ">=") sum
 *                 | ["not"] "in" ( LIST | "its" "list" | "(" literal {"," literal} ")" ) ]
 *                                                        -- FIELD in its list: that of the dictionary
 *   sum     = product { ("+" | "-") product }
 *   product = unary { "*" unary }
 *   unary   = "-" unary | primary
 *   primary = NUMBER | "text" | date YYYY-MM-DD | true | false | today | FIELD | FUNCTION "(" ... ")"
 *           | "exists" FIELD | "if" or "then" or "else" or | "(" or ")"
 * Blanks, line ends, the `...` that continues a line and comments (# behind a blank) separate; \" and \\
 * stand in texts.
 *
 * Types: text (also codes), decimal, date, moment, flag, texts (what split gives: its parts trimmed, empty
 * ones left out). date - date is a decimal of days, date + decimal a date, moment - moment a decimal of
 * hours. Texts compare by bytes with = and != only. A value that is empty is absent; exists is never unknown.
 * Arithmetic that would not be exact is unknown.
 *
 * Functions: substr(text, from 1, length)  split(text, "separator")  length(text) in characters
 *   joined(text, "separator", text): unknown where that is longer than a code of a list can be
 *   round(decimal, places 0-18)  abs(decimal)  number(text) -> decimal  day(moment) -> date
 *   year(date) -> decimal  only(text, "signs") -> flag: no other ASCII characters than these
 *   contains(texts, text) -> flag   count(texts) -> decimal
 *   mentions(text, "words") -> flag: they stand somewhere in it
 *   matches(text, "shape") -> flag: shape of 9 digit, A capital letter, X either, other characters themselves
 *   iso6346 iso6346_remainder10 imo gb32100 gb11714 entry (text) -> flag   (identifiers.h)
 * Over the rows of a group, each with an optional `where` behind it, as in
 * sum(item.total where item.currency = "142"):
 *   count(GROUP)  sum(GROUP.field)  min(GROUP.field)  max(GROUP.field)  -- over no rows: 0, 0, unknown,
 *                                                                       unknown
 *   unique(GROUP.field) -> flag  contiguous(GROUP.field) -> flag: the values are 1..n in some order
 *   every_in(texts, GROUP.field) -> flag: each of the texts is a value of the field
 *   repeated(GROUP.field) -> flag, for a current row: a row before it has its value
 * What a row lacks makes them unknown, unless the others decide (two equal values are not unique, whatever a
 * third is).
 *
 * Inside a quantifier, a `where` or an `each GROUP` rule a field of that group is the current row's, and no
 * other group's fields can stand there; outside, a field of a group may stand only in the functions over its
 * rows. So quantifiers do not see each other's rows, and an expression costs at most its nodes times the rows
 * of a group. Limits: 4096 bytes of source, 512 nodes, depth 64; sums over at most DOCUMENT_VALUES_MAX
 * values.
 */
#ifndef EXPR_EXPR_H
#define EXPR_EXPR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/codelist.h"
#include "message/document.h"
#include "message/fields.h"
#include "message/verdict.h"

#define EXPR_SOURCE_MAX 4096
#define EXPR_NODES_MAX  512 /* operands and operators; a literal of a set counts as one */
#define EXPR_DEPTH_MAX  64  /* of brackets, quantifiers, ifs, `not` and signs in each other */

enum truth { TRUTH_UNKNOWN, TRUTH_FALSE, TRUTH_TRUE };
enum expr_type { EXPR_TEXT, EXPR_DECIMAL, EXPR_DATE, EXPR_MOMENT, EXPR_FLAG, EXPR_TEXTS };

struct expr;

struct expr_scope {
    const struct fields *fields;
    const struct codelists *lists;
    const struct field *it; /* what the name `it` stands for; NULL: nothing */
};

struct expr_source {
    const char *file;
    struct text text;
    uint32_t line, column;
}; /* where its text stands */

/* NULL after a mistake (code LINT-EXPR). each: the group of an `each GROUP` rule, or NULL. Lives in the
   arena. */
const struct expr *expr_compile(struct expr_source source, struct expr_scope scope, const struct field *each,
                                struct arena *arena, struct verdict *mistakes);
enum expr_type expr_type(const struct expr *expr);
/* A field without which the expression is unknown, in every row: where a document has no value of it,
 * nobody need ask. NULL: none is needed. */
const struct field *expr_needs(const struct expr *expr);
bool expr_sees_row(const struct expr *expr); /* false: it has one value for all rows of its `each` */

/* What was computed of one expression on one document and holds for all rows: for who asks row after row. */
struct expr_memo;
struct expr_memo *expr_memo_new(const struct expr *expr, struct arena *arena);

/* What was learned of the columns of a document, which has all its values: for who asks many expressions. */
struct expr_columns;
struct expr_columns *expr_columns_new(const struct document *doc, struct arena *arena);

struct expr_context {
    const struct document *doc;
    int32_t today;                /* Asia/Shanghai day of receipt; code lists are read as of it */
    uint32_t row;                 /* the current row of an `each GROUP` rule */
    struct arena *arena;          /* for texts that are made */
    struct expr_memo *memo;       /* NULL: none is kept */
    struct expr_columns *columns; /* NULL: none are kept */
};

enum truth expr_holds(const struct expr *expr,
                      const struct expr_context *context); /* expr_type must be FLAG */

#define EXPR_ROWS_MAX 64

/* A bit for each row, the lowest for the first: where it is true, and where it is false. */
struct expr_truths {
    uint64_t yes, no;
};

/* The same of up to 64 rows from context->row on, those of which asked has the bit. */
struct expr_truths expr_truths(const struct expr *expr, const struct expr_context *context, uint64_t asked);

/* --- telling why ---------------------------------------------------------------------------------------- */

/* The conditions that `and` joins, from left to right; an expression without one is one condition. */
size_t expr_conditions(const struct expr *expr);
/* As it stands in the text, as long as that. */
struct text expr_condition_source(const struct expr *expr, size_t which);
enum truth expr_condition_holds(const struct expr *expr, size_t which, const struct expr_context *context);
/* The fields that stand in it, each once, `max` at most. Returns how many. */
size_t expr_condition_fields(const struct expr *expr, size_t which, const struct field **out, size_t max);

/* The value printed in canonical form. False: unknown. */
bool expr_value(const struct expr *expr, const struct expr_context *context, struct text *out);

/* True: by what its columns are as a whole it is false in no row, so that none need be asked. False says
 * nothing. expr_type must be FLAG; the context has columns. */
bool expr_never_false(const struct expr *expr, const struct expr_context *context);

#endif
