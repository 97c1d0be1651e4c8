/*
 * Lengths in their order: whatever the unit in which they are whole, however far apart, few and many, as
 * comparing them has it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/statistics/lengths.h"

static uint64_t seed = 12;

static uint64_t draw(void) {
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int by_length(const void *a, const void *b) {
    duration x = *(const duration *)a, y = *(const duration *)b;
    return (x > y) - (x < y);
}

static void sort_both(size_t n, duration unit, uint64_t range, duration from) {
    duration *lengths = malloc((n + 1) * sizeof(*lengths)), *expected = malloc((n + 1) * sizeof(*lengths));
    for (size_t i = 0; i < n; i++) {
        lengths[i] = from + (duration)(range ? draw() % range : draw()) * unit;
    }
    memcpy(expected, lengths, n * sizeof(*lengths));
    qsort(expected, n, sizeof(*expected), by_length);
    lengths_sort(lengths, n);
    assert_memory_equal(lengths, expected, n * sizeof(*lengths));
    free(lengths);
    free(expected);
}

static void as_comparing_has_it(void **state) {
    static const size_t counts[] = { 0, 1, 2, 255, 256, 257, 1000, 5000 };
    static const duration units[] = { 1, 7, 1000, 1000000, 1000000000, (duration)60 * 1000000000 };
    static const uint64_t ranges[] = { 1, 2, 2048, 2049, 100000, UINT64_C(1) << 33 };
    (void)state;
    for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++) {
        for (size_t u = 0; u < sizeof(units) / sizeof(*units); u++) {
            for (size_t r = 0; r < sizeof(ranges) / sizeof(*ranges); r++) {
                sort_both(counts[c], units[u], ranges[r], 0);
                sort_both(counts[c], units[u], ranges[r], -(duration)(ranges[r] / 2) * units[u] - 3);
            }
        }
    }
}

static void as_far_apart_as_the_calendar_reaches(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        sort_both(600, 1, (uint64_t)INT64_MAX, -(duration)INT64_MAX / 2); /* as far as digits tell */
        sort_both(600, 1, 0, -(duration)UINT64_MAX / 2);                  /* farther than that */
    }
}

static int by_whole_length(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Lengths of each kind: alike, near each other with some far away, as far apart as 64 bits reach. */
static int64_t draw_length(int kind) {
    uint64_t drawn = draw();
    return kind == 0   ? 7
           : kind == 1 ? (int64_t)(drawn % 100)
           : kind == 2 ? (drawn % 50 ? (int64_t)(drawn % 1000000) : (int64_t)drawn)
           : kind == 3 ? (drawn & 1 ? INT64_MIN : INT64_MAX)
                       : (int64_t)drawn;
}

static void ranks_as_sorting_has_them(void **state) {
    static const size_t counts[] = { 1, 2, 255, 256, 257, 1000, 50000 };
    (void)state;
    for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++) {
        for (int kind = 0; kind < 5; kind++) {
            size_t n = counts[c];
            size_t ranks[] = { 0, n / 10, n / 4, (n - 1) / 2, n / 2, n / 2, n - 1 - n / 20, n - 1 };
            int64_t *lengths = malloc(n * sizeof(*lengths)), selected[8];
            for (size_t i = 0; i < n; i++) {
                lengths[i] = draw_length(kind);
            }
            lengths_select(lengths, n, ranks, 8, selected);
            qsort(lengths, n, sizeof(*lengths), by_whole_length);
            for (size_t r = 0; r < 8; r++) {
                assert_int_equal(selected[r], lengths[ranks[r]]);
            }
            free(lengths);
        }
    }
}

static void groups_keep_their_lengths_in_order(void **state) {
    enum { N = 5000, GROUPS = 7 };
    static int64_t lengths[N], out[N];
    static uint8_t groups[N];
    size_t starts[GROUPS + 1], seen = 0;
    (void)state;
    for (size_t i = 0; i < N; i++) {
        lengths[i] = (int64_t)draw();
        groups[i] = (uint8_t)(draw() % (GROUPS - 1)); /* the last has none */
    }
    lengths_group(lengths, groups, N, GROUPS, starts, out);
    for (size_t group = 0; group < GROUPS; group++) {
        assert_int_equal(starts[group], seen);
        for (size_t i = 0; i < N; i++) {
            if (groups[i] == group) {
                assert_int_equal(out[seen++], lengths[i]);
            }
        }
    }
    assert_int_equal(starts[GROUPS - 1], N);
    assert_int_equal(starts[GROUPS], N);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_comparing_has_it),
        cmocka_unit_test(ranks_as_sorting_has_them),
        cmocka_unit_test(groups_keep_their_lengths_in_order),
        cmocka_unit_test(as_far_apart_as_the_calendar_reaches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
