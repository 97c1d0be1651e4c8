/*
 * decimal.c - exact decimals in 128 bits. 10^34 < 2^113, so a coefficient times ten always fits, which is
 * what the long division in decimal_divide() rests on. Results carry no trailing zeros in the fraction.
 */
#include "base/decimal.h"

#include "base/status.h"

#define DIGITS_MAX 34

const int64_t decimal_powers_of_ten[DECIMAL_SCALE_MAX + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

/* 0 <= power <= 36; a table, since every digit read asks for one. */
static __int128 ten_to(int power) {
    const int64_t *powers = decimal_powers_of_ten;
    return power <= DECIMAL_SCALE_MAX
               ? powers[power]
               : (__int128)powers[DECIMAL_SCALE_MAX] * powers[power - DECIMAL_SCALE_MAX];
}

static __int128 magnitude(__int128 value) {
    return value < 0 ? -value : value;
}

static struct decimal normal(struct decimal value) {
    if (value.scale > 0 && value.coefficient == (int64_t)value.coefficient) { /* most do: cheaper by far */
        int64_t coefficient = (int64_t)value.coefficient;
        for (; value.scale > 0 && coefficient % 10 == 0; value.scale--) {
            coefficient /= 10;
        }
        value.coefficient = coefficient;
        return value;
    }
    while (value.scale > 0 && value.coefficient % 10 == 0) {
        value.coefficient /= 10;
        value.scale--;
    }
    return value;
}

/* The one gate results leave through. */
static bool give(__int128 coefficient, int scale, struct decimal *out) {
    *out = normal((struct decimal){ coefficient, scale });
    return out->scale <= DECIMAL_SCALE_MAX && magnitude(out->coefficient) < ten_to(DIGITS_MAX);
}

struct decimal decimal_of_int(int64_t value) {
    return (struct decimal){ value, 0 };
}

/* --- text ------------------------------------------------------------------------------------------ */

struct reading {
    __int128 coefficient;
    int scale, zeros;
    bool fraction;
};

/* Zeros at the end of a fraction are held back until a digit proves that they count. */
static bool read_digit(struct reading *reading, int digit) {
    if (reading->fraction && digit == 0) {
        reading->zeros += reading->zeros <= DECIMAL_SCALE_MAX; /* one more than can ever count is enough */
        return true;
    }
    for (int more = reading->zeros + 1; more > 0; more--) {
        reading->coefficient *= 10;
        if (reading->coefficient >= ten_to(DIGITS_MAX)) {
            return false;
        }
    }
    reading->coefficient += digit;
    reading->scale += reading->fraction ? reading->zeros + 1 : 0;
    reading->zeros = 0;
    return reading->scale <= DECIMAL_SCALE_MAX;
}

#define SHORT_MAX 18 /* so many digits fit 64 bits */

/* Nothing to watch for but the form; most values are such. */
static bool parse_short(struct text text, bool negative, struct decimal *out) {
    int64_t coefficient = 0;
    int scale = 0;
    size_t points = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c >= '0' && c <= '9') {
            coefficient = coefficient * 10 + (c - '0');
            scale += points > 0;
        } else if (c != '.' || ++points > 1) {
            return false;
        }
    }
    for (; scale > 0 && coefficient % 10 == 0; scale--) {
        coefficient /= 10;
    }
    *out = (struct decimal){ negative ? -coefficient : coefficient, scale };
    return text.length > points;
}

bool decimal_parse(struct text text, struct decimal *out) {
    bool plain = text.length && text.length <= SHORT_MAX && text.at[0] >= '0' && text.at[0] <= '9';
    if (plain && parse_short(text, false, out)) {
        return true;
    }
    text = text_trim(text);
    bool negative = text_starts(text, "-");
    size_t sign = negative || text_starts(text, "+");
    text = (struct text){ text.at + sign, text.length - sign };
    if (text.length <= SHORT_MAX) {
        return parse_short(text, negative, out);
    }
    size_t digits = 0;
    struct reading reading = { 0 };
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '.' && !reading.fraction) {
            reading.fraction = true;
        } else if (c >= '0' && c <= '9' && read_digit(&reading, c - '0')) {
            digits++;
        } else {
            return false;
        }
    }
    return digits > 0 && give(negative ? -reading.coefficient : reading.coefficient, reading.scale, out);
}

const char *decimal_print(struct decimal value, char out[DECIMAL_TEXT_MAX]) {
    value = normal(value);
    require(value.scale <= DECIMAL_SCALE_MAX && magnitude(value.coefficient) < ten_to(DIGITS_MAX));
    char reversed[DECIMAL_TEXT_MAX];
    size_t length = 0;
    __int128 left = magnitude(value.coefficient);
    for (int place = 0; left > 0 || place <= value.scale; place++) {
        if (place == value.scale && place > 0) {
            reversed[length++] = '.';
        }
        reversed[length++] = (char)('0' + (int)(left % 10));
        left /= 10;
    }
    if (value.coefficient < 0) {
        reversed[length++] = '-';
    }
    for (size_t i = 0; i < length; i++) {
        out[i] = reversed[length - 1 - i];
    }
    out[length] = '\0';
    return out;
}

