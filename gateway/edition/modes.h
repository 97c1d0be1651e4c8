/*
 * modes.h - the modes in which goods are declared 申报模式 (schemas/modes): by what a declaration says.
 *
 *   mode ship-side "船边直提" "ship-side pick-up"
 *     when ie_flag = "I" and mentions(note, "船边直提")
 *
 * A declaration has each mode whose condition is true; of several, in the order of the text.
 */
#ifndef EDITION_MODES_H
#define EDITION_MODES_H

#include "message/verdict.h"
#include "expr/expr.h"

#define MODES_MAX       16
#define MODE_LENGTH_MAX 32 /* bytes of a code: lower-case letters and - */

struct edition;
struct modes;

/* Mistakes: LINT-MODE. */
struct modes *modes_load(const struct edition *edition, struct verdict *mistakes);
/* "two-step ship-side": those of this message, with a blank between; "" none. In the arena of the context. */
const char *modes_judge(const struct modes *modes, const struct expr_context *context);
/* NULL: there is none of this code. */
const char *mode_name(const struct modes *modes, struct text code, enum language language);

#endif
