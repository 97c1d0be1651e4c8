/*
 * segregation.h - what dangerous goods may not travel together 危险货物隔离, by the lists of schemas: pairs
 * of classes and of segregation groups (dg_segregated: never in one container; dg_kept_away: somebody looks
 * at it first), and which groups a UN number belongs to (inside the engine only).
 *
 * Owns nothing: all of it is in the arena of the cause, as of the day of the cause. A list that is not there
 * says nothing. Cannot fail. Of lists that are too long (edition/pairs.h) what has no room is not left out:
 * any two goods are looked at.
 */
#ifndef ENGINE_SEGREGATION_H
#define ENGINE_SEGREGATION_H

#include "engine/part.h"

struct segregation;

enum apartness { APART_NOT, APART_AWAY, APART_ALWAYS };

const struct segregation *segregation_of(const struct cause *cause);
/* The class and the groups of goods, as a bit each; 0: no list keeps them from anything. */
uint64_t segregation_labels(const struct segregation *segregation, const char *un_number, const char *class);
enum apartness segregation_between(const struct segregation *segregation, uint64_t labels, uint64_t others);

#endif
