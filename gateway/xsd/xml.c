/*
 * xml.c - one function for each production that matters here, by the numbers of XML 1.0 (fifth edition).
 */
#include "xsd/xml.h"

#include <string.h>

#define B  XML_BLANK
#define N  XML_NAME
#define S  (XML_NAME_START | XML_NAME)
#define H  XML_HIGH
#define H8 H, H, H, H, H, H, H, H

/* clang-format off */
const uint8_t xml_classes[256] = {
    [' '] = B, ['\t'] = B, ['\n'] = B, ['\r'] = B | XML_RETURN,
    ['<'] = XML_STOP, ['&'] = XML_STOP, [']'] = XML_BRACKET,
    ['-'] = N, ['.'] = N, ['_'] = S,
    ['0'] = N, N, N, N, N, N, N, N, N, N,
    ['A'] = S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S,
    ['a'] = S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S,
    [0x80] = H8, H8, H8, H8, H8, H8, H8, H8, H8, H8, H8, H8, H8, H8, H8, H8,
};
/* clang-format on */

/* --- characters [2] ------------------------------------------------------------------------------------- */

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

#ifdef XML_VECTORS
/* Thirty-two bytes at a time while they are ASCII; the characters of a block that is not, one by one. */
__attribute__((target("avx2"))) static bool is_clean_avx2(const char *at, const char *end) {
    const __m256i space = _mm256_set1_epi8(0x1F), tab = _mm256_set1_epi8('\t'), line = _mm256_set1_epi8('\n'),
                  back = _mm256_set1_epi8('\r');
    while (end - at >= 32) {
        __m256i block = _mm256_loadu_si256((const __m256i *)at);
        __m256i blank =
            _mm256_or_si256(_mm256_cmpeq_epi8(block, tab),
                            _mm256_or_si256(_mm256_cmpeq_epi8(block, line), _mm256_cmpeq_epi8(block, back)));
        /* as signed numbers what is beyond ASCII is below the space, too */
        __m256i fine = _mm256_or_si256(_mm256_cmpgt_epi8(block, space), blank);
        uint32_t odd = ~(uint32_t)_mm256_movemask_epi8(fine);
        if (!odd) {
            at += 32;
            continue;
        }
        at += __builtin_ctz(odd);
        do {
            if (!take_character(&at, end)) {
                return false;
            }
        } while (at < end && (unsigned char)*at >= 0x80);
    }
    return is_clean_plain(at, end);
}
#endif

bool xml_is_clean(struct text text) {
#ifdef XML_VECTORS
    if (__builtin_cpu_supports("avx2")) {
        return is_clean_avx2(text.at, text.at + text.length);
    }
#endif
    return is_clean_plain(text.at, text.at + text.length);
}

/* --- names [4] [4a], without the colon ------------------------------------------------------------------ */

struct range {
    int32_t low, high;
};

static const struct range name_starts[] = {
    { 0xC0, 0xD6 },     { 0xD8, 0xF6 },     { 0xF8, 0x2FF },    { 0x370, 0x37D },
    { 0x37F, 0x1FFF },  { 0x200C, 0x200D }, { 0x2070, 0x218F }, { 0x2C00, 0x2FEF },
    { 0x3001, 0xD7FF }, { 0xF900, 0xFDCF }, { 0xFDF0, 0xFFFD }, { 0x10000, 0xEFFFF },
};
static const struct range name_others[] = { { 0xB7, 0xB7 }, { 0x300, 0x36F }, { 0x203F, 0x2040 } };

static bool is_within(int32_t character, const struct range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (character >= ranges[i].low && character <= ranges[i].high) {
            return true;
        }
    }
    return false;
}

static bool takes_name_character(const char **at, const char *end, bool first) {
    unsigned char byte = (unsigned char)**at;
    if (byte < 0x80) {
        *at += 1;
        return xml_classes[byte] & (first ? XML_NAME_START : XML_NAME);
    }
    int32_t character = text_next(at, end);
    return is_within(character, name_starts, sizeof(name_starts) / sizeof(*name_starts))
           || (!first && is_within(character, name_others, sizeof(name_others) / sizeof(*name_others)));
}

const char *xml_name_end(const char *at, const char *end) {
    bool first = true;
    while (at < end) {
        const char *next = at;
        if (!takes_name_character(&next, end, first)) {
            return at;
        }
        first = false;
        at = next;
    }
    return at;
}

/* --- the XML declaration [23] --------------------------------------------------------------------------- */

