/*
 * rules.h - the business rules (schemas/rules): texts with an expression in them.
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
 *
 * Before judging, the caller has made known (document_know) what rules may ask of the gateway
 * itself: format, family, sender, sender_role, channel, received in stage check; what the
 * engine knows besides in stage engine.
 */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "message/document.h"
#include "message/verdict.h"
#include "expr/expr.h"
#include "edition/setup.h"

#define RULES_MAX 2000

enum rule_stage { RULE_CHECK, RULE_ENGINE };

struct rules;

/* What stands in the text; "" and open days (INT32_MIN, INT32_MAX) for what does not.
 * Expressions are on one line. */
struct rule_view {
    const char *code;
    enum severity severity;
    const char *families, *basis, *zh, *en, *require;
    enum rule_stage stage;
    const char *when, *each, *at, *hint_zh, *hint_en;
    int32_t since, until;
    uint32_t line;
};

/* The text `name` of the set-up; none there: no rules. Mistakes: LINT-RULE, LINT-EXPR;
 * rules with mistakes are left out. */
struct rules *rules_load(const struct setup *setup, const char *name, struct arena *arena,
                         struct verdict *mistakes);
/* Judges a document of this family as of `today`; adds findings. */
void rules_judge(const struct rules *rules, enum rule_stage stage, struct text family,
                 const struct document *doc, int32_t today, struct arena *arena, struct verdict *verdict);
size_t rules_count(const struct rules *rules);
struct rule_view rules_view(const struct rules *rules, size_t index);

#endif
