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
/* A definition of the clearance times 统计口径: schemas/segments as it was from a record on. They are
 * numbered from 1, and one that comes back counts anew: so the last one not behind a record is that in force
 * there. */
#define SETUPS_DEFINITION "segments"

struct definition {
    uint64_t number, record; /* 0, 0: none was recorded */
    struct digest digest;
};

bool definition_numbered(struct state *state, uint64_t number, struct definition *out); /* false: no such */
/* That in force at the record; record 0: the last of all. False: none was. */
bool definition_at(struct state *state, uint64_t record, struct definition *out);
/* The bytes of a text the gateway once judged by, in the arena. NOT_FOUND: no record says where it is;
 * DAMAGED: the record that should hold it does not; and as reader_get(). */
enum status setups_text(struct state *state, struct reader *reader, const struct digest *digest,
                        struct arena *arena, struct text *out);
/* Whether from this record on the edition of that digest is in force. */
bool setups_names(const struct record *rec, const struct digest *edition);

#endif
