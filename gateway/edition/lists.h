/*
 * lists.h - reads a code list (schemas/lists/NAME) into message/codelist.h.
 *
 * One line per code: CODE "zh" "en" [from YYYY-MM-DD] [until YYYY-MM-DD]; `until` is the first day on which
 * it is no longer valid. The same code may stand again for other days. Names of lists are lower-case letters,
 * digits and _.
 */
#ifndef EDITION_LISTS_H
#define EDITION_LISTS_H

#include "base/arena.h"
#include "base/text.h"
#include "message/codelist.h"
#include "message/verdict.h"

/* Adds the list `name` from its source. Mistakes: LINT-LIST. */
void lists_load(struct codelists *lists, const char *name, struct text source, const char *file,
                struct arena *arena, struct verdict *mistakes);

#endif
