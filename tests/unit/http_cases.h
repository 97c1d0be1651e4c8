/*
 * http_cases.h - reads the table of requests in http_cases; the head of that file explains its form.
 */
#ifndef TESTS_HTTP_CASES_H
#define TESTS_HTTP_CASES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/status.h"
#include "base/text.h"

enum { HTTP_CASES_MAX = 1000, HTTP_CASE_STATUSES_MAX = 4 };

struct http_case {
    const char *name;
    bool accept;
    int answers;                          /* good ones, before the refusal if it is to be refused */
    int statuses[HTTP_CASE_STATUSES_MAX]; /* of the refusal; 0 ends; none given: any 4xx or 5xx */
    struct text bytes, body;
};

struct http_cases {
    struct arena *arena;
    size_t count;
    struct http_case items[HTTP_CASES_MAX];
};

static inline void case_expand(struct buf *out, struct text text, const char *scheme);

static inline size_t case_escape(struct buf *out, struct text text) {
    static const char names[] = "rnt0\\", values[] = "\r\n\t\0\\";
    const char *name = text.length > 1 ? memchr(names, text.at[1], sizeof(names) - 1) : NULL;
    if (name) {
        buf_add_char(out, values[name - names]);
        return 2;
    }
    require(text.length >= 4 && text.at[1] == 'x');
    buf_add_char(out, (char)strtol((char[]){ text.at[2], text.at[3], 0 }, NULL, 16));
    return 4;
}

/* {N*TEXT}, {scheme}, {other}; anything else in braces stands for itself. */
static inline size_t case_braces(struct buf *out, struct text text, const char *scheme) {
    size_t depth = 0, end = 0;
    do {
        depth += text.at[end] == '{' ? 1 : text.at[end] == '}' ? (size_t)-1 : 0;
    } while (depth && ++end < text.length);
    struct text inner = { text.at + 1, end ? end - 1 : 0 }, rest = inner, digits = text_until(&rest, '*');
    uint64_t times;
    if (end < text.length && text_to_uint(digits, &times)) {
        while (times--) {
            case_expand(out, rest, scheme);
        }
    } else if (end < text.length && (text_is(inner, "scheme") || text_is(inner, "other"))) {
        bool secure = (strcmp(scheme, "https") == 0) == text_is(inner, "scheme");
        buf_add_string(out, secure ? "https" : "http");
    } else {
        buf_add_char(out, '{');
        return 1;
    }
    return end + 1;
}

static inline void case_expand(struct buf *out, struct text text, const char *scheme) {
    while (text.length) {
        size_t used = 1;
        if (text.at[0] == '\\') {
            used = case_escape(out, text);
        } else if (text.at[0] == '{') {
            used = case_braces(out, text, scheme);
        } else {
            buf_add_char(out, text.at[0]);
        }
        text = (struct text){ text.at + used, text.length - used };
    }
}

static inline void case_headline(struct http_cases *cases, struct http_case *item, struct text line) {
    item->accept = text_is(text_until(&line, ' '), "accept");
    item->answers = item->accept ? 1 : 0;
    item->name = arena_copy(cases->arena, text_until(&line, ' '));
    while (line.length) {
        struct text word = text_until(&line, ' '), key = text_until(&word, '=');
        uint64_t number;
        for (int i = 0; text_is(key, "status") && word.length; i++) {
            require(i < HTTP_CASE_STATUSES_MAX - 1 && text_to_uint(text_until(&word, ','), &number));
            item->statuses[i] = (int)number;
        }
        if (text_is(key, "answers")) {
            require(text_to_uint(word, &number));
            item->answers = (int)number;
        }
    }
}

static inline struct http_cases *http_cases_load(const char *scheme) {
    struct http_cases *cases = calloc(1, sizeof(*cases));
    struct buf file, bytes, body;
    buf_init(&file, 1 << 20);
    buf_init(&bytes, 1 << 20);
    buf_init(&body, 1 << 20);
    require(file_read(SOURCE_DIR "/tests/unit/http_cases", &file) == STATUS_OK);
    cases->arena = arena_new();

    struct text rest = buf_text(&file);
    struct http_case *item = NULL;
    while (rest.length) {
        struct text line = text_until(&rest, '\n');
        char kind = line.length ? line.at[0] : '#';
        struct text tail = { line.at + 2, line.length > 2 ? line.length - 2 : 0 };
        if (kind == '#') {
            continue;
        }
        if (kind == '>' || kind == '|') {
            case_expand(&bytes, tail, scheme);
        }
        if (kind == '>') {
            buf_add_string(&bytes, "\r\n");
        }
        if (kind == '=') {
            case_expand(&body, tail, scheme);
        }
        if (kind == 'a' || kind == 'r') {
            require(cases->count < HTTP_CASES_MAX);
            item = &cases->items[cases->count++];
            case_headline(cases, item, line);
            buf_clear(&bytes);
            buf_clear(&body);
        }
        char next = rest.length ? rest.at[0] : '#';
        if (item && next != '>' && next != '|' && next != '=') {
            item->bytes = (struct text){ arena_copy(cases->arena, buf_text(&bytes)), bytes.length };
            item->body = (struct text){ arena_copy(cases->arena, buf_text(&body)), body.length };
        }
    }
    buf_release(&file);
    buf_release(&bytes);
    buf_release(&body);
    return cases;
}

static inline void http_cases_free(struct http_cases *cases) {
    arena_free(cases->arena);
    free(cases);
}

static inline bool http_case_status_fits(const struct http_case *item, int status) {
    for (int i = 0; item->statuses[i]; i++) {
        if (item->statuses[i] == status) {
            return true;
        }
    }
    return item->statuses[0] == 0 && status >= 400 && status < 600;
}

#endif
