/*
 * loopback.h - the transport that goes nowhere: every delivery is acknowledged within the process. For
 * benches and tests; a party takes it with `deliver: { transport: loopback, to: accept }`. Addresses:
 * "accept" and whatever is unknown acknowledge, "refuse" refuses (parked), "absent" cannot be reached
 * (retried). A test may put a receiver of its own in that place, and hold what it gets.
 * Thread    the loop thread.
 */
#ifndef ADAPTERS_LOOPBACK_H
#define ADAPTERS_LOOPBACK_H

#include "deliver/port.h"

struct loopback;

/* Every delivery goes to this port from now on, which answers as deliver/port.h says; borrowed. */
void loopback_receive_by(struct loopback *loopback, const struct port *receiver);

#endif
