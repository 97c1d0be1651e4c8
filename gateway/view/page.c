/*
 * page.c - a cursor is a list in JSON, the name of the question and its keys, as base64url.
 */
#include "view/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/status.h"
#include "view/rows.h"

#define FIRST_KEY  20         /* PAGE_1 */
#define CURSOR_MAX (1u << 20) /* longer than what any keys need */

const char *page_kinds(const struct view *view) {
    return view->rows ? view->rows->keys : view->keys;
}

static bool read_number(const char *text, int64_t *out) {
    uint64_t number;
    bool below = *text == '-';
    if (!text_to_uint(text_of(text + below), &number) || number > INT64_MAX) {
        return false;
    }
    *out = below ? -(int64_t)number : (int64_t)number;
    return true;
}

bool page_read(const struct view_question *question, struct text cursor, struct page_keys *keys) {
    const char *kinds = page_kinds(question->view);
    char why[128], *bytes = arena_alloc(question->arena, cursor.length + 1);
    size_t length;
    require(kinds && strlen(kinds) <= PAGE_KEYS_MAX);
    if (!base64url_read(cursor, bytes, cursor.length, &length)) {
        return false;
    }
    const struct json *list = json_parse(question->arena, (struct text){ bytes, length }, why, sizeof(why));
    const char *name = list && json_count(list) ? json_string(json_item(list, 0)) : NULL;
    if (!name || strcmp(name, question->view->name) != 0 || json_count(list) != strlen(kinds) + 1) {
        return false;
    }
    for (size_t i = 0; kinds[i]; i++) {
        const char *text = json_string(json_item(list, i + 1));
        if (!text || (kinds[i] == 'n' && !read_number(text, &keys->list[i].number))) {
            return false;
        }
        if (kinds[i] != 'n') {
            keys->list[i].text = text;
        }
    }
    return true;
}

bool page_after(const struct view_question *question, struct page_keys *keys) {
    struct text after = view_value(question, "after");
    if (!after.length) {
        return false;
    }
    bool is_one = page_read(question, after, keys);
    require(is_one); /* view_check() */
    return true;
}

size_t page_first(const struct view_question *question) {
    struct page_keys keys;
    require(strcmp(page_kinds(question->view), "n") == 0);
    bool is_behind = page_after(question, &keys) && keys.list[0].number >= 0;
    return is_behind ? (size_t)keys.list[0].number + 1 : 0;
}

size_t page_limit(const struct view_question *question, size_t max) {
    require(max > 0);
    size_t limit = view_value(question, "limit").length ? view_number(question, "limit") : max;
    return limit < max ? limit : max;
}

void page_bind(const struct view_question *question, size_t max, struct store_query *query) {
    const char *kinds = page_kinds(question->view);
    struct page_keys keys;
    require(kinds);
    store_bind_int(query, FIRST_KEY - 1, (int64_t)page_limit(question, max) + 1);
    if (!page_after(question, &keys)) {
        return; /* they are NULL */
    }
    for (int i = 0; kinds[i]; i++) {
        if (kinds[i] == 'n') {
            store_bind_int(query, FIRST_KEY + i, keys.list[i].number);
        } else {
            store_bind_string(query, FIRST_KEY + i, keys.list[i].text);
        }
    }
}

const char *page_cursor(const struct view_question *question, const struct page_keys *keys) {
    const char *kinds = page_kinds(question->view);
    struct buf list;
    struct json_out out;
    char number[24];
    buf_init(&list, CURSOR_MAX);
    json_start(&out, &list);
    json_open_array(&out, NULL);
    json_put_string(&out, NULL, question->view->name);
    for (size_t i = 0; kinds[i]; i++) {
        snprintf(number, sizeof(number), "%" PRId64, kinds[i] == 'n' ? keys->list[i].number : 0);
        json_put_string(&out, NULL, kinds[i] == 'n' ? number : keys->list[i].text);
    }
    json_close_array(&out);
    require(!buf_failed(&list));
    char *cursor = arena_alloc(question->arena, BASE64_SIZE(list.length));
    base64url_print(list.at, list.length, cursor);
    buf_release(&list);
    return cursor;
}

void page_tell(const struct view_question *question, const char *next) {
    if (question->page) {
        question->page->next = next;
    }
}

void page_put(const struct view_question *question, const char *next, struct json_out *out) {
    json_put_bool(out, "more", next != NULL);
    json_put_string(out, "next", next);
    page_tell(question, next);
}

void page_print(const struct view_question *question, const char *next, struct buf *out) {
    if (next) {
        buf_printf(
            out, language_pick(question->language, "……还有更多：--after %s\n", "... and more: --after %s\n"),
            next);
    }
    page_tell(question, next);
}

struct text page_without_last_line(struct text page) {
    size_t length = page.length ? page.length - 1 : 0;
    while (length && page.at[length - 1] != '\n') {
        length--;
    }
    return (struct text){ page.at, length };
}
