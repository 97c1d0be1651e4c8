/*
 * decimal.h - exact decimals for weights and money; never a double.
 * Value = coefficient / 10^scale, 0 <= scale <= 18, at most 34 significant digits.
 * Every operation says false instead of rounding silently or overflowing.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct decimal {
    __int128 coefficient;
    int scale;
};

#define DECIMAL_TEXT_MAX  48
#define DECIMAL_SCALE_MAX 18

/* The powers of ten that an int64_t holds. */
extern const int64_t decimal_powers_of_ten[DECIMAL_SCALE_MAX + 1];

struct decimal decimal_of_int(int64_t value);
/* xs:decimal lexical form, blanks trimmed. */
bool decimal_parse(struct text text, struct decimal *out);
const char *decimal_print(struct decimal value, char out[DECIMAL_TEXT_MAX]); /* no trailing zeros */
int decimal_compare(struct decimal a, struct decimal b);
bool decimal_add(struct decimal a, struct decimal b, struct decimal *out);
bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *out);
bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *out);
/* Half up (away from 0) at scale, 0 to 18. */
bool decimal_divide(struct decimal a, struct decimal b, int scale, struct decimal *out);
bool decimal_round(struct decimal value, int scale, struct decimal *out);

#endif
