/*
 * exchange.c - a request lives in its own arena until it is answered. Its connection reads its body into
 * it, within the limits of its party and of all, and takes the answer from it; when the connection is gone,
 * the answer goes nowhere.
 */
#include "adapters/http/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "adapters/http/addresses.h"
#include "adapters/http/answer.h"
#include "adapters/http/exchange_parts.h"
#include "adapters/http/problem.h"

#define HTTP_ANSWER_MAX (64 * 1024 * 1024)

/* --- peers ------------------------------------------------------------------------------------------- */

struct http_shared_peer *http_shared_peer_new(int fd, bool tls, const struct sockaddr *from) {
    struct http_shared_peer *shared = memory_new(sizeof(*shared));
    struct ucred user;
    socklen_t length = sizeof(user);
    shared->users = 1;
    shared->peer.tls = tls;
    shared->peer.local = from == NULL;
    if (from) {
        address_print(from, shared->address);
    } else {
        snprintf(shared->address, sizeof(shared->address), "unix");
    }
    shared->peer.address = shared->address;
    if (!from && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &length) == 0) {
        shared->peer.user = user.uid;
    }
    return shared;
}

void http_shared_peer_release(struct http_shared_peer *shared) {
    require(shared->users > 0);
    if (--shared->users) {
        return;
    }
    free((void *)shared->peer.identity);
    free(shared);
}

/* --- requests and their bodies ----------------------------------------------------------------------- */

struct http_exchange *http_exchange_new(struct http_shared_peer *peer, struct http_bodies *bodies,
                                        size_t body_max) {
    require(peer->users > 0);
    struct arena *arena = arena_new();
    struct http_exchange *ex = arena_alloc(arena, sizeof(*ex));
    ex->req = (struct http_request){ .head = &ex->head, .peer = &peer->peer, .arena = arena };
    ex->bodies = bodies;
    ex->account = peer->peer.account;
    ex->peer = peer;
    ex->peer->users++;
    ex->body_max = body_max;
    buf_init(&ex->body, ex->body_max);
    return ex;
}

void http_exchange_uncount(struct http_exchange *ex) {
    require(ex->bodies->bytes >= ex->counted && (!ex->is_counted || ex->account->bodies > 0));
    struct http_account *account = ex->account;
    ex->bodies->bytes -= ex->counted;
    if (ex->is_counted) {
        account->bodies--;
        account->body_bytes -= ex->counted;
    }
    ex->counted = 0;
    ex->is_counted = false;
}

void http_exchange_free(struct http_exchange *ex) {
    require(!ex->conn && ex->counted == 0);
    http_content_release(&ex->content);
    buf_release(&ex->body);
    http_shared_peer_release(ex->peer);
    arena_free(ex->req.arena); /* ex lies in it */
}

bool http_exchange_has_body(const struct http_exchange *ex) {
    return ex->head.chunked || ex->head.length > 0;
}

/* What the budgets say to so much memory of a body. */
static enum http_refusal count_memory(struct http_exchange *ex, size_t memory) {
    struct http_bodies *bodies = ex->bodies;
    const struct http_options *options = bodies->options;
    struct http_account *account = ex->account;
    size_t more = memory > ex->counted ? memory - ex->counted : 0;
    ex->counted += more;
    bodies->bytes += more;
    size_t left = bodies->bytes < options->bodies_max ? options->bodies_max - bodies->bytes : 0;
    if (ex->is_counted) {
        account->body_bytes += more;
        /* As much as is still free: whatever one party holds, something is left for the next. */
        if (account->body_bytes > options->party_body_bytes || (more && account->body_bytes > left)) {
            return HTTP_REFUSE_BODIES;
        }
    }
    return bodies->bytes > options->bodies_max ? HTTP_REFUSE_BODIES_FULL : HTTP_REFUSE_NONE;
}

/* A body will come. */
enum http_refusal http_exchange_count(struct http_exchange *ex) {
    require(!ex->is_counted);
    struct http_account *account = ex->account;
    if (!account) {
        return HTTP_REFUSE_NONE;
    }
    if (account->bodies >= ex->bodies->options->party_bodies) {
        return HTTP_REFUSE_BODIES;
    }
    account->bodies++;
    ex->is_counted = true;
    return count_memory(ex, http_content_memory(&ex->content)); /* of who may never send a byte of it */
}

