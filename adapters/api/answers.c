/*
 * answers.c - what was written, as the body of an answer; one that was cut short by its limit is none, and a
 * long one goes in pieces. The answer to a question has a validator, so that who asks again for what has not
 * changed is sent nothing.
 */
#include "adapters/api/shared.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/status.h"

void api_start_body(struct buf *body, struct json_out *out) {
    buf_init(body, API_ANSWER_MAX);
    json_start(out, body);
}

/* A body that is sent as it is fetched: who is slow has the deadline for each piece, not for all of it. */
struct long_answer {
    struct buf body;
    size_t sent;
};

static enum http_piece next_piece(void *context, struct buf *out) {
    struct long_answer *answer = context;
    size_t left = answer->body.length - answer->sent, length = left < HTTP_PIECE_MAX ? left : HTTP_PIECE_MAX;
    buf_add(out, answer->body.at + answer->sent, length);
    answer->sent += length;
    return length == left ? HTTP_PIECE_END : HTTP_PIECE_MORE;
}

static void long_answer_free(void *context) {
    struct long_answer *answer = context;
    buf_release(&answer->body);
    free(answer);
}

static void answer_in_pieces(struct http_request *req, int http, const char *type,
                             const struct http_header *headers, struct buf *body) {
    struct long_answer *answer = memory_new(sizeof(*answer));
    size_t length = body->length;
    answer->body = *body;
    buf_init(body, body->max); /* it is the answer's now */
    http_answer_stream(
        req, http, type, headers,
        &(struct http_stream){
            .next = next_piece, .close = long_answer_free, .context = answer, .length = &length });
}

static void answer(struct http_request *req, int http, const char *type, const struct http_header *headers,
                   struct buf *body) {
    if (!buf_failed(body) && body->length > HTTP_PIECE_MAX) {
        answer_in_pieces(req, http, type, headers, body);
    } else if (buf_failed(body)) {
        http_problem_refusal(req, HTTP_REFUSE_ANSWER_LARGE);
    } else {
        http_answer(req, http, type, headers, buf_text(body));
    }
    buf_release(body);
}

void api_answer_buf(struct http_request *req, int http, struct buf *body) {
    require(http >= 200 && http < 600);
    answer(req, http, "application/json", NULL, body);
}

#define CACHE_CONTROL "private, no-cache" /* what it was is asked for again, each time */
#define VARY          "Accept, Accept-Language"

void api_answer_in_parts(struct http_request *req, const char *type, const struct http_stream *stream) {
    static const struct http_header headers[] = { { "Cache-Control", CACHE_CONTROL },
                                                  { "Vary", VARY },
                                                  { NULL, NULL } };
    http_answer_stream(req, 200, type, headers, stream);
}

void api_answer_question(struct http_request *req, const char *type, const char *link, struct buf *body) {
    struct digest digest = digest_of(body->at, body->length);
    char hex[DIGEST_HEX_MAX], tag[DIGEST_HEX_MAX + 2];
    snprintf(tag, sizeof(tag), "\"%s\"", digest_hex(&digest, hex));
    const struct http_header headers[] = {
        { "ETag", tag }, { "Cache-Control", CACHE_CONTROL }, { "Vary", VARY }, { link ? "Link" : NULL, link },
        { NULL, NULL },
    };
    if (!buf_failed(body) && http_request_has(req, text_of(tag))) {
        http_answer(req, 304, NULL, headers, TEXT(""));
        buf_release(body);
    } else {
        answer(req, 200, type, buf_failed(body) ? NULL : headers, body);
    }
}
