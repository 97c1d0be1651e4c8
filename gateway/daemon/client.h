/*
 * client.h - asking a running gateway over HTTPS with a client certificate, or over its control socket.
 * libcurl stands behind it and shows nowhere else. No redirects are followed; only https, or http on the unix
 * socket.
 */
#ifndef DAEMON_CLIENT_H
#define DAEMON_CLIENT_H

#include <stdio.h>

#include "base/buf.h"
#include "base/status.h"
#include "base/text.h"

struct client_options {
    const char *server;                 /* "https://localhost:8443" */
    const char *certificate, *key, *ca; /* PEM files */
    const char *socket;                 /* unix socket instead; NULL: none */
    int timeout_ms;                     /* for an answer, beside what its body may take on a slow line */
    enum language language;             /* of what it says of failures */
};

struct client_answer {
    int http;
    char type[128];
    char location[256];
    char next[8192]; /* the target of `Link: <...>; rel="next"`, on the same server; "": there is none */
    struct buf body;
    struct explanation why; /* what failed, about which file or address, what to do */
};

struct client;

struct client *client_new(const struct client_options *options);
void client_free(struct client *client);
/* waits() is called about once a second while no answer comes, from client_ask(); it may ask by another
 * client. */
void client_while_waiting(struct client *client, void (*waits)(void *context), void *context);
/* body NULL: GET. headers: "Name: value" strings, NULL-ended, may be NULL. Answer to be released with
 * client_release(). UNAVAILABLE (also when what answers is no gateway, but a proxy or somebody else),
 * TIMEOUT, DENIED (TLS refused), BAD_CONFIG (address, certificate, key or CA cannot be used), TOO_LARGE (the
 * answer), with why; OK whatever the HTTP code is. */
enum status client_ask(struct client *client, const char *path, const struct text *body,
                       const char *const *headers, struct client_answer *answer);
/* GET as before, of an answer that may be long: its body is written to `to` as it comes, when it is one
 * that was asked for (2xx); else it is in *answer. It may take as long as bytes of it come, at least one
 * in timeout_ms. UNAVAILABLE also when it ends before its end. IO: it could not be written. */
enum status client_fetch(struct client *client, const char *path, const char *const *headers, FILE *to,
                         struct client_answer *answer);
/* The answer is none that a gateway gives: says so in its why. UNAVAILABLE. */
enum status client_doubt(const struct client *client, struct client_answer *answer);
void client_release(struct client_answer *answer);
enum status client_status(const struct client_answer *answer); /* what the HTTP code means */

#endif
