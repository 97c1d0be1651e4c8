/*
 * signature.c - reading secrets, and signing with them.
 */
#include "adapters/webhook/signature.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"

#define PREFIX          "whsec_"
#define SECRET_FILE_MAX 256
#define VERSION         "v1,"

static enum status secret_of(struct text text, struct webhook_secret *out) {
    struct text encoded = text_trim(text);
    if (!text_starts(encoded, PREFIX)) {
        return STATUS_BAD_CONFIG;
    }
    encoded.at += strlen(PREFIX);
    encoded.length -= strlen(PREFIX);
    bool good = base64_read(encoded, out->bytes, sizeof(out->bytes), &out->length);
    return good && out->length >= SECRET_BYTES_MIN ? STATUS_OK : STATUS_BAD_CONFIG;
}

enum status webhook_secret_read(const char *path, struct webhook_secret *out) {
    struct buf file;
    buf_init(&file, SECRET_FILE_MAX);
    *out = (struct webhook_secret){ .length = 0 };
    enum status status = file_read(path, &file);
    if (status == STATUS_OK) {
        status = secret_of(buf_text(&file), out);
    } else if (status == STATUS_TOO_LARGE) {
        status = STATUS_BAD_CONFIG;
    }
    if (status != STATUS_OK) {
        webhook_secret_forget(out);
    }
    if (file.at) {
        explicit_bzero(file.at, file.capacity);
    }
    buf_release(&file);
    return status;
}

void webhook_secret_forget(struct webhook_secret *secret) {
    explicit_bzero(secret, sizeof(*secret));
}

const char *webhook_sign(const struct webhook_secret *secrets, size_t count, const char *id,
                         int64_t timestamp_s, struct text body, char out[SIGNATURES_SIZE]) {
    char timestamp[24];
    size_t length = 0;
    require(count > 0 && count <= SECRETS_MAX);
    snprintf(timestamp, sizeof(timestamp), "%" PRId64, timestamp_s);
    struct text parts[] = { text_of(id), TEXT("."), text_of(timestamp), TEXT("."), body };
    for (size_t i = 0; i < count; i++) {
        char encoded[BASE64_SIZE(DIGEST_SIZE)];
        struct text key = { (const char *)secrets[i].bytes, secrets[i].length };
        struct digest digest = digest_keyed(key, parts, sizeof(parts) / sizeof(*parts));
        base64_print(digest.bytes, sizeof(digest.bytes), encoded);
        length += (size_t)snprintf(out + length, SIGNATURES_SIZE - length, "%s" VERSION "%s",
                                   length ? " " : "", encoded);
    }
    return out;
}
