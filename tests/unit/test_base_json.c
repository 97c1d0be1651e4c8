/* test_base_json.c - what is read, what is refused with its place, what is written and escaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
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
    void *iterator = NULL;
    struct json_member member;
    const char *const keys[] = { "z", "a", "m", "b" };
    size_t count = 0;
    for (; json_next(root, &iterator, &member); count++) {
        assert_string_equal(member.key, keys[count]);
        assert_int_equal(json_int(member.value), count + 1);
    }
    assert_int_equal(count, 4);
    iterator = NULL;
    assert_false(json_next(json_at(root, "z"), &iterator, &member));
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
        { "[\"\\u0000\"]", "line 1, column 9: \\u0000 is not allowed" },
        { "[\"\\uD800\"]", "line 1, column 9: invalid Unicode" },
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

static void escapes_are_decoded(void **state) {
    static const struct {
        const char *text, *read;
    } cases[] = {
        { "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "\"\\/\b\f\n\r\t" },
        { "[\"a\\u0041\\u00e9\\u6BDB\\uD83D\\uDEA2z\"]", "aA\xC3\xA9\xE6\xAF\x9B\xF0\x9F\x9A\xA2z" },
        { "[\"\"]", "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(json_string(json_item(json_parse(arena, text_of(cases[i].text), NULL, 0), 0)),
                            cases[i].read);
    }
    const struct json *root = json_parse(arena, TEXT("{\"k\\u0041\": [1.5e2, -0, 12.25, 3]}"), NULL, 0);
    const struct json *list = json_at(root, "kA");
    assert_int_equal(json_count(list), 4);
    assert_true(json_double(json_item(list, 0)) == 150 && json_double(json_item(list, 2)) == 12.25);
    assert_true(json_double(json_item(list, 3)) == 3 && json_int(json_item(list, 1)) == 0);
}

/* What is compared each with each has an end; so has nesting, which goes deeper than what anybody
 * writes. */
static void many_members_and_levels(void **state) {
    enum { MANY = 50000, DEEP = 2048 };
    struct buf text;
    buf_init(&text, 16 << 20);
    for (int twice = 0; twice < 2; twice++) {
        buf_clear(&text);
        for (int i = 0; i < MANY; i++) {
            buf_printf(&text, "%s\"k%d\":%d", i ? "," : "{", i, i);
        }
        buf_add_string(&text, twice ? ",\"k17\":0}" : "}");
        char why[100] = "";
        const struct json *root = json_parse(arena, buf_text(&text), why, sizeof(why));
        if (twice) {
            assert_null(root);
            assert_non_null(strstr(why, "duplicate object key"));
        } else {
            assert_int_equal(json_int_at(root, "k49999"), 49999);
        }
    }
    for (int deeper = 0; deeper < 2; deeper++) {
        buf_clear(&text);
        for (int i = 0; i < 2 * (DEEP + deeper); i++) {
            buf_add_char(&text, i < DEEP + deeper ? '[' : ']');
        }
        assert_int_equal(json_parse(arena, buf_text(&text), NULL, 0) == NULL, deeper);
    }
    buf_release(&text);
}

/* Whatever stands behind its end, and wherever it is cut: nothing beyond it is read (under a sanitizer). */
static void cut_texts_are_refused(void **state) {
    static const char whole[] = "{\"a\\u00e9\":[1,-2.5e3,true,null,\"\xE6\xAF\x9B\\uD83D\\uDEA2\"],\"b\":{}}";
    for (size_t length = 0; length < sizeof(whole); length++) {
        char *cut = malloc(length ? length : 1);
        memcpy(cut, whole, length);
        assert_int_equal(json_parse(arena, (struct text){ cut, length }, NULL, 0) != NULL,
                         length == sizeof(whole) - 1);
        free(cut);
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
        cmocka_unit_test(escapes_are_decoded),
        cmocka_unit_test(many_members_and_levels),
        cmocka_unit_test(cut_texts_are_refused),
        cmocka_unit_test(documents_are_written_with_commas_where_they_belong),
        cmocka_unit_test(texts_are_escaped_and_mended),
        cmocka_unit_test(whatever_is_written_can_be_read),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
