/*
 * amendments.h - what is changed of a message before it is judged once more, so that nothing hides behind a
 * fault that was told:
 *   LEFT OUT   an element that is not expected makes libxml2 skip the rest of its parent: the fault is
 *              kept and the element withheld. If then its neighbour is unexpected for the same reason,
 *              that was one fault (an element missing before both), and only the first is told. Where the
 *              format is tolerant the fault is a warning, and that is all there is to it.
 *   UNKNOWN    where the format is tolerant, a name that the schema has nowhere in an element of its
 *              parent's name: it is told once and withheld wherever it stands in such a parent, a thousand
 *              times if need be.
 *   TRIMMED    libxml2 2.9.14 refuses white space around dates, which XML Schema collapses. A value that
 *              is of the wrong type but breaks no facet has a type that is not a string, and all those
 *              collapse: so trimming it is always right.
 *
 * Texts are borrowed: they live as long as the message or its arena.
 * Limits  AMENDMENTS_MAX of all kinds in one message; what is beyond is not amended.
 */
#ifndef CHECK_AMENDMENTS_H
#define CHECK_AMENDMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define AMENDMENTS_MAX 256

enum amendment_kind { AMENDMENT_LEFT_OUT, AMENDMENT_TRIMMED, AMENDMENT_UNKNOWN };

struct amendment {
    enum amendment_kind kind;
    uint32_t element, parent;      /* their numbers in the message */
    struct text attribute;         /* TRIMMED: its value; empty: the element's text */
    struct text expected;          /* LEFT_OUT: what was, in its place */
    struct text name, parent_name; /* UNKNOWN */
};

struct amendments {
    struct amendment list[AMENDMENTS_MAX];
    size_t count, unknown_count;
};

void amendments_clear(struct amendments *amendments);
/* False: there is no room, or (but for UNKNOWN) it is there already. */
bool amendments_add(struct amendments *amendments, const struct amendment *amendment);
/* LEFT_OUT or TRIMMED */
bool amendments_has(const struct amendments *amendments, enum amendment_kind kind, uint32_t element,
                    struct text attribute);
bool amendments_has_unknown(const struct amendments *amendments, struct text name, struct text parent_name);
/* Whether, among the first `count`, a child of this parent was left out where the same was expected. */
bool amendments_expected(const struct amendments *amendments, size_t count, uint32_t parent,
                         struct text expected);

#endif
