/*
 * categories.h - the general categories of Unicode, as far as they are certain: characters beyond ASCII that
 * have had theirs since Unicode 3.2. What was added or changed since then is in none, for validators differ.
 */
#ifndef XSD_CATEGORIES_H
#define XSD_CATEGORIES_H

#include <stddef.h>
#include <stdint.h>

enum category {
    CATEGORY_L = 1,  /* letters */
    CATEGORY_M = 2,  /* marks */
    CATEGORY_ND = 4, /* decimal digits */
    CATEGORY_N = 8,  /* other numbers */
    CATEGORY_P = 16, /* punctuation */
    CATEGORY_S = 32, /* symbols */
    CATEGORY_Z = 64, /* separators */
    CATEGORY_C = 128 /* controls and the like */
};

struct category_range {
    int32_t low, high;
    uint8_t category;
};

extern const struct category_range category_ranges[]; /* sorted */
extern const size_t category_ranges_count;

#endif
