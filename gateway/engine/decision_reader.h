/*
 * decision_reader.h - the decisions that stand in the journal already, in the order of their causes.
 *
 * A decision stands behind its cause, with other records between. Applying goes by causes, so a second reader
 * runs ahead for the decisions: one walk over the journal, the same for catching up after a crash and for a
 * rebuild.
 */
#ifndef ENGINE_DECISION_READER_H
#define ENGINE_DECISION_READER_H

#include "journal/reader.h"
#include "engine/decision.h"

struct decision_reader;

/* Takes the reader. Looks at records `first` to `last`. */
enum status decision_reader_new(struct reader *reader, uint64_t first, uint64_t last,
                                struct decision_reader **out);
void decision_reader_free(struct decision_reader *decisions);
/* True: this cause's decision is recorded; it is read into the arena, with its record's number and stamp.
 * False: it is not, or *status says why it cannot be read. */
bool decision_reader_take(struct decision_reader *decisions, uint64_t cause, struct arena *arena,
                          struct decision *decision, uint64_t *number, stamp *at, enum status *status);

#endif
