/*
 * quotient.h - a quotient of two integers: of nanoseconds, or a share. It is exact, and rounded once, when it
 * becomes text.
 */
#ifndef VIEW_STATISTICS_QUOTIENT_H
#define VIEW_STATISTICS_QUOTIENT_H

struct quotient {
    __int128 numerator, denominator; /* denominator 0: there is nothing to say; never below */
};

#define QUOTIENT_MAX 48

/* For machines: with 17 significant digits, as %.17g has them; "" where there is nothing to say. */
const char *quotient_number(struct quotient quotient, char out[QUOTIENT_MAX]);

/* For people, half away from zero; "" likewise. */
const char *quotient_hours(struct quotient nanoseconds, char out[QUOTIENT_MAX]); /* with two decimals */
/* In percent with one decimal. */
const char *quotient_percent(struct quotient quotient, char out[QUOTIENT_MAX]);

#endif
