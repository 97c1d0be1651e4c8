/*
 * mistakes.h - what is wrong with a text an expert wrote (fields, catalog, rules, routes, parties ...), told
 * as a finding with file, line and column; and "did you mean": which known name the writer had in mind.
 *
 *   struct mistakes mistakes = { verdict, "LINT-CATALOG", file };
 *   mistakes_at(&mistakes, mistake_word(line, i), NULL, "未知的字段 %.*s", "there is no field %.*s", ...);
 */
#ifndef MESSAGE_MISTAKES_H
#define MESSAGE_MISTAKES_H

#include <stddef.h>
#include <stdint.h>

#include "base/lines.h"
#include "base/text.h"
#include "message/verdict.h"

struct mistakes {
    struct verdict *verdict;
    const char *code, *file;
};

struct place mistake_place(uint32_t line, uint32_t column, struct text what);
struct place mistake_word(const struct line *line, size_t word); /* behind the last word when there is none */

/* zh and en are printf formats over the same arguments.
 * meant: what was probably meant, or NULL (becomes the hint). */
void mistakes_at(const struct mistakes *mistakes, struct place place, const char *meant, const char *zh,
                 const char *en, ...) __attribute__((format(printf, 4, 6), format(printf, 5, 6)));
/* The same with sentences that are ready: where words of the two languages differ. */
void mistakes_add(const struct mistakes *mistakes, struct place place, const char *meant, const char *zh,
                  const char *en);
/* The line that lines_next() called bad. */
void mistakes_bad_line(const struct mistakes *mistakes, const struct line *line);

/* The known name nearest to a wanted one: start, try each, take what was found. */
struct nearest {
    struct text wanted;
    const char *best;
    size_t distance;
};

void nearest_start(struct nearest *nearest, struct text wanted);
void nearest_try(struct nearest *nearest, const char *candidate); /* borrowed until the end */
const char *nearest_found(const struct nearest *nearest);         /* NULL: nothing is near enough */

#endif
