/*
 * xml.h - how XML 1.0 with namespaces is spelled, in UTF-8 bytes: what the reader of schemas (tree.h) and the
 * validator (validator.h) both have to know.
 *
 * Strict: what is taken here is well-formed by XML 1.0 (fifth edition) and Namespaces in XML 1.0. What is not
 * read, though it may be well-formed: document type declarations, processing instructions, and tags beyond
 * the limits below. Callers treat both alike: not taken.
 */
#ifndef XSD_XML_H
#define XSD_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* With -DXML_PLAIN, and on machines without SSE2, the same in plain C; with -DXML_NARROW as without AVX2. */
#if defined(__SSE2__) && !defined(XML_PLAIN)
#define XML_VECTORS
#include <immintrin.h>
#endif
#ifdef XML_NARROW
#define XML_HAS_AVX2 false
#else
#define XML_HAS_AVX2 __builtin_cpu_supports("avx2")
#endif

#define XML_ATTRIBUTES_MAX 64
#define XML_NAMESPACE      "http://www.w3.org/XML/1998/namespace"
#define XMLNS_NAMESPACE    "http://www.w3.org/2000/xmlns/"

/* Classes of bytes. */
enum {
    XML_BLANK = 1,      /* space, tab, line feed, carriage return */
    XML_NAME_START = 2, /* ASCII letters and _ */
    XML_NAME = 4,       /* those, digits, - and . */
    XML_STOP = 8,       /* < and &: where plain text ends */
    XML_RETURN = 16,    /* carriage return: a line end that has to be normalised */
    XML_BRACKET = 32,   /* ]: may begin ]]>, which text may not hold */
    XML_HIGH = 64,      /* part of a character beyond ASCII */
};
extern const uint8_t xml_classes[256];

static inline uint8_t xml_class(char c) {
    return xml_classes[(unsigned char)c];
}

/* In a text that xml_is_clean(): nothing else is as low as a blank. */
static inline const char *xml_skip_blanks(const char *at, const char *end) {
#ifdef XML_VECTORS
    while (end - at >= 16) {
        const __m128i space = _mm_set1_epi8(' ');
        __m128i block = _mm_loadu_si128((const __m128i *)at);
        uint32_t blanks = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(block, space), block));
        if (blanks != 0xFFFF) {
            return at + __builtin_ctz(~blanks);
        }
        at += 16;
    }
#endif
    while (at < end && xml_class(*at) & XML_BLANK) {
        at++;
    }
    return at;
}

/* Without the blanks at both ends; of a text that xml_is_clean(). */
static inline struct text xml_trim(struct text text) {
    const char *at = xml_skip_blanks(text.at, text.at + text.length), *end = text.at + text.length;
#ifdef XML_VECTORS
    while (end - at >= 16) {
        const __m128i space = _mm_set1_epi8(' ');
        __m128i block = _mm_loadu_si128((const __m128i *)(end - 16));
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(block, space), block)) != 0xFFFF) {
            break;
        }
        end -= 16;
    }
#endif
    while (at < end && xml_class(end[-1]) & XML_BLANK) {
        end--;
    }
    return (struct text){ at, (size_t)(end - at) };
}

/* Are the `length` bytes at both places the same? Sixteen may be read at b, and as far as `end` at a. */
static inline bool xml_same(const char *a, const char *b, size_t length, const char *end) {
#ifdef XML_VECTORS
    if (length <= 16 && end - a >= 16) {
        __m128i first = _mm_loadu_si128((const __m128i *)a), second = _mm_loadu_si128((const __m128i *)b);
        uint32_t same = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(first, second));
        return (~same & ((1u << length) - 1)) == 0;
    }
#endif
    return memcmp(a, b, length) == 0;
}

#ifdef XML_VECTORS
/* Two blocks as one: a bit for each of 32 bytes. */
static inline uint32_t xml_bits(__m128i first, __m128i second) {
    return (uint32_t)_mm_movemask_epi8(first) | (uint32_t)_mm_movemask_epi8(second) << 16;
}
#endif

/* xml_scan_text() from a place on where a value is longer than most. */
const char *xml_scan_long_text(const char *at, const char *end, uint8_t *seen);

