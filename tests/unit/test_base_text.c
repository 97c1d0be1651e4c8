/* test_base_text.c - cutting and comparing, numbers, UTF-8 to the letter of RFC 3629, width on a screen. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void texts_compare_as_bytes(void **state) {
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        { "", "", 0 },     { "a", "a", 0 },  { "a", "b", -1 }, { "b", "a", 1 },
        { "a", "ab", -1 }, { "ab", "a", 1 }, { "", "a", -1 },  { "\x7f", "\x80", -1 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int order = text_compare(text_of(cases[i].a), text_of(cases[i].b));
        assert_int_equal((order > 0) - (order < 0), cases[i].order);
        assert_int_equal(text_equal(text_of(cases[i].a), text_of(cases[i].b)), cases[i].order == 0);
        assert_int_equal(text_is(text_of(cases[i].a), cases[i].b), cases[i].order == 0);
    }
    assert_true(text_equal((struct text){ 0 }, TEXT("")));
    assert_int_equal(text_compare((struct text){ 0 }, TEXT("")), 0);
    assert_false(text_equal((struct text){ "a\0b", 3 }, (struct text){ "a\0c", 3 }));
    assert_non_null(text_of(NULL).at);
}

/* Short ones are not compared byte by byte. */
static void texts_of_any_length_are_equal_in_all_their_bytes(void **state) {
    for (size_t length = 1; length <= 40; length++) {
        char *a = malloc(length), *b = malloc(length); /* so that who watches memory sees a byte too many */
        memset(a, 'a', length);
        memset(b, 'a', length);
        assert_true(text_equal((struct text){ a, length }, (struct text){ b, length }));
        for (size_t at = 0; at < length; at++) {
            b[at] = 'b';
            assert_false(text_equal((struct text){ a, length }, (struct text){ b, length }));
            b[at] = 'a';
        }
        free(a);
        free(b);
    }
}

static void a_prefix_is_found_only_at_the_start(void **state) {
    assert_true(text_starts(TEXT("abc"), "ab"));
    assert_true(text_starts(TEXT("abc"), ""));
    assert_true(text_starts(TEXT("abc"), "abc"));
    assert_false(text_starts(TEXT("abc"), "abcd"));
    assert_false(text_starts(TEXT("xabc"), "ab"));
    assert_false(text_starts((struct text){ 0 }, "a"));
}

static void trimming_takes_xml_white_space_only(void **state) {
    assert_true(text_is(text_trim(TEXT(" \t\r\n a b \n")), "a b"));
    assert_true(text_is(text_trim(TEXT("  ")), ""));
    assert_true(text_is(text_trim(TEXT("\v")), "\v"));
    assert_int_equal(text_trim((struct text){ 0 }).length, 0);
}

static void a_list_is_cut_into_all_its_parts(void **state) {
    static const struct {
        const char *list;
        size_t count;
        const char *parts[4];
    } cases[] = {
        { "a,b,c", 3, { "a", "b", "c" } },
        { "a", 1, { "a" } },
        { ",a,", 3, { "", "a", "" } },
        { "", 1, { "" } },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text rest = text_of(cases[i].list);
        size_t count = 0;
        for (; rest.at; count++) {
            assert_true(count < cases[i].count);
            assert_true(text_is(text_until(&rest, ','), cases[i].parts[count]));
        }
        assert_int_equal(count, cases[i].count);
    }
    struct text rest = { 0 };
    assert_int_equal(text_until(&rest, ',').length, 0);
}

