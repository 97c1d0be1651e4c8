/*
 * connection.c - bytes in, requests out, answers in, bytes out; one loop over the phases (connection.h)
 * that runs as far as there are bytes, and settles what to wait for next. A closed one stays in memory
 * until the next sweep.
 */
#include "adapters/http/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "base/status.h"
#include "adapters/http/answer.h"
#include "adapters/http/problem.h"
#include "adapters/http/referee.h"
#include "adapters/http/counters.h"

enum {
    READ_ROUNDS = 8,
    PIECES_A_TURN = 4,
    REQUEST_COST = 8 * 1024, /* of a request however small, in bytes read */
};

static void resume(struct http_connection *conn);

/* --- phases ------------------------------------------------------------------------------------------ */

static int phase_ms(enum http_phase phase, const struct http_options *options) {
    switch (phase) {
#define X(name, deadline) \
    case PHASE_##name: return deadline;
        HTTP_PHASE_LIST(X)
#undef X
    }
    panic("no such phase: %d", (int)phase);
}

static void enter(struct http_connection *conn, enum http_phase phase) {
    int ms = phase_ms(phase, &conn->shared->options);
    conn->phase = phase;
    conn->deadline = deadline_in(stamp_monotonic_ms(), ms);
}

/* What was transferred in this phase moves its deadline on. */
static void earn(struct http_connection *conn, size_t bytes) {
    const struct http_options *options = &conn->shared->options;
    if (bytes > 0) {
        deadline_earn(&conn->deadline, stamp_monotonic_ms(), bytes, phase_ms(conn->phase, options),
                      options->rate);
    }
}

/* --- sending ----------------------------------------------------------------------------------------- */

static size_t unsent(const struct http_connection *conn) {
    return conn->out.length - conn->sent;
}

/* TLS or not, in TLS's words. */
static enum tls_result push(struct http_connection *conn, size_t *done) {
    const char *bytes = conn->out.at + conn->sent;
    if (conn->tls) {
        return tls_write(conn->tls, bytes, unsent(conn), done);
    }
    ssize_t sent = send(conn->fd, bytes, unsent(conn), MSG_NOSIGNAL);
    *done = sent > 0 ? (size_t)sent : 0;
    if (sent >= 0) {
        return TLS_OK;
    }
    return errno == EAGAIN || errno == EINTR ? TLS_WRITE : TLS_BROKEN;
}

/* An answer that ends with its connection (RFC 9112, 6.3) is told from a cut one by how that ends: until it
 * is whole, whatever closes the connection resets it, the end of this process too. */
