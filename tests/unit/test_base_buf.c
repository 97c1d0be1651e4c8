/* test_base_buf.c - growing up to the maximum, to the byte, and what happens one byte further. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void bytes_gather_and_stay_terminated(void **state) {
    struct buf buf;
    buf_init(&buf, 1 << 20);
    assert_string_equal(buf.at, "");
    buf_clear(&buf);
    buf_add(&buf, NULL, 0);
    assert_string_equal(buf.at, "");
    buf_add_string(&buf, "a");
    buf_add_text(&buf, (struct text){ "bcd", 2 });
    buf_add_text(&buf, (struct text){ 0 });
    buf_add_char(&buf, 'd');
    buf_printf(&buf, "%d%s", 42, "e");
    assert_string_equal(buf.at, "abcd42e");
    assert_int_equal(buf.length, 7);
    assert_true(text_is(buf_text(&buf), "abcd42e"));
    buf_remove_front(&buf, 4);
    assert_string_equal(buf.at, "42e");
    buf_remove_front(&buf, 3);
    assert_string_equal(buf.at, "");
    buf_remove_front(&buf, 0);
    buf_release(&buf);
    assert_string_equal(buf.at, "");
    buf_add_string(&buf, "usable again");
    assert_string_equal(buf.at, "usable again");
    buf_release(&buf);
}

static void numbers_are_little_endian(void **state) {
    struct buf buf;
    buf_init(&buf, 64);
    buf_add_u32(&buf, 0x03040506);
    buf_add_u64(&buf, UINT64_C(0x0708090A0B0C0D0E));
    assert_int_equal(buf.length, 12);
    assert_memory_equal(buf.at, "\x06\x05\x04\x03\x0E\x0D\x0C\x0B\x0A\x09\x08\x07", 12);
    buf_release(&buf);
}

static void long_prints_are_whole(void **state) {
    for (int length = 250; length < 260; length++) { /* around the small buffer inside */
        struct buf buf;
        buf_init(&buf, 1000);
        buf_printf(&buf, "%*d", length, 7);
        assert_int_equal(buf.length, length);
        assert_int_equal(buf.at[length - 1], '7');
        assert_int_equal(buf.at[length], '\0');
        buf_release(&buf);
    }
}

static void add_bytes(struct buf *buf, size_t length) {
    static const char many[1000];
    buf_add(buf, many, length);
}

static void print_bytes(struct buf *buf, size_t length) {
    buf_printf(buf, "%*s", (int)length, "");
}

static void the_maximum_is_exact(void **state) {
    void (*const ways[])(struct buf *, size_t) = { add_bytes, print_bytes };
    static const size_t maxima[] = { 1, 63, 64, 65, 255, 256, 700 };
    for (size_t way = 0; way < 2; way++) {
        for (size_t i = 0; i < sizeof(maxima) / sizeof(maxima[0]); i++) {
            size_t max = maxima[i];
            struct buf buf;
            buf_init(&buf, max);
            ways[way](&buf, max);
            assert_false(buf_failed(&buf));
            assert_int_equal(buf.length, max);
            buf_add_char(&buf, 'x'); /* max + 1 */
            assert_true(buf_failed(&buf));
            assert_int_equal(buf.length, max);

            buf_clear(&buf);
            assert_false(buf_failed(&buf));
            ways[way](&buf, max + 1);
            assert_true(buf_failed(&buf));
            assert_int_equal(buf.length, 0); /* not a part of it */
            buf_add(&buf, "", 1);
            assert_int_equal(buf.length, 0); /* nor anything later, though it would fit */
            assert_true(buf_failed(&buf));
            buf_release(&buf);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_gather_and_stay_terminated),
        cmocka_unit_test(numbers_are_little_endian),
        cmocka_unit_test(long_prints_are_whole),
        cmocka_unit_test(the_maximum_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
