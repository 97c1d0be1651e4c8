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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_comparing_has_it),
        cmocka_unit_test(as_far_apart_as_the_calendar_reaches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
