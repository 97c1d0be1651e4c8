/* test_base_stamp.c - what is read as a moment or day, what is refused; every day against the C library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/stamp.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void moments_are_read_exactly(void **state) {
    static const struct {
        const char *text;
        stamp at;
    } cases[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "1970-01-01T08:00:00", 0 },
        { "1970-01-01T08:00:00+08:00", 0 },
        { "1970-01-01T08:00:00+0800", 0 },
        { "1970-01-01T08:00:00+08", 0 },
        { "1969-12-31T18:30:00-05:30", 0 },
        { "1970-01-01T14:00:00+14:00", 0 },
        { "1970-01-01T00:00:00-00:00", 0 },
        { "1970-01-01T00:00:01.5Z", 1500000000 },
        { "1970-01-01T00:00:00.000000001Z", 1 },
        { "1970-01-01T00:00:00.123456789999Z", 123456789 },
        { "1969-12-31T23:59:59.999Z", -1000000 },
        { "2024-02-29T00:00:00Z", INT64_C(1709164800) * STAMP_SECOND },
        { "2000-02-29T23:59:59Z", INT64_C(951868799) * STAMP_SECOND },
        { "1900-01-01T00:00:00", INT64_C(-2209017600) * STAMP_SECOND },
        { "2199-12-31T23:59:59.999999999", INT64_C(7258089600) * STAMP_SECOND - 1 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        stamp at;
        if (!stamp_parse(text_of(cases[i].text), &at)) {
            fail_msg("%s: refused", cases[i].text);
        }
        assert_int_equal(at, cases[i].at);
    }
}

static void what_is_no_moment_is_refused(void **state) {
    static const char *const cases[] = {
        "",
        "2026",
        "2026-10-31",
        "2026-10-31 08:00:00",
        "2026-10-31t08:00:00",
        "2026-10-31T08:00",
        "2026-10-31T8:00:00",
        "2026-10-31T24:00:00",
        "2026-10-31T23:60:00",
        "2026-10-31T23:59:60Z",
        "2026-02-29T00:00:00",
        "2100-02-29T00:00:00",
        "2026-00-01T00:00:00",
        "2026-13-01T00:00:00",
        "2026-04-31T00:00:00",
        "2026-01-00T00:00:00",
        "0000-01-01T00:00:00",
        "2026-10-31T08:00:00.",
        "2026-10-31T08:00:00.Z",
        "2026-10-31T08:00:00z",
        "2026-10-31T08:00:00+",
        "2026-10-31T08:00:00+8",
        "2026-10-31T08:00:00+08:",
        "2026-10-31T08:00:00+08:0",
        "2026-10-31T08:00:00+14:01",
        "2026-10-31T08:00:00+08:60",
        "2026-10-31T08:00:00+08:000",
        "2026-10-31T08:00:00Z ",
        " 2026-10-31T08:00:00Z",
        "2026-10-31T08:00:00ZZ",
        "+2026-10-31T08:00:00",
        "12026-10-31T08:00:00",
        "2262-04-11T23:47:16.854775808Z",
        "9999-12-31T23:59:59Z",
        "1677-09-01T00:00:00Z",
        "1899-12-31T23:59:59",
        "1899-12-31T15:59:59Z",
        "2200-01-01T00:00:00",
        "2199-12-31T16:00:00Z",
        "0001-01-01T00:00:00",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        stamp at;
        if (stamp_parse(text_of(cases[i]), &at)) {
            fail_msg("%s: taken", cases[i]);
        }
    }
}

static void stamps_are_shown_in_shanghai(void **state) {
    static const struct {
        stamp at;
        const char *text;
        int32_t day;
    } cases[] = {
        { 0, "1970-01-01T08:00:00.000+08:00", 0 },
        { -1, "1970-01-01T07:59:59.999+08:00", 0 },
        { -8 * 3600 * STAMP_SECOND - 1, "1969-12-31T23:59:59.999+08:00", -1 },
        { 16 * 3600 * STAMP_SECOND, "1970-01-02T00:00:00.000+08:00", 1 },
        { 16 * 3600 * STAMP_SECOND - 1, "1970-01-01T23:59:59.999+08:00", 0 },
        { INT64_MAX, "2262-04-12T07:47:16.854+08:00", 106752 },
        { INT64_MIN, "1677-09-21T08:12:43.145+08:00", -106752 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[STAMP_TEXT_MAX];
        assert_string_equal(stamp_print(cases[i].at, out), cases[i].text);
        assert_int_equal(stamp_day(cases[i].at), cases[i].day);
    }
}

static void what_is_printed_is_read_back(void **state) {
    for (stamp at = -STAMP_SECOND * 86400 * 365 * 60; at < STAMP_SECOND * 86400 * 365 * 200;
         at += INT64_C(86413) * 997 * 1000000000 + 7000000) {
        char out[STAMP_TEXT_MAX];
        stamp again;
        assert_true(stamp_parse(text_of(stamp_print(at, out)), &again));
        assert_int_equal(again, at);
    }
}

static void every_day_of_four_centuries_is_the_c_librarys(void **state) {
    for (int32_t day = day_of(1900, 1, 1); day < day_of(2300, 1, 1); day++) {
        time_t seconds = (time_t)day * 86400;
        struct tm expected;
        gmtime_r(&seconds, &expected);
        int year, month, day_of_month;
        day_split(day, &year, &month, &day_of_month);
        assert_int_equal(year, expected.tm_year + 1900);
        assert_int_equal(month, expected.tm_mon + 1);
        assert_int_equal(day_of_month, expected.tm_mday);
        assert_int_equal(day_of(year, month, day_of_month), day);
    }
    assert_int_equal(stamp_day(stamp_of_day(20000)), 20000);
    assert_int_equal(stamp_day(stamp_of_day(20000) - 1), 19999);
}

/* Cases 101, 103: a stamp cannot hold every day, and whoever asks for one gets the nearest. */
static void what_lies_beyond_all_stamps_is_the_nearest(void **state) {
    static const int32_t days[] = { DAY_OPEN, INT32_MAX, 106752, 106753, INT32_MIN, -719162, -106752 };
    for (size_t i = 0; i < COUNT(days); i++) {
        stamp at = stamp_of_day(days[i]);
        assert_true(days[i] > 0 ? at > stamp_of_day(106000) : at < stamp_of_day(-106000));
        int year, month, day;
        day_split(days[i], &year, &month, &day);
        assert_true(month >= 1 && month <= 12 && day >= 1 && day <= 31);
    }
    assert_int_equal(stamp_of_day(DAY_OPEN), INT64_MAX);
    assert_int_equal(stamp_of_day(INT32_MIN), INT64_MIN);
    assert_true(calendar_has(CALENDAR_FIRST) && calendar_has(CALENDAR_LAST));
    assert_false(calendar_has(CALENDAR_FIRST - 1) || calendar_has(CALENDAR_LAST + 1)
                 || calendar_has(DAY_OPEN));
    assert_int_equal(day_of(1900, 1, 1), CALENDAR_FIRST);
    assert_int_equal(day_of(2199, 12, 31), CALENDAR_LAST);
    assert_int_equal(day_of(9999, 12, 31), DAY_OPEN);
}

