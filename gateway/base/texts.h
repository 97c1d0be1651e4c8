/*
 * texts.h - texts, each kept once: a number for each, in the order in which they came.
 *
 * Owns      copies of them.
 * Promises  whoever chose the texts, a look-up takes no longer than the logarithm of how many there are.
 */
#ifndef BASE_TEXTS_H
#define BASE_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct texts;

struct texts *texts_new(void);
void texts_free(struct texts *texts); /* NULL is fine */
/* From 0 on; one that was not there gets the next. */
uint32_t texts_number(struct texts *texts, struct text text);
size_t texts_count(const struct texts *texts);
const char *texts_at(const struct texts *texts, uint32_t number); /* one that was given */

#endif
