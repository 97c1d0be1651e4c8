/*
 * wordset.c - seeds are tried until no two words meet; when a size has none the table grows.
 */
#include "xsd/wordset.h"

#define SEEDS_MAX 2000

const uint8_t wordset_masks[2 * WORDSET_BLOCK] = {
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
};

static bool fill(uint32_t *slots, uint32_t mask, uint64_t seed, const struct wordset_key *keys,
                 const struct text *words, size_t count) {
    memset(slots, 0, ((size_t)mask + 1) * sizeof(*slots));
    for (size_t i = 0; i < count; i++) {
        uint32_t *slot = &slots[wordset_hash(keys[i], words[i], seed) & mask];
        if (*slot) {
            return false;
        }
        *slot = (uint32_t)i + 1;
    }
    return true;
}

/* Words that the hash does not tell apart whatever the seed end the growing at a table of 2^26 slots; long
 * names that agree in their beginning, middle and end are all it takes, so callers must live with NULL. */
const struct wordset *wordset_of(const struct text *words, size_t count, struct arena *arena) {
    if (count > WORDSET_MAX) {
        return NULL;
    }
    uint64_t seed = 1;
    uint32_t size = 4;
    while (size < 2 * count) {
        size *= 2;
    }
    struct wordset_key *keys = arena_alloc(arena, (count + 1) * sizeof(*keys));
    for (size_t i = 0; i < count; i++) {
        keys[i] = wordset_key(words[i]);
    }
    for (int growth = 0; growth < 8; growth++, size *= 2) {
        uint32_t *slots = arena_alloc(arena, size * sizeof(*slots));
        for (int i = 0; i < SEEDS_MAX;
             i++, seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407) {
            if (fill(slots, size - 1, seed, keys, words, count)) {
                struct wordset *set = arena_alloc(arena, sizeof(*set));
                *set = (struct wordset){ slots, words, keys, size - 1, seed };
                return set;
            }
        }
    }
    return NULL;
}
