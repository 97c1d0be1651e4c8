/*
 * client.h - POST requests over HTTPS, many at once, on the loop. libcurl stands behind it and shows nowhere
 * else.
 *
 * HTTP/1.1, connections kept for the next request. No redirect is followed, no proxy used, nothing read from
 * the environment or a .netrc, no cookie kept, no answer decoded. The server's certificate is verified, by
 * the authorities given or else the system's. Each address is judged before it is connected to, and once more
 * when a connection stands (address.h). An answer's head and body are read to a limit and thrown away, but
 * for the first words.
 * A request may take as long as its body moves on (adapters/deadline.h): what stands still for patience_ms,
 * before the body has gone or while the answer is waited for, ends it, and so does a receiver that takes less
 * than WEBHOOK_RATE.
 * Thread    the loop thread; names are resolved on threads of libcurl's.
 */
#ifndef ADAPTERS_WEBHOOK_CLIENT_H
#define ADAPTERS_WEBHOOK_CLIENT_H

#include "base/loop.h"
#include "base/text.h"
#include "adapters/webhook/address.h"
#include "adapters/webhook/answer.h"

#define CLIENT_HEADERS_MAX 24
#define WEBHOOK_RATE       8 /* bytes a millisecond */

struct webhook_client;
struct webhook_post;

struct webhook_header {
    const char *name, *value; /* the value of printable ASCII */
};

struct webhook_request {
    const char *url;
    bool plain; /* http, and to a loopback address only */
    const struct address_ranges *allowed;
    struct text authorities; /* PEM; empty: the system's */
    const struct webhook_header *headers;
    size_t headers_count;
    bool only_connects; /* nothing is sent: ANSWERED once TCP and TLS stand, with code 0 */
    struct text body;   /* must stay until it is done or cancelled; all else is copied */
    int connect_ms, patience_ms;
    void (*done)(void *context, const struct webhook_answer *answer); /* once, and never within the call */
    void *context;
};

struct webhook_client *webhook_client_new(struct loop *loop);
void webhook_client_free(struct webhook_client *client); /* no request is under way; NULL is fine */

struct webhook_post *webhook_post_start(struct webhook_client *client, const struct webhook_request *request);
void webhook_post_cancel(struct webhook_post *post); /* its done() does not come */

#endif
