/*
 * zmq.h - parties that speak ZeroMQ (zmq_protocol.h): one bound ROUTER per party, CURVE on every one.
 *
 * Routing ids are chosen by the peer, so they prove nothing: who speaks is known from the socket, whose ZAP domain (enforced)
 * admits only the keys of that party's row. A key of another party, an unknown key, NULL and PLAIN are refused in the
 * handshake (COUNTER_ZMQ_DENIED).
 *
 * Owns      its context, sockets, the ZAP handler at inproc://zeromq.zap.01.
 * Limits    a message 10 MiB (larger closes the connection), 64 peers a party, 64 SUBMITs under way a peer (more: PROBLEM BUSY),
 *           256 messages a turn of the loop.
 * Thread    the loop thread, beside libzmq's own.
 */
#ifndef ADAPTERS_ZMQ_H
#define ADAPTERS_ZMQ_H

#include "base/loop.h"
#include "base/status.h"
#include "message/setup.h"
#include "intake/intake.h"
#include "deliver/port.h"

struct zmq;

struct zmq_options {
    struct loop *loop;
    const struct setup *setup;            /* borrowed: the parties with zmq_bind are served */
    struct intake *intake;
    const char *secret_key_file;          /* the gateway's CURVE secret key, 40 characters Z85 */
    void (*reachable)(const char *party, void *context);   /* said HELLO: deliveries may flow; may be NULL */
    void *context;
};

/* NOT_FOUND, IO: the key file; BAD_CONFIG: the key is none; UNAVAILABLE: an address cannot be bound (logged). */
enum status zmq_start(const struct zmq_options *options, struct zmq **out);
const struct port *zmq_port(struct zmq *zmq);
void        zmq_stop(struct zmq *zmq);    /* NULL is fine; what is under way fails with UNAVAILABLE */
/* The address really bound for a party ("tcp://127.0.0.1:40123" for port 0); NULL when it has none. */
const char *zmq_bound(const struct zmq *zmq, const char *party);

void        zmq_keypair(char public_key[41], char secret_key[41]);

#endif
