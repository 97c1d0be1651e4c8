/*
 * stream.h - one party's event stream: a PUB of its own, that only the party's keys may subscribe to.
 *
 * A PUB sends to every subscriber that it lets in, and cannot tell whose each is. So each party has a socket
 * of its own, at the address `events` of its stanza, under the same ZAP domain as its line
 * (authentication.h): what is said on it is for that party and nobody else can hear it. It is a doorbell:
 * ZeroMQ drops what a slow subscriber does not read, in silence, so each EVENTS says which stretch it covers
 * (deliver/event_feed.h), a MARK of every few seconds says how far that has come, and what was missed is
 * asked for over the line (FOLLOW). Nothing is counted as delivered here.
 *
 * Limits    256 messages, of 64 KiB at most, and 256 KiB in the system wait for a subscriber. A larger
 *           message is told without its events, which the subscriber then misses, and asks for.
 * Thread    the loop thread.
 */
#ifndef ADAPTERS_ZMQ_STREAM_H
#define ADAPTERS_ZMQ_STREAM_H

#include "base/status.h"
#include "edition/party.h"
#include "deliver/event_feed.h"

struct zmq_stream;

struct zmq_stream_options {
    void *context; /* libzmq's */
    const struct party *party;
    const char *secret;  /* the gateway's CURVE key; borrowed for the opening */
    const char *journal; /* its name; borrowed */
    int listener;        /* of the stream that it takes the place of, at the same address; -1: of none */
    struct explanation *why;
};

/* *out is made in any case, to be closed. UNAVAILABLE: the address cannot be bound. */
enum status zmq_stream_open(const struct zmq_stream_options *options, struct zmq_stream **out);
void zmq_stream_close(struct zmq_stream *stream);                             /* NULL is fine */
void zmq_stream_change(struct zmq_stream *stream, const struct party *party); /* its row of another edition */
const struct party *zmq_stream_party(const struct zmq_stream *stream);
int zmq_stream_listener(const struct zmq_stream *stream); /* as long as it is open */
const char *zmq_stream_bound(const struct zmq_stream *stream);
void zmq_stream_tell(struct zmq_stream *stream, const struct event_stretch *stretch);
/* Everything up to here has been told. `from`: where the stream began. */
void zmq_stream_begin(struct zmq_stream *stream, uint64_t from);
void zmq_stream_mark(struct zmq_stream *stream, uint64_t told);

#endif
