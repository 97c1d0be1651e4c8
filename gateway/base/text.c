/*
 * text.c - runs of bytes, UTF-8, and the width of characters (utf8proc behind it).
 */
#include "base/text.h"

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

bool text_to_int(struct text text, int64_t *out) {
    bool negative = text_starts(text, "-");
    uint64_t size;
    if (!text_to_uint((struct text){ text.at + negative, text.length - negative }, &size)
        || size > (uint64_t)INT64_MAX) {
        return false;
    }
    *out = negative ? -(int64_t)size : (int64_t)size;
    return true;
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

size_t text_characters(struct text text) {
    size_t count = 0;
    for (const char *at = text.at, *end = at + text.length; at < end; count++) {
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
    return utf8proc_get_property(character)->ignorable ? TEXT_UNSEEN : TEXT_SEEN;
}
