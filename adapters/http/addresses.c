/*
 * addresses.c - a hash table of the addresses that have connections open, each counted; one that has none
 * is not kept.
 */
#include "adapters/http/addresses.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

enum { BUCKETS = 1024, NETWORK_BYTES = 8 };

struct address {
    struct address *next;
    uint64_t key;
    size_t count;
};

struct addresses {
    uint64_t seed;
    struct address *buckets[BUCKETS];
};

struct addresses *addresses_new(void) {
    struct addresses *addresses = memory_new(sizeof(*addresses));
    addresses->seed = (uintptr_t)addresses; /* else a sender could choose addresses of one bucket */
    return addresses;
}

void addresses_free(struct addresses *addresses) {
    for (int i = 0; i < BUCKETS; i++) {
        require(!addresses->buckets[i]);
    }
    free(addresses);
}

static bool is_mapped(const struct sockaddr *from) {
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
    return from->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
}

/* IPv4 addresses and IPv6 networks in one number; 0/8, where IPv4 ends up, is no IPv6 network of a peer. */
static uint64_t key_of(const struct sockaddr *from) {
    uint64_t key = 0;
    uint32_t v4;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
    if (from->sa_family == AF_INET) {
        return ntohl(((const struct sockaddr_in *)from)->sin_addr.s_addr);
    }
    if (is_mapped(from)) {
        memcpy(&v4, v6->sin6_addr.s6_addr + 12, sizeof(v4));
        return ntohl(v4);
    }
    memcpy(&key, v6->sin6_addr.s6_addr, NETWORK_BYTES);
    return key;
}

static size_t bucket_of(const struct addresses *addresses, uint64_t key) {
    return ((key ^ addresses->seed) * UINT64_C(0x9e3779b97f4a7c15)) >> 54;
}

static struct address *find(const struct addresses *addresses, uint64_t key) {
    struct address *address = addresses->buckets[bucket_of(addresses, key)];
    while (address && address->key != key) {
        address = address->next;
    }
    return address;
}

const struct address *addresses_find(const struct addresses *addresses, const struct sockaddr *from) {
    return find(addresses, key_of(from));
}

size_t addresses_count(const struct address *address) {
    return address ? address->count : 0;
}

struct address *addresses_take(struct addresses *addresses, const struct sockaddr *from) {
    uint64_t key = key_of(from);
    struct address *address = find(addresses, key);
    if (!address) {
        struct address **bucket = &addresses->buckets[bucket_of(addresses, key)];
        address = memory_new(sizeof(*address));
        address->key = key;
        address->next = *bucket;
        *bucket = address;
    }
    address->count++;
    return address;
}

void addresses_give_back(struct addresses *addresses, struct address *address) {
    require(!address || address->count > 0);
    if (!address || --address->count) {
        return;
    }
    struct address **at = &addresses->buckets[bucket_of(addresses, address->key)];
    while (*at != address) {
        at = &(*at)->next;
    }
    *at = address->next;
    free(address);
}

const char *address_print(const struct sockaddr *from, char out[INET6_ADDRSTRLEN]) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
    const char *printed;
    if (from->sa_family == AF_INET) {
        printed = inet_ntop(AF_INET, &v4->sin_addr, out, INET6_ADDRSTRLEN);
    } else if (is_mapped(from)) {
        printed = inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, out, INET6_ADDRSTRLEN);
    } else {
        printed = inet_ntop(AF_INET6, &v6->sin6_addr, out, INET6_ADDRSTRLEN);
    }
    require(printed);
    return printed;
}
