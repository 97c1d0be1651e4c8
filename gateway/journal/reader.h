/*
 * reader.h - reading records in order or by number, never past the durable mark.
 *
 * Two ways to open: beside the running journal of this process, or on a directory offline
 * (`journal cat`, `verify`, `replay`), where the end of the good records is the mark.
 * A reader holds one segment mapped or buffered; its memory does not grow with the journal.
 * Finding a number uses a derived index file per segment (NNNNNNNNNN.idx), made again when missing or short.
 * Thread    one at a time; any number of readers.
 */
#ifndef JOURNAL_READER_H
#define JOURNAL_READER_H

#include "base/arena.h"
#include "base/status.h"
#include "journal/journal.h"
#include "journal/record.h"

struct reader;

struct reader *reader_new(struct journal *journal);
enum status    reader_open(const char *directory, struct reader **out);   /* offline; takes no lock, changes nothing */
void           reader_free(struct reader *reader);

enum status reader_seek(struct reader *reader, uint64_t number);   /* the next record read is this one; NOT_FOUND beyond mark + 1 */
/* The next record; its texts are borrowed until the next call. NOT_FOUND at the mark, DAMAGED, IO. */
enum status reader_next(struct reader *reader, struct record *rec);
/* One record by number, texts copied into the arena. */
enum status reader_get(struct reader *reader, uint64_t number, struct arena *arena, struct record *rec);
uint64_t    reader_last(struct reader *reader);                    /* number of the last record it may read */
/* Where the last record read stands: for messages about damage. */
const char *reader_where(const struct reader *reader, uint64_t *offset);

#endif
