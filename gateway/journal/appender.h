/*
 * appender.h - appends records for the loop thread, which must not wait: what became of each is told on the
 * loop, once it is durable or never will be.
 *
 * For records that come one at a time, such as an operator's words; who has many keeps entries of their own.
 *
 * Owns      a copy of each record's meta until it was told.
 * Limits    those of the journal's queue: BUSY when that is full.
 * Thread    the loop thread.
 */
#ifndef JOURNAL_APPENDER_H
#define JOURNAL_APPENDER_H

#include "base/loop.h"
#include "journal/journal.h"

struct appender;

struct appender *appender_new(struct journal *journal, struct loop *loop);
/* Waits for what the sequencer has, which always gives it back, and tells it. Once this began the loop does
 * not run any more, unless none was left. NULL is fine. */
void appender_free(struct appender *appender);

/* Of the record kind and meta count; the meta is copied. done: with the record's number when OK, else with
 * what journal.h says of an entry's done(). Other statuses than OK: nothing was taken, and done is not
 * called: BUSY, FULL, TOO_LARGE, IO, CLOSED. */
enum status appender_append(struct appender *appender, const struct record *rec, bool reserve,
                            void (*done)(void *context, enum status status, uint64_t number), void *context);
size_t appender_count(const struct appender *appender); /* taken and not told yet */

#endif
