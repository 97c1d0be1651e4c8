/*
 * json.c - reading: one copy of the text, in which the strings are decoded where they stand, and the nodes of
 * each array or object side by side. What is open waits on a stack, so no nesting meets ours. Writing: text
 * straight into a buf.
 */
#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

/* --- reading --------------------------------------------------------------------------------------- */

#define DEPTH_MAX 2048
#define FEW       16 /* members that are compared each with each */

enum kind { NOTHING, FALSE, TRUE, INTEGER, REAL, STRING, ARRAY, OBJECT };

struct json {
    const char *key; /* of a member of an object */
    union {
        const char *string;
        int64_t integer;
        double real;
        const struct json *first; /* of `count`, one after the other */
        size_t outer;             /* while it is open: the place of the one around it */
    };
    uint32_t key_length, count;
    enum kind kind;
};

struct parser {
    struct arena *arena;
    char *start, *at, *end; /* the copy; a NUL at the end */
    struct json *stack;     /* what is open, each with what it has so far behind it */
    size_t count, capacity;
    size_t open; /* the place of the innermost, and 1; 0: none */
    unsigned depth;
    const char *key; /* of the value that comes next; NULL: it has none */
    uint32_t key_length;
    const char *why; /* NULL: nothing is wrong */
    char *where;
};

static bool fail(struct parser *in, char *where, const char *why) {
    in->where = where;
    in->why = why;
    return false;
}

static void skip_space(struct parser *in) {
    while (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t') {
        in->at++;
    }
}

static struct json *push(struct parser *in, enum kind kind) {
    if (in->count == in->capacity) {
        in->capacity = in->capacity ? 2 * in->capacity : 64;
        in->stack = memory_grow(in->stack, in->capacity, sizeof(*in->stack));
    }
    struct json *node = &in->stack[in->count++];
    *node = (struct json){ .key = in->key, .key_length = in->key_length, .kind = kind };
    in->key = NULL;
    return node;
}

/* --- strings --- */

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Behind "\u"; -1: no four hexadecimal digits. */
static int32_t hex_number(const char *at) {
    int32_t number = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) {
            return -1;
        }
        number = number << 4 | digit;
    }
    return number;
}

static char *put_utf8(char *to, int32_t character) {
    if (character < 0x80) {
        *to++ = (char)character;
    } else if (character < 0x800) {
        *to++ = (char)(0xC0 | character >> 6);
        *to++ = (char)(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        *to++ = (char)(0xE0 | character >> 12);
        *to++ = (char)(0x80 | (character >> 6 & 0x3F));
        *to++ = (char)(0x80 | (character & 0x3F));
    } else {
        *to++ = (char)(0xF0 | character >> 18);
        *to++ = (char)(0x80 | (character >> 12 & 0x3F));
        *to++ = (char)(0x80 | (character >> 6 & 0x3F));
        *to++ = (char)(0x80 | (character & 0x3F));
    }
    return to;
}

/* One escape, of which the backslash stands at in->at, becomes its character at *to. */
static bool take_escape(struct parser *in, char **to) {
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char *from = in->at, letter = from[1];
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (found) {
        *(*to)++ = meant[found - letters];
        in->at += 2;
        return true;
    }
    int32_t character = letter == 'u' ? hex_number(from + 2) : -1;
    in->at += 6;
    if (character < 0) {
        return fail(in, from, "invalid escape");
    }
    if (character >= 0xD800 && character < 0xE000) {
        int32_t low = in->at[0] == '\\' && in->at[1] == 'u' ? hex_number(in->at + 2) : -1;
        if (character >= 0xDC00 || low < 0xDC00 || low >= 0xE000) {
            return fail(in, from, "half of a surrogate pair");
        }
        character = 0x10000 + ((character - 0xD800) << 10 | (low - 0xDC00));
        in->at += 6;
    }
    if (character == 0) {
        return fail(in, from, "\\u0000 is not allowed");
    }
    *to = put_utf8(*to, character);
    return true;
}

/* Behind the quote at in->at. It is decoded where it stands, for nothing becomes longer, and ends with a
 * NUL. */
static bool take_string(struct parser *in, const char **string, uint32_t *length) {
    char *start = ++in->at, *to = start;
    while (*in->at != '"') {
        unsigned char c = (unsigned char)*in->at;
        if (c == '\\') {
            if (!take_escape(in, &to)) {
                return false;
            }
        } else if (c < 0x20) {
            return fail(in, in->at,
                        in->at == in->end ? "the text ends within a string" : "control character");
        } else if (c < 0x80) {
            *to++ = *in->at++;
        } else {
            const char *next = in->at;
            if (text_next(&next, in->end) < 0) {
                return fail(in, in->at, "no UTF-8");
            }
            while (in->at < next) {
                *to++ = *in->at++;
            }
        }
    }
    in->at++;
    *to = '\0';
    *string = start;
    *length = (uint32_t)(to - start);
    return true;
}

/* --- numbers and words --- */

static bool skip_digits(char **at) {
    char *start = *at;
    while (**at >= '0' && **at <= '9') {
        (*at)++;
    }
    return *at > start;
}

/* Behind its last character; NULL: it is none. */
static char *end_of_number(char *at, bool *whole) {
    at += *at == '-';
    if (*at == '0') {
        at++;
    } else if (!skip_digits(&at)) {
        return NULL;
    }
    *whole = *at != '.' && *at != 'e' && *at != 'E';
    if (*at == '.' && (at++, !skip_digits(&at))) {
        return NULL;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        if (!skip_digits(&at)) {
            return NULL;
        }
    }
    return at;
}

static bool take_number(struct parser *in) {
    bool whole;
    char *start = in->at, *end = end_of_number(start, &whole);
    if (!end) {
        return fail(in, start, "no value of JSON");
    }
    struct json *node = push(in, whole ? INTEGER : REAL);
    errno = 0;
    if (whole) {
        node->integer = strtoll(start, NULL, 10);
    } else {
        node->real = strtod(start, NULL);
    }
    in->at = end;
    bool too_big = whole ? errno == ERANGE : isinf(node->real);
    return !too_big || fail(in, start, "too big a number");
}

static bool take_word(struct parser *in) {
    static const struct {
        const char *word;
        enum kind kind;
    } words[] = { { "null", NOTHING }, { "false", FALSE }, { "true", TRUE } };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        size_t length = strlen(words[i].word);
        if (strncmp(in->at, words[i].word, length) == 0) {
            push(in, words[i].kind);
            in->at += length;
            return true;
        }
    }
    return take_number(in);
}