enum http_refusal http_exchange_add(struct http_exchange *ex, struct text data) {
    require(ex->counted <= ex->bodies->bytes);
    enum http_refusal refusal = http_content_add(&ex->content, data, &ex->body);
    enum http_refusal over = count_memory(ex, ex->body.capacity + http_content_memory(&ex->content));
    return refusal ? refusal : over;
}

enum http_refusal http_exchange_end(struct http_exchange *ex) {
    require(ex->counted >= ex->body.capacity && ex->bodies->bytes >= ex->counted);
    enum http_refusal refusal = http_content_end(&ex->content);
    http_content_release(&ex->content);
    size_t less = ex->counted - ex->body.capacity;
    ex->counted -= less;
    ex->bodies->bytes -= less;
    if (ex->is_counted) {
        ex->account->body_bytes -= less;
    }
    return refusal;
}

/* --- answers ----------------------------------------------------------------------------------------- */

void http_answer(struct http_request *req, int status, const char *content_type,
                 const struct http_header *headers, struct text body) {
    struct http_exchange *ex = (struct http_exchange *)req;
    if (!ex->conn) {
        http_exchange_free(ex);
        return;
    }
    if (body.length > HTTP_ANSWER_MAX) {
        http_problem_refusal(req, HTTP_REFUSE_ANSWER_LARGE);
        return;
    }
    require(status >= 200 && status < 600 && *http_reason(status));
    struct http_answer answer = { .status = status,
                                  .content_type = content_type,
                                  .headers = headers,
                                  .body = body,
                                  .head_only = ex->head.method == METHOD_HEAD };
    ex->deliver(ex, &answer);
}

void http_answer_stream(struct http_request *req, int status, const char *content_type,
                        const struct http_header *headers, const struct http_stream *stream) {
    struct http_exchange *ex = (struct http_exchange *)req;
    require(stream->next && stream->close && !ex->stream.next);
    require(status >= 200 && status < 600 && *http_reason(status));
    bool head_only = ex->head.method == METHOD_HEAD;
    if (!ex->conn) {
        stream->close(stream->context);
        http_exchange_free(ex);
        return;
    }
    struct http_answer answer = { .status = status,
                                  .content_type = content_type,
                                  .headers = headers,
                                  .head_only = head_only,
                                  .stream = stream };
    ex->deliver(ex, &answer);
}

/* Chunked where its length is not known; to HTTP/1.0, which knows no chunks, until the connection closes. */
void http_exchange_begin_stream(struct http_exchange *ex, const struct http_answer *answer) {
    const struct http_stream *stream = answer->stream;
    require(!ex->stream.next && stream->next);
    ex->stream = *stream;
    ex->has_length = stream->length != NULL;
    ex->chunked = !ex->has_length && ex->head.minor > 0;
    ex->left = ex->has_length ? *stream->length : 0;
    ex->piece = answer->head_only ? HTTP_PIECE_END : HTTP_PIECE_MORE;
}

void http_exchange_add_piece(struct http_exchange *ex, struct buf *out) {
    struct buf piece;
    buf_init(&piece, HTTP_PIECE_MAX);
    ex->piece = ex->stream.next(ex->stream.context, &piece);
    require(!buf_failed(&piece) && (piece.length > 0 || ex->piece != HTTP_PIECE_MORE));
    if (ex->has_length) { /* what was promised comes, and no more */
        require(piece.length <= ex->left && (ex->piece != HTTP_PIECE_END || piece.length == ex->left));
        ex->left -= piece.length;
    }
    if (piece.length > 0 && ex->chunked) {
        http_chunk_print(buf_text(&piece), out);
    } else {
        buf_add_text(out, buf_text(&piece));
    }
    if (ex->piece == HTTP_PIECE_END && ex->chunked) {
        http_chunk_print(TEXT(""), out);
    }
    buf_release(&piece);
}

bool http_exchange_end_stream(struct http_exchange *ex, struct buf *out) {
    require(ex->stream.next && ex->piece == HTTP_PIECE_WAIT);
    if (ex->left > 0 || ex->stream.is_one_whole) {
        return false;
    }
    ex->piece = HTTP_PIECE_END;
    if (ex->chunked) {
        http_chunk_print(TEXT(""), out);
    }
    return true;
}

void http_exchange_close_stream(struct http_exchange *ex) {
    struct http_stream stream = ex->stream;
    require(stream.next);
    ex->stream = (struct http_stream){ 0 };
    stream.close(stream.context);
}

