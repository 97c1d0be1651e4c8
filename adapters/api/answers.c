/*
 * answers.c - what was written, as the body of an answer; one that was cut short by its limit is none, and a
 * long one goes in pieces.
 */
#include "adapters/api/shared.h"

#include <stdlib.h>

#include "base/memory.h"

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

static void answer_in_pieces(struct http_request *req, int http, const char *type, struct buf *body) {
    struct long_answer *answer = memory_new(sizeof(*answer));
    size_t length = body->length;
    answer->body = *body;
    buf_init(body, body->max); /* it is the answer's now */
    http_answer_stream(
        req, http, type, NULL,
        &(struct http_stream){
            .next = next_piece, .close = long_answer_free, .context = answer, .length = &length });
}

static void answer(struct http_request *req, int http, const char *type, struct buf *body) {
    if (!buf_failed(body) && body->length > HTTP_PIECE_MAX) {
        answer_in_pieces(req, http, type, body);
    } else if (buf_failed(body)) {
        http_problem(req, 500, "answer-too-large", "答复超过上限；请缩小范围",
                     "the answer is larger than the limit; ask for less");
    } else {
        http_answer(req, http, type, NULL, buf_text(body));
    }
    buf_release(body);
}

void api_answer_buf(struct http_request *req, int http, struct buf *body) {
    answer(req, http, "application/json", body);
}

void api_answer_bytes(struct http_request *req, const char *type, struct buf *body) {
    answer(req, 200, type, body);
}
