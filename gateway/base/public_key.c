/*
 * public_key.c - OpenSSL's EVP: a certificate is decoded once, its dates become stamps, and each signature is
 * verified, or made, in a context of its own.
 */
#include "base/public_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <time.h>

#include "base/base64.h"
#include "base/memory.h"
#include "base/status.h"

#define RSA_BITS_MIN         2048
#define CERTIFICATE_SIZE_MAX 8192
/* Of who signs, when nobody says otherwise: GM/T 0009, 10. */
#define SM2_SIGNER           "1234567812345678"

struct public_key {
    EVP_PKEY *key;
    stamp from, until;
};

static const struct {
    const char *key, *digest;
} algorithms[] = {
#define X(name, key, digest) { key, digest },
    SIGNATURE_ALGORITHM_LIST(X)
#undef X
};

static bool read_time(const ASN1_TIME *time, stamp *out) {
    struct tm parts;
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1) {
        return false;
    }
    int64_t seconds = (int64_t)timegm(&parts);
    *out = seconds * STAMP_SECOND;
    return seconds > INT64_MIN / STAMP_SECOND && seconds < INT64_MAX / STAMP_SECOND;
}

static bool is_known(const struct public_key *key) {
    return (EVP_PKEY_is_a(key->key, "RSA") && EVP_PKEY_get_bits(key->key) >= RSA_BITS_MIN)
           || EVP_PKEY_is_a(key->key, "SM2");
}

static struct public_key *read_certificate(struct text der) {
    const unsigned char *at = (const unsigned char *)der.at;
    X509 *certificate = der.length <= INT32_MAX ? d2i_X509(NULL, &at, (long)der.length) : NULL;
    struct public_key *key = memory_new(sizeof(*key));
    bool whole = certificate && at == (const unsigned char *)der.at + der.length;
    key->key = whole ? X509_get_pubkey(certificate) : NULL;
    bool good = key->key && is_known(key) && read_time(X509_get0_notBefore(certificate), &key->from)
                && read_time(X509_get0_notAfter(certificate), &key->until);
    X509_free(certificate);
    if (!good) {
        public_key_free(key);
        return NULL;
    }
    return key;
}

struct public_key *public_key_of_base64(struct text base64) {
    char der[CERTIFICATE_SIZE_MAX];
    size_t length = 0;
    return base64_read(base64, der, sizeof(der), &length) ? read_certificate((struct text){ der, length })
                                                          : NULL;
}

void public_key_free(struct public_key *key) {
    if (key) {
        EVP_PKEY_free(key->key);
        free(key);
    }
}

stamp public_key_until(const struct public_key *key) {
    return key->until;
}

bool public_key_is_valid(const struct public_key *key, stamp at) {
    return key->from <= at && at <= key->until;
}

bool public_key_verify(const struct public_key *key, enum signature_algorithm algorithm, struct text bytes,
                       struct text signature) {
    require(algorithm < SIGNATURE_ALGORITHMS_COUNT);
    if (!EVP_PKEY_is_a(key->key, algorithms[algorithm].key)) {
        return false;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *of_key = EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL);
    require(context && of_key);
    EVP_MD_CTX_set_pkey_ctx(context, of_key);
    bool good =
        (algorithm != SIGNATURE_SM2_SM3
         || EVP_PKEY_CTX_set1_id(of_key, SM2_SIGNER, sizeof(SM2_SIGNER) - 1) == 1)
        && EVP_DigestVerifyInit_ex(context, NULL, algorithms[algorithm].digest, NULL, NULL, key->key, NULL)
               == 1
        && EVP_DigestVerify(context, (const unsigned char *)signature.at, signature.length,
                            (const unsigned char *)bytes.at, bytes.length)
               == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(of_key);
    return good;
}

void signature_digest(enum signature_algorithm algorithm, struct text bytes,
                      unsigned char out[SIGNATURE_DIGEST_SIZE]) {
    unsigned length = SIGNATURE_DIGEST_SIZE;
    EVP_MD *digest = EVP_MD_fetch(NULL, algorithms[algorithm].digest, NULL);
    require(digest && EVP_Digest(bytes.at, bytes.length, out, &length, digest, NULL) == 1
            && length == SIGNATURE_DIGEST_SIZE);
    EVP_MD_free(digest);
}

/* --- signatures of our own ------------------------------------------------------------------------------ */

bool ed25519_read(struct text pem, unsigned char key[ED25519_KEY_SIZE]) {
    BIO *bio = BIO_new_mem_buf(pem.at, (int)(pem.length <= CERTIFICATE_SIZE_MAX ? pem.length : 0));
    EVP_PKEY *read = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;
    size_t size = ED25519_KEY_SIZE;
    bool good = read && EVP_PKEY_is_a(read, "ED25519") && EVP_PKEY_get_raw_private_key(read, key, &size) == 1
                && size == ED25519_KEY_SIZE;
    EVP_PKEY_free(read);
    BIO_free(bio);
    return good;
}

static EVP_PKEY *key_of(const unsigned char key[ED25519_KEY_SIZE]) {
    EVP_PKEY *made = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, key, ED25519_KEY_SIZE);
    require(made);
    return made;
}

void ed25519_public(const unsigned char key[ED25519_KEY_SIZE], unsigned char out[ED25519_KEY_SIZE]) {
    EVP_PKEY *made = key_of(key);
    size_t size = ED25519_KEY_SIZE;
    require(EVP_PKEY_get_raw_public_key(made, out, &size) == 1 && size == ED25519_KEY_SIZE);
    EVP_PKEY_free(made);
}

void ed25519_sign(const unsigned char key[ED25519_KEY_SIZE], struct text bytes,
                  unsigned char out[ED25519_SIGNATURE_SIZE]) {
    EVP_PKEY *made = key_of(key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t size = ED25519_SIGNATURE_SIZE;
    require(context && EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, made, NULL) == 1
            && EVP_DigestSign(context, out, &size, (const unsigned char *)bytes.at, bytes.length) == 1
            && size == ED25519_SIGNATURE_SIZE);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(made);
}

bool ed25519_verify(const unsigned char public_key[ED25519_KEY_SIZE], struct text bytes,
                    struct text signature) {
    EVP_PKEY *made = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, public_key, ED25519_KEY_SIZE);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    require(context);
    bool good = made && EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL, NULL, made, NULL) == 1
                && EVP_DigestVerify(context, (const unsigned char *)signature.at, signature.length,
                                    (const unsigned char *)bytes.at, bytes.length)
                       == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(made);
    return good;
}
