/*
 * sightings.h - what is remembered of ids, wherever it stands, and what follows from it (inside seen only).
 *
 * Four kinds of things are remembered, each under a key of its own, and each is only ever put in, so that
 * what a record says can be noted without asking what was there:
 *   by id                 the record accepted last under it, with the digest of its bytes
 *   by id and digest      the conflict of these bytes, and with which record; and the record that these bytes
 *                         had when the engine refused it, once other bytes took the id
 *   by record             that the engine refused it
 *   by origin             the record of what was handed over there, whatever the verdict
 * A holder is the record that stands under the id and is not refused. So a refusal that names an older holder
 * frees nothing newer, and the conflicts with a record end with it, without anything being taken away.
 *
 * They stand, newest first, in two generations in memory and in the table (seen_table.h).
 * Fails     as the table does.
 * Thread    whose the sightings are.
 */
#ifndef INTAKE_SIGHTINGS_H
#define INTAKE_SIGHTINGS_H

#include "base/arena.h"
#include "journal/record.h"
#include "intake/seen_filter.h"
#include "intake/seen_id.h"
#include "intake/seen_table.h"

#define GENERATION_SLOTS 16384 /* open addressing: messages fill half of it (SEEN_NEWEST_MAX), refusals ... */
#define GENERATION_MAX   (GENERATION_SLOTS - GENERATION_SLOTS / 4) /* ... go on up to here */
#define SIGHTINGS_OF_ONE 3                                         /* that one message may leave */

struct generation {
    size_t count;
    uint64_t upto;                           /* the last record noted */
    struct sighting slots[GENERATION_SLOTS]; /* number 0: empty */
};

struct generation *generation_new(void); /* given back with free() */
void generation_clear(struct generation *generation);
/* Pointers to all of them, count of them, for as long as the generation stands. Given back with free(). */
const struct sighting **generation_list(const struct generation *generation);

/* Where all of them stand, the newest first; older may be NULL. filter: of all that stands in the table;
 * NULL: there is none. */
struct sightings {
    struct generation *newest, *older;
    struct seen_table *table;
    const struct seen_filter *filter;
};

struct seen_key sightings_key(const struct seen_id *id);
struct seen_key sightings_key_of_origin(const struct seen_origin *origin);

/* key: of the id. */
enum status sightings_ask(const struct sightings *sightings, const struct seen_id *id,
                          const struct seen_key *key, enum seen_answer *answer, uint64_t *number);
/* Into the newest, which has room. conflicts: with that record; 0: it is accepted. */
enum status sightings_note(const struct sightings *sightings, const struct seen_id *id,
                           const struct seen_key *key, uint64_t number, uint64_t conflicts);
/* The same of an origin: NEW, SAME, or OTHER bytes. */
enum status sightings_ask_origin(const struct sightings *sightings, const struct seen_origin *origin,
                                 const struct seen_key *key, enum seen_answer *answer, uint64_t *number);
void sightings_note_origin(struct generation *newest, const struct seen_origin *origin,
                           const struct seen_key *key, uint64_t number);
/* What any record but a message changes: a decision that refuses does. */
void sightings_note_decision(struct generation *newest, const struct record *rec);
/* Any record of the journal, read again: the same. false: it is a message, and cannot be read. */
bool sightings_take(const struct sightings *sightings, const struct record *rec, struct arena *arena,
                    enum status *status);

#endif
