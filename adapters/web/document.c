/*
 * document.c - the file that build.mjs made of the question (document.html), with language and answer in the
 * places that it keeps for them.
 */
#include "adapters/web/document.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "adapters/web/assets.h"
#include "adapters/web/page.h"

/* "report-0123456789ab.html" */
static const struct web_asset *find(const struct view *view) {
    size_t length = strlen(view->name);
    for (size_t i = 0; i < web_assets_count; i++) {
        const char *name = web_assets[i].name, *end = strrchr(name, '.');
        if (strncmp(name, view->name, length) == 0 && name[length] == '-' && strcmp(end, ".html") == 0) {
            return &web_assets[i];
        }
    }
    return NULL;
}

bool document_is_of(const struct view *view) {
    return find(view) != NULL;
}

/* Adds what stands before the mark, and leaves what stands behind it. */
static void add_until(struct buf *out, struct text *rest, const char *mark) {
    const char *at = memmem(rest->at, rest->length, mark, strlen(mark));
    require(at);
    size_t before = (size_t)(at - rest->at);
    buf_add_text(out, (struct text){ rest->at, before });
    *rest = (struct text){ at + strlen(mark), rest->length - before - strlen(mark) };
}

/* In a script element a text may hold anything but what ends it, or begins a comment: of JSON, where < stands
 * in strings alone, any < is written as its escape. */
static void add_json(struct buf *out, struct text json) {
    while (json.length) {
        const char *at = memchr(json.at, '<', json.length);
        size_t before = at ? (size_t)(at - json.at) : json.length;
        buf_add_text(out, (struct text){ json.at, before });
        buf_add_string(out, at ? "\\u003c" : "");
        json = (struct text){ json.at + before + (at ? 1 : 0), json.length - before - (at ? 1 : 0) };
    }
}

void document_write(const struct view *view, struct text json, stamp at, enum language language,
                    struct buf *out) {
    const struct web_asset *asset = find(view);
    char text[STAMP_TEXT_MAX];
    struct buf page;
    require(asset);
    buf_init(&page, PAGE_FILE_MAX);
    page_file(asset, &page);
    struct text rest = buf_text(&page);
    add_until(out, &rest, "LANGUAGE");
    buf_add_string(out, language_pick(language, "zh", "en"));
    add_until(out, &rest, "ANSWER");
    buf_printf(out, "{\"at\":\"%s\",\"answer\":", stamp_print(at, text));
    add_json(out, json);
    buf_add_char(out, '}');
    buf_add_text(out, rest);
    buf_release(&page);
}
