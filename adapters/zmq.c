/*
 * A ROUTER's descriptor is edge-triggered: it tells only that something changed, and any call on the socket may eat that news.
 * So a line reads until ZMQ_EVENTS has no POLLIN, and after every send of our own it looks again (look_again()).
 */
#include "adapters/zmq.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/counters.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "check/check.h"
#include "adapters/zmq_protocol.h"

#define PEERS_MAX 64
#define SUBMITS_MAX 64
#define TURN_MAX 256
#define FRAMES_MAX 8
#define ROUTING_MAX 255
#define ENFORCE_DOMAIN 93             /* ZMQ_ZAP_ENFORCE_DOMAIN, hidden behind the draft flag in 4.3.4's header */
#define HEARTBEAT_MS 5000
#define HEARTBEAT_TIMEOUT_MS 15000
#define HANDSHAKE_MS 5000

struct peer { uint8_t routing[ROUTING_MAX]; size_t routing_length; uint32_t submits; bool used; };

/* A delivery under way to the party's receiver. */
struct flight { struct line *line; struct delivery *delivery; enum status status; char why[300]; struct flight *next, **link; };

/* One party's socket. */
struct line {
    struct zmq *zmq;
    const struct party *party;
    void *socket;
    char bound[256];
    struct loop_watch *watch;
    struct loop_timer *again;
    struct peer peers[PEERS_MAX];
    struct peer *receiver;            /* said HELLO last; NULL: nobody */
    uint32_t credit;                  /* deliveries the receiver can still take */
    struct flight *flights;
};

/* A submission on its way through intake; the peer may be gone when the answer comes. */
struct submit { struct line *line; uint8_t routing[ROUTING_MAX]; size_t routing_length; char ref[128]; };

struct zmq {
    struct zmq_options options;
    struct port port;
    void *context, *zap;
    struct loop_watch *zap_watch;
    struct loop_timer *zap_again;
    struct line **lines; size_t count;
};

static bool has_input(void *socket) {
    int events = 0;
    size_t size = sizeof events;
    return !zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) && (events & ZMQ_POLLIN);
}

static struct text frame_text(zmq_msg_t *frame) {
    return (struct text){ zmq_msg_data(frame), zmq_msg_size(frame) };
}

/* Reads one whole message; frames beyond max are read and dropped but counted. 0: nothing there. */
static size_t receive(void *socket, zmq_msg_t *frames, size_t max) {
    size_t count = 0;
    for (bool more = true; more; count++) {
        zmq_msg_t spare, *frame = count < max ? &frames[count] : &spare;
        zmq_msg_init(frame);
        if (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(frame);
            return count;
        }
        more = zmq_msg_more(frame);
        if (frame == &spare) zmq_msg_close(frame);
    }
    return count;
}

static void close_frames(zmq_msg_t *frames, size_t count, size_t max) {
    for (size_t i = 0; i < count && i < max; i++) zmq_msg_close(&frames[i]);
}

/* --- saying something to a peer --------------------------------------------------------------------------------- */

static void look_again(struct line *line) {
    loop_timer_start(line->again, 0);
}

/* UNAVAILABLE: the peer is gone. BUSY: its queue is full. */
static enum status say(struct line *line, const uint8_t *routing, size_t routing_length, const char *verb, const struct buf *headers,
                       struct text body) {
    const struct text frames[] = { { (const char *)routing, routing_length }, text_of(verb), buf_text(headers), body };
    look_again(line);
    for (size_t i = 0; i < 4; i++) {
        int flags = ZMQ_DONTWAIT | (i < 3 ? ZMQ_SNDMORE : 0);
        if (zmq_send(line->socket, frames[i].at ? frames[i].at : "", frames[i].length, flags) < 0)
            return errno == EAGAIN ? STATUS_BUSY : STATUS_UNAVAILABLE;
    }
    return STATUS_OK;
}

static void begin(struct buf *headers, struct json_out *out) {
    buf_init(headers, 16384);
    json_start(out, headers);
    json_open_object(out, NULL);
}

static void say_problem(struct line *line, const uint8_t *routing, size_t routing_length, const char *ref, const char *code,
                        const char *text, bool retry) {
    struct buf headers;
    struct json_out out;
    begin(&headers, &out);
    json_put_string(&out, "ref", ref);
    json_put_string(&out, "code", code);
    json_put_string(&out, "text", text);
    json_put_bool(&out, "retry", retry);
    json_close_object(&out);
    say(line, routing, routing_length, "PROBLEM", &headers, (struct text){ "", 0 });
    buf_release(&headers);
}

