/*
 * pace.h - so many bytes a second and no more: how long to wait before the next piece.
 *
 * What was not used is not saved up: after a pause no burst makes up for it. The first piece waits for
 * nothing, each later one for those before it, so any stretch of time carries the rate and one piece.
 */
#ifndef JOURNAL_PACE_H
#define JOURNAL_PACE_H

#include <stdint.h>

struct pace {
    uint64_t bytes_s; /* > 0 */
    int64_t due_ns;   /* on the caller's clock: when the next piece may begin */
};

/* The piece begins when the answer, in ns from now, is over. */
int64_t pace_wait(struct pace *pace, int64_t now_ns, uint64_t bytes);

#endif
