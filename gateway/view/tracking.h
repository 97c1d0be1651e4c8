/*
 * tracking.h - where a consignment 票货 stands, as the asking party may see it.
 *
 * Asked by bill of lading, declaration (own id, SeqNo or entry number), container, or booking. Of a
 * consignment a party sees only what it sent or was sent; the role `office` and an operator on the machine
 * (viewer NULL) see all. "Not yours" and "not there" answer alike: NOT_FOUND, by the same path. Code lists of
 * the edition name events, its segments milestones.
 */
#ifndef VIEW_TRACKING_H
#define VIEW_TRACKING_H

#include "view/view.h"

/* planned: when a milestone is planned or expected, as the port told it last (`planned` in schemas/segments),
 * or as an inspection is booked. */
enum status tracking_json(const struct view_question *question, struct json_out *out);
extern const struct shape tracking_shape;
/* The same for a terminal. */
enum status tracking_print(const struct view_question *question, struct buf *out);

#endif
