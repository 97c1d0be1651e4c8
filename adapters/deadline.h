/*
 * deadline.h - a deadline that moves on with what is transferred, for what may honestly take long: nine
 * megabytes over a poor line. Silence is borne for a while, the grace; each byte earns the time that it takes
 * at the lowest rate, and nothing more is ever borne than the grace from now on. So who keeps to the rate
 * goes on for as long as it takes, who stands still is cut after the grace however much was sent before, and
 * who sends a byte a second hardly later.
 *
 * Pure: time is the caller's.
 */
#ifndef ADAPTERS_DEADLINE_H
#define ADAPTERS_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

struct deadline {
    int64_t at_ms;
    size_t spare; /* bytes that have not earned a whole millisecond */
};

/* grace_ms 0: none, ever. */
struct deadline deadline_in(int64_t now_ms, int grace_ms);
/* So many bytes have come or gone. rate: bytes for each millisecond, 1 at least. */
void deadline_earn(struct deadline *deadline, int64_t now_ms, size_t bytes, int grace_ms, size_t rate);

#endif