/* name="value" behind at least one blank. False: it does not stand there. */
static bool take_pair(const char **at, const char *end, const char *name, struct text *value) {
    const char *here = xml_skip_blanks(*at, end);
    size_t length = strlen(name);
    if (here == *at || (size_t)(end - here) < length || memcmp(here, name, length) != 0) {
        return false;
    }
    here = xml_skip_blanks(here + length, end);
    if (here == end || *here != '=') {
        return false;
    }
    here = xml_skip_blanks(here + 1, end);
    if (here == end || (*here != '"' && *here != '\'')) {
        return false;
    }
    const char *close = memchr(here + 1, *here, (size_t)(end - here) - 1);
    if (!close) {
        return false;
    }
    *value = (struct text){ here + 1, (size_t)(close - here) - 1 };
    *at = close + 1;
    return true;
}

static bool is_encoding_name(struct text name) {
    for (size_t i = 0; i < name.length; i++) {
        if (!(xml_class(name.at[i]) & XML_NAME) || (i == 0 && !(xml_class(name.at[i]) & XML_NAME_START))) {
            return false;
        }
    }
    return name.length > 0 && name.at[0] != '_';
}

const char *xml_behind_declaration(struct text text) {
    const char *at = text.at, *end = at + text.length;
    struct text value;
    if (!text_starts(text, "<?xml") || text.length == 5 || !(xml_class(at[5]) & XML_BLANK)) {
        return at;
    }
    at += 5;
    if (!take_pair(&at, end, "version", &value) || !text_is(value, "1.0")) {
        return NULL;
    }
    if (take_pair(&at, end, "encoding", &value) && !is_encoding_name(value)) {
        return NULL;
    }
    if (take_pair(&at, end, "standalone", &value) && !text_is(value, "yes") && !text_is(value, "no")) {
        return NULL;
    }
    at = xml_skip_blanks(at, end);
    return end - at >= 2 && at[0] == '?' && at[1] == '>' ? at + 2 : NULL;
}

/* --- comments [15] and CDATA [18] ----------------------------------------------------------------------- */

/* The next --, or NULL: by its first byte, which is rare in prose, as memmem() does not. */
static const char *find_dashes(const char *at, const char *end) {
    while (end - at >= 2 && (at = memchr(at, '-', (size_t)(end - at) - 1))) {
        if (at[1] == '-') {
            return at;
        }
        at++;
    }
    return NULL;
}

const char *xml_behind_comment(const char *at, const char *end) {
    if (end - at < 7 || memcmp(at, "<!--", 4) != 0) {
        return NULL;
    }
    const char *dashes = find_dashes(at + 4, end);
    return dashes && end - dashes >= 3 && dashes[2] == '>' ? dashes + 3 : NULL;
}

bool xml_cdata(const char *at, const char *end, struct text *found) {
    if (end - at < 12 || memcmp(at, "<![CDATA[", 9) != 0) {
        return false;
    }
    const char *close = memmem(at + 9, (size_t)(end - at) - 9, "]]>", 3);
    *found = (struct text){ at + 9, close ? (size_t)(close - at) - 9 : 0 };
    return close != NULL;
}

/* --- tags [40] [41] [42] [44] --------------------------------------------------------------------------- */

/* A qualified name; *prefix is empty without one. NULL: there is none. */
static const char *take_name(const char *at, const char *end, struct text *prefix, struct text *name) {
    const char *behind = xml_name_end(at, end);
    *prefix = TEXT("");
    *name = (struct text){ at, (size_t)(behind - at) };
    if (behind < end && *behind == ':') {
        *prefix = *name;
        at = behind + 1;
        behind = xml_name_end(at, end);
        *name = (struct text){ at, (size_t)(behind - at) };
        if (prefix->length == 0) {
            return NULL;
        }
    }
    return name->length ? behind : NULL;
}

/* Behind the closing quote; what is between them may not hold a <. */
static const char *take_value(const char *at, const char *end, struct xml_attribute *attribute) {
    char quote = *at;
    const char *from = ++at;
    uint8_t seen = 0;
    while (at < end && *at != quote) {
        if (*at == '<') {
            return NULL;
        }
        seen |= xml_class(*at);
        seen |= *at != ' ' && xml_class(*at) & XML_BLANK ? XML_RETURN : 0;
        at++;
    }
    if (at == end) {
        return NULL;
    }
    attribute->value = (struct text){ from, (size_t)(at - from) };
    attribute->plain = !(seen & (XML_STOP | XML_RETURN));
    return at + 1;
}

