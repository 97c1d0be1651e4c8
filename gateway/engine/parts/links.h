/*
 * links.h - the numbers that customs gives, and the declarations they belong to (inside the engine only).
 *
 * A declaration carries its sender's own id (ClientSeqNo). The single window answers with a number of its own
 * (SeqNo 统一编号, kind "seq"), customs later with the entry number (EntryId 海关编号, kind "entry"). Only
 * what customs says gives a number to a party; a number may then belong to several declarations of that
 * party: one declared twice, an amendment, the complete declaration of a summary. A number that customs gave
 * to two parties is contested, and finds nobody's.
 *
 * A declaration that names a number itself joins it, whether it comes before the number is given or after.
 * Moves that others hear: "link", a number and a declaration that belong together from now on
 * (link_is_made()).
 */
#ifndef ENGINE_LINKS_H
#define ENGINE_LINKS_H

#include "engine/part.h"
#include "engine/parts/declarations.h"

#define LINKED_MAX 64 /* declarations of one number; a later one gets none */

struct customs_number {
    const char *kind, *value; /* value "": none */
};

/* The declarations of this number, the newest first; 0: nobody's, or two parties'. */
size_t links_find(struct cause *cause, const char *kind, const char *value,
                  struct declaration found[LINKED_MAX]);
/* The SeqNo, the entry number that customs gave this declaration last; "" when none. */
const char *links_seq_of(const struct cause *cause, const char *declaration);
const char *links_entry_of(const struct cause *cause, const char *declaration);
bool links_are_contested(const struct cause *cause, const char *kind, const char *value); /* before */

/* Customs says so, of that moment; 0: the declaration itself says so. */
void links_add(struct cause *cause, const char *kind, const char *value, stamp at,
               const struct declaration *declaration);
/* Two parties have it: the record says so. */
void links_contest(struct cause *cause, const char *kind, const char *value, stamp at, uint64_t record);
/* Whether a move that is heard is such a link. */
bool link_is_made(const struct move *move, struct customs_number *number);

/* The same within a statement: whether customs gave this party one of these numbers. Parameter, columns. */
#define LINKS_OF_PARTY(party, seq, entry)                                                             \
    "EXISTS (SELECT 1 FROM links l WHERE l.party = " party " AND ((l.kind = 'seq' AND l.value = " seq \
    ") OR (l.kind = 'entry' AND l.value = " entry ")))"

#endif
