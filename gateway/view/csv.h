/*
 * csv.h - tables for other programs (RFC 4180): a head, commas, lines that end with CR LF; a field that needs
 * it stands in quotes.
 *
 * Some of what stands in a table was written by others, and a spreadsheet takes a field that begins with
 * `=`, `+`, `-`, `@` or a tab for a formula, which may call programs or send the table elsewhere
 * (CWE-1236, OWASP ASVS 1.2.10). Of tables that people open so, a field like that which is no number gets
 * a ' before it, and is shown as it is; RFC 4180 knows of no such thing, so tables for databases are not
 * changed.
 */
#ifndef VIEW_CSV_H
#define VIEW_CSV_H

#include "base/buf.h"

enum csv_reader {
    CSV_FOR_DATABASES,
    CSV_FOR_SPREADSHEETS,
};

struct csv_out {
    struct buf *buf;
    enum csv_reader reader;
    bool comma;
};

void csv_start(struct csv_out *out, struct buf *buf, enum csv_reader reader);
void csv_put(struct csv_out *out, const char *field); /* NULL, "": an empty field */
void csv_put_count(struct csv_out *out, size_t count);
void csv_end_row(struct csv_out *out);

#endif
