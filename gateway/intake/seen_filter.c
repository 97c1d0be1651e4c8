/*
 * seen_filter.c - a key is cut from SHA-256 (sightings.c), so its own bits choose the line and those in it.
 */
#include "intake/seen_filter.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define LINE_WORDS    8 /* of 64 bits: a line of the cache */
#define LINE_BYTES    (LINE_WORDS * sizeof(uint64_t))
#define LINE_BITS_LOG 9
#define BITS_OF_KEY   7 /* 9 bits choose each: all of a word of the key */
#define KEYS_OF_LINE  42
#define LINES_MAX     (SEEN_FILTER_BYTES_MAX / LINE_BYTES)

struct line {
    _Atomic uint64_t words[LINE_WORDS];
};

struct seen_filter {
    struct line *lines; /* in memory, at the first whole line of it */
    void *memory;
    size_t count; /* of lines: a power of two */
    _Atomic uint64_t keys;
};

struct seen_filter *seen_filter_new(uint64_t keys) {
    struct seen_filter *filter = memory_new(sizeof(*filter));
    filter->count = 1;
    while (filter->count < LINES_MAX && filter->count * KEYS_OF_LINE < keys) {
        filter->count *= 2;
    }
    filter->memory = memory_array(filter->count + 1, sizeof(struct line));
    filter->lines = (struct line *)(((uintptr_t)filter->memory + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES);
    return filter;
}

void seen_filter_free(struct seen_filter *filter) {
    if (filter) {
        free(filter->memory);
        free(filter);
    }
}

struct choice {
    struct line *line;
    uint64_t bits; /* BITS_OF_KEY numbers of bits */
};

static struct choice choice_of(const struct seen_filter *filter, const struct seen_key *key) {
    uint64_t words[2];
    _Static_assert(sizeof(words) == SEEN_KEY_SIZE, "the key is two words");
    memcpy(words, key->bytes, sizeof(words));
    return (struct choice){ &filter->lines[words[1] & (filter->count - 1)], words[0] };
}

void seen_filter_put(struct seen_filter *filter, const struct seen_key *key) {
    struct choice choice = choice_of(filter, key);
    for (int i = 0; i < BITS_OF_KEY; i++, choice.bits >>= LINE_BITS_LOG) {
        atomic_fetch_or_explicit(&choice.line->words[choice.bits / 64 % LINE_WORDS],
                                 UINT64_C(1) << choice.bits % 64, memory_order_relaxed);
    }
    atomic_fetch_add_explicit(&filter->keys, 1, memory_order_relaxed);
}

bool seen_filter_may_have(const struct seen_filter *filter, const struct seen_key *key) {
    struct choice choice = choice_of(filter, key);
    bool may = true;
    for (int i = 0; may && i < BITS_OF_KEY; i++, choice.bits >>= LINE_BITS_LOG) {
        uint64_t word =
            atomic_load_explicit(&choice.line->words[choice.bits / 64 % LINE_WORDS], memory_order_relaxed);
        may = word >> choice.bits % 64 & 1;
    }
    return may;
}

bool seen_filter_is_full(const struct seen_filter *filter) {
    return filter->count < LINES_MAX
           && atomic_load_explicit(&filter->keys, memory_order_relaxed) > filter->count * KEYS_OF_LINE;
}
