/*
 * connection.h - one connection from accept to close, and what all connections of a server share. It knows
 * nothing of the server, which makes connections and goes over them.
 *
 * A connection is always in one phase, and each phase has one deadline that is set when it begins; that of a
 * body, and of sending, moves on with what is transferred (deadline.h), all others are absolute:
 *
 *   HANDSHAKE -> IDLE -> HEAD -> BODY -> WORK -> IDLE ...      one request after the other
 *                                        WORK -> SEND -> IDLE  a client that does not fetch its answers
 *                                        WORK -> STREAM -> IDLE  in pieces, each with the deadline anew
 *                any of them -> SEND -> LINGER -> CLOSED         closing so that the last answer arrives
 *
 * A closed connection has given everything back, but its memory stays until the next sweep, because functions
 * further up the stack may still look at it.
 */
#ifndef ADAPTERS_HTTP_CONNECTION_H
#define ADAPTERS_HTTP_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/loop.h"
#include "adapters/deadline.h"
#include "adapters/http/exchange_parts.h"
#include "adapters/http/options.h"
#include "adapters/http/places.h"
#include "adapters/http/turns.h"

/* clang-format off */
/*    phase      its deadline in ms; 0: none */
#define HTTP_PHASE_LIST(X)                   \
    X(CLOSED,      0)                          \
    X(HANDSHAKE, options->handshake_ms)      \
    X(IDLE,      options->idle_ms)           \
    X(HEAD,      options->head_ms)           \
    X(BODY,      options->body_ms)           \
    X(WORK,      0)                          \
    X(STREAM,    options->send_ms)           \
    X(SEND,      options->send_ms)           \
    X(LINGER,    options->linger_ms)
/* clang-format on */

enum http_phase {
#define X(name, deadline) PHASE_##name,
    HTTP_PHASE_LIST(X)
#undef X
};

enum {
    HTTP_SCRATCH = 64 * 1024,
    HTTP_ANSWER_ROOM = 64 * 1024 * 1024 + 64 * 1024, /* for the largest one */
};

struct http_listener {
    struct http_listener *next;
    struct http_shared *shared;
    struct http_listen serves;
    int fd, port;
    struct loop_watch *watch;
    bool paused; /* until the next sweep: no descriptors */
    struct http_strangers strangers;
};

/* Of all connections of one server. */
struct http_shared {
    struct loop *loop;
    struct http_options options;
    struct http_connection *connections, *closed; /* closed: their memory goes at the next sweep */
    struct http_places places;
    struct http_bodies bodies;
    struct http_turns turns;
    bool draining;
    char scratch[HTTP_SCRATCH]; /* what one read brings; nothing of it is kept over a callback */
};

struct http_connection {
    struct http_connection *next, *previous, *next_closed;
    struct http_shared *shared;
    struct http_listener *listener;
    struct http_place place;
    bool is_throttled; /* one too many of its party; its first request is refused */
    struct http_shared_peer *peer;
    struct tls *tls;
    int fd;
    struct loop_watch *watch;
    enum http_phase phase;
    struct deadline deadline; /* stamp_monotonic_ms() */
    struct buf in;            /* bytes that wait: an incomplete head, or what was read ahead */
    struct buf out;           /* answers not sent yet, from `sent` on */
    size_t sent;
    size_t dropped; /* in LINGER */
    struct http_scan scan;
    struct http_exchange *exchange; /* the request being read or worked on */
    bool advancing;                 /* inside the loop over its input */
    bool closing;                   /* no further request is read */
    bool ended;                     /* the peer will send nothing more */
    bool crossed;                   /* TLS can only read on once it has written */
};

/* Takes fd. from is NULL on a unix socket. */
void http_connection_open(struct http_listener *listener, int fd, const struct sockaddr *from,
                          struct address *address);
bool http_connection_yields(
    const struct http_connection *conn); /* it waits for a stranger to say something */
/* Whether it is still the party's that it was; certificates: and its certificate, if any, admitted. */
bool http_connection_is_still_admitted(const struct http_connection *conn, bool certificates);
void http_connection_expire(struct http_connection *conn); /* its deadline has passed */
void http_connection_drain(struct http_connection *conn);  /* closes it unless it has a request */
void http_connection_close(struct http_connection *conn);  /* now, whatever it is doing */
void http_connection_free(struct http_connection *conn);   /* a closed one */

#endif
