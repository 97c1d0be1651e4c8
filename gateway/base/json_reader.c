/*
 * json_reader.c - RFC 8259, strictly: a text becomes a tree of nodes in an arena of its own.
 *
 * The text is copied once. A string is what stands between its quotes in that copy, its escapes undone in place (none
 * is shorter than what it stands for) and a NUL where the closing quote was. Beyond the standard are refused: a key
 * twice in an object, U+0000 (our strings end there), integers beyond int64 and what nests or branches too much.
 */
#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"

#define DEPTH_MAX   200               /* the stack has an end */
#define MEMBERS_MAX 1024              /* each key is compared with those before it */

enum kind { KIND_OBJECT, KIND_ARRAY, KIND_STRING, KIND_INTEGER, KIND_REAL, KIND_TRUE, KIND_FALSE, KIND_NULL };

struct json {
    enum kind kind;
    const char *key;                  /* in an object */
    const char *string;
    int64_t integer;
    size_t count;                     /* of the children */
    struct json *first, *next;        /* child; sibling */
    const struct json **items;        /* of an array: its children by index */
};

/* What json_parse() makes: the root, and where everything of it lies. */
struct tree { struct json root; struct arena *arena; };

struct parse {
    char *at, *end;                   /* in the copy */
    struct arena *arena;
    unsigned depth;
    const char *why, *where;          /* of the refusal */
};

static bool refuse_at(struct parse *parse, const char *where, const char *why) {
    parse->where = where;
    parse->why = why;
    return false;
}

static bool refuse(struct parse *parse, const char *why) {
    return refuse_at(parse, parse->at, why);
}

static void skip_white(struct parse *parse) {
    while (parse->at < parse->end
           && (*parse->at == ' ' || *parse->at == '\n' || *parse->at == '\t' || *parse->at == '\r')) {
        parse->at++;
    }
}

/* Passes a character, and white space before it, when it comes next. */
static bool passes(struct parse *parse, char c) {
    skip_white(parse);
    bool here = parse->at < parse->end && *parse->at == c;
    parse->at += here;
    return here;
}

/* --- strings --------------------------------------------------------------------------------------- */

static bool read_hex4(struct parse *parse, uint32_t *out) {
    *out = 0;
    for (int i = 0; i < 4; i++) {
        char c = parse->at < parse->end ? *parse->at : '\0', lower = (char)(c | 0x20);
        bool digit = c >= '0' && c <= '9', letter = lower >= 'a' && lower <= 'f';
        if (!digit && !letter) {
            return refuse(parse, "four hexadecimal digits expected");
        }
        *out = *out << 4 | (uint32_t)(digit ? c - '0' : lower - 'a' + 10);
        parse->at++;
    }
    return true;
}

static char *put_utf8(char *to, uint32_t c) {
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
    } else if (c < 0x10000) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    } else {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (c & 0x3F));
    return to;
}

/* Behind "\u". Characters beyond the first plane are written as two surrogates. */
static bool read_code_point(struct parse *parse, char **to) {
    const char *start = parse->at - 2;
    uint32_t c, low;
    if (!read_hex4(parse, &c)) {
        return false;
    }
    if (c >= 0xD800 && c < 0xDC00 && parse->end - parse->at > 2 && parse->at[0] == '\\' && parse->at[1] == 'u') {
        parse->at += 2;
        if (!read_hex4(parse, &low)) {
            return false;
        }
        c = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : c;
    }
    if (c == 0 || (c >= 0xD800 && c < 0xE000)) {
        return refuse_at(parse, start, c ? "half a pair of surrogates" : "\\u0000 is not allowed");
    }
    *to = put_utf8(*to, c);
    return true;
}

/* At the backslash. */
static bool read_escape(struct parse *parse, char **to) {
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char c = parse->end - parse->at > 1 ? parse->at[1] : '\0';
    const char *name = c ? strchr(names, c) : NULL;
    if (name) {
        parse->at += 2;
        *(*to)++ = meant[name - names];
        return true;
    }
    if (c != 'u') {
        return refuse(parse, "no such escape");
    }
    parse->at += 2;
    return read_code_point(parse, to);
}

