/*
 * json.h - JSON read through jansson (duplicate keys refused) and written by a small writer of our own.
 * Numbers that matter (money, weights) travel as strings; integers fit int64.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

/* --- reading: all nodes and strings stand in the arena; a tree takes about ten times its text ----------- */
struct json;

/* An object or array; NULL: why says line, column, reason. */
const struct json *json_parse(struct arena *arena, struct text text, char *why, size_t why_max);
const struct json *json_at(const struct json *object, const char *key); /* NULL: absent, or no object */
size_t json_count(const struct json *array);                            /* 0 when not an array */
const struct json *json_item(const struct json *array, size_t index);
/* NULL when not a string. Hidden, because libjansson exports the same name. */
const char *json_string(const struct json *node) __attribute__((visibility("hidden")));
int64_t json_int(const struct json *node);   /* 0 when not an integer */
double json_double(const struct json *node); /* of a figure, never of money; 0 when not a number */
bool json_bool(const struct json *node);
const char *json_string_at(const struct json *object, const char *key); /* NULL when absent */
int64_t json_int_at(const struct json *object, const char *key);
/* Members of an object in the order written: begin with NULL; returns NULL after the last. */
struct json_member {
    const char *key;
    const struct json *value;
};
bool json_next(const struct json *object, void **iterator, struct json_member *out);

/* --- writing: commas and escapes are ours. Start with json_start(&out, &buf). ------------------------- */
struct json_out {
    struct buf *buf;
    bool comma;
};

void json_start(struct json_out *out, struct buf *buf);
void json_open_object(struct json_out *out, const char *key); /* key NULL inside arrays and at the top */
void json_close_object(struct json_out *out);
void json_open_array(struct json_out *out, const char *key);
void json_close_array(struct json_out *out);
/* RFC 8259; a malformed byte of UTF-8 becomes U+FFFD. */
void json_put_text(struct json_out *out, const char *key, struct text value);
void json_put_string(struct json_out *out, const char *key, const char *value); /* NULL writes nothing */
void json_put_int(struct json_out *out, const char *key, int64_t value);
void json_put_bool(struct json_out *out, const char *key, bool value);
void json_put_raw(struct json_out *out, const char *key, struct text json); /* already JSON */

#endif
