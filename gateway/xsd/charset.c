/*
 * charset.c - sorted ranges, merged and turned about; each operation does to what is certain and to what is
 * possible what keeps them so: a complement is certain of what was not possible.
 */
#include "xsd/charset.h"

#include <string.h>

#include "base/status.h"
#include "xsd/categories.h"

#define ASCII_MAX 0x7F

/* --- ranges --------------------------------------------------------------------------------------------- */

static struct charset_ranges ranges_new(struct arena *arena, size_t count) {
    return (struct charset_ranges){ arena_alloc(arena, (count + 1) * sizeof(struct charset_range)), 0 };
}

/* Behind what is there; low is not below it. */
static void add(struct charset_ranges *ranges, struct charset_range next) {
    struct charset_range *last = ranges->count ? &ranges->at[ranges->count - 1] : NULL;
    if (last && next.low <= last->high + 1) {
        last->high = next.high > last->high ? next.high : last->high;
    } else {
        ranges->at[ranges->count++] = next;
    }
}

static struct charset_ranges merged(struct arena *arena, struct charset_ranges a, struct charset_ranges b) {
    struct charset_ranges sum = ranges_new(arena, a.count + b.count);
    for (size_t i = 0, j = 0; i < a.count || j < b.count;) {
        bool first = j == b.count || (i < a.count && a.at[i].low <= b.at[j].low);
        add(&sum, first ? a.at[i++] : b.at[j++]);
    }
    return sum;
}

static struct charset_ranges others(struct arena *arena, struct charset_ranges ranges) {
    struct charset_ranges rest = ranges_new(arena, ranges.count + 1);
    int32_t low = 0;
    for (size_t i = 0; i < ranges.count; i++) {
        if (ranges.at[i].low > low) {
            add(&rest, (struct charset_range){ low, ranges.at[i].low - 1 });
        }
        low = ranges.at[i].high + 1;
    }
    if (low <= CHARSET_MAX) {
        add(&rest, (struct charset_range){ low, CHARSET_MAX });
    }
    return rest;
}

static bool are_equal(struct charset_ranges a, struct charset_ranges b) {
    return a.count == b.count && (a.count == 0 || memcmp(a.at, b.at, a.count * sizeof(*a.at)) == 0);
}

/* --- sets ----------------------------------------------------------------------------------------------- */

/* Sorted, and not touching: else merging and searching give nonsense. */
static bool are_sorted(struct charset_ranges ranges) {
    for (size_t i = 0; i < ranges.count; i++) {
        bool behind = i == 0 || ranges.at[i - 1].high + 1 < ranges.at[i].low;
        if (!behind || ranges.at[i].low > ranges.at[i].high) {
            return false;
        }
    }
    return true;
}

struct charset charset_of(struct arena *arena, const struct charset_range *ranges, size_t count) {
    struct charset_ranges made = ranges_new(arena, count);
    for (size_t i = 0; i < count; i++) {
        add(&made, ranges[i]);
    }
    return (struct charset){ made, made, true };
}

/* Beyond ASCII it may be all that is not of another category for certain; without a category, all. */
struct charset charset_of_categories(struct arena *arena, const struct charset_range *ascii, size_t count,
                                     unsigned categories) {
    struct charset set = { ranges_new(arena, count + category_ranges_count),
                           ranges_new(arena, count + category_ranges_count + 1), false };
    for (size_t i = 0; i < count; i++) {
        add(&set.certain, ascii[i]);
        add(&set.possible, ascii[i]);
    }
    int32_t low = ASCII_MAX + 1;
    for (size_t i = 0; i < category_ranges_count; i++) {
        const struct category_range *range = &category_ranges[i];
        if (range->category & categories) {
            add(&set.certain, (struct charset_range){ range->low, range->high });
        }
        if (range->category & categories || categories == 0) {
            continue;
        }
        if (range->low > low) {
            add(&set.possible, (struct charset_range){ low, range->low - 1 });
        }
        low = range->high + 1;
    }
    if (low <= CHARSET_MAX) {
        add(&set.possible, (struct charset_range){ low, CHARSET_MAX });
    }
    return set;
}

struct charset charset_union(struct arena *arena, struct charset a, struct charset b) {
    require(are_sorted(a.possible) && are_sorted(b.possible));
    return (struct charset){ merged(arena, a.certain, b.certain), merged(arena, a.possible, b.possible),
                             a.exact && b.exact };
}

struct charset charset_complement(struct arena *arena, struct charset set) {
    require(are_sorted(set.certain) && are_sorted(set.possible));
    return (struct charset){ others(arena, set.possible), others(arena, set.certain), set.exact };
}

/* a without b, as complement(complement(a) + b). */
struct charset charset_minus(struct arena *arena, struct charset a, struct charset b) {
    return charset_complement(arena, charset_union(arena, charset_complement(arena, a), b));
}

bool charset_overlaps(struct charset a, struct charset b) {
    require(are_sorted(a.possible) && are_sorted(b.possible));
    const struct charset_ranges first = a.possible, second = b.possible;
    for (size_t i = 0, j = 0; i < first.count && j < second.count;) {
        if (first.at[i].high < second.at[j].low) {
            i++;
        } else if (second.at[j].high < first.at[i].low) {
            j++;
        } else {
            return true;
        }
    }
    return false;
}

bool charset_equal(struct charset a, struct charset b) {
    require(are_sorted(a.possible) && are_sorted(b.possible));
    return a.exact && b.exact && are_equal(a.possible, b.possible);
}

bool charset_has(struct charset_ranges ranges, int32_t character) {
    require(are_sorted(ranges));
    size_t low = 0, high = ranges.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges.at[middle].high < character) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ranges.count && ranges.at[low].low <= character;
}
