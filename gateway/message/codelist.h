/*
 * codelist.h - code lists: codes with names and days of validity. They are read from schemas/lists
 * (edition/lists.h); expr writes them as `in NAME`.
 */
#ifndef MESSAGE_CODELIST_H
#define MESSAGE_CODELIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

struct codelist;
struct codelists;

#define CODELISTS_MAX      256
#define CODELIST_CODES_MAX 100000
#define CODE_LENGTH_MAX    64

struct code {
    struct text code;
    int32_t from_day,
        until_day; /* the first day on which it is no longer valid; INT32_MIN, INT32_MAX: open */
    const char *zh, *en;
    uint32_t line; /* where it stands */
};

struct codelists *codelists_new(struct arena *arena);
bool codelists_have_room(const struct codelists *lists);
/* There is none of this name yet, and room for it. codes: borrowed for the life of the lists, and sorted by
 * code and first day. The same code may be there again for other days. */
void codelists_add(struct codelists *lists, const char *name, struct code *codes, size_t count);
const struct codelist *codelists_find(const struct codelists *lists,
                                      struct text name); /* NULL: no such list */
const char *codelists_nearest(const struct codelists *lists,
                              struct text name); /* for "did you mean"; or NULL */
/* All of them, by code and first day. Lives as long as the list. */
const struct code *codelist_codes(const struct codelist *list, size_t *count);
bool codelist_has(const struct codelist *list, struct text code, int32_t day);
const char *codelist_name_of(const struct codelist *list, struct text code, int32_t day,
                             enum language language); /* NULL: unknown code */

#endif
