/*
 * pairs.h - code lists whose codes are pairs A/B of what is kept apart: the classes and segregation groups of
 * dangerous goods (dg_segregated, dg_kept_away). The engine compares them as bits of one word, one for each
 * name that stands in a pair (engine/segregation.h), so there is an end to the names.
 */
#ifndef EDITION_PAIRS_H
#define EDITION_PAIRS_H

#include <stdbool.h>

#include "base/text.h"
#include "message/verdict.h"

struct edition;

#define PAIRS_SEGREGATED TEXT("dg_segregated") /* never together */
#define PAIRS_KEPT_AWAY  TEXT("dg_kept_away")  /* together once somebody has looked at it */
#define PAIR_NAMES_MAX   64                    /* of both lists, whatever the days of their codes */

/* False: it is not two names with a / between. */
bool pair_split(struct text code, struct text *left, struct text *right);
/* What is no pair, and the first name beyond the limit, are mistakes: LINT-LIST. The lists have been read. */
void pairs_check(const struct edition *edition, struct verdict *mistakes);

#endif
