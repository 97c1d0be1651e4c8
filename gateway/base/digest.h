/*
 * digest.h - SHA-256 of bytes, with or without a key (OpenSSL behind it), SHA-512 where a sender chose it,
 * CRC-32C for torn writes, and a fast hash of 128 bits where only accidents are feared.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define DIGEST_SIZE    32
#define DIGEST_HEX_MAX (2 * DIGEST_SIZE + 1)

struct digest {
    uint8_t bytes[DIGEST_SIZE];
};

struct digest digest_of(const void *bytes, size_t length);
struct digest digest_of_parts(const struct text *parts, size_t count); /* of the concatenation */
/* HMAC-SHA256 (RFC 2104) of the concatenation. */
struct digest digest_keyed(struct text key, const struct text *parts, size_t count);
bool digest_equal(const struct digest *a, const struct digest *b);
const char *digest_hex(const struct digest *digest, char out[DIGEST_HEX_MAX]); /* lower case */
bool digest_from_hex(struct text hex, struct digest *out);

/* A digest over many pieces; one user at a time, reusable after finish. */
struct digester;
struct digester *digester_new(void);
void digester_free(struct digester *digester);
void digester_add(struct digester *digester, const void *bytes, size_t length);
struct digest digester_finish(struct digester *digester); /* and starts anew */

/* The algorithms that senders use for bytes on their way, by their names in RFC 9530, 5. */
#define DIGEST_ALGORITHM_LIST(X) X(SHA256, "sha-256", "SHA256") X(SHA512, "sha-512", "SHA512")

enum digest_algorithm {
#define X(name, text, implementation) DIGEST_##name,
    DIGEST_ALGORITHM_LIST(X)
#undef X
        DIGEST_ALGORITHM_COUNT
};

#define DIGEST_BASE64_MAX 89 /* of 64 bytes, and its NUL */

const char *digest_algorithm_name(enum digest_algorithm algorithm);
struct digester *digester_new_of(enum digest_algorithm algorithm); /* finished by this alone: */
const char *digester_finish_base64(struct digester *digester, char out[DIGEST_BASE64_MAX]); /* base64.h */

/* MurmurHash3 x64-128 (Austin Appleby, public domain), block by block: against accidents, never against
 * somebody who chooses the bytes. Unlike a CRC it is not linear, so sums of hashes tell which bytes stood
 * together. */
struct hash128 {
    uint64_t low, high;
};
struct hash128 hash128_begin(uint32_t seed);
/* 16 bytes, as two little-endian words. */
void hash128_add(struct hash128 *hash, uint64_t first, uint64_t second);
void hash128_add_bytes(struct hash128 *hash, const void *bytes, size_t length); /* zeros up to whole blocks */
void hash128_end(struct hash128 *hash, uint64_t length); /* all bytes that were added */

uint32_t crc32c(uint32_t crc, const void *bytes, size_t length); /* start with 0 */

#endif
