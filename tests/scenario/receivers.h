/*
 * receivers.h - the receivers of a house as its transport "loopback", between house.c and receivers.c; what
 * scenarios ask of them stands in house.h.
 */
#ifndef SCENARIO_RECEIVERS_H
#define SCENARIO_RECEIVERS_H

#include "house.h"

/* As a port's functions (deliver/port.h); the context is the house. */
void receivers_take(void *context, struct delivery *delivery);
void receivers_cancel(void *context, struct delivery *delivery);
/* Answers what slow receivers hold; party NULL: all of them. */
void receivers_answer_held(struct house *house, const char *party, enum status status);
size_t receivers_held(const struct house *house); /* deliveries held by slow ones */
_Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
