/*
 * characters.c - is every byte part of a character that UTF-8 and XML allow [2]?
 *
 * With AVX2 by the lookups of J. Keiser and D. Lemire ("Validating UTF-8 In Less Than One Instruction Per
 * Byte", 2021): every error of UTF-8 is one of two bytes in a row, or a continuation that is missing or too
 * many two and three bytes behind a lead. Three tables of sixteen, asked by the halves of two neighbouring
 * bytes, say which errors each half leaves possible; one that all three leave is there. Without AVX2,
 * character by character.
 *
 * XML forbids, beyond that, what is below the space but tab and line ends, and U+FFFE and U+FFFF.
 */
#include "xsd/xml.h"

#include <string.h>

/* --- in plain C ----------------------------------------------------------------------------------------- */

/* Neither beyond ASCII nor below the space. */
static bool is_plain(uint64_t eight) {
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t below_space = (eight - ones * 0x20) & ~eight & tops;
    return ((eight & tops) | below_space) == 0;
}

static bool is_tail(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* One character. Most of those beyond ASCII are Chinese: three bytes, and none of the leads of which some
 * continuations are not allowed. */
static bool take_character(const char **at, const char *end) {
    unsigned char byte = (unsigned char)**at;
    if (byte < 0x80) {
        *at += 1;
        return byte >= 0x20 || xml_classes[byte] & XML_BLANK;
    }
    if (byte >= 0xE1 && byte <= 0xEC && end - *at >= 3) {
        bool whole = is_tail((*at)[1]) && is_tail((*at)[2]);
        *at += 3;
        return whole;
    }
    int32_t character = text_next(at, end);
    return character >= 0 && character != 0xFFFE && character != 0xFFFF;
}

static bool is_clean_plain(const char *at, const char *end) {
    uint64_t eight;
    while (at < end) {
        while (end - at >= 8 && (memcpy(&eight, at, 8), is_plain(eight))) {
            at += 8;
        }
        if (at < end && !take_character(&at, end)) {
            return false;
        }
    }
    return true;
}

/* --- sixty-four bytes at a time ------------------------------------------------------------------------- */

#ifdef XML_VECTORS
#define AVX2 __attribute__((target("avx2")))

/* What can be wrong with a byte and the one before it. */
enum {
    TOO_SHORT = 1 << 0,     /* a lead, and then no continuation */
    TOO_LONG = 1 << 1,      /* ASCII, and then a continuation */
    OVERLONG_3 = 1 << 2,    /* E0 80..9F */
    TOO_LARGE_9 = 1 << 3,   /* F4.. 90..BF: beyond U+10FFFF */
    SURROGATE = 1 << 4,     /* ED A0..BF */
    OVERLONG_2 = 1 << 5,    /* C0..C1 */
    OVERLONG_4 = 1 << 6,    /* F0 80..8F */
    TOO_LARGE_8 = 1 << 6,   /* F5.. 80..8F */
    CONTINUATIONS = 1 << 7, /* two in a row: right where a lead before them wants them */

    EVERY_LOW = TOO_SHORT | TOO_LONG | CONTINUATIONS, /* the low half of the first byte does not matter */
    TOO_LARGE = TOO_LARGE_8 | TOO_LARGE_9,
    EVERY_CONTINUATION = TOO_LONG | OVERLONG_2 | CONTINUATIONS,
};

/* clang-format off */
static const uint8_t by_first_high[16] = {
    TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
    CONTINUATIONS, CONTINUATIONS, CONTINUATIONS, CONTINUATIONS,
    TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
    TOO_SHORT | TOO_LARGE | OVERLONG_4,
};
static const uint8_t by_first_low[16] = {
    EVERY_LOW | OVERLONG_2 | OVERLONG_3 | OVERLONG_4, EVERY_LOW | OVERLONG_2, EVERY_LOW, EVERY_LOW,
    EVERY_LOW | TOO_LARGE_9, EVERY_LOW | TOO_LARGE, EVERY_LOW | TOO_LARGE, EVERY_LOW | TOO_LARGE,
    EVERY_LOW | TOO_LARGE, EVERY_LOW | TOO_LARGE, EVERY_LOW | TOO_LARGE, EVERY_LOW | TOO_LARGE,
    EVERY_LOW | TOO_LARGE, EVERY_LOW | TOO_LARGE | SURROGATE, EVERY_LOW | TOO_LARGE, EVERY_LOW | TOO_LARGE,
};
static const uint8_t by_second_high[16] = {
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    EVERY_CONTINUATION | OVERLONG_3 | OVERLONG_4 | TOO_LARGE_8,
    EVERY_CONTINUATION | OVERLONG_3 | TOO_LARGE_9,
    EVERY_CONTINUATION | SURROGATE | TOO_LARGE_9, EVERY_CONTINUATION | SURROGATE | TOO_LARGE_9,
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
};
/* clang-format on */

/* The block as it was `count` bytes earlier; `before` stands before it. */
#define EARLIER(block, before, count) \
    _mm256_alignr_epi8(block, _mm256_permute2x128_si256(before, block, 0x21), 16 - (count))

AVX2 static __m256i look_up(const uint8_t table[16], __m256i halves) {
    __m128i row = _mm_loadu_si128((const __m128i *)table);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(row), halves);
}

