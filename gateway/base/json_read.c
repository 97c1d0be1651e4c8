/*
 * json_read.c - RFC 8259 in one pass: the text is copied once, and its strings are decoded and ended where
 * they stand in the copy, which never makes one longer. What stands within a bracket hangs behind one another
 * until it closes; then it becomes a list, and the members of an object are compared for one that is there
 * twice: a few each with each, many by sorting, so that no sender makes it cost more than it is long.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"

#define DEPTH_MAX 256 /* brackets in brackets: the stack is ours */
#define FEW       32  /* members that are looked through one after another */
#define WHY_MAX   64

enum kind { KIND_NULL, KIND_TRUE, KIND_FALSE, KIND_INTEGER, KIND_REAL, KIND_STRING, KIND_ARRAY, KIND_OBJECT };

struct json {
    enum kind kind;
    struct text key; /* of a member */
    union {
        int64_t integer;
        double real;
        const char *string;
        struct {
            const struct json **items; /* of an object with many, behind them the same in the order of keys */
            size_t count;
        };
    };
    struct json *next; /* within the same brackets; of use until they close */
};

struct parser {
    struct arena *arena;
    const char *start; /* of the copy, which ends with a NUL that is not part of the text */
    char *at, *end;
    const char *failed; /* NULL: nothing is wrong; else behind what is */
    char why[WHY_MAX];
};

static bool fail(struct parser *parser, const char *behind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* False, for its caller to return. The first one counts. */
static bool fail(struct parser *parser, const char *behind, const char *format, ...) {
    if (!parser->failed) {
        va_list args;
        va_start(args, format);
        vsnprintf(parser->why, sizeof(parser->why), format, args);
        va_end(args);
        parser->failed = behind;
    }
    return false;
}

/* --- strings -------------------------------------------------------------------------------------------- */

/* ASCII that stands for itself in a string. The NUL at the end of the text is none. */
static bool is_plain(char c) {
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

static bool take_hex(struct parser *parser, int32_t *out) {
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = *parser->at;
        int32_t digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
        if (digit < 0) {
            return fail(parser, parser->at, "invalid escape");
        }
        value = value * 16 + digit;
        parser->at++;
    }
    *out = value;
    return true;
}

static bool is_high(int32_t unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}

static bool is_low(int32_t unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

/* Behind "\u". Of UTF-16, so that two of them may be one character. */
static bool take_unit(struct parser *parser, int32_t *out) {
    int32_t high, low = 0;
    if (!take_hex(parser, &high)) {
        return false;
    }
    if (high == 0) {
        return fail(parser, parser->at, "\\u0000 is not allowed");
    }
    *out = high;
    if (is_high(high) && parser->at[0] == '\\' && parser->at[1] == 'u') {
        parser->at += 2;
        if (!take_hex(parser, &low)) {
            return false;
        }
        *out = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    }
    bool whole = is_high(high) ? is_low(low) : !is_low(high);
    return whole || fail(parser, parser->at, "invalid Unicode: half of a pair");
}

/* Behind the backslash. */
static bool take_escape(struct parser *parser, int32_t *out) {
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char name = *parser->at;
    if (name == 'u') {
        parser->at++;
        return take_unit(parser, out);
    }
    const char *found = name ? strchr(names, name) : NULL;
    if (!found) {
        return fail(parser, parser->at, "invalid escape");
    }
    parser->at++;
    *out = values[found - names];
    return true;
}

/* What is not plain, to where the string has come. */
static bool take_character(struct parser *parser, char **to) {
    int32_t character = 0;
    const char *at = parser->at;
    if (parser->at == parser->end) {
        return fail(parser, at, "premature end of input");
    }
    if ((unsigned char)*at < 0x20) {
        return fail(parser, at, "control character 0x%02x", (unsigned char)*at);
    }
    if (*at == '\\') {
        parser->at++;
        if (!take_escape(parser, &character)) {
            return false;
        }
    } else {
        character = text_next(&at, parser->end);
        if (character < 0) {
            return fail(parser, parser->at, "unable to decode byte 0x%02x", (unsigned char)*parser->at);
        }
        parser->at += at - parser->at;
    }
    char bytes[4];
    size_t length = text_put(character, bytes);
    memcpy(*to, bytes, length);
    *to += length;
    return true;
}

/* Behind its opening quote. */
static bool take_string(struct parser *parser, struct text *out) {
    char *begin = parser->at, *to = begin;
    for (;;) {
        const char *run = parser->at;
        while (is_plain(*parser->at)) {
            parser->at++;
        }
        size_t length = (size_t)(parser->at - run);
        if (to != run) {
            memmove(to, run, length);
        }
        to += length;
        if (*parser->at == '"') {
            break;
        }
        if (!take_character(parser, &to)) {
            return false;
        }
    }
    parser->at++;
    *to = '\0';
    *out = (struct text){ begin, (size_t)(to - begin) };
    return true;
}

/* --- numbers and words ---------------------------------------------------------------------------------- */

static size_t take_digits(struct parser *parser) {
    const char *begin = parser->at;
    while (*parser->at >= '0' && *parser->at <= '9') {
        parser->at++;
    }
    return (size_t)(parser->at - begin);
}

static bool take_fraction(struct parser *parser) {
    if (*parser->at == '.') {
        parser->at++;
        if (take_digits(parser) == 0) {
            return fail(parser, parser->at, "invalid number");
        }
    }
    if (*parser->at == 'e' || *parser->at == 'E') {
        parser->at++;
        parser->at += *parser->at == '+' || *parser->at == '-';
        if (take_digits(parser) == 0) {
            return fail(parser, parser->at, "invalid number");
        }
    }
    return true;
}

static bool take_number(struct parser *parser, struct json *node) {
    const char *begin = parser->at;
    parser->at += *parser->at == '-';
    bool leading = *parser->at == '0';
    size_t digits = take_digits(parser);
    const char *whole = parser->at;
    if (digits == 0 || (leading && digits > 1) || !take_fraction(parser)) {
        return fail(parser, parser->at, "invalid number");
    }
    errno = 0; /* it ends behind its digits: what may stand there is no digit, and the copy has an end */
    if (parser->at == whole) {
        node->kind = KIND_INTEGER;
        node->integer = strtoimax(begin, NULL, 10);
        return errno == 0 || fail(parser, parser->at, "too big integer");
    }
    node->kind = KIND_REAL;
    node->real = strtod(begin, NULL);
    bool overflow = errno == ERANGE && (node->real > 1 || node->real < -1);
    return !overflow || fail(parser, parser->at, "too big number");
}

static bool take_word(struct parser *parser, struct json *node) {
    static const struct {
        struct text word;
        enum kind kind;
    } words[] = { { TEXT("true"), KIND_TRUE }, { TEXT("false"), KIND_FALSE }, { TEXT("null"), KIND_NULL } };
    struct text rest = { parser->at, (size_t)(parser->end - parser->at) };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (rest.length >= words[i].word.length
            && memcmp(rest.at, words[i].word.at, words[i].word.length) == 0) {
            node->kind = words[i].kind;
            parser->at += words[i].word.length;
            return true;
        }
    }
    return rest.length ? fail(parser, parser->at + 1, "invalid token")
                       : fail(parser, parser->at, "premature end of input");
}

/* --- brackets ------------------------------------------------------------------------------------------- */

static void skip_space(struct parser *parser) {
    while (*parser->at == ' ' || *parser->at == '\n' || *parser->at == '\r' || *parser->at == '\t') {
        parser->at++;
    }
}

static bool take_mark(struct parser *parser, char mark) {
    skip_space(parser);
    bool found = *parser->at == mark;
    parser->at += found;
    return found;
}

static int compare_keys(struct text a, struct text b) {
    if (a.length != b.length) {
        return a.length < b.length ? -1 : 1;
    }
    return memcmp(a.at, b.at, a.length);
}

static int compare_members(const void *a, const void *b) {
    return compare_keys((*(const struct json *const *)a)->key, (*(const struct json *const *)b)->key);
}

static bool fail_twice(struct parser *parser, const struct json *a, const struct json *b) {
    struct text key = a->key.at > b->key.at ? a->key : b->key;
    return fail(parser, key.at + key.length + 1, "duplicate object key");
}

static bool compare_few(struct parser *parser, const struct json *object) {
    for (size_t i = 1; i < object->count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (compare_keys(object->items[i]->key, object->items[k]->key) == 0) {
                return fail_twice(parser, object->items[i], object->items[k]);
            }
        }
    }
    return true;
}

