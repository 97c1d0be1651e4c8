/*
 * conversion.h - the one canonical form of a value (message/fields.h), made from what a format writes: `as`
 * of a binding. It is made here and nowhere else: every room behind compares and shows it as it is.
 */
#ifndef EDITION_CONVERSION_H
#define EDITION_CONVERSION_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/fields.h"

/* clang-format off */
/*    name            text              field types it may fill                                 */
#define CONVERSION_LIST(X)                                                                          \
    X(TEXT,           "text",           1u << FIELD_TEXT | 1u << FIELD_CODE)                        \
    X(DECIMAL,        "decimal",        1u << FIELD_DECIMAL)                                        \
    X(YYYYMMDD,       "yyyymmdd",       1u << FIELD_DATE)                                           \
    X(ISO_DATE,       "iso-date",       1u << FIELD_DATE)                                           \
    X(ISO_MOMENT,     "iso-moment",     1u << FIELD_MOMENT)                                         \
    X(YYYYMMDDHHMMSS, "yyyymmddhhmmss", 1u << FIELD_MOMENT)                                         \
    X(ZONED_MOMENT,   "zoned-moment",   1u << FIELD_MOMENT)                                         \
    X(FLAG,           "flag",           1u << FIELD_FLAG)
/* clang-format on */

enum conversion {
#define X(name, text, types) AS_##name,
    CONVERSION_LIST(X)
#undef X
        CONVERSION_COUNT
};

extern const char *const conversion_texts[CONVERSION_COUNT];

bool conversion_fits(enum conversion conversion, enum field_type type);
enum conversion conversion_default(enum field_type type);
/* text: trimmed. False: it is none of what the conversion reads; *out is the text as it is. */
bool conversion_make(enum conversion conversion, const struct field *field, struct text text,
                     struct arena *arena, struct text *out);

#endif
