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
 * Header: code, severity, families (one or several joined by commas), then since DAY, until DAY, basis "TEXT",
 * stage engine (such rules are judged by the engine, which adds what it knows; default: stage check).
 * Lines: when EXPR (only messages for which it is TRUE), each GROUP (judged per row, one finding per row),
 * require EXPR (violated only by FALSE), at FIELD, zh, en, hint-zh, hint-en. Long expressions continue on lines
 * that begin with `...`. {field} is replaced by the value, {=EXPR} is not offered.
 */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include "base/arena.h"
#include "message/document.h"
#include "message/expr.h"
#include "message/setup.h"
#include "message/verdict.h"

enum rule_stage { RULE_CHECK, RULE_ENGINE };

struct rules;

struct rule_view { const char *code; enum severity severity; const char *families, *basis, *zh, *en, *require; enum rule_stage stage; };

struct rules *rules_load(const struct setup *setup, const char *name, struct arena *arena, struct verdict *mistakes);   /* LINT-RULE */
/* Judges a document of this family as of `today`; adds findings. */
void rules_judge(const struct rules *rules, enum rule_stage stage, struct text family, const struct document *doc,
                 int32_t today, struct arena *arena, struct verdict *verdict);
size_t rules_count(const struct rules *rules);
struct rule_view rules_view(const struct rules *rules, size_t index);

#endif
