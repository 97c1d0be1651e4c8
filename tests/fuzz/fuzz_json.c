/*
 * JSON from a sender: whatever comes, it is read or refused with its place; what was read, written and read
 * again, is the same, and each string of it is UTF-8.
 */
#include <string.h>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "fuzz/driver.h"

const long fuzz_runs = 500000;

static const char *const seeds[] = {
    "{\"edition\":\"ab12\",\"deliveries\":[{\"record\":42,\"party\":\"QQCT\",\"outcome\":\"delivered\"},"
    "{\"attempt\":1,\"next\":1790000000000000000,\"words\":null}]}",
    "[1,-2.5,1e5,0.1E-7,\"\\u6BDB\\uD83D\\uDEA2\",true,false,null,{},[],\"\xE6\xAF\x9B\xE9\x87\x8D\"]",
    "{\"k\":{\"k\":{\"k\":[[[0]]]}},\"z\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
    " [ -9223372036854775808 , 9223372036854775807 , \"\" ] ",
    "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,"
    "\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"r\":1}",
};

struct text fuzz_seed(size_t index) {
    bool there = index < sizeof(seeds) / sizeof(*seeds);
    return there ? text_of(seeds[index]) : (struct text){ NULL, 0 };
}

struct text fuzz_word(size_t index) {
    static const char *const words[] = { "\\u0000", "\\uD83D", "\\uDEA2",      "\\\"",
                                         "null",    "true",    "1e9",          "[[",
                                         "}]",      ",\"a\":", "\xED\xA0\x80", "\xEF\xBB\xBF" };
    bool there = index < sizeof(words) / sizeof(*words);
    return there ? text_of(words[index]) : (struct text){ NULL, 0 };
}

static void write_node(struct json_out *out, const char *key, const struct json *node);

static bool write_members(struct json_out *out, const char *key, const struct json *node) {
    struct json_member member;
    void *iterator = NULL;
    if (!json_next(node, &iterator, &member)) {
        return false;
    }
    json_open_object(out, key);
    do {
        require(json_at(node, member.key) == member.value); /* no key stands there twice */
        write_node(out, member.key, member.value);
    } while (json_next(node, &iterator, &member));
    json_close_object(out);
    return true;
}

/* What is empty, null or a fraction becomes a truth: it is the same when it is read again. */
static void write_node(struct json_out *out, const char *key, const struct json *node) {
    if (json_string(node)) {
        require(text_is_utf8(text_of(json_string(node))));
        json_put_string(out, key, json_string(node));
    } else if (json_count(node)) {
        json_open_array(out, key);
        for (size_t i = 0; i < json_count(node); i++) {
            write_node(out, NULL, json_item(node, i));
        }
        json_close_array(out);
    } else if (!write_members(out, key, node)) {
        if (json_int(node)) {
            json_put_int(out, key, json_int(node));
        } else {
            json_put_bool(out, key, json_bool(node) || json_double(node) != 0);
        }
    }
}

/* In an array: a truth does not stand alone. */
static void write_whole(const struct json *node, struct buf *out) {
    struct json_out json;
    buf_init(out, 1 << 24);
    json_start(&json, out);
    json_open_array(&json, NULL);
    write_node(&json, NULL, node);
    json_close_array(&json);
    require(!buf_failed(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct arena *arena = arena_new();
    char why[100] = "";
    struct text text = { (const char *)bytes, length };
    const struct json *root = json_parse(arena, text, why, sizeof(why));
    require((root == NULL) == (strncmp(why, "line ", 5) == 0));
    if (root) {
        struct buf once, twice;
        write_whole(root, &once);
        write_whole(json_item(json_parse(arena, buf_text(&once), why, sizeof(why)), 0), &twice);
        require(strcmp(once.at, twice.at) == 0);
        buf_release(&once);
        buf_release(&twice);
    }
    arena_free(arena);
    return 0;
}
