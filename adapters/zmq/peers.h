/*
 * peers.h - who is connected at one party's address: by the name that a peer gives itself, and by the
 * descriptor of its connection. Thread: the loop thread.
 */
#ifndef ADAPTERS_ZMQ_PEERS_H
#define ADAPTERS_ZMQ_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum { ROUTING_MAX = 255, PEERS_MAX = 64 };

struct routing {
    uint8_t bytes[ROUTING_MAX];
    size_t length;
}; /* what a peer calls itself */

struct peer {
    struct routing routing;
    int fd;           /* of its connection, as the monitor names it */
    char key[41];     /* by which it was admitted */
    bool admitted;    /* by the edition in force */
    uint32_t submits; /* under way */
    bool follows;     /* a FOLLOW is */
    uint64_t hello;   /* when it said HELLO, as a serial number; 0: it did not */
    uint32_t credit;  /* deliveries it can still take */
};

struct peers {
    struct peer *list[PEERS_MAX]; /* NULL: a place that is free */
};

struct peer *peers_find(const struct peers *peers, struct text routing); /* NULL: nobody */
struct peer *peers_of_connection(const struct peers *peers, int fd);     /* NULL: nobody's */
struct peer *peers_last_hello(const struct peers *peers);                /* NULL: nobody said it */
struct peer *peers_add(struct peers *peers, struct text routing);        /* NULL: it is one too many */
void peers_connected(struct peer *peer, int fd, const char *key);        /* key NULL: "" */
void peers_take_out(struct peers *peers, struct peer *peer);             /* to be freed by the caller */
struct text routing_text(const struct routing *routing);                 /* as long as the routing */

#endif