/* At the opening quote. `to` follows `at` through the copy, behind it once there was an escape. */
static bool read_string(struct parse *parse, const char **out) {
    char *to = ++parse->at;
    *out = to;
    while (parse->at < parse->end && *parse->at != '"') {
        unsigned char c = (unsigned char)*parse->at;
        if (c == '\\') {
            if (!read_escape(parse, &to)) {
                return false;
            }
        } else if (c < 0x20) {
            return refuse(parse, "a control character in a string");
        } else if (c < 0x80) {
            *to++ = *parse->at++;
        } else {
            const char *from = parse->at, *behind = from;
            if (text_next(&behind, parse->end) < 0) {
                return refuse(parse, "not UTF-8");
            }
            size_t length = (size_t)(behind - from);
            memmove(to, from, length);
            to += length;
            parse->at += length;
        }
    }
    if (parse->at == parse->end) {
        return refuse(parse, "the string does not end");
    }
    parse->at++;
    *to = '\0';
    return true;
}

/* --- numbers and words ----------------------------------------------------------------------------- */

static bool skip_digits(struct parse *parse) {
    const char *start = parse->at;
    while (parse->at < parse->end && *parse->at >= '0' && *parse->at <= '9') {
        parse->at++;
    }
    return parse->at > start;
}

static bool skip_one_of(struct parse *parse, const char *characters) {
    bool here = parse->at < parse->end && *parse->at && strchr(characters, *parse->at);
    parse->at += here;
    return here;
}

static bool to_int64(const char *at, const char *end, int64_t *out) {
    bool negative = *at == '-';
    *out = 0;
    for (at += negative; at < end; at++) {
        int digit = *at - '0';
        if (__builtin_mul_overflow(*out, 10, out)
            || __builtin_add_overflow(*out, negative ? -digit : digit, out)) {
            return false;
        }
    }
    return true;
}

static bool read_number(struct parse *parse, struct json *node) {
    const char *start = parse->at;
    skip_one_of(parse, "-");
    bool zero = skip_one_of(parse, "0");
    if (!zero && !skip_digits(parse)) {
        return refuse_at(parse, start, "a value expected");
    }
    const char *behind = parse->at;
    node->kind = KIND_INTEGER;
    if (skip_one_of(parse, ".")) {
        node->kind = KIND_REAL;
        if (!skip_digits(parse)) {
            return refuse(parse, "a digit expected");
        }
    }
    if (skip_one_of(parse, "eE")) {
        node->kind = KIND_REAL;
        skip_one_of(parse, "+-");
        if (!skip_digits(parse)) {
            return refuse(parse, "a digit expected");
        }
    }
    if (node->kind == KIND_INTEGER && !to_int64(start, behind, &node->integer)) {
        return refuse_at(parse, start, "too big integer");
    }
    return true;
}

static bool read_word(struct parse *parse, struct json *node) {
    static const struct { const char *word; enum kind kind; } words[] = {
        { "true", KIND_TRUE }, { "false", KIND_FALSE }, { "null", KIND_NULL },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (text_starts((struct text){ parse->at, (size_t)(parse->end - parse->at) }, words[i].word)) {
            node->kind = words[i].kind;
            parse->at += strlen(words[i].word);
            return true;
        }
    }
    return refuse(parse, "a value expected");
}

/* --- objects and arrays ---------------------------------------------------------------------------- */

static bool read_value(struct parse *parse, struct json *node);

static struct json *add_child(struct parse *parse, struct json *parent, struct json ***last) {
    struct json *child = arena_alloc(parse->arena, sizeof(*child));
    **last = child;
    *last = &child->next;
    parent->count++;
    return child;
}

static bool read_key(struct parse *parse, const struct json *object, const char **key) {
    skip_white(parse);
    const char *start = parse->at;
    if (parse->at == parse->end || *parse->at != '"') {
        return refuse(parse, "a key expected");
    }
    if (!read_string(parse, key)) {
        return false;
    }
    if (json_at(object, *key)) {
        return refuse_at(parse, start, "duplicate object key");
    }
    if (object->count == MEMBERS_MAX) {
        return refuse_at(parse, start, "too many members");
    }
    return passes(parse, ':') || refuse(parse, "':' expected");
}

