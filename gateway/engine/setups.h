/*
 * setups.h - set-up records 启用记录: which edition is in force from there on. Every text the gateway ever
 * judged by can be read from the journal.
 *
 * meta {"edition":"hex","texts":[{"name":…,"digest":…},…]} lists all texts of the edition; data holds
 * those that no record before held, each framed: name length u32, name, digest (32 bytes), length u64,
 * bytes (little endian). What is more than one record should hold goes ahead in records of the same
 * kind, with "more":true and without the list.
 */
#ifndef ENGINE_SETUPS_H
#define ENGINE_SETUPS_H

#include "edition/edition.h"
#include "journal/journal.h"
#include "journal/reader.h"
#include "engine/state.h"

/* Appends what is not recorded yet; nothing when this edition was the last one recorded. The state stands
 * where it stands; what is recorded above its position is looked at through the reader, as far back as a
 * start may take. placed (may be NULL) is told, as journal_append_told() says, of the record from which on
 * the edition is in force. */
enum status setups_record(struct journal *journal, struct reader *reader, struct state *state,
                          const struct edition *edition,
                          void (*placed)(const struct record *rec, void *context), void *context);
bool setups_apply(struct state *state, const struct record *rec); /* false: not a set-up's record */
/* Whether from this record on the edition of that digest is in force. */
bool setups_names(const struct record *rec, const struct digest *edition);

#endif