static void say_status(struct line *line, const uint8_t *routing, size_t routing_length, const char *ref, enum status status) {
    say_problem(line, routing, routing_length, ref, status_name(status), status_sentence(status), status_retry(status) == RETRY_LATER);
}

/* --- peers ---------------------------------------------------------------------------------------------------------- */

static struct peer *peer_find(struct line *line, struct text routing) {
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = &line->peers[i];
        if (peer->used && peer->routing_length == routing.length && !memcmp(peer->routing, routing.at, routing.length)) return peer;
    }
    return NULL;
}

static void peer_drop(struct line *line, struct peer *peer) {
    if (line->receiver == peer) line->receiver = NULL;
    peer->used = false;
}

/* A place for a new peer: a free one, or one whose peer cannot be reached any more. */
static struct peer *peer_place(struct line *line) {
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (!line->peers[i].used) return &line->peers[i];
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (!line->peers[i].submits && line->receiver != &line->peers[i]) return &line->peers[i];
    return NULL;
}

static struct peer *peer_of(struct line *line, struct text routing) {
    struct peer *peer = peer_find(line, routing);
    if (peer || routing.length > ROUTING_MAX) return peer;
    peer = peer_place(line);
    if (!peer) return NULL;
    *peer = (struct peer){ .routing_length = routing.length, .used = true };
    memcpy(peer->routing, routing.at, routing.length);
    return peer;
}

/* --- deliveries --------------------------------------------------------------------------------------------------------- */

static void unlink_flight(struct flight *flight) {
    *flight->link = flight->next;
    if (flight->next) flight->next->link = flight->link;
}

static void land(struct flight *flight, enum status status, const char *why) {
    struct delivery *delivery = flight->delivery;
    unlink_flight(flight);
    free(flight);
    delivery->done(delivery, status, why);
}

static void land_all(struct line *line, const char *why) {
    while (line->flights) land(line->flights, STATUS_UNAVAILABLE, why);
}

static void failed_at_once(void *context) {
    struct flight *flight = context;
    flight->delivery->done(flight->delivery, flight->status, flight->why);
    free(flight);
}

static enum status say_delivery(struct line *line, const struct delivery *delivery) {
    char digest[DIGEST_HEX_MAX + 8] = "sha256:", recorded[STAMP_TEXT_MAX];
    struct buf headers;
    struct json_out out;
    digest_hex(&delivery->digest, digest + strlen(digest));
    begin(&headers, &out);
    json_put_string(&out, "delivery", delivery->id);
    json_put_int(&out, "record", (int64_t)delivery->record);
    json_put_string(&out, "family", delivery->family);
    json_put_string(&out, "format", delivery->format);
    json_put_string(&out, "subject", delivery->subject);
    json_put_string(&out, "digest", digest);
    json_put_string(&out, "recorded", stamp_print(delivery->recorded, recorded));
    json_put_string(&out, "sender", delivery->sender);
    json_put_string(&out, "traceparent", delivery->trace);
    json_close_object(&out);
    const struct peer *peer = line->receiver;
    enum status status = buf_failed(&headers) ? STATUS_TOO_LARGE : say(line, peer->routing, peer->routing_length, "DELIVER", &headers, delivery->data);
    buf_release(&headers);
    return status;
}

static enum status deliver(struct line *line, const struct delivery *delivery) {
    if (!line || !line->receiver) return STATUS_UNAVAILABLE;
    if (!line->credit) return STATUS_BUSY;
    enum status status = say_delivery(line, delivery);
    if (status == STATUS_UNAVAILABLE) peer_drop(line, line->receiver);
    if (!status) line->credit--;
    return status;
}

static struct line *line_of(struct zmq *zmq, const char *party) {
    for (size_t i = 0; i < zmq->count; i++)
        if (!strcmp(zmq->lines[i]->party->code, party)) return zmq->lines[i];
    return NULL;
}

static void send_one(void *context, struct delivery *delivery) {
    struct zmq *zmq = context;
    struct line *line = line_of(zmq, delivery->party->code);
    struct flight *flight = memory_new(sizeof *flight);
    flight->line = line;
    flight->delivery = delivery;
    enum status status = deliver(line, delivery);
    if (status) {
        flight->status = status;
        snprintf(flight->why, sizeof flight->why, "%s", !line || !line->receiver ? "no receiver has said HELLO" : "the receiver has no credit");
        loop_post(zmq->options.loop, failed_at_once, flight);
        return;
    }
    flight->next = line->flights;
    if (flight->next) flight->next->link = &flight->next;
    flight->link = &line->flights;
    line->flights = flight;
}

