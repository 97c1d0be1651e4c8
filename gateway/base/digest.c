/*
 * digest.c - SHA-256, SHA-512 and HMAC through OpenSSL's EVP, fetched once; one context per thread makes a
 * digest of a small text cheap. CRC-32C (Castagnoli, RFC 3720 appendix B.4) by the processor's instruction
 * where there is one.
 */
#include "base/digest.h"

#include <endian.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/memory.h"
#include "base/status.h"

struct digester {
    EVP_MD_CTX *context;
    const EVP_MD *algorithm;
};

static const struct {
    const char *name, *implementation;
} algorithms[] = {
#define X(name, text, implementation) { text, implementation },
    DIGEST_ALGORITHM_LIST(X)
#undef X
};

static EVP_MD *fetched[DIGEST_ALGORITHM_COUNT];
static EVP_MAC *hmac;
static pthread_key_t thread_digester; /* freed with its thread */

static void free_thread_digester(void *digester) {
    digester_free(digester);
}

static void prepare(void) {
    for (int i = 0; i < DIGEST_ALGORITHM_COUNT; i++) {
        fetched[i] = EVP_MD_fetch(NULL, algorithms[i].implementation, NULL);
        require(fetched[i]);
    }
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    require(hmac);
    require(pthread_key_create(&thread_digester, free_thread_digester) == 0);
}

static void prepare_once(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
}

static void begin(struct digester *digester) {
    require(EVP_DigestInit_ex2(digester->context, digester->algorithm, NULL) == 1);
}

struct digester *digester_new_of(enum digest_algorithm algorithm) {
    require(algorithm < DIGEST_ALGORITHM_COUNT);
    prepare_once();
    struct digester *digester = memory_new(sizeof(*digester));
    digester->algorithm = fetched[algorithm];
    digester->context = EVP_MD_CTX_new();
    require(digester->context);
    begin(digester);
    return digester;
}

struct digester *digester_new(void) {
    return digester_new_of(DIGEST_SHA256);
}

void digester_free(struct digester *digester) {
    if (digester) {
        EVP_MD_CTX_free(digester->context);
        free(digester);
    }
}

void digester_add(struct digester *digester, const void *bytes, size_t length) {
    require(EVP_DigestUpdate(digester->context, bytes, length) == 1);
}

struct digest digester_finish(struct digester *digester) {
    struct digest digest;
    require(digester->algorithm == fetched[DIGEST_SHA256]);
    require(EVP_DigestFinal_ex(digester->context, digest.bytes, NULL) == 1);
    begin(digester);
    return digest;
}

const char *digest_algorithm_name(enum digest_algorithm algorithm) {
    require(algorithm < DIGEST_ALGORITHM_COUNT);
    return algorithms[algorithm].name;
}

const char *digester_finish_base64(struct digester *digester, char out[DIGEST_BASE64_MAX]) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    require(EVP_DigestFinal_ex(digester->context, bytes, &length) == 1);
    base64_print(bytes, length, out);
    begin(digester);
    return out;
}

static struct digester *of_this_thread(void) {
    prepare_once();
    struct digester *digester = pthread_getspecific(thread_digester);
    if (!digester) {
        digester = digester_new();
        require(pthread_setspecific(thread_digester, digester) == 0);
    }
    return digester;
}

struct digest digest_of(const void *bytes, size_t length) {
    struct digester *digester = of_this_thread();
    digester_add(digester, bytes, length);
    return digester_finish(digester);
}

struct digest digest_of_parts(const struct text *parts, size_t count) {
    struct digester *digester = of_this_thread();
    for (size_t i = 0; i < count; i++) {
        digester_add(digester, parts[i].at, parts[i].length);
    }
    return digester_finish(digester);
}

struct digest digest_keyed(struct text key, const struct text *parts, size_t count) {
    char name[] = "SHA256";
    OSSL_PARAM parameters[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                OSSL_PARAM_construct_end() };
    struct digest digest;
    size_t length;
    prepare_once();
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac);
    require(context && EVP_MAC_init(context, (const unsigned char *)key.at, key.length, parameters));
    for (size_t i = 0; i < count; i++) {
        require(EVP_MAC_update(context, (const unsigned char *)parts[i].at, parts[i].length));
    }
    require(EVP_MAC_final(context, digest.bytes, &length, sizeof(digest.bytes)) && length == DIGEST_SIZE);
    EVP_MAC_CTX_free(context);
    return digest;
}

bool digest_equal(const struct digest *a, const struct digest *b) {
    return memcmp(a->bytes, b->bytes, DIGEST_SIZE) == 0;
}