/* --- arithmetic ------------------------------------------------------------------------------------ */

/* Whole parts first, then fractions as 18 digits each: never overflows, so it never fails. */
int decimal_compare(struct decimal a, struct decimal b) {
    if (a.scale != b.scale && magnitude(a.coefficient) < ten_to(DECIMAL_SCALE_MAX)
        && magnitude(b.coefficient) < ten_to(DECIMAL_SCALE_MAX)) { /* brought to one scale they still fit */
        a.coefficient *= a.scale < b.scale ? ten_to(b.scale - a.scale) : 1;
        b.coefficient *= b.scale < a.scale ? ten_to(a.scale - b.scale) : 1;
        a.scale = b.scale;
    }
    if (a.scale == b.scale) {
        return (a.coefficient > b.coefficient) - (a.coefficient < b.coefficient);
    }
    if (a.coefficient == (int64_t)a.coefficient && b.coefficient == (int64_t)b.coefficient) {
        int scale = a.scale > b.scale ? a.scale : b.scale; /* at most 10^18: 2^63 times it fits */
        a.coefficient *= ten_to(scale - a.scale);
        b.coefficient *= ten_to(scale - b.scale);
        return (a.coefficient > b.coefficient) - (a.coefficient < b.coefficient);
    }
    __int128 unit_a = ten_to(a.scale), unit_b = ten_to(b.scale);
    __int128 whole_a = a.coefficient / unit_a, whole_b = b.coefficient / unit_b;
    if (whole_a != whole_b) {
        return whole_a < whole_b ? -1 : 1;
    }
    __int128 part_a = a.coefficient % unit_a * ten_to(DECIMAL_SCALE_MAX - a.scale);
    __int128 part_b = b.coefficient % unit_b * ten_to(DECIMAL_SCALE_MAX - b.scale);
    return (part_a > part_b) - (part_a < part_b);
}

bool decimal_add(struct decimal a, struct decimal b, struct decimal *out) {
    a = normal(a);
    b = normal(b);
    int scale = a.scale > b.scale ? a.scale : b.scale;
    __int128 sum;
    return !__builtin_mul_overflow(a.coefficient, ten_to(scale - a.scale), &a.coefficient)
           && !__builtin_mul_overflow(b.coefficient, ten_to(scale - b.scale), &b.coefficient)
           && !__builtin_add_overflow(a.coefficient, b.coefficient, &sum) && give(sum, scale, out);
}

bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *out) {
    b.coefficient = -b.coefficient;
    return decimal_add(a, b, out);
}

bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *out) {
    a = normal(a);
    b = normal(b);
    __int128 product;
    return !__builtin_mul_overflow(a.coefficient, b.coefficient, &product)
           && give(product, a.scale + b.scale, out);
}

/* Quotient of two magnitudes with *places further digits, half up. Digits behind an exact end are only made
 * while more than `spare` are missing: trailing zeros must not push an exact value over the limit. */
static bool long_division(__int128 dividend, __int128 divisor, int *places, int spare, __int128 *out) {
    __int128 quotient = dividend / divisor, rest = dividend % divisor;
    for (; *places > 0 && (rest || *places > spare); (*places)--) {
        quotient = quotient * 10 + rest * 10 / divisor;
        rest = rest * 10 % divisor;
        if (quotient >= ten_to(DIGITS_MAX)) {
            return false;
        }
    }
    *out = quotient + (rest >= divisor - rest);
    return true;
}

bool decimal_divide(struct decimal a, struct decimal b, int scale, struct decimal *out) {
    require(scale >= 0 && scale <= DECIMAL_SCALE_MAX);
    if (b.coefficient == 0) {
        return false;
    }
    __int128 dividend = magnitude(a.coefficient), divisor = magnitude(b.coefficient), quotient = 0;
    int places = scale + b.scale - a.scale;
    /* Fewer places than none: a larger divisor. One that does not fit is more than twice any dividend: 0. */
    bool vanishes = places < 0 && __builtin_mul_overflow(divisor, ten_to(-places), &divisor);
    if (!vanishes && !long_division(dividend, divisor, &places, scale, &quotient)) {
        return false;
    }
    scale -= places > 0 ? places : 0; /* the zeros not made */
    return give((a.coefficient < 0) != (b.coefficient < 0) ? -quotient : quotient, scale, out);
}

bool decimal_round(struct decimal value, int scale, struct decimal *out) {
    require(scale >= 0 && scale <= DECIMAL_SCALE_MAX);
    value = normal(value);
    if (scale >= value.scale) {
        return give(value.coefficient, value.scale, out);
    }
    return decimal_divide(value, decimal_of_int(1), scale, out);
}
