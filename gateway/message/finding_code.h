/*
 * finding_code.h - every code that the gateway itself gives to a finding or an answer, and what it stands
 * for.
 *
 * A code is named after the rule that is broken, by the standard's own name where it has one: XSD-PATTERN
 * for cvc-pattern-valid of XML Schema, XML-ELEMENT-TYPE-MATCH for that constraint of XML 1.0. It says
 * nothing of the validator that found it out, for receipts are archived for years and validators change.
 * The codes of business rules are not here: they stand in schemas/rules.
 */
#ifndef MESSAGE_FINDING_CODE_H
#define MESSAGE_FINDING_CODE_H

#include <stddef.h>

struct finding_meaning {
    const char *code;                            /* "XSD-PATTERN" */
    const char *basis;                           /* standard and clause; "": a rule of the gateway's own */
    const char *zh, *en;                         /* what it stands for, in one sentence */
    const char *explanation_zh, *explanation_en; /* what to do about it; "" where there is no more to say */
};

const struct finding_meaning *finding_meaning(const char *code);      /* one of ours: else panic */
const struct finding_meaning *finding_meaning_find(const char *code); /* NULL: none of ours */
const struct finding_meaning *finding_meaning_at(size_t index);       /* all of them; NULL behind the last */

#endif
