/*
 * shape.h - what an answer in JSON is made of: its members, of which type each is, and what it means. The
 * table stands beside the code that writes the answer; what the API says of it (/openapi.json, /docs) is made
 * from it, and a test holds what is answered against it.
 *
 * Names are said beside a code in both languages: a member of kind NAMED has NAME_zh and NAME_en beside it,
 * one of kind WORDS is these two alone; where NAME is "", they are `zh` and `en`.
 */
#ifndef BASE_SHAPE_H
#define BASE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* clang-format off */
/*    kind     JSON       what it is */
#define SHAPE_KIND_LIST(X)                                                        \
    X(TEXT,    "string")                                                          \
    X(NUMBER,  "integer")                                                         \
    X(FIGURE,  "number")                                                          \
    X(FLAG,    "boolean")                                                         \
    X(TIME,    "string")  /* RFC 3339, with its offset; or "" for none */         \
    X(DAY,     "string")  /* YYYY-MM-DD; or "" for none */                        \
    X(NAMED,   "string")                                                          \
    X(WORDS,   "string")                                                          \
    X(OBJECT,  "object")  /* with the members of `of` */                          \
    X(LIST,    "array")   /* of objects with the members of `of` */               \
    X(TEXTS,   "array")   /* of strings */                                        \
    X(DETAILS, "object")  /* of strings, which are called as the message has it */
/* clang-format on */

enum shape_kind {
#define X(kind, json) SHAPE_##kind,
    SHAPE_KIND_LIST(X)
#undef X
        SHAPE_KINDS_COUNT
};

struct shape;

struct shape_member {
    const char *name;
    enum shape_kind kind;
    const char *zh, *en; /* what it means; "": its name says it */
    const struct shape *of;
    bool is_optional;
    bool is_nullable; /* of an OBJECT: null, where there is none so far */
};

#define SHAPE_END \
    { .name = NULL }
#define SHAPE_OF(of_members) (&(const struct shape){ .members = (of_members) })

struct shape {
    const char *name;                   /* by which others refer to it; NULL: it stands where it belongs */
    const struct shape_member *members; /* SHAPE_END ends */
};

#define SHAPE_NAME_MAX 64

const char *shape_kind_json(enum shape_kind kind);
/* It has the names NAME_zh and NAME_en beside it, or instead of it. */
bool shape_kind_has_names(enum shape_kind kind);
/* What is called so, of a member that has names: "state_zh", "zh". */
const char *shape_name_in(const struct shape_member *member, enum language language,
                          char out[SHAPE_NAME_MAX]);

#endif
