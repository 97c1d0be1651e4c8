/*
 * csv.h - tables for other programs (RFC 4180): a head, commas, lines that end with CR LF; a field that needs
 * it stands in quotes.
 *
 * Excel takes a file for one of the code page of its user (GBK in China) unless it begins with a byte order
 * mark: a table for spreadsheets with anything in it that is not ASCII does. RFC 3629 allows it; DuckDB,
 * ClickHouse, pandas and LibreOffice pass over it, and what is ASCII is the same bytes for everybody.
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
    size_t start; /* of the table in the buffer */
    bool comma, is_ascii;
};

void csv_start(struct csv_out *out, struct buf *buf, enum csv_reader reader);
void csv_put(struct csv_out *out, const char *field); /* NULL, "": an empty field */
void csv_put_count(struct csv_out *out, size_t count);
void csv_end_row(struct csv_out *out);
void csv_end(struct csv_out *out); /* of a table for spreadsheets, behind the last row */

#endif
