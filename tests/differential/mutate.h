/*
 * mutate.h - a valid message made wrong, or spelled otherwise, in one of many ways.
 *
 * The same random number makes the same mutant on every machine.
 */
#ifndef TESTS_MUTATE_H
#define TESTS_MUTATE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

uint64_t random_next(uint64_t *random);
size_t random_below(uint64_t *random, size_t limit); /* limit > 0 */

/* Writes a mutant of the message to out and returns the name of the kind. */
const char *mutate(struct text message, uint64_t *random, struct buf *out);

/* Each of a list of changes made to each element, by number; false behind the last. */
bool mutate_element(struct text message, size_t number, struct buf *out);

/* Each of a list of values in each element that holds one, by number; false behind the last. */
bool mutate_value(struct text message, size_t number, struct buf *out);

#endif