static bool read_object(struct parse *parse, struct json *object) {
    struct json **last = &object->first;
    object->kind = KIND_OBJECT;
    if (passes(parse, '}')) {
        return true;
    }
    do {
        const char *key;
        if (!read_key(parse, object, &key)) {
            return false;
        }
        struct json *member = add_child(parse, object, &last);
        member->key = key;
        if (!read_value(parse, member)) {
            return false;
        }
    } while (passes(parse, ','));
    return passes(parse, '}') || refuse(parse, "',' or '}' expected");
}

static bool read_array(struct parse *parse, struct json *array) {
    struct json **last = &array->first;
    array->kind = KIND_ARRAY;
    if (passes(parse, ']')) {
        return true;
    }
    do {
        if (!read_value(parse, add_child(parse, array, &last))) {
            return false;
        }
    } while (passes(parse, ','));
    array->items = arena_alloc(parse->arena, array->count * sizeof(*array->items));
    size_t index = 0;
    for (const struct json *item = array->first; item; item = item->next) {
        array->items[index++] = item;
    }
    return passes(parse, ']') || refuse(parse, "',' or ']' expected");
}

static bool read_value(struct parse *parse, struct json *node) {
    skip_white(parse);
    char c = parse->at < parse->end ? *parse->at : '\0';
    if (c == '{' || c == '[') {
        if (parse->depth == DEPTH_MAX) {
            return refuse(parse, "nested too deeply");
        }
        parse->depth++;
        parse->at++;
        bool good = c == '{' ? read_object(parse, node) : read_array(parse, node);
        parse->depth--;
        return good;
    }
    if (c == '"') {
        node->kind = KIND_STRING;
        return read_string(parse, &node->string);
    }
    return c == '-' || (c >= '0' && c <= '9') ? read_number(parse, node) : read_word(parse, node);
}

static bool read_root(struct parse *parse, struct json *root) {
    skip_white(parse);
    if (parse->at == parse->end || (*parse->at != '{' && *parse->at != '[')) {
        return refuse(parse, "'{' or '[' expected");
    }
    if (!read_value(parse, root)) {
        return false;
    }
    skip_white(parse);
    return parse->at == parse->end || refuse(parse, "end of file expected");
}

/* --- what others see ------------------------------------------------------------------------------- */

/* Lines end with \n; columns count characters from 1. The copy has been written into, so the original is asked. */
static void say_why(struct text text, size_t offset, const char *sentence, char *why, size_t why_max) {
    size_t line = 1, start = 0;
    for (size_t i = 0; i < offset; i++) {
        if (text.at[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    size_t column = offset > start ? text_characters((struct text){ text.at + start, offset - start }) + 1 : 1;
    snprintf(why, why_max, "line %zu, column %zu: %s", line, column, sentence);
}

struct json *json_parse(struct text text, char *why, size_t why_max) {
    struct arena *arena = arena_new();
    struct tree *tree = arena_alloc(arena, sizeof(*tree));
    char *copy = (char *)arena_copy(arena, text);      /* fresh, so it may be written into */
    struct parse parse = { .at = copy, .end = copy + text.length, .arena = arena };
    tree->arena = arena;
    if (read_root(&parse, &tree->root)) {
        return &tree->root;
    }
    if (why_max) {
        say_why(text, (size_t)(parse.where - copy), parse.why, why, why_max);
    }
    arena_free(arena);
    return NULL;
}

void json_free(struct json *root) {
    if (root) {
        arena_free(((struct tree *)root)->arena);      /* the tree lies in it */
    }
}

static bool is(const struct json *node, enum kind kind) {
    return node && node->kind == kind;
}

const struct json *json_at(const struct json *object, const char *key) {
    for (const struct json *member = is(object, KIND_OBJECT) ? object->first : NULL; member; member = member->next) {
        if (strcmp(member->key, key) == 0) {
            return member;
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

bool json_bool(const struct json *node) {
    return is(node, KIND_TRUE);
}

const char *json_string_at(const struct json *object, const char *key) {
    return json_string(json_at(object, key));
}

int64_t json_int_at(const struct json *object, const char *key) {
    return json_int(json_at(object, key));
}

bool json_next(const struct json *object, void **iterator, struct json_member *out) {
    const struct json *member = *iterator ? ((const struct json *)*iterator)->next
                                          : is(object, KIND_OBJECT) ? object->first : NULL;
    *iterator = (void *)member;
    if (member) {
        *out = (struct json_member){ member->key, member };
    }
    return member != NULL;
}
