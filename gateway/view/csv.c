/*
 * csv.c - quotes only where RFC 4180 asks for them, so that most tables stay readable to people.
 */
#include "view/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

void csv_start(struct csv_out *out, struct buf *buf, enum csv_reader reader) {
    *out = (struct csv_out){ .buf = buf, .reader = reader, .start = buf->length, .is_ascii = true };
}

/* "-12.50", "+8", "1e-7" */
static bool is_number(const char *field) {
    char *end;
    (void)strtod(field, &end);
    return *field != '\t' && end > field && *end == '\0'
           && !strpbrk(field, "xXnNiI"); /* neither hexadecimal, nor words */
}

static bool is_formula(const char *field) {
    return *field && strchr("=+-@\t\r\n", *field) && !is_number(field);
}

static void separate(struct csv_out *out) {
    if (out->comma) {
        buf_add_char(out->buf, ',');
    }
    out->comma = true;
}

void csv_put(struct csv_out *out, const char *field) {
    separate(out);
    for (const char *at = field; at && *at && out->is_ascii; at++) {
        out->is_ascii = (unsigned char)*at < 0x80;
    }
    const char *mark = field && out->reader == CSV_FOR_SPREADSHEETS && is_formula(field) ? "'" : "";
    if (!field || !strpbrk(field, ",\"\r\n")) {
        buf_printf(out->buf, "%s%s", mark, field ? field : "");
        return;
    }
    buf_printf(out->buf, "\"%s", mark);
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

void csv_end(struct csv_out *out) {
    static const char mark[] = "\xEF\xBB\xBF";
    size_t length = sizeof(mark) - 1, rows = out->buf->length - out->start;
    require(out->reader == CSV_FOR_SPREADSHEETS);
    if (out->is_ascii) {
        return;
    }
    buf_add_string(out->buf, mark);
    if (!buf_failed(out->buf)) {
        memmove(out->buf->at + out->start + length, out->buf->at + out->start, rows);
        memcpy(out->buf->at + out->start, mark, length);
    }
}
