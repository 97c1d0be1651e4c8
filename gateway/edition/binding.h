/*
 * binding.h - where the fields of the dictionary stand in one format (schemas/FORMAT/binding).
 *
 *   DecHead/BillNo               bill_number
 *   DecHead/IEDate               ie_date          as yyyymmdd
 *   DecLists/DecList             item                          # a group: each such element is a row
 *   DecLists/DecList/GNo         item.number
 *   @Version                     format_version
 *   A/B/@schemeID                some_field
 *   Type/Code                    ie_flag          map IM I EX E    # value pairs; other values are kept as
 *                                                                  they are
 *   Id                           bill_number      when @scheme = BM   # only where the attribute has this
 *                                                                     value
 *   Doc/ID                       licence_number   when TypeCode = 911 # ... or its sibling, before or behind
 *                                                 it
 *   Order/OrderList              item.parcel      row parcel          # the number of the row of that group
 *                                                                     # in which the element stands, from 1
 * Paths go from below the root element, local names only (the schema judges namespaces). Several lines may
 * bind paths to one field: of those that have a value the first line counts; of an element that repeats, its
 * first. A field of a group stands at or below the path of its group. An empty element or attribute is no
 * value.
 *
 * Conversions (`as`): text (default for text and code: trimmed, and in the field's form)  decimal  yyyymmdd
 *   iso-date  iso-moment  yyyymmddhhmmss (local +08:00; a T may follow the day)  zoned-moment (yyyyMMddHHmmss
 *   followed by Z or +hh)  flag (1/0, Y/N, true/false)
 *   A day or moment outside the calendar (base/stamp.h) is ill, but for 9999-12-31 in a field that may be
 *   open.
 * The default follows the field's type: decimal, iso-date, iso-moment, flag. `map` comes before the
 * conversion.
 *
 * While a message is read, binding_enter/attribute/leave follow the elements (check/xsd.c feeds them from the
 * events of either validator) and fill the document.
 */
#ifndef EDITION_BINDING_H
#define EDITION_BINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/document.h"
#include "message/fields.h"
#include "message/verdict.h"

#define BINDING_LINES_MAX 4096
#define BINDING_STEPS_MAX 32
#define BINDING_DEPTH_MAX 256 /* open elements; the gate's limit is far below */

struct binding;

struct binding *binding_load(struct text source, const char *file, const struct fields *fields,
                             struct arena *arena, struct verdict *mistakes); /* code LINT-BINDING */

/* One pass over one message. Without a binding (NULL, doc NULL) a walk only knows its path. */
struct binding_walk;
struct binding_walk *binding_walk_new(const struct binding *binding, struct document *doc,
                                      struct arena *arena);
/* Names must live as long as the walk, values as long as the document. The root element counts as any
 * other. */
void binding_enter(struct binding_walk *walk, struct text local_name);
/* extent: of the value, in the message's UTF-8. */
void binding_attribute(struct binding_walk *walk, struct text local_name, struct text value,
                       struct extent extent);
bool binding_wants_attributes(
    const struct binding_walk *walk);                     /* the element now open has bound attributes */
bool binding_wants_text(const struct binding_walk *walk); /* it is bound itself: gather its text */
/* Ends the element; text is its direct character data. False: DOCUMENT_VALUES_MAX was passed. */
bool binding_leave(struct binding_walk *walk, struct text text, struct extent extent);

/* The elements that a binding says anything of, by number: the root is 0. For who looks up no names. */
uint32_t binding_elements(const struct binding *binding);
bool binding_element_below(const struct binding *binding, uint32_t element, struct text local_name,
                           uint32_t *below);
bool binding_element_attributes(const struct binding *binding, uint32_t element); /* it has bound ones */
/* Like binding_enter(), of an element of that number; the others need not be told. `place`: its number among
 * all elements of the message, from 0. */
void binding_enter_element(struct binding_walk *walk, uint32_t element, uint32_t place);
/* The same of an element without bound attributes and children, and binding_leave(); text is trimmed. */
bool binding_leaf(struct binding_walk *walk, uint32_t element, uint32_t place, struct text text,
                  struct extent extent);
/* A walk that was not told of all elements has a reader who tells another walk all of them, when the path of
 * a value is asked for. */
typedef void binding_reader(void *context, struct binding_walk *walk);
void binding_walk_set_reader(struct binding_walk *walk, binding_reader *reader, void *context);

/* "/DecMessage/DecLists/DecList[2]/GNo" of the element now open; in the arena.
 * Rows of groups and repeated siblings are numbered, from 1; the first of its name has no number unless it is
 * a row. */
const char *binding_path(struct binding_walk *walk);
/* Of a value that this walk has read, also when it is over: ".../Price/@currency". "" when it has read it
 * not. */
const char *binding_path_of(struct binding_walk *walk, const struct value *value);

#endif
