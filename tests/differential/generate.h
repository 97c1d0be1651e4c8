/*
 * generate.h - messages from a grammar: what a schema allows, at random, in the widths and orders it allows.
 */
#ifndef TESTS_GENERATE_H
#define TESTS_GENERATE_H

#include "base/buf.h"
#include "xsd/grammar.h"

/* How a message is spelled: as senders do. */
enum spelling {
    SPELLED_PLAIN,    /* on one line */
    SPELLED_INDENTED, /* by two spaces */
    SPELLED_PREFIXED, /* ... and every element has a prefix */
    SPELLED_TABS,     /* by tabs, lines end in CRLF, a mark of the byte order, a comment, a schema location */
    SPELLING_COUNT
};

/* slip_at: at which of the places where it can one slip is made, a value, child or attribute that is not
 * quite right; 0: none, and the message is valid. *places: how many there are. The same random number makes
 * the same message up to the slip. False: a value was not found that its type takes; the message is not valid
 * then. */
bool generate(const struct grammar *grammar, const struct grammar_element *root, enum spelling spelling,
              uint64_t *random, uint32_t slip_at, uint32_t *places, struct buf *out);

#endif