const char *digest_hex(const struct digest *digest, char out[DIGEST_HEX_MAX]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        out[2 * i] = digits[digest->bytes[i] >> 4];
        out[2 * i + 1] = digits[digest->bytes[i] & 15];
    }
    out[2 * DIGEST_SIZE] = '\0';
    return out;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20; /* to lower case */
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool digest_from_hex(struct text hex, struct digest *out) {
    if (hex.length != 2 * DIGEST_SIZE) {
        return false;
    }
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        int high = hex_digit(hex.at[2 * i]), low = hex_digit(hex.at[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* --- MurmurHash3 x64-128 -------------------------------------------------------------------------------- */

static uint64_t rotated(uint64_t value, int by) {
    return value << by | value >> (64 - by);
}

static uint64_t mixed_low(uint64_t block) {
    return rotated(block * UINT64_C(0x87c37b91114253d5), 31) * UINT64_C(0x4cf5ad432745937f);
}

static uint64_t mixed_high(uint64_t block) {
    return rotated(block * UINT64_C(0x4cf5ad432745937f), 33) * UINT64_C(0x87c37b91114253d5);
}

static uint64_t finished(uint64_t value) {
    value = (value ^ value >> 33) * UINT64_C(0xff51afd7ed558ccd);
    value = (value ^ value >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return value ^ value >> 33;
}

struct hash128 hash128_begin(uint32_t seed) {
    return (struct hash128){ seed, seed };
}

void hash128_add(struct hash128 *hash, uint64_t first, uint64_t second) {
    hash->low = (rotated(hash->low ^ mixed_low(first), 27) + hash->high) * 5 + 0x52dce729;
    hash->high = (rotated(hash->high ^ mixed_high(second), 31) + hash->low) * 5 + 0x38495ab5;
}

void hash128_add_bytes(struct hash128 *hash, const void *bytes, size_t length) {
    const unsigned char *at = bytes;
    uint64_t block[2];
    for (; length >= sizeof(block); at += sizeof(block), length -= sizeof(block)) {
        memcpy(block, at, sizeof(block));
        hash128_add(hash, le64toh(block[0]), le64toh(block[1]));
    }
    if (length > 0) {
        memset(block, 0, sizeof(block));
        memcpy(block, at, length);
        hash128_add(hash, le64toh(block[0]), le64toh(block[1]));
    }
}

void hash128_end(struct hash128 *hash, uint64_t length) {
    hash->low ^= length;
    hash->high ^= length;
    hash->low += hash->high;
    hash->high += hash->low;
    hash->low = finished(hash->low);
    hash->high = finished(hash->high);
    hash->low += hash->high;
    hash->high += hash->low;
}

/* --- CRC-32C --------------------------------------------------------------------------------------- */

#define POLYNOMIAL 0x82F63B78u /* reflected */
#define STREAM     512         /* bytes, of three that are read side by side */

/* Slicing by 8: tables[n][b] is what byte b does n bytes further on. */
static uint32_t tables[8][256];
static uint32_t (*crc_by)(uint32_t crc, const unsigned char *bytes, size_t length);

static uint32_t crc_by_table(uint32_t crc, const unsigned char *bytes, size_t length) {
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t eight;
        memcpy(&eight, bytes, 8);
        eight = le64toh(eight) ^ crc;
        crc = 0;
        for (int n = 0; n < 8; n++) {
            crc ^= tables[7 - n][eight >> (8 * n) & 255];
        }
    }
    for (; length; bytes++, length--) {
        crc = crc >> 8 ^ tables[0][(crc ^ *bytes) & 255];
    }
    return crc;
}

/* The register STREAM bytes further on, if those are zeros: for each of its bytes what that makes of it. */
static uint32_t further[4][256];

static uint32_t moved_on(uint32_t crc) {
    return further[0][crc & 255] ^ further[1][crc >> 8 & 255] ^ further[2][crc >> 16 & 255]
           ^ further[3][crc >> 24];
}

static void prepare_further(void) {
    static const unsigned char zeros[STREAM];
    for (int n = 0; n < 4; n++) {
        for (uint32_t bit = 1; bit < 256; bit *= 2) {
            further[n][bit] = crc_by_table(bit << (8 * n), zeros, sizeof(zeros));
        }
        for (uint32_t byte = 1; byte < 256; byte++) { /* it is linear */
            uint32_t low = byte & -byte;
            further[n][byte] = byte == low ? further[n][low] : further[n][low] ^ further[n][byte - low];
        }
    }
}

#ifdef __x86_64__
/* The instruction takes three steps until its result is there and begins a new one at each: so three streams
 * go side by side. */
__attribute__((target("sse4.2"))) static uint32_t crc_of_three(uint32_t crc, const unsigned char *bytes) {
    uint64_t sums[3] = { crc, 0, 0 };
    for (size_t i = 0; i < STREAM; i += 8) {
        for (int n = 0; n < 3; n++) {
            uint64_t eight;
            memcpy(&eight, bytes + (size_t)n * STREAM + i, 8);
            sums[n] = __builtin_ia32_crc32di(sums[n], eight);
        }
    }
    return moved_on(moved_on((uint32_t)sums[0]) ^ (uint32_t)sums[1]) ^ (uint32_t)sums[2];
}

__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(uint32_t crc, const unsigned char *bytes,
                                                                     size_t length) {
    for (; length >= 3 * STREAM; bytes += 3 * STREAM, length -= 3 * STREAM) {
        crc = crc_of_three(crc, bytes);
    }
    uint64_t wide = crc;
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t eight;
        memcpy(&eight, bytes, 8);
        wide = __builtin_ia32_crc32di(wide, eight);
    }
    crc = (uint32_t)wide;
    for (; length; bytes++, length--) {
        crc = __builtin_ia32_crc32qi(crc, *bytes);
    }
    return crc;
}
#endif

static void choose_crc(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
        }
        tables[0][byte] = crc;
    }
    for (int n = 1; n < 8; n++) {
        for (int byte = 0; byte < 256; byte++) {
            tables[n][byte] = tables[n - 1][byte] >> 8 ^ tables[0][tables[n - 1][byte] & 255];
        }
    }
    prepare_further();
    crc_by = crc_by_table;
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2") && !getenv("CLEARWAY_CRC_BY_TABLE")) { /* set by tests */
        crc_by = crc_by_instruction;
    }
#endif
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t length) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose_crc);
    return ~crc_by(~crc, bytes, length);
}
