#include "adapters/http/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "adapters/http/problem.h"
#include "adapters/http/referee.h"

enum { READ_ROUNDS = 8 };

static const struct http_header retry_later[] = { { "Retry-After", "2" }, { NULL, NULL } };

/* What a sender should do again says when. */
static const struct http_header *retry_headers(int status) {
    return status == 429 || status == 503 ? retry_later : NULL;
}

/* A connection's peer, also of requests that outlive it. */
struct http_shared_peer {
    struct http_peer peer;
    int users;
    char address[INET6_ADDRSTRLEN];
};

/* A request and what the server knows of it. It lives in its own arena. */
struct http_exchange {
    struct http_request req;      /* first: the handler's pointer is ours */
    struct http_connection *conn; /* NULL once the connection is dead */
    struct http_shared_peer *peer;
    struct http_head head;
    struct http_body reader;
    struct buf body;
    size_t body_max;
    size_t counted;  /* of body's memory, in the server's budget */
    bool is_counted; /* among its party's bodies */
    bool held;
    void (*cancelled)(struct http_request *req, void *context);
    void *cancelled_context;
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
    int ms = phase_ms(phase, &conn->server->options);
    conn->phase = phase;
    conn->deadline = ms ? stamp_monotonic_ms() + ms : INT64_MAX;
}

/* --- peers ------------------------------------------------------------------------------------------- */

static struct http_shared_peer *peer_new(const struct http_connection *conn, const struct sockaddr *from) {
    struct http_shared_peer *shared = memory_new(sizeof(*shared));
    struct ucred user;
    socklen_t length = sizeof(user);
    shared->users = 1;
    shared->peer.tls = conn->tls != NULL;
    shared->peer.local = from == NULL;
    if (from) {
        address_print(from, shared->address);
    } else {
        snprintf(shared->address, sizeof(shared->address), "unix");
    }
    shared->peer.address = shared->address;
    if (!from && getsockopt(conn->fd, SOL_SOCKET, SO_PEERCRED, &user, &length) == 0) {
        shared->peer.user = user.uid;
    }
    return shared;
}

static void peer_release(struct http_shared_peer *shared) {
    if (--shared->users) {
        return;
    }
    free((void *)shared->peer.identity);
    free(shared);
}

/* --- exchanges --------------------------------------------------------------------------------------- */

static struct http_exchange *exchange_new(struct http_connection *conn) {
    struct arena *arena = arena_new();
    struct http_exchange *ex = arena_alloc(arena, sizeof(*ex));
    ex->req = (struct http_request){ .head = &ex->head, .peer = &conn->peer->peer, .arena = arena };
    ex->conn = conn;
    ex->peer = conn->peer;
    ex->peer->users++;
    ex->body_max = conn->listener->serves.body_max;
    buf_init(&ex->body, ex->body_max);
    return ex;
}

static void uncount_body(struct http_exchange *ex) {
    struct http_account *account = ex->conn->account;
    ex->conn->server->body_bytes -= ex->counted;
    if (ex->is_counted) {
        account->bodies--;
        account->body_bytes -= ex->counted;
    }
    ex->counted = 0;
    ex->is_counted = false;
}

/* The connection lets go of its request. */
static void detach(struct http_exchange *ex) {
    uncount_body(ex);
    ex->conn->exchange = NULL;
    ex->conn = NULL;
}

static void exchange_free(struct http_exchange *ex) {
    if (ex->conn) {
        detach(ex);
    }
    buf_release(&ex->body);
    peer_release(ex->peer);
    arena_free(ex->req.arena); /* ex lies in it */
}

static bool has_body(const struct http_exchange *ex) {
    return ex->head.chunked || ex->head.length > 0;
}

/* A body will come. */
static enum http_refusal count_body(struct http_exchange *ex) {
    struct http_account *account = ex->conn->account;
    if (!account) {
        return HTTP_REFUSE_NONE;
    }
    if (account->bodies >= ex->conn->server->options.party_bodies) {
        return HTTP_REFUSE_BODIES;
    }
    account->bodies++;
    ex->is_counted = true;
    return HTTP_REFUSE_NONE;
}

