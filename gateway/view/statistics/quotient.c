/*
 * quotient.c - a quotient becomes text by long division: a report is hundreds of them, and printf() takes
 * eight times as long, for it knows nothing of integers.
 */
#include "view/statistics/quotient.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/decimal.h"
#include "base/stamp.h"
#include "base/status.h"

typedef unsigned __int128 natural;

#define HOUR      (3600 * (__int128)STAMP_SECOND)

/* --- for machines --------------------------------------------------------------------------------------- */

#define DIGITS    17 /* significant ones; any double is told by them */
#define ONCE      9  /* at a time: 128 bits have room for a rest of BITS_MAX with them */
#define BITS_MAX  96
#define ZEROS_MAX 3 /* behind the point; with more of them printf() tells an exponent */

static uint64_t power_of_ten(int exponent) {
    return (uint64_t)decimal_powers_of_ten[exponent];
}

static int count_digits(uint64_t number) {
    int count = 0;
    while (count < DIGITS && number >= power_of_ten(count)) {
        count++;
    }
    return count;
}

/* At least so many digits before `at`. */
static char *put_digits(char *at, uint64_t number, int least) {
    for (; number || least > 0; number /= 10, least--) {
        *--at = (char)('0' + number % 10);
    }
    return at;
}

/* The next digits of rest / below, which is less than one; the last of them rounded. */
static uint64_t divide_on(natural rest, natural below, int digits) {
    uint64_t fraction = 0;
    while (digits > 0 && rest) {
        int some = digits < ONCE ? digits : ONCE;
        rest *= power_of_ten(some);
        natural next = rest / below;
        rest -= next * below;
        fraction = fraction * power_of_ten(some) + (uint64_t)next;
        digits -= some;
    }
    return fraction * power_of_ten(digits) + (rest * 2 >= below);
}

/* From the end of `out` on. NULL: it is told by an exponent, or nearly. */
static char *divided(natural above, natural below, char out[QUOTIENT_MAX]) {
    natural whole = above / below, rest = above - whole * below;
    char *at = &out[QUOTIENT_MAX - 1];
    int zeros = 0;
    if (below >> BITS_MAX || whole >= power_of_ten(DIGITS)) {
        return NULL;
    }
    while (!whole && rest && rest * 10 < below) {
        rest *= 10;
        zeros++;
    }
    int digits = DIGITS - count_digits((uint64_t)whole);
    uint64_t fraction = divide_on(rest, below, digits);
    bool carries = fraction == power_of_ten(digits);
    if (zeros > ZEROS_MAX || (carries && (zeros || whole + 1 == power_of_ten(DIGITS)))) {
        return NULL;
    }
    *at = '\0';
    if (fraction && !carries) {
        for (; fraction % 10 == 0; fraction /= 10) {
            digits--;
        }
        at = put_digits(at, fraction, digits + zeros);
        *--at = '.';
    }
    return put_digits(at, (uint64_t)whole + carries, 1);
}

const char *quotient_number(struct quotient quotient, char out[QUOTIENT_MAX]) {
    require(quotient.denominator >= 0);
    if (!quotient.denominator) {
        return "";
    }
    bool negative = quotient.numerator < 0;
    natural above = (natural)(negative ? -quotient.numerator : quotient.numerator);
    char *number = divided(above, (natural)quotient.denominator, out);
    if (!number) {
        snprintf(out, QUOTIENT_MAX, "%.17Lg",
                 (long double)quotient.numerator / (long double)quotient.denominator);
        return out;
    }
    if (negative) {
        *--number = '-';
    }
    return number;
}

/* --- for people ----------------------------------------------------------------------------------------- */

/* With so many decimals, half away from zero. */
static const char *rounded(struct quotient of, int places, char out[QUOTIENT_MAX]) {
    __int128 scale = (__int128)power_of_ten(places);
    if (!of.denominator) {
        return "";
    }
    bool negative = of.numerator < 0;
    __int128 scaled =
        ((negative ? -of.numerator : of.numerator) * scale * 2 + of.denominator) / (of.denominator * 2);
    const char *sign = negative && scaled ? "-" : "";
    snprintf(out, QUOTIENT_MAX, "%s%lld.%0*lld", sign, (long long)(scaled / scale), places,
             (long long)(scaled % scale));
    return out;
}

const char *quotient_hours(struct quotient nanoseconds, char out[QUOTIENT_MAX]) {
    return rounded((struct quotient){ nanoseconds.numerator, nanoseconds.denominator * HOUR }, 2, out);
}

const char *quotient_percent(struct quotient quotient, char out[QUOTIENT_MAX]) {
    return rounded((struct quotient){ quotient.numerator * 100, quotient.denominator }, 1, out);
}
