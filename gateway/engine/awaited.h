/*
 * awaited.h - while state.db is made anew: the rows of deliveries that were decided, and whose outcome stands
 * a little further on in the journal. They are kept until then, so that most are written once and not twice.
 *
 * Only rows that are new are kept: of a record of which nothing was decided before. A row stands here or in
 * the table, never in both.
 * Owns      the rows, at most AWAITED_MAX; all are written at the end of a transaction at the latest.
 */
#ifndef ENGINE_AWAITED_H
#define ENGINE_AWAITED_H

#include "engine/delivery.h"
#include "engine/state.h"

#define AWAITED_MAX 8192

struct awaited;

struct awaited_row {
    uint64_t record, decision;
    const char *party, *route, *subject, *family, *way, *file;
    bool kept; /* it waits for its receiver to fetch it */
    stamp at;
};

struct awaited *awaited_new(void);
void awaited_free(struct awaited *awaited); /* NULL is fine */
/* NULL: each row is written at once. */
struct awaited *state_awaited(struct state *state);

/* Copies what is new; of two of one record and party the first counts. */
void awaited_add(struct awaited *awaited, struct state *state, const struct awaited_row *row);
bool awaited_has(const struct awaited *awaited, uint64_t record, const char *party);
/* at: of the outcome's record. False: its row is in the table, or has just been written there: UPDATE it. */
bool awaited_take(struct awaited *awaited, struct state *state, const struct delivery_result *result,
                  stamp at);
void awaited_write(struct awaited *awaited, struct state *state); /* all of them */
void awaited_forget(struct awaited *awaited);                     /* of a transaction that was taken back */

#endif
