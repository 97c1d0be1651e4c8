/*
 * bookings.h - what others may ask of the inspection bookings 查验预约 (inside the engine only).
 */
#ifndef ENGINE_BOOKINGS_H
#define ENGINE_BOOKINGS_H

#include "engine/part.h"

struct booking_done {
    const char *key, *site, *subject;
};

/* This party's own booking of this number, whose inspection is done. What the decision itself says is not
 * looked at: who asks is neither a booking nor an event of the port. */
bool bookings_done(const struct cause *cause, const char *party, const char *own_id,
                   struct booking_done *out);

#endif
