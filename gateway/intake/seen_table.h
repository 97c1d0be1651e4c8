/*
 * seen_table.h - what stands on disk of the ids that were used (DIR/seen.db, derived from the journal).
 *
 * Nothing in it is believed blindly. Each row names the key that follows it in the table, and carries a
 * digest of our own over all it says: so a row proves itself, and the row before a key that is not there
 * proves that it is not (as DNSSEC proves that a name does not exist, RFC 4034 §4). A bit that flipped, a row
 * or page that is lost, shows in the very answer that it would falsify. The first row (a key of zeros) says
 * how far in the journal the table is, by number and chain, so that the table of another journal is not taken
 * for ours.
 *
 * Fails     DAMAGED: a row does not prove what was asked, or it is no such table. IO, FULL, LOCKED.
 * Thread    as a store: one at a time; several tables may be open on one file, one of them for writing.
 */
#ifndef INTAKE_SEEN_TABLE_H
#define INTAKE_SEEN_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/status.h"
#include "base/store.h"

#define SEEN_KEY_SIZE 16

struct seen_key {
    uint8_t bytes[SEEN_KEY_SIZE];
};

/* What stands under a key: a record, the digest of its bytes, and, where a conflict is meant, the record
 * it is with. */
struct sighting {
    struct seen_key key;
    uint64_t number, against;
    struct digest digest;
};

struct seen_position {
    uint64_t number;
    struct digest chain;
}; /* zeros: nothing of the journal yet */

struct seen_table;

/* WRITE makes it when it is not there. DAMAGED also for a table of another format. */
enum status seen_table_open(const char *path, enum store_mode mode, struct seen_table **out);
void seen_table_close(struct seen_table *table);
enum status seen_table_position(struct seen_table *table, struct seen_position *out);
/* NOT_FOUND: it is proved not to be there. */
enum status seen_table_find(struct seen_table *table, const struct seen_key *key, struct sighting *out);
/* All of them or nothing, and the position with them. Sorts the array by key; no key twice. */
enum status seen_table_write(struct seen_table *table, const struct sighting **sightings, size_t count,
                             const struct seen_position *position);
/* Proves `rows` more rows from *cursor on, which begins as zeros and is moved on. NOT_FOUND: that was the
 * last, and the cursor begins anew. found(), where it is given, is told each key that was proved to stand
 * there. */
enum status seen_table_prove(struct seen_table *table, struct seen_key *cursor, size_t rows,
                             void (*found)(const struct seen_key *key, void *context), void *context);

/* While nobody writes, one snapshot serves many questions; it keeps the write-ahead log from being
 * emptied. */
enum status seen_table_hold(struct seen_table *table);
void seen_table_let_go(struct seen_table *table);

#endif
