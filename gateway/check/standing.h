/*
 * standing.h - may this party send this format, in that name, under that id? Identity comes from the
 * channel; what a party may do stands in the parties file.
 *
 * Finding codes: STAND-ROLE, STAND-CODE, STAND-ID.
 */
#ifndef CHECK_STANDING_H
#define CHECK_STANDING_H

#include "message/document.h"
#include "message/verdict.h"
#include "edition/edition.h"
#include "check/places.h"

/* The role by which the party may send this format; NULL: it may not. */
const char *standing_role(const struct party *party, const struct format *format);
void standing_judge(const struct edition *edition, const struct party *party, const struct format *format,
                    const struct document *doc, struct places *places, struct verdict *verdict);

#endif
