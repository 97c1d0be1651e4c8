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

/* {"query","consignments":[{"subject","port","bill","direction","state","containers":[…],
 * "declarations":[{…,"state","entry_number"}],"bookings":[…],
 * "milestones":[{"code","zh","en","first","last","record"}],"planned":[{"code","at","record"}],
 * "timeline":[{"record","recorded","at","family","party","what_zh","what_en","state","taken_back_by"}]}]}
 * planned: when a milestone is planned or expected, as the port told it last (`planned` in schemas/segments).
 * taken_back_by: only where a later telling corrected or withdrew what the line says. */
enum status tracking_json(const struct view_question *question, struct json_out *out);
/* The same for a terminal. */
enum status tracking_print(const struct view_question *question, struct buf *out);

#endif
