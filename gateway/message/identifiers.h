/*
 * identifiers.h - check digits and shapes of the identifiers of the trade, one pure function each.
 * They are the named functions of expr (same names without the prefix).
 */
#ifndef MESSAGE_IDENTIFIERS_H
#define MESSAGE_IDENTIFIERS_H

#include <stdbool.h>

#include "base/text.h"

/* Container 箱号: 4 letters (the last U, J or Z), 6 digits, check digit; remainder 10 counts as 0. */
bool identifier_iso6346(struct text text);
bool identifier_iso6346_remainder10(struct text text);   /* valid, but of the kind owners are advised to avoid */
bool identifier_imo(struct text text);            /* IMO ship number, with or without the prefixes IMO, UN, CN */
bool identifier_gb32100(struct text text);        /* unified social credit code 统一社会信用代码 */
bool identifier_gb11714(struct text text);        /* organisation code 组织机构代码, with or without the hyphen */
/* Customs entry number 海关编号: 4 digits of the customs, 4 of the year, I/E digit, 9 of the serial. */
bool identifier_entry(struct text text);

#endif
