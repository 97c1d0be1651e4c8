/*
 * columns.h - tables on a terminal, where a Chinese character takes two columns.
 */
#ifndef VIEW_COLUMNS_H
#define VIEW_COLUMNS_H

#include "base/buf.h"
#include "base/stamp.h"

/* The text as it may stand in a line: what others wrote is no command to a terminal and ends no row. White
 * space is a blank; what is not seen, U+FFFD. */
void column_text(struct buf *out, struct text text);
size_t column_width(struct text text); /* of what that draws */
/* text and blanks up to `width` columns, and two behind; what is longer stands as it is, and two behind. */
void column_left(struct buf *out, const char *text, size_t width);
/* blanks up to `width` columns before the text, two behind. */
void column_right(struct buf *out, const char *text, size_t width);
/* A moment to the minute, "2026-10-13 09:00"; "" for none. Returns out. */
const char *column_moment(stamp at, char out[STAMP_TEXT_MAX]);
/* Ends a line: the blanks behind its last text are taken away. */
void column_end(struct buf *out);

#endif
