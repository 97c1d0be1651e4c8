/*
 * password.c - EVP_PBE_scrypt() with one cost, and a comparison that takes the same time wherever two hashes
 * part.
 */
#include "base/password.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"

#define PREFIX "$scrypt$ln=15,r=8,p=3$"

enum { COST_N = 1 << 15, COST_R = 8, COST_P = 3, COST_MEMORY = 64 << 20, SALT_SIZE = 16, KEY_SIZE = 32 };

struct parts {
    unsigned char salt[SALT_SIZE], key[KEY_SIZE];
};

static void derive(struct text password, const unsigned char salt[SALT_SIZE], unsigned char key[KEY_SIZE]) {
    require(password.length <= PASSWORD_MAX);
    if (EVP_PBE_scrypt(password.at ? password.at : "", password.length, salt, SALT_SIZE, COST_N, COST_R,
                       COST_P, COST_MEMORY, key, KEY_SIZE)
        != 1) {
        memory_exhausted(); /* nothing else of it can fail */
    }
}

static bool read_hash(struct text hash, struct parts *parts) {
    size_t length = 0;
    if (!text_starts(hash, PREFIX)) {
        return false;
    }
    struct text rest = { hash.at + strlen(PREFIX), hash.length - strlen(PREFIX) };
    struct text salt = text_until(&rest, '$');
    return base64_read(salt, parts->salt, SALT_SIZE, &length) && length == SALT_SIZE
           && base64_read(rest, parts->key, KEY_SIZE, &length) && length == KEY_SIZE;
}

bool password_hash_is_sound(struct text hash) {
    struct parts parts;
    return read_hash(hash, &parts);
}

void password_hash(struct text password, char out[PASSWORD_HASH_MAX]) {
    struct parts parts;
    char salt[BASE64_SIZE(SALT_SIZE)], key[BASE64_SIZE(KEY_SIZE)];
    random_fill(parts.salt, SALT_SIZE);
    derive(password, parts.salt, parts.key);
    int length = snprintf(out, PASSWORD_HASH_MAX, PREFIX "%s$%s", base64_print(parts.salt, SALT_SIZE, salt),
                          base64_print(parts.key, KEY_SIZE, key));
    require(length > 0 && length < PASSWORD_HASH_MAX);
    OPENSSL_cleanse(&parts, sizeof(parts));
    OPENSSL_cleanse(key, sizeof(key));
}

bool password_matches(struct text password, const char *hash) {
    struct parts parts = { { 0 }, { 0 } };
    unsigned char key[KEY_SIZE];
    if (hash) {
        require(read_hash(text_of(hash), &parts));
    }
    derive(password, parts.salt, key);
    bool same = CRYPTO_memcmp(key, parts.key, KEY_SIZE) == 0;
    OPENSSL_cleanse(&parts, sizeof(parts));
    OPENSSL_cleanse(key, sizeof(key));
    return hash && same;
}