/* An outcome for a delivery that is not under way any more is late: it is recorded already, or comes again. */
static void take_outcome(struct line *line, const struct zmq_request *request) {
    for (struct flight *flight = line->flights; flight; flight = flight->next) {
        if (strcmp(flight->delivery->id, request->delivery)) continue;
        if (line->credit < ZMQ_CREDIT_MAX) line->credit++;
        if (request->verb == ZMQ_VERB_ACK) land(flight, STATUS_OK, "");
        else land(flight, request->final ? STATUS_REFUSED : STATUS_UNAVAILABLE, request->reason[0] ? request->reason : "the receiver said NACK");
        return;
    }
}

/* --- submissions ------------------------------------------------------------------------------------------------------------ */

static void answered(const struct answer *answer, void *context) {
    struct submit *submit = context;
    struct line *line = submit->line;
    struct peer *peer = peer_find(line, (struct text){ (const char *)submit->routing, submit->routing_length });
    if (peer && peer->submits) peer->submits--;
    if (answer->status) {
        say_status(line, submit->routing, submit->routing_length, submit->ref, answer->status);
    } else {
        struct buf headers;
        struct json_out out;
        begin(&headers, &out);
        json_put_string(&out, "ref", submit->ref);
        json_put_int(&out, "record", (int64_t)answer->number);
        json_put_string(&out, "verdict", outcome_text(answer->outcome));
        json_put_bool(&out, "repeated", answer->repeated);
        json_close_object(&out);
        say(line, submit->routing, submit->routing_length, "RECEIPT", &headers, answer->receipt);
        buf_release(&headers);
    }
    free(submit);
}

static void take_submission(struct line *line, struct peer *peer, const struct zmq_request *request, struct text body) {
    struct zmq *zmq = line->zmq;
    if (peer->submits >= SUBMITS_MAX) {
        say_status(line, peer->routing, peer->routing_length, request->ref, STATUS_BUSY);
        return;
    }
    struct envelope env = { .party = line->party->code, .channel = CHANNEL_ZMQ, .received = stamp_now(), .format = request->format,
                            .file = "", .trace = request->trace };
    struct submit *submit = memory_new(sizeof *submit);
    submit->line = line;
    submit->routing_length = peer->routing_length;
    memcpy(submit->routing, peer->routing, peer->routing_length);
    memcpy(submit->ref, request->ref, sizeof submit->ref);
    enum status status = intake_submit(zmq->options.intake, &env, line->party, body, answered, submit);
    if (!status) {
        peer->submits++;
        return;
    }
    free(submit);
    say_status(line, peer->routing, peer->routing_length, request->ref, status);
}

/* --- a message from a peer ---------------------------------------------------------------------------------------------------- */

static void take_hello(struct line *line, struct peer *peer, uint32_t credit) {
    struct buf headers;
    struct json_out out;
    land_all(line, "the receiver said HELLO anew");
    line->receiver = peer;
    line->credit = credit;
    begin(&headers, &out);
    json_put_string(&out, "party", line->party->code);
    json_put_int(&out, "credit", SUBMITS_MAX);
    json_close_object(&out);
    say(line, peer->routing, peer->routing_length, "WELCOME", &headers, (struct text){ "", 0 });
    buf_release(&headers);
    if (line->zmq->options.reachable) line->zmq->options.reachable(line->party->code, line->zmq->options.context);
}

static void take_request(struct line *line, struct peer *peer, const struct zmq_request *request, struct text body) {
    switch (request->verb) {
    case ZMQ_VERB_HELLO:
        take_hello(line, peer, request->credit);
        break;
    case ZMQ_VERB_CREDIT:
        if (line->receiver == peer) line->credit += request->credit;
        if (line->credit > ZMQ_CREDIT_MAX) line->credit = ZMQ_CREDIT_MAX;
        break;
    case ZMQ_VERB_SUBMIT:
        take_submission(line, peer, request, body);
        break;
    case ZMQ_VERB_ACK: case ZMQ_VERB_NACK:
        take_outcome(line, request);
        break;
    case ZMQ_VERB_NONE:
        panic("a verb that was not read");
    }
}

static void take_message(struct line *line, zmq_msg_t *frames, size_t count) {
    struct text routing = frame_text(&frames[0]);
    struct zmq_request request;
    struct peer *peer = peer_of(line, routing);
    const char *wrong = count == 4 ? zmq_request_read(frame_text(&frames[1]), frame_text(&frames[2]), &request) : "a message has three frames";
    if (!peer) say_status(line, (const uint8_t *)routing.at, routing.length, "", STATUS_BUSY);
    else if (wrong) say_problem(line, peer->routing, peer->routing_length, count == 4 ? request.ref : "", "BAD_INPUT", wrong, false);
    else take_request(line, peer, &request, frame_text(&frames[3]));
}

