/*
 * transfers.h - the deliveries in flight: each is handed to the port of its destination, and what comes of it
 * is settled in its queue and on its way into the journal.
 *
 * A row is not believed: before anything leaves, or is recorded as parked, the decision that it names must
 * say the same (recipients.h). Where it does not, nothing is handed over or parked any more, and on_doubt
 * is told; what is in flight then still comes to its end.
 * Limits    64 MiB of bytes in flight together (and one message), of which half is kept for destinations that
 *           have nothing in flight: a big and slow one leaves the others room.
 * Owns      what is in flight, with a hold of the edition it goes by and of its payload.
 * Thread    the loop thread.
 */
#ifndef DELIVER_TRANSFERS_H
#define DELIVER_TRANSFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "edition/edition.h"
#include "engine/recipients.h"
#include "deliver/delivery_queue.h"
#include "deliver/payloads.h"
#include "deliver/results.h"

struct transfers;

struct transfers_options {
    struct loop *loop;
    struct payloads *payloads; /* borrowed, as the next two are */
    struct recipients *recipients;
    struct results *results;
    int timeout_ms; /* an unanswered delivery counts as TIMEOUT after this */
    void (*settled)(void *context, struct delivery_queue *queue); /* of one of it the outcome is known */
    void (*on_doubt)(void *context, uint64_t record);             /* its row is not what the decision says */
    void *context;
};

struct transfers *transfers_new(const struct transfers_options *options);
void transfers_free(struct transfers *transfers); /* none is in flight */
/* Hands over what may go of a queue that can be served. False: a share of it; the rest in the next turn. */
bool transfers_send(struct transfers *transfers, struct delivery_queue *queue, const struct edition *edition,
                    int64_t now_ms);
/* Parks what waits in a queue that cannot be served. */
void transfers_park(struct transfers *transfers, struct delivery_queue *queue, const struct edition *edition,
                    enum delivery_reason reason, int64_t now_ms);
/* Parks what its port gives up, of a destination that fails. */
void transfers_give_up(struct transfers *transfers, struct delivery_queue *queue,
                       const struct edition *edition, int64_t now_ms);
/* What was not answered in time is taken back. */
void transfers_expire(struct transfers *transfers, struct delivery_queue *queue, int64_t now_ms);
/* Takes back what is in flight; nothing is recorded of it, and its row still waits. */
void transfers_cancel(struct transfers *transfers, struct delivery_queue *queue);
size_t transfers_count(const struct transfers *transfers);
void transfers_limit(struct transfers *transfers, int timeout_ms); /* of what is handed over from here on */
/* Nothing is handed over or parked from here on. */
void transfers_halt(struct transfers *transfers);
bool transfers_halted(const struct transfers *transfers);

#endif
