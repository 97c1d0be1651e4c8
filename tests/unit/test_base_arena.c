/* test_base_arena.c - pieces do not overlap, are zeroed and aligned, in every size; reset begins again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void pieces_are_zeroed_aligned_and_apart(void **state) {
    static const size_t sizes[] = { 0, 1, 15, 16, 17, 100, 4000, 4096, 5000, 16384, 16385, 65536, 200000 };
    enum { ROUNDS = 20, SIZES = sizeof(sizes) / sizeof(sizes[0]) };
    struct arena *arena = arena_new();
    for (int again = 0; again < 2; again++) {
        char *pieces[ROUNDS][SIZES];
        size_t total = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (size_t i = 0; i < SIZES; i++) {
                char *piece = pieces[round][i] = arena_alloc(arena, sizes[i]);
                assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
                for (size_t at = 0; at < sizes[i]; at++) {
                    assert_true(piece[at] == 0);
                }
                memset(piece, 1 + round, sizes[i]);
                total += sizes[i];
            }
        }
        assert_int_equal(arena_used(arena), total);
        for (int round = 0; round < ROUNDS; round++) {
            for (size_t i = 0; i < SIZES; i++) {
                for (size_t at = 0; at < sizes[i]; at++) {
                    assert_true(pieces[round][i][at] == 1 + round);
                }
            }
        }
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    arena_free(arena);
    arena_free(NULL);
}

static void strings_are_copied_and_made(void **state) {
    struct arena *arena = arena_new();
    char source[] = "abcdef";
    const char *copy = arena_copy(arena, (struct text){ source, 3 });
    const char *string = arena_string(arena, source);
    memset(source, 'x', 6);
    assert_string_equal(copy, "abc");
    assert_string_equal(string, "abcdef");
    assert_string_equal(arena_copy(arena, (struct text){ 0 }), "");
    assert_null(arena_string(arena, NULL));
    assert_string_equal(arena_printf(arena, "%s %d", "n", 7), "n 7");
    assert_int_equal(strlen(arena_printf(arena, "%*d", 100000, 7)), 100000);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(strings_are_copied_and_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