static void serve(struct line *line) {
    zmq_msg_t frames[FRAMES_MAX];
    for (int turn = 0; has_input(line->socket); turn++) {
        if (turn == TURN_MAX) {       /* the others' turn; we come back at once */
            look_again(line);
            return;
        }
        size_t count = receive(line->socket, frames, FRAMES_MAX);
        if (count) take_message(line, frames, count);
        close_frames(frames, count, FRAMES_MAX);
    }
}

static void line_ready(int events, void *context) {
    serve(context);
}

static void line_again(void *context) {
    serve(context);
}

/* --- ZAP: may this key speak on this socket? (RFC 27) ----------------------------------------------------------------------------- */

static bool zap_admits(struct zmq *zmq, struct text domain, struct text mechanism, struct text key) {
    char z85[41];
    const struct party *party = parties_find(zmq->options.setup->parties, domain);
    if (!party || party->blocked || !text_is(mechanism, "CURVE") || key.length != 32) return false;
    if (!zmq_z85_encode(z85, (const uint8_t *)key.at, 32)) return false;
    for (size_t i = 0; i < party->zmq_keys.count; i++)
        if (!strcmp(party->zmq_keys.items[i], z85)) return true;
    return false;
}

static void zap_answer(struct zmq *zmq, struct text request_id, bool admit, struct text domain) {
    const struct text frames[] = { TEXT("1.0"), request_id, text_of(admit ? "200" : "400"), text_of(admit ? "OK" : "key not admitted"),
                                   admit ? domain : (struct text){ "", 0 }, { "", 0 } };
    for (size_t i = 0; i < 6; i++) zmq_send(zmq->zap, frames[i].at, frames[i].length, ZMQ_DONTWAIT | (i < 5 ? ZMQ_SNDMORE : 0));
}

/* version, request id, domain, address, identity, mechanism, credentials */
static void zap_take(struct zmq *zmq) {
    zmq_msg_t frames[FRAMES_MAX];
    size_t count = receive(zmq->zap, frames, FRAMES_MAX);
    if (!count) return;
    struct text id = count > 1 ? frame_text(&frames[1]) : (struct text){ "", 0 };
    struct text domain = count > 2 ? frame_text(&frames[2]) : id;
    bool admit = count == 7 && zap_admits(zmq, domain, frame_text(&frames[5]), frame_text(&frames[6]));
    if (!admit) {
        char text[128];
        snprintf(text, sizeof text, TEXT_FORMAT, TEXT_ARGS(domain));
        counter_add(COUNTER_ZMQ_DENIED, 1);
        log_event(LOG_WARN, "zmq", "handshake refused", LOG_STRING("party", text), LOG_END);
    }
    zap_answer(zmq, id, admit, domain);
    close_frames(frames, count, FRAMES_MAX);
}

static void zap_serve(struct zmq *zmq) {
    for (int turn = 0; has_input(zmq->zap); turn++) {
        if (turn == TURN_MAX) {
            loop_timer_start(zmq->zap_again, 0);
            return;
        }
        zap_take(zmq);
    }
}

static void zap_ready(int events, void *context) {
    zap_serve(context);
}

static void zap_again(void *context) {
    zap_serve(context);
}

/* --- opening and closing --------------------------------------------------------------------------------------------------------------- */

static int descriptor(void *socket) {
    int fd = -1;
    size_t size = sizeof fd;
    require(!zmq_getsockopt(socket, ZMQ_FD, &fd, &size));
    return fd;
}

static void set_int(void *socket, int option, int value) {
    require(!zmq_setsockopt(socket, option, &value, sizeof value));
}

static void line_close(struct line *line) {
    if (line->watch) loop_watch_free(line->watch);
    if (line->again) loop_timer_free(line->again);
    land_all(line, "the gateway is shutting down");
    zmq_close(line->socket);
    free(line);
}