void http_stream_go_on(struct http_request *req) {
    struct http_exchange *ex = (struct http_exchange *)req;
    require(ex->stream.next && ex->conn);
    if (ex->piece == HTTP_PIECE_WAIT) {
        ex->piece = HTTP_PIECE_MORE;
        ex->go_on(ex);
    }
}

void http_problem_with(struct http_request *req, int status, const char *code, const char *zh, const char *en,
                       const struct http_header *headers) {
    require(status >= 400 && status < 600 && *code);
    struct buf body;
    buf_init(&body, 64 * 1024);
    http_problem_print(&body, status, code, language_pick(http_request_language(req, LANGUAGE_EN), zh, en));
    http_answer(req, status, HTTP_PROBLEM_TYPE, headers ? headers : http_retry_headers(status),
                buf_text(&body));
    buf_release(&body);
}

void http_problem(struct http_request *req, int status, const char *code, const char *zh, const char *en) {
    http_problem_with(req, status, code, zh, en, NULL);
}

void http_problem_refusal_with(struct http_request *req, enum http_refusal refusal,
                               const struct http_header *headers) {
    require(refusal != HTTP_REFUSE_NONE && refusal < HTTP_REFUSAL_COUNT);
    http_problem_with(req, http_refusal_status(refusal), http_refusal_code(refusal),
                      http_refusal_sentence(refusal, LANGUAGE_ZH),
                      http_refusal_sentence(refusal, LANGUAGE_EN), headers);
}

void http_problem_refusal(struct http_request *req, enum http_refusal refusal) {
    http_problem_refusal_with(req, refusal, NULL);
}

void http_problem_status_with(struct http_request *req, enum status status, const char *zh, const char *en,
                              const struct http_header *headers) {
    require(status != STATUS_OK && status < STATUS_COUNT);
    char code[HTTP_STATUS_CODE_MAX];
    http_problem_with(req, status_http(status), http_status_code(status, code), zh, en, headers);
}

void http_problem_status(struct http_request *req, enum status status) {
    http_problem_status_with(req, status, status_sentence(status, LANGUAGE_ZH),
                             status_sentence(status, LANGUAGE_EN), NULL);
}

/* --- requests, as their handlers see them ------------------------------------------------------------ */

struct text http_request_field(const struct http_request *req, const char *name) {
    return http_head_field(req->head, name);
}

/* A list of entity tags, compared weakly, or `*`. */
bool http_request_has(const struct http_request *req, struct text etag) {
    struct text list = http_request_field(req, "if-none-match");
    while (list.length) {
        struct text one = text_trim(text_until(&list, ','));
        if (text_starts(one, "W/")) {
            one = (struct text){ one.at + 2, one.length - 2 };
        }
        if (text_is(one, "*") || text_equal(one, etag)) {
            return true;
        }
    }
    return false;
}

enum language http_request_language(const struct http_request *req, enum language otherwise) {
    return http_head_language(req->head, otherwise);
}

const char *http_request_type(struct http_request *req) {
    struct text value = http_request_field(req, "content-type");
    struct text type = text_trim(text_until(&value, ';'));
    char *lower = arena_alloc(req->arena, type.length + 1);
    for (size_t i = 0; i < type.length; i++) {
        lower[i] = (char)(type.at[i] >= 'A' && type.at[i] <= 'Z' ? type.at[i] | 0x20 : type.at[i]);
    }
    return lower;
}

void http_request_limit(struct http_request *req, size_t body_max) {
    require(!((struct http_exchange *)req)->handled);
    struct http_exchange *ex = (struct http_exchange *)req;
    if (body_max < ex->body_max) {
        ex->body_max = body_max;
        buf_init(&ex->body, body_max); /* nothing is in it yet */
    }
}

bool http_request_go_on(struct http_request *req) {
    struct http_exchange *ex = (struct http_exchange *)req;
    require(ex->held && !ex->stream.next);
    if (!ex->conn) {
        http_exchange_free(ex);
        return false;
    }
    ex->held = false;
    ex->cancelled = NULL;
    return true;
}

void http_request_hold(struct http_request *req, void (*cancelled)(struct http_request *req, void *context),
                       void *context) {
    struct http_exchange *ex = (struct http_exchange *)req;
    require(ex->conn && ex->handled && !ex->held);
    ex->held = true;
    ex->cancelled = cancelled;
    ex->cancelled_context = context;
}
