/*
 * pick_up_token.h - the token by which a truck picks up a container 电子提箱凭证: what it says, and its
 * signature.
 *
 * BASE64(PAYLOAD) "." BASE64(SIGNATURE), where the payload is JSON,
 * {"goods":"CNQDG/BILL","released":"...","container":"...","truck":"...","until":"...","number":42}
 * and the signature Ed25519 over the bytes of the payload, by the key of the edition; a gate that has the
 * public half (`pick-up-key` of the edition) can read and believe it without asking. It is a function of
 * what it says and of the key: so it is made for its holder when the holder asks, state.db keeps its
 * digest alone, and no record has it before it is used.
 */
#ifndef ENGINE_PICK_UP_TOKEN_H
#define ENGINE_PICK_UP_TOKEN_H

#include "base/stamp.h"
#include "edition/edition.h"

struct pick_up {
    const char *goods, *container, *truck;
    stamp released, until;
    uint64_t number; /* of the record that asked for it */
};

/* In the arena. The edition has a key. */
const char *pick_up_token(const struct edition *edition, const struct pick_up *of, struct arena *arena);
const char *pick_up_digest(const char *token, struct arena *arena); /* SHA-256 in hexadecimal */

#endif