/* --- arrays and objects --- */

static bool same_key(const struct json *a, const struct json *b) {
    return a->key_length == b->key_length && memcmp(a->key, b->key, a->key_length) == 0;
}

static int by_key(const void *a, const void *b) {
    const struct json *left = *(const struct json *const *)a, *right = *(const struct json *const *)b;
    int order = strcmp(left->key, right->key);
    return order ? order : (left->key > right->key) - (left->key < right->key);
}

/* The second of two members with one key, or NULL. Many are sorted: whoever writes them cannot make it cost
 * more than that. */
static const struct json *duplicate(const struct json *members, size_t count) {
    const struct json *found = NULL;
    if (count <= FEW) {
        for (size_t i = 1; i < count; i++) {
            for (size_t k = 0; k < i; k++) {
                if (same_key(&members[i], &members[k])) {
                    return &members[i];
                }
            }
        }
        return NULL;
    }
    const struct json **sorted = memory_array(count, sizeof(*sorted));
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &members[i];
    }
    qsort(sorted, count, sizeof(*sorted), by_key);
    for (size_t i = 1; i < count && !found; i++) {
        found = same_key(sorted[i - 1], sorted[i]) ? sorted[i] : NULL;
    }
    free(sorted);
    return found;
}

/* What the innermost has goes to the arena, and it becomes a value like any other. */
static bool close_innermost(struct parser *in) {
    struct json *node = &in->stack[in->open - 1];
    size_t count = in->count - in->open, outer = node->outer;
    const struct json *twice = node->kind == OBJECT ? duplicate(node + 1, count) : NULL;
    if (twice) {
        return fail(in, (char *)twice->key - 1, "duplicate object key");
    }
    struct json *items = arena_alloc(in->arena, (count ? count : 1) * sizeof(*items));
    memcpy(items, node + 1, count * sizeof(*items));
    node->first = items;
    node->count = (uint32_t)count;
    in->count = in->open;
    in->open = outer;
    in->depth--;
    in->at++;
    return true;
}

static char closing(const struct parser *in) {
    return in->stack[in->open - 1].kind == OBJECT ? '}' : ']';
}

static bool take_key(struct parser *in) {
    skip_space(in);
    if (*in->at != '"') {
        return fail(in, in->at, "the key of a member is missing");
    }
    if (!take_string(in, &in->key, &in->key_length)) {
        return false;
    }
    skip_space(in);
    if (*in->at != ':') {
        return fail(in, in->at, "no colon behind a key");
    }
    in->at++;
    return true;
}

