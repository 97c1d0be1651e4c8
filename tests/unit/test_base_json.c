/* test_base_json.c - what is read, what is refused with its place, what is written and escaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

static struct arena *arena;

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void values_are_read(void **state) {
    const struct json *root =
        json_parse(arena,
                   TEXT("{\"s\": \"毛重\", \"n\": -9223372036854775808, \"t\": true, \"f\": false,"
                        " \"z\": null, \"r\": 1.5, \"a\": [1, \"two\", []], \"o\": {\"k\": \"v\"}}"),
                   NULL, 0);
    assert_non_null(root);
    assert_string_equal(json_string_at(root, "s"), "毛重");
    assert_int_equal(json_int_at(root, "n"), INT64_MIN);
    assert_true(json_bool(json_at(root, "t")));
    assert_false(json_bool(json_at(root, "f")));
    assert_int_equal(json_count(json_at(root, "a")), 3);
    assert_int_equal(json_int(json_item(json_at(root, "a"), 0)), 1);
    assert_string_equal(json_string(json_item(json_at(root, "a"), 1)), "two");
    assert_string_equal(json_string_at(json_at(root, "o"), "k"), "v");
}

static void what_is_absent_or_of_another_kind_is_nothing(void **state) {
    const struct json *root =
        json_parse(arena, TEXT("{\"s\": \"x\", \"r\": 1.5, \"z\": null, \"a\": [1]}"), NULL, 0);
    assert_null(json_at(root, "none"));
    assert_null(json_at(NULL, "none"));
    assert_null(json_at(json_at(root, "a"), "none"));
    assert_null(json_string_at(root, "r"));
    assert_null(json_string_at(root, "none"));
    assert_int_equal(json_int_at(root, "r"), 0);
    assert_int_equal(json_int_at(root, "s"), 0);
    assert_int_equal(json_int_at(root, "none"), 0);
    assert_false(json_bool(json_at(root, "s")));
    assert_int_equal(json_count(root), 0);
    assert_null(json_item(json_at(root, "a"), 1));
    assert_null(json_item(root, 0));
}

static void members_come_in_the_order_written(void **state) {
    const struct json *root = json_parse(arena, TEXT("{\"z\": 1, \"a\": 2, \"m\": 3, \"b\": 4}"), NULL, 0);
    size_t place = 0;
    struct json_member member;
    const char *const keys[] = { "z", "a", "m", "b" };
    size_t count = 0;
    for (; json_next(root, &place, &member); count++) {
        assert_string_equal(member.key, keys[count]);
        assert_int_equal(json_int(member.value), count + 1);
    }
    assert_int_equal(count, 4);
    place = 0;
    assert_false(json_next(json_at(root, "z"), &place, &member));
}

static void refusals_say_where(void **state) {
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "", "line 1, column 0: " },
        { "{\"a\": 1,\n \"a\": 2}", "line 2, column 4: duplicate object key" },
        { "{\"a\": {\"b\": 1, \"b\": 2}}", "line 1, column 18: duplicate object key" },
        { "{\"a\": 1} x", "line 1, column 10: end of file expected" },
        { "[1,]", "line 1, column 4: " },
        { "{'a': 1}", "line 1, column " },
        { "[\"\xFF\"]", "line 1, column 2: unable to decode byte 0xff" },
        { "[\"\\u0000\"]", "line 1, column 8: \\u0000 is not allowed" },
        { "[\"\\uD800\"]", "line 1, column 8: invalid Unicode" },
        { "[\"毛\\uDC00\"]", "line 1, column 9: invalid Unicode" },
        { "[\"\\uD800\\u0041\"]", "line 1, column 14: invalid Unicode" },
        { "[\"\\uD83D\\uDEa\"]", "line 1, column 13: invalid escape" },
        { "[\"\\v\"]", "line 1, column 3: invalid escape" },
        { "[\"\\", "line 1, column 3: invalid escape" },
        { "[\"abc", "line 1, column 5: premature end of input" },
        { "[\"\xED\xA0\x80\"]", "line 1, column 2: unable to decode byte 0xed" },
        { "[\"\xC0\xAF\"]", "line 1, column 2: unable to decode byte 0xc0" },
        { "{\"a\" 1}", "line 1, column 5: ':' expected" },
        { "{\"a\": 1, }", "line 1, column 9: string or '}' expected" },
        { "{\"a\": 1]", "line 1, column 8: '}' expected" },
        { "[1 2]", "line 1, column 4: ']' expected" },
        { "[1", "line 1, column 2: ']' expected" },
        { "[tru]", "line 1, column 2: invalid token" },
        { "[nullx]", "line 1, column 6: ']' expected" },
        { "[-]", "line 1, column 2: invalid number" },
        { "[1.]", "line 1, column 3: invalid number" },
        { "[1e+]", "line 1, column 4: invalid number" },
        { "[.5]", "line 1, column 2: invalid token" },
        { "[+1]", "line 1, column 2: invalid token" },
        { "[1e999]", "line 1, column 6: too big number" },
        { "[-9223372036854775809]", "line 1, column 21: too big integer" },
        { "\xEF\xBB\xBF[]", "line 1, column 0: '[' or '{' expected" },
        { "[9223372036854775808]", "line 1, column 20: too big integer" },
        { "[01]", "line 1, column " },
        { "[\"a\nb\"]", "line 1, column " },
        { "\"alone\"", "line 1, column " },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char why[160] = "";
        const struct json *root = json_parse(arena, text_of(cases[i].text), why, sizeof(why));
        if (root || strncmp(why, cases[i].why, strlen(cases[i].why)) != 0) {
            fail_msg("%s: [%s], not [%s...]", cases[i].text, why, cases[i].why);
        }
    }
    char short_one[6];
    assert_null(json_parse(arena, TEXT("["), short_one, sizeof(short_one)));
    assert_string_equal(short_one, "line ");
    assert_null(json_parse(arena, (struct text){ 0 }, NULL, 0));

    struct buf deep; /* nesting has an end, the stack does not meet it */
    buf_init(&deep, 1 << 20);
    for (int i = 0; i < 100000; i++) {
        buf_add_char(&deep, '[');
    }
    assert_null(json_parse(arena, buf_text(&deep), NULL, 0));
    buf_release(&deep);
}

