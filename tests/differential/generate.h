/*
 * generate.h - messages from a grammar: what a schema allows, at random, in the widths and orders it allows.
 */
#ifndef TESTS_GENERATE_H
#define TESTS_GENERATE_H

#include "base/buf.h"
#include "xsd/grammar.h"

/* How a message is spelled: as senders do. */
enum spelling { SPELLED_PLAIN, SPELLED_INDENTED, SPELLED_PREFIXED, SPELLING_COUNT };

/* False: a value was not found that its type takes; the message is not valid then. */
bool generate(const struct grammar *grammar, const struct grammar_element *root, enum spelling spelling,
              uint64_t *random, struct buf *out);

#endif
