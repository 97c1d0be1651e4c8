/*
 * zmq.h - parties that speak ZeroMQ (protocol.h): one bound ROUTER per party, and for who wants to be told of
 * events as they come one bound PUB (stream.h), CURVE on every one.
 *
 * Routing ids are chosen by the peer, so they prove nothing: who speaks is known from the socket, whose ZAP
 * domain (enforced) admits only the keys of that party's row. A key of another party, an unknown key, NULL
 * and PLAIN are refused in the handshake (ZMQ_COUNT_DENIED), and so is everybody while no handler answers.
 * As a transport: a delivery is done at the receiver's ACK; a receiver whose connection is lost
 * is noticed at once (its descriptor, through the socket's monitor) or by heartbeat, and what it
 * had under way fails with UNAVAILABLE.
 *
 * Owns      its context, sockets, the ZAP handler at inproc://zeromq.zap.01.
 * Limits    a frame CHECK_BODY_MAX (larger closes the connection), 64 peers a party, 64 SUBMITs under way a
 *           peer (more: PROBLEM BUSY), 16 messages waiting to be read per peer, 256 messages or 256 KiB of a
 *           party a turn of the loop, and what its budget allows (intake/budget.h; more: PROBLEM THROTTLED,
 *           QUOTA). What libzmq cannot bound: a message of endlessly many frames, and endlessly many
 *           subscriptions, from a peer that holds the party's key.
 * Thread    the loop thread, beside libzmq's own.
 */
#ifndef ADAPTERS_ZMQ_H
#define ADAPTERS_ZMQ_H

#include "base/loop.h"
#include "base/status.h"
#include "edition/edition.h"
#include "intake/intake.h"
#include "deliver/port.h"
#include "view/diagnosis.h"

struct zmq;
struct zmq_prepared;

struct zmq_options {
    struct loop *loop;
    const struct edition
        *edition; /* in force at the start, held as long as it is: its parties with a zmq stanza are served */
    struct intake *intake;
    struct journal *journal;     /* events are told from it */
    const char *secret_key_file; /* the gateway's CURVE secret key, 40 characters Z85 */
    struct explanation *why;     /* which address cannot be bound, whose and why; NULL: only logged */
};

/* Could this file be the gateway's secret key? NOT_FOUND, IO: it cannot be read; BAD_CONFIG: it holds
   none. */
enum status zmq_check(const char *secret_key_file);
/* NOT_FOUND, IO: the key file; BAD_CONFIG: the key is none; UNAVAILABLE: an address cannot be bound
 * (logged, and told in options.why). */
enum status zmq_start(const struct zmq_options *options, struct zmq **out);
/* Its key, and who is connected. */
void zmq_diagnose(const struct zmq *zmq, struct diagnosis *out);
const struct port *zmq_port(const struct zmq *zmq);
/* NULL is fine. After intake_stop() and dispatch_stop(); waits at most 1 s for receipts to leave. */
void zmq_stop(struct zmq *zmq);
/* The address really bound for a party ("tcp://127.0.0.1:40123" for port 0); NULL when it has none. */
const char *zmq_bound(const struct zmq *zmq, const char *party);
const char *zmq_stream_address(const struct zmq *zmq, const char *party); /* the same of its event stream */
/* What another edition, or another key in the gateway's file, needs of the world: addresses that it has and
 * this one has not are bound, beside those that stay. What cannot be bound is a finding LINT-RELOAD; that the
 * gateway's key is another, a warning with its public half. For zmq_change() or zmq_discard(), which take
 * it. */
struct zmq_prepared *zmq_prepare(struct zmq *zmq, const struct edition *edition, const char *parties_file,
                                 struct verdict *mistakes);
void zmq_discard(struct zmq_prepared *prepared); /* NULL is fine */
/* Another edition, which was prepared: who is admitted, where, and who is told. Addresses that no party has
 * any more are closed; peers whose key is gone, or whose party is blocked, are cut off. So is everybody on a
 * stream of whose keys one is gone, and everybody at all when the gateway's own key is another; what listens
 * there listens on, and who is still admitted comes in again. */
void zmq_change(struct zmq *zmq, const struct edition *edition, struct zmq_prepared *prepared);
void zmq_advance(struct zmq *zmq); /* decisions may have become durable; any thread */

void zmq_keypair(char public_key[41], char secret_key[41]);

#endif
