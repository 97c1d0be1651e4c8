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
 * {"inspections":[{"site","lane","position","state","state_zh","state_en","slot_start","slot_end","mode",
 *   "mode_zh","mode_en","attendance","attendance_zh","attendance_en","priority","priority_zh","priority_en",
 *   "cut_off","booked_at","waited_at","because","because_zh","because_en","booking","party","subject",
 *   "record"}],"more":true|false}
 * By site and lane, in the order of the queue. position: 0 of those whose turn has come. because: why the one
 * before it does come before it, "" of the first. booking, party, subject: "" where the viewer may not see
 * them, and record 0: that of the message by which it is booked as it stands. waited_at: from when on it
 * comes first of all. */
enum status inspections_json(const struct view_question *question, struct json_out *out);
enum status inspections_print(const struct view_question *question, struct buf *out);

#endif
