/*
 * tries.c - rows by the digest of what they count, in the order of no one: a table that is looked through.
 */
#include "adapters/api/tries.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/status.h"

enum tries_kind {
#define X(kind, most, seconds) TRIES_OF_##kind,
    TRIES_LIST(X)
#undef X
        TRIES_KINDS_COUNT
};

static const struct {
    unsigned most;
    int64_t seconds;
} limits[] = {
#define X(kind, most, seconds) { most, seconds },
    TRIES_LIST(X)
#undef X
};

struct row {
    struct hash128 key;
    int64_t ends_ms; /* 0: it is free */
    unsigned count;
};

struct tries {
    struct row rows[TRIES_MAX];
};

struct tries *tries_new(void) {
    struct tries *tries = memory_new(sizeof(*tries));
    return tries;
}

void tries_free(struct tries *tries) {
    free(tries);
}

/* A host has a whole /64. */
static struct text network_of(const char *address, unsigned char six[16]) {
    return inet_pton(AF_INET6, address, six) == 1 ? (struct text){ (const char *)six, 8 } : text_of(address);
}

/* Of SHA-256 a part is enough to tell rows apart, and nobody finds two that meet. */
static struct hash128 key_of(enum tries_kind kind, const char *address, struct text account) {
    unsigned char six[16];
    struct text network = kind == TRIES_OF_ACCOUNT ? TEXT("") : network_of(address, six);
    const char kind_byte = (char)kind, length_byte = (char)network.length;
    const struct text parts[] = {
        { &kind_byte, 1 }, { &length_byte, 1 }, network, kind == TRIES_OF_ADDRESS ? TEXT("") : account
    };
    struct digest digest = digest_of_parts(parts, sizeof(parts) / sizeof(*parts));
    struct hash128 key;
    memcpy(&key, digest.bytes, sizeof(key));
    return key;
}

static struct row *find(struct tries *tries, struct hash128 key, int64_t now_ms) {
    for (size_t i = 0; i < TRIES_MAX; i++) {
        struct row *row = &tries->rows[i];
        if (row->ends_ms > now_ms && row->key.low == key.low && row->key.high == key.high) {
            return row;
        }
    }
    return NULL;
}

static struct row *make(struct tries *tries, struct hash128 key, int64_t ends_ms) {
    struct row *first = &tries->rows[0];
    for (size_t i = 1; i < TRIES_MAX; i++) {
        first = tries->rows[i].ends_ms < first->ends_ms ? &tries->rows[i] : first;
    }
    *first = (struct row){ .key = key, .ends_ms = ends_ms };
    return first;
}

int tries_count(struct tries *tries, const char *address, struct text account, int64_t now_ms) {
    struct hash128 keys[TRIES_KINDS_COUNT];
    int64_t left_ms = 0;
    for (int kind = 0; kind < TRIES_KINDS_COUNT; kind++) {
        keys[kind] = key_of((enum tries_kind)kind, address, account);
        const struct row *row = find(tries, keys[kind], now_ms);
        if (row && row->count >= limits[kind].most && row->ends_ms - now_ms > left_ms) {
            left_ms = row->ends_ms - now_ms;
        }
    }
    if (left_ms) {
        return (int)((left_ms + 999) / 1000);
    }
    for (int kind = 0; kind < TRIES_KINDS_COUNT; kind++) {
        struct row *row = find(tries, keys[kind], now_ms);
        row = row ? row : make(tries, keys[kind], now_ms + 1000 * limits[kind].seconds);
        row->count++;
    }
    return 0;
}

void tries_forgive(struct tries *tries, const char *address, struct text account, int64_t now_ms) {
    for (int kind = 0; kind < TRIES_KINDS_COUNT; kind++) {
        struct row *row = find(tries, key_of((enum tries_kind)kind, address, account), now_ms);
        if (row) {
            row->count = kind == TRIES_OF_BOTH || !row->count ? 0 : row->count - 1;
        }
    }
}
