/*
 * numbers.c - the numbers of a block's rows. Nearly all amounts and weights fit 64 bits when they are brought
 * to one scale, and then a column is calculated with as integers. What does not fit is calculated row by row
 * with exact decimals (base/decimal.h); both give the same, so nobody sees which it was.
 */
#include "base/decimal.h"
#include "base/status.h"
#include "expr/walk.h"

/* Whatever is narrow has an opposite. */
static bool fits(__int128 value) {
    return value == (int64_t)value && value != INT64_MIN;
}

struct decimal numbers_at(const struct numbers *numbers, unsigned row) {
    return numbers->narrow ? (struct decimal){ numbers->whole[row], numbers->scale } : numbers->decimals[row];
}

void numbers_of_decimals(struct numbers *out, const struct decimal decimals[BLOCK], rows known) {
    out->narrow = true;
    out->scale = 0;
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        out->scale = decimals[i].scale > out->scale ? decimals[i].scale : out->scale;
    }
    for (rows left = known; left && out->narrow; left &= left - 1) {
        unsigned i = first_of(left);
        int64_t power = decimal_powers_of_ten[out->scale - decimals[i].scale];
        out->narrow = fits(decimals[i].coefficient)
                      && !__builtin_mul_overflow((int64_t)decimals[i].coefficient, power, &out->whole[i])
                      && fits(out->whole[i]);
    }
    for (rows left = out->narrow ? 0 : known; left; left &= left - 1) {
        unsigned i = first_of(left);
        out->decimals[i] = decimals[i];
    }
}

#define SHORT_MAX 18 /* so many digits fit 64 bits */

/* Digits, with a point among them or without: as most are. */
static bool read_short(struct text text, int64_t *whole, int *scale) {
    const char *point = NULL, *end = text.at + text.length;
    if (text.length > SHORT_MAX) {
        return false;
    }
    *whole = 0;
    for (const char *at = text.at; at < end; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (digit <= 9) {
            *whole = *whole * 10 + digit;
        } else if (*at == '.' && !point) {
            point = at;
        } else {
            return false;
        }
    }
    *scale = point ? (int)(end - point) - 1 : 0;
    return text.length > (point != NULL);
}

/* All of them short; false: they are not. */
static bool read_all_short(struct numbers *out, const struct text texts[BLOCK], rows there) {
    int scales[BLOCK];
    out->narrow = true;
    out->scale = 0;
    for (rows left = there; left; left &= left - 1) {
        unsigned i = first_of(left);
        if (!read_short(texts[i], &out->whole[i], &scales[i])) {
            return false;
        }
        out->scale = scales[i] > out->scale ? scales[i] : out->scale;
    }
    for (rows left = there; left; left &= left - 1) {
        unsigned i = first_of(left);
        if (scales[i] < out->scale
            && __builtin_mul_overflow(out->whole[i], decimal_powers_of_ten[out->scale - scales[i]],
                                      &out->whole[i])) {
            return false;
        }
    }
    return true;
}

rows numbers_of_texts(struct numbers *out, const struct text texts[BLOCK], rows there) {
    struct decimal decimals[BLOCK];
    rows known = 0;
    if (read_all_short(out, texts, there)) {
        return there;
    }
    for (rows left = there; left; left &= left - 1) {
        unsigned i = first_of(left);
        known |= (rows)decimal_parse(texts[i], &decimals[i]) << i;
    }
    numbers_of_decimals(out, decimals, known);
    return known;
}

void numbers_fill(struct numbers *out, struct decimal number, rows known) {
    out->narrow = fits(number.coefficient);
    out->scale = number.scale;
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        if (out->narrow) {
            out->whole[i] = (int64_t)number.coefficient;
        } else {
            out->decimals[i] = number;
        }
    }
}

/* --- calculating ---------------------------------------------------------------------------------------- */

/* What each is multiplied with to have the larger scale of the two. */
struct powers {
    int64_t first, second;
};

static struct powers to_one_scale(const struct numbers *a, const struct numbers *b) {
    return (struct powers){ a->scale < b->scale ? decimal_powers_of_ten[b->scale - a->scale] : 1,
                            b->scale < a->scale ? decimal_powers_of_ten[a->scale - b->scale] : 1 };
}

