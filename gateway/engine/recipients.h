/*
 * recipients.h - who is to have a record, by the decision itself and not by what state.db says of it.
 *
 * A row of state.db is derived: a bit that flipped in it must send nothing to another party, nor show it
 * anything. So before bytes leave the house, or are shown to whom they were sent, the decision that the row
 * names is read from the journal, and must say the same.
 *
 * A decision mostly goes to several destinations, within a moment of each other: what the last ones say stays
 * in memory, at most 4 MiB of it. What the engine decided a moment ago is remembered without being read
 * (recipients_remember()): that is durable, and has not been through state.db.
 * Thread    one at a time.
 */
#ifndef ENGINE_RECIPIENTS_H
#define ENGINE_RECIPIENTS_H

#include <stdint.h>

#include "base/status.h"
#include "journal/reader.h"
#include "engine/decision.h"

/* One delivery, as a row of state.db tells it. route, subject, way, file: NULL when the asker makes no use of
 * it. */
struct recipient {
    uint64_t decision, record;
    const char *party, *route, *subject, *way, *file;
};

/* What one decision says of its recipients, in one piece of memory. */
struct recipient_list {
    uint64_t number;
    size_t size;
    struct decision decision; /* subject and destinations alone */
};

struct recipient_list *recipient_list_new(uint64_t number, const struct decision *decision);
void recipient_list_free(struct recipient_list *list); /* NULL is fine */

struct recipients;

struct recipients *recipients_new(struct reader *reader); /* borrows it */
void recipients_free(struct recipients *recipients);
void recipients_remember(struct recipients *recipients, struct recipient_list *list); /* takes it */
/* OK: the decision says so. CONFLICT: it does not, or what the row names is no decision: the row is wrong.
 * DAMAGED, IO, FULL: the journal cannot be read there, which says nothing of the row. */
enum status recipients_confirm(struct recipients *recipients, const struct recipient *row);

#endif