/* *is_open: its first value comes next; else it is empty. */
static bool open_one(struct parser *in, enum kind kind, bool *is_open) {
    if (++in->depth > DEPTH_MAX) {
        return fail(in, in->at, "nested too deeply");
    }
    push(in, kind)->outer = in->open;
    in->open = in->count;
    in->at++;
    skip_space(in);
    *is_open = *in->at != closing(in);
    if (!*is_open) {
        return close_innermost(in);
    }
    return kind == ARRAY || take_key(in);
}

static bool take_value(struct parser *in, bool *is_open) {
    *is_open = false;
    skip_space(in);
    switch (*in->at) {
    case '{': return open_one(in, OBJECT, is_open);
    case '[': return open_one(in, ARRAY, is_open);
    case '"': {
        struct json *node = push(in, STRING);
        return take_string(in, &node->string, &node->count);
    }
    default: return take_word(in);
    }
}

/* Behind a value: closes what ends here, up to the next value or the end of all. */
static bool go_on(struct parser *in) {
    while (in->open) {
        skip_space(in);
        if (*in->at == ',') {
            in->at++;
            return in->stack[in->open - 1].kind == ARRAY || take_key(in);
        }
        if (*in->at != closing(in)) {
            return fail(in, in->at, in->at == in->end ? "the text ends early" : "comma or end expected");
        }
        if (!close_innermost(in)) {
            return false;
        }
    }
    return true;
}

static bool parse(struct parser *in) {
    bool is_open;
    skip_space(in);
    if (*in->at != '{' && *in->at != '[') {
        return fail(in, in->at, "neither an object nor an array");
    }
    do {
        if (!take_value(in, &is_open) || (!is_open && !go_on(in))) {
            return false;
        }
    } while (in->open);
    skip_space(in);
    return in->at == in->end || fail(in, in->at, "end of text expected");
}

/* Where it is wrong, from 1 on; a column is a character. */
static void explain_place(struct text text, const struct parser *in, char *why, size_t why_max) {
    size_t line = 1, column = 1;
    for (const char *at = text.at; at < text.at + (in->where - in->start); at++) {
        bool ends = *at == '\n';
        line += ends;
        column = ends ? 1 : column + ((*at & 0xC0) != 0x80);
    }
    snprintf(why, why_max, "line %zu, column %zu: %s", line, column, in->why);
}

const struct json *json_parse(struct arena *arena, struct text text, char *why, size_t why_max) {
    char *copy = (char *)arena_copy(arena, text); /* ours until somebody reads it */
    struct parser in = { .arena = arena, .start = copy, .at = copy, .end = copy + text.length };
    struct json *root = NULL;
    if (parse(&in)) {
        root = arena_alloc(arena, sizeof(*root));
        *root = in.stack[0];
    } else if (why_max) {
        explain_place(text, &in, why, why_max);
    }
    free(in.stack);
    return root;
}

/* --- asking --- */

static bool is(const struct json *node, enum kind kind) {
    return node && node->kind == kind;
}

const struct json *json_at(const struct json *object, const char *key) {
    size_t length = strlen(key);
    for (uint32_t i = 0; is(object, OBJECT) && i < object->count; i++) {
        const struct json *member = &object->first[i];
        if (member->key_length == length && memcmp(member->key, key, length) == 0) {
            return member;
        }
    }
    return NULL;
}

size_t json_count(const struct json *array) {
    return is(array, ARRAY) ? array->count : 0;
}

const struct json *json_item(const struct json *array, size_t index) {
    return index < json_count(array) ? &array->first[index] : NULL;
}

const char *json_string(const struct json *node) {
    return is(node, STRING) ? node->string : NULL;
}

int64_t json_int(const struct json *node) {
    return is(node, INTEGER) ? node->integer : 0;
}

double json_double(const struct json *node) {
    return is(node, REAL) ? node->real : (double)json_int(node);
}

bool json_bool(const struct json *node) {
    return is(node, TRUE);
}

const char *json_string_at(const struct json *object, const char *key) {
    return json_string(json_at(object, key));
}

int64_t json_int_at(const struct json *object, const char *key) {
    return json_int(json_at(object, key));
}

