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
};

/* closing: the connection ends behind it. old_keep_alive: HTTP/1.0 must be told that it does not. */
void http_answer_print(const struct http_answer *answer, bool closing, bool old_keep_alive, struct buf *out);
/* What a sender should do again says when; NULL: nothing. */
const struct http_header *http_retry_headers(int status);

#endif
