/*
 * content.h - a schema as far as a sentence needs it. Which children an element may have, and which of them
 * it must have: the validator, asked what is missing, tells what may come next, optional or not. And which
 * built-in type the values of a type look like: the validator tells the schema's own names of types, which
 * mean nothing to a sender.
 *
 * Filled while the documents of a schema are read (schema.c), then only asked. A type whose children cannot
 * be told from its own lines (a group it refers to) is left out: then nothing is named, rather than the wrong
 * thing.
 *
 * Limits    CONTENT_CHILDREN_MAX children in a schema; what is beyond is left out as well.
 * Thread    filling: one; asking: any.
 */
#ifndef CHECK_CONTENT_H
#define CHECK_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

#define CONTENT_CHILDREN_MAX 100000
#define CONTENT_SEEN_MAX     512 /* different children of one element that are told apart */

struct content;

struct content *content_new(void);
void content_free(struct content *content); /* NULL is fine */

/* --- filling; names without their namespace ------------------------------------------------------------ */

/* The next type; what follows is about it. name "": an anonymous one, of the element of that name only. */
void content_type(struct content *content, struct text name, struct text element);
/* Of the type begun last. */
void content_base(struct content *content, struct text type); /* it extends that type */
void content_child(struct content *content, struct text name, bool required);
void content_unknown(struct content *content); /* its children cannot all be told */
void content_element(struct content *content, struct text element,
                     struct text type); /* this element has that type */

/* Values of that simple type, or of elements of that name (of an anonymous type), are of this one, too:
 * "xs:decimal", or another's name. A union has several. */
void content_value(struct content *content, struct text type, struct text element, struct text base);

/* --- asking -------------------------------------------------------------------------------------------- */

/* The required children of an element that are not among those seen, as "A, B, C", a dozen at most; "" when
 * that cannot be told: elements of one name have several types that lack different things, or what is wanted
 * next is none of them (one of a choice, an element once more). expected: children that may come next, "A, B"
 * with or without namespaces: by these a type is recognised. */
struct text content_missing(const struct content *content, struct text element, struct text expected,
                            const struct text *seen, size_t seen_count, struct arena *arena);

/* Whether an element may have such a child, by any of its types; true when that cannot be told. */
bool content_has(const struct content *content, struct text element, struct text child);

/* "xs:decimal": the one built-in type that says how values of this type look (type "": of elements of this
 * name). "" when there are several, or none but text. */
struct text content_built_in(const struct content *content, struct text type, struct text element);

#endif
