/*
 * endpoint.h - one party's address: a bound ROUTER that only the party's keys may speak on
 * (authentication.h), its peers, what they submit, and the deliveries in flight to the one that receives
 * (protocol.h).
 *
 * Limits    64 peers, 64 SUBMITs and one FOLLOW under way a peer (more: PROBLEM BUSY), 16 messages waiting to
 *           be read per peer, 256 messages or 256 KiB a turn of the loop.
 * Thread    the loop thread.
 */
#ifndef ADAPTERS_ZMQ_ENDPOINT_H
#define ADAPTERS_ZMQ_ENDPOINT_H

#include "base/loop.h"
#include "base/status.h"
#include "edition/party.h"
#include "intake/intake.h"
#include "deliver/event_feed.h"
#include "deliver/port.h"

struct zmq_endpoint;

struct zmq_endpoint_options {
    void *context; /* libzmq's */
    struct loop *loop;
    struct intake *intake;
    const struct party *party; /* has a zmq stanza */
    const char *secret;        /* the gateway's CURVE key; borrowed for the opening */
    struct event_feed *feed;
    const char *journal; /* its name */
    int listener;        /* of the endpoint that it takes the place of, at the same address; -1: of none */
    void (*opened)(void *owner,
                   const struct party *party); /* the party can be reached again, or takes more */
    void *owner;
    struct explanation *why; /* NULL: only logged */
};

/* *out is made in any case, to be closed. UNAVAILABLE: the address cannot be bound (logged, and told in
 * why). */
enum status zmq_endpoint_open(const struct zmq_endpoint_options *options, struct zmq_endpoint **out);
/* What is in flight fails with UNAVAILABLE, for this reason. What is under way from its peers is answered to
 * nobody; it may come later, while intake and feed stand. */
void zmq_endpoint_close(struct zmq_endpoint *endpoint, enum delivery_reason reason);
/* The party's row of another edition, at the same address: peers whose key it does not admit are cut off. */
void zmq_endpoint_change(struct zmq_endpoint *endpoint, const struct party *party);
/* How many peers are connected and have said HELLO. */
size_t zmq_endpoint_peers(const struct zmq_endpoint *endpoint);
const struct party *zmq_endpoint_party(const struct zmq_endpoint *endpoint);
int zmq_endpoint_listener(const struct zmq_endpoint *endpoint);      /* as long as it is open */
const char *zmq_endpoint_bound(const struct zmq_endpoint *endpoint); /* the address, its port known */

/* As a port's functions (deliver/port.h). */
void zmq_endpoint_send(struct zmq_endpoint *endpoint, struct delivery *delivery);
void zmq_endpoint_cancel(struct zmq_endpoint *endpoint, const struct delivery *delivery);
size_t zmq_endpoint_room(const struct zmq_endpoint *endpoint);

#endif
