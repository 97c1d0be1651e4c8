/*
 * json.c - reading: one pass over the text, which takes exactly RFC 8259 less what nobody needs (numbers
 * beyond int64, U+0000 and half surrogates in strings, keys that stand twice). What the engine and the
 * deliveries read of every record goes through here, so a member costs a node and a copy of its string, and
 * no table: objects of ours have a dozen members, of which each is asked for once. Writing: text straight
 * into a buf.
 */
#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"

/* --- reading --------------------------------------------------------------------------------------- */

#define DEPTH_MAX   128 /* of brackets in brackets: the reader calls itself for each */
#define COMPARE_MAX 16  /* members up to which each key is compared with all before it */

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_INT,
    JSON_REAL,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_type type;
    struct text key; /* of a member; NUL-terminated */
    struct json *next;
    union {
        int64_t number;
        double real;
        const char *string;
        struct {
            struct json *first;
            const struct json **items; /* of an array, in order */
            size_t count;
        };
    };
};

struct reading {
    struct arena *arena;
    const char *start, *at, *end;
    unsigned depth;
    char *why;
    size_t why_max;
};

/* Always NULL. `place` is where the mistake begins. */
static struct json *refuse(struct reading *reading, const char *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static struct json *refuse(struct reading *reading, const char *place, const char *format, ...) {
    if (!reading->why_max) {
        return NULL;
    }
    size_t line = 1;
    const char *line_start = reading->start;
    for (const char *c = reading->start; c < place; c++) {
        if (*c == '\n') {
            line++;
            line_start = c + 1;
        }
    }
    char reason[64];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    snprintf(reading->why, reading->why_max, "line %zu, column %zu: %s", line,
             text_characters((struct text){ line_start, (size_t)(place - line_start) }) + 1, reason);
    return NULL;
}

/* The next sign that is no white space; 0 at the end, and for a NUL, which is as wrong. */
static char look(struct reading *reading) {
    while (reading->at < reading->end
           && (*reading->at == ' ' || *reading->at == '\n' || *reading->at == '\r' || *reading->at == '\t')) {
        reading->at++;
    }
    return reading->at < reading->end ? *reading->at : '\0';
}

/* --- strings --- */

/* ASCII that stands for itself: most of what is read and written, so it is told by its byte alone. */
static bool is_plain(char c) {
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Four of them; -1: they are not. */
static int32_t read_hex(struct reading *reading) {
    int32_t value = 0;
    if (reading->end - reading->at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(reading->at[i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    reading->at += 4;
    return value;
}

/* Behind \u. 0: not a character that may stand here. */
static int32_t read_code_point(struct reading *reading) {
    int32_t high = read_hex(reading);
    if (high < 0xD800 || high > 0xDFFF) {
        return high > 0 ? high : 0;
    }
    bool pair =
        high < 0xDC00 && reading->end - reading->at >= 2 && reading->at[0] == '\\' && reading->at[1] == 'u';
    if (!pair) {
        return 0;
    }
    reading->at += 2;
    int32_t low = read_hex(reading);
    return low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00) : 0;
}

/* At the backslash. False: refused. What it writes is shorter than what it reads. */
static bool read_escape(struct reading *reading, char **out) {
    static const char signs[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *place = reading->at++;
    char sign = reading->at < reading->end ? *reading->at++ : '\0';
    const char *found = sign ? strchr(signs, sign) : NULL;
    if (found) {
        *(*out)++ = meant[found - signs];
        return true;
    }
    int32_t character = sign == 'u' ? read_code_point(reading) : 0;
    if (!character) {
        refuse(reading, place, "no such escape");
        return false;
    }
    *out += text_put(character, *out);
    return true;
}

/* At the quotation mark. at NULL: refused. */
static struct text read_string(struct reading *reading) {
    const char *place = reading->at++, *run = reading->at, *closing = run;
    while (closing < reading->end && *closing != '"') {
        closing += *closing == '\\' && closing + 1 < reading->end ? 2 : 1;
    }
    if (closing >= reading->end) {
        refuse(reading, place, "this string does not end");
        return (struct text){ 0 };
    }
    char *string = arena_alloc(reading->arena, (size_t)(closing - run) + 1), *out = string;
    while (reading->at < closing) {
        if (is_plain(*reading->at)) {
            *out++ = *reading->at++;
            continue;
        }
        if (*reading->at == '\\') {
            if (!read_escape(reading, &out)) {
                return (struct text){ 0 };
            }
            continue;
        }
        const char *before = reading->at;
        int32_t character = text_next(&reading->at, closing);
        if (character < 0x20) { /* -1 also */
            refuse(reading, before, "byte 0x%02x in a string", (unsigned char)*before);
            return (struct text){ 0 };
        }
        memcpy(out, before, (size_t)(reading->at - before));
        out += reading->at - before;
    }
    reading->at = closing + 1;
    return (struct text){ string, (size_t)(out - string) };
}

/* --- numbers --- */

static bool take_digits(struct reading *reading) {
    const char *first = reading->at;
    while (reading->at < reading->end && *reading->at >= '0' && *reading->at <= '9') {
        reading->at++;
    }
    return reading->at > first;
}

static bool take_sign(struct reading *reading, const char *signs) {
    bool taken = reading->at < reading->end && *reading->at && strchr(signs, *reading->at);
    reading->at += taken;
    return taken;
}

/* digits without a sign; false: beyond int64. */
static bool to_number(struct text digits, bool negative, int64_t *out) {
    uint64_t magnitude, limit = (uint64_t)INT64_MAX + negative;
    bool fits = text_to_uint(digits, &magnitude) && magnitude <= limit;
    *out = !fits ? 0 : negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return fits;
}

static struct json *node_new(struct reading *reading, enum json_type type) {
    struct json *node = arena_alloc(reading->arena, sizeof(*node));
    node->type = type;
    return node;
}

static struct json *read_number(struct reading *reading) {
    const char *place = reading->at;
    bool negative = take_sign(reading, "-");
    struct text digits = { reading->at, 0 };
    bool good = take_digits(reading);
    digits.length = (size_t)(reading->at - digits.at);
    good = good && (digits.length == 1 || *digits.at != '0');
    bool real = false;
    if (good && take_sign(reading, ".")) {
        real = true;
        good = take_digits(reading);
    }
    if (good && take_sign(reading, "eE")) {
        real = true;
        (void)take_sign(reading, "+-");
        good = take_digits(reading);
    }
    if (!good) {
        return refuse(reading, place, "no number is written so");
    }
    struct json *node = node_new(reading, real ? JSON_REAL : JSON_INT);
    if (!real && !to_number(digits, negative, &node->number)) {
        return refuse(reading, place, "this number is too large");
    }
    if (real) {
        node->real =
            strtod(arena_copy(reading->arena, (struct text){ place, (size_t)(reading->at - place) }), NULL);
    }
    return node;
}

/* --- arrays and objects --- */

static struct json *read_value(struct reading *reading);

static int by_key(const void *a, const void *b) {
    const struct json *const *x = a, *const *y = b;
    return text_compare((*x)->key, (*y)->key);
}

/* Of many members, which a stranger may have chosen, in an order of their own. */
static const struct json *find_twin_sorted(struct reading *reading, const struct json *object) {
    const struct json **members = arena_alloc(reading->arena, object->count * sizeof(*members));
    size_t n = 0;
    for (const struct json *member = object->first; member; member = member->next) {
        members[n++] = member;
    }
    qsort(members, n, sizeof(*members), by_key);
    for (size_t i = 1; i < n; i++) {
        if (text_equal(members[i - 1]->key, members[i]->key)) {
            return members[i];
        }
    }
    return NULL;
}

static const struct json *find_member(const struct json *object, struct text key) {
    for (const struct json *member = object->first; member; member = member->next) {
        if (text_equal(member->key, key)) {
            return member;
        }
    }
    return NULL;
}

/* Behind the bracket and what stands behind each value: a comma, or the end. False: refused, or over. */
static bool goes_on(struct reading *reading, char bracket, bool *refused) {
    char sign = look(reading);
    *refused = sign != ',' && sign != bracket;
    if (*refused) {
        refuse(reading, reading->at, "a comma or %c is missing", bracket);
        return false;
    }
    reading->at++;
    return sign == ',';
}

static bool read_key(struct reading *reading, const struct json *object, struct text *key) {
    if (look(reading) != '"') {
        return refuse(reading, reading->at, "a key in quotation marks is missing");
    }
    const char *place = reading->at;
    *key = read_string(reading);
    if (!key->at) {
        return false;
    }
    if (object->count < COMPARE_MAX && find_member(object, *key)) {
        return refuse(reading, place, "this key stands there twice");
    }
    if (look(reading) != ':') {
        return refuse(reading, reading->at, "a colon is missing");
    }
    reading->at++;
    return true;
}

static struct json *read_items(struct reading *reading, enum json_type type, char bracket) {
    const char *place = reading->at++;
    struct json *node = node_new(reading, type), **last = &node->first;
    bool refused = false;
    if (look(reading) == bracket) {
        reading->at++;
        return node;
    }
    do {
        struct text key = { 0 };
        if (type == JSON_OBJECT && !read_key(reading, node, &key)) {
            return NULL;
        }
        struct json *item = read_value(reading);
        if (!item) {
            return NULL;
        }
        item->key = key;
        *last = item;
        last = &item->next;
        node->count++;
    } while (goes_on(reading, bracket, &refused));
    if (!refused && type == JSON_OBJECT && node->count > COMPARE_MAX && find_twin_sorted(reading, node)) {
        return refuse(reading, place, "a key stands there twice");
    }
    return refused ? NULL : node;
}

/* So that the n-th needs no counting. */
static void number_items(struct reading *reading, struct json *array) {
    size_t n = 0;
    array->items = arena_alloc(reading->arena, (array->count + 1) * sizeof(*array->items));
    for (const struct json *item = array->first; item; item = item->next) {
        array->items[n++] = item;
    }
}

static struct json *read_brackets(struct reading *reading, enum json_type type) {
    if (reading->depth == DEPTH_MAX) {
        return refuse(reading, reading->at, "more than %d brackets in brackets", DEPTH_MAX);
    }
    reading->depth++;
    struct json *node = read_items(reading, type, type == JSON_ARRAY ? ']' : '}');
    reading->depth--;
    if (node && type == JSON_ARRAY) {
        number_items(reading, node);
    }
    return node;
}

static struct json *read_word(struct reading *reading) {
    static const struct {
        struct text text;
        enum json_type type;
    } words[] = { { { "true", 4 }, JSON_TRUE },
                  { { "false", 5 }, JSON_FALSE },
                  { { "null", 4 }, JSON_NULL } };
    struct text rest = { reading->at, (size_t)(reading->end - reading->at) };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (text_starts(rest, words[i].text.at)) {
            reading->at += words[i].text.length;
            return node_new(reading, words[i].type);
        }
    }
    return refuse(reading, reading->at, rest.length ? "no value begins so" : "the text ends here");
}

static struct json *read_value(struct reading *reading) {
    char sign = look(reading);
    if (sign == '"') {
        struct text string = read_string(reading);
        struct json *node = string.at ? node_new(reading, JSON_STRING) : NULL;
        if (node) {
            node->string = string.at;
        }
        return node;
    }
    if (sign == '{') {
        return read_brackets(reading, JSON_OBJECT);
    }
    if (sign == '[') {
        return read_brackets(reading, JSON_ARRAY);
    }
    return sign == '-' || (sign >= '0' && sign <= '9') ? read_number(reading) : read_word(reading);
}

const struct json *json_parse(struct arena *arena, struct text text, char *why, size_t why_max) {
    const char *start = text.at ? text.at : "";
    struct reading reading = { .arena = arena,
                               .start = start,
                               .at = start,
                               .end = start + text.length,
                               .why = why,
                               .why_max = why_max };
    char sign = look(&reading);
    if (sign != '{' && sign != '[') {
        return refuse(&reading, reading.at, "an object or an array is missing");
    }
    const struct json *root = read_value(&reading);
    if (root && (look(&reading) || reading.at < reading.end)) {
        return refuse(&reading, reading.at, "something stands behind the end");
    }
    return root;
}

/* --- asking ---------------------------------------------------------------------------------------- */

const struct json *json_at(const struct json *object, const char *key) {
    return object && object->type == JSON_OBJECT ? find_member(object, text_of(key)) : NULL;
}

size_t json_count(const struct json *array) {
    return array && array->type == JSON_ARRAY ? array->count : 0;
}

const struct json *json_item(const struct json *array, size_t index) {
    return index < json_count(array) ? array->items[index] : NULL;
}

const char *json_string(const struct json *node) {
    return node && node->type == JSON_STRING ? node->string : NULL;
}

int64_t json_int(const struct json *node) {
    return node && node->type == JSON_INT ? node->number : 0;
}

double json_double(const struct json *node) {
    return !node                     ? 0
           : node->type == JSON_INT  ? (double)node->number
           : node->type == JSON_REAL ? node->real
                                     : 0;
}

bool json_bool(const struct json *node) {
    return node && node->type == JSON_TRUE;
}

const char *json_string_at(const struct json *object, const char *key) {
    return json_string(json_at(object, key));
}

int64_t json_int_at(const struct json *object, const char *key) {
    return json_int(json_at(object, key));
}

bool json_next(const struct json *object, const struct json **member, struct json_member *out) {
    *member = *member ? (*member)->next : object && object->type == JSON_OBJECT ? object->first : NULL;
    if (!*member) {
        return false;
    }
    *out = (struct json_member){ (*member)->key.at, *member };
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

/* Plain runs are copied whole. */
static void put_quoted(struct buf *buf, struct text text) {
    buf_add_char(buf, '"');
    const char *at = text.at, *end = text.at + text.length, *run = at;
    while (at < end) {
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
