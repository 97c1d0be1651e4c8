/*
 * peek.h - what stands in an element near the beginning of a message, to tell formats of one root element
 * apart.
 */
#ifndef CHECK_PEEK_H
#define CHECK_PEEK_H

#include "base/text.h"

/* What stands between the tags of the first element at this path below the root ("A/B"), trimmed; empty
 * when there is none before `within` bytes. Comments, CDATA and references are not looked into. */
struct text peek_in(struct text text, const char *path, size_t within);

#endif
