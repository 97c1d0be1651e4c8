/*
 * protocol.h - CLEARWAY/1: what a party and the gateway say to each other over ZeroMQ.
 *
 * A party connects a DEALER to the address that is bound for it. Every message has three frames: verb,
 * headers (a JSON object, "" for none; a party's at most 4096 bytes, ours at most 16384), body.
 *
 *   from the party                                     from the gateway
 *   HELLO   {"credit":n}   deliver to me, n at once    WELCOME {"party","credit":n}   n SUBMITs at once
 *   CREDIT  {"credit":n}   n more                      RECEIPT {"ref","record","verdict","repeated"} + JSON
 *   SUBMIT  {"ref","format","traceparent"} + bytes     PROBLEM {"ref","code","text","retry"}
 *   ACK     {"delivery"}   it is safe with me          DELIVER {"delivery","record","family","format",
 *   NACK    {"delivery","reason","final":bool}                  "subject","digest","recorded","sender",
 *                                                               "traceparent"} + bytes
 *
 * A party that only submits need not say HELLO. A party that receives says HELLO after each connection it
 * makes. A delivery is done at ACK, never before: ZeroMQ itself drops in silence. Each DELIVER uses up one
 * credit of its receiver, whose ACK or NACK gives it back. Of the party's connected peers the one that said
 * HELLO last is the receiver; when it goes, the one before it is. What was under way to another peer, or to a
 * lost connection, is delivered anew under the same delivery id, by which a receiver de-duplicates.
 * A NACK parks the delivery when it is final, else it is tried again after a pause.
 * A SUBMIT beyond the credit of WELCOME gets PROBLEM BUSY; one that is answered by nothing is sent again: its
 * receipt is the first one, byte for byte.
 */
#ifndef ADAPTERS_ZMQ_PROTOCOL_H
#define ADAPTERS_ZMQ_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define ZMQ_HEADERS_MAX  4096
#define ZMQ_CREDIT_MAX   1024

#define ZMQ_VERB_LIST(X) X(HELLO) X(CREDIT) X(SUBMIT) X(ACK) X(NACK)

enum zmq_verb {
    ZMQ_VERB_NONE,
#define X(name) ZMQ_VERB_##name,
    ZMQ_VERB_LIST(X)
#undef X
};

struct zmq_request {
    enum zmq_verb verb;
    uint32_t credit;
    bool final;
    char ref[128], format[64], trace[64], delivery[160],
        reason[256]; /* "" when not given; longer ones are cut */
};

/* NULL: read; else what is wrong with it, for a PROBLEM (ref is set when it could be read). */
const char *zmq_request_read(struct text verb, struct text headers, struct zmq_request *out);

#endif
