/*
 * gauges.h - how many deliveries are open at each destination, and how old the oldest is, for monitors:
 * counted in state.db, so that a restart forgets none of it.
 */
#ifndef VIEW_GAUGES_H
#define VIEW_GAUGES_H

#include "base/buf.h"
#include "base/stamp.h"
#include "base/status.h"
#include "engine/state.h"

/* In Prometheus' exposition format, a row for each destination and state that has some:
 *   clearway_deliveries_open{party="CUS-QD",state="waiting"} 12
 *   clearway_deliveries_oldest_seconds{party="CUS-QD",state="waiting"} 340 */
enum status gauges_print(struct state *state, stamp now, struct buf *out);

#endif