static void days_and_months_are_read_or_refused(void **state) {
    static const struct {
        const char *text;
        bool good;
        int32_t day;
    } days[] = {
        { "1970-01-01", true, 0 },       { "1969-12-31", true, -1 },      { "2024-02-29", true, 19782 },
        { "0001-01-01", true, -719162 }, { "9999-12-31", true, 2932896 }, { "2023-02-29", false, 0 },
        { "1900-02-29", false, 0 },      { "2024-2-29", false, 0 },       { "2024-02-29 ", false, 0 },
        { "20240229", false, 0 },        { "2024-06-31", false, 0 },      { "2024-02-29T", false, 0 },
    };
    for (size_t i = 0; i < COUNT(days); i++) {
        int32_t day;
        char out[STAMP_TEXT_MAX];
        assert_int_equal(day_parse(text_of(days[i].text), &day), days[i].good);
        if (days[i].good) {
            assert_int_equal(day, days[i].day);
            assert_string_equal(day_print(day, out), days[i].text);
        }
    }
    static const struct {
        const char *text;
        int length;
    } months[] = {
        { "2026-10", 31 }, { "2026-11", 30 },   { "2026-12", 31 }, { "2024-02", 29 },
        { "2026-02", 28 }, { "2026-13", 0 },    { "2026-00", 0 },  { "2026-1", 0 },
        { "2026-10-", 0 }, { "2026-10-01", 0 }, { "", 0 },         { "1900-01", 31 },
        { "2199-12", 31 }, { "1899-12", 0 },    { "2200-01", 0 },  { "9999-12", 0 },
    };
    for (size_t i = 0; i < COUNT(months); i++) {
        int32_t first, next;
        bool good = month_parse(text_of(months[i].text), &first, &next);
        assert_int_equal(good, months[i].length > 0);
        assert_true(!good || next - first == months[i].length);
    }
}

static void clocks_go_forward(void **state) {
    int64_t ms = stamp_monotonic_ms();
    assert_true(stamp_now() > INT64_C(1600000000) * STAMP_SECOND);
    assert_true(stamp_monotonic_ms() >= ms);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_read_exactly),
        cmocka_unit_test(what_is_no_moment_is_refused),
        cmocka_unit_test(stamps_are_shown_in_shanghai),
        cmocka_unit_test(what_is_printed_is_read_back),
        cmocka_unit_test(every_day_of_four_centuries_is_the_c_librarys),
        cmocka_unit_test(what_lies_beyond_all_stamps_is_the_nearest),
        cmocka_unit_test(days_and_months_are_read_or_refused),
        cmocka_unit_test(clocks_go_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
