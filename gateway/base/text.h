/*
 * text.h - a borrowed run of bytes with its length, and what we ask of texts: comparing, cutting,
 * numbers, UTF-8 characters and their width on a screen.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text { const char *at; size_t length; };

enum language { LANGUAGE_ZH, LANGUAGE_EN };

#define TEXT(literal) ((struct text){ "" literal, sizeof(literal) - 1 })
#define TEXT_FORMAT "%.*s"                                 /* printf("..." TEXT_FORMAT, TEXT_ARGS(text)) */
#define TEXT_ARGS(text) (int)(text).length, (text).at

struct text text_of(const char *string);                   /* NULL gives the empty text */
bool        text_equal(struct text a, struct text b);
bool        text_is(struct text text, const char *string);
int         text_compare(struct text a, struct text b);    /* byte order, as strcmp */
bool        text_starts(struct text text, const char *prefix);
struct text text_trim(struct text text);                   /* XML white space off both ends */
/* Cuts the first part off rest. After the last rest.at is NULL:
 *   while (rest.at) { struct text part = text_until(&rest, ','); ... } */
struct text text_until(struct text *rest, char separator);
bool        text_to_uint(struct text text, uint64_t *out); /* decimal digits only, no sign, no overflow */

/* UTF-8. text_next() reads one character at *at (moves it on); -1 for a malformed sequence. */
int32_t text_next(const char **at, const char *end);
bool    text_is_utf8(struct text text);                    /* RFC 3629: no surrogates, no overlong forms */
size_t  text_characters(struct text text);                 /* characters, counting a malformed byte as one */
/* Columns on a terminal (UAX 11): wide and full-width characters two, ambiguous ones one; combining and
 * control characters, tab included, none; a malformed byte one. */
size_t  text_width(struct text text);

#endif
