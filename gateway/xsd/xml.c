/*
 * xml.c - one function for each production that matters here, by the numbers of XML 1.0 (fifth edition).
 */
#include "xsd/xml.h"

#include <string.h>

#include "base/status.h"

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

/* --- text [14] ------------------------------------------------------------------------------------------ */

static const char *scan_plain(const char *at, const char *end, uint8_t *seen) {
    uint8_t class, all = *seen;
    while (at < end && !((class = xml_class(*at)) & XML_STOP)) {
        all |= class;
        at++;
    }
    *seen = all;
    return at;
}

#ifdef XML_VECTORS
__attribute__((target("avx2"))) static const char *scan_avx2(const char *at, const char *end, uint8_t *seen) {
    const __m256i open = _mm256_set1_epi8('<'), reference = _mm256_set1_epi8('&'),
                  back = _mm256_set1_epi8('\r'), bracket = _mm256_set1_epi8(']'),
                  space = _mm256_set1_epi8(' ');
    uint8_t all = *seen;
    for (; end - at >= 32; at += 32) {
        __m256i block = _mm256_loadu_si256((const __m256i *)at);
        uint32_t stops = (uint32_t)_mm256_movemask_epi8(
            _mm256_or_si256(_mm256_cmpeq_epi8(block, open), _mm256_cmpeq_epi8(block, reference)));
        uint32_t odds = (uint32_t)_mm256_movemask_epi8(
            _mm256_or_si256(_mm256_cmpeq_epi8(block, back), _mm256_cmpeq_epi8(block, bracket)));
        uint32_t blanks =
            (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(block, space), block));
        uint32_t before = (stops & -stops) - 1; /* all, if there is none */
        if (odds & before) {
            uint32_t returns = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, back));
            all |= returns & before ? XML_RETURN : 0;
            all |= odds & ~returns & before ? XML_BRACKET : 0;
        }
        all |= blanks & before ? XML_BLANK : 0;
        all |= (uint32_t)_mm256_movemask_epi8(block) & before ? XML_HIGH : 0;
        if (stops) {
            *seen = all;
            return at + __builtin_ctz(stops);
        }
    }
    *seen = all;
    return scan_plain(at, end, seen);
}
#endif

const char *xml_scan_long_text(const char *at, const char *end, uint8_t *seen) {
#ifdef XML_VECTORS
    if (XML_HAS_AVX2) {
        return scan_avx2(at, end, seen);
    }
#endif
    return scan_plain(at, end, seen);
}

/* --- values of attributes [10] -------------------------------------------------------------------------- */

static const char *scan_value_plain(const char *at, const char *end, char quote, uint8_t *seen) {
    for (; at < end && *at != quote; at++) {
        uint8_t class = xml_class(*at);
        if (class & XML_STOP || (class & XML_BLANK && *at != ' ')) {
            return NULL;
        }
        *seen |= class & (XML_BLANK | XML_HIGH);
    }
    return at < end ? at : NULL;
}

#ifdef XML_VECTORS
__attribute__((target("avx2"))) static const char *scan_value_avx2(const char *at, const char *end,
                                                                   char quote, uint8_t *seen) {
    const __m256i quotes = _mm256_set1_epi8(quote), open = _mm256_set1_epi8('<'),
                  reference = _mm256_set1_epi8('&'), space = _mm256_set1_epi8(' '),
                  below_space = _mm256_set1_epi8(' ' - 1);
    __m256i blanks = _mm256_setzero_si256(), high = blanks;
    for (; end - at >= 32; at += 32) {
        __m256i block = _mm256_loadu_si256((const __m256i *)at);
        __m256i blank = _mm256_cmpeq_epi8(block, space), close = _mm256_cmpeq_epi8(block, quotes);
        __m256i odd = _mm256_or_si256(
            _mm256_or_si256(_mm256_cmpeq_epi8(block, open), _mm256_cmpeq_epi8(block, reference)),
            _mm256_cmpeq_epi8(_mm256_min_epu8(block, below_space), block));
        uint32_t stops = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(close, odd));
        if (stops) {
            uint32_t before = (stops & -stops) - 1;
            *seen |= (uint32_t)_mm256_movemask_epi8(blanks) | ((uint32_t)_mm256_movemask_epi8(blank) & before)
                         ? XML_BLANK
                         : 0;
            *seen |= (uint32_t)_mm256_movemask_epi8(high) | ((uint32_t)_mm256_movemask_epi8(block) & before)
                         ? XML_HIGH
                         : 0;
            at += __builtin_ctz(stops);
            return *at == quote ? at : NULL;
        }
        blanks = _mm256_or_si256(blanks, blank);
        high = _mm256_or_si256(high, block);
    }
    *seen |= _mm256_movemask_epi8(blanks) ? XML_BLANK : 0;
    *seen |= _mm256_movemask_epi8(high) ? XML_HIGH : 0;
    return scan_value_plain(at, end, quote, seen);
}
#endif

