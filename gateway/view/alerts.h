/*
 * alerts.h - early warnings 预警 (`clearway alerts`): goods that are as they are for too long, or should not
 * be so (schemas/alerts). The office sees all, customs those at the ports it serves; any other party those of
 * goods that it holds.
 */
#ifndef VIEW_ALERTS_H
#define VIEW_ALERTS_H

#include "view/view.h"

#define ALERTS_ROWS_MAX 1000

extern const char *const alert_states[]; /* NULL ends */

/* state: one, or nothing for those that are not closed; alert: a code, or nothing.
 * {"alerts":[{"record","alert","zh","en","alarm","subject","kind","thing","since","opened","state",
 *   "state_zh","state_en","note","holder"}],"more":true|false}
 * Alarms first, then the longest. record: by which it is acknowledged; kind: "declaration", "container" or ""
 * of the consignment as a whole, thing: which. */
enum status alerts_json(const struct view_question *question, struct json_out *out);
enum status alerts_print(const struct view_question *question, struct buf *out);

#endif
