/*
 * charset.h - sets of characters, as the classes of a regular expression name them.
 *
 * Some classes of XML Schema reach into all of Unicode (\d, \w, \p{L}); those are known here in ASCII only.
 * So a set says how far it can be relied on.
 * Sets live in the arena they were made with.
 */
#ifndef XSD_CHARSET_H
#define XSD_CHARSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define CHARSET_MAX 0x10FFFF

struct charset_range {
    int32_t low, high;
};

/* Sorted, not touching. Where it is not exact it is perhaps too large, but not within ASCII, unless it is
 * vague: then it may be too large anywhere. */
struct charset {
    struct charset_range *ranges;
    size_t count;
    bool exact, vague;
};

struct charset charset_of(struct arena *arena, const struct charset_range *ranges, size_t count, bool exact);
struct charset charset_union(struct arena *arena, struct charset a, struct charset b);
struct charset charset_complement(struct arena *arena, struct charset set);
struct charset charset_minus(struct arena *arena, struct charset a, struct charset b);
bool charset_overlaps(struct charset a, struct charset b);
bool charset_equal(struct charset a, struct charset b); /* false when one is not exact */
/* What is in it for certain: of a set that is not exact, its part within ASCII; of a vague one nothing. */
struct charset charset_certain(struct arena *arena, struct charset set);
bool charset_has(struct charset set, int32_t character);

#endif
