/*
 * JSON that nobody would write: what is refused is refused at a place in the text; what is read can be written by our
 * writer and read again as the same.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"
#include "fuzz/driver.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const long fuzz_runs = 300000;

struct text fuzz_seed(size_t index) {
    static const char *const seeds[] = {
        "{\"party\":\"FWD\",\"received\":1792000000000000000,\"findings\":[{\"code\":\"D01\",\"line\":3,\"zh\":\"毛重\"}]}",
        "{\"cause\":7,\"moves\":[{\"part\":\"declarations\",\"data\":{\"a\":\"b\"}}],\"destinations\":[{\"kept\":true}]}",
        " [ -1.5e-3 , null , [ ] , { } , \"\\u6bdb\\ud83d\\udea2\\\\\\/\" ] ",
    };
    return index < COUNT(seeds) ? text_of(seeds[index]) : (struct text){ NULL, 0 };
}

struct text fuzz_word(size_t index) {
    static const char *const words[] = {
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "\\ud83d", "\\udea2", "\\u0000", "\\\"", "\"a\":", "true", "false", "null", "-",
        "0", "1e9", ".5", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "\n", "毛", "\xFF", "\xED\xA0\x80", "\x01",
    };
    return index < COUNT(words) ? text_of(words[index]) : (struct text){ NULL, 0 };
}

static void write_node(struct json_out *out, const char *key, const struct json *node) {
    void *iterator = NULL;
    struct json_member member;
    if (json_string(node)) {
        json_put_string(out, key, json_string(node));
    } else if (json_count(node)) {
        json_open_array(out, key);
        for (size_t i = 0; i < json_count(node); i++) {
            write_node(out, NULL, json_item(node, i));
        }
        json_close_array(out);
    } else if (json_next(node, &iterator, &member)) {
        json_open_object(out, key);
        do {
            require(json_at(node, member.key) == member.value);
            write_node(out, member.key, member.value);
        } while (json_next(node, &iterator, &member));
        json_close_object(out);
    } else if (json_bool(node)) {
        json_put_bool(out, key, true);
    } else {
        json_put_int(out, key, json_int(node));    /* what says nothing, too: it must stay so */
    }
}

static void write_root(const struct json *root, struct buf *buf) {
    struct json_out out;
    buf_init(buf, 16 << 20);
    json_start(&out, buf);
    json_open_array(&out, NULL);
    write_node(&out, NULL, root);
    json_close_array(&out);
    require(!buf_failed(buf));
}

static void check_refusal(struct text text, const char *why) {
    size_t line = 0, column = 0;
    require(sscanf(why, "line %zu, column %zu: ", &line, &column) == 2);
    require(line >= 1 && column >= 1 && line + column <= text.length + 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text text = { (const char *)data, size };
    char why[160];
    struct json *root = json_parse(text, why, sizeof(why));
    if (!root) {
        check_refusal(text, why);
        return 0;
    }
    struct buf first, second;
    write_root(root, &first);
    struct json *again = json_parse(buf_text(&first), NULL, 0);
    if (again) {                                   /* not: it was nested as deeply as may be */
        write_root(json_item(again, 0), &second);
        require(text_equal(buf_text(&first), buf_text(&second)));
        buf_release(&second);
    }
    json_free(again);
    json_free(root);
    buf_release(&first);
    return 0;
}
