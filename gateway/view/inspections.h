/*
 * inspections.h - the queue of inspections 查验次序公开透明 (`clearway inspections`): who waits at which
 * site, in which order, and why (engine/inspection_queue.h).
 *
 * Everybody sees every place with its reason, so that each can count who stands before him. Whose a booking
 * is and of which goods is seen by its own party, by customs that serve the port, by the yard or terminal
 * that serves the site, and by the office.
 */
#ifndef VIEW_INSPECTIONS_H
#define VIEW_INSPECTIONS_H

#include "view/view.h"

#define INSPECTIONS_ROWS_MAX 2000
#define INSPECTIONS_KEYS     "ttnnnnnn" /* of a cursor: page.h */

/* site: one, or nothing for all.
 * By site and lane, in the order of the queue. */
enum status inspections_json(const struct view_question *question, struct json_out *out);
extern const struct shape inspections_shape;
enum status inspections_print(const struct view_question *question, struct buf *out);

#endif
