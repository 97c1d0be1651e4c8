/*
 * protocol.h - CLEARWAY/1: what a party and the gateway say to each other over ZeroMQ. PROTOCOL.md tells it
 * to who writes a client.
 *
 * A party connects a DEALER to the address that is bound for it. Every message has three frames: verb,
 * headers (a JSON object, "" for none; a party's at most 4096 bytes, ours at most 16384), body.
 *
 * A party that only submits need not say HELLO, but then nothing that is for it comes over this line:
 * neither deliveries nor what the engine refuses of that which it submitted. A party that receives says HELLO
 * after each connection it makes. A DELIVER or a DECISION is done at its ACK, never before: ZeroMQ itself
 * drops in silence. Each uses up one credit of its receiver, whose ACK or NACK gives it back. Of the party's
 * connected peers the one that said HELLO last is the receiver; when it goes, the one before it is. What was
 * under way to another peer, or to a lost connection, is delivered anew under the same delivery id, by which
 * a receiver de-duplicates. What an operator has sent again though it was acknowledged says `redelivered`.
 * A NACK parks the delivery when it is final, else it is tried again after a pause.
 * A SUBMIT beyond the credit of WELCOME gets PROBLEM BUSY; one that is answered by nothing is sent again: its
 * receipt is the first one, byte for byte.
 *
 * EVENTS comes as an answer to FOLLOW, and on the party's stream (stream.h). Its body is an array of
 * CloudEvents: all that are for the party behind `after` and up to `position`. `more`: there is more behind
 * it, to be asked for. A FOLLOW without `after` is answered with the place where the journal ends now. One
 * FOLLOW at a time.
 */
#ifndef ADAPTERS_ZMQ_PROTOCOL_H
#define ADAPTERS_ZMQ_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "deliver/event_feed.h"

#define ZMQ_HEADERS_MAX 4096  /* of what a party says */
#define ZMQ_ANSWER_MAX  16384 /* of what we say */
#define ZMQ_CREDIT_MAX  1024

/* clang-format off */
/*    verb      from     headers, in their order                               what it says, and its body
 * */
#define ZMQ_VERB_LIST(X)                                                                                            \
    X(HELLO,    PARTY,   "credit",                                             "deliver to me, so many at once")      \
    X(CREDIT,   PARTY,   "credit",                                             "so many more")                        \
    X(SUBMIT,   PARTY,   "ref format traceparent",                             "a message: its bytes")                \
    X(ACK,      PARTY,   "delivery",                                           "it is safe with me")                  \
    X(NACK,     PARTY,   "delivery reason final",                              "I do not take it: now, or for good")  \
    X(FOLLOW,   PARTY,   "ref after",                                          "which events are behind this place?") \
    X(WELCOME,  GATEWAY, "party credit",                                       "so many SUBMITs at once")             \
    X(RECEIPT,  GATEWAY, "ref record verdict repeated",                        "of a SUBMIT, once recorded: JSON")    \
    X(PROBLEM,  GATEWAY, "ref code text retry",                                "why nothing came of what was said")   \
    X(DELIVER,  GATEWAY, "delivery record family format subject digest recorded sender traceparent redelivered",    \
                                                                               "a message for the party: its bytes")  \
    X(DECISION, GATEWAY, "delivery record about result subject digest recorded redelivered",                            \
                                                                               "what became of one it sent: XML")     \
    X(EVENTS,   GATEWAY, "ref journal after position more",                    "all for the party up to a place: JSON")
/* clang-format on */

enum zmq_from { ZMQ_FROM_PARTY, ZMQ_FROM_GATEWAY };

enum zmq_verb {
    ZMQ_VERB_NONE,
#define X(name, from, headers, says) ZMQ_VERB_##name,
    ZMQ_VERB_LIST(X)
#undef X
        ZMQ_VERBS_END
};

struct zmq_verb_row {
    const char *name;
    enum zmq_from from;
    const char *headers, *says;
};

const struct zmq_verb_row *zmq_verb_row(enum zmq_verb verb); /* of any but NONE */

/* What a party said. */
struct zmq_request {
    enum zmq_verb verb;
    uint32_t credit;
    uint64_t after; /* EVENT_FEED_NOW when not given */
    bool final;
    char ref[128], format[64], trace[64], delivery[160],
        reason[256]; /* "" when not given; longer ones are cut */
};

/* NULL: read; else what is wrong with it, for a PROBLEM (ref is set when it could be read). */
const char *zmq_request_read(struct text verb, struct text headers, struct zmq_request *out);
/* The headers of EVENTS; to be released. */
void zmq_events_headers(const char *ref, const char *journal, const struct event_stretch *stretch,
                        struct buf *headers);

#endif
