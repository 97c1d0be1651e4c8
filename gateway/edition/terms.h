/*
 * terms.h - how many days the law or the port gives for something 期限 (schemas/terms).
 *
 *   term summary-due  14 days  from 2019-08-24
 *     basis  "GACC 127/2019"
 *     zh     概要申报后提交完整申报的期限
 *     en     from the summary declaration to the complete one
 *
 * A tolerance is a term whose number is of permille 千分之, not of days:
 *
 *   term weighing-tolerance  5 permille
 *
 * Days are of 24 hours, counted from the moment at which the term begins. A term that changed stands once for
 * each day `from` which it is another; without it stands what has been so since ever. Before the first of
 * these days the first one holds. What the engine counts by is in the list below: nothing else may stand in
 * the text, and each of them must (engine.h, engine_check()).
 */
#ifndef EDITION_TERMS_H
#define EDITION_TERMS_H

#include <stdint.h>

#include "message/verdict.h"

/* clang-format off */
#define TERM_LIST(X)                                                                                         \
    X(SUMMARY_WARNING, "summary-warning") /* from a summary declaration 概要申报 to the warning that ...  */ \
    X(SUMMARY_DUE,     "summary-due")     /* ... the complete declaration 完整申报 is due                 */ \
    X(ADVANCE_EXPORT,  "advance-export")  /* from an advance declaration of an export to its goods        */ \
    X(DIRECT_PASSAGE,  "direct-passage")  /* the longest through the port of goods that pass directly     */ \
    X(COMPLAINT_ANSWER, "complaint-answer") /* from a complaint 投诉 to the operator's answer             */ \
    X(ALERT_CLOSED, "alert-closed")         /* from closing an alert 预警 to forgetting it                 */ \
    X(PICK_UP, "pick-up")                   /* from a pick-up token 电子化提箱 to its end                  */ \
    X(SUPPLEMENT_REPLY, "supplement-reply") /* from a notice 补充单证 to the documents               */ \
    X(WEIGHING_TOLERANCE, "weighing-tolerance") /* permille 千分之: a weighing 过磅 against its draw */ \
    X(ORIGIN_REVIEW,   "origin-review")   /* from taking an application 原产地证书 to back in the queue    */ \
    X(RATING_CHANGE,   "rating-change")   /* from a rating 服务评价 to when it is final                    */ \
    X(UNDECLARED_SOLD, "undeclared-sold") /* goods that nobody declares are sold: what is older is others' */ \
    X(IMPORT_DECLARED, "import-declared") /* from the entry of imports to their declaration               */ \
    X(ADVANCE_DECLARED, "advance-declared") /* the longest from an advance declaration 提前申报 to the ship */
/* clang-format on */

enum term {
#define X(name, text) TERM_##name,
    TERM_LIST(X)
#undef X
        TERMS_COUNT
};

#define TERM_DAYS_MAX 3650
#define TERMS_MAX     256 /* lines of the text */

struct edition;
struct terms;

/* Mistakes: LINT-TERM. */
struct terms *terms_load(const struct edition *edition, struct verdict *mistakes);
const char *term_name(enum term term);
/* What holds on this day, in the unit of the term; 0 when the text has no such term. */
int terms_number(const struct terms *terms, enum term term, int32_t today);
int terms_days(const struct terms *terms, enum term term, int32_t today);
int terms_permille(const struct terms *terms, enum term term, int32_t today); /* of a tolerance */

#endif
