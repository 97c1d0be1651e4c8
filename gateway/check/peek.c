/*
 * peek.c - from tag to tag along one path, without a parser: the gate has passed the text, but nothing more.
 */
#include "check/peek.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Behind the tag that begins at `tag`; quotes may hide a '>'. */
static const char *tag_end(const char *tag, const char *end) {
    char quote = 0;
    for (; tag < end; tag++) {
        if (quote) {
            quote = *tag == quote ? 0 : quote;
        } else if (*tag == '"' || *tag == '\'') {
            quote = *tag;
        } else if (*tag == '>') {
            return tag + 1;
        }
    }
    return end;
}

static const char *behind_section(const char *tag, const char *end) {
    const char *closing = text_starts((struct text){ tag, (size_t)(end - tag) }, "<!--") ? "-->" : "]]>";
    const char *found = memmem(tag, (size_t)(end - tag), closing, 3);
    return found ? found + 3 : end;
}

static const char *name_end(const char *at, const char *end) {
    while (at < end && !strchr(" \t\r\n/><=\"'", *at)) { /* and at a NUL, of which the gate lets none pass */
        at++;
    }
    return at;
}

static struct text local_of(struct text name) {
    const char *colon = memchr(name.at, ':', name.length);
    size_t cut = colon ? (size_t)(colon - name.at) + 1 : 0;
    return (struct text){ name.at + cut, name.length - cut };
}

/* How far a path has been followed: `matched` steps, the last of them at `depth`. */
struct pursuit {
    struct text rest;
    uint32_t depth, matched;
    const char *path;
};

static bool follow(struct pursuit *pursuit, struct text name) {
    struct text rest = pursuit->rest, step = text_until(&rest, '/');
    if (pursuit->depth != pursuit->matched + 1 || !text_equal(step, local_of(name))) {
        return false;
    }
    pursuit->rest = rest;
    pursuit->matched++;
    return true;
}

/* An element at depth - 1 ended: if it was on the path, its step is open again. */
static void fall_back(struct pursuit *pursuit) {
    pursuit->depth -= pursuit->depth > 0;
    if (pursuit->depth > pursuit->matched || pursuit->matched == 0) {
        return;
    }
    pursuit->matched--;
    pursuit->rest = text_of(pursuit->path);
    for (uint32_t i = 0; i < pursuit->matched; i++) {
        text_until(&pursuit->rest, '/');
    }
}

struct text peek_in(struct text text, const char *path, size_t within) {
    const char *at = text.at, *end = at + (text.length < within ? text.length : within);
    struct pursuit pursuit = { .rest = text_of(path), .path = path };
    while (at < end && (at = memchr(at, '<', (size_t)(end - at))) && at + 1 < end) {
        if (at[1] == '!') {
            at = behind_section(at, end);
            continue;
        }
        const char *behind = tag_end(at, end);
        struct text name = { at + 1, (size_t)(name_end(at + 1, end) - at) - 1 };
        at = behind;
        if (name.length == 0) { /* an end tag, for '/' ends names */
            fall_back(&pursuit);
        } else if (name.at[0] != '?') {
            bool on_path = follow(&pursuit, name), empty = behind[-2] == '/';
            if (on_path && !pursuit.rest.length) {
                const char *next = empty ? behind : memchr(behind, '<', (size_t)(end - behind));
                return next ? text_trim((struct text){ behind, (size_t)(next - behind) }) : TEXT("");
            }
            pursuit.depth++;
            if (empty) {
                fall_back(&pursuit);
            }
        }
    }
    return TEXT("");
}
