/*
 * base64.h - Base64 as RFC 4648, section 4, has it: with padding, in one line; and for addresses and names
 * of files as section 5 has it, without padding.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Of so many bytes: characters and the NUL behind them. */
#define BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4 + 1)

/* out has BASE64_SIZE(length); returned. */
const char *base64_print(const void *bytes, size_t length, char *out);
bool base64_is_sign(char c); /* one of its 64 characters; the padding is none */
/* False: not of that form (blanks, missing padding, bits that nothing stands for), or more than max bytes. */
bool base64_read(struct text text, void *out, size_t max, size_t *length);

const char *base64url_print(const void *bytes, size_t length, char *out);
bool base64url_read(struct text text, void *out, size_t max, size_t *length);

#endif
