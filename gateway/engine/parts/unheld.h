/*
 * unheld.h - what was told of consignments 票货 before anybody held them, for who will (inside the engine
 * only).
 *
 * What customs accepts is heard: the party that holds a consignment gets what is remembered for it. Of what
 * concerns several, only who holds all of them.
 */
#ifndef ENGINE_UNHELD_H
#define ENGINE_UNHELD_H

#include "engine/part.h"

/* The record is for who will hold all of them, by that route ("": for nobody). */
void unheld_remember(struct cause *cause, const char *const *subjects, size_t count, const char *direction,
                     uint64_t record, const char *route);
/* To the party, which holds the subject: what is remembered for it. */
void unheld_hand_over(struct cause *cause, const char *subject, const char *direction, const char *party);

#endif
