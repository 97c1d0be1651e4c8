/*
 * wordset.h - a fixed set of words with a perfect hash: to look one up is one slot and one comparison.
 */
#ifndef XSD_WORDSET_H
#define XSD_WORDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

#define WORDSET_MAX 20000

struct wordset {
    const uint32_t *slots;    /* index of a word + 1; 0 is free */
    const struct text *words; /* as given: borrowed */
    uint32_t mask;
    uint64_t seed;
};

/* Of words that differ. NULL: more than WORDSET_MAX. The words must live as long as the set. */
const struct wordset *wordset_of(const struct text *words, size_t count, struct arena *arena);

static inline uint64_t wordset_load(const char *at, size_t length) {
    uint64_t word = 0;
    uint32_t low, high;
    uint16_t two;
    if (length >= 8) {
        memcpy(&word, at, 8);
    } else if (length >= 4) {
        memcpy(&low, at, 4);
        memcpy(&high, at + length - 4, 4);
        word = (uint64_t)high << 32 | low;
    } else if (length >= 2) {
        memcpy(&two, at, 2);
        word = (uint64_t)two << 8 | (unsigned char)at[length - 1];
    } else if (length == 1) {
        word = (unsigned char)*at;
    }
    return word;
}

/* First and last eight bytes and the length; words that agree in all of it are told apart by eight in the
 * middle. */
static inline uint32_t wordset_hash(struct text word, uint64_t seed) {
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t sum = (wordset_load(word.at, word.length) ^ seed) * factor;
    if (word.length > 8) {
        sum = ((sum ^ sum >> 32) + wordset_load(word.at + word.length - 8, 8)) * factor;
    }
    if (word.length > 16) {
        sum = ((sum ^ sum >> 32) + wordset_load(word.at + word.length / 2 - 4, 8)) * factor;
    }
    sum += word.length * UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)((sum ^ sum >> 29) * factor >> 32);
}

static inline bool wordset_same(struct text a, struct text b) {
    if (a.length != b.length) {
        return false;
    }
    if (a.length > 16) {
        return memcmp(a.at, b.at, a.length) == 0;
    }
    bool same = wordset_load(a.at, a.length) == wordset_load(b.at, b.length);
    return a.length <= 8
               ? same
               : same && wordset_load(a.at + a.length - 8, 8) == wordset_load(b.at + b.length - 8, 8);
}

/* The word's index, or -1. */
static inline int32_t wordset_find(const struct wordset *set, struct text word) {
    uint32_t slot = set->slots[wordset_hash(word, set->seed) & set->mask];
    return slot && wordset_same(set->words[slot - 1], word) ? (int32_t)slot - 1 : -1;
}

#endif