/* Up to the next < or &; `seen`: XML_BLANK, XML_RETURN, XML_BRACKET and XML_HIGH if such stand before it.
 * Most values end within the first 32 bytes, and how many blocks one has is hard to predict: so these are
 * one. */
static inline const char *xml_scan_text(const char *at, const char *end, uint8_t *seen) {
    *seen = 0;
#ifdef XML_VECTORS
    if (end - at >= 32) {
        const __m128i open = _mm_set1_epi8('<'), reference = _mm_set1_epi8('&'), back = _mm_set1_epi8('\r'),
                      bracket = _mm_set1_epi8(']'), space = _mm_set1_epi8(' ');
        __m128i one = _mm_loadu_si128((const __m128i *)at), two = _mm_loadu_si128((const __m128i *)(at + 16));
        uint32_t stops = xml_bits(_mm_or_si128(_mm_cmpeq_epi8(one, open), _mm_cmpeq_epi8(one, reference)),
                                  _mm_or_si128(_mm_cmpeq_epi8(two, open), _mm_cmpeq_epi8(two, reference)));
        uint32_t odds = xml_bits(_mm_or_si128(_mm_cmpeq_epi8(one, back), _mm_cmpeq_epi8(one, bracket)),
                                 _mm_or_si128(_mm_cmpeq_epi8(two, back), _mm_cmpeq_epi8(two, bracket)));
        uint32_t blanks = xml_bits(_mm_cmpeq_epi8(_mm_min_epu8(one, space), one),
                                   _mm_cmpeq_epi8(_mm_min_epu8(two, space), two));
        uint32_t before = (stops & -stops) - 1; /* all, if there is none */
        if (!(odds & before)) {
            *seen |= blanks & before ? XML_BLANK : 0;
            *seen |= xml_bits(one, two) & before ? XML_HIGH : 0;
            if (stops) {
                return at + __builtin_ctz(stops);
            }
            at += 32;
        }
    }
#endif
    return xml_scan_long_text(at, end, seen);
}

/* The end of what can be a name's bytes: the next of > / = : and blanks. */
static inline const char *xml_scan_name(const char *at, const char *end) {
#ifdef XML_VECTORS
    const __m128i close = _mm_set1_epi8('>'), slash = _mm_set1_epi8('/'), colon = _mm_set1_epi8(':'),
                  equals = _mm_set1_epi8('='), space = _mm_set1_epi8(' ');
    while (end - at >= 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)at);
        __m128i stop = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(block, close), _mm_cmpeq_epi8(block, slash)),
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, colon), _mm_cmpeq_epi8(block, equals)),
                         _mm_cmpeq_epi8(_mm_max_epu8(block, space), space)));
        uint32_t stops = (uint32_t)_mm_movemask_epi8(stop);
        if (stops) {
            return at + __builtin_ctz(stops);
        }
        at += 16;
    }
#endif
    while (at < end && *at != '>' && *at != '/' && *at != ':' && *at != '=' && (unsigned char)*at > ' ') {
        at++;
    }
    return at;
}

/* How far the next = is, where sixteen bytes may be read; 16: none is among them. */
static inline size_t xml_length_to_equals(const char *at) {
#ifdef XML_VECTORS
    __m128i block = _mm_loadu_si128((const __m128i *)at);
    uint32_t equals = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8('=')));
    return (size_t)__builtin_ctz(equals | 1u << 16);
#else
    const char *equals = memchr(at, '=', 16);
    return equals ? (size_t)(equals - at) : 16;
#endif
}

/* xml_scan_plain_value() from a place on where a value is longer than most. */
const char *xml_scan_long_value(const char *at, const char *end, char quote, uint8_t *seen);

/* The closing `quote` of an attribute's value that is what it says; `seen`: XML_BLANK and XML_HIGH if such
 * stand in it. NULL: it holds a <, a reference or a blank that is no space, or does not end. */
