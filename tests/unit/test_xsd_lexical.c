/* How values of the built-in types are written, and how numbers compare. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "xsd/lexical.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const struct {
    enum lexical_type type;
    const char *accepted, *refused; /* values between bars */
} cases[] = {
    { LEXICAL_BOOLEAN, "true|false|1|0", "TRUE||2| 1" },
    { LEXICAL_DECIMAL, "0|-1.5|+1.|.5|00.10|123456789012345678901234",
      "|.|-|1e5|1,5|1234567890123456789012345|- 1" },
    { LEXICAL_INTEGER, "0|-1|+007", "1.0|.|" },
    { LEXICAL_LONG, "9223372036854775807|-9223372036854775808", "9223372036854775808|-9223372036854775809" },
    { LEXICAL_INT, "2147483647|-2147483648", "2147483648|-2147483649" },
    { LEXICAL_SHORT, "32767", "32768" },
    { LEXICAL_BYTE, "-128", "-129|128" },
    { LEXICAL_NOT_NEGATIVE, "0|-0|5", "-1" },
    { LEXICAL_POSITIVE, "1", "0|-1" },
    { LEXICAL_NOT_POSITIVE, "0|-1", "1" },
    { LEXICAL_NEGATIVE, "-1", "0" },
    { LEXICAL_UNSIGNED_LONG, "18446744073709551615", "18446744073709551616|+1" },
    { LEXICAL_UNSIGNED_INT, "4294967295", "4294967296" },
    { LEXICAL_UNSIGNED_SHORT, "65535", "65536|+1" },
    { LEXICAL_UNSIGNED_BYTE, "0|255", "256|-0|-1" },
    { LEXICAL_FLOAT, "1|1.5|-1E5|1e-5|INF|-INF|NaN", "|.|+INF|inf|1e|1.|.5e" },
    { LEXICAL_DATE, "2026-11-29|2024-02-29|2000-02-29Z|2026-01-01+14:00|2026-01-01-08:00",
      "2026-02-29|1900-02-29|2026-13-01|2026-00-01|2026-1-1|2026-01-01+14:01|2026-01-01+15:00|0000-01-01|20260101|2026-01-01z" },
    { LEXICAL_DATE_TIME, "2026-11-29T23:59:59|2026-11-29T00:00:00.123456789Z",
      "2026-11-29|2026-11-29T24:00:00|2026-11-29T12:00|2026-11-29T12:00:60|2026-11-29 12:00:00|2026-11-29T12:00:00." },
    { LEXICAL_TIME, "00:00:00|23:59:59.9+08:00|23:59:59.999999999999",
      "24:00:00|1:00:00|23:59:59.9999999999999" }, /* case 433 */
    { LEXICAL_YEAR, "2026|2026Z", "26|20260" },
    { LEXICAL_YEAR_MONTH, "2026-12", "2026-13|2026" },
    { LEXICAL_MONTH_DAY, "--02-29|--12-31", "--02-30|-02-29" },
    { LEXICAL_MONTH, "--01|--12Z", "--13|--1" },
    { LEXICAL_DAY, "---01|---31", "---32|--01" },
    { LEXICAL_DURATION, "P1Y|-P1M|PT1S|P1Y2M3DT4H5M6.7S|PT0.5S|P123456789Y",
      "P|PT|1Y|P1S|PT1D|P1M1Y|PT1.S|P1.5Y|PT1.5H|P1234567890Y" },
    { LEXICAL_HEX, "|0a|FF00", "0|0g" },
    { LEXICAL_BASE64, "|TWFu|TWE=|TQ==|TW Fu", "T|TWF|TW=u|TQ=|TR==|TWF=|====|TWFu=" },
    { LEXICAL_URI, "|a|a/b?c#d|http://example.org:80/a|urn:x:y|../a|%41|#a",
      "a b|%4|%zz|:a|1a:b|http://[::1]/|a#b#c|http:|中" },
    { LEXICAL_LANGUAGE, "zh|zh-CN|zh-Hans", "|z|zh-|1|chinese" },
    { LEXICAL_NAME, "a|a:b|_1", "|1|-a|中" },
    { LEXICAL_NCNAME, "a|a.b-c", "a:b|" },
    { LEXICAL_NMTOKEN, "1|-a|:", "|a b" },
};

static void expect(enum lexical_type type, const char *values, bool accepted) {
    for (struct text rest = text_of(values); rest.at;) {
        struct text value = text_until(&rest, '|');
        if (lexical_accepts(type, value) != accepted) {
            fail_msg("%s: '" TEXT_FORMAT "' should %sbe accepted", lexical_infos[type].name, TEXT_ARGS(value),
                     accepted ? "" : "not ");
        }
    }
}

static void test_cases(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect(cases[i].type, cases[i].accepted, true);
        expect(cases[i].type, cases[i].refused, false);
    }
}

