/*
 * reader.h - reading records in order or by number, never past the durable mark.
 *
 * Two ways to open: beside the running journal of this process, or on a directory offline (`journal cat`,
 * `replay`), where the end of the good records is the mark; while a gateway runs on it the last of them may
 * not be durable yet, so nothing that leaves the house may rest on an offline reader. A reader holds two
 * blocks of segments, one for reading on and one for picking; its memory does not grow with the journal.
 * Finding a number uses a derived index file per segment (index.h), made again when missing or wrong. A
 * damaged record is told, by number and place, and hides nothing behind it: seek to the next number and go
 * on.
 * Checks    length, checksum and number of every record; the chain is journal_verify()'s.
 * Thread    one at a time; any number of readers. One beside a journal is freed before that is closed.
 */
#ifndef JOURNAL_READER_H
#define JOURNAL_READER_H

#include "base/arena.h"
#include "base/status.h"
#include "journal/journal.h"
#include "journal/record.h"

struct reader;

struct reader *reader_new(struct journal *journal);
enum status reader_open(const char *directory, struct reader **out); /* offline; no lock, only reads */
void reader_free(struct reader *reader);

/* The next record read is this one. NOT_FOUND beyond mark + 1. */
enum status reader_seek(struct reader *reader, uint64_t number);
/* The next record; its texts are borrowed until the next call. NOT_FOUND at the mark, DAMAGED, IO. */
enum status reader_next(struct reader *reader, struct record *rec);
/* One record by number; its texts are borrowed until the next pick or get.
 * NOT_FOUND beyond the mark, DAMAGED, IO. */
enum status reader_pick(struct reader *reader, uint64_t number, struct record *rec);
/* The same, texts copied into the arena. */
enum status reader_get(struct reader *reader, uint64_t number, struct arena *arena, struct record *rec);
const char *reader_journal_name(const struct reader *reader); /* "": a directory without a segment */
uint64_t reader_last(struct reader *reader);                  /* number of the last record it may read */
/* Where the last record read, or the damage met, stands: "journal/0000000007.seg", borrowed until the next
   call. */
const char *reader_where(struct reader *reader, uint64_t *offset);

#endif
