/*
 * phrase.h - a run of words of an expert's line as it stands there, quotes and all: an expression.
 */
#ifndef ENGINE_PHRASE_H
#define ENGINE_PHRASE_H

#include "base/lines.h"
#include "message/expr.h"
#include "message/mistakes.h"
#include "message/setup.h"

/* The words first to last (from 1; last may be the line's last) as one text. */
struct text phrase_text(const struct line *line, size_t first, size_t last);
/* The same compiled against the set-up's dictionary and lists; NULL after a mistake. */
const struct expr *phrase_compile(const struct line *line, size_t first, size_t last, const struct setup *setup,
                                  const struct mistakes *mistakes, struct arena *arena);
/* Whether "a,b,c" has this one. */
bool phrase_list_has(struct text list, struct text item);
/* Every family of "a,b,c", which is a word of the line, must be in the catalog. */
void phrase_check_families(const struct line *line, size_t word, const struct setup *setup,
                           const struct mistakes *mistakes);

#endif
