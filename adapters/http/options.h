/*
 * options.h - what a server of HTTP keeps to, and what is served at one of its addresses.
 */
#ifndef ADAPTERS_HTTP_OPTIONS_H
#define ADAPTERS_HTTP_OPTIONS_H

#include <stddef.h>

#include "adapters/http/exchange.h"
#include "adapters/tls.h"

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
    X(int,    body_ms,                30000,             "so long a body may stand still (deadline.h)")     \
    X(int,    idle_ms,                60000,             "deadline of an idle connection")                  \
    X(int,    send_ms,                60000,             "so long an answer may not be fetched")            \
    X(size_t, rate,                   8,                 "bytes a millisecond of both, below which it ends") \
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
    const char *name;       /* what it is for: "machines"; told in the log; NULL: "" */
    int audience;           /* which of them: copied to each peer */
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

#endif
