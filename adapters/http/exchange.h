/*
 * exchange.h - one request and its answer, as handlers see them; whether the connection that brought it
 * still lives does not concern them. Thread: the loop thread. Another thread may read a held request's
 * fields and body, but must not allocate from its arena.
 */
#ifndef ADAPTERS_HTTP_EXCHANGE_H
#define ADAPTERS_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/text.h"
#include "adapters/http/reader.h"
#include "adapters/tls.h"

/* --- requests ---------------------------------------------------------------------------------------- */

/* What one party uses of the server over all its connections. The listener's, zeroed to begin with; the
   server writes it. */
struct http_account {
    size_t connections;
    size_t bodies, body_bytes; /* being received or worked on */
    size_t served;             /* bytes read, and what requests cost besides, in this turn of the loop */
    unsigned turn;
};

/* Who is at the other end: known once, when the connection stands, and the same for all its requests. */
struct http_peer {
    int audience;        /* of the listener (options.h) */
    const char *address; /* "192.0.2.7", "2001:db8::7"; "unix" on a unix socket */
    bool local;          /* came over a unix socket; user is the peer's uid there */
    unsigned user;
    bool tls;
    const struct tls_identity *identity; /* the verified client certificate; NULL without one */
    struct http_account *account;        /* of the party whose certificate it is; NULL: a stranger */
};

/* Read only; everything in it lives until the request is answered. */
struct http_request {
    const struct http_head *head; /* method, path, query, host, fields */
    const struct http_peer *peer;
    struct text body;         /* empty in admit; followed by a NUL byte */
    struct arena *arena;      /* for whatever should live as long as the request */
    struct http_match *match; /* router.h keeps here which row and parameters fitted */
};

/* {NULL, 0} when absent. */
struct text http_request_field(const struct http_request *req, const char *name);
/* Media type of the body, lower case, without parameters; "" when absent. In the request's arena. */
const char *http_request_type(struct http_request *req);

/* What the request asks for in Accept-Language. */
enum language http_request_language(const struct http_request *req, enum language otherwise);

/* Whether the client has what this entity tag names, and wants it only when it has changed: If-None-Match,
 * RFC 9110, 13.1.2. */
bool http_request_has(const struct http_request *req, struct text etag);

/* In admit: takes at most so many bytes of body; never more than the listener's body_max. */
void http_request_limit(struct http_request *req, size_t body_max);

/* In handle: the answer comes later. cancelled tells that nobody waits for it any more because the connection
 * broke or the server is being freed; it is a hint, called at most once, and may answer right there. NULL:
 * what is under way goes on in any case, and a client that only stopped sending still gets its answer. Else
 * such a client counts as gone: a browser that leaves a page closes its connection, and TCP has one sign for
 * both. */
void http_request_hold(struct http_request *req, void (*cancelled)(struct http_request *req, void *context),
                       void *context);

/* A held request is handled from the beginning: its handler answers it, or holds it again. False: nobody
 * waits for it any more, and it is gone. */
bool http_request_go_on(struct http_request *req);

/* --- answers ----------------------------------------------------------------------------------------- */

struct http_header {
    const char *name, *value;
}; /* lists end with a NULL name */

/* Takes the request. headers may be NULL; body is copied. Date, Content-Length and Connection are ours.
 * content_type may be NULL when the body is empty. To HEAD the same answer goes without its body. */
void http_answer(struct http_request *req, int status, const char *content_type,
                 const struct http_header *headers, struct text body);

/* A body that is made while it is sent: the producer is asked for the next piece when the one before has gone
 * to the socket. So of an answer, however long, no more than a piece is in memory, and who fetches slowly
 * holds up nobody; who fetches no piece within the deadline of sending is cut off. */
enum { HTTP_PIECE_MAX = 32 * 1024 };
enum http_piece {
    HTTP_PIECE_MORE, /* added, and there may be more */
    HTTP_PIECE_WAIT, /* nothing now: http_stream_go_on() will be called. A server that drains ends it there,
                        or cuts it where it is an answer as a whole alone */
    HTTP_PIECE_END,  /* added (or not), and that was all */
    HTTP_PIECE_FAIL, /* the rest cannot be had: the connection is cut, so that it is seen to be short */
};

struct http_stream {
    /* Adds at most HTTP_PIECE_MAX bytes. Must not call anything of the request. */
    enum http_piece (*next)(void *context, struct buf *out);
    void (*close)(void *context); /* once: it has ended, or nobody waits for it any more */
    void *context;
    const size_t *length; /* of all pieces together, exactly; read in the call; NULL: not known beforehand */
    bool is_one_whole;    /* what was sent of it is no answer without its end; one of a known length is */
};

/* Takes the request: as http_answer(), with a body in pieces (where its length is not known chunked, and
 * to HTTP/1.0 until the connection closes). Until close() ran the request may be named in
 * http_stream_go_on(). */
void http_answer_stream(struct http_request *req, int status, const char *content_type,
                        const struct http_header *headers, const struct http_stream *stream);
void http_stream_go_on(struct http_request *req); /* loop thread; after WAIT there is more */

/* Takes the request: application/problem+json {type, title, status, code, detail}. code is stable and short
 * ("not-yours"); detail is a sentence for a person, in the language of Accept-Language, else English.
 * headers NULL: 429 and 503 get a Retry-After. */
void http_problem(struct http_request *req, int status, const char *code, const char *zh, const char *en);
void http_problem_with(struct http_request *req, int status, const char *code, const char *zh, const char *en,
                       const struct http_header *headers);
/* The same for a row of the list of refusals (reader.h). */
void http_problem_refusal(struct http_request *req, enum http_refusal refusal);
void http_problem_refusal_with(struct http_request *req, enum http_refusal refusal,
                               const struct http_header *headers);
/* The same for an outcome: its HTTP code, its name as code ("not-found"), its sentence. */
void http_problem_status(struct http_request *req, enum status status);
void http_problem_status_with(struct http_request *req, enum status status, const char *zh, const char *en,
                              const struct http_header *headers);

#endif
