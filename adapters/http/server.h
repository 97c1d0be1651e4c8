/*
 * server.h - strict HTTP/1.1 servers on the loop: plain, TLS and unix sockets.
 *
 * A connection is accepted, shakes hands (TLS), and waits idle. When a head has come complete it is read by
 * reader.h, the referee must agree, and `admit` sees the request before any of its body is read: it may
 * answer right then (not found, not allowed, too large), which closes the connection if a body was announced.
 * Otherwise 100-continue is sent where expected, the body is collected, and `handle` gets the whole request.
 * It answers at once, or holds the request and answers later. One request of a connection is worked on at a
 * time, so pipelined requests are answered in order; the next ones wait in a bounded buffer, then in the
 * kernel.
 *
 * Every request that `handle` was given is answered exactly once, with http_answer() or http_problem(),
 * whether or not its connection still lives; the answer frees it. That is the whole life cycle. (One that
 * `admit` let pass may never come to `handle`: its body may be malformed, late or incomplete.)
 *
 * What is malformed is refused with a problem document (RFC 9457), and the connection closed so that the
 * answer arrives: stop sending, read and drop what still comes for a while, close.
 *
 * Owns      sockets, connections, requests until they are answered.
 * Limits    connections overall; of strangers at each listener, overall and per address; of a party, whose
 *           places strangers cannot take. When there are too many strangers the one that has waited longest
 *           yields its place to the next, so nobody holds them all by being silent. One absolute deadline per
 *           phase (a byte now and then does not extend it), the body by its declared and by its real size,
 *           all bodies together and those of a party, which may hold as much as is still free; what one party
 *           is served in a turn of the loop; unsent output (no request is read while a client does not fetch
 *           its answers). A party over its limit: 429.
 * Thread    everything on the loop thread. Another thread may read a held request's fields and body, but must
 *           not allocate from its arena.
 */
#ifndef ADAPTERS_HTTP_SERVER_H
#define ADAPTERS_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/loop.h"
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

/* In admit: takes at most so many bytes of body; never more than the listener's body_max. */
void http_request_limit(struct http_request *req, size_t body_max);

/* In handle: the answer comes later. cancelled (may be NULL) tells that nobody waits for it any more because
 * the connection broke or the server is being freed; it is a hint, called at most once, and may answer right
 * there. A client that only stopped sending still gets its answer. */
void http_request_hold(struct http_request *req, void (*cancelled)(struct http_request *req, void *context),
                       void *context);

/* --- answers ----------------------------------------------------------------------------------------- */

struct http_header {
    const char *name, *value;
}; /* lists end with a NULL name */

/* Takes the request. headers may be NULL; body is copied. Date, Content-Length and Connection are ours.
 * content_type may be NULL when the body is empty. To HEAD the same answer goes without its body. */
void http_answer(struct http_request *req, int status, const char *content_type,
                 const struct http_header *headers, struct text body);

/* Takes the request: application/problem+json {type, title, status, code, detail}. code is stable and short
 * ("not-yours"); detail is a sentence for a person, in the language of Accept-Language, else English.
 * headers NULL: 429 and 503 get a Retry-After. */
void http_problem(struct http_request *req, int status, const char *code, const char *zh, const char *en);
void http_problem_with(struct http_request *req, int status, const char *code, const char *zh, const char *en,
                       const struct http_header *headers);
/* The same for an outcome: its HTTP code, its name as code ("not-found"), its sentence. */
void http_problem_status(struct http_request *req, enum status status);
void http_problem_status_with(struct http_request *req, enum status status, const char *zh, const char *en,
                              const struct http_header *headers);

/* --- the server -------------------------------------------------------------------------------------- */

/* clang-format off */
/*    type    name                    default            meaning */
#define HTTP_OPTION_LIST(X)                                                                                 \
    X(size_t, connections_max,        8192,              "connections open at once, but for unix sockets") \
    X(size_t, strangers_max,          1024,              "of them of strangers, at each listener")          \
    X(size_t, address_max,            256,               "of those from one address (IPv6: one /64)")       \
    X(size_t, party_connections,      512,               "connections of one party")                        \
    X(size_t, party_bodies,           512,               "bodies of one party held at once")                \
    X(size_t, party_body_bytes,       64 * 1024 * 1024,  "bytes of them")                                   \
    X(size_t, turn_bytes,             256 * 1024,        "read of one party before the loop serves others") \
    X(int,    handshake_ms,           5000,              "deadline of the TLS handshake")                   \
    X(int,    head_ms,                10000,             "deadline of a head, from its first byte")         \
    X(int,    body_ms,                30000,             "deadline of a body, from the end of its head")    \
    X(int,    idle_ms,                60000,             "deadline of an idle connection")                  \
    X(int,    send_ms,                60000,             "deadline for fetching unsent answers")            \
    X(int,    linger_ms,              2000,              "deadline for reading and dropping after a close") \
    X(int,    sweep_ms,               500,               "deadlines are looked at this often")              \
    X(size_t, linger_max,             4 * 1024 * 1024,   "bytes read and dropped after a close")            \
    X(size_t, bodies_max,             256 * 1024 * 1024, "bytes of all bodies held at once")                \
    X(size_t, unsent_max,             256 * 1024,        "unsent bytes of answers at which reading stops")  \
    X(size_t, ahead_max,              64 * 1024,         "bytes read ahead while a request is worked on")
/* clang-format on */

struct http_options {
#define X(type, name, value, meaning) type name;
    HTTP_OPTION_LIST(X)
#undef X
};

void http_options_init(struct http_options *options); /* the defaults */

/* One address and what is served there. All is borrowed, and outlives the server. */
struct http_listen {
    const char *address;    /* "127.0.0.1:8443", "[::]:8080", port 0: any free; "unix:/run/x" */
    struct tls_server *tls; /* NULL: plain */
    size_t body_max;        /* bytes of one body */
    void (*admit)(struct http_request *req, void *context); /* NULL: admits everything */
    void (*handle)(struct http_request *req, void *context);
    /* Once a connection stands: the account of the party at its other end; NULL: a stranger. May be NULL: all
       are. */
    struct http_account *(*account_of)(const struct http_peer *peer, void *account_context);
    void *context, *account_context;
};

struct http_server;

/* options may be NULL. Ignores SIGPIPE in the whole process: OpenSSL writes without MSG_NOSIGNAL. */
struct http_server *http_server_new(struct loop *loop, const struct http_options *options);

/* BAD_CONFIG: the address cannot be read; UNAVAILABLE: it cannot be bound; FULL: no room for a unix socket.
 * why (may be NULL) says what is wrong. A unix socket is made with mode 0600; a left-over one that nobody
 * serves is replaced. */
enum status http_server_listen(struct http_server *server, const struct http_listen *listen,
                               struct explanation *why);
/* Of the n-th listen; 0 on unix. */
int http_server_port(const struct http_server *server, size_t index);

/* Stops accepting, closes idle connections, lets requests in progress be answered (with Connection: close),
 * then calls done once. Whoever cannot wait frees the server. */
void http_server_drain(struct http_server *server, void (*done)(void *context), void *context);

/* Closes everything now. Held requests are cancelled and must still be answered, which then only frees them.
 * Not from within admit, handle or cancelled; from within drain's done it is fine. */
void http_server_free(struct http_server *server);

#endif
