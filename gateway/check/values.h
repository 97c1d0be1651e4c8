/*
 * values.h - values that a schema lets pass and nobody could use: days that no calendar has, identifiers
 * longer than any, and identifiers with characters that nobody sees (unseen.h).
 *
 * Finding codes: FORMAT-DAY, FORMAT-ID, FORMAT-CHARACTER.
 */
#ifndef CHECK_VALUES_H
#define CHECK_VALUES_H

#include "message/document.h"
#include "message/verdict.h"
#include "check/places.h"

/* severity: of what is found, a warning where the format is tolerant. What is found of an identifier makes
 * it ill: rules do not complain of it again, and it links nothing. */
void values_judge(struct document *doc, struct places *places, enum severity severity,
                  struct verdict *verdict);

#endif