static enum status line_open(struct zmq *zmq, const struct party *party, const char *secret) {
    struct line *line = memory_new(sizeof *line);
    int64_t message_max = CHECK_BODY_MAX;
    size_t size = sizeof line->bound;
    line->zmq = zmq;
    line->party = party;
    line->socket = zmq_socket(zmq->context, ZMQ_ROUTER);
    require(line->socket);
    set_int(line->socket, ZMQ_CURVE_SERVER, 1);
    require(!zmq_setsockopt(line->socket, ZMQ_CURVE_SECRETKEY, secret, 40));
    require(!zmq_setsockopt(line->socket, ZMQ_ZAP_DOMAIN, party->code, strlen(party->code)));
    set_int(line->socket, ENFORCE_DOMAIN, 1);
    set_int(line->socket, ZMQ_ROUTER_MANDATORY, 1);
    set_int(line->socket, ZMQ_LINGER, 0);
    set_int(line->socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    set_int(line->socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
    set_int(line->socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS);
    require(!zmq_setsockopt(line->socket, ZMQ_MAXMSGSIZE, &message_max, sizeof message_max));
    if (zmq_bind(line->socket, party->zmq_bind)) {
        log_event(LOG_ERROR, "zmq", "address cannot be bound", LOG_STRING("party", party->code), LOG_STRING("address", party->zmq_bind),
                  LOG_STRING("why", zmq_strerror(errno)), LOG_END);
        line_close(line);
        return STATUS_UNAVAILABLE;
    }
    zmq_getsockopt(line->socket, ZMQ_LAST_ENDPOINT, line->bound, &size);
    line->watch = loop_watch_new(zmq->options.loop, descriptor(line->socket), LOOP_READ, line_ready, line);
    line->again = loop_timer_new(zmq->options.loop, line_again, line);
    look_again(line);                 /* news that came before the watch stood */
    zmq->lines[zmq->count++] = line;
    log_event(LOG_INFO, "zmq", "bound", LOG_STRING("party", party->code), LOG_STRING("address", line->bound), LOG_END);
    return STATUS_OK;
}

static enum status read_secret(const char *path, char secret[41]) {
    struct buf buf;
    uint8_t raw[32];
    buf_init(&buf, 256);
    enum status status = file_read(path, &buf);
    struct text text = text_trim(buf_text(&buf));
    if (!status && text.length != 40) status = STATUS_BAD_CONFIG;
    if (!status) {
        memcpy(secret, text.at, 40);
        secret[40] = 0;
        if (!zmq_z85_decode(raw, secret)) status = STATUS_BAD_CONFIG;
    }
    explicit_bzero(raw, sizeof raw);
    if (buf.at) explicit_bzero(buf.at, buf.capacity);
    buf_release(&buf);
    return status;
}

static void zap_open(struct zmq *zmq) {
    zmq->zap = zmq_socket(zmq->context, ZMQ_REP);
    require(zmq->zap && !zmq_bind(zmq->zap, "inproc://zeromq.zap.01"));
    set_int(zmq->zap, ZMQ_LINGER, 0);
    zmq->zap_watch = loop_watch_new(zmq->options.loop, descriptor(zmq->zap), LOOP_READ, zap_ready, zmq);
    zmq->zap_again = loop_timer_new(zmq->options.loop, zap_again, zmq);
}

enum status zmq_start(const struct zmq_options *options, struct zmq **out) {
    char secret[41];
    enum status status = read_secret(options->secret_key_file, secret);
    if (status) return status;
    struct zmq *zmq = memory_new(sizeof *zmq);
    zmq->options = *options;
    zmq->port = (struct port){ .transport = "zmq", .context = zmq, .send = send_one };
    zmq->context = zmq_ctx_new();
    require(zmq->context);
    zap_open(zmq);                    /* before any socket is bound: nobody gets in while it is missing */
    const struct parties *parties = options->setup->parties;
    zmq->lines = memory_array(parties->count + 1, sizeof *zmq->lines);
    for (size_t i = 0; !status && i < parties->count; i++)
        if (parties->list[i].zmq_bind[0]) status = line_open(zmq, &parties->list[i], secret);
    explicit_bzero(secret, sizeof secret);
    if (status) zmq_stop(zmq);
    else *out = zmq;
    return status;
}

const struct port *zmq_port(struct zmq *zmq) {
    return &zmq->port;
}

void zmq_stop(struct zmq *zmq) {
    if (!zmq) return;
    for (size_t i = 0; i < zmq->count; i++) line_close(zmq->lines[i]);
    loop_watch_free(zmq->zap_watch);
    loop_timer_free(zmq->zap_again);
    zmq_close(zmq->zap);
    zmq_ctx_term(zmq->context);
    free(zmq->lines);
    free(zmq);
}

const char *zmq_bound(const struct zmq *zmq, const char *party) {
    for (size_t i = 0; i < zmq->count; i++)
        if (!strcmp(zmq->lines[i]->party->code, party)) return zmq->lines[i]->bound;
    return NULL;
}

void zmq_keypair(char public_key[41], char secret_key[41]) {
    require(!zmq_curve_keypair(public_key, secret_key));
}
