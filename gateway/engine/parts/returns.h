/*
 * returns.h - what others may ask of goods that come back 跨境电商退货 (inside the engine only). The key of
 * an application is SHOP/NUMBER.
 */
#ifndef ENGINE_RETURNS_H
#define ENGINE_RETURNS_H

#include "engine/part.h"

struct application {
    const char *key, *party, *state;
    stamp round_at; /* what customs said before is of a round that is over; 0: the first */
};

/* The one that stands for goods that come back under this waybill (CARRIER/NUMBER), by its sender's
 * number. */
bool application_of_waybill(const struct cause *cause, const char *waybill, const char *own_no,
                            struct application *out);
bool application_is_made(const struct move *move); /* a move that is heard: also one that is changed */

#endif
