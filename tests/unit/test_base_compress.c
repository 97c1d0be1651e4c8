/*
 * What is compressed piece by piece is one frame, which is read as the pieces one behind the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/compress.h"
#include "base/decompress.h"

#define WHOLE_MAX (1u << 20)

static void read_again(const struct buf *frame, struct buf *out) {
    struct decompressor *decompressor = decompressor_new(COMPRESSION_ZSTD);
    buf_init(out, WHOLE_MAX);
    assert_int_equal(decompressor_add(decompressor, buf_text(frame), out), DECOMPRESS_GOOD);
    assert_int_equal(decompressor_end(decompressor), DECOMPRESS_GOOD);
    decompressor_free(decompressor);
}

static void pieces_are_one_frame(void **state) {
    (void)state;
    struct compressor *compressor = compressor_new();
    struct buf whole, frame, again;
    uint32_t random = 1;
    buf_init(&whole, WHOLE_MAX);
    buf_init(&frame, WHOLE_MAX);
    for (size_t i = 0; i < 50; i++) {
        size_t before = whole.length;
        for (size_t j = 0; j < i * i * 7;
             j++) { /* more than the library holds back, and than one call gives */
            random = random * 1664525 + 1013904223;
            buf_add_char(&whole, (char)(random >> 24));
        }
        compressor_add(compressor, (struct text){ whole.at + before, whole.length - before }, false, &frame);
    }
    compressor_add(compressor, TEXT(""), true, &frame);
    compressor_free(compressor);
    read_again(&frame, &again);
    assert_true(text_equal(buf_text(&again), buf_text(&whole)));
    buf_release(&whole);
    buf_release(&frame);
    buf_release(&again);
}

static void nothing_is_an_empty_frame(void **state) {
    (void)state;
    struct compressor *compressor = compressor_new();
    struct buf frame, again;
    buf_init(&frame, WHOLE_MAX);
    compressor_add(compressor, (struct text){ 0 }, true, &frame);
    assert_true(frame.length > 0);
    compressor_free(compressor);
    read_again(&frame, &again);
    assert_int_equal(again.length, 0);
    buf_release(&frame);
    buf_release(&again);
    compressor_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_one_frame),
        cmocka_unit_test(nothing_is_an_empty_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