static void strings_say_what_was_written(void **state) {
    static const struct {
        const char *text;
        struct text said;
    } cases[] = {
        { "[\"\"]", TEXT("") },
        { "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", TEXT("\"\\/\b\f\n\r\t") },
        { "[\"a\\u0041\\u00e9\\u6BDB\\uD83D\\uDEA2z\"]", TEXT("aA\xC3\xA9\xE6\xAF\x9B\xF0\x9F\x9A\xA2z") },
        { "[\"\xE6\xAF\x9B \\\\ \xF0\x9F\x9A\xA2\x7F\"]", TEXT("\xE6\xAF\x9B \\ \xF0\x9F\x9A\xA2\x7F") },
        { "[\"plain\\nthen plain, [not] {this: one}\"]", TEXT("plain\nthen plain, [not] {this: one}") },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *string = json_string(json_item(json_parse(arena, text_of(cases[i].text), NULL, 0), 0));
        assert_non_null(string);
        assert_string_equal(string, cases[i].said.at);
    }
    assert_null(json_parse(arena, TEXT("[\"a\0b\"]"), NULL, 0)); /* a NUL would end it for who reads it */
    assert_null(json_parse(arena, TEXT("[]\0"), NULL, 0));
}

static void figures_are_read(void **state) {
    const struct json *root =
        json_parse(arena, TEXT(" [0, -0, 9223372036854775807, -1.5e2, 0.25, 1E-400, 7e0]\r\n\t"), NULL, 0);
    assert_int_equal(json_count(root), 7);
    assert_int_equal(json_int(json_item(root, 0)), 0);
    assert_int_equal(json_int(json_item(root, 1)), 0);
    assert_true(json_int(json_item(root, 2)) == INT64_MAX);
    assert_true(json_double(json_item(root, 2)) == 9223372036854775807.0);
    assert_true(json_double(json_item(root, 3)) == -150.0);
    assert_true(json_double(json_item(root, 4)) == 0.25);
    assert_true(json_double(json_item(root, 5)) == 0.0);
    assert_int_equal(json_int(json_item(root, 6)), 0); /* written as a figure, it is none of our integers */
}

/* Many members are looked up and compared in another way than few; twice is twice, wherever it stands.
 * A hundred thousand keys of a sender are no work of a hundred thousand times as many looks. */
static void many_members_are_as_good_as_few(void **state) {
    static const size_t counts[] = { 31, 32, 33, 34, 100000 };
    for (size_t i = 0; i < COUNT(counts); i++) {
        for (int twice = 0; twice < 2; twice++) {
            struct buf text;
            char key[32];
            buf_init(&text, 16 << 20);
            buf_add_string(&text, "{");
            for (size_t k = 0; k < counts[i]; k++) {
                buf_printf(&text, "%s\"k%zu\": %zu", k ? ", " : "", k, k);
            }
            buf_printf(&text, "%s}", twice ? ", \"k\\u0037\": 0" : "");
            char why[160] = "";
            const struct json *root = json_parse(arena, buf_text(&text), why, sizeof(why));
            buf_release(&text);
            assert_true((root == NULL) == (twice == 1));
            if (twice) {
                assert_non_null(strstr(why, "duplicate object key"));
                continue;
            }
            size_t place = 0, count = 0;
            struct json_member member;
            for (; json_next(root, &place, &member); count++) {
                assert_int_equal(json_int(member.value), count);
            }
            assert_int_equal(count, counts[i]);
            snprintf(key, sizeof(key), "k%zu", counts[i] - 1);
            assert_int_equal(json_int_at(root, key), counts[i] - 1);
            assert_int_equal(json_int_at(root, "k17"), 17);
            assert_null(json_at(root, "k"));
            assert_null(json_at(root, "zzzzzzzzzzzzzzzzz"));
        }
        arena_reset(arena);
    }
}

