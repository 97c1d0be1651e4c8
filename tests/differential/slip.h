/*
 * slip.h - a value that lies just beside what its type takes, or perhaps still within: a character more than
 * may be, the number behind the greatest, the sign next to one of a pattern.
 */
#ifndef TESTS_SLIP_H
#define TESTS_SLIP_H

#include <stdint.h>

#include "base/text.h"
#include "xsd/simple.h"

#define SLIP_VALUE_MAX 4096 /* bytes written at most */

/* From a value that the type takes, one near it; out may be where the value stands. */
struct text slip_value(const struct simple *simple, struct text value, uint64_t *random,
                       char out[SLIP_VALUE_MAX]);

#endif
