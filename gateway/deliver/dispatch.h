/*
 * dispatch.h - follows the decisions: hands each record to each of its destinations until it is acknowledged.
 *
 * The decisions' open deliveries stand in state.db (waiting, in the order decided); of those decided a moment
 * ago the engine tells besides (dispatch_decided()), so that they need not be read. Each destination has a
 * cursor and a bounded window of its own (delivery_queue.h), so a slow or dead one delays nobody; within a
 * destination at most one delivery of a subject is in flight, so order holds per consignment. The outcomes
 * of a turn become a DELIVERY record (results.h); a row leaves the window when the engine has applied it.
 * After a restart what is still `waiting` is sent again: at least once, byte-identical, under the same
 * delivery id.
 * Failure: retried at 1, 2, 4 ... 300 s, or up to a quarter less. A destination that cannot be reached rests
 * as a whole, only its first delivery probes; however long that lasts, nothing is parked for it, nor while it
 * acknowledges nothing at all. What the receiver refuses, or fails `attempts` times by itself, is parked with
 * its reason until an operator re-drives or drops it, and what comes behind it of the same goods waits so
 * long: the rest of the destination goes on. What was decided for a party that is blocked is parked, never
 * re-routed, and goes, at its place in the order, once the party is served again; so does what was decided
 * for one that has left the edition or has no transport that runs here.
 * A row is not believed (transfers.h): where the decision that it names does not say the same, nothing is
 * sent any more, and on_damage is told: state.db is to be made again. What refuses a message goes back by
 * the transport that brought it, where that answers its senders, whatever the party's own is: through a
 * window of its own, so that neither waits for the other.
 * Each DELIVERY record names the edition that it went by.
 * Memory: a row in a window costs some hundred bytes; payloads are bounded by transfers.h and payloads.h.
 * Thread    the loop thread; dispatch_decided() and dispatch_advance() any.
 */
#ifndef DELIVER_DISPATCH_H
#define DELIVER_DISPATCH_H

#include "base/loop.h"
#include "edition/edition.h"
#include "journal/journal.h"
#include "engine/delivery.h"
#include "engine/engine.h"
#include "engine/state.h"
#include "deliver/port.h"

struct dispatch;

/* What may be changed while it runs. */
struct dispatch_limits {
    uint32_t attempts;                /* 0: 12 */
    int retry_first_ms, retry_max_ms; /* 0: 1000, 300000 */
    int64_t give_up_ms; /* of a port that gives up: so long a delivery may wait; 0: three days */
    int timeout_ms;     /* an unanswered delivery counts as TIMEOUT after this; 0: 30000 */
};

struct dispatch_options {
    struct loop *loop;
    struct journal *journal;
    const char *directory;         /* opens state.db read-only: the engine has made it */
    const struct edition *edition; /* in force at the start: dispatch holds the one that is */
    uint32_t window;               /* deliveries in flight per destination; 0: 64 */
    struct dispatch_limits limits;
    void (*on_damage)(void *context); /* state.db is not what the journal says; loop thread; may be NULL */
    void *context;
};

enum status dispatch_start(const struct dispatch_options *options, struct dispatch **out);
void dispatch_add_port(struct dispatch *dispatch, const struct port *port); /* before the first advance */
/* What the engine has just committed, so that nobody reads it again: from engine_options.decided. */
void dispatch_decided(struct dispatch *dispatch, const struct engine_decided *decided);
/* The engine has committed so far. To be called once after start (0 is fine), then from
 * engine_options.advanced. all_told: dispatch_decided() was called for each decision since the last call, so
 * that state.db need not be searched for destinations. */
void dispatch_advance(struct dispatch *dispatch, uint64_t position, bool all_told);
/* From here on; a pause that was begun, and what is in flight, keep what they have. */
void dispatch_limit(struct dispatch *dispatch, const struct dispatch_limits *limits);
/* Another edition: from here on it says who is served, and how. What is in flight keeps the party of the one
 * it was handed over by; whom the old one could not serve is served at the places of what was parked. */
void dispatch_change(struct dispatch *dispatch, const struct edition *edition);
/* Sends nothing more; runs the loop until the outcomes in hand have come and are recorded, at most 5 s, then
 * cancels the rest. To be called while the loop does not run and its other users still stand (it runs what
 * they have posted), before the transports stop. No dispatch_advance() may come later. */
void dispatch_stop(struct dispatch *dispatch);
void dispatch_halt(struct dispatch *dispatch); /* sends nothing more; outcomes are taken until the stop */
/* An operator's word about one delivery: REDRIVEN or DROPPED; recorded, then followed. done is called on the
 * loop once the record is durable, with its number, or never will be (0); what the engine's state says of the
 * delivery follows when the engine has come to that record. Other statuses than OK: it is not recorded, and
 * done is not called. NOT_FOUND, IO, BUSY (too many at once, or the journal's queue is full); CONFLICT: it is
 * acknowledged, so nothing is left to drop; BAD_INPUT: it is, and to send it again needs words. */
enum status dispatch_order(struct dispatch *dispatch, uint64_t record, const char *party,
                           enum delivery_outcome outcome, const char *words,
                           void (*done)(void *context, enum status status, uint64_t number), void *context);
/* Up to this position of the engine what was decided is in its queues; a test waits for it. */
uint64_t dispatch_position(const struct dispatch *dispatch);
/* With transports, and outcomes and orders not yet recorded. */
size_t dispatch_under_way(const struct dispatch *dispatch);

#endif
