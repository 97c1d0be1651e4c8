/*
 * choice.h - which deliveries are meant: by state, destination, sender, reason, family, goods and time of the
 * last that was heard of them; what `clearway queue` lists, and what an operator orders about many at once.
 * The same choice says which records are meant that wait for an operator (set_aside.h).
 *
 * Only what a decision has addressed to a party is a delivery, so no choice can bring a party anything else.
 */
#ifndef VIEW_CHOICE_H
#define VIEW_CHOICE_H

#include "base/stamp.h"
#include "base/store.h"
#include "base/text.h"
#include "engine/state.h"
#include "view/view.h"

#define CHOICE_PARTY_MAX 256

struct choice {
    struct text state; /* as in the rows; empty: those that wait and those that are parked */
    struct text party, sender, reason, family, key;
    stamp since, until; /* 0: open */
};

/* The parameters of a question that has them, as they were checked. */
struct choice choice_of(const struct view_question *question);
bool choice_is_open(const struct choice *choice); /* nothing was said: all that waits for somebody */

/* The query, with what was said bound: ?1 party, ?2 reason, ?3 family, ?4 key, ?5 since, ?6 until and ?10
 * sender; "" and 0 where nothing was. */
struct store_query *choice_query(struct state *state, const struct choice *choice, const char *sql);

/* Of deliveries alone. Queries to be stepped through, and reset. party, state, reason, family, n, oldest
 * record, of each such group; reason and family are told apart only where `by_reason`. */
struct store_query *choice_groups(struct state *state, const struct choice *choice, bool by_reason);
/* record, party, subject, family, route, state, attempts, reason, next, words, updated, and the parked record
 * before it behind which it waits, or 0. */
struct store_query *choice_rows(const struct view_question *question, const struct choice *choice);

/* The next of a choice of one state, in the order of the journal; for who goes through all of them while they
 * change under him. Begins at all zero. */
struct choice_place {
    uint64_t record;
    char party[CHOICE_PARTY_MAX];
};
/* record, party. */
struct store_query *choice_behind(struct state *state, const struct choice *choice,
                                  const struct choice_place *place, int64_t limit);

#endif
