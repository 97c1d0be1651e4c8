/*
 * lengths.c - groups by counting; ranks by 11 binary digits at a time, the highest first; all of them sorted
 * by as many digits at a time, the lowest first: lengths → how far each is above the shortest → units.
 */
#include "view/statistics/lengths.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

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

/* --- groups --------------------------------------------------------------------------------------------- */

#define GROUPS_MAX 256

void lengths_group(const int64_t *lengths, const uint8_t *groups, size_t n, size_t count, size_t *starts,
                   int64_t *out) {
    size_t places[GROUPS_MAX] = { 0 }, place = 0;
    require(count <= GROUPS_MAX);
    for (size_t i = 0; i < n; i++) {
        places[groups[i]]++;
    }
    for (size_t group = 0; group < count; group++) {
        size_t members = places[group];
        starts[group] = places[group] = place;
        place += members;
    }
    starts[count] = place;
    require(place == n); /* none has another group */
    for (size_t i = 0; i < n; i++) {
        out[places[groups[i]]++] = lengths[i];
    }
}

/* --- ranks ---------------------------------------------------------------------------------------------- */

static int by_whole_length(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void select_few(const int64_t *lengths, size_t n, const size_t *ranks, size_t count, int64_t *out) {
    int64_t sorted[FEW];
    memcpy(sorted, lengths, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), by_whole_length);
    for (size_t r = 0; r < count; r++) {
        out[r] = sorted[ranks[r]];
    }
}

/* Above `least`; the difference of two of them always fits. */
static uint64_t above(int64_t length, int64_t least) {
    return (uint64_t)length - (uint64_t)least;
}

static int shift_of(uint64_t range) {
    int shift = 0;
    while (range >> shift >= DIGITS) {
        shift++;
    }
    return shift;
}

/* Ranks whose lengths begin with the same digits. */
struct same {
    size_t first, count; /* of the ranks */
    size_t digits, before, begin, end;
};

/* The ranks, by the digits that their lengths begin with; how many there are of those. */
static size_t find_digits(const uint32_t counts[DIGITS], const size_t *ranks, size_t count,
                          struct same same[LENGTHS_RANKS_MAX]) {
    size_t found = 0, digits = 0, before = 0, place = 0;
    for (size_t r = 0; r < count;) {
        while (before + counts[digits] <= ranks[r]) {
            before += counts[digits++];
        }
        struct same *one = &same[found++];
        *one = (struct same){ .first = r, .digits = digits, .before = before, .begin = place, .end = place };
        while (r < count && ranks[r] < before + counts[digits]) {
            r++;
        }
        one->count = r - one->first;
        place += counts[digits];
    }
    return found;
}

/* The lengths that begin with digits that are wanted, to be freed. */
static int64_t *collect(const int64_t *lengths, size_t n, int64_t least, int shift, struct same *same,
                        size_t found, const uint32_t counts[DIGITS]) {
    uint8_t wanted[DIGITS] = { 0 };
    for (size_t i = 0; i < found; i++) {
        wanted[same[i].digits] = (uint8_t)(i + 1);
    }
    int64_t *out = memory_grow(NULL, same[found - 1].begin + counts[same[found - 1].digits], sizeof(*out));
    for (size_t i = 0; i < n; i++) {
        size_t which = wanted[above(lengths[i], least) >> shift];
        if (which) {
            out[same[which - 1].end++] = lengths[i];
        }
    }
    return out;
}

void lengths_select(const int64_t *lengths, size_t n, const size_t *ranks, size_t count, int64_t *out) {
    require(count > 0 && count <= LENGTHS_RANKS_MAX && ranks[count - 1] < n && n <= UINT32_MAX);
    if (n <= FEW) {
        select_few(lengths, n, ranks, count, out);
        return;
    }
    int64_t least = lengths[0], most = least;
    for (size_t i = 1; i < n; i++) {
        least = lengths[i] < least ? lengths[i] : least;
        most = lengths[i] > most ? lengths[i] : most;
    }
    uint32_t counts[DIGITS] = { 0 };
    int shift = shift_of(above(most, least));
    for (size_t i = 0; i < n; i++) {
        counts[above(lengths[i], least) >> shift]++;
    }
    struct same same[LENGTHS_RANKS_MAX];
    size_t found = find_digits(counts, ranks, count, same), within[LENGTHS_RANKS_MAX];
    int64_t *those = shift > 0 ? collect(lengths, n, least, shift, same, found, counts) : NULL;
    for (size_t i = 0; i < found; i++) {
        for (size_t r = 0; r < same[i].count; r++) {
            out[same[i].first + r] = (int64_t)((uint64_t)least + same[i].digits);
            within[r] = ranks[same[i].first + r] - same[i].before;
        }
        if (shift > 0) {
            lengths_select(&those[same[i].begin], same[i].end - same[i].begin, within, same[i].count,
                           &out[same[i].first]);
        }
    }
    free(those);
}
