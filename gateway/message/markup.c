/* markup.c - escaping, in one pass over the characters: runs that need nothing are copied as they are. */
#include "message/markup.h"

#include <inttypes.h>
#include <stdio.h>

#define REPLACEMENT "\xEF\xBF\xBD"

static const char *escape_of(int32_t c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\t': return "&#9;"; /* as references they survive the normalisation of attributes */
    case '\n': return "&#10;";
    case '\r': return "&#13;";
    case -1:
    case 0xFFFE:
    case 0xFFFF: return REPLACEMENT;
    default: return c < 0x20 ? REPLACEMENT : NULL;
    }
}

void markup_text(struct buf *out, struct text text) {
    const char *at = text.at, *end = text.at + text.length, *run = at;
    while (at < end) {
        const char *before = at;
        const char *escape = escape_of(text_next(&at, end));
        if (escape) {
            buf_add(out, run, (size_t)(before - run));
            buf_add_string(out, escape);
            run = at;
        }
    }
    buf_add(out, run, (size_t)(end - run));
}

void markup_attribute(struct buf *out, const char *name, struct text value) {
    buf_printf(out, " %s=\"", name);
    markup_text(out, value);
    buf_add_char(out, '"');
}

void markup_element(struct buf *out, const char *name, struct text text) {
    buf_printf(out, "<%s>", name);
    markup_text(out, text);
    buf_printf(out, "</%s>", name);
}

void markup_number(struct buf *out, const char *name, uint64_t number) {
    buf_printf(out, "<%s>%" PRIu64 "</%s>", name, number, name);
}
