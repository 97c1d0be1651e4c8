/* GB18030: every code of one, two and four bytes against the C library, and what is no character. */
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/gb18030.h"
#include "base/text.h"

static int32_t by_iconv(iconv_t handle, const unsigned char *bytes, size_t length) {
    uint32_t character = 0;
    char *in = (char *)(uintptr_t)bytes, *out = (char *)&character;
    size_t left = sizeof(character);
    iconv(handle, NULL, NULL, NULL, NULL);
    return iconv(handle, &in, &length, &out, &left) == 0 && left == 0 && length == 0 ? (int32_t)character
                                                                                     : -1;
}

static unsigned long checked, characters;

static void check(iconv_t handle, const unsigned char *bytes, size_t length) {
    const char *at = (const char *)bytes, *end = at + length;
    int32_t want = by_iconv(handle, bytes, length), have = gb18030_next(&at, end);
    if (have != want || (size_t)(at - (const char *)bytes) != (want < 0 ? 1 : length)) {
        fail_msg("%02X %02X %02X %02X: %X, not %X", bytes[0], bytes[1], bytes[2], bytes[3], (unsigned)have,
                 (unsigned)want);
    }
    checked++;
    characters += want >= 0;
}

static void test_equals_the_c_library(void **state) {
    iconv_t handle = iconv_open("UTF-32LE", "GB18030");
    assert_true(handle != (iconv_t)-1);
    for (unsigned a = 0; a < 128; a++) {
        check(handle, (const unsigned char[4]){ (unsigned char)a }, 1);
    }
    for (unsigned a = 0x80; a < 0x100; a++) {
        for (unsigned b = 0; b < 0x100; b++) {
            if (b < 0x30 || b > 0x39) {
                check(handle, (const unsigned char[4]){ (unsigned char)a, (unsigned char)b }, 2);
            }
        }
    }
    for (unsigned a = 0x81; a < 0xFF; a++) { /* all of the BMP, samples of what is beyond */
        unsigned step = a < 0x86 ? 1 : 7;
        for (unsigned b = 0x30; b < 0x3A; b++) {
            for (unsigned c = 0x81; c < 0xFF; c += step) {
                for (unsigned d = 0x30; d < 0x3A; d++) {
                    check(handle,
                          (const unsigned char[4]){ (unsigned char)a, (unsigned char)b, (unsigned char)c,
                                                    (unsigned char)d },
                          4);
                }
            }
        }
    }
    iconv_close(handle);
    assert_true(characters > 100000 && checked > characters);
}

static void test_cut_short_is_no_character(void **state) {
    static const char *const cut[] = { "\xC7", "\x81\x30",         "\x81\x30\x81",     "\x80",
                                       "\xFF", "\x81\x30\x81\x29", "\x81\x30\x29\x30", "\x81\x7F" };
    for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
        const char *at = cut[i];
        assert_int_equal(gb18030_next(&at, cut[i] + strlen(cut[i])), -1);
        assert_ptr_equal(at, cut[i] + 1);
    }
}

static void test_utf8_of_characters(void **state) {
    static const int32_t some[] = { 0, 0x7F, 0x80, 0x7FF, 0x800, 0x9752, 0xFFFD, 0x10000, 0x10FFFF };
    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        char out[4];
        const char *at = out, *end = out + text_put(some[i], out);
        assert_int_equal(text_next(&at, end), some[i]);
        assert_ptr_equal(at, end);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_the_c_library),
        cmocka_unit_test(test_cut_short_is_no_character),
        cmocka_unit_test(test_utf8_of_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
