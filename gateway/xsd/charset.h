/*
 * charset.h - sets of characters, as the classes of a regular expression name them.
 *
 * Some classes of XML Schema reach into all of Unicode (\d, \w, \p{L}), and versions of Unicode differ. So a
 * set is two: what is in it for certain, and what may be in it. Where both are the same it is exact.
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

struct charset_ranges { /* sorted, not touching */
    struct charset_range *at;
    size_t count;
};

struct charset {
    struct charset_ranges certain, possible; /* the first within the second */
    bool exact;
};

struct charset charset_of(struct arena *arena, const struct charset_range *ranges, size_t count);
/* The given ones of ASCII, and beyond it the characters of these categories (categories.h); 0: nobody knows
 * which. */
struct charset charset_of_categories(struct arena *arena, const struct charset_range *ascii, size_t count,
                                     unsigned categories);
struct charset charset_union(struct arena *arena, struct charset a, struct charset b);
struct charset charset_complement(struct arena *arena, struct charset set);
struct charset charset_minus(struct arena *arena, struct charset a, struct charset b);
bool charset_overlaps(struct charset a, struct charset b); /* perhaps */
bool charset_equal(struct charset a, struct charset b);    /* false when one is not exact */
bool charset_has(struct charset_ranges ranges, int32_t character);

#endif
