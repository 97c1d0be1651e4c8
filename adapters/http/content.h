/*
 * content.h - what is done to a body between its framing (reader.h) and its handler: digests are taken of
 * it as it was sent and held against what its sender said they are (RFC 9530), then its content coding is
 * undone (RFC 9110, 8.4).
 *
 * Codings are gzip (or x-gzip) and zstd, one of them; no coding may be called identity. Of digests sha-256
 * and sha-512 are verified, others passed over, as the standard says; so is what stands in a trailer, as all
 * trailers are (RFC 9110, 6.5.1). Content-Digest and Repr-Digest are both of the bytes as they were sent,
 * coding and all: a request holds its representation whole, and its coding is part of that. The handler sees
 * the bytes without their coding, and no trace of it: the same submission with and without is the same
 * submission.
 *
 * Limits    the body's, for the bytes as they were sent and for those without their coding; the ratio of the
 *           two (base/decompress.h).
 */
#ifndef ADAPTERS_HTTP_CONTENT_H
#define ADAPTERS_HTTP_CONTENT_H

#include "base/buf.h"
#include "base/decompress.h"
#include "base/digest.h"
#include "adapters/http/reader.h"

/* What we take, for Accept-Encoding. */
#define HTTP_CONTENT_CODINGS      "gzip, zstd"

#define HTTP_DIGEST_FIELD_LIST(X) X(CONTENT, "content-digest") X(REPRESENTATION, "repr-digest")

enum http_digest_field {
#define X(name, text) HTTP_DIGEST_OF_##name,
    HTTP_DIGEST_FIELD_LIST(X)
#undef X
        HTTP_DIGEST_FIELD_COUNT
};

/* Zeroed to begin with. */
struct http_content {
    struct decompressor *decompressor;                                 /* NULL: the body has no coding */
    struct digester *digesters[DIGEST_ALGORITHM_COUNT];                /* NULL: not asked for */
    struct text said[HTTP_DIGEST_FIELD_COUNT][DIGEST_ALGORITHM_COUNT]; /* Base64; the head's */
};

/* Of a head that outlives it. has_body false: a coding is not looked at. */
enum http_refusal http_content_start(struct http_content *content, const struct http_head *head,
                                     bool has_body);
/* Adds to body, whose maximum is the limit, what these bytes stand for. */
enum http_refusal http_content_add(struct http_content *content, struct text bytes, struct buf *body);
enum http_refusal http_content_end(struct http_content *content);
size_t http_content_memory(const struct http_content *content);
void http_content_release(struct http_content *content);

#endif
