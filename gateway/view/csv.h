/*
 * csv.h - tables for other programs (RFC 4180): a head, commas, lines that end with CR LF; a field that needs
 * it stands in quotes.
 */
#ifndef VIEW_CSV_H
#define VIEW_CSV_H

#include "base/buf.h"

struct csv_out {
    struct buf *buf;
    bool comma;
};

void csv_start(struct csv_out *out, struct buf *buf);
void csv_put(struct csv_out *out, const char *field); /* NULL, "": an empty field */
void csv_put_count(struct csv_out *out, size_t count);
void csv_end_row(struct csv_out *out);

#endif
