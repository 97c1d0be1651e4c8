/* test_base_decimal.c - exactness at the edges: 34 digits, scale 18, halves, and every refusal to round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/decimal.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define NINES_34     "9999999999999999999999999999999999"

static struct decimal value_of(const char *text) {
    struct decimal value;
    if (!decimal_parse(text_of(text), &value)) {
        fail_msg("%s: refused", text);
    }
    return value;
}

static void decimals_are_read_and_printed(void **state) {
    static const struct {
        const char *text, *printed;
    } cases[] = {
        /* printed NULL: refused */
        { "0", "0" },
        { "-0", "0" },
        { "+0.0", "0" },
        { "1", "1" },
        { "+1", "1" },
        { "-1", "-1" },
        { "1.", "1" },
        { ".5", "0.5" },
        { "-.5", "-0.5" },
        { "1.50", "1.5" },
        { "007.0070", "7.007" },
        { " \n12.5\t ", "12.5" },
        { "0.000000000000000001", "0.000000000000000001" },
        { "-0.01", "-0.01" },
        { "100", "100" },
        { "10.0", "10" },
        { NINES_34, NINES_34 },
        { "-" NINES_34, "-" NINES_34 },
        { "9999999999999999.999999999999999999", "9999999999999999.999999999999999999" },
        { "1.00000000000000000000000000000000000000000000", "1" },
        { "0000000000000000000000000000000000000000000001", "1" },
        { "1.5000000000000000000000000000000000000000000", "1.5" },
        { "999999999999999999", "999999999999999999" },
        { "-9999999999999999999", "-9999999999999999999" },
        { "0.0000000000000001", "0.0000000000000001" },
        { "9999999999999999.90", "9999999999999999.9" },
        { "12345678901234567.8.9", NULL },
        { "1234567890123456789e3", NULL },
        { "-+1234567890123456789", NULL },
        { "", NULL },
        { " ", NULL },
        { ".", NULL },
        { "-", NULL },
        { "+.", NULL },
        { "1.2.3", NULL },
        { "1,5", NULL },
        { "1e3", NULL },
        { "--1", NULL },
        { "+-1", NULL },
        { "1 2", NULL },
        { "0x10", NULL },
        { "INF", NULL },
        { "１", NULL },
        { "0.0000000000000000001", NULL },
        { "1.0000000000000000000000000001", NULL },
        { NINES_34 "0", NULL },
        { "10000000000000000000000000000000000", NULL },
        { NINES_34 ".5", NULL },
        { "99999999999999999999999999999999999999999999999999999999999999999999999999999999", NULL },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decimal value;
        char out[DECIMAL_TEXT_MAX];
        bool good = decimal_parse(text_of(cases[i].text), &value);
        if (good != (cases[i].printed != NULL)) {
            fail_msg("[%s]: %s", cases[i].text, good ? "taken" : "refused");
        }
        if (good) {
            assert_string_equal(decimal_print(value, out), cases[i].printed);
        }
    }
    char out[DECIMAL_TEXT_MAX];
    assert_string_equal(decimal_print(decimal_of_int(INT64_MIN), out), "-9223372036854775808");
}

static void decimals_compare_by_value(void **state) {
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        { "1", "1.0", 0 },
        { "1.1", "1.10", 0 },
        { "-0", "0", 0 },
        { "1", "2", -1 },
        { "-1", "-2", 1 },
        { "-1", "1", -1 },
        { "0.1", "0.01", 1 },
        { "-0.1", "-0.01", -1 },
        { "0.5", "-0.5", 1 },
        { NINES_34, "0.000000000000000001", 1 },
        { "-" NINES_34, "0.000000000000000001", -1 },
        { NINES_34, NINES_34, 0 },
        { "1.000000000000000001", "1", 1 },
        { "9999999999999999.999999999999999999", "9999999999999999.999999999999999998", 1 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decimal a = value_of(cases[i].a), b = value_of(cases[i].b);
        assert_int_equal(decimal_compare(a, b), cases[i].order);
        assert_int_equal(decimal_compare(b, a), -cases[i].order);
    }
}

static bool divide_at_4(struct decimal a, struct decimal b, struct decimal *out) {
    return decimal_divide(a, b, 4, out);
}

static bool divide_at_0(struct decimal a, struct decimal b, struct decimal *out) {
    return decimal_divide(a, b, 0, out);
}

static bool divide_at_18(struct decimal a, struct decimal b, struct decimal *out) {
    return decimal_divide(a, b, 18, out);
}

