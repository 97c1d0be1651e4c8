/*
 * links.h - whose answer of customs it is 回执归属 (inside the engine only).
 *
 * A declaration carries its sender's own id (ClientSeqNo). The single window answers with a number of its own
 * (SeqNo 统一编号), customs later with the entry number (EntryId 海关编号); each answer names one or two of
 * the three, in any order. Only what customs says gives a number to a party; a number may then belong to
 * several declarations of that party: one declared twice, an amendment, the complete declaration of a
 * summary. A number that customs gave to two parties finds nobody's.
 *
 * The own id is chosen by its sender, so that anybody may choose another's. It proves whose an answer is
 * where its beginning is registered to a party (party.h, ids). Else an answer whose numbers are not linked
 * yet counts for a declaration only when that is the one earlier declaration with that id, has no other
 * SeqNo, is not ended, and was routed to the customs that answers. All other answers wait: until their
 * numbers are linked, until the owner of a registered id declares, or until an operator says whose they are.
 */
#ifndef ENGINE_LINKS_H
#define ENGINE_LINKS_H

#include "engine/parts/declarations.h"
#include "engine/parts/milestones.h"
#include "engine/part.h"

#define LINKED_MAX 64 /* declarations of one number; a later one gets none */

struct answer {
    uint64_t record;
    const char *customs;              /* who answers */
    const char *own_id, *seq, *entry; /* what it names; "" */
    const char *event;                /* of the declaration's life cycle */
    const char *route;                /* that would take it to its submitter; "" */
    stamp at;
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t told_count;
};

/* A declaration came in; its own moves are in the decision. It may claim answers that wait, and join a
   number. */
void links_declared(const struct cause *cause, struct state *state, struct decision *decision,
                    const struct declaration *declaration);
/* The declarations of this number ("seq" or "entry"), the newest first; 0: nobody's, or two parties'. */
size_t links_find(const struct cause *cause, struct state *state, const char *kind, const char *value,
                  struct declaration found[LINKED_MAX]);

/* How many answers wait for whom they are; *oldest: when the first of them was recorded, 0 when none. */
int64_t links_waiting(struct state *state, stamp *oldest);
/* Of those recorded behind record `after`, and not later than `by`: the oldest ones. */
size_t links_overdue(struct state *state, uint64_t after, stamp by, uint64_t *records, size_t max);

#endif
