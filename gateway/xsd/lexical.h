/*
 * lexical.h - the built-in simple types of XML Schema (part 2, section 3) and how their values are written.
 *
 * Values come with white space normalised as the type says. What is taken is valid; at the edges (years
 * before 1 and after 9999, 24:00:00, fractions of a second of more than 12 digits, URIs of odd shape, numbers
 * of more than 24 digits, names beyond ASCII) not all that is valid is taken.
 */
#ifndef XSD_LEXICAL_H
#define XSD_LEXICAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define LEXICAL_DIGITS_MAX 24 /* of a number */

enum lexical_space { LEXICAL_PRESERVE, LEXICAL_REPLACE, LEXICAL_COLLAPSE };

/* What facets a type has, and how its values are compared. */
enum lexical_family {
    LEXICAL_TEXT,   /* lengths in characters */
    LEXICAL_OCTETS, /* lengths in octets */
    LEXICAL_NUMBER, /* ranges and digits */
    LEXICAL_MOMENT, /* ranges; else compared as written */
    LEXICAL_OTHER,  /* compared as written only */
};

/* clang-format off */
/*    id                name                  family  white space  least and greatest; "" none */
#define LEXICAL_LIST(X) \
    X(ANY,              "anySimpleType",      TEXT,   PRESERVE, "", "") \
    X(STRING,           "string",             TEXT,   PRESERVE, "", "") \
    X(NORMALIZED,       "normalizedString",   TEXT,   REPLACE,  "", "") \
    X(TOKEN,            "token",              TEXT,   COLLAPSE, "", "") \
    X(LANGUAGE,         "language",           TEXT,   COLLAPSE, "", "") \
    X(NAME,             "Name",               TEXT,   COLLAPSE, "", "") \
    X(NCNAME,           "NCName",             TEXT,   COLLAPSE, "", "") \
    X(NMTOKEN,          "NMTOKEN",            TEXT,   COLLAPSE, "", "") \
    X(ID,               "ID",                 TEXT,   COLLAPSE, "", "") \
    X(IDREF,            "IDREF",              TEXT,   COLLAPSE, "", "") \
    X(URI,              "anyURI",             TEXT,   COLLAPSE, "", "") \
    X(BOOLEAN,          "boolean",            OTHER,  COLLAPSE, "", "") \
    X(DECIMAL,          "decimal",            NUMBER, COLLAPSE, "", "") \
    X(INTEGER,          "integer",            NUMBER, COLLAPSE, "", "") \
    X(LONG,             "long",               NUMBER, COLLAPSE, "-9223372036854775808", "9223372036854775807") \
    X(INT,              "int",                NUMBER, COLLAPSE, "-2147483648", "2147483647") \
    X(SHORT,            "short",              NUMBER, COLLAPSE, "-32768", "32767") \
    X(BYTE,             "byte",               NUMBER, COLLAPSE, "-128", "127") \
    X(NOT_NEGATIVE,     "nonNegativeInteger", NUMBER, COLLAPSE, "0", "") \
    X(POSITIVE,         "positiveInteger",    NUMBER, COLLAPSE, "1", "") \
    X(NOT_POSITIVE,     "nonPositiveInteger", NUMBER, COLLAPSE, "", "0") \
    X(NEGATIVE,         "negativeInteger",    NUMBER, COLLAPSE, "", "-1") \
    X(UNSIGNED_LONG,    "unsignedLong",       NUMBER, COLLAPSE, "0", "18446744073709551615") \
    X(UNSIGNED_INT,     "unsignedInt",        NUMBER, COLLAPSE, "0", "4294967295") \
    X(UNSIGNED_SHORT,   "unsignedShort",      NUMBER, COLLAPSE, "0", "65535") \
    X(UNSIGNED_BYTE,    "unsignedByte",       NUMBER, COLLAPSE, "0", "255") \
    X(FLOAT,            "float",              OTHER,  COLLAPSE, "", "") \
    X(DOUBLE,           "double",             OTHER,  COLLAPSE, "", "") \
    X(DURATION,         "duration",           OTHER,  COLLAPSE, "", "") \
    X(DATE_TIME,        "dateTime",           MOMENT, COLLAPSE, "", "") \
    X(DATE,             "date",               MOMENT, COLLAPSE, "", "") \
    X(TIME,             "time",               MOMENT, COLLAPSE, "", "") \
    X(YEAR_MONTH,       "gYearMonth",         MOMENT, COLLAPSE, "", "") \
    X(YEAR,             "gYear",              MOMENT, COLLAPSE, "", "") \
    X(MONTH_DAY,        "gMonthDay",          OTHER,  COLLAPSE, "", "") \
    X(DAY,              "gDay",               OTHER,  COLLAPSE, "", "") \
    X(MONTH,            "gMonth",             OTHER,  COLLAPSE, "", "") \
    X(HEX,              "hexBinary",          OCTETS, COLLAPSE, "", "") \
    X(BASE64,           "base64Binary",       OCTETS, COLLAPSE, "", "")
/* clang-format on */

enum lexical_type {
#define X(id, name, family, space, least, greatest) LEXICAL_##id,
    LEXICAL_LIST(X)
#undef X
        LEXICAL_COUNT
};

struct lexical_info {
    const char *name;
    enum lexical_family family;
    enum lexical_space space;
    const char *least, *greatest;
};
extern const struct lexical_info lexical_infos[LEXICAL_COUNT];

bool lexical_accepts(enum lexical_type type, struct text value);

/* The octets a value of hexBinary or base64Binary stands for. */
size_t lexical_octets(enum lexical_type type, struct text value);

/* A decimal number as written, cut to what counts. */
struct number {
    bool negative;
    struct text whole;    /* no zeros in front */
    struct text fraction; /* no zeros behind */
};
bool number_read(enum lexical_type type, struct text value, struct number *out);
/* The same where more may be read behind the value, up to `end`: most often at once. */
bool number_read_within(enum lexical_type type, struct text value, const char *end, struct number *out);
int number_compare(const struct number *a, const struct number *b);
/* -12.5, 0.5, 0 ...: one spelling for each number. Writes at most LEXICAL_DIGITS_MAX + 3 bytes. */
size_t number_print(const struct number *number, char *out);

/* A value of the LEXICAL_MOMENT types as a point on their line: in UTC if it has a zone. */
struct moment {
    int64_t second, picosecond;
    bool zoned;
};
bool moment_read(enum lexical_type type, struct text value, struct moment *out);

/* Where one has a zone and the other has not, it may be any (3.2.7.4). */
enum moment_order { MOMENT_BEFORE, MOMENT_SAME, MOMENT_AFTER, MOMENT_ANY };
enum moment_order moment_compare(const struct moment *a, const struct moment *b);

#endif
