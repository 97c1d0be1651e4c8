/*
 * columns.c - widths by text_width().
 */
#include "view/columns.h"

static void add_blanks(struct buf *out, const char *text, size_t width) {
    for (size_t have = text_width(text_of(text)); have < width; have++) {
        buf_add_char(out, ' ');
    }
}

void column_left(struct buf *out, const char *text, size_t width) {
    buf_add_string(out, text);
    add_blanks(out, text, width);
    buf_add_string(out, "  ");
}

void column_right(struct buf *out, const char *text, size_t width) {
    add_blanks(out, text, width);
    buf_add_string(out, text);
    buf_add_string(out, "  ");
}

void column_end(struct buf *out) {
    while (out->length && out->at[out->length - 1] == ' ') {
        out->length--;
    }
    buf_add_char(out, '\n');
}
