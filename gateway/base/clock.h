/*
 * clock.h - the house's time: the wall clock, as long as it can be believed.
 *
 * A wall clock is set, by people and by machines, and wrongly at times. The clock that counts since the
 * machine was started (CLOCK_BOOTTIME) is set by nobody and goes on while the machine sleeps. So the two are
 * held against each other: while the wall clock is where it was believed last and what has gone by since,
 * give or take a minute, the house's time is the wall clock's. When it departs it is doubted, and the house's
 * time goes on from the last moment believed, at the pace of the other clock, until the wall clock agrees
 * again or somebody who knows says that it is right (clock_accept()).
 * At the start the last moment believed is what the house recorded last. Nobody knows how long it was down,
 * so there the wall clock may be ahead by the gap that is allowed for that, and not behind.
 *
 * The house's time may go back by up to that minute, and further when the wall clock is accepted: what must
 * never go back is kept so by whoever stamps (journal/journal.h).
 * Thread    any.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stamp.h"

#define CLOCK_TOLERANCE (60 * STAMP_SECOND)
#define CLOCK_GAP_USUAL (30 * 86400 * STAMP_SECOND)

/* clang-format off */
/*    name      text        what it says of the wall clock                                                    */
#define CLOCK_DOUBT_LIST(X)                                                                                    \
    X(NONE,     "none",     "believed")                                                                        \
    X(JUMPED,   "jumped",   "departed from the clock that nobody sets, by more than a minute")                 \
    X(BEHIND,   "behind",   "stood behind the last record when the gateway started")                           \
    X(AHEAD,    "ahead",    "stood further ahead of the last record than any stop should last, when the gateway started")
/* clang-format on */

enum clock_doubt {
#define X(name, text, what) CLOCK_##name,
    CLOCK_DOUBT_LIST(X)
#undef X
};

struct clock_sources { /* NULL: the system's */
    stamp (*wall)(void);
    int64_t (*elapsed)(void); /* ns from any moment on; never set, goes on in a suspend */
};

struct clock_reading {
    stamp now;  /* the house's time */
    stamp wall; /* what the wall clock says; the same unless it is doubted */
    enum clock_doubt doubt;
};

struct clock;

/* last: what was recorded last; 0: nothing, and the wall clock is believed. gap: ns, 0 means CLOCK_GAP_USUAL.
 * A system clock that nothing synchronises is a warning in the log. */
struct clock *clock_new(const struct clock_sources *sources, stamp last, int64_t gap);
void clock_free(struct clock *clock);

/* A change of doubt is told in the log, with both times. */
struct clock_reading clock_read(struct clock *clock);
stamp clock_now(struct clock *clock);
/* Somebody says that the wall clock is right. False: nothing is doubted. */
bool clock_accept(struct clock *clock);

const char *clock_doubt_text(enum clock_doubt doubt);
const char *clock_doubt_sentence(enum clock_doubt doubt);

#endif
