/*
 * columns.c - widths by text_width() of what is drawn.
 */
#include "view/columns.h"

#include "base/text.h"

#define LINE_SEPARATOR      0x2028 /* ends a line for many a program that reads what is printed */
#define PARAGRAPH_SEPARATOR 0x2029

static void add_blanks(struct buf *out, size_t have, size_t width) {
    for (; have < width; have++) {
        buf_add_char(out, ' ');
    }
}

/* What is drawn instead of a character; NULL: itself. text_look() is not asked of ASCII. */
static const char *drawn(int32_t character) {
    if (character == '\t' || character == '\n' || character == '\r' || character == LINE_SEPARATOR
        || character == PARAGRAPH_SEPARATOR) {
        return " ";
    }
    bool is_control = character < 0x20 || character == 0x7F; /* malformed ones, too */
    return is_control || text_look(character) == TEXT_UNSEEN ? "\xEF\xBF\xBD" : NULL;
}

/* Adds it where out is not NULL; returns its width. */
static size_t draw(struct buf *out, struct text text) {
    size_t width = 0;
    for (const char *at = text.at, *end = at + text.length, *from = at; at < end; from = at) {
        const char *instead = drawn(text_next(&at, end));
        struct text piece = instead ? text_of(instead) : (struct text){ from, (size_t)(at - from) };
        width += text_width(piece);
        if (out) {
            buf_add_text(out, piece);
        }
    }
    return width;
}

void column_text(struct buf *out, struct text text) {
    draw(out, text);
}

size_t column_width(struct text text) {
    return draw(NULL, text);
}

void column_left(struct buf *out, const char *text, size_t width) {
    add_blanks(out, draw(out, text_of(text)), width);
    buf_add_string(out, "  ");
}

void column_right(struct buf *out, const char *text, size_t width) {
    add_blanks(out, draw(NULL, text_of(text)), width);
    draw(out, text_of(text));
    buf_add_string(out, "  ");
}

void column_end(struct buf *out) {
    while (out->length && out->at[out->length - 1] == ' ') {
        out->length--;
    }
    buf_add_char(out, '\n');
}

const char *column_moment(stamp at, char out[STAMP_TEXT_MAX]) {
    out[0] = '\0';
    if (at) {
        stamp_print(at, out);
        out[10] = ' ';
        out[16] = '\0';
    }
    return out;
}