static void brackets_in_brackets_have_a_limit(void **state) {
    for (size_t depth = 255; depth <= 257; depth++) {
        char text[1024], why[160] = "";
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        const struct json *root = json_parse(arena, (struct text){ text, 2 * depth }, why, sizeof(why));
        assert_true((root != NULL) == (depth <= 256));
        assert_true(depth <= 256 || strstr(why, "more than 256 brackets in brackets"));
    }
}

static void documents_are_written_with_commas_where_they_belong(void **state) {
    struct buf buf;
    struct json_out out;
    buf_init(&buf, 4096);
    json_start(&out, &buf);
    json_open_object(&out, NULL);
    json_open_array(&out, "empty");
    json_close_array(&out);
    json_put_string(&out, "s", "x");
    json_put_string(&out, "absent", NULL);
    json_put_int(&out, "n", INT64_MIN);
    json_put_bool(&out, "t", true);
    json_open_array(&out, "a");
    json_put_int(&out, NULL, 1);
    json_put_text(&out, NULL, TEXT("two"));
    json_open_object(&out, NULL);
    json_close_object(&out);
    json_open_object(&out, NULL);
    json_put_bool(&out, "f", false);
    json_close_object(&out);
    json_close_array(&out);
    json_put_raw(&out, "raw", TEXT("{\"k\":[]}"));
    json_put_text(&out, "key \"quoted\"", (struct text){ 0 });
    json_close_object(&out);
    assert_string_equal(buf.at,
                        "{\"empty\":[],\"s\":\"x\",\"n\":-9223372036854775808,\"t\":true,"
                        "\"a\":[1,\"two\",{},{\"f\":false}],\"raw\":{\"k\":[]},\"key \\\"quoted\\\"\":\"\"}");
    buf_release(&buf);
}

static void texts_are_escaped_and_mended(void **state) {
    static const struct {
        struct text text;
        const char *written;
    } cases[] = {
        { TEXT("plain 毛重 /"), "\"plain 毛重 /\"" },
        { TEXT("\"\\\n\r\t"), "\"\\\"\\\\\\n\\r\\t\"" },
        { TEXT("a\0b\x01\x1F"), "\"a\\u0000b\\u0001\\u001f\"" },
        { TEXT("\x7F\xC2\x9B"
               "2J\xC2\xA0"),
          "\"\\u007f\\u009b2J\xC2\xA0\"" },
        { TEXT("\xFFx\xE6\xAF"), "\"\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD\"" },
        { TEXT("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
        { TEXT("\xF0\x9F\x9A\xA2"), "\"\xF0\x9F\x9A\xA2\"" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf buf;
        struct json_out out;
        buf_init(&buf, 4096);
        json_start(&out, &buf);
        json_put_text(&out, NULL, cases[i].text);
        assert_string_equal(buf.at, cases[i].written);
        buf_release(&buf);
    }
}

/* Any bytes at all become a text that our reader takes. */
static void whatever_is_written_can_be_read(void **state) {
    for (int first = 1; first < 256; first++) {
        for (int second = 1; second < 256; second++) {
            char bytes[] = { (char)first, (char)second, 'x' };
            struct buf buf;
            struct json_out out;
            buf_init(&buf, 4096);
            json_start(&out, &buf);
            json_open_array(&out, NULL);
            json_put_text(&out, NULL, (struct text){ bytes, sizeof(bytes) });
            json_close_array(&out);
            const struct json *root = json_parse(arena, buf_text(&buf), NULL, 0);
            assert_non_null(root);
            const char *read = json_string(json_item(root, 0));
            assert_int_equal(read[strlen(read) - 1], 'x');
            if (first < 128 && second < 128) {
                assert_memory_equal(read, bytes, sizeof(bytes));
            }
            buf_release(&buf);
        }
    }
}

static int setup(void **state) {
    arena = arena_new();
    return 0;
}

static int teardown(void **state) {
    arena_free(arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(what_is_absent_or_of_another_kind_is_nothing),
        cmocka_unit_test(members_come_in_the_order_written),
        cmocka_unit_test(refusals_say_where),
        cmocka_unit_test(strings_say_what_was_written),
        cmocka_unit_test(figures_are_read),
        cmocka_unit_test(many_members_are_as_good_as_few),
        cmocka_unit_test(brackets_in_brackets_have_a_limit),
        cmocka_unit_test(documents_are_written_with_commas_where_they_belong),
        cmocka_unit_test(texts_are_escaped_and_mended),
        cmocka_unit_test(whatever_is_written_can_be_read),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