AVX2 static __m256i errors_of_pairs(__m256i first, __m256i second) {
    const __m256i half = _mm256_set1_epi8(0x0F);
    __m256i first_high = _mm256_and_si256(_mm256_srli_epi16(first, 4), half),
            first_low = _mm256_and_si256(first, half),
            second_high = _mm256_and_si256(_mm256_srli_epi16(second, 4), half);
    return _mm256_and_si256(
        _mm256_and_si256(look_up(by_first_high, first_high), look_up(by_first_low, first_low)),
        look_up(by_second_high, second_high));
}

/* Where bytes beyond ASCII stand in it or end before it: bits of what is wrong. */
AVX2 static __m256i errors_beyond_ascii(__m256i block, __m256i before) {
    __m256i one = EARLIER(block, before, 1), two = EARLIER(block, before, 2),
            three = EARLIER(block, before, 3);
    /* Behind a lead of three (E0..) two bytes back or of four (F0..) three bytes back: their top bit stays,
     * which is CONTINUATIONS. */
    __m256i leads = _mm256_or_si256(_mm256_subs_epu8(two, _mm256_set1_epi8(0xE0 - 0x80)),
                                    _mm256_subs_epu8(three, _mm256_set1_epi8(0xF0 - 0x80)));
    __m256i wanted = _mm256_and_si256(leads, _mm256_set1_epi8((char)0x80));
    /* EF BF BE and EF BF BF: U+FFFE and U+FFFF */
    __m256i last = _mm256_max_epu8(block, _mm256_set1_epi8((char)0xBE));
    __m256i none = _mm256_and_si256(_mm256_and_si256(_mm256_cmpeq_epi8(two, _mm256_set1_epi8((char)0xEF)),
                                                     _mm256_cmpeq_epi8(one, _mm256_set1_epi8((char)0xBF))),
                                    _mm256_cmpeq_epi8(last, block));
    return _mm256_or_si256(_mm256_xor_si256(errors_of_pairs(one, block), wanted), none);
}

/* Below the space, and neither tab nor line end: those three stand in their own place of the table, and what
 * is beyond ASCII finds 0 there. */
AVX2 static __m256i controls_of(__m256i block) {
    static const uint8_t blanks[16] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                        0xFF, '\t', '\n', 0xFF, 0xFF, '\r', 0xFF, 0xFF };
    __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(block, _mm256_set1_epi8(0x1F)), block);
    return _mm256_andnot_si256(_mm256_cmpeq_epi8(look_up(blanks, block), block), low);
}

AVX2 static bool is_clean_avx2(const char *at, const char *end) {
    __m256i wrong = _mm256_setzero_si256(), before = _mm256_set1_epi8(' ');
    char rest[64];
    for (bool last = false; !last; at += 64) {
        last = end - at < 64;
        if (last) { /* a blank behind the end shows a character that is cut off */
            memset(rest, ' ', sizeof(rest));
            memcpy(rest, at, (size_t)(end - at));
        }
        const __m256i *blocks = (const __m256i *)(last ? rest : at);
        __m256i one = _mm256_loadu_si256(blocks), two = _mm256_loadu_si256(blocks + 1);
        wrong = _mm256_or_si256(wrong, _mm256_or_si256(controls_of(one), controls_of(two)));
        if (_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(one, two), before))) {
            wrong = _mm256_or_si256(wrong, errors_beyond_ascii(one, before));
            wrong = _mm256_or_si256(wrong, errors_beyond_ascii(two, one));
        }
        before = two;
    }
    return _mm256_testz_si256(wrong, wrong);
}
#endif

bool xml_is_clean(struct text text) {
#ifdef XML_VECTORS
    if (XML_HAS_AVX2) {
        return is_clean_avx2(text.at, text.at + text.length);
    }
#endif
    return is_clean_plain(text.at, text.at + text.length);
}
