/*
 * alerts.h - early warnings 预警 (`clearway alerts`): goods that are as they are for too long, or should not
 * be so (schemas/alerts). The office sees all, customs those at the ports it serves; any other party those of
 * goods that it holds.
 */
#ifndef VIEW_ALERTS_H
#define VIEW_ALERTS_H

#include "view/rows.h"

#define ALERTS_ROWS_MAX 1000

extern const char *const alert_states[]; /* NULL ends */

/* state: one, or nothing for those that are not closed; alert: a code, or nothing.
 * Alarms first, then the longest. record: by which it is acknowledged; kind: "declaration", "container" or ""
 * of the consignment as a whole, thing: which. */
extern const struct rows alerts_rows;

#endif
