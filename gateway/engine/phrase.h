/*
 * phrase.h - what the readers of the engine's texts share: their lines, and a run of words of a line as it
 * stands there, quotes and all: an expression.
 */
#ifndef ENGINE_PHRASE_H
#define ENGINE_PHRASE_H

#include "base/lines.h"
#include "message/mistakes.h"
#include "expr/expr.h"
#include "edition/setup.h"

/* Hands each line of the set-up's text (the file of the mistakes) to read(); one that is bad is told
   instead. */
void phrase_each_line(const struct setup *setup, struct arena *arena, const struct mistakes *mistakes,
                      void (*read)(const struct line *line, void *context), void *context);
/* The words first to last (from 1; last may be the line's last) compiled against the set-up's
 * dictionary and lists; NULL after a mistake. */
const struct expr *phrase_compile(const struct line *line, size_t first, size_t last,
                                  const struct setup *setup, const struct mistakes *mistakes,
                                  struct arena *arena);
/* Whether "a,b,c" has this one. */
bool phrase_list_has(struct text list, struct text item);
/* Every family of "a,b,c", which is a word of the line, must be in the catalog. */
void phrase_check_families(const struct line *line, size_t word, const struct setup *setup,
                           const struct mistakes *mistakes);

#endif
