/*
 * csv.c - quotes only where RFC 4180 asks for them, so that most tables stay readable to people.
 */
#include "view/csv.h"

#include <string.h>

void csv_start(struct csv_out *out, struct buf *buf) {
    *out = (struct csv_out){ buf, false };
}

static void separate(struct csv_out *out) {
    if (out->comma) {
        buf_add_char(out->buf, ',');
    }
    out->comma = true;
}

void csv_put(struct csv_out *out, const char *field) {
    separate(out);
    if (!field || !strpbrk(field, ",\"\r\n")) {
        buf_add_string(out->buf, field ? field : "");
        return;
    }
    buf_add_char(out->buf, '"');
    for (; *field; field++) {
        buf_add_string(out->buf, *field == '"' ? "\"" : "");
        buf_add_char(out->buf, *field);
    }
    buf_add_char(out->buf, '"');
}

void csv_put_count(struct csv_out *out, size_t count) {
    separate(out);
    buf_printf(out->buf, "%zu", count);
}

void csv_end_row(struct csv_out *out) {
    buf_add_string(out->buf, "\r\n");
    out->comma = false;
}