static inline const char *xml_scan_plain_value(const char *at, const char *end, char quote, uint8_t *seen) {
    *seen = 0;
#ifdef XML_VECTORS
    if (end - at >= 32) {
        const __m128i quotes = _mm_set1_epi8(quote), open = _mm_set1_epi8('<'),
                      reference = _mm_set1_epi8('&'), space = _mm_set1_epi8(' '),
                      below_space = _mm_set1_epi8(' ' - 1);
        __m128i one = _mm_loadu_si128((const __m128i *)at), two = _mm_loadu_si128((const __m128i *)(at + 16));
        uint32_t stops = xml_bits(_mm_cmpeq_epi8(one, quotes), _mm_cmpeq_epi8(two, quotes));
        uint32_t odds =
            xml_bits(_mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(one, open), _mm_cmpeq_epi8(one, reference)),
                                  _mm_cmpeq_epi8(_mm_min_epu8(one, below_space), one)),
                     _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(two, open), _mm_cmpeq_epi8(two, reference)),
                                  _mm_cmpeq_epi8(_mm_min_epu8(two, below_space), two)));
        uint32_t blanks = xml_bits(_mm_cmpeq_epi8(one, space), _mm_cmpeq_epi8(two, space));
        uint32_t before = (stops & -stops) - 1; /* all, if there is none */
        *seen |= blanks & before ? XML_BLANK : 0;
        *seen |= xml_bits(one, two) & before ? XML_HIGH : 0;
        if (odds & before) {
            return NULL;
        }
        if (stops) {
            return at + __builtin_ctz(stops);
        }
        at += 32;
    }
#endif
    return xml_scan_long_value(at, end, quote, seen);
}

/* Within the value of an attribute, up to the next `quote` or <; `seen`: XML_STOP if a & stands before it,
 * XML_RETURN if a blank that is not a space does. */
const char *xml_scan_value(const char *at, const char *end, char quote, uint8_t *seen);

/* Every byte belongs to a character that UTF-8 and XML allow. */
bool xml_is_clean(struct text text);

/* The end of the NCName that begins at `at`; `at` itself when none does. */
const char *xml_name_end(const char *at, const char *end);

/* Behind the XML declaration, if the text begins with one; NULL: it is not in order. Which encoding it names
 * is not looked at: the bytes are UTF-8. */
const char *xml_behind_declaration(struct text text);

/* The next --, which no comment holds, and ]]>, which no text holds; NULL: there is none. */
const char *xml_find_dashes(const char *at, const char *end);
const char *xml_find_section_end(const char *at, const char *end);

/* Behind the comment whose < stands at `at`; NULL: none does, or it does not end. */
const char *xml_behind_comment(const char *at, const char *end);

/* What a CDATA section whose < stands at `at` holds; behind it is found->at + found->length + 3. */
bool xml_cdata(const char *at, const char *end, struct text *found);

#define XML_CHARACTER_MAX 0x10FFFF

extern const uint8_t xml_digits[256];
static inline int xml_digit(char c) { /* hexadecimal; 99: none */
    return xml_digits[(unsigned char)c];
}

struct xml_attribute {
    struct text prefix, name; /* prefix "" without one */
    struct text value;        /* as written between the quotes */
    bool plain;               /* ... which is what it says: nothing to decode */
};

struct xml_tag {
    struct text whole;        /* the name as written, prefix:name */
    struct text prefix, name; /* prefix "" without one */
    struct xml_attribute attributes[XML_ATTRIBUTES_MAX];
    uint32_t count;
    bool empty; /* <a/> */
};

/* Reads the attributes of a start tag behind its name, up to and with its > or />. Attributes may still stand
 * twice, under one name or two prefixes of one namespace. NULL: not in order. */
const char *xml_take_attributes(const char *at, const char *end, struct xml_tag *tag);
/* The name first: `at` stands behind the <. */
const char *xml_take_tag(const char *at, const char *end, struct xml_tag *tag);

/* Behind the end tag of the element of that name, of which `at` is the <; NULL: it is none, or of another. */
const char *xml_behind_end_tag(const char *at, const char *end, struct text whole);

/* The reference whose & stands at `*at`: moves behind its semicolon and writes what it says, at most four
 * bytes. False: XML does not know it, and nothing is moved. */
bool xml_take_reference(const char **at, const char *end, char **out);

/* What a piece of text, or the value of an attribute, says: references replaced, line ends normalised, white
 * space of an attribute made spaces. Writes at most raw.length bytes to out; SIZE_MAX when there is a
 * reference XML does not know, or, in text, ]]>. */
size_t xml_decode_text(struct text raw, char *out);
size_t xml_decode_attribute(struct text raw, char *out);
/* Line ends only, as in a CDATA section. */
size_t xml_decode_lines(struct text raw, char *out);

#endif
