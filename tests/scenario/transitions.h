/*
 * transitions.h - for scenarios: that together they play every event, and reach every state, of every life
 * cycle.
 */
#ifndef SCENARIO_TRANSITIONS_H
#define SCENARIO_TRANSITIONS_H

#include "house.h"

/* What the house has decided, for transitions_compare(). False: the file cannot be written. */
bool transitions_write(const struct house *house, const char *file);
/* folder: what all scenarios have written. Says what is in none. Returns an exit code. */
int transitions_compare(const char *folder);

#endif
