/*
 * backlog.h - what waits for somebody: deliveries that wait, fail or are parked, causes that are held, each
 * with its reason, and answers of customs of which it cannot be told whose they are (`clearway queue`).
 */
#ifndef VIEW_BACKLOG_H
#define VIEW_BACKLOG_H

#include "base/json.h"
#include "base/stamp.h"
#include "base/status.h"
#include "engine/state.h"

#define BACKLOG_ROWS_MAX 1000

/* state: "waiting", "parked", "delivered", "dropped", "kept" or "" for waiting and parked. party "" for all.
 * {"totals":[{"party","state","n","oldest"}],
 * "deliveries":[{"id","record","party","subject","family","route","state","attempts","reason",
 *   "words","zh","en","next"}],
 * "more":true|false,
 * "held":[{"record","kind","what","party","family","id","since","reason","zh","en"}],
 * "answers":[{"record","customs","id","seq_no","entry_number","event","since","age_s"}]}
 * kind: of the record; what: of a tick, its timer. Held causes are told where no state is asked for,
 * answers where no party is, either. now: what their age is counted to. */
enum status backlog_json(struct state *state, struct text party, struct text delivery_state, stamp now,
                         struct json_out *out);
enum status backlog_print(struct state *state, struct text party, struct text delivery_state,
                          enum language language, stamp now, struct buf *out);

#endif