static bool sort_many(struct parser *parser, const struct json *object) {
    const struct json **sorted = object->items + object->count;
    memcpy(sorted, object->items, object->count * sizeof(*sorted));
    qsort(sorted, object->count, sizeof(*sorted), compare_members);
    for (size_t i = 1; i < object->count; i++) {
        if (compare_members(&sorted[i - 1], &sorted[i]) == 0) {
            return fail_twice(parser, sorted[i - 1], sorted[i]);
        }
    }
    return true;
}

static bool close_bracket(struct parser *parser, struct json *node, const struct json *first, size_t count) {
    bool sorted = node->kind == KIND_OBJECT && count > FEW;
    node->count = count;
    node->items = count ? arena_alloc(parser->arena, (sorted ? 2 : 1) * count * sizeof(*node->items)) : NULL;
    for (size_t i = 0; i < count; i++, first = first->next) {
        node->items[i] = first;
    }
    return node->kind != KIND_OBJECT || (sorted ? sort_many(parser, node) : compare_few(parser, node));
}

static bool take_key(struct parser *parser, struct json *member) {
    if (!take_mark(parser, '"')) {
        return fail(parser, parser->at, "string or '}' expected");
    }
    return take_string(parser, &member->key)
           && (take_mark(parser, ':') || fail(parser, parser->at, "':' expected"));
}

static bool take_value(struct parser *parser, struct json *node, unsigned depth);