bool json_next(const struct json *object, void **iterator, struct json_member *out) {
    const struct json *member = *iterator;
    if (!is(object, OBJECT)) {
        return false;
    }
    member = member ? member + 1 : object->first;
    if (member == object->first + object->count) {
        return false;
    }
    *iterator = (void *)member;
    *out = (struct json_member){ member->key, member };
    return true;
}

/* --- writing --------------------------------------------------------------------------------------- */

/* RFC 8259 section 7, and DEL and C1 too, which a terminal would obey. */
static bool must_escape(int32_t character) {
    return character == '"' || character == '\\' || character < 0x20
           || (character >= 0x7F && character < 0xA0);
}

static void put_escaped(struct buf *buf, int32_t character) {
    switch (character) {
    case '"': buf_add_string(buf, "\\\""); break;
    case '\\': buf_add_string(buf, "\\\\"); break;
    case '\n': buf_add_string(buf, "\\n"); break;
    case '\r': buf_add_string(buf, "\\r"); break;
    case '\t': buf_add_string(buf, "\\t"); break;
    case -1: buf_add_string(buf, "\xEF\xBF\xBD"); break; /* malformed: U+FFFD */
    default: buf_printf(buf, "\\u%04x", (unsigned)character);
    }
}

/* ASCII that needs no escape: most of what is written, so it is told by its byte alone. */
static bool is_plain(char c) {
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

#define EACH_BYTE (UINT64_MAX / 255)

/* So are eight at once: a byte that is not leaves the highest bit of itself set in one of these. */
static bool are_plain(const char *at) {
    const uint64_t high = EACH_BYTE << 7;
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    uint64_t quote = word ^ (EACH_BYTE * '"'), backslash = word ^ (EACH_BYTE * '\\');
    uint64_t odd =
        word | (word + EACH_BYTE) | (word - EACH_BYTE * 0x20) | (quote - EACH_BYTE) | (backslash - EACH_BYTE);
    return (odd & high) == 0;
}

/* Plain runs are copied whole. */
static void put_quoted(struct buf *buf, struct text text) {
    buf_add_char(buf, '"');
    const char *at = text.at, *end = text.at + text.length, *run = at;
    while (at < end) {
        if (end - at >= 8 && are_plain(at)) {
            at += 8;
            continue;
        }
        if (is_plain(*at)) {
            at++;
            continue;
        }
        const char *before = at;
        int32_t character = text_next(&at, end);
        if (must_escape(character)) {
            buf_add(buf, run, (size_t)(before - run));
            put_escaped(buf, character);
            run = at;
        }
    }
    buf_add(buf, run, (size_t)(end - run));
    buf_add_char(buf, '"');
}

static void begin_value(struct json_out *out, const char *key) {
    if (out->comma) {
        buf_add_char(out->buf, ',');
    }
    out->comma = true;
    if (key) {
        put_quoted(out->buf, text_of(key));
        buf_add_char(out->buf, ':');
    }
}

static void open_bracket(struct json_out *out, const char *key, char bracket) {
    begin_value(out, key);
    buf_add_char(out->buf, bracket);
    out->comma = false;
}

static void close_bracket(struct json_out *out, char bracket) {
    buf_add_char(out->buf, bracket);
    out->comma = true;
}

void json_start(struct json_out *out, struct buf *buf) {
    require(buf);
    *out = (struct json_out){ .buf = buf };
}

void json_open_object(struct json_out *out, const char *key) {
    open_bracket(out, key, '{');
}

void json_close_object(struct json_out *out) {
    close_bracket(out, '}');
}

void json_open_array(struct json_out *out, const char *key) {
    open_bracket(out, key, '[');
}

void json_close_array(struct json_out *out) {
    close_bracket(out, ']');
}

void json_put_text(struct json_out *out, const char *key, struct text value) {
    begin_value(out, key);
    put_quoted(out->buf, value);
}

void json_put_string(struct json_out *out, const char *key, const char *value) {
    if (value) {
        json_put_text(out, key, text_of(value));
    }
}

void json_put_int(struct json_out *out, const char *key, int64_t value) {
    char digits[20], *end = digits + sizeof(digits), *at = end;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0) {
        *--at = '-';
    }
    begin_value(out, key);
    buf_add(out->buf, at, (size_t)(end - at));
}

void json_put_bool(struct json_out *out, const char *key, bool value) {
    begin_value(out, key);
    buf_add_string(out->buf, value ? "true" : "false");
}

void json_put_raw(struct json_out *out, const char *key, struct text json) {
    begin_value(out, key);
    buf_add_text(out->buf, json);
}