static enum http_refusal add_to_body(struct http_exchange *ex, struct text data) {
    struct http_server *server = ex->conn->server;
    const struct http_options *options = &server->options;
    struct http_account *account = ex->conn->account;
    buf_add_text(&ex->body, data);
    require(!buf_failed(&ex->body)); /* the reader keeps the limit */
    size_t more = ex->body.capacity - ex->counted;
    ex->counted = ex->body.capacity;
    server->body_bytes += more;
    size_t left = server->body_bytes < options->bodies_max ? options->bodies_max - server->body_bytes : 0;
    if (ex->is_counted) {
        account->body_bytes += more;
        /* As much as is still free: whatever one party holds, something is left for the next. */
        if (account->body_bytes > options->party_body_bytes || (more && account->body_bytes > left)) {
            return HTTP_REFUSE_BODIES;
        }
    }
    return server->body_bytes > options->bodies_max ? HTTP_REFUSE_BODIES_FULL : HTTP_REFUSE_NONE;
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

/* Everything is sent and nothing more will be: tell the peer, then wait for it to close. Closing at once
 * while bytes of it are unread would reset the connection, and the reset may overtake our answer. */
static void linger(struct http_connection *conn) {
    if (conn->tls) {
        tls_say_goodbye(conn->tls);
    }
    shutdown(conn->fd, SHUT_WR);
    if (conn->ended) {
        http_connection_bury(conn);
    } else {
        enter(conn, PHASE_LINGER);
    }
}

static void send_out(struct http_connection *conn) {
    while (unsent(conn)) {
        size_t done;
        enum tls_result result = push(conn, &done);
        conn->sent += done;
        if (result == TLS_BROKEN || result == TLS_END) {
            http_connection_bury(conn);
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
    } else if (!conn->closing && unsent(conn) <= conn->server->options.unsent_max) {
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

/* A line break in a value would let whoever chose the value write fields, or answers, of his own. */
static bool is_value(const char *value) {
    for (; *value; value++) {
        if (((unsigned char)*value < 0x20 && *value != '\t') || *value == 0x7f) {
            return false;
        }
    }
    return true;
}

static void put_header(struct buf *out, const char *name, const char *value) {
    if (is_value(value)) {
        buf_printf(out, "%s: %s\r\n", name, value);
    } else {
        log_event_bounded(LOG_ERROR, EVENT_HTTP_HEADER_DROPPED, LOG_STRING("name", name), LOG_END);
    }
}

static void put_date(struct buf *out) {
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t now = (time_t)(stamp_now() / STAMP_SECOND);
    struct tm tm;
    gmtime_r(&now, &tm);
    buf_printf(out, "Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n", days[tm.tm_wday], tm.tm_mday,
               months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

struct answer {
    int status;
    const char *content_type;
    const struct http_header *headers;
    struct text body;
    bool head_only;
};

static void write_answer(struct http_connection *conn, const struct answer *answer, bool old_keep_alive) {
    struct buf *out = &conn->out;
    bool bodiless = answer->status == 204 || answer->status == 304;
    buf_printf(out, "HTTP/1.1 %d %s\r\n", answer->status, http_reason(answer->status));
    put_date(out);
    for (const struct http_header *header = answer->headers; header && header->name; header++) {
        put_header(out, header->name, header->value);
    }
    if (answer->content_type) {
        put_header(out, "Content-Type", answer->content_type);
    }
    if (!bodiless) {
        buf_printf(out, "Content-Length: %zu\r\n", answer->body.length);
    }
    if (conn->closing) {
        buf_add_string(out, "Connection: close\r\n");
    } else if (old_keep_alive) {
        buf_add_string(out, "Connection: keep-alive\r\n");
    }
    buf_add_string(out, "\r\n");
    if (!bodiless && !answer->head_only) {
        buf_add_text(out, answer->body);
    }
    require(!buf_failed(out));
    counter_add(COUNTER_HTTP_REQUESTS, 1);
}

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
    counter_add(COUNTER_HTTP_REFUSED, refusal != HTTP_REFUSE_BODIES && refusal != HTTP_REFUSE_CONNECTIONS);
    counter_add(COUNTER_THROTTLED_BODIES, refusal == HTTP_REFUSE_BODIES);
    log_event(LOG_DEBUG, EVENT_HTTP_REFUSED, LOG_STRING("code", http_refusal_code(refusal)),
              LOG_STRING("address", conn->peer->address), LOG_END);
    conn->closing = true;
    struct answer answer = {
        .status = status,
        .content_type = HTTP_PROBLEM_TYPE,
        .headers = retry_headers(status),
        .body = buf_text(&body),
    };
    write_answer(conn, &answer, false);
    buf_release(&body);
    close_softly(conn);
}

void http_answer(struct http_request *req, int status, const char *content_type,
                 const struct http_header *headers, struct text body) {
    struct http_exchange *ex = (struct http_exchange *)req;
    struct http_connection *conn = ex->conn;
    if (!conn) {
        exchange_free(ex);
        return;
    }
    if (body.length > HTTP_ANSWER_MAX) {
        http_problem(req, 500, "answer-too-large", "答复过大；请缩小范围",
                     "the answer would be too large; ask for less");
        return;
    }
    require(conn->exchange == ex && status >= 200 && status < 600 && *http_reason(status));
    bool unread = conn->phase == PHASE_BODY && has_body(ex);
    conn->closing |= unread || !ex->head.keep_alive || conn->server->draining;
    struct answer answer = { status, content_type, headers, body, ex->head.method == METHOD_HEAD };
    write_answer(conn, &answer, ex->head.minor == 0);
    exchange_free(ex);
    if (conn->closing || unsent(conn) > conn->server->options.unsent_max) {
        enter(conn, PHASE_SEND);
    } else {
        enter(conn, PHASE_IDLE);
    }
    if (!conn->advancing) {
        resume(conn);
    }
}

void http_problem_with(struct http_request *req, int status, const char *code, const char *zh, const char *en,
                       const struct http_header *headers) {
    struct buf body;
    buf_init(&body, 64 * 1024);
    http_problem_print(&body, status, code, language_pick(http_request_language(req, LANGUAGE_EN), zh, en));
    http_answer(req, status, HTTP_PROBLEM_TYPE, headers ? headers : retry_headers(status), buf_text(&body));
    buf_release(&body);
}

void http_problem(struct http_request *req, int status, const char *code, const char *zh, const char *en) {
    http_problem_with(req, status, code, zh, en, NULL);
}

void http_problem_status_with(struct http_request *req, enum status status, const char *zh, const char *en,
                              const struct http_header *headers) {
    char code[32];
    snprintf(code, sizeof(code), "%s", status_name(status));
    for (char *at = code; *at; at++) {
        *at = *at == '_' ? '-' : *at >= 'A' && *at <= 'Z' ? (char)(*at | 0x20) : *at;
    }
    http_problem_with(req, status_http(status), code, zh, en, headers);
}

void http_problem_status(struct http_request *req, enum status status) {
    http_problem_status_with(req, status, status_sentence(status, LANGUAGE_ZH),
                             status_sentence(status, LANGUAGE_EN), NULL);
}

/* --- requests, as their handlers see them ------------------------------------------------------------ */

struct text http_request_field(const struct http_request *req, const char *name) {
    return http_head_field(req->head, name);
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
    struct http_exchange *ex = (struct http_exchange *)req;
    if (body_max < ex->body_max) {
        ex->body_max = body_max;
    }
}

void http_request_hold(struct http_request *req, void (*cancelled)(struct http_request *req, void *context),
                       void *context) {
    struct http_exchange *ex = (struct http_exchange *)req;
    require(ex->conn && ex->conn->phase == PHASE_WORK && !ex->held);
    ex->held = true;
    ex->cancelled = cancelled;
    ex->cancelled_context = context;
}

/* --- reading requests -------------------------------------------------------------------------------- */

static void work(struct http_connection *conn) {
    struct http_exchange *ex = conn->exchange;
    const struct http_listen *serves = &conn->listener->serves;
    enter(conn, PHASE_WORK);
    ex->req.body = buf_text(&ex->body);
    serves->handle(&ex->req, serves->context);
    /* Answered, held, or its connection broke while it was held. */
    require(conn->exchange != ex || ex->held);
}

/* What a party is served in a turn of the loop is counted, so that one does not keep it from the others. */
static void serve_account(struct http_connection *conn, size_t cost) {
    struct http_server *server = conn->server;
    struct http_account *account = conn->account;
    if (!account) {
        return;
    }
    if (account->turn != server->turn) {
        *account = (struct http_account){ account->connections, account->bodies, account->body_bytes, 0,
                                          server->turn };
    }
    bool is_armed = account->served >= HTTP_TURN_ARMED;
    account->served += cost;
    if (!is_armed && account->served >= HTTP_TURN_ARMED) {
        loop_timer_start(server->next_turn, 0);
    }
}

static bool has_had_its_turn(const struct http_connection *conn) {
    const struct http_account *account = conn->account;
    return account && account->turn == conn->server->turn
           && account->served >= conn->server->options.turn_bytes;
}

static enum http_refusal read_head(const struct http_connection *conn, struct http_exchange *ex,
                                   struct text bytes) {
    struct text copy = { arena_copy(ex->req.arena, bytes), bytes.length };
    enum http_refusal refusal = http_head_read(copy, conn->tls ? "https" : "http", &ex->head);
    if (refusal || http_referee_agrees(copy, &ex->head)) {
        return refusal;
    }
    counter_add(COUNTER_HTTP_VETOES, 1);
    log_event_bounded(LOG_ERROR, EVENT_HTTP_REFEREE_VETO, LOG_STRING("address", conn->peer->address),
                      LOG_END);
    return HTTP_REFUSE_REFEREE;
}

/* more: bytes of the body are here already, so the client does not wait to be told to go on. */
static void begin_request(struct http_connection *conn, struct text bytes, bool more) {
    const struct http_listen *serves = &conn->listener->serves;
    struct http_exchange *ex = exchange_new(conn);
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
    serve_account(conn, HTTP_REQUEST_COST);
    refusal = ex->reader.refusal;
    if (!refusal && has_body(ex)) {
        refusal = count_body(ex);
    }
    if (refusal) {
        refuse(conn, refusal);
    } else if (!has_body(ex)) {
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
    enum http_refusal refusal = progress == HTTP_REFUSED ? ex->reader.refusal : add_to_body(ex, data);
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
    if (conn->phase != PHASE_DEAD) {
        send_out(conn);
    }
    if (conn->phase == PHASE_DEAD) {
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
    case PHASE_DEAD:
    case PHASE_SEND: return false;
    case PHASE_WORK: return !conn->ended && conn->in.length < conn->server->options.ahead_max;
    default: return !conn->ended;
    }
}

/* Watches for what the connection waits for now. To be called last by whatever the loop calls. */
static void settle(struct http_connection *conn) {
    bool between = conn->phase == PHASE_IDLE || conn->phase == PHASE_HEAD || conn->phase == PHASE_BODY;
    if ((conn->ended && between) || (conn->server->draining && conn->phase == PHASE_IDLE)) {
        close_softly(conn);
    }
    if (conn->phase == PHASE_DEAD) {
        return;
    }
    int events = (may_read(conn) ? LOOP_READ : 0) | (unsent(conn) || conn->crossed ? LOOP_WRITE : 0);
    loop_watch_set(conn->watch, events);
}

static void resume(struct http_connection *conn) {
    take(conn, (struct text){ NULL, 0 });
    settle(conn);
}

static enum tls_result pull(struct http_connection *conn, size_t *done) {
    char *scratch = conn->server->scratch;
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
        serve_account(conn, done);
        conn->crossed = result == TLS_WRITE;
        if (result == TLS_BROKEN) {
            http_connection_bury(conn);
        } else if (result == TLS_END) {
            conn->ended = true;
        } else if (result == TLS_OK) {
            take(conn, (struct text){ conn->server->scratch, done });
        }
    }
}

/* Handshakes are dear, and would hold up everything else on the loop: only a few go on in each turn. The
 * other sockets stay readable, and the loop comes back. */
static bool may_shake_hands(struct http_server *server) {
    if (server->handshakes_this_turn == HTTP_HANDSHAKES_A_TURN) {
        server->handshakes_wait = true;
        return false;
    }
    if (server->handshakes_this_turn++ == 0) {
        loop_timer_start(server->next_turn, 0);
    }
    return true;
}

static void leave_strangers(struct http_connection *conn) {
    struct http_listener *listener = conn->listener;
    struct http_connection *older = conn->older_stranger, *newer = conn->newer_stranger;
    if (!conn->is_stranger) {
        return;
    }
    *(older ? &older->newer_stranger : &listener->oldest_stranger) = newer;
    *(newer ? &newer->older_stranger : &listener->newest_stranger) = older;
    addresses_give_back(listener->addresses, conn->address);
    conn->address = NULL;
    conn->is_stranger = false;
    listener->stranger_count--;
    conn->server->stranger_count--;
}

static void join_strangers(struct http_connection *conn, struct address *address) {
    struct http_listener *listener = conn->listener;
    conn->is_stranger = true;
    conn->address = address;
    conn->older_stranger = listener->newest_stranger;
    *(conn->older_stranger ? &conn->older_stranger->newer_stranger : &listener->oldest_stranger) = conn;
    listener->newest_stranger = conn;
    listener->stranger_count++;
    conn->server->stranger_count++;
}

bool http_connection_yields(const struct http_connection *conn) {
    return conn->phase == PHASE_HANDSHAKE || conn->phase == PHASE_IDLE || conn->phase == PHASE_HEAD;
}

/* It has proved whose it is: what it uses is its party's from here on. Of the places that strangers cannot
 * take a party may have as many as are still free. A connection too many is told so at its first request,
 * soon; far too many are closed. */
static void join_party(struct http_connection *conn, struct http_account *account) {
    struct http_server *server = conn->server;
    const struct http_options *options = &server->options;
    conn->account = account;
    conn->peer->peer.account = account;
    leave_strangers(conn);
    account->connections++;
    size_t places = options->connections_max - options->strangers_max;
    size_t taken = server->connection_count - server->stranger_count;
    size_t free_places = taken < places ? places - taken : 0;
    conn->is_throttled =
        account->connections > options->party_connections || account->connections > free_places + 1;
    if (!conn->is_throttled) {
        return;
    }
    counter_add(COUNTER_THROTTLED_CONNECTIONS, 1);
    conn->deadline = stamp_monotonic_ms() + options->head_ms;
    if (account->connections > 2 * options->party_connections || taken > places) {
        http_connection_bury(conn);
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

static void shake_hands(struct http_connection *conn) {
    if (!may_shake_hands(conn->server)) {
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
        ssize_t got = recv(conn->fd, conn->server->scratch, HTTP_SCRATCH, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        conn->dropped += got > 0 ? (size_t)got : 0;
        if (got <= 0 || conn->dropped > conn->server->options.linger_max) {
            http_connection_bury(conn);
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
        if (unsent(conn)) {
            take(conn, (struct text){ NULL, 0 }); /* sends, and goes on with what waited for that */
        }
        if (conn->phase != PHASE_LINGER) {
            receive(conn);
        }
    }
    if (conn->phase != PHASE_DEAD) {
        settle(conn);
    }
}

/* --- life -------------------------------------------------------------------------------------------- */

void http_connection_open(struct http_listener *listener, int fd, const struct sockaddr *from,
                          struct address *address) {
    struct http_server *server = listener->server;
    struct http_connection *conn = memory_new(sizeof(*conn));
    conn->server = server;
    conn->listener = listener;
    conn->fd = fd;
    if (listener->serves.tls) {
        conn->tls = tls_new(listener->serves.tls, fd);
    }
    conn->peer = peer_new(conn, from);
    buf_init(&conn->in, server->options.ahead_max + HTTP_SCRATCH + HTTP_HEAD_MAX);
    buf_init(&conn->out, server->options.unsent_max + HTTP_ANSWER_MAX + HTTP_HEAD_MAX);
    conn->next = server->connections;
    if (conn->next) {
        conn->next->previous = conn;
    }
    server->connections = conn;
    server->connection_count++;
    if (from) {
        join_strangers(conn, address);
    }
    counter_add(COUNTER_HTTP_CONNECTIONS, 1);
    conn->watch = loop_watch_new(server->loop, fd, LOOP_READ, ready, conn);
    if (conn->tls) {
        enter(conn, PHASE_HANDSHAKE);
    } else {
        begin_standing(conn);
    }
}

static void unlink_connection(struct http_connection *conn) {
    struct http_server *server = conn->server;
    *(conn->previous ? &conn->previous->next : &server->connections) = conn->next;
    if (conn->next) {
        conn->next->previous = conn->previous;
    }
    conn->next_grave = server->graves; /* `next` stays: a walk over the list may stand here */
    server->graves = conn;
    server->connection_count--;
}

void http_connection_bury(struct http_connection *conn) {
    struct http_exchange *ex = conn->exchange;
    require(conn->phase != PHASE_DEAD);
    enter(conn, PHASE_DEAD);
    unlink_connection(conn);
    loop_watch_free(conn->watch);
    tls_free(conn->tls);
    conn->tls = NULL;
    close(conn->fd);
    leave_strangers(conn);
    counter_add(COUNTER_HTTP_CONNECTIONS, -1);
    if (ex) {
        detach(ex);
    }
    if (conn->account) {
        conn->account->connections--;
    }
    if (!ex) {
        return;
    }
    if (!ex->held) {
        exchange_free(ex);
    } else if (ex->cancelled) {
        ex->cancelled(&ex->req, ex->cancelled_context);
    }
}

void http_connection_free(struct http_connection *conn) {
    require(conn->phase == PHASE_DEAD);
    buf_release(&conn->in);
    buf_release(&conn->out);
    peer_release(conn->peer);
    free(conn);
}

void http_connection_expire(struct http_connection *conn) {
    if (conn->phase == PHASE_DEAD) {
        return;
    }
    counter_add(COUNTER_HTTP_DEADLINES, 1);
    if (conn->phase == PHASE_HEAD || conn->phase == PHASE_BODY) {
        refuse(conn, HTTP_REFUSE_SLOW);
    } else if (conn->phase == PHASE_IDLE) {
        close_softly(conn);
    } else {
        http_connection_bury(conn);
    }
    if (conn->phase != PHASE_DEAD) {
        settle(conn);
    }
}

void http_connection_drain(struct http_connection *conn) {
    /* An idle connection has no answer under way that a reset could overtake, so nobody lingers for it. */
    bool idle = conn->phase == PHASE_IDLE && unsent(conn) == 0;
    if (idle && conn->tls) {
        tls_say_goodbye(conn->tls);
    }
    if (idle || conn->phase == PHASE_HANDSHAKE) {
        http_connection_bury(conn);
    } else if (conn->phase != PHASE_DEAD) {
        settle(conn);
    }
}
