/*
 * loopback.h - the transport that goes nowhere: every delivery is acknowledged within the process. For
 * benches and tests; a party takes it with `deliver: { transport: loopback, to: accept }`. Addresses:
 * "accept" and whatever is unknown acknowledge, "refuse" refuses (parked), "absent" cannot be reached
 * (retried).
 * Thread    the loop thread.
 */
#ifndef ADAPTERS_LOOPBACK_H
#define ADAPTERS_LOOPBACK_H

#include "deliver/port.h"

struct loopback;

struct loopback *loopback_new(void);
void loopback_free(struct loopback *loopback);
const struct port *loopback_port(const struct loopback *loopback);

#endif
