/*
 * identifiers.h - the canonical form of identifiers, and check digits and shapes of those of the trade, one
 * pure function each. The latter are the named functions of expr (same names without the prefix).
 *
 * One bill of lading is written "COSU77 1", "cosu77 1" and "COSU77  1". Its canonical form is made once,
 * where the binding makes the value (edition/binding.h), and all that compares later (rules, routes, the
 * engine, the table of seen ids) compares that. What a person asks for (track, ?id=) is brought there by the
 * same function.
 */
#ifndef MESSAGE_IDENTIFIERS_H
#define MESSAGE_IDENTIFIERS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/* clang-format off */
/*    name       text        its canonical form                                                          */
#define IDENTIFIER_FORM_LIST(X)                                                                          \
    X(NONE,      "",         "not an identifier: as it was written")                                     \
    X(TOKEN,     "token",    "blanks collapsed, as xs:token (XML Schema part 2, 4.3.6): own ids")         \
    X(CAPITALS,  "capitals", "the same, ASCII letters in capitals: numbers that are written either way")
/* clang-format on */

enum identifier_form {
#define X(name, text, form) IDENTIFIER_##name,
    IDENTIFIER_FORM_LIST(X)
#undef X
};

#define IDENTIFIER_LENGTH_MAX 256 /* bytes; the longest of the formats have 64 characters */

/* The text itself where it is canonical already, else a copy in the arena. */
struct text identifier_canonical(enum identifier_form form, struct text text, struct arena *arena);

/* Container 箱号: 4 letters (the last U, J or Z), 6 digits, check digit; remainder 10 counts as 0. */
bool identifier_iso6346(struct text text);
bool identifier_iso6346_remainder10(
    struct text text);                     /* valid, but of the kind owners are advised to avoid */
bool identifier_imo(struct text text);     /* IMO ship number, with or without the prefixes IMO, UN, CN */
bool identifier_gb32100(struct text text); /* unified social credit code 统一社会信用代码 */
bool identifier_gb11714(struct text text); /* organisation code 组织机构代码, with or without the hyphen */
/* Customs entry number 海关编号: 4 digits of the customs, 4 of the year, I/E digit, 9 of the serial. */
bool identifier_entry(struct text text);

#endif