const char *xml_take_attributes(const char *at, const char *end, struct xml_tag *tag) {
    tag->count = 0;
    for (;;) {
        const char *blank = at;
        at = xml_skip_blanks(at, end);
        if (at == end) {
            return NULL;
        }
        if (*at == '>' || *at == '/') {
            tag->empty = *at == '/';
            at += tag->empty;
            return at < end && *at == '>' ? at + 1 : NULL;
        }
        if (at == blank || tag->count == XML_ATTRIBUTES_MAX) {
            return NULL;
        }
        struct xml_attribute *attribute = &tag->attributes[tag->count++];
        at = take_name(at, end, &attribute->prefix, &attribute->name);
        at = at ? xml_skip_blanks(at, end) : end;
        if (at == end || *at != '=') {
            return NULL;
        }
        at = xml_skip_blanks(at + 1, end);
        if (at == end || (*at != '"' && *at != '\'')) {
            return NULL;
        }
        at = take_value(at, end, attribute);
        if (!at) {
            return NULL;
        }
    }
}

const char *xml_take_tag(const char *at, const char *end, struct xml_tag *tag) {
    const char *behind = take_name(at, end, &tag->prefix, &tag->name);
    if (!behind) {
        return NULL;
    }
    tag->whole = (struct text){ at, (size_t)(behind - at) };
    return xml_take_attributes(behind, end, tag);
}

const char *xml_behind_end_tag(const char *at, const char *end, struct text whole) {
    if ((size_t)(end - at) < whole.length + 3 || at[0] != '<' || at[1] != '/'
        || !xml_same(at + 2, whole.at, whole.length, end)) {
        return NULL;
    }
    at += 2 + whole.length;
    at = *at == '>' ? at : xml_skip_blanks(at, end);
    return at < end && *at == '>' ? at + 1 : NULL;
}

/* --- references [66] [68] and line ends (2.11, 3.3.3) --------------------------------------------------- */

static const struct {
    const char *text;
    char character;
} entities[] = {
    { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&apos;", '\'' },
};

int xml_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 99;
}

bool xml_is_character(int32_t c) {
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD)
           || (c >= 0x10000 && c <= 0x10FFFF);
}

/* The reference whose & stands at `*at`: moves behind its semicolon and writes what it says. */
static bool take_reference(const char **at, const char *end, char **out) {
    struct text rest = { *at, (size_t)(end - *at) };
    for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++) {
        if (text_starts(rest, entities[i].text)) {
            *at += strlen(entities[i].text);
            *(*out)++ = entities[i].character;
            return true;
        }
    }
    if (!text_starts(rest, "&#")) {
        return false;
    }
    bool hex = text_starts(rest, "&#x");
    const char *digit = rest.at + (hex ? 3 : 2), *from = digit;
    int32_t character = 0, base = hex ? 16 : 10;
    while (digit < end && xml_digit(*digit) < base) {
        character = character > XML_CHARACTER_MAX ? character : character * base + xml_digit(*digit);
        digit++;
    }
    if (digit == from || digit == end || *digit != ';' || !xml_is_character(character)) {
        return false;
    }
    *out += text_put(character, *out);
    *at = digit + 1;
    return true;
}

enum decoding { AS_TEXT, AS_ATTRIBUTE, AS_LINES };

static size_t decode(struct text raw, char *out, enum decoding how) {
    const char *at = raw.at, *end = at + raw.length;
    char *to = out;
    while (at < end) {
        char c = *at;
        if (c == '&' && how != AS_LINES) {
            if (!take_reference(&at, end, &to)) {
                return SIZE_MAX;
            }
            continue;
        }
        if (c == ']' && how == AS_TEXT && end - at >= 3 && at[1] == ']' && at[2] == '>') {
            return SIZE_MAX;
        }
        at++;
        if (c == '\r') {
            at += at < end && *at == '\n';
            c = '\n';
        }
        *to++ = how == AS_ATTRIBUTE && xml_class(c) & XML_BLANK ? ' ' : c;
    }
    return (size_t)(to - out);
}

size_t xml_decode_text(struct text raw, char *out) {
    return decode(raw, out, AS_TEXT);
}

size_t xml_decode_attribute(struct text raw, char *out) {
    return decode(raw, out, AS_ATTRIBUTE);
}

size_t xml_decode_lines(struct text raw, char *out) {
    return decode(raw, out, AS_LINES);
}
