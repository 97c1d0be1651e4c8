/*
 * test_base_base64.c - the examples of RFC 4648, section 10, both ways; what is not of that form is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *bytes, *text;
} examples[] = {
    { "", "" },
    { "f", "Zg==" },
    { "fo", "Zm8=" },
    { "foo", "Zm9v" },
    { "foob", "Zm9vYg==" },
    { "fooba", "Zm9vYmE=" },
    { "foobar", "Zm9vYmFy" },
    { "\xfb\xff\xfe", "+//+" },
};

static void examples_come_out_both_ways(void **state) {
    for (size_t i = 0; i < COUNT(examples); i++) {
        char text[32];
        uint8_t bytes[16];
        size_t length;
        base64_print(examples[i].bytes, strlen(examples[i].bytes), text);
        assert_string_equal(text, examples[i].text);
        assert_true(base64_read(text_of(text), bytes, sizeof(bytes), &length));
        assert_int_equal(length, strlen(examples[i].bytes));
        assert_memory_equal(bytes, examples[i].bytes, length);
    }
}

static void what_is_none_is_refused(void **state) {
    static const char *const none[] = { "Z",    "Zg",   "Zg=",  "Zh==", "Zm9=", "Zg==Zg==", "=m9v",
                                        "Z===", "====", "Zm9 ", "Zm-v", "Zm_v", "Zm9v\n",   "Zm9vYmFy" };
    for (size_t i = 0; i < COUNT(none); i++) {
        uint8_t bytes[5];
        size_t length;
        assert_false(base64_read(text_of(none[i]), bytes, sizeof(bytes), &length));
    }
}

static void every_byte_comes_back(void **state) {
    uint8_t all[256], again[256];
    char text[BASE64_SIZE(256)];
    size_t length;
    for (size_t i = 0; i < sizeof(all); i++) {
        all[i] = (uint8_t)(i * 167);
    }
    for (size_t count = 0; count <= sizeof(all); count++) {
        base64_print(all, count, text);
        assert_int_equal(strlen(text) + 1, BASE64_SIZE(count));
        assert_true(base64_read(text_of(text), again, count, &length));
        assert_int_equal(length, count);
        assert_memory_equal(again, all, count);
    }
}

static void for_addresses(void **state) {
    static const char *const none[] = { "Z", "Zg=", "Zg==", "Zh", "Zm9", "+-__", "Zm9v\n", "Zm9vYmFy" };
    uint8_t all[256], again[256];
    char text[BASE64_SIZE(256)];
    size_t length;
    for (size_t i = 0; i < sizeof(all); i++) {
        all[i] = (uint8_t)(i * 167);
    }
    for (size_t count = 0; count <= sizeof(all); count++) {
        base64url_print(all, count, text);
        assert_null(strpbrk(text, "+/="));
        assert_true(base64url_read(text_of(text), again, count, &length));
        assert_int_equal(length, count);
        assert_memory_equal(again, all, count);
    }
    assert_string_equal(base64url_print("\xfb\xff\xfe", 3, text), "-__-");
    for (size_t i = 0; i < COUNT(none); i++) {
        assert_false(base64url_read(text_of(none[i]), again, 5, &length));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_come_out_both_ways),
        cmocka_unit_test(what_is_none_is_refused),
        cmocka_unit_test(every_byte_comes_back),
        cmocka_unit_test(for_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
