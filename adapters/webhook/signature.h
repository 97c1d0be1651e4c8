/*
 * signature.h - signatures after Standard Webhooks 1.0: HMAC-SHA256 over "ID.TIMESTAMP.BODY", by each secret
 * that is in force, so that a secret can be changed without a moment in which the other side knows none.
 *
 * A secret is a file that holds "whsec_" and the key in Base64, and nothing else: what an operator and the
 * party agreed on. It never leaves this room, nor stands in a record, a log or a finding.
 */
#ifndef ADAPTERS_WEBHOOK_SIGNATURE_H
#define ADAPTERS_WEBHOOK_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

#define SECRETS_MAX      8
#define SECRET_BYTES_MIN 24 /* as the specification recommends */
#define SECRET_BYTES_MAX 64
#define SIGNATURES_SIZE  (SECRETS_MAX * 48) /* "v1," and 44 characters each, blanks between, NUL */

struct webhook_secret {
    uint8_t bytes[SECRET_BYTES_MAX];
    size_t length;
};

/* NOT_FOUND, IO: the file cannot be read. BAD_CONFIG: what it holds is no secret, or too short. */
enum status webhook_secret_read(const char *path, struct webhook_secret *out);
void webhook_secret_forget(struct webhook_secret *secret);

/* "v1,BASE64 v1,BASE64": one of each secret, in their order. Returns out. */
const char *webhook_sign(const struct webhook_secret *secrets, size_t count, const char *id,
                         int64_t timestamp_s, struct text body, char out[SIGNATURES_SIZE]);

#endif
