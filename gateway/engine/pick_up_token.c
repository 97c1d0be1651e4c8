/*
 * pick_up_token.c - JSON in a fixed order, signed.
 */
#include "engine/pick_up_token.h"

#include <string.h>

#include "base/base64.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/public_key.h"

#define PAYLOAD_MAX 4096 /* bytes; identifiers have 35 characters, a bill of lading is longer by its port */

static const char *base64_of(const void *bytes, size_t length, struct arena *arena) {
    char *out = arena_alloc(arena, BASE64_SIZE(length));
    return base64_print(bytes, length, out);
}

const char *pick_up_token(const struct edition *edition, const struct pick_up *of, struct arena *arena) {
    unsigned char signature[ED25519_SIGNATURE_SIZE];
    char released[STAMP_TEXT_MAX], until[STAMP_TEXT_MAX];
    struct json_out out;
    struct buf payload;
    buf_init(&payload, PAYLOAD_MAX);
    json_start(&out, &payload);
    json_open_object(&out, NULL);
    json_put_string(&out, "goods", of->goods);
    json_put_string(&out, "released", stamp_print(of->released, released));
    json_put_string(&out, "container", of->container);
    json_put_string(&out, "truck", of->truck);
    json_put_string(&out, "until", stamp_print(of->until, until));
    json_put_int(&out, "number", (int64_t)of->number);
    json_close_object(&out);
    struct text bytes =
        buf_text(&payload); /* cut off where it is longer: then it says less, and is signed so */
    ed25519_sign(edition->pick_up_key, bytes, signature);
    const char *token = arena_printf(arena, "%s.%s", base64_of(bytes.at, bytes.length, arena),
                                     base64_of(signature, sizeof(signature), arena));
    buf_release(&payload);
    return token;
}

const char *pick_up_digest(const char *token, struct arena *arena) {
    char hex[DIGEST_HEX_MAX];
    struct digest digest = digest_of(token, strlen(token));
    return arena_string(arena, digest_hex(&digest, hex));
}
