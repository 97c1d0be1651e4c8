/*
 * bookings.h - what others may ask of the inspection bookings 查验预约 (inside the engine only).
 */
#ifndef ENGINE_BOOKINGS_H
#define ENGINE_BOOKINGS_H

#include "engine/part.h"
#include "engine/parts/declarations.h"

extern const struct lifecycle booking_lifecycle;

struct booking_done {
    const char *key, *site, *subject;
    const char *result; /* of the list inspection_results; "": customs has not told it */
};

/* This party's own booking of this number, whose inspection is done. What the decision itself says is not
 * looked at, here and below: who asks is neither a booking nor an event of the port. */
bool bookings_done(const struct cause *cause, const char *party, const char *own_id,
                   struct booking_done *out);
/* The one of this key: it is done. */
bool booking_of_key(const struct cause *cause, const char *key, struct booking_done *out);
/* These goods were inspected, customs found nothing by any inspection of them, and one was booked by who pays
 * under this code. */
bool bookings_clean(const struct cause *cause, const char *subject, const char *payer);

/* The sender's own declaration that this container of its message is about, where the container is of its
 * goods. */
bool bookings_own_container(struct cause *cause, const char *container, struct declaration *out);

/* Between its own files: the containers that a message names, as JSON; what the port and customs tell. */
const char *booking_containers_named(const struct cause *cause);
void booking_decide_event(struct cause *cause);
void booking_enrich_result(struct cause *cause);
void booking_decide_result(struct cause *cause);

#endif
