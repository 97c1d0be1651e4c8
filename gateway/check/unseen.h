/*
 * unseen.h - characters in identifiers that nobody sees, or takes for others.
 *
 * A bill of lading pasted from a web page carries a zero-width space, one typed with a Chinese input method a
 * full-width letter, one pasted from a Russian mail Cyrillic ones: on the screen it is the bill that
 * everybody knows, and it is compared with none of them. So an identifier (a field with a form,
 * message/fields.h) that holds such a character is refused, and the character is named by its code point and
 * its own place. Where the format is tolerant (edition/catalog.h) it is a warning. In both cases the value
 * counts as ill: rules do not complain of it again, and it links nothing.
 *
 * Finding code: FORMAT-CHARACTER.
 */
#ifndef CHECK_UNSEEN_H
#define CHECK_UNSEEN_H

#include "message/document.h"
#include "message/verdict.h"
#include "check/places.h"

/* doc: read from the message of `places`. */
void unseen_judge(struct places *places, struct document *doc, enum severity severity,
                  struct verdict *verdict);

#endif
