/*
 * rule_set.h - the business rules (schemas/rules), compiled: texts with an expression in them. What they
 * find in a message is asked by check/rules.h.
 *
 *   rule D01  error  declaration  since 2018-08-01  basis "GACC 67/2018"
 *     require gross_weight >= net_weight
 *     at      gross_weight
 *     zh      毛重 {gross_weight} 小于净重 {net_weight}
 *     en      gross weight {gross_weight} is less than net weight {net_weight}
 *     hint-zh ...
 *     hint-en ...
 * Header: code, severity, families (one or several joined by commas), then since DAY, until DAY
 * (the first day it no longer holds), basis "TEXT", stage engine (such rules are judged by the
 * engine, which adds what it knows; default: stage check). Several rules may have one code:
 * together they are what the code stands for.
 * Lines: when EXPR (only messages for which it is TRUE), each GROUP (judged per row, one finding per
 * row; all expressions then see the row), require EXPR (violated only by FALSE), at FIELD ... (the
 * finding stands at the first of them that the message has), zh, en, hint-zh, hint-en. Long
 * expressions continue on lines that begin with `...`. {field} is replaced by the value, of a code
 * with its name behind it; {=EXPR} is not offered.
 * A block with `for FIELD ...` stands for as many rules as fields: in each of them `it` is one of these, {it}
 * its value and {its name} what the dictionary calls it.
 */
#ifndef EDITION_RULE_SET_H
#define EDITION_RULE_SET_H

#include <stddef.h>
#include <stdint.h>

#include "message/verdict.h"
#include "expr/expr.h"
#include "edition/catalog.h"

#define RULE_SET_MAX      2000
#define RULE_PLACES_MAX   8 /* fields of one `at` */
#define RULE_FAMILIES_MAX CATALOG_FORMATS_MAX

struct edition;
enum rule_stage { RULE_CHECK, RULE_ENGINE, RULE_STAGES };

/* Texts that were not given are "", days that are open INT32_MIN and INT32_MAX. */
struct rule {
    const struct field
        *needed[2]; /* by `require` and `when`: without its values nothing is judged; or NULL */
    enum rule_stage stage;
    int32_t since, until;
    uint32_t when_number;     /* of a `when` that does not look at rows: which of the set's */
    const struct field *each; /* NULL: judged once a message */
    const struct expr *when;  /* NULL: always. Those that say the same for all rows are one */
    const struct expr *require;
    const char *code;
    enum severity severity;
    struct families families;
    const struct field *places[RULE_PLACES_MAX];
    size_t places_count;
    const char *zh, *en, *hint_zh, *hint_en; /* with {field} in them: rule_placeholder() */

    /* As people read it, expressions on one line. */
    const char *basis, *families_text, *when_text, *require_text, *at_text;
    uint32_t line;
};

/* Those that concern a family, in their order. */
struct rule_choice {
    struct text family;
    const struct rule **list[RULE_STAGES];
    size_t counts[RULE_STAGES];
};

struct rule_set {
    struct rule *list;
    size_t count;
    size_t whens_count; /* that do not look at rows, and say different things */
    struct rule_choice *choices;
    size_t choices_count;
    const struct codelists *lists; /* with the names of codes, for sentences */
};

/* NULL: no rule concerns the family. */
const struct rule_choice *rule_set_choice(const struct rule_set *rules, struct text family);
/* The text `rules`; none there: no rules. Mistakes: LINT-RULE, LINT-EXPR; rules with them are left out. */
struct rule_set *rule_set_load(const struct edition *edition, struct verdict *mistakes);
/* Cuts the next {name} off a sentence: before gets what stands before it. False: no more, before has the
   rest. */
bool rule_placeholder(struct text *rest, struct text *before, struct text *name);

#endif
