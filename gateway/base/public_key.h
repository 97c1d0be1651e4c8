/*
 * public_key.h - public keys of X.509 certificates, and whether a signature verifies by one; and
 * signatures of our own (OpenSSL behind it).
 *
 * Two pairs of signature and digest are known: RSA (PKCS #1 v1.5) with SHA-256, and SM2 with SM3 (GM/T 0003,
 * 0004; the signature in DER, GM/T 0009; the signer's id is the standard's default).
 *
 * Thread    a key is immutable, and shared.
 */
#ifndef BASE_PUBLIC_KEY_H
#define BASE_PUBLIC_KEY_H

#include <stdbool.h>

#include "base/stamp.h"
#include "base/text.h"

/* clang-format off */
/*    name            signature  digest    of the signature, of the digest (OpenSSL's) */
#define SIGNATURE_ALGORITHM_LIST(X)          \
    X(RSA_SHA256,     "RSA",     "SHA256")   \
    X(SM2_SM3,        "SM2",     "SM3")
/* clang-format on */

enum signature_algorithm {
#define X(name, key, digest) SIGNATURE_##name,
    SIGNATURE_ALGORITHM_LIST(X)
#undef X
        SIGNATURE_ALGORITHMS_COUNT
};

#define SIGNATURE_DIGEST_SIZE 32 /* bytes, of either */

struct public_key;

/* Of a certificate, Base64 in one line, of 8 KiB at most. NULL: it is none, or its key is of neither kind or
 * too short to be believed (RSA below 2048 bits). */
struct public_key *public_key_of_base64(struct text base64);
void public_key_free(struct public_key *key); /* NULL is fine */
/* The certificate was valid then. */
bool public_key_is_valid(const struct public_key *key, stamp at);
stamp public_key_until(const struct public_key *key); /* its last moment */
/* False also when the key is of the other kind. */
bool public_key_verify(const struct public_key *key, enum signature_algorithm algorithm, struct text bytes,
                       struct text signature);
/* The digest that goes with the signature. */
void signature_digest(enum signature_algorithm algorithm, struct text bytes,
                      unsigned char out[SIGNATURE_DIGEST_SIZE]);

/* Ed25519 (RFC 8032), by which we sign ourselves: the same key and bytes always make the same signature. */
#define ED25519_KEY_SIZE       32 /* of a private key, its seed; of a public key */
#define ED25519_SIGNATURE_SIZE 64

/* Of a private key in PEM (PKCS #8, RFC 8410; `openssl genpkey -algorithm ed25519`). False: it is none. */
bool ed25519_read(struct text pem, unsigned char key[ED25519_KEY_SIZE]);
void ed25519_public(const unsigned char key[ED25519_KEY_SIZE], unsigned char out[ED25519_KEY_SIZE]);
void ed25519_sign(const unsigned char key[ED25519_KEY_SIZE], struct text bytes,
                  unsigned char out[ED25519_SIGNATURE_SIZE]);
/* As who reads what was signed does it: for tests. */
bool ed25519_verify(const unsigned char public_key[ED25519_KEY_SIZE], struct text bytes,
                    struct text signature);

#endif
