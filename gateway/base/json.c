/*
 * json.c - reading: struct json is jansson's json_t, here and nowhere else. jansson takes a piece of memory
 * per node, key and string; from an arena that costs little, and nobody has to give the tree back. Writing:
 * text straight into a buf.
 */
#include "base/json.h"

#define json_string jansson_string /* jansson's constructor bears our getter's name */
#include <jansson.h>
#undef json_string

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

/* --- reading --------------------------------------------------------------------------------------- */

static const json_t *inner(const struct json *node) {
    return (const json_t *)node;
}

static const struct json *outer(const json_t *value) {
    return (const struct json *)value;
}

static _Thread_local struct arena *parsing; /* jansson asks for memory nowhere but in json_parse() */

static void *take(size_t size) {
    return arena_bigger(parsing, NULL, 0, size, 1); /* jansson asks for nothing zeroed */
}

static void leave(void *piece) {}

static void use_arenas(void) {
    json_set_alloc_funcs(take, leave);
}

const struct json *json_parse(struct arena *arena, struct text text, char *why, size_t why_max) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_error_t error;
    require(pthread_once(&once, use_arenas) == 0);
    parsing = arena;
    const json_t *root = json_loadb(text.at ? text.at : "", text.length, JSON_REJECT_DUPLICATES, &error);
    parsing = NULL;
    if (!root && why_max) {
        snprintf(why, why_max, "line %d, column %d: %s", error.line, error.column, error.text);
    }
    return outer(root);
}

const struct json *json_at(const struct json *object, const char *key) {
    return outer(json_object_get(inner(object), key));
}

size_t json_count(const struct json *array) {
    return json_array_size(inner(array));
}

const struct json *json_item(const struct json *array, size_t index) {
    return outer(json_array_get(inner(array), index));
}

const char *json_string(const struct json *node) {
    return json_string_value(inner(node));
}

int64_t json_int(const struct json *node) {
    return json_integer_value(inner(node));
}

double json_double(const struct json *node) {
    return json_number_value(inner(node));
}

bool json_bool(const struct json *node) {
    return json_is_true(inner(node));
}

const char *json_string_at(const struct json *object, const char *key) {
    return json_string(json_at(object, key));
}

int64_t json_int_at(const struct json *object, const char *key) {
    return json_int(json_at(object, key));
}

bool json_next(const struct json *object, void **iterator, struct json_member *out) {
    json_t *members = (json_t *)object; /* iterating does not change it */
    *iterator = *iterator ? json_object_iter_next(members, *iterator) : json_object_iter(members);
    if (!*iterator) {
        return false;
    }
    *out = (struct json_member){ json_object_iter_key(*iterator), outer(json_object_iter_value(*iterator)) };
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

static bool is_all_plain(struct text text) {
    const char *at = text.at, *end = text.at + text.length;
    while (end - at >= 8 && are_plain(at)) {
        at += 8;
    }
    while (at < end && is_plain(*at)) {
        at++;
    }
    return at == end;
}

static char *write_quoted(char *to, struct text text) {
    *to++ = '"';
    if (text.length) { /* an empty one may be nowhere */
        memcpy(to, text.at, text.length);
    }
    to += text.length;
    *to++ = '"';
    return to;
}

/* Plain runs are copied whole. */
static void put_quoted(struct buf *buf, struct text text) {
    char *start = is_all_plain(text) ? buf_room(buf, text.length + strlen("\"\"")) : NULL;
    if (start) {
        buf_filled(buf, (size_t)(write_quoted(start, text) - start));
        return;
    }
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

/* Names and values are nearly all plain: then there is one look for room, and no more. */
static void begin_value(struct json_out *out, const char *key) {
    struct text name = key ? text_of(key) : TEXT("");
    bool comma = out->comma;
    out->comma = true;
    char *start =
        key && is_all_plain(name) ? buf_room(out->buf, comma + name.length + strlen("\"\":")) : NULL;
    if (start) {
        char *to = start;
        if (comma) {
            *to++ = ',';
        }
        to = write_quoted(to, name);
        *to++ = ':';
        buf_filled(out->buf, (size_t)(to - start));
        return;
    }
    if (comma) {
        buf_add_char(out->buf, ',');
    }
    if (key) {
        put_quoted(out->buf, name);
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
    char digits[TEXT_NUMBER_MAX];
    begin_value(out, key);
    if (value < 0) {
        buf_add_char(out->buf, '-');
    }
    buf_add_string(out->buf, text_of_uint(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, digits));
}

void json_put_bool(struct json_out *out, const char *key, bool value) {
    begin_value(out, key);
    buf_add_string(out->buf, value ? "true" : "false");
}

void json_put_raw(struct json_out *out, const char *key, struct text json) {
    begin_value(out, key);
    buf_add_text(out->buf, json);
}
