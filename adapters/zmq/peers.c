/*
 * peers.c - few enough to be looked through.
 */
#include "adapters/zmq/peers.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

struct text routing_text(const struct routing *routing) {
    require(routing->length <= ROUTING_MAX);
    return (struct text){ (const char *)routing->bytes, routing->length };
}

struct peer *peers_find(const struct peers *peers, struct text routing) {
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = peers->list[i];
        if (peer && text_equal(routing_text(&peer->routing), routing)) {
            return peer;
        }
    }
    return NULL;
}

struct peer *peers_of_connection(const struct peers *peers, int fd) {
    for (size_t i = 0; i < PEERS_MAX; i++) {
        if (peers->list[i] && peers->list[i]->fd == fd) {
            return peers->list[i];
        }
    }
    return NULL;
}

struct peer *peers_last_hello(const struct peers *peers) {
    struct peer *last = NULL;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = peers->list[i];
        if (peer && peer->hello > (last ? last->hello : 0)) {
            last = peer;
        }
    }
    return last;
}

struct peer *peers_add(struct peers *peers, struct text routing) {
    for (size_t i = 0; i < PEERS_MAX && routing.length <= ROUTING_MAX; i++) {
        if (!peers->list[i]) {
            struct peer *peer = peers->list[i] = memory_new(sizeof(*peer));
            memcpy(peer->routing.bytes, routing.at, routing.length);
            peer->routing.length = routing.length;
            return peer;
        }
    }
    return NULL;
}

void peers_connected(struct peer *peer, int fd, const char *key) {
    peer->fd = fd;
    snprintf(peer->key, sizeof(peer->key), "%s", key ? key : "");
}

void peers_take_out(struct peers *peers, struct peer *peer) {
    size_t i = 0;
    while (i < PEERS_MAX && peers->list[i] != peer) {
        i++;
    }
    require(peer && i < PEERS_MAX);
    peers->list[i] = NULL;
}
