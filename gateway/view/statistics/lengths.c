/*
 * lengths.c - lengths → how far each is above the shortest → units → sorted by 11 binary digits at a time.
 */
#include "view/statistics/lengths.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FEW    256 /* are compared */
#define DIGIT  11  /* binary digits of a pass */
#define DIGITS (1u << DIGIT)

static int by_length(const void *a, const void *b) {
    duration x = *(const duration *)a, y = *(const duration *)b;
    return (x > y) - (x < y);
}

/* The coarsest in which all of them are whole. */
static uint64_t unit_of(const uint64_t *above, size_t n) {
    static const uint64_t units[] = { UINT64_C(60000000000), 1000000000, 1000000, 1000 };
    for (size_t u = 0; u < sizeof(units) / sizeof(*units); u++) {
        size_t i = 0;
        while (i < n && above[i] % units[u] == 0) {
            i++;
        }
        if (i == n) {
            return units[u];
        }
    }
    return 1;
}

static void sort_by_digit(const uint64_t *from, uint64_t *to, size_t n, int shift) {
    size_t places[DIGITS] = { 0 }, place = 0;
    for (size_t i = 0; i < n; i++) {
        places[from[i] >> shift & (DIGITS - 1)]++;
    }
    for (size_t d = 0; d < DIGITS; d++) {
        size_t count = places[d];
        places[d] = place;
        place += count;
    }
    for (size_t i = 0; i < n; i++) {
        to[places[from[i] >> shift & (DIGITS - 1)]++] = from[i];
    }
}

void lengths_sort(duration *lengths, size_t n) {
    duration least = n ? lengths[0] : 0, most = least;
    for (size_t i = 1; i < n; i++) {
        least = lengths[i] < least ? lengths[i] : least;
        most = lengths[i] > most ? lengths[i] : most;
    }
    if (n <= FEW || most - least > INT64_MAX) {
        qsort(lengths, n, sizeof(*lengths), by_length);
        return;
    }
    uint64_t *from = memory_array(n, sizeof(*from)), *to = memory_array(n, sizeof(*to));
    for (size_t i = 0; i < n; i++) {
        from[i] = (uint64_t)(lengths[i] - least);
    }
    uint64_t unit = unit_of(from, n), top = (uint64_t)(most - least) / unit;
    for (size_t i = 0; i < n && unit > 1; i++) {
        from[i] /= unit;
    }
    for (int shift = 0; shift < 64 && top >> shift; shift += DIGIT) {
        sort_by_digit(from, to, n, shift);
        uint64_t *sorted = to;
        to = from;
        from = sorted;
    }
    for (size_t i = 0; i < n; i++) {
        lengths[i] = least + (duration)from[i] * unit;
    }
    free(from);
    free(to);
}
