/*
 * backlog.h - deliveries that wait, fail or are parked, and causes that are held, each with its reason
 * (`clearway queue`).
 */
#ifndef VIEW_BACKLOG_H
#define VIEW_BACKLOG_H

#include "base/json.h"
#include "base/status.h"
#include "engine/state.h"

#define BACKLOG_ROWS_MAX 1000

/* state: "waiting", "parked", "delivered", "dropped", "kept" or "" for waiting and parked. party "" for all.
 * {"totals":[{"party","state","n","oldest"}],
 * "deliveries":[{"id","record","party","subject","family","route","state","attempts","reason","next"}],
 * "more":true|false,
 * "held":[{"record","kind","what","party","family","id","since","reason","zh","en"}]}
 * kind: of the record; what: of a tick, its timer. Held causes are told where no state is asked for. */
enum status backlog_json(struct state *state, struct text party, struct text delivery_state, struct json_out *out);
enum status backlog_print(struct state *state, struct text party, struct text delivery_state,
                          enum language language, struct buf *out);

#endif
