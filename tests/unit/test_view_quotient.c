/*
 * A quotient as text is the one number of 17 digits that is nearest to it: of all sizes, as a report has
 * them; and as printf() tells it where that is exact.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/statistics/quotient.h"

static uint64_t seed = 17;

static uint64_t draw(void) {
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void is_told(__int128 numerator, __int128 denominator, const char *meant) {
    char out[QUOTIENT_MAX];
    assert_string_equal(quotient_number((struct quotient){ numerator, denominator }, out), meant);
}

static void as_it_is_written(void **state) {
    (void)state;
    is_told(0, 0, "");
    is_told(1, 0, "");
    is_told(0, 7, "0");
    is_told(-6, 2, "-3");
    is_told(1, 3, "0.33333333333333333");
    is_told(-2, 3, "-0.66666666666666667");
    is_told(200, 3, "66.666666666666667");
    is_told(1, 3000, "0.00033333333333333333");
    is_told(1, 2, "0.5");
    is_told(1001, 1000, "1.001");
    is_told(100000000000000001, 1000000000, "100000000");          /* its 18th digit */
    is_told(100000000000000005, 1000000000, "100000000.00000001"); /* half away from zero */
    is_told(-100000000000000005, 1000000000, "-100000000.00000001");
    is_told(99999999999999999, 1, "99999999999999999");
    is_told(999999999999999995, 10, "1e+17");
    is_told(999999999999999995, 100, "10000000000000000");
    is_told(999999999999999995, INT64_C(1000000000000000000), "1");
    is_told(1, 10000, "0.0001");
    is_told(1, 100000, "1e-05");
}

/* What it says, as digits / 10^places. */
static __int128 digits_of(const char *text, int *places, int *significant) {
    __int128 digits = 0;
    bool behind = false;
    *places = *significant = 0;
    for (text += *text == '-'; *text; text++) {
        if (*text == '.') {
            behind = true;
            continue;
        }
        assert_in_range(*text, '0', '9');
        digits = digits * 10 + (*text - '0');
        *places += behind;
        *significant += digits > 0;
    }
    return digits;
}

static void is_nearest(int64_t numerator, int64_t denominator) {
    char out[QUOTIENT_MAX];
    int places, significant;
    const char *text = quotient_number((struct quotient){ numerator, denominator }, out);
    if (strchr(text, 'e')) {
        assert_true(llabs(numerator) < denominator / 9999 + 1);
        return;
    }
    __int128 digits = digits_of(text, &places, &significant), above = numerator < 0 ? -numerator : numerator;
    assert_int_equal(*text == '-', numerator < 0);
    assert_true(significant <= 17);
    for (int i = 0; i < places; i++) {
        above *= 10;
    }
    __int128 off = digits * denominator - above;
    off = off < 0 ? -off : off;
    assert_true(!places || text[strlen(text) - 1] != '0');
    for (; significant < 17; significant++) { /* zeros that were left out */
        off *= 10;
    }
    assert_true(2 * off <= denominator);
}

static void nearest_of_17_digits(void **state) {
    (void)state;
    for (int i = 0; i < 200000; i++) {
        int64_t numerator = (int64_t)(draw() >> (14 + draw() % 50)),
                denominator = 1 + (int64_t)(draw() >> (24 + draw() % 40));
        is_nearest(draw() % 2 ? numerator : -numerator, denominator);
    }
}

/* Where the denominator is a power of two printf() has all of it. */
static void as_printf_where_that_is_exact(void **state) {
    (void)state;
    for (int i = 0; i < 100000; i++) {
        int64_t numerator = (int64_t)(draw() >> (12 + draw() % 52)), denominator = INT64_C(1) << draw() % 30;
        char out[QUOTIENT_MAX], meant[QUOTIENT_MAX];
        long double value = (long double)numerator / (long double)denominator;
        snprintf(meant, sizeof(meant), "%.17Lg", value);
        const char *text = quotient_number((struct quotient){ numerator, denominator }, out);
        if (strcmp(text, meant) != 0) { /* exactly half: printf() goes to the even one */
            char more[QUOTIENT_MAX];
            snprintf(more, sizeof(more), "%.18Lg", value);
            assert_int_equal(more[strlen(more) - 1], '5');
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_it_is_written),
        cmocka_unit_test(nearest_of_17_digits),
        cmocka_unit_test(as_printf_where_that_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
