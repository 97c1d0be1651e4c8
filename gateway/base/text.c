/*
 * text.c - runs of bytes, UTF-8, and the width of characters (utf8proc behind it).
 */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

int text_compare(struct text a, struct text b) {
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common ? memcmp(a.at, b.at, common) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* Length and the first and last eight bytes tell almost all names apart. */
uint32_t text_hash(struct text name) {
    uint64_t head = 0, tail = 0;
    if (name.length >= 8) {
        memcpy(&head, name.at, 8);
        memcpy(&tail, name.at + name.length - 8, 8);
    } else {
        for (size_t i = 0; i < name.length; i++) {
            head = head << 8 | (unsigned char)name.at[i];
        }
    }
    uint64_t sum = (head ^ tail << 1 ^ name.length) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(sum >> 32);
}

static bool is_white(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct text text_trim(struct text text) {
    while (text.length && is_white(text.at[0])) {
        text.at++;
        text.length--;
    }
    while (text.length && is_white(text.at[text.length - 1])) {
        text.length--;
    }
    return text;
}

struct text text_until(struct text *rest, char separator) {
    struct text part = *rest;
    const char *cut = part.length ? memchr(part.at, separator, part.length) : NULL;
    if (!cut) {
        *rest = (struct text){ 0 };
        return part;
    }
    part.length = (size_t)(cut - part.at);
    rest->at = cut + 1;
    rest->length -= part.length + 1;
    return part;
}

const char *text_of_uint(uint64_t number, char out[TEXT_NUMBER_MAX]) {
    char *at = out + TEXT_NUMBER_MAX - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return at;
}

bool text_to_uint(struct text text, uint64_t *out) {
    uint64_t value = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned digit = (unsigned)(text.at[i] - '0');
        if (digit > 9 || __builtin_mul_overflow(value, 10, &value)
            || __builtin_add_overflow(value, digit, &value)) {
            return false;
        }
    }
    *out = value;
    return text.length > 0;
}

/* --- UTF-8, RFC 3629 section 4 --------------------------------------------------------------------- */

static bool is_tail(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

/* The sequences of more than one byte. The second byte's range is what shuts out overlong forms (after E0
 * and F0), surrogates (after ED) and what lies beyond U+10FFFF (after F4). */
static int32_t next_long(const char **at, const char *end) {
    const unsigned char *s = (const unsigned char *)*at;
    size_t left = (size_t)(end - *at);
    unsigned char lead = s[0];
    (*at)++; /* a malformed sequence is left byte by byte */
    if (lead < 0xC2 || lead > 0xF4) {
        return -1;
    }
    if (lead < 0xE0) {
        if (left < 2 || !is_tail(s[1])) {
            return -1;
        }
        *at += 1;
        return (lead & 0x1F) << 6 | (s[1] & 0x3F);
    }
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (left < 3 || s[1] < low || s[1] > high || !is_tail(s[2])) {
        return -1;
    }
    if (lead < 0xF0) {
        *at += 2;
        return (lead & 0x0F) << 12 | (s[1] & 0x3F) << 6 | (s[2] & 0x3F);
    }
    if (left < 4 || !is_tail(s[3])) {
        return -1;
    }
    *at += 3;
    return (lead & 0x07) << 18 | (s[1] & 0x3F) << 12 | (s[2] & 0x3F) << 6 | (s[3] & 0x3F);
}

int32_t text_next(const char **at, const char *end) {
    unsigned char lead = (unsigned char)**at;
    if (lead < 0x80) {
        (*at)++;
        return lead;
    }
    return next_long(at, end);
}

size_t text_put(int32_t character, char out[4]) {
    uint32_t c = (uint32_t)character;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

bool text_is_utf8(struct text text) {
    const char *at = text.at, *end = at + text.length;
    while (at < end) {
        uint64_t eight;
        while (end - at >= 8 && (memcpy(&eight, at, 8), (eight & UINT64_C(0x8080808080808080)) == 0)) {
            at += 8;
        }
        if (at < end && text_next(&at, end) < 0) {
            return false;
        }
    }
    return true;
}

struct text text_cut(struct text text, size_t max) {
    if (text.length <= max) {
        return text;
    }
    while (max > 0 && is_tail((unsigned char)text.at[max])) {
        max--;
    }
    return (struct text){ text.at, max };
}

size_t text_characters(struct text text) {
    size_t count = 0;
    for (const char *at = text.at, *end = at + text.length; at < end; count++) {
        uint64_t eight;
        while (end - at >= 8 && (memcpy(&eight, at, 8), (eight & UINT64_C(0x8080808080808080)) == 0)) {
            at += 8; /* ASCII */
            count += 8;
        }
        if (at == end) {
            break;
        }
        text_next(&at, end);
    }
    return count;
}

size_t text_width(struct text text) {
    size_t width = 0;
    for (const char *at = text.at, *end = at + text.length; at < end;) {
        int32_t character = text_next(&at, end);
        width += character < 0 ? 1 : (size_t)utf8proc_charwidth(character);
    }
    return width;
}

/* --- what is seen of a character -------------------------------------------------------------------- */

#define FULL_WIDTH_FIRST 0xFF01 /* U+FF01 to U+FF5E are ASCII 21 to 7E */
#define FULL_WIDTH_LAST  0xFF5E
#define BRAILLE_BLANK    0x2800 /* a symbol by its category, a blank to the eye */

/* Drawn like the sign beside it: Greek, Cyrillic and Armenian letters, Roman numerals, dashes, slashes. */
/* clang-format off */
static const struct { int32_t character; char plain; } alike[] = {
    { 0x0391, 'A' }, { 0x0392, 'B' }, { 0x0395, 'E' }, { 0x0396, 'Z' }, { 0x0397, 'H' }, { 0x0399, 'I' },
    { 0x039A, 'K' }, { 0x039C, 'M' }, { 0x039D, 'N' }, { 0x039F, 'O' }, { 0x03A1, 'P' }, { 0x03A4, 'T' },
    { 0x03A5, 'Y' }, { 0x03A7, 'X' }, { 0x03B9, 'i' }, { 0x03BD, 'v' }, { 0x03BF, 'o' }, { 0x03C1, 'p' },
    { 0x03F3, 'j' }, { 0x03F9, 'C' }, { 0x03FA, 'M' }, { 0x0405, 'S' }, { 0x0406, 'I' }, { 0x0408, 'J' },
    { 0x0410, 'A' }, { 0x0412, 'B' }, { 0x0415, 'E' }, { 0x0417, '3' }, { 0x041A, 'K' }, { 0x041C, 'M' },
    { 0x041D, 'H' }, { 0x041E, 'O' }, { 0x0420, 'P' }, { 0x0421, 'C' }, { 0x0422, 'T' }, { 0x0423, 'Y' },
    { 0x0425, 'X' }, { 0x042C, 'b' }, { 0x0430, 'a' }, { 0x0435, 'e' }, { 0x043E, 'o' }, { 0x0440, 'p' },
    { 0x0441, 'c' }, { 0x0443, 'y' }, { 0x0445, 'x' }, { 0x0455, 's' }, { 0x0456, 'i' }, { 0x0458, 'j' },
    { 0x04AE, 'Y' }, { 0x04AF, 'y' }, { 0x04BA, 'h' }, { 0x04BB, 'h' }, { 0x04C0, 'I' }, { 0x04CF, 'l' },
    { 0x0501, 'd' }, { 0x050C, 'G' }, { 0x051B, 'q' }, { 0x051C, 'W' }, { 0x051D, 'w' }, { 0x053C, 'L' },
    { 0x054D, 'U' }, { 0x0555, 'O' }, { 0x0570, 'h' }, { 0x0578, 'n' }, { 0x057D, 'u' }, { 0x0585, 'o' },
    { 0x2010, '-' }, { 0x2011, '-' }, { 0x2012, '-' }, { 0x2013, '-' }, { 0x2014, '-' }, { 0x2015, '-' },
    { 0x2043, '-' }, { 0x2044, '/' }, { 0x2113, 'l' }, { 0x212A, 'K' }, { 0x2160, 'I' }, { 0x2164, 'V' },
    { 0x2169, 'X' }, { 0x216C, 'L' }, { 0x216D, 'C' }, { 0x216E, 'D' }, { 0x216F, 'M' }, { 0x2170, 'i' },
    { 0x2174, 'v' }, { 0x2179, 'x' }, { 0x217C, 'l' }, { 0x217D, 'c' }, { 0x217E, 'd' }, { 0x217F, 'm' },
    { 0x2212, '-' }, { 0x2215, '/' }, { 0xFE63, '-' },
};
/* clang-format on */

static int by_character(const void *key, const void *row) {
    int32_t left = *(const int32_t *)key, right = *(const int32_t *)row;
    return (left > right) - (left < right);
}

char text_plain(int32_t character) {
    if (character >= FULL_WIDTH_FIRST && character <= FULL_WIDTH_LAST) {
        return (char)(character - FULL_WIDTH_FIRST + '!');
    }
    const char *row =
        bsearch(&character, alike, sizeof(alike) / sizeof(*alike), sizeof(*alike), by_character);
    return row ? alike[(size_t)(row - (const char *)alike) / sizeof(*alike)].plain : 0;
}

enum text_look text_look(int32_t character) {
    if (character < 0x80) {
        return TEXT_SEEN;
    }
    if (character >= FULL_WIDTH_FIRST && character <= FULL_WIDTH_LAST) {
        return TEXT_WIDE;
    }
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return TEXT_BLANK;
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF: return TEXT_UNSEEN;
    default: break;
    }
    if (character == BRAILLE_BLANK) {
        return TEXT_BLANK;
    }
    if (utf8proc_get_property(character)->ignorable) {
        return TEXT_UNSEEN;
    }
    return text_plain(character) ? TEXT_ALIKE : TEXT_SEEN;
}
