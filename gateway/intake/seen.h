/*
 * seen.h - was this id here before? 去重
 *
 * The key is (party, family, id). What is known is a function of the journal alone, record by record:
 *   a message accepted         holds its id; its bytes, when they come again, get its receipt
 *   a message in conflict      with the holder of its id: these bytes get its receipt as long as that holds
 *                              the id
 *   a decision that refuses    the record it is about, so that this holds its id no longer: other bytes are
 *                              new. Its own bytes still get its receipt, until their sender wants them
 *                              decided again
 * What the check refused was never here. A cause that is held keeps its id. Where a channel names each
 * handing-over (envelope.h, `origin`: an offset in a topic), that is remembered as well, whatever the
 * verdict: what comes from there again gets its first receipt, and other bytes from there say that the
 * channel is not what it was.
 * The same functions (sightings.h) take a record in whether it has just got its place, is read again at a
 * start, or while the table is made anew: so all three know the same.
 *
 * Kept as long as the journal in bounded memory: a table on disk (seen_table.h) holds all but the newest,
 * which stand in memory until they are written in one go. The table says up to which record it is complete;
 * the journal has the rest. What never was here is mostly told without the table, by a filter in memory
 * (seen_filter.h: up to SEEN_FILTER_BYTES_MAX, made again while it runs after each start).
 * Fails     never by guessing. While the table cannot be asked (it is damaged and made again, it is behind
 *           the journal, its disk takes nothing and the memory for the newest is used up), seen_ask() says
 *           so, and the sender hears to come again. That ends by itself. Who cannot read the journal must not
 *           lose a good table: it stays.
 * Thread    seen_ask(), seen_note() and those of origins the sequencer's, inside admit(); a thread of its own
 *           writes, proves and remakes the table; seen_ready(), seen_is_filtered() and seen_distrust() any.
 */
#ifndef INTAKE_SEEN_H
#define INTAKE_SEEN_H

#include "base/status.h"
#include "journal/journal.h"
#include "intake/seen_id.h"

struct seen;

#define SEEN_NEWEST_MAX 8192 /* sightings in memory, and as many again on their way to the table */

/* Returns when it has caught up with the journal, or cannot: IO or DAMAGED of the journal or the disk.
 * Follows the journal from then on, which is borrowed until seen_close(). With a full disk it starts, and
 * is not ready. */
enum status seen_open(const char *directory, struct journal *journal, struct seen **out);
void seen_close(struct seen *seen);
/* number: the record that holds the id or whose receipt these bytes get (SAME), that holds the id (OTHER),
 * or that recorded this very conflict (CONFLICT_KNOWN). BUSY: it cannot be told now. */
enum status seen_ask(struct seen *seen, const struct seen_id *id, enum seen_answer *answer, uint64_t *number);
/* What was just asked about is about to become this record. conflicts: with that record; 0: it is
 * accepted. */
void seen_note(struct seen *seen, const struct seen_id *id, uint64_t number, uint64_t conflicts);

/* NEW; SAME: that record; OTHER: that record came from there, with other bytes. BUSY. */
enum status seen_ask_origin(struct seen *seen, const struct seen_origin *origin, enum seen_answer *answer,
                            uint64_t *number);
/* What was just asked about is about to become this record. */
void seen_note_origin(struct seen *seen, const struct seen_origin *origin, uint64_t number);

enum status seen_ready(const struct seen *seen); /* BUSY: seen_ask() would say so */
/* It has a filter of the whole table, and none that has learned more than it has room for: for tests. */
bool seen_is_filtered(struct seen *seen);
/* A record is not what the table says of it: it is made again from the journal. */
void seen_distrust(struct seen *seen);

#endif
