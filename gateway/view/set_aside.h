/*
 * set_aside.h - records that wait for an operator: held causes (engine/parts/held.h) and messages in
 * quarantine (engine/parts/quarantine.h), as far as a choice means them; what `clearway queue` lists, and
 * what an operator releases or drops many at once.
 *
 * Of a choice (choice.h) counts its sender, reason (of a message in quarantine: SET_ASIDE_UNROUTED), family,
 * goods, and since when they wait. None of them waits for a destination: a choice that names one means none.
 */
#ifndef VIEW_SET_ASIDE_H
#define VIEW_SET_ASIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/store.h"
#include "engine/state.h"
#include "view/choice.h"

#define SET_ASIDE_HELD        "held"
#define SET_ASIDE_QUARANTINED "quarantined"
#define SET_ASIDE_UNROUTED    "unrouted" /* why a message is in quarantine */

/* Whether the choice is of records of such a state, not of deliveries. */
bool set_aside_is_meant(const struct choice *choice);

/* Queries to be stepped through, and reset; `state` is one of the two above, whatever that of the choice is.
 * record, kind, what, party, family, id, since, reason, in the order of the journal. */
struct store_query *set_aside_rows(const struct view_question *question, const char *of_state,
                                   const struct choice *choice);
/* party, reason, family, n, of each such group. */
struct store_query *set_aside_groups(struct state *state, const char *of_state, const struct choice *choice);
/* record, of those behind this one; for who goes through all of them while they change under him. */
struct store_query *set_aside_behind(struct state *state, const char *of_state, const struct choice *choice,
                                     uint64_t record, int64_t limit);

#endif
