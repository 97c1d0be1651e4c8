/*
 * deadline.c - a bucket that leaks: a millisecond each millisecond, filled by bytes, and never fuller than
 * the grace.
 */
#include "adapters/deadline.h"

#include "base/status.h"

struct deadline deadline_in(int64_t now_ms, int grace_ms) {
    require(grace_ms >= 0);
    return (struct deadline){ .at_ms = grace_ms ? now_ms + grace_ms : INT64_MAX };
}

void deadline_earn(struct deadline *deadline, int64_t now_ms, size_t bytes, int grace_ms, size_t rate) {
    require(grace_ms > 0 && rate > 0);
    int64_t latest_ms = now_ms + grace_ms;
    size_t earned = bytes / rate;
    deadline->spare += bytes % rate;
    earned += deadline->spare / rate;
    deadline->spare %= rate;
    bool full = deadline->at_ms >= latest_ms || earned >= (size_t)(latest_ms - deadline->at_ms);
    deadline->at_ms = full ? latest_ms : deadline->at_ms + (int64_t)earned;
}
