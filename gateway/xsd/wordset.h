/*
 * wordset.h - a fixed set of words with a perfect hash: to look one up is one slot and one comparison.
 *
 * A word is told by its key: up to sixteen bytes of it, its first and its last eight where it is longer,
 * which are loaded at once where sixteen may be read. Of a longer word the rest is compared, too.
 *
 * Of many words no seed parts all, unless the table is a hundred times as large: they are parted into groups
 * by the upper bits of the hash, and each group has its shift, which moves it to slots that nobody else has.
 */
#ifndef XSD_WORDSET_H
#define XSD_WORDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "xsd/xml.h"

#define WORDSET_MAX   20000
#define WORDSET_BLOCK 16

struct wordset_key {
    uint64_t low, high; /* zeros behind the end of a shorter word */
};

struct wordset {
    const uint32_t *slots;    /* index of a word + 1; 0 is free */
    const struct text *words; /* as given: borrowed */
    const struct wordset_key *keys;
    const uint16_t *shifts; /* by group; NULL: few words, and none is shifted */
    uint32_t mask, upper;   /* hash >> upper: the group */
    uint64_t seed;
};

/* Of words that differ. NULL: more than WORDSET_MAX, or long ones that no hash tells apart. The words must
 * live as long as the set. */
const struct wordset *wordset_of(const struct text *words, size_t count, struct arena *arena);

/* --- keys ----------------------------------------------------------------------------------------------- */

extern const uint8_t wordset_masks[2 * WORDSET_BLOCK]; /* from 16 - n on: n bytes that are set */

static inline uint64_t wordset_load(const char *at, size_t length) { /* at most eight bytes */
    uint64_t word = 0;
    uint32_t low, high;
    uint16_t two;
    if (length >= 8) {
        memcpy(&word, at, 8);
    } else if (length >= 4) {
        memcpy(&low, at, 4);
        memcpy(&high, at + length - 4, 4);
        word = (uint64_t)high << 8 * (length - 4) | low;
    } else if (length >= 2) {
        memcpy(&two, at, 2);
        word = (uint64_t)(unsigned char)at[length - 1] << 8 * (length - 1) | two;
    } else if (length == 1) {
        word = (unsigned char)*at;
    }
    return word;
}

static inline struct wordset_key wordset_key(struct text word) {
    struct wordset_key key = { wordset_load(word.at, word.length), 0 };
    if (word.length > WORDSET_BLOCK) {
        key.high = wordset_load(word.at + word.length - 8, 8);
    } else if (word.length > 8) {
        key.high = wordset_load(word.at + 8, word.length - 8);
    }
    return key;
}

/* The same where more may be read behind the word, up to `end`. */
static inline struct wordset_key wordset_key_within(struct text word, const char *end) {
#ifdef XML_VECTORS
    if (word.length <= WORDSET_BLOCK && end - word.at >= WORDSET_BLOCK) {
        struct wordset_key key;
        __m128i mask = _mm_loadu_si128((const __m128i *)(wordset_masks + WORDSET_BLOCK - word.length));
        __m128i block = _mm_and_si128(_mm_loadu_si128((const __m128i *)word.at), mask);
        _mm_storeu_si128((__m128i *)&key, block);
        return key;
    }
#endif
    (void)end;
    return wordset_key(word);
}

/* Longer words that agree in their keys are told apart by eight bytes in the middle. */
static inline uint32_t wordset_hash(struct wordset_key key, struct text word, uint64_t seed) {
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t sum = (key.low ^ seed) * factor;
    sum = ((sum ^ sum >> 32) + key.high) * factor;
    if (word.length > WORDSET_BLOCK) {
        sum = ((sum ^ sum >> 32) + wordset_load(word.at + word.length / 2 - 4, 8)) * factor;
    }
    sum += word.length * UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)((sum ^ sum >> 29) * factor >> 32);
}

/* --- asking --------------------------------------------------------------------------------------------- */

static inline bool wordset_same(struct text a, struct text b) {
    if (a.length != b.length) {
        return false;
    }
    if (a.length > WORDSET_BLOCK) {
        return memcmp(a.at, b.at, a.length) == 0;
    }
    struct wordset_key first = wordset_key(a), second = wordset_key(b);
    return first.low == second.low && first.high == second.high;
}

static inline uint32_t wordset_slot(const struct wordset *set, uint32_t hash) {
    return (set->shifts ? hash ^ set->shifts[hash >> set->upper] : hash) & set->mask;
}

static inline int32_t wordset_find_key(const struct wordset *set, struct wordset_key key, struct text word) {
    uint32_t slot = set->slots[wordset_slot(set, wordset_hash(key, word, set->seed))];
    if (!slot) {
        return -1;
    }
    const struct wordset_key *other = &set->keys[slot - 1];
    const struct text *known = &set->words[slot - 1];
    bool same = key.low == other->low && key.high == other->high && known->length == word.length;
    bool whole = word.length <= WORDSET_BLOCK || (same && memcmp(known->at, word.at, word.length) == 0);
    return same && whole ? (int32_t)slot - 1 : -1;
}

/* The word's index, or -1. */
static inline int32_t wordset_find(const struct wordset *set, struct text word) {
    return wordset_find_key(set, wordset_key(word), word);
}

/* The same where more may be read behind the word, up to `end`. */
static inline int32_t wordset_find_within(const struct wordset *set, struct text word, const char *end) {
    return wordset_find_key(set, wordset_key_within(word, end), word);
}

#endif