/* Behind its opening bracket. */
static bool take_bracket(struct parser *parser, struct json *node, unsigned depth) {
    char closing = node->kind == KIND_OBJECT ? '}' : ']';
    struct json *first = NULL, **last = &first;
    size_t count = 0;
    if (depth == DEPTH_MAX) {
        return fail(parser, parser->at, "more than %d brackets in brackets", DEPTH_MAX);
    }
    if (take_mark(parser, closing)) {
        return close_bracket(parser, node, NULL, 0);
    }
    do {
        struct json *item = arena_alloc(parser->arena, sizeof(*item));
        if ((node->kind == KIND_OBJECT && !take_key(parser, item)) || !take_value(parser, item, depth + 1)) {
            return false;
        }
        *last = item;
        last = &item->next;
        count++;
    } while (take_mark(parser, ','));
    if (!take_mark(parser, closing)) {
        return fail(parser, parser->at + (parser->at < parser->end), "'%c' expected", closing);
    }
    return close_bracket(parser, node, first, count);
}

static bool take_value(struct parser *parser, struct json *node, unsigned depth) {
    skip_space(parser);
    char c = *parser->at;
    if (c == '"') {
        struct text string;
        parser->at++;
        node->kind = KIND_STRING;
        bool taken = take_string(parser, &string);
        node->string = string.at;
        return taken;
    }
    if (c == '{' || c == '[') {
        parser->at++;
        node->kind = c == '{' ? KIND_OBJECT : KIND_ARRAY;
        return take_bracket(parser, node, depth);
    }
    return c == '-' || (c >= '0' && c <= '9') ? take_number(parser, node) : take_word(parser, node);
}

/* --- a text --------------------------------------------------------------------------------------------- */

static bool take_root(struct parser *parser, struct json *root) {
    skip_space(parser);
    if (*parser->at != '{' && *parser->at != '[') {
        return fail(parser, parser->at, "'[' or '{' expected");
    }
    if (!take_value(parser, root, 0)) {
        return false;
    }
    skip_space(parser);
    return parser->at == parser->end || fail(parser, parser->at + 1, "end of file expected");
}

/* Lines from 1; the column is how many characters of the line stand before. */
static void tell_place(const struct parser *parser, struct text text, char *why, size_t why_max) {
    unsigned line = 1, column = 0;
    for (size_t i = 0; i < (size_t)(parser->failed - parser->start); i++) {
        bool ends = text.at[i] == '\n', continues = (text.at[i] & 0xC0) == 0x80;
        line += ends;
        column = ends ? 0 : column + !continues;
    }
    snprintf(why, why_max, "line %u, column %u: %s", line, column, parser->why);
}

const struct json *json_parse(struct arena *arena, struct text text, char *why, size_t why_max) {
    struct json *root = arena_alloc(arena, sizeof(*root));
    char *copy = (char *)arena_copy(arena, text);
    struct parser parser = { .arena = arena, .start = copy, .at = copy, .end = copy + text.length };
    if (take_root(&parser, root)) {
        return root;
    }
    if (why_max) {
        tell_place(&parser, text, why, why_max);
    }
    return NULL;
}

/* --- what it says --------------------------------------------------------------------------------------- */

static bool is(const struct json *node, enum kind kind) {
    return node && node->kind == kind;
}

static const struct json *find_sorted(const struct json *object, struct text key) {
    const struct json *const *sorted = object->items + object->count;
    size_t low = 0, high = object->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_keys(sorted[middle]->key, key);
        if (order == 0) {
            return sorted[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

const struct json *json_at(const struct json *object, const char *key) {
    if (!is(object, KIND_OBJECT)) {
        return NULL;
    }
    struct text name = text_of(key);
    if (object->count > FEW) {
        return find_sorted(object, name);
    }
    for (size_t i = 0; i < object->count; i++) {
        if (compare_keys(object->items[i]->key, name) == 0) {
            return object->items[i];
        }
    }
    return NULL;
}

size_t json_count(const struct json *array) {
    return is(array, KIND_ARRAY) ? array->count : 0;
}

const struct json *json_item(const struct json *array, size_t index) {
    return index < json_count(array) ? array->items[index] : NULL;
}

const char *json_string(const struct json *node) {
    return is(node, KIND_STRING) ? node->string : NULL;
}

int64_t json_int(const struct json *node) {
    return is(node, KIND_INTEGER) ? node->integer : 0;
}

double json_double(const struct json *node) {
    return is(node, KIND_REAL) ? node->real : (double)json_int(node);
}

bool json_bool(const struct json *node) {
    return is(node, KIND_TRUE);
}

const char *json_string_at(const struct json *object, const char *key) {
    return json_string(json_at(object, key));
}

int64_t json_int_at(const struct json *object, const char *key) {
    return json_int(json_at(object, key));
}

bool json_next(const struct json *object, size_t *place, struct json_member *out) {
    if (!is(object, KIND_OBJECT) || *place == object->count) {
        return false;
    }
    const struct json *member = object->items[(*place)++];
    *out = (struct json_member){ member->key.at, member };
    return true;
}
