/*
 * backlog.h - what waits for somebody: deliveries that wait, fail or are parked, causes that are held, each
 * with its reason, messages in quarantine, and answers of customs of which it cannot be told whose they are
 * (`clearway queue`).
 */
#ifndef VIEW_BACKLOG_H
#define VIEW_BACKLOG_H

#include "view/view.h"

#define BACKLOG_ROWS_MAX 1000
#define BACKLOG_KEYS     "tn" /* of a cursor, party and record: page.h */

extern const char *const backlog_states[]; /* of a delivery, and of a record set aside; NULL ends */

/* Parameters: those of a choice (choice.h).
 * held, quarantined and answers are told where nothing is chosen; `held` and `quarantined` also where the
 * choice is of such a state, and then no deliveries are. Ages are counted to `now`. Pages are of the
 * deliveries, or of such records: those behind the first tell nothing else. */
enum status backlog_json(const struct view_question *question, struct json_out *out);
extern const struct shape backlog_shape;
enum status backlog_print(const struct view_question *question, struct buf *out);

#endif
