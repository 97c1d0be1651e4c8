/*
 * answer.h - an answer as bytes: status line, fields, body (RFC 9112).
 */
#ifndef ADAPTERS_HTTP_ANSWER_H
#define ADAPTERS_HTTP_ANSWER_H

#include "base/buf.h"
#include "adapters/http/exchange.h"

struct http_answer {
    int status;
    const char *content_type;
    const struct http_header *headers;
    struct text body;
    bool head_only;
    const struct http_stream *stream; /* instead of the body; NULL: none */
};

/* Of a stream the head alone. Without a length it is chunked, or lasts until the connection closes
 * (HTTP/1.0). closing: the connection ends behind it. old: the client is of HTTP/1.0, and must be told that
 * it does not. */
void http_answer_print(const struct http_answer *answer, bool closing, bool old, struct buf *out);
void http_chunk_print(struct text piece, struct buf *out); /* of no bytes: the last (RFC 9112, 7.1) */
/* What a sender should do again says when; NULL: nothing. */
const struct http_header *http_retry_headers(int status);

#endif
