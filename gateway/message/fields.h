/*
 * fields.h - the dictionary of the house (schemas/fields): every canonical datum with its type and names.
 *
 * It is read from schemas/fields (edition/dictionary.h). Rules, routes, segments and bindings are checked
 * against it when they are loaded, so a misspelt field is a mistake with a line. A name with a dot belongs to
 * the group before the dot, which repeats (item.hs_code is one per goods item). A text or code with a form
 * (message/identifiers.h) is an identifier: its values are compared in that form, and hold no character that
 * nobody sees (check/unseen.h).
 */
#ifndef MESSAGE_FIELDS_H
#define MESSAGE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/identifiers.h"

/* clang-format off */
/*    name      text       canonical form of a value                                                   */
#define FIELD_TYPE_LIST(X)                                                                                \
    X(TEXT,     "text",     "UTF-8, white space at both ends removed")                                    \
    X(CODE,     "code",     "a text that a code list explains")                                           \
    X(DECIMAL,  "decimal",  "xs:decimal: -12.50")                                                         \
    X(DATE,     "date",     "YYYY-MM-DD of the calendar (stamp.h), or 9999-12-31 where it may be open")   \
    X(MOMENT,   "moment",   "RFC 3339 with zone; what came without one is +08:00")                        \
    X(FLAG,     "flag",     "true or false")                                                              \
    X(GROUP,    "group",    "no value of its own: it repeats, its fields are NAME.field")
/* clang-format on */

enum field_type {
#define X(name, text, form) FIELD_##name,
    FIELD_TYPE_LIST(X)
#undef X
};

struct field {
    int id;           /* index in the dictionary */
    const char *name; /* "item.hs_code" */
    size_t length;    /* of the name; set by fields_add() */
    enum field_type type;
    enum identifier_form form;
    int group;                 /* id of its group; -1: once a message */
    const char *zh, *en, *wco; /* wco may be "" */
    const char *list;          /* CODE: the code list, or "" */
    bool open;                 /* a date that may be 9999-12-31, which says that there is none (`open`) */
    bool known;                /* not from the message: what the gateway knows (marked `known`) */
};

struct fields;

#define FIELDS_MAX     4096
#define FIELD_NAME_MAX 64

struct fields *fields_new(struct arena *arena);
/* Its id is its place in the list. There is none of its name yet, and room for it (FIELDS_MAX). The texts are
 * borrowed for the life of the dictionary. */
void fields_add(struct fields *fields, const struct field *field);
size_t fields_count(const struct fields *fields);
const struct field *fields_at(const struct fields *fields, int id);
const struct field *fields_find(const struct fields *fields, struct text name);    /* NULL: no such field */
const struct field *fields_nearest(const struct fields *fields, struct text name); /* for "did you mean" */

#endif