const char *xml_scan_long_value(const char *at, const char *end, char quote, uint8_t *seen) {
#ifdef XML_VECTORS
    if (XML_HAS_AVX2) {
        return scan_value_avx2(at, end, quote, seen);
    }
#endif
    return scan_value_plain(at, end, quote, seen);
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
    const char *from = at;
    if (at < end && xml_class(*at) & XML_NAME_START) { /* most are of ASCII */
        do {
            at++;
        } while (at < end && xml_class(*at) & XML_NAME);
    }
    while (at < end && xml_class(*at) & (XML_HIGH | XML_NAME)) {
        const char *next = at;
        if (!takes_name_character(&next, end, at == from)) {
            return at;
        }
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

/* Where `what`, two or three bytes, stands next, or NULL: at one speed whatever stands before it, as neither
 * memmem() nor memchr() does. */
static inline const char *find(const char *at, const char *end, const char *what, int length) {
#ifdef XML_VECTORS
    for (; end - at >= 16 + length; at += 16) {
        __m128i same = _mm_set1_epi8(-1);
        for (int i = 0; i < length; i++) {
            __m128i block = _mm_loadu_si128((const __m128i *)(at + i));
            same = _mm_and_si128(same, _mm_cmpeq_epi8(block, _mm_set1_epi8(what[i])));
        }
        uint32_t found = (uint32_t)_mm_movemask_epi8(same);
        if (found) {
            return at + __builtin_ctz(found);
        }
    }
#endif
    for (; end - at >= length; at++) {
        if (memcmp(at, what, (size_t)length) == 0) {
            return at;
        }
    }
    return NULL;
}

const char *xml_find_dashes(const char *at, const char *end) {
    return find(at, end, "--", 2);
}

const char *xml_find_section_end(const char *at, const char *end) {
    return find(at, end, "]]>", 3);
}

const char *xml_behind_comment(const char *at, const char *end) {
    if (end - at < 7 || memcmp(at, "<!--", 4) != 0) {
        return NULL;
    }
    const char *dashes = xml_find_dashes(at + 4, end);
    return dashes && end - dashes >= 3 && dashes[2] == '>' ? dashes + 3 : NULL;
}

bool xml_cdata(const char *at, const char *end, struct text *found) {
    if (end - at < 12 || memcmp(at, "<![CDATA[", 9) != 0) {
        return false;
    }
    const char *close = xml_find_section_end(at + 9, end);
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

const char *xml_scan_value(const char *at, const char *end, char quote, uint8_t *seen) {
    uint8_t all = 0;
#ifdef XML_VECTORS
    const __m128i quotes = _mm_set1_epi8(quote), open = _mm_set1_epi8('<'), reference = _mm_set1_epi8('&'),
                  below_space = _mm_set1_epi8(' ' - 1);
    for (; end - at >= 16; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)at);
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(block, quotes), _mm_cmpeq_epi8(block, open));
        __m128i line = _mm_cmpeq_epi8(_mm_min_epu8(block, below_space), block);
        uint32_t stops = (uint32_t)_mm_movemask_epi8(stop), lines = (uint32_t)_mm_movemask_epi8(line);
        uint32_t references = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, reference));
        uint32_t before = stops ? (stops & -stops) - 1 : 0xFFFF;
        all |= references & before ? XML_STOP : 0;
        all |= lines & before ? XML_RETURN : 0;
        if (stops) {
            *seen = all;
            return at + __builtin_ctz(stops);
        }
    }
#endif
    for (; at < end && *at != quote && *at != '<'; at++) {
        all |= xml_class(*at) & XML_STOP;
        all |= *at != ' ' && xml_class(*at) & XML_BLANK ? XML_RETURN : 0;
    }
    *seen = all;
    return at;
}

/* Behind the closing quote; what is between them may not hold a <. */
static const char *take_value(const char *at, const char *end, struct xml_attribute *attribute) {
    char quote = *at;
    const char *from = at + 1;
    uint8_t seen;
    const char *to = xml_scan_value(from, end, quote, &seen);
    if (to == end || *to != quote) {
        return NULL;
    }
    attribute->value = (struct text){ from, (size_t)(to - from) };
    attribute->plain = !seen;
    return to + 1;
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

#define NONE   99
#define NONE8  NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE
#define NONE16 NONE8, NONE8
/* clang-format off */
const uint8_t xml_digits[256] = {
    NONE16, NONE16, NONE16,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, NONE, NONE, NONE, NONE, NONE, NONE,
    NONE, 10, 11, 12, 13, 14, 15, NONE, NONE8, NONE16,
    NONE, 10, 11, 12, 13, 14, 15, NONE, NONE8, NONE16,
    NONE16, NONE16, NONE16, NONE16, NONE16, NONE16, NONE16, NONE16,
};
/* clang-format on */

/* May a character reference stand for it [2]? */
static bool is_character(int32_t c) {
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD)
           || (c >= 0x10000 && c <= 0x10FFFF);
}

