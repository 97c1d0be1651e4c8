/*
 * answers.c - what was written, as the body of an answer; one that was cut short by its limit is none.
 */
#include "adapters/api/shared.h"

void api_start_body(struct buf *body, struct json_out *out) {
    buf_init(body, API_ANSWER_MAX);
    json_start(out, body);
}

static void answer(struct http_request *req, int http, const char *type, struct buf *body) {
    if (buf_failed(body)) {
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
