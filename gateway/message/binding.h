/*
 * binding.h - where the fields of the dictionary stand in one format (schemas/FORMAT/binding).
 *
 *   DecHead/BillNo               bill_number
 *   DecHead/IEDate               ie_date          as yyyymmdd
 *   DecLists/DecList             item                          # a group: each such element is a row
 *   DecLists/DecList/GNo         item.number
 *   @Version                     format_version
 *   A/B/@schemeID                some_field
 *   Type/Code                    ie_flag          map IM I EX E    # value pairs; other values are kept as they are
 *   Id                           bill_number      when @scheme = BM # only where the element's attribute (or the
 *                                                                  # already read sibling child) has this value
 * Paths go from below the root element, local names only (the schema judges namespaces). One line binds one
 * path; several lines may bind paths to one field: the first that has a value counts.
 *
 * Conversions (`as`): text (default for text and code: trimmed)  decimal  yyyymmdd  iso-date  iso-moment
 *   yyyymmddhhmmss (local +08:00)  zoned-moment (yyyyMMddHHmmss followed by Z or +hh)  flag (1/0, Y/N, true/false)
 * The default follows the field's type: decimal, iso-date, iso-moment, flag.
 *
 * While a message is read, binding_enter/text/attribute/leave follow the elements (check/xsd.c feeds them from
 * its SAX events; a later validator will call them too) and fill the document.
 */
#ifndef MESSAGE_BINDING_H
#define MESSAGE_BINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/document.h"
#include "message/fields.h"
#include "message/verdict.h"

struct binding;

struct binding *binding_load(struct text source, const char *file, const struct fields *fields, struct arena *arena,
                             struct verdict *mistakes);      /* code LINT-BINDING */

/* One pass over one message. */
struct binding_walk;
struct binding_walk *binding_walk_new(const struct binding *binding, struct document *doc, struct arena *arena);
/* place: of the start tag's value for attributes; of the text for leave. All texts are borrowed for the call. */
void binding_enter(struct binding_walk *walk, struct text local_name);        /* the root element included */
void binding_attribute(struct binding_walk *walk, struct text local_name, struct text value, struct place place);
bool binding_wants_text(const struct binding_walk *walk);                     /* this element is bound: gather its text */
/* Ends the element; text is its direct character data. False: DOCUMENT_VALUES_MAX was passed. */
bool binding_leave(struct binding_walk *walk, struct text text, struct place place);
/* "/DecMessage/DecLists/DecList[2]/GNo" of the element now open; in the arena. */
const char *binding_path(struct binding_walk *walk);

#endif
