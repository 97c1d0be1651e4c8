/*
 * password.h - passwords as hashes that are slow to guess (scrypt, RFC 7914, OpenSSL behind it).
 *
 *   $scrypt$ln=15,r=8,p=3$SALT$HASH      16 and 32 bytes in Base64; 2^15 blocks of 1 KiB, three times
 *
 * There is one cost: whoever is asked for takes the same time, whether he is known or not. So another cost is
 * another prefix, and hashes of the one before are no hashes any more.
 * Thread    any. Making and comparing takes 32 MiB and a good part of a second: not for a loop.
 */
#ifndef BASE_PASSWORD_H
#define BASE_PASSWORD_H

#include <stdbool.h>

#include "base/text.h"

#define PASSWORD_MIN      12  /* characters of a new one */
#define PASSWORD_MAX      256 /* bytes */
#define PASSWORD_HASH_MAX 128

/* With a salt of its own. At most PASSWORD_MAX bytes. */
void password_hash(struct text password, char out[PASSWORD_HASH_MAX]);
bool password_hash_is_sound(struct text hash);
/* hash NULL: nobody is known by that name, and nothing matches; it takes as long. Else a sound one. */
bool password_matches(struct text password, const char *hash);

#endif
