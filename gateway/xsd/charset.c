/*
 * charset.c - sorted ranges, merged and turned about.
 */
#include "xsd/charset.h"

#include <string.h>

#define ASCII_MAX 0x7F

struct charset charset_of(struct arena *arena, const struct charset_range *ranges, size_t count, bool exact) {
    struct charset set = { arena_alloc(arena, (count + 1) * sizeof(*ranges)), count, exact, false };
    if (count) {
        memcpy(set.ranges, ranges, count * sizeof(*ranges));
    }
    return set;
}

struct charset charset_union(struct arena *arena, struct charset a, struct charset b) {
    struct charset sum = { .exact = a.exact && b.exact, .vague = a.vague || b.vague };
    sum.ranges = arena_alloc(arena, (a.count + b.count + 1) * sizeof(*sum.ranges));
    for (size_t i = 0, j = 0; i < a.count || j < b.count;) {
        bool first = j == b.count || (i < a.count && a.ranges[i].low <= b.ranges[j].low);
        struct charset_range next = first ? a.ranges[i++] : b.ranges[j++];
        struct charset_range *last = sum.count ? &sum.ranges[sum.count - 1] : NULL;
        if (last && next.low <= last->high + 1) {
            last->high = next.high > last->high ? next.high : last->high;
        } else {
            sum.ranges[sum.count++] = next;
        }
    }
    return sum;
}

/* Of a set that is not exact the part beyond ASCII is not known, so neither is its complement's. */
struct charset charset_complement(struct arena *arena, struct charset set) {
    struct charset rest = { .exact = set.exact, .vague = set.vague };
    int32_t low = 0;
    rest.ranges = arena_alloc(arena, (set.count + 1) * sizeof(*set.ranges));
    for (size_t i = 0; !set.vague && i < set.count && (set.exact || set.ranges[i].low <= ASCII_MAX); i++) {
        if (set.ranges[i].low > low) {
            rest.ranges[rest.count++] = (struct charset_range){ low, set.ranges[i].low - 1 };
        }
        low = set.ranges[i].high + 1;
    }
    if (!set.exact && low > ASCII_MAX + 1) {
        low = ASCII_MAX + 1;
    }
    if (low <= CHARSET_MAX) {
        rest.ranges[rest.count++] = (struct charset_range){ low, CHARSET_MAX };
    }
    return rest;
}

bool charset_overlaps(struct charset a, struct charset b) {
    for (size_t i = 0, j = 0; i < a.count && j < b.count;) {
        if (a.ranges[i].high < b.ranges[j].low) {
            i++;
        } else if (b.ranges[j].high < a.ranges[i].low) {
            j++;
        } else {
            return true;
        }
    }
    return false;
}

/* a without b, as complement(complement(a) + b). */
struct charset charset_minus(struct arena *arena, struct charset a, struct charset b) {
    struct charset certain = charset_certain(arena, b);
    struct charset rest =
        charset_complement(arena, charset_union(arena, charset_complement(arena, a), certain));
    rest.exact = a.exact && b.exact;
    rest.vague = a.vague || b.vague;
    return rest;
}

bool charset_equal(struct charset a, struct charset b) {
    return a.exact && b.exact && a.count == b.count
           && (a.count == 0 || memcmp(a.ranges, b.ranges, a.count * sizeof(*a.ranges)) == 0);
}

struct charset charset_certain(struct arena *arena, struct charset set) {
    if (set.exact) {
        return set;
    }
    struct charset certain = charset_of(arena, set.ranges, set.vague ? 0 : set.count, true);
    while (certain.count && certain.ranges[certain.count - 1].low > ASCII_MAX) {
        certain.count--;
    }
    if (certain.count && certain.ranges[certain.count - 1].high > ASCII_MAX) {
        certain.ranges[certain.count - 1].high = ASCII_MAX;
    }
    return certain;
}

bool charset_has(struct charset set, int32_t character) {
    size_t low = 0, high = set.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set.ranges[middle].high < character) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < set.count && set.ranges[low].low <= character;
}