static bool calculate_narrow(enum node_kind kind, const struct numbers *a, const struct numbers *b, rows both,
                             struct numbers *out) {
    struct powers powers = to_one_scale(a, b);
    bool product = kind == NODE_MULTIPLY, overflows = product && a->scale + b->scale > DECIMAL_SCALE_MAX;
    int scale = product ? a->scale + b->scale : a->scale > b->scale ? a->scale : b->scale;
    for (rows left = both; left && !overflows; left &= left - 1) {
        unsigned i = first_of(left);
        int64_t first = a->whole[i], second = b->whole[i];
        if (!product) {
            overflows = __builtin_mul_overflow(first, powers.first, &first)
                        || __builtin_mul_overflow(second, powers.second, &second);
        }
        int64_t *to = &out->whole[i];
        overflows = overflows
                    || (product            ? __builtin_mul_overflow(first, second, to)
                        : kind == NODE_ADD ? __builtin_add_overflow(first, second, to)
                                           : __builtin_sub_overflow(first, second, to))
                    || !fits(*to);
    }
    out->narrow = true;
    out->scale = scale;
    return !overflows;
}

rows numbers_calculate(enum node_kind kind, const struct numbers *a, const struct numbers *b, rows both,
                       struct numbers *out) {
    require(kind == NODE_ADD || kind == NODE_SUBTRACT || kind == NODE_MULTIPLY);
    require(out != a && out != b);
    rows known = 0;
    if (a->narrow && b->narrow && calculate_narrow(kind, a, b, both, out)) {
        return both;
    }
    for (rows left = both; left; left &= left - 1) {
        unsigned i = first_of(left);
        struct decimal first = numbers_at(a, i), second = numbers_at(b, i), *to = &out->decimals[i];
        known |= (rows)(kind == NODE_MULTIPLY ? decimal_multiply(first, second, to)
                        : kind == NODE_ADD    ? decimal_add(first, second, to)
                                              : decimal_subtract(first, second, to))
                 << i;
    }
    out->narrow = false;
    return known;
}

void numbers_turn(const struct numbers *from, rows known, bool only_negative, struct numbers *out) {
    out->narrow = from->narrow;
    out->scale = from->scale;
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        if (from->narrow) {
            int64_t number = from->whole[i];
            out->whole[i] = only_negative && number >= 0 ? number : -number;
        } else {
            out->decimals[i] = from->decimals[i];
            __int128 number = from->decimals[i].coefficient;
            out->decimals[i].coefficient = only_negative && number >= 0 ? number : -number;
        }
    }
}

bool numbers_sum(const struct numbers *numbers, rows known, struct decimal *out) {
    __int128 whole = 0; /* of 64 narrow numbers */
    for (rows left = numbers->narrow ? known : 0; left; left &= left - 1) {
        whole += numbers->whole[first_of(left)];
    }
    *out = (struct decimal){ whole, numbers->narrow ? numbers->scale : 0 };
    bool exact = true;
    for (rows left = numbers->narrow ? 0 : known; left && exact; left &= left - 1) {
        exact = decimal_add(*out, numbers->decimals[first_of(left)], out);
    }
    return exact;
}

/* The rows of which the first is less, and those of which it is more. */
void numbers_compare(const struct numbers *a, const struct numbers *b, rows both, rows *less, rows *more) {
    bool narrow = a->narrow && b->narrow; /* else there is no one scale */
    struct powers powers = narrow ? to_one_scale(a, b) : (struct powers){ 1, 1 };
    *less = *more = 0;
    for (rows left = both; left; left &= left - 1) {
        unsigned i = first_of(left);
        int64_t first, second;
        int order;
        if (narrow && !__builtin_mul_overflow(a->whole[i], powers.first, &first)
            && !__builtin_mul_overflow(b->whole[i], powers.second, &second)) {
            order = (first > second) - (first < second);
        } else {
            order = decimal_compare(numbers_at(a, i), numbers_at(b, i));
        }
        *less |= (rows)(order < 0) << i;
        *more |= (rows)(order > 0) << i;
    }
}