/* &#20013; or &#x4E2D; */
static bool take_character_reference(const char **at, const char *end, char **out) {
    bool hex = end - *at > 2 && (*at)[2] == 'x';
    const char *digit = *at + (hex ? 3 : 2), *from = digit;
    int32_t character = 0, base = hex ? 16 : 10;
    for (int value; digit < end && (value = xml_digit(*digit)) < base; digit++) {
        character = character > XML_CHARACTER_MAX ? character : character * base + value;
    }
    if (digit == from || digit == end || *digit != ';' || !is_character(character)) {
        return false;
    }
    *out += text_put(character, *out);
    *at = digit + 1;
    return true;
}

bool xml_take_reference(const char **at, const char *end, char **out) {
    require(*at < end && **at == '&');
    struct text rest = { *at, (size_t)(end - *at) };
    if (rest.length > 1 && rest.at[1] == '#') {
        return take_character_reference(at, end, out);
    }
#define ENTITY(written, says)         \
    if (text_starts(rest, written)) { \
        *at += sizeof(written) - 1;   \
        *(*out)++ = (says);           \
        return true;                  \
    }
    ENTITY("&lt;", '<')
    ENTITY("&gt;", '>')
    ENTITY("&amp;", '&')
    ENTITY("&quot;", '"')
    ENTITY("&apos;", '\'')
#undef ENTITY
    return false;
}

enum decoding { AS_TEXT, AS_ATTRIBUTE, AS_LINES };

/* Copies what says itself, at least one byte, up to something that may not. A carriage return, and in an
 * attribute any blank, is replaced on the way where no line feed belongs to it. */
static inline void copy_plain(const char **at, const char *end, char **out, enum decoding how) {
    const char *from = *at;
#ifdef XML_VECTORS
    const __m128i reference = _mm_set1_epi8('&'), bracket = _mm_set1_epi8(']'), back = _mm_set1_epi8('\r'),
                  feed = _mm_set1_epi8('\n'), below_space = _mm_set1_epi8(' ' - 1);
    const __m128i says = how == AS_ATTRIBUTE ? _mm_set1_epi8(' ') : feed;
    for (; end - *at >= 16; *at += 16, *out += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)*at), returns = _mm_cmpeq_epi8(block, back);
        __m128i lines =
            how == AS_ATTRIBUTE ? _mm_cmpeq_epi8(_mm_min_epu8(block, below_space), block) : returns;
        __m128i odd = how == AS_LINES ? _mm_setzero_si128() : _mm_cmpeq_epi8(block, reference);
        odd = how == AS_TEXT ? _mm_or_si128(odd, _mm_cmpeq_epi8(block, bracket)) : odd;
        uint32_t feeds = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, feed));
        uint32_t pairs = (uint32_t)_mm_movemask_epi8(returns) & (feeds >> 1 | 1u << 15);
        uint32_t odds = (uint32_t)_mm_movemask_epi8(odd) | pairs;
        block = _mm_or_si128(_mm_andnot_si128(lines, block), _mm_and_si128(lines, says));
        if (odds) {
            char said[16];
            size_t length = (size_t)__builtin_ctz(odds);
            _mm_storeu_si128((__m128i *)said, block);
            memcpy(*out, said, length);
            *at += length;
            *out += length;
            break;
        }
        _mm_storeu_si128((__m128i *)*out, block);
    }
#endif
    if (*at == from) {
        char c = *(*at)++;
        bool line = how == AS_ATTRIBUTE ? xml_class(c) & XML_BLANK : c == '\r';
        *(*out)++ = !line ? c : how == AS_ATTRIBUTE ? ' ' : '\n';
    }
}

static inline size_t decode(struct text raw, char *out, enum decoding how) {
    const char *at = raw.at, *end = at + raw.length;
    char *to = out;
    while (at < end) {
        if (*at == '&' && how != AS_LINES) {
            if (!xml_take_reference(&at, end, &to)) {
                return SIZE_MAX;
            }
        } else if (*at == '\r' && end - at > 1 && at[1] == '\n') {
            at += 2;
            *to++ = how == AS_ATTRIBUTE ? ' ' : '\n';
        } else if (how == AS_TEXT && *at == ']' && end - at >= 3 && at[1] == ']' && at[2] == '>') {
            return SIZE_MAX;
        } else {
            copy_plain(&at, end, &to, how);
        }
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
