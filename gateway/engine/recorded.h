/*
 * recorded.h - the decisions that stand in the journal already, in the order of their causes.
 *
 * A decision stands behind its cause, with other records between. Applying goes by causes, so a second reader
 * runs ahead for the decisions: one walk over the journal, the same for catching up after a crash and for a
 * rebuild.
 */
#ifndef ENGINE_RECORDED_H
#define ENGINE_RECORDED_H

#include "journal/reader.h"
#include "engine/decision.h"

struct recorded;

/* Takes the reader. Looks at records `first` to `last`. */
enum status recorded_new(struct reader *reader, uint64_t first, uint64_t last, struct recorded **out);
void recorded_free(struct recorded *recorded);
/* True: this cause's decision is recorded; it and its record's number and stamp stay valid until the next
 * call. False: it is not, or *status says why it cannot be read. */
bool recorded_take(struct recorded *recorded, uint64_t cause, const struct decision **decision,
                   uint64_t *number, stamp *at, enum status *status);

#endif