static void numbers_are_digits_that_fit(void **state) {
    static const struct {
        const char *text;
        bool good;
        uint64_t value;
    } cases[] = {
        { "0", true, 0 },
        { "007", true, 7 },
        { "18446744073709551615", true, UINT64_MAX },
        { "18446744073709551616", false, 0 },
        { "99999999999999999999999", false, 0 },
        { "", false, 0 },
        { "+1", false, 0 },
        { "-1", false, 0 },
        { " 1", false, 0 },
        { "1 ", false, 0 },
        { "0x1", false, 0 },
        { "1/", false, 0 },
        { "1:", false, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t value;
        assert_int_equal(text_to_uint(text_of(cases[i].text), &value), cases[i].good);
        if (cases[i].good) {
            assert_int_equal(value, cases[i].value);
        }
    }
}

static void a_number_is_printed_as_printf_does(void **state) {
    uint64_t numbers[] = { 0, 9, 10, 4096, INT64_MAX, UINT64_MAX };
    for (size_t i = 0; i < COUNT(numbers); i++) {
        char out[TEXT_NUMBER_MAX], expected[TEXT_NUMBER_MAX];
        snprintf(expected, sizeof(expected), "%" PRIu64, numbers[i]);
        assert_string_equal(text_of_uint(numbers[i], out), expected);
    }
}

/* --- UTF-8 ------------------------------------------------------------------------------------------- */

static void characters_are_read_or_refused(void **state) {
    static const struct {
        const char *bytes;
        int32_t character;
    } cases[] = {
        { "a", 'a' },
        { "\x7F", 0x7F },
        { "\xC2\x80", 0x80 },
        { "\xDF\xBF", 0x7FF },
        { "\xE0\xA0\x80", 0x800 },
        { "\xE6\xAF\x9B", 0x6BDB },
        { "\xED\x9F\xBF", 0xD7FF },
        { "\xEE\x80\x80", 0xE000 },
        { "\xEF\xBF\xBF", 0xFFFF },
        { "\xF0\x90\x80\x80", 0x10000 },
        { "\xF4\x8F\xBF\xBF", 0x10FFFF },
        { "\x80", -1 },
        { "\xBF", -1 },
        { "\xC0\x80", -1 },
        { "\xC1\xBF", -1 },
        { "\xC2", -1 },
        { "\xC2\x41", -1 },
        { "\xE0\x9F\xBF", -1 },
        { "\xE0\xA0", -1 },
        { "\xE6\xAF", -1 },
        { "\xE6\xAF\x41", -1 },
        { "\xE6\x41\x9B", -1 },
        { "\xED\xA0\x80", -1 },
        { "\xED\xBF\xBF", -1 },
        { "\xF0\x8F\xBF\xBF", -1 },
        { "\xF0\x90\x80", -1 },
        { "\xF0\x90\x80\x41", -1 },
        { "\xF4\x90\x80\x80", -1 },
        { "\xF5\x80\x80\x80", -1 },
        { "\xFF", -1 },
        { "\xFE", -1 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char copy[8]; /* exactly as long as the text: an overrun would show */
        size_t length = strlen(cases[i].bytes);
        memcpy(copy + sizeof(copy) - length, cases[i].bytes, length);
        const char *at = copy + sizeof(copy) - length;
        assert_int_equal(text_is_utf8((struct text){ at, length }), cases[i].character >= 0);
        assert_int_equal(text_next(&at, copy + sizeof(copy)), cases[i].character);
        size_t left = (size_t)(copy + sizeof(copy) - at);
        assert_int_equal(left, cases[i].character >= 0 ? 0 : length - 1); /* malformed: one byte on */
    }
}

/* Every character there is, written by the rule of RFC 3629 section 3, is read back. */
static void every_character_comes_back(void **state) {
    for (int32_t c = 0x80; c <= 0x10FFFF; c++) {
        char bytes[4];
        int length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (int i = length - 1; i > 0; i--) {
            bytes[i] = (char)(0x80 | (c >> 6 * (length - 1 - i) & 0x3F));
        }
        bytes[0] = (char)((0xF00 >> length & 0xFF) | c >> 6 * (length - 1));
        const char *at = bytes;
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        if (text_next(&at, bytes + length) != (surrogate ? -1 : c)) {
            fail_msg("U+%04X", (unsigned)c);
        }
    }
}

static void a_bad_byte_is_found_wherever_it_stands(void **state) {
    char text[40];
    for (size_t bad = 0; bad < sizeof(text); bad++) {
        memset(text, 'a', sizeof(text));
        assert_true(text_is_utf8((struct text){ text, sizeof(text) }));
        text[bad] = (char)0xFF;
        assert_false(text_is_utf8((struct text){ text, sizeof(text) }));
    }
    assert_true(text_is_utf8((struct text){ 0 }));
    assert_true(text_is_utf8(TEXT("一二三四五六七八九十 ascii 之后")));
}

static void characters_and_columns_are_counted(void **state) {
    static const struct {
        const char *text;
        size_t characters, width;
    } cases[] = {
        { "", 0, 0 },         { "abc", 3, 3 },       { "毛重", 2, 4 }, { "a毛b", 3, 4 },
        { "ｆｕｌｌ", 4, 8 }, { "e\xCC\x81", 2, 1 }, { "§±", 2, 2 },   { "\t", 1, 0 },
        { "\x1B[1m", 4, 3 },  { "\xFF\xFE", 2, 2 },  { "，。", 2, 4 }, { "한글", 2, 4 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(text_characters(text_of(cases[i].text)), cases[i].characters);
        assert_int_equal(text_width(text_of(cases[i].text)), cases[i].width);
    }
}

static void a_text_is_cut_between_characters(void **state) {
    static const struct {
        const char *text;
        size_t max;
        const char *cut;
    } cases[] = {
        { "abc", 4, "abc" },   { "abc", 3, "abc" }, { "abc", 2, "ab" },  { "abc", 0, "" },  { "", 0, "" },
        { "报关", 6, "报关" }, { "报关", 5, "报" }, { "报关", 3, "报" }, { "报关", 2, "" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_true(text_is(text_cut(text_of(cases[i].text), cases[i].max), cases[i].cut));
    }
}

static void what_the_eye_makes_of_a_character(void **state) {
    static const struct {
        int32_t character;
        enum text_look look;
    } cases[] = {
        { 'A', TEXT_SEEN },      { ' ', TEXT_SEEN },       { 0x7F, TEXT_SEEN },      { 0xE9, TEXT_SEEN },
        { 0x4E2D, TEXT_SEEN },   { 0xFF76, TEXT_SEEN }, /* half-width katakana */
        { 0x80, TEXT_UNSEEN },   { 0xAD, TEXT_UNSEEN },    { 0x200B, TEXT_UNSEEN },  { 0x200D, TEXT_UNSEEN },
        { 0x200F, TEXT_UNSEEN }, { 0x202E, TEXT_UNSEEN },  { 0x2060, TEXT_UNSEEN },  { 0x2066, TEXT_UNSEEN },
        { 0xFEFF, TEXT_UNSEEN }, { 0xFE0F, TEXT_UNSEEN },  { 0x034F, TEXT_UNSEEN },  { 0x061C, TEXT_UNSEEN },
        { 0x3164, TEXT_UNSEEN }, { 0xE0041, TEXT_UNSEEN }, { 0xE0100, TEXT_UNSEEN }, { 0xA0, TEXT_BLANK },
        { 0x2009, TEXT_BLANK },  { 0x202F, TEXT_BLANK },   { 0x3000, TEXT_BLANK },   { 0x2028, TEXT_BLANK },
        { 0x2800, TEXT_BLANK },  { 0xFF21, TEXT_WIDE },    { 0xFF10, TEXT_WIDE },    { 0xFF0D, TEXT_WIDE },
        { 0xFF01, TEXT_WIDE },   { 0xFF5E, TEXT_WIDE },    { 0xFF5F, TEXT_SEEN },    { 0x0410, TEXT_ALIKE },
        { 0x039F, TEXT_ALIKE },  { 0x2013, TEXT_ALIKE },   { 0x2160, TEXT_ALIKE },   { 0x0416, TEXT_SEEN },
        { 0x4E00, TEXT_SEEN },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (text_look(cases[i].character) != cases[i].look) {
            fail_msg("U+%04X looks %d", (unsigned)cases[i].character, (int)text_look(cases[i].character));
        }
    }
    size_t alike = 0;
    for (int32_t character = 0; character < 0x110000; character++) {
        enum text_look look = text_look(character);
        alike += look == TEXT_ALIKE;
        assert_int_equal(text_plain(character) != 0, look == TEXT_ALIKE || look == TEXT_WIDE);
    }
    assert_int_equal(alike, 93); /* each row of the table is found */
    assert_int_equal(text_plain(0x0421), 'C');
    assert_int_equal(text_plain(0xFF21), 'A');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_compare_as_bytes),
        cmocka_unit_test(texts_of_any_length_are_equal_in_all_their_bytes),
        cmocka_unit_test(a_prefix_is_found_only_at_the_start),
        cmocka_unit_test(trimming_takes_xml_white_space_only),
        cmocka_unit_test(a_list_is_cut_into_all_its_parts),
        cmocka_unit_test(numbers_are_digits_that_fit),
        cmocka_unit_test(a_number_is_printed_as_printf_does),
        cmocka_unit_test(characters_are_read_or_refused),
        cmocka_unit_test(every_character_comes_back),
        cmocka_unit_test(a_bad_byte_is_found_wherever_it_stands),
        cmocka_unit_test(characters_and_columns_are_counted),
        cmocka_unit_test(a_text_is_cut_between_characters),
        cmocka_unit_test(what_the_eye_makes_of_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
