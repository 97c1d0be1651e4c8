/*
 * seen.h - was this id here before? 去重
 *
 * The key is (party, family, id). Kept as long as the journal in bounded memory: a table on disk (DIR/seen.db, derived,
 * never synced for an answer) holds all but the newest, which stand in memory until they are written in one go. It is
 * rebuilt from the journal: the table says up to which record it is complete.
 * Only what uses its id up is remembered: accepted messages, and conflicts (so that a conflict is recorded once).
 * Fails     a table that cannot be written is tried again each second; when the memory for the newest is used up
 *           too, seen_note() waits. A table that cannot be read ends the process (panic): guessing could let a
 *           submission happen twice.
 * Thread    the sequencer's, inside admit(); a thread of its own writes the table.
 */
#ifndef INTAKE_SEEN_H
#define INTAKE_SEEN_H

#include "base/digest.h"
#include "base/status.h"
#include "journal/journal.h"
#include "journal/reader.h"

struct seen;

#define SEEN_NEWEST_MAX 8192

enum seen_answer { SEEN_NEW, SEEN_SAME, SEEN_OTHER, SEEN_CONFLICT_KNOWN };

/* Catches up with the journal first. reader is borrowed for the call, journal until seen_close(). */
enum status seen_open(const char *directory, struct journal *journal, struct reader *reader, struct seen **out);
void        seen_close(struct seen *seen);
/* number: the record that holds the id (SAME, OTHER) or that recorded this very conflict (CONFLICT_KNOWN). */
enum seen_answer seen_ask(struct seen *seen, const char *party, const char *family, const char *id,
                          const struct digest *digest, uint64_t *number);
/* What was just given a number. conflict: these bytes are in conflict with the holder of the id. */
void        seen_note(struct seen *seen, const char *party, const char *family, const char *id,
                      const struct digest *digest, uint64_t number, bool conflict);

#endif
