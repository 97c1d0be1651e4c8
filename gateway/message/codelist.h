/*
 * codelist.h - code lists (schemas/lists/NAME): codes with names and days of validity.
 *
 * One line per code: CODE "zh" "en" [from YYYY-MM-DD] [until YYYY-MM-DD]; `until` is the first day on which
 * it is no longer valid. The same code may stand again for other days. Names of lists are lower-case letters,
 * digits and _ ; expr writes them as `in NAME`.
 */
#ifndef MESSAGE_CODELIST_H
#define MESSAGE_CODELIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/verdict.h"

struct codelist;
struct codelists;

#define CODELISTS_MAX      256
#define CODELIST_CODES_MAX 100000
#define CODE_LENGTH_MAX    64

struct codelists *codelists_new(struct arena *arena);
/* Adds the list `name` from its source; mistakes have code LINT-LIST. */
void codelists_load(struct codelists *lists, const char *name, struct text source, const char *file,
                    struct verdict *mistakes);
const struct codelist *codelists_find(const struct codelists *lists,
                                      struct text name); /* NULL: no such list */
const char *codelists_nearest(const struct codelists *lists,
                              struct text name); /* for "did you mean"; or NULL */
bool codelist_has(const struct codelist *list, struct text code, int32_t day);
const char *codelist_name_of(const struct codelist *list, struct text code, int32_t day,
                             enum language language); /* NULL: unknown code */

#endif
