/*
 * pace.c - each piece moves the moment when the next one may begin.
 */
#include "journal/pace.h"

#include "base/status.h"

int64_t pace_wait(struct pace *pace, int64_t now_ns, uint64_t bytes) {
    require(pace->bytes_s > 0);
    if (pace->due_ns < now_ns) {
        pace->due_ns = now_ns;
    }
    int64_t wait = pace->due_ns - now_ns;
    pace->due_ns += (int64_t)((double)bytes * 1e9 / (double)pace->bytes_s);
    return wait;
}