static void reset_when_closed(struct http_connection *conn, bool is_reset) {
    struct linger linger = { .l_onoff = is_reset };
    (void)setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* Everything is sent and nothing more will be: tell the peer, then wait for it to close. Closing at once
 * while bytes of it are unread would reset the connection, and the reset may overtake our answer. */
static void linger(struct http_connection *conn) {
    reset_when_closed(conn, false);
    if (conn->tls) {
        tls_say_goodbye(conn->tls);
    }
    shutdown(conn->fd, SHUT_WR);
    if (conn->ended) {
        http_connection_close(conn);
    } else {
        enter(conn, PHASE_LINGER);
    }
}

static void send_out(struct http_connection *conn) {
    while (unsent(conn)) {
        size_t done;
        enum tls_result result = push(conn, &done);
        conn->sent += done;
        if (conn->phase == PHASE_SEND) {
            earn(conn, done);
        }
        if (result == TLS_BROKEN || result == TLS_END) {
            http_connection_close(conn);
            return;
        }
        if (result != TLS_OK) {
            break;
        }
    }
    if (unsent(conn) == 0) {
        buf_release(&conn->out);
        conn->sent = 0;
    }
    if (conn->phase != PHASE_SEND) {
        return;
    }
    if (conn->closing && unsent(conn) == 0) {
        linger(conn);
    } else if (!conn->closing && unsent(conn) <= conn->shared->options.unsent_max) {
        enter(conn, PHASE_IDLE);
    }
}

/* Nothing more is read from this connection: send what there is, and close. */
static void close_softly(struct http_connection *conn) {
    conn->closing = true;
    enter(conn, PHASE_SEND);
    send_out(conn);
}

/* --- answers ----------------------------------------------------------------------------------------- */

/* It lets go of its request. */
static void detach(struct http_exchange *ex) {
    http_exchange_uncount(ex);
    ex->conn->exchange = NULL;
    ex->conn = NULL;
}

static void exchange_free(struct http_exchange *ex) {
    detach(ex);
    http_exchange_free(ex);
}

/* RFC 9110, 12.5.3: what would have been taken. */
static const struct http_header accepted_codings[] = {
    { "Accept-Encoding", HTTP_CONTENT_CODINGS },
    { NULL, NULL },
};

/* Answers for a request that cannot be read, or not to its end; it never reaches its handler. */
static void refuse(struct http_connection *conn, enum http_refusal refusal) {
    int status = http_refusal_status(refusal);
    /* Before the end of the head nobody has said which. */
    enum language language =
        conn->exchange ? http_head_language(&conn->exchange->head, LANGUAGE_EN) : LANGUAGE_EN;
    struct buf body;
    buf_init(&body, 1024);
    http_problem_print(&body, status, http_refusal_code(refusal), http_refusal_sentence(refusal, language));
    if (conn->exchange) {
        exchange_free(conn->exchange);
    }
    room_counter_add(&http_counters[HTTP_COUNT_REFUSED],
                     refusal != HTTP_REFUSE_BODIES && refusal != HTTP_REFUSE_CONNECTIONS);
    room_counter_add(&http_counters[HTTP_COUNT_THROTTLED_BODIES], refusal == HTTP_REFUSE_BODIES);
    log_event(LOG_DEBUG, EVENT_HTTP_REFUSED, LOG_STRING("code", http_refusal_code(refusal)),
              LOG_STRING("address", conn->peer->address), LOG_END);
    conn->closing = true;
    struct http_answer answer = {
        .status = status,
        .content_type = HTTP_PROBLEM_TYPE,
        .headers = refusal == HTTP_REFUSE_CONTENT_CODING ? accepted_codings : http_retry_headers(status),
        .body = buf_text(&body),
    };
    http_answer_print(&answer, true, false, &conn->out);
    buf_release(&body);
    close_softly(conn);
}

/* The request has its whole answer, of which some may not be sent yet. */
static void end_exchange(struct http_exchange *ex) {
    struct http_connection *conn = ex->conn;
    exchange_free(ex);
    if (conn->closing || unsent(conn) > conn->shared->options.unsent_max) {
        enter(conn, PHASE_SEND);
    } else {
        enter(conn, PHASE_IDLE);
    }
}

static bool is_streaming(const struct http_connection *conn) {
    return conn->phase == PHASE_STREAM && conn->exchange->piece == HTTP_PIECE_MORE;
}

/* It waits for more, and the server drains: it ends as it stands. Where more was promised that is to be
 * seen. */
static void end_stream_early(struct http_connection *conn) {
    struct http_exchange *ex = conn->exchange;
    if (!http_exchange_end_stream(ex, &conn->out)) {
        http_connection_close(conn);
        return;
    }
    http_exchange_close_stream(ex);
    conn->closing = true;
    end_exchange(ex);
}

/* Few pieces in a turn of the loop: others are served between them. A piece is made when the one before has
 * gone to the socket, so that none is made that nobody fetches. */
static void send_stream(struct http_connection *conn) {
    struct http_exchange *ex = conn->exchange;
    send_out(conn);
    for (int i = 0; i < PIECES_A_TURN && is_streaming(conn) && unsent(conn) == 0; i++) {
        http_exchange_add_piece(ex, &conn->out);
        enter(conn, PHASE_STREAM);
        send_out(conn);
    }
    if (conn->phase == PHASE_CLOSED) {
        return;
    }
    if (ex->piece == HTTP_PIECE_FAIL) {
        http_connection_close(conn);
    } else if (ex->piece == HTTP_PIECE_END) {
        http_exchange_close_stream(ex);
        conn->closing |= conn->shared->draining;
        end_exchange(ex);
    } else if (ex->piece == HTTP_PIECE_WAIT && conn->shared->draining) {
        end_stream_early(conn);
    } else if (ex->piece == HTTP_PIECE_WAIT && unsent(conn) == 0) {
        conn->deadline = deadline_in(0, 0); /* its producer has none */
    }
}

static void go_on(struct http_exchange *ex) {
    struct http_connection *conn = ex->conn;
    enter(conn, PHASE_STREAM);
    if (!conn->advancing) {
        resume(conn);
    }
}

/* Of an exchange: the answer has come, or its stream begins. */
static void deliver(struct http_exchange *ex, const struct http_answer *answer) {
    struct http_connection *conn = ex->conn;
    require(conn->exchange == ex);
    bool unread = conn->phase == PHASE_BODY && http_exchange_has_body(ex), old = ex->head.minor == 0;
    bool unknown = answer->stream && !answer->stream->length;
    conn->closing |= unread || !ex->head.keep_alive || conn->shared->draining || (unknown && old);
    http_answer_print(answer, conn->closing, old, &conn->out);
    if (answer->stream) {
        http_exchange_begin_stream(ex, answer);
        ex->go_on = go_on;
        enter(conn, PHASE_STREAM);
        if (unknown && old) {
            reset_when_closed(conn, true);
        }
    } else {
        end_exchange(ex);
    }
    if (!conn->advancing) {
        resume(conn);
    }
}

/* --- reading requests -------------------------------------------------------------------------------- */

/* The request has come whole. */
static void work(struct http_connection *conn) {
    struct http_exchange *ex = conn->exchange;
    const struct http_listen *serves = &conn->listener->serves;
    enum http_refusal refusal = http_exchange_end(ex);
    if (refusal) {
        refuse(conn, refusal);
        return;
    }
    enter(conn, PHASE_WORK);
    ex->req.body = buf_text(&ex->body);
    ex->handled = true;
    serves->handle(&ex->req, serves->context);
    /* Answered, held, or its connection broke while it was held. */
    require(conn->exchange != ex || ex->held || ex->stream.next);
}

static enum http_refusal read_head(const struct http_connection *conn, struct http_exchange *ex,
                                   struct text bytes) {
    struct text copy = { arena_copy(ex->req.arena, bytes), bytes.length };
    enum http_refusal refusal = http_head_read(copy, conn->tls ? "https" : "http", &ex->head);
    if (refusal || http_referee_agrees(copy, &ex->head)) {
        return refusal;
    }
    room_counter_add(&http_counters[HTTP_COUNT_VETOES], 1);
    log_event_bounded(LOG_ERROR, EVENT_HTTP_REFEREE_VETO, LOG_STRING("address", conn->peer->address),
                      LOG_END);
    return HTTP_REFUSE_REFEREE;
}

/* more: bytes of the body are here already, so the client does not wait to be told to go on. */
static void begin_request(struct http_connection *conn, struct text bytes, bool more) {
    const struct http_listen *serves = &conn->listener->serves;
    struct http_exchange *ex = http_exchange_new(conn->peer, &conn->shared->bodies, serves->body_max);
    ex->conn = conn;
    ex->deliver = deliver;
    conn->exchange = ex;
    enum http_refusal refusal = read_head(conn, ex, bytes);
    if (!refusal && conn->is_throttled) {
        refusal = HTTP_REFUSE_CONNECTIONS;
    }
    if (refusal) {
        refuse(conn, refusal);
        return;
    }
    enter(conn, PHASE_BODY);
    if (serves->admit) {
        serves->admit(&ex->req, serves->context);
    }
    if (conn->exchange != ex) {
        return;
    }
    http_body_start(&ex->reader, &ex->head, ex->body_max);
    http_turns_serve(&conn->shared->turns, conn->place.account, REQUEST_COST);
    refusal = ex->reader.refusal;
    if (!refusal) {
        refusal = http_content_start(&ex->content, &ex->head, http_exchange_has_body(ex));
    }
    if (!refusal && http_exchange_has_body(ex)) {
        refusal = http_exchange_count(ex);
    }
    if (refusal) {
        refuse(conn, refusal);
    } else if (!http_exchange_has_body(ex)) {
        work(conn);
    } else if (ex->head.expects_continue && !more) {
        buf_add_string(&conn->out, "HTTP/1.1 100 Continue\r\n\r\n");
    }
}

/* The advance functions say whether there may be more to do with the input that is left. */
static bool advance_head(struct http_connection *conn, struct text *input) {
    if (input->length == 0) {
        return false;
    }
    if (conn->phase == PHASE_IDLE) {
        conn->scan = (struct http_scan){ 0 };
        enter(conn, PHASE_HEAD);
    }
    enum http_progress progress = http_scan_head(&conn->scan, input->at, input->length);
    if (progress == HTTP_REFUSED) {
        refuse(conn, conn->scan.refusal);
    }
    if (progress != HTTP_COMPLETE) {
        return false;
    }
    struct text head = { input->at + conn->scan.start, conn->scan.end - conn->scan.start };
    *input = (struct text){ input->at + conn->scan.end, input->length - conn->scan.end };
    begin_request(conn, head, input->length > 0);
    return true;
}

static bool advance_body(struct http_connection *conn, struct text *input) {
    struct http_exchange *ex = conn->exchange;
    struct text data;
    enum http_progress progress = http_body_read(&ex->reader, input, &data);
    size_t before = ex->body.length;
    enum http_refusal refusal = progress == HTTP_REFUSED ? ex->reader.refusal : http_exchange_add(ex, data);
    size_t made = ex->body.length - before;
    size_t more = made > data.length ? made - data.length : 0; /* by which a coding was undone */
    http_turns_serve(&conn->shared->turns, conn->place.account, more);
    earn(conn, data.length);
    if (refusal) {
        refuse(conn, refusal);
    } else if (progress == HTTP_COMPLETE) {
        work(conn);
    } else {
        return input->length > 0;
    }
    return true;
}

static void advance(struct http_connection *conn, struct text *input) {
    bool more = true;
    conn->advancing = true;
    while (more) {
        switch (conn->phase) {
        case PHASE_IDLE:
        case PHASE_HEAD: more = advance_head(conn, input); break;
        case PHASE_BODY: more = advance_body(conn, input); break;
        case PHASE_STREAM:
            send_stream(conn);
            more = conn->phase == PHASE_IDLE || conn->phase == PHASE_SEND;
            break;
        case PHASE_SEND:
            send_out(conn);
            more = conn->phase == PHASE_IDLE;
            break;
        default: more = false;
        }
    }
    conn->advancing = false;
}

/* Takes fresh bytes (none, when an answer made room for the next request) behind those that wait. Most
 * requests come whole and are read where they lie; only what is left over is kept. */
static void take(struct http_connection *conn, struct text fresh) {
    bool waiting = conn->in.length > 0;
    if (waiting) {
        buf_add_text(&conn->in, fresh);
    }
    struct text input = waiting ? buf_text(&conn->in) : fresh;
    size_t length = input.length;
    advance(conn, &input);
    if (conn->phase != PHASE_CLOSED) {
        send_out(conn);
    }
    if (conn->phase == PHASE_CLOSED) {
        return;
    }
    if (conn->closing) {
        input.length = 0;
    }
    if (waiting) {
        buf_remove_front(&conn->in, length - input.length);
    } else {
        buf_add_text(&conn->in, input);
    }
    require(!buf_failed(&conn->in));
    if (conn->in.length == 0) {
        buf_release(&conn->in);
    }
}

/* --- the socket -------------------------------------------------------------------------------------- */

static bool may_read(const struct http_connection *conn) {
    switch (conn->phase) {
    case PHASE_CLOSED:
    case PHASE_SEND: return false;
    case PHASE_STREAM:
    case PHASE_WORK: return !conn->ended && conn->in.length < conn->shared->options.ahead_max;
    default: return !conn->ended;
    }
}

/* Nothing more comes from the client, and what is made for it can be given up (http_request_hold()). */
static bool has_left(const struct http_connection *conn) {
    const struct http_exchange *ex = conn->phase == PHASE_WORK ? conn->exchange : NULL;
    return conn->ended && ex && ex->held && ex->cancelled;
}

/* Watches for what the connection waits for in its phase. To be called last by whatever the loop calls. */
static void settle(struct http_connection *conn) {
    bool between = conn->phase == PHASE_IDLE || conn->phase == PHASE_HEAD || conn->phase == PHASE_BODY;
    if ((conn->ended && between) || (conn->shared->draining && conn->phase == PHASE_IDLE)) {
        close_softly(conn);
    } else if (has_left(conn)) {
        http_connection_close(conn);
    }
    if (conn->phase == PHASE_CLOSED) {
        return;
    }
    bool writes = unsent(conn) || conn->crossed || is_streaming(conn);
    int events = (may_read(conn) ? LOOP_READ : 0) | (writes ? LOOP_WRITE : 0);
    loop_watch_set(conn->watch, events);
}

static void resume(struct http_connection *conn) {
    take(conn, (struct text){ NULL, 0 });
    settle(conn);
}

static bool has_had_its_turn(const struct http_connection *conn) {
    struct http_shared *shared = conn->shared;
    return http_turns_is_over(&shared->turns, conn->place.account, shared->options.turn_bytes);
}

static enum tls_result pull(struct http_connection *conn, size_t *done) {
    char *scratch = conn->shared->scratch;
    if (conn->tls) {
        return tls_read(conn->tls, scratch, HTTP_SCRATCH, done);
    }
    ssize_t got = recv(conn->fd, scratch, HTTP_SCRATCH, 0);
    *done = got > 0 ? (size_t)got : 0;
    if (got >= 0) {
        return got ? TLS_OK : TLS_END;
    }
    return errno == EAGAIN || errno == EINTR ? TLS_READ : TLS_BROKEN;
}

/* Rounds are few, so that one busy connection leaves the loop to others; the socket stays readable. A read
 * that did not fill what it could has most likely emptied the socket: asking again would cost a call. */
static void receive(struct http_connection *conn) {
    size_t full = conn->tls ? TLS_RECORD_MAX : HTTP_SCRATCH, done = full;
    for (int i = 0; i < READ_ROUNDS && done >= full && may_read(conn) && !has_had_its_turn(conn); i++) {
        enum tls_result result = pull(conn, &done);
        http_turns_serve(&conn->shared->turns, conn->place.account, done);
        conn->crossed = result == TLS_WRITE;
        if (result == TLS_BROKEN) {
            http_connection_close(conn);
        } else if (result == TLS_END) {
            conn->ended = true;
        } else if (result == TLS_OK) {
            take(conn, (struct text){ conn->shared->scratch, done });
        }
    }
}

bool http_connection_yields(const struct http_connection *conn) {
    return conn->phase == PHASE_HANDSHAKE || conn->phase == PHASE_IDLE || conn->phase == PHASE_HEAD;
}

/* Whoever has one too many is told so at its first request, soon. */
static void join_party(struct http_connection *conn, struct http_account *account) {
    conn->peer->peer.account = account;
    enum http_placing placing = http_place_join_party(&conn->place, account);
    if (placing == HTTP_PLACED) {
        return;
    }
    room_counter_add(&http_counters[HTTP_COUNT_THROTTLED_CONNECTIONS], 1);
    conn->is_throttled = true;
    conn->deadline = deadline_in(stamp_monotonic_ms(), conn->shared->options.head_ms);
    if (placing == HTTP_PLACED_FAR_OVER_LIMIT) {
        http_connection_close(conn);
    }
}

static void begin_standing(struct http_connection *conn) {
    const struct http_listen *serves = &conn->listener->serves;
    enter(conn, PHASE_IDLE);
    struct http_account *account =
        serves->account_of ? serves->account_of(&conn->peer->peer, serves->account_context) : NULL;
    if (account) {
        join_party(conn, account);
    }
}

bool http_connection_is_still_admitted(const struct http_connection *conn, bool certificates) {
    const struct http_listen *serves = &conn->listener->serves;
    if (conn->phase == PHASE_CLOSED) {
        return true;
    }
    if (certificates && conn->tls) {
        bool shakes_hands = conn->phase == PHASE_HANDSHAKE;
        if (shakes_hands || (conn->peer->peer.identity && !tls_is_admitted(conn->tls, serves->tls))) {
            return false;
        }
    }
    const struct http_account *account = conn->place.account;
    return !account || !serves->account_of
           || serves->account_of(&conn->peer->peer, serves->account_context) == account;
}

static void shake_hands(struct http_connection *conn) {
    if (!http_turns_may_shake_hands(&conn->shared->turns)) {
        return;
    }
    enum tls_result result = tls_handshake(conn->tls);
    conn->crossed = result == TLS_WRITE;
    if (result == TLS_OK) {
        conn->peer->peer.identity = tls_identity_new(conn->tls);
        begin_standing(conn);
    } else if (result == TLS_BROKEN || result == TLS_END) {
        log_event_bounded(LOG_INFO, EVENT_HTTP_HANDSHAKE_FAILED, LOG_STRING("address", conn->peer->address),
                          LOG_STRING("reason", tls_why(conn->tls)), LOG_END);
        close_softly(conn); /* lets the alert arrive */
    }
}

static void drop(struct http_connection *conn) {
    for (int i = 0; i < READ_ROUNDS; i++) {
        ssize_t got = recv(conn->fd, conn->shared->scratch, HTTP_SCRATCH, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        conn->dropped += got > 0 ? (size_t)got : 0;
        if (got <= 0 || conn->dropped > conn->shared->options.linger_max) {
            http_connection_close(conn);
            return;
        }
    }
}

static void ready(int events, void *context) {
    struct http_connection *conn = context;
    if (conn->phase == PHASE_HANDSHAKE) {
        shake_hands(conn);
    } else if (conn->phase == PHASE_LINGER) {
        drop(conn);
    } else {
        if (unsent(conn) || is_streaming(conn)) {
            take(conn, (struct text){ NULL, 0 }); /* sends, and goes on with what waited for that */
        }
        if (conn->phase != PHASE_LINGER) {
            receive(conn);
        }
    }
    if (conn->phase != PHASE_CLOSED) {
        settle(conn);
    }
}

/* --- life -------------------------------------------------------------------------------------------- */

void http_connection_open(struct http_listener *listener, int fd, const struct sockaddr *from,
                          struct address *address) {
    require(fd >= 0);
    struct http_shared *shared = listener->shared;
    struct http_connection *conn = memory_new(sizeof(*conn));
    conn->shared = shared;
    conn->listener = listener;
    conn->fd = fd;
    if (listener->serves.tls) {
        conn->tls = tls_new(listener->serves.tls, fd);
    }
    conn->peer = http_shared_peer_new(fd, conn->tls != NULL, from);
    conn->peer->peer.audience = listener->serves.audience;
    buf_init(&conn->in, shared->options.ahead_max + HTTP_SCRATCH + HTTP_HEAD_MAX);
    buf_init(&conn->out, shared->options.unsent_max + HTTP_ANSWER_ROOM + HTTP_HEAD_MAX);
    conn->next = shared->connections;
    if (conn->next) {
        conn->next->previous = conn;
    }
    shared->connections = conn;
    http_place_take(&conn->place, &shared->places, conn);
    if (from) {
        http_place_join_strangers(&conn->place, &listener->strangers, address);
    }
    room_counter_add(&http_counters[HTTP_COUNT_CONNECTIONS], 1);
    conn->watch = loop_watch_new(shared->loop, fd, LOOP_READ, ready, conn);
    if (conn->tls) {
        enter(conn, PHASE_HANDSHAKE);
    } else {
        begin_standing(conn);
    }
}

static void unlink_connection(struct http_connection *conn) {
    struct http_shared *shared = conn->shared;
    *(conn->previous ? &conn->previous->next : &shared->connections) = conn->next;
    if (conn->next) {
        conn->next->previous = conn->previous;
    }
    conn->next_closed = shared->closed; /* `next` stays: a walk over the list may stand here */
    shared->closed = conn;
}

void http_connection_close(struct http_connection *conn) {
    struct http_exchange *ex = conn->exchange;
    require(conn->phase != PHASE_CLOSED);
    enter(conn, PHASE_CLOSED);
    unlink_connection(conn);
    loop_watch_free(conn->watch);
    tls_free(conn->tls);
    conn->tls = NULL;
    close(conn->fd);
    http_place_give_back(&conn->place);
    room_counter_add(&http_counters[HTTP_COUNT_CONNECTIONS], -1);
    if (!ex) {
        return;
    }
    detach(ex);
    if (ex->stream.next) {
        http_exchange_close_stream(ex);
        http_exchange_free(ex);
    } else if (!ex->held) {
        http_exchange_free(ex);
    } else if (ex->cancelled) {
        ex->cancelled(&ex->req, ex->cancelled_context);
    }
}

void http_connection_free(struct http_connection *conn) {
    require(conn->phase == PHASE_CLOSED);
    buf_release(&conn->in);
    buf_release(&conn->out);
    http_shared_peer_release(conn->peer);
    free(conn);
}

void http_connection_expire(struct http_connection *conn) {
    if (conn->phase == PHASE_CLOSED) {
        return;
    }
    room_counter_add(&http_counters[HTTP_COUNT_DEADLINES], 1);
    if (conn->phase == PHASE_HEAD || conn->phase == PHASE_BODY) {
        refuse(conn, HTTP_REFUSE_SLOW);
    } else if (conn->phase == PHASE_IDLE) {
        close_softly(conn);
    } else {
        http_connection_close(conn);
    }
    if (conn->phase != PHASE_CLOSED) {
        settle(conn);
    }
}

void http_connection_drain(struct http_connection *conn) {
    require(conn->shared->draining);
    /* An idle connection has no answer under way that a reset could overtake, so nobody lingers for it. */
    bool idle = conn->phase == PHASE_IDLE && unsent(conn) == 0;
    if (idle && conn->tls) {
        tls_say_goodbye(conn->tls);
    }
    if (idle || conn->phase == PHASE_HANDSHAKE) {
        http_connection_close(conn);
    } else if (conn->phase == PHASE_STREAM && !conn->advancing) {
        resume(conn); /* it may wait for a producer who has nothing to say for hours */
    } else if (conn->phase != PHASE_CLOSED) {
        settle(conn);
    }
}
