/*
 * position_set.h - a set of positions of a pattern: of places in it where a character is taken.
 *
 * Who makes an automaton of a pattern (Glushkov's construction) keeps for each position those that may
 * follow, and for each part of the pattern those it may begin and end with. Of a fixed size, so that sets are
 * assigned and compared as values.
 */
#ifndef XSD_POSITION_SET_H
#define XSD_POSITION_SET_H

#include <stdbool.h>
#include <stdint.h>

#define POSITIONS_MAX      1024
#define POSITION_SET_WORDS (POSITIONS_MAX / 64)

struct position_set {
    uint64_t words[POSITION_SET_WORDS];
};

static inline bool position_set_has(const struct position_set *set, uint32_t position) {
    return set->words[position / 64] >> (position % 64) & 1;
}

static inline void position_set_put(struct position_set *set, uint32_t position) {
    set->words[position / 64] |= UINT64_C(1) << (position % 64);
}

static inline bool position_set_is_empty(const struct position_set *set) {
    for (uint32_t i = 0; i < POSITION_SET_WORDS; i++) {
        if (set->words[i]) {
            return false;
        }
    }
    return true;
}

static inline void position_set_unite(struct position_set *into, const struct position_set *from) {
    for (uint32_t i = 0; i < POSITION_SET_WORDS; i++) {
        into->words[i] |= from->words[i];
    }
}

static inline struct position_set position_set_common(const struct position_set *a,
                                                      const struct position_set *b) {
    struct position_set common;
    for (uint32_t i = 0; i < POSITION_SET_WORDS; i++) {
        common.words[i] = a->words[i] & b->words[i];
    }
    return common;
}

#endif