static void arithmetic_is_exact_or_says_no(void **state) {
    static const struct {
        bool (*operation)(struct decimal a, struct decimal b, struct decimal *out);
        const char *a, *b, *result; /* NULL: cannot be told exactly */
    } cases[] = {
        { decimal_add, "0.1", "0.2", "0.3" },
        { decimal_add, "1.5", "-1.5", "0" },
        { decimal_add, NINES_34, "-1", "9999999999999999999999999999999998" },
        { decimal_add, NINES_34, "1", NULL },
        { decimal_add, NINES_34, "0.1", NULL },
        { decimal_add, NINES_34, "0.000000000000000001", NULL },
        { decimal_add, "-" NINES_34, "-" NINES_34, NULL },
        { decimal_add, "0.999999999999999999", "0.000000000000000001", "1" },
        { decimal_subtract, "0.3", "0.1", "0.2" },
        { decimal_subtract, "-" NINES_34, "1", NULL },
        { decimal_subtract, "1000000000000000000000000000000000", "1", "999999999999999999999999999999999" },
        { decimal_multiply, "1.1", "1.1", "1.21" },
        { decimal_multiply, "-2", "2.5", "-5" },
        { decimal_multiply, "0.000000001", "0.000000001", "0.000000000000000001" },
        { decimal_multiply, "0.0000000001", "0.000000001", NULL },
        { decimal_multiply, NINES_34, "10", NULL },
        { decimal_multiply, NINES_34, NINES_34, NULL },
        { decimal_multiply, NINES_34, "-1", "-" NINES_34 },
        { decimal_multiply, "99999999999999999", "99999999999999999", "9999999999999999800000000000000001" },
        { decimal_multiply, NINES_34, "0", "0" },
        { divide_at_4, "1", "3", "0.3333" },
        { divide_at_4, "2", "3", "0.6667" },
        { divide_at_4, "-2", "3", "-0.6667" },
        { divide_at_4, "1", "20000", "0.0001" },
        { divide_at_4, "-1", "20000", "-0.0001" },
        { divide_at_4, "1", "20001", "0" },
        { divide_at_4, "1", "0", NULL },
        { divide_at_4, "0", "-7", "0" },
        { divide_at_0, "5", "2", "3" },
        { divide_at_0, "-5", "2", "-3" },
        { divide_at_0, "0.000000000000000001", NINES_34, "0" },
        { divide_at_0, "1", "0.000000000000000001", "1000000000000000000" },
        { divide_at_0, NINES_34, "0.1", NULL },
        { divide_at_0, NINES_34, NINES_34, "1" },
        { divide_at_18, "1", "7", "0.142857142857142857" },
        { divide_at_18, NINES_34, "1", NINES_34 },
        { divide_at_18, NINES_34, "3", "3333333333333333333333333333333333" },
        { divide_at_18, NINES_34, "7", NULL },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decimal out;
        char printed[DECIMAL_TEXT_MAX];
        bool good = cases[i].operation(value_of(cases[i].a), value_of(cases[i].b), &out);
        const char *result = good ? decimal_print(out, printed) : "no";
        const char *expected = cases[i].result ? cases[i].result : "no";
        if (!text_is(text_of(result), expected)) {
            fail_msg("case %zu, %s and %s: %s, not %s", i, cases[i].a, cases[i].b, result, expected);
        }
    }
}

static void halves_round_away_from_zero(void **state) {
    static const struct {
        const char *value;
        int scale;
        const char *rounded;
    } cases[] = {
        { "2.345", 2, "2.35" },
        { "-2.345", 2, "-2.35" },
        { "2.344999", 2, "2.34" },
        { "0.5", 0, "1" },
        { "-0.5", 0, "-1" },
        { "0.49", 0, "0" },
        { "1.5", 3, "1.5" },
        { "99.995", 2, "100" },
        { NINES_34, 0, NINES_34 },
        { "0.000000000000000005", 17, "0.00000000000000001" },
        { "9999999999999999.999999999999999999", 17, "10000000000000000" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decimal out;
        char printed[DECIMAL_TEXT_MAX];
        assert_true(decimal_round(value_of(cases[i].value), cases[i].scale, &out));
        assert_string_equal(decimal_print(out, printed), cases[i].rounded);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_are_read_and_printed),
        cmocka_unit_test(decimals_compare_by_value),
        cmocka_unit_test(arithmetic_is_exact_or_says_no),
        cmocka_unit_test(halves_round_away_from_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
