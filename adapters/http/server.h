/*
 * server.h - strict HTTP/1.1 servers on the loop: plain, TLS and unix sockets.
 *
 * A connection is accepted, shakes hands (TLS), and waits idle. When a head has come complete it is read by
 * reader.h, the referee must agree, and `admit` sees the request before any of its body is read: it may
 * answer right then (not found, not allowed, too large), which closes the connection if a body was announced.
 * Otherwise 100-continue is sent where expected, the body is collected, its digests are verified and its
 * content coding undone (content.h), and `handle` gets the whole request.
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
 *           yields its place to the next, so nobody holds them all by being silent. One deadline per phase,
 *           absolute, or moved on by what is transferred at a lowest rate (deadline.h): a byte now and then
 *           extends none. The body by its declared and by its real size, and by what its coding stands for,
 *           all bodies together and those of a party, which may hold as much as is still free; what one party
 *           is served in a turn of the loop; unsent output (no request is read while a client does not fetch
 *           its answers). A party over its limit: 429.
 * Thread    everything on the loop thread. Another thread may read a held request's fields and body, but must
 *           not allocate from its arena.
 */
#ifndef ADAPTERS_HTTP_SERVER_H
#define ADAPTERS_HTTP_SERVER_H

#include <stddef.h>

#include "base/loop.h"
#include "base/status.h"
#include "adapters/http/exchange.h"
#include "adapters/http/options.h"

/* --- the server -------------------------------------------------------------------------------------- */

struct http_server;

/* options may be NULL. Ignores SIGPIPE in the whole process: OpenSSL writes without MSG_NOSIGNAL. */
struct http_server *http_server_new(struct loop *loop, const struct http_options *options);

/* BAD_CONFIG: the address cannot be read; UNAVAILABLE: it cannot be bound; FULL: no room for a unix socket.
 * why (may be NULL) says what is wrong. A unix socket is made with mode 0600; a left-over one that nobody
 * serves is replaced. */
enum status http_server_listen(struct http_server *server, const struct http_listen *listen,
                               struct explanation *why);
/* Other limits of strangers, of one address and of a party, as in the options; all else stays. Who is over
 * them already is not closed for it. */
void http_server_limit(struct http_server *server, const struct http_options *limits);
/* Another TLS server in the place of `before`: newcomers shake hands with it. */
void http_server_change_tls(struct http_server *server, const struct tls_server *before,
                            struct tls_server *now);
/* Asks anew whose each connection is, and closes those whose party it is no more; certificates: also those
 * whose certificate the TLS server of their listener does not admit, or that are still shaking hands. */
void http_server_ask_again(struct http_server *server, bool certificates);
/* Of the n-th listen; 0 on unix. */
int http_server_port(const struct http_server *server, size_t index);

/* Stops accepting, closes idle connections, lets requests in progress be answered (with Connection: close),
 * then calls done once. Whoever cannot wait frees the server. */
void http_server_drain(struct http_server *server, void (*done)(void *context), void *context);

/* Closes everything now. Held requests are cancelled and must still be answered, which then only frees them.
 * Not from within admit, handle or cancelled; from within drain's done it is fine. */
void http_server_free(struct http_server *server);

#endif
