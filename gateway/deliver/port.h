/*
 * port.h - what a transport must do to serve destinations.
 *
 * send() hands over one delivery and returns at once; later (or within), on the loop thread, the transport
 * calls done() exactly once: OK when the receiver has acknowledged it (Kafka delivery report, ZeroMQ
 * application acknowledgement, folder file renamed and synced), else why not. UNAVAILABLE, TIMEOUT, BUSY, IO
 * and FULL are the world's and are retried (BUSY and TIMEOUT are about this delivery, the others about its
 * destination, which rests); REFUSED, TOO_LARGE and DENIED are the receiver's word and park the delivery.
 * The bytes are the record's, untouched. The delivery and its texts live until done() or cancel() was called,
 * and so does its party, which is of the edition it was handed over by: where another came into force since,
 * the party of that has the same code.
 * Thread    the loop thread.
 */
#ifndef DELIVER_PORT_H
#define DELIVER_PORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/stamp.h"
#include "base/status.h"
#include "base/text.h"
#include "edition/party.h"
#include "engine/delivery.h"

struct delivery {
    const char *id; /* "42/CUS-QD": record number and destination; receivers de-duplicate by it */
    uint64_t record;
    const struct party *party;
    const char *subject, *family, *format, *route, *trace;
    const char *sender; /* party code of the message's sender; "" for a decision */
    uint64_t about;     /* of a decision: the record whose fate it is; 0 for a message */
    const char *result; /* of a decision: "refused"; "" for a message */
    const char *way;    /* this transport, when it refuses what came by it; "": it is the party's own */
    const char *file;   /* then, under which name that came: a file of the OutBox, an offset; else "" */
    stamp recorded;
    struct digest digest; /* SHA-256 of data */
    struct text data;
    uint32_t attempt; /* from 1 */
    bool redelivered; /* an operator has it sent again, though it was acknowledged: the receiver is told so */
    void *of_port;    /* the transport's own, from send() to done() or cancel() */
    /* reason: NONE where the status says all; words: the receiver's, or ""; borrowed. */
    void (*done)(struct delivery *delivery, enum status status, enum delivery_reason reason,
                 const char *words);
};

struct port {
    const char *transport; /* as in the party's row: "kafka" */
    bool gives_up;         /* what fails is parked after so many days; else what fails by itself after so many
                              tries, and what cannot reach its destination only waits */
    bool keeps_time;       /* it ends by itself what takes too long: a large message over a poor line may take
                              longer than an answer; else dispatch takes it back */
    void *context;
    void (*send)(void *context, struct delivery *delivery);
    /* Nobody waits any longer: the transport forgets the delivery, calls no done() and never touches it
       again. */
    void (*cancel)(void *context, struct delivery *delivery);
    /* How many more this party takes now; NULL: as many as dispatch likes to send. */
    size_t (*room)(void *context, const struct party *party);
    /* It was with this transport, and is given up until somebody re-drives it; borrowed for the call.
     * NULL: nobody there wants to know. */
    void (*parked)(void *context, const struct delivery *delivery, enum delivery_reason reason,
                   const char *words);
    /* Takes down whom to tell that a party can be reached again or takes more; NULL: nothing to tell. */
    void (*listen)(void *context, void (*opened)(void *listener, const struct party *party), void *listener);
};

#endif