static void test_octets(void **state) {
    assert_int_equal(lexical_octets(LEXICAL_HEX, TEXT("0aFF")), 2);
    assert_int_equal(lexical_octets(LEXICAL_BASE64, TEXT("TW Fu TQ==")), 4);
    assert_int_equal(lexical_octets(LEXICAL_BASE64, TEXT("")), 0);
}

static void test_numbers(void **state) {
    static const char *const rising[] = { "-100", "-12.5", "-2", "-0.51", "-0.5", "0",  "0.05",
                                          "0.5",  "0.51",  "2",  "12.49", "12.5", "100" };
    static const struct {
        const char *number, *printed;
    } printed[] = {
        { "+001.500", "1.5" }, { "-0", "0" }, { ".50", "0.5" }, { "-100", "-100" }, { "0.0", "0" },
    };
    for (size_t i = 0; i < COUNT(rising); i++) {
        for (size_t k = 0; k < COUNT(rising); k++) {
            struct number a, b;
            assert_true(number_read(LEXICAL_DECIMAL, text_of(rising[i]), &a));
            assert_true(number_read(LEXICAL_DECIMAL, text_of(rising[k]), &b));
            int order = number_compare(&a, &b);
            assert_int_equal(order < 0 ? -1 : order > 0, i < k ? -1 : i > k);
        }
    }
    for (size_t i = 0; i < COUNT(printed); i++) {
        struct number number;
        char out[LEXICAL_DIGITS_MAX + 3];
        assert_true(number_read(LEXICAL_DECIMAL, text_of(printed[i].number), &number));
        struct text text = { out, number_print(&number, out) };
        assert_true(text_is(text, printed[i].printed));
    }
}

/* Case 509: a number read at once, where more may be read behind it, is the one read digit by digit. */
static void test_numbers_at_once(void **state) {
    static const char signs[] = "0000123459.-+ x";
    static const enum lexical_type types[] = { LEXICAL_DECIMAL, LEXICAL_INTEGER, LEXICAL_UNSIGNED_INT };
    uint64_t random = 509;
    for (int i = 0; i < 300000; i++) {
        char room[40];
        for (size_t k = 0; k < sizeof(room); k++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
            room[k] = signs[(random >> 33) % (k % 4 ? 10 : sizeof(signs) - 1)];
        }
        struct text value = { room, (size_t)(random >> 40) % 18 };
        struct number one = { 0 }, other = { 0 };
        enum lexical_type type = types[i % COUNT(types)];
        bool read = number_read(type, value, &one);
        assert_int_equal(number_read_within(type, value, room + sizeof(room), &other), read);
        assert_true(!read
                    || (one.negative == other.negative && text_equal(one.whole, other.whole)
                        && text_equal(one.fraction, other.fraction)));
    }
}

/* Case 424: ranges of days and times, whatever the zone they are written in. */
static void test_moments_have_an_order(void **state) {
    static const struct {
        enum lexical_type type;
        const char *a, *b;
        enum moment_order order;
    } pairs[] = {
        { LEXICAL_DATE, "2026-11-28", "2026-11-29", MOMENT_BEFORE },
        { LEXICAL_DATE, "2024-02-29", "2024-03-01", MOMENT_BEFORE },
        { LEXICAL_DATE, "2000-01-01", "1999-12-31", MOMENT_AFTER },
        { LEXICAL_DATE, "2026-11-29Z", "2026-11-29+08:00", MOMENT_AFTER },
        { LEXICAL_DATE, "2026-11-29", "2026-11-29Z", MOMENT_ANY },
        { LEXICAL_DATE, "2026-11-28", "2026-11-29Z", MOMENT_BEFORE },
        { LEXICAL_DATE_TIME, "2026-11-29T20:00:00+08:00", "2026-11-29T12:00:00Z", MOMENT_SAME },
        { LEXICAL_DATE_TIME, "2026-11-29T12:00:00.5Z", "2026-11-29T12:00:00.500Z", MOMENT_SAME },
        { LEXICAL_DATE_TIME, "2026-11-29T12:00:00.05Z", "2026-11-29T12:00:00.5Z", MOMENT_BEFORE },
        { LEXICAL_DATE_TIME, "2026-11-29T23:30:00-01:00", "2026-11-30T00:29:59Z", MOMENT_AFTER },
        { LEXICAL_DATE_TIME, "2026-11-29T12:00:00", "2026-11-29T20:00:00Z", MOMENT_ANY },
        { LEXICAL_TIME, "08:00:00", "07:59:59.999", MOMENT_AFTER },
        { LEXICAL_YEAR_MONTH, "2026-02", "2026-10", MOMENT_BEFORE },
        { LEXICAL_YEAR, "1999", "2000", MOMENT_BEFORE },
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        struct moment a, b;
        assert_true(moment_read(pairs[i].type, text_of(pairs[i].a), &a));
        assert_true(moment_read(pairs[i].type, text_of(pairs[i].b), &b));
        if (moment_compare(&a, &b) != pairs[i].order) {
            fail_msg("%s %s: %d", pairs[i].a, pairs[i].b, moment_compare(&a, &b));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments_have_an_order),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_numbers_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
