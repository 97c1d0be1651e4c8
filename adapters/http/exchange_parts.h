/*
 * exchange_parts.h - what an exchange is made of: for exchange.c, and connection.c, which reads requests
 * and sends answers.
 */
#ifndef ADAPTERS_HTTP_EXCHANGE_PARTS_H
#define ADAPTERS_HTTP_EXCHANGE_PARTS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "adapters/http/answer.h"
#include "adapters/http/content.h"
#include "adapters/http/exchange.h"
#include "adapters/http/options.h"

/* The bodies of all exchanges of one server. */
struct http_bodies {
    size_t bytes; /* of memory */
    const struct http_options *options;
};

/* A connection's peer, also of requests that outlive it. */
struct http_shared_peer {
    struct http_peer peer;
    int users;
    char address[INET6_ADDRSTRLEN];
};

/* A request and what the server knows of it. It lives in its own arena. */
struct http_exchange {
    struct http_request req;      /* first: the handler's pointer is ours */
    struct http_connection *conn; /* NULL once it is closed */
    /* Takes the answer to conn, and frees the exchange. */
    void (*deliver)(struct http_exchange *ex, const struct http_answer *answer);
    struct http_bodies *bodies;
    struct http_account *account; /* NULL: of a stranger */
    struct http_shared_peer *peer;
    struct http_head head;
    struct http_body reader;
    struct http_content content;
    struct buf body;
    size_t body_max;
    size_t counted;  /* of the body's memory, in the server's budget */
    bool is_counted; /* among its party's bodies */
    bool handled;    /* the handler has it */
    bool held;
    struct http_stream stream; /* being sent: next NULL: none */
    enum http_piece piece;     /* what it said last */
    bool chunked, has_length;
    size_t left;                             /* of a known length: what is still to come */
    void (*go_on)(struct http_exchange *ex); /* the connection's */
    void (*cancelled)(struct http_request *req, void *context);
    void *cancelled_context;
};

/* from NULL: a unix socket. */
struct http_shared_peer *http_shared_peer_new(int fd, bool tls, const struct sockaddr *from);
void http_shared_peer_release(struct http_shared_peer *shared);

/* It is nobody's until conn and deliver are set. */
struct http_exchange *http_exchange_new(struct http_shared_peer *peer, struct http_bodies *bodies,
                                        size_t body_max);
/* Its connection has let go of it, its body is not counted. */
void http_exchange_free(struct http_exchange *ex);
bool http_exchange_has_body(const struct http_exchange *ex);
/* A body will come; these are bytes of it. NONE, or why it is not taken: the limits of its party, or of
 * all. */
enum http_refusal http_exchange_count(struct http_exchange *ex);
enum http_refusal http_exchange_add(struct http_exchange *ex, struct text data);
enum http_refusal http_exchange_end(struct http_exchange *ex); /* those were all */
void http_exchange_uncount(struct http_exchange *ex);

/* The answer is a stream, whose head is printed. */
void http_exchange_begin_stream(struct http_exchange *ex, const struct http_answer *answer);
/* Asks the producer for the next piece, and adds it to out as it goes over the wire: `piece` says what
   came. */
void http_exchange_add_piece(struct http_exchange *ex, struct buf *out);
/* Of a stream that waits: adds what ends it where it stands. False: more was promised, and it cannot be. */
bool http_exchange_end_stream(struct http_exchange *ex, struct buf *out);
void http_exchange_close_stream(struct http_exchange *ex); /* ended, or nobody waits for it */

#endif
