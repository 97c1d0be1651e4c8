/*
 * event_feed.h - the events of each party, in the order of the decisions: told as they come, and again to who
 * missed some.
 *
 * A place in the feed is the number of a DECISION record. Whatever is told covers a stretch, from behind
 * `after` up to `position`, and holds all that is for the party in it; so who has everything up to `after`
 * has everything up to `position` then. What is told as it comes has the party's last event as `after`,
 * whatever stood between. So a listener whose own position is before `after` has missed something, and asks
 * for what stands behind its own position. The feed remembers nothing of its listeners: nothing counts as
 * delivered but what the listener itself says it has, and the journal tells the same again at any time, over
 * any restart.
 *
 * Limits    an answer ends behind the decision that fills 192 KiB, or 64 MiB of journal read for it (then
 *           there is more, and the listener goes on from its position); 64 questions wait; what comes is
 *           handed over in bunches of 256 KiB, the next when the loop has taken the one before.
 * Thread    the loop thread, but for event_feed_advance(): any. Reading happens on a thread of its own.
 */
#ifndef DELIVER_EVENT_FEED_H
#define DELIVER_EVENT_FEED_H

#include "base/buf.h"
#include "base/loop.h"
#include "edition/edition.h"
#include "journal/journal.h"

#define EVENT_FEED_QUESTIONS_MAX 64
#define EVENT_FEED_NOW           UINT64_MAX /* `after`, for who wants what comes from here on */

struct event_feed;

/* What is told: a JSON array of events (events.h). */
struct event_stretch {
    uint64_t after, position;
    bool more; /* of an answer: stands in the journal behind it */
    size_t count;
    struct text events; /* borrowed */
};

struct event_feed_options {
    struct loop *loop;
    struct journal *journal;
    const struct edition *edition; /* held */
    /* Something is new for a party that is listened for. */
    void (*told)(void *context, const char *party, const struct event_stretch *stretch);
    void *context;
};

struct event_feed *event_feed_start(const struct event_feed_options *options);
/* Who is listened for from here on; "" is everybody (events.h); copied. A party that stays is told on without
 * a break; another from behind the position that is returned, the first `after` it will hear. May wait for
 * the bunch that is being made. */
uint64_t event_feed_listen(struct event_feed *feed, const struct edition *edition, const char *const *parties,
                           size_t count);
/* Decisions may have become durable. */
void event_feed_advance(struct event_feed *feed);
/* Up to here told() has been called with everything. */
uint64_t event_feed_told(struct event_feed *feed);
/* What is behind `after` for this party. answered() comes later, once: OK; NOT_FOUND: the journal is not so
 * long; DAMAGED, IO; CLOSED: the feed stops. BUSY: too many wait, nothing will come. */
enum status event_feed_ask(struct event_feed *feed, const char *party, uint64_t after,
                           void (*answered)(void *context, enum status status,
                                            const struct event_stretch *stretch),
                           void *context);
/* While the loop does not run. Those who wait are answered with CLOSED. NULL is fine. */
void event_feed_stop(struct event_feed *feed);

#endif
