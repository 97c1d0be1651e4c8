/*
 * text.h - a borrowed run of bytes with its length, and what we ask of texts: comparing, cutting,
 * numbers, UTF-8 characters and their width on a screen.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *at;
    size_t length;
};

enum language { LANGUAGE_ZH, LANGUAGE_EN };

/* Of a sentence that is written in both, or of two printf formats over the same arguments. */
__attribute__((format_arg(2), format_arg(3))) static inline const char *language_pick(enum language language,
                                                                                      const char *zh,
                                                                                      const char *en) {
    return language == LANGUAGE_ZH ? zh : en;
}

#define TEXT(literal)   ((struct text){ "" literal, sizeof(literal) - 1 })
#define TEXT_FORMAT     "%.*s" /* printf("..." TEXT_FORMAT, TEXT_ARGS(text)) */
#define TEXT_ARGS(text) (int)(text).length, (text).at

/* What is asked of nearly every text stands here, so that it costs no call and a literal's length is
   known. */

/* Of names, most of which differ in their first letter: then without a call. */
static inline bool text_same_name(const char *a, const char *b) {
    return *a == *b && strcmp(a, b) == 0;
}

/* NULL gives the empty text. */
static inline struct text text_of(const char *string) {
    return string ? (struct text){ string, strlen(string) } : TEXT("");
}

/* One to sixteen bytes, as most codes and names have: by their first and their last, which may overlap. */
static inline bool text_same_short(const char *a, const char *b, size_t length) {
    uint64_t firsts[2], lasts[2];
    uint32_t heads[2], tails[2];
    if (length >= 8) {
        memcpy(&firsts[0], a, 8);
        memcpy(&firsts[1], b, 8);
        memcpy(&lasts[0], a + length - 8, 8);
        memcpy(&lasts[1], b + length - 8, 8);
        return firsts[0] == firsts[1] && lasts[0] == lasts[1];
    }
    if (length >= 4) {
        memcpy(&heads[0], a, 4);
        memcpy(&heads[1], b, 4);
        memcpy(&tails[0], a + length - 4, 4);
        memcpy(&tails[1], b + length - 4, 4);
        return heads[0] == heads[1] && tails[0] == tails[1];
    }
    return a[0] == b[0] && a[length / 2] == b[length / 2] && a[length - 1] == b[length - 1];
}

/* An empty text may have at NULL, which memcmp() must not see. */
static inline bool text_equal(struct text a, struct text b) {
    return a.length == b.length
           && (a.length == 0
               || (a.length <= 16 ? text_same_short(a.at, b.at, a.length)
                                  : memcmp(a.at, b.at, a.length) == 0));
}

static inline bool text_is(struct text text, const char *string) {
    return text_equal(text, text_of(string));
}

static inline bool text_starts(struct text text, const char *prefix) {
    size_t length = strlen(prefix);
    return text.length >= length && (length == 0 || memcmp(text.at, prefix, length) == 0);
}

int text_compare(struct text a, struct text b); /* byte order, as strcmp */
uint32_t text_hash(struct text name);           /* of our own names: strangers' could collide */
struct text text_trim(struct text text);        /* XML white space off both ends */
/* Cuts the first part off rest. After the last rest.at is NULL:
 *   while (rest.at) { struct text part = text_until(&rest, ','); ... } */
struct text text_until(struct text *rest, char separator);
bool text_to_uint(struct text text, uint64_t *out); /* decimal digits only, no sign, no overflow */
#define TEXT_NUMBER_MAX 21                          /* of 64 bits, and its NUL */
/* The other way, somewhere in out: much is numbered, so without printf. */
const char *text_of_uint(uint64_t number, char out[TEXT_NUMBER_MAX]);

/* UTF-8. text_next() reads one character at *at (moves it on); -1 for a malformed sequence. */
int32_t text_next(const char **at, const char *end);
/* The other way: writes a code point, and returns its bytes, 1 to 4. */
size_t text_put(int32_t character, char out[4]);
bool text_is_utf8(struct text text); /* RFC 3629: no surrogates, no overlong forms */
/* At most max bytes of it, whole characters. */
struct text text_cut(struct text text, size_t max);
size_t text_characters(struct text text); /* characters, counting a malformed byte as one */
/* Columns on a terminal (UAX 11): wide and full-width characters two, ambiguous ones one; combining and
 * control characters, tab included, none; a malformed byte one. */
size_t text_width(struct text text);

/* What the eye makes of a character (Unicode categories, Default_Ignorable_Code_Point, UAX 11). */
enum text_look {
    TEXT_SEEN,
    TEXT_UNSEEN, /* zero width, direction marks, byte order mark, controls */
    TEXT_BLANK,  /* taken for U+0020: no-break, ideographic ... spaces */
    TEXT_WIDE,   /* a full-width form, taken for a sign of ASCII */
    TEXT_ALIKE,  /* of another script, or a dash: drawn like a sign of ASCII (Unicode UTS 39, confusables) */
};
enum text_look text_look(int32_t character);
/* The sign of ASCII that a TEXT_WIDE or TEXT_ALIKE is taken for; 0 of others. */
char text_plain(int32_t character);

#endif
