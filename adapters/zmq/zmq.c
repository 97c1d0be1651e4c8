/*
 * zmq.c - a line per party.
 *
 * A ROUTER's descriptor is edge-triggered: it tells only that something changed, and any call
 * on the socket may eat that news. So a line reads until ZMQ_EVENTS has no POLLIN, and after
 * every send of our own it looks again.
 *
 * A monitor is a queue of libzmq's that holds 2,000 events, and then stops libzmq's only I/O thread, which is
 * every party's. Its descriptor says nothing until it has been read once and found empty, so each is read
 * when it is made.
 */
#include "adapters/zmq/zmq.h"

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
#include "adapters/zmq/protocol.h"

#define PEERS_MAX            64
#define SUBMITS_MAX          64
#define WAITING_MAX          16 /* messages libzmq reads ahead for a peer */
#define TURN_MAX             256
/* What one party says in a turn of the loop; the rest in the next ones. */
#define TURN_BYTES           (256u << 10)
#define FRAMES_MAX           8
#define ROUTING_MAX          255
#define HEADERS_MAX          16384 /* of what we say */
#define ENFORCE_DOMAIN       93    /* ZMQ_ZAP_ENFORCE_DOMAIN: a draft in 4.3.4's header, but it works */
#define HEARTBEAT_MS         5000
#define HEARTBEAT_TIMEOUT_MS 15000
#define HANDSHAKE_MS         5000
#define LINGER_MS            1000

struct routing {
    uint8_t bytes[ROUTING_MAX];
    size_t length;
}; /* what a peer calls itself */

struct peer {
    struct routing routing;
    int fd;           /* of its connection, as the monitor names it */
    uint32_t submits; /* under way */
    uint64_t hello;   /* when it said HELLO, as a serial number; 0: it did not */
    uint32_t credit;  /* deliveries it can still take */
};

/* A delivery under way to the party's receiver. */
struct flight {
    struct delivery *delivery;
    struct flight *next;
};

/* One party's socket. */
struct line {
    struct zmq *zmq;
    const struct party *party;
    void *socket, *monitor;
    char bound[256];
    struct loop_watch *watch, *monitor_watch;
    struct loop_timer *again;
    struct peer *peers[PEERS_MAX];
    struct peer *receiver; /* said HELLO last; NULL: nobody */
    uint64_t hellos;
    struct flight *flights;
};

/* A submission on its way through intake; the peer may be gone when the answer comes. */
struct submit {
    struct line *line;
    struct routing routing;
    char ref[128];
};

struct zmq {
    struct zmq_options options;
    struct port port;
    void (*opened)(void *listener, const struct party *party);
    void *listener;
    void *context, *zap;
    struct loop_watch *zap_watch;
    struct loop_timer *zap_again;
    struct line **lines;
    size_t count;
};

/* --- messages of frames ------------------------------------------------------------------------------ */

static bool has_input(void *socket) {
    int events = 0;
    size_t size = sizeof(events);
    return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
}

static struct text frame_text(zmq_msg_t *frame) {
    return (struct text){ zmq_msg_data(frame), zmq_msg_size(frame) };
}

static bool receive_frame(void *socket, zmq_msg_t *frame) {
    zmq_msg_init(frame);
    while (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0) {
        if (errno != EINTR) {
            zmq_msg_close(frame);
            return false;
        }
    }
    return true;
}

/* Reads one whole message; frames beyond FRAMES_MAX are dropped but counted. 0: nothing there. */
static size_t receive(void *socket, zmq_msg_t frames[FRAMES_MAX]) {
    size_t count = 0;
    for (bool more = true; more; count++) {
        zmq_msg_t spare, *frame = count < FRAMES_MAX ? &frames[count] : &spare;
        if (!receive_frame(socket, frame)) {
            return count;
        }
        more = zmq_msg_more(frame);
        if (frame == &spare) {
            zmq_msg_close(frame);
        }
    }
    return count;
}

static size_t frames_size(zmq_msg_t frames[FRAMES_MAX], size_t count) {
    size_t size = 0;
    for (size_t i = 0; i < count && i < FRAMES_MAX; i++) {
        size += zmq_msg_size(&frames[i]);
    }
    return size;
}

static void close_frames(zmq_msg_t frames[FRAMES_MAX], size_t count) {
    for (size_t i = 0; i < count && i < FRAMES_MAX; i++) {
        zmq_msg_close(&frames[i]);
    }
}

/* --- saying something to a peer ---------------------------------------------------------------------- */

static void look_again(struct line *line) {
    loop_timer_start(line->again, 0);
}

/* UNAVAILABLE: the peer is gone. BUSY: its queue is full. */
static enum status say(struct line *line, const struct routing *to, const char *verb,
                       const struct buf *headers, struct text body) {
    const struct text frames[] = {
        { (const char *)to->bytes, to->length }, text_of(verb), buf_text(headers), body
    };
    require(!buf_failed(headers));
    look_again(line);
    for (size_t i = 0; i < 4; i++) {
        int flags = ZMQ_DONTWAIT | (i < 3 ? ZMQ_SNDMORE : 0);
        if (zmq_send(line->socket, frames[i].at ? frames[i].at : "", frames[i].length, flags) < 0) {
            return errno == EAGAIN ? STATUS_BUSY : STATUS_UNAVAILABLE;
        }
    }
    return STATUS_OK;
}

static void begin(struct buf *headers, struct json_out *out) {
    buf_init(headers, HEADERS_MAX);
    json_start(out, headers);
    json_open_object(out, NULL);
}

static void say_problem(struct line *line, const struct routing *to, const char *ref, const char *code,
                        const char *text, bool retry) {
    struct buf headers;
    struct json_out out;
    begin(&headers, &out);
    json_put_string(&out, "ref", ref);
    json_put_string(&out, "code", code);
    json_put_string(&out, "text", text);
    json_put_bool(&out, "retry", retry);
    json_close_object(&out);
    say(line, to, "PROBLEM", &headers, TEXT(""));
    buf_release(&headers);
}

static void say_status(struct line *line, const struct routing *to, const char *ref, enum status status) {
    say_problem(line, to, ref, status_name(status), status_sentence(status, LANGUAGE_EN),
                status_retry(status) == RETRY_LATER);
}

/* --- deliveries under way ---------------------------------------------------------------------------- */

static struct flight *take_flight(struct line *line, const char *id) {
    for (struct flight **at = &line->flights; *at; at = &(*at)->next) {
        struct flight *flight = *at;
        if (strcmp(flight->delivery->id, id) == 0) {
            *at = flight->next;
            return flight;
        }
    }
    return NULL;
}

static void land(struct flight *flight, enum status status, enum delivery_reason reason, const char *words) {
    struct delivery *delivery = flight->delivery;
    free(flight);
    delivery->done(delivery, status, reason, words);
}

static void land_all(struct line *line, enum delivery_reason reason) {
    while (line->flights) {
        struct flight *flight = line->flights;
        line->flights = flight->next;
        land(flight, STATUS_UNAVAILABLE, reason, "");
    }
}

static void tell_opened(const struct line *line) {
    if (line->zmq->opened) {
        line->zmq->opened(line->zmq->listener, line->party);
    }
}

/* --- peers ------------------------------------------------------------------------------------------- */

static struct peer **find_peer(struct line *line, const void *routing, size_t length) {
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = line->peers[i];
        if (peer && peer->routing.length == length && memcmp(peer->routing.bytes, routing, length) == 0) {
            return &line->peers[i];
        }
    }
    return NULL;
}

static struct peer *last_hello(const struct line *line) {
    struct peer *last = NULL;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = line->peers[i];
        if (peer && peer->hello > (last ? last->hello : 0)) {
            last = peer;
        }
    }
    return last;
}

static void choose_receiver(struct line *line, enum delivery_reason reason) {
    struct peer *last = last_hello(line);
    land_all(line, reason);
    line->receiver = last;
    if (last) {
        tell_opened(line);
    }
}

static void drop_peer(struct line *line, struct peer **place) {
    struct peer *peer = *place;
    *place = NULL;
    if (line->receiver == peer) {
        choose_receiver(line, DELIVERY_REASON_RECEIVER_GONE);
    }
    free(peer);
}

static void take_monitor_event(struct line *line, zmq_msg_t frames[FRAMES_MAX], size_t count) {
    uint16_t event;
    uint32_t value;
    if (count == 2 && zmq_msg_size(&frames[0]) == sizeof(event) + sizeof(value)) {
        memcpy(&event, zmq_msg_data(&frames[0]), sizeof(event));
        memcpy(&value, (const char *)zmq_msg_data(&frames[0]) + sizeof(event), sizeof(value));
        for (size_t i = 0; event == ZMQ_EVENT_DISCONNECTED && i < PEERS_MAX; i++) {
            if (line->peers[i] && line->peers[i]->fd == (int)value) {
                drop_peer(line, &line->peers[i]);
            }
        }
    }
}

/* All there is, or as much as a turn may take; false: there is more. */
static bool read_monitor(struct line *line, size_t most) {
    zmq_msg_t frames[FRAMES_MAX];
    for (size_t count, taken = 0; taken < most && (count = receive(line->monitor, frames)) > 0; taken++) {
        take_monitor_event(line, frames, count);
        close_frames(frames, count);
    }
    return !has_input(line->monitor);
}

static struct peer *new_peer(struct line *line, struct text routing, int fd) {
    for (size_t i = 0; i < PEERS_MAX && routing.length <= ROUTING_MAX; i++) {
        if (!line->peers[i]) {
            struct peer *peer = line->peers[i] = memory_new(sizeof(*peer));
            memcpy(peer->routing.bytes, routing.at, routing.length);
            peer->routing.length = routing.length;
            peer->fd = fd;
            return peer;
        }
    }
    return NULL;
}

/* The peer a message came from; NULL: it is one too many. A descriptor that is new to us may
 * have been another peer's: that one's end was told to the monitor before the number was used again,
 * so it is read first. */
static struct peer *peer_of(struct line *line, zmq_msg_t frames[FRAMES_MAX], size_t count) {
    struct text routing = frame_text(&frames[0]);
    int fd =
        zmq_msg_get(&frames[count > 1], ZMQ_SRCFD); /* libzmq's own first frame does not always know it */
    struct peer **place = find_peer(line, routing.at, routing.length);
    if (place && (*place)->fd == fd) {
        return *place;
    }
    read_monitor(line, SIZE_MAX);
    place = find_peer(line, routing.at, routing.length);
    if (!place) {
        return new_peer(line, routing, fd);
    }
    (*place)->fd = fd; /* the same name over a new connection: the old one is closed */
    return *place;
}

/* --- the transport ----------------------------------------------------------------------------------- */

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
    enum status status = say(line, &line->receiver->routing, "DELIVER", &headers, delivery->data);
    buf_release(&headers);
    return status;
}

static struct line *line_of(const struct zmq *zmq, const struct party *party) {
    for (size_t i = 0; i < zmq->count; i++) {
        if (zmq->lines[i]->party == party) {
            return zmq->lines[i];
        }
    }
    return NULL;
}

static void take_delivery(void *context, struct delivery *delivery) {
    struct line *line = line_of(context, delivery->party);
    if (!line || !line->receiver) {
        delivery->done(delivery, STATUS_UNAVAILABLE,
                       line ? DELIVERY_REASON_NO_RECEIVER : DELIVERY_REASON_NO_ADDRESS, "");
        return;
    }
    enum status status = line->receiver->credit > 0 ? say_delivery(line, delivery) : STATUS_BUSY;
    if (status == STATUS_OK) {
        struct flight *flight = memory_new(sizeof(*flight));
        *flight = (struct flight){ .delivery = delivery, .next = line->flights };
        line->flights = flight;
        line->receiver->credit--;
    } else {
        if (status == STATUS_UNAVAILABLE) {
            drop_peer(line, find_peer(line, line->receiver->routing.bytes, line->receiver->routing.length));
        }
        delivery->done(delivery, status,
                       status == STATUS_BUSY ? DELIVERY_REASON_RECEIVER_BUSY : DELIVERY_REASON_RECEIVER_GONE,
                       "");
    }
}

static void cancel_delivery(void *context, struct delivery *delivery) {
    struct line *line = line_of(context, delivery->party);
    free(take_flight(line, delivery->id)); /* an ACK that comes later only gives its credit back */
}

/* Without a receiver the transport says so when asked: that is a reason somebody can read. */
static size_t room_for(void *context, const struct party *party) {
    struct line *line = line_of(context, party);
    return line && line->receiver ? line->receiver->credit : SIZE_MAX;
}

static void listen_to(void *context, void (*opened)(void *listener, const struct party *party),
                      void *listener) {
    struct zmq *zmq = context;
    zmq->opened = opened;
    zmq->listener = listener;
}

/* --- submissions ------------------------------------------------------------------------------------- */

static void say_receipt(struct line *line, const struct submit *submit, const struct answer *answer) {
    struct buf headers;
    struct json_out out;
    begin(&headers, &out);
    json_put_string(&out, "ref", submit->ref);
    json_put_int(&out, "record", (int64_t)answer->number);
    json_put_string(&out, "verdict", outcome_text(answer->outcome));
    json_put_bool(&out, "repeated", answer->repeated);
    json_close_object(&out);
    say(line, &submit->routing, "RECEIPT", &headers, answer->receipt); /* who is gone asks again: the same */
    buf_release(&headers);
}

static void answered(const struct answer *answer, void *context) {
    struct submit *submit = context;
    struct peer **place = find_peer(submit->line, submit->routing.bytes, submit->routing.length);
    if (place && (*place)->submits > 0) {
        (*place)->submits--;
    }
    if (answer->status == STATUS_OK) {
        say_receipt(submit->line, submit, answer);
    } else {
        say_status(submit->line, &submit->routing, submit->ref, answer->status);
    }
    free(submit);
}

static void take_submission(struct line *line, struct peer *peer, const struct zmq_request *request,
                            struct text body) {
    if (peer->submits >= SUBMITS_MAX) {
        say_status(line, &peer->routing, request->ref, STATUS_BUSY);
        return;
    }
    struct envelope env = { .party = line->party->code,
                            .channel = "zmq",
                            .format = request->format,
                            .file = "",
                            .trace = request->trace };
    struct submit *submit = memory_new(sizeof(*submit));
    submit->line = line;
    submit->routing = peer->routing;
    memcpy(submit->ref, request->ref, sizeof(submit->ref));
    peer->submits++;
    enum status status = intake_submit(line->zmq->options.intake, &env, line->party, body, answered, submit);
    counter_add(COUNTER_RECEIVED_ZMQ, status == STATUS_OK);
    if (status != STATUS_OK) {
        peer->submits--;
        free(submit);
        say_status(line, &peer->routing, request->ref, status);
    }
}

/* --- a message from a peer --------------------------------------------------------------------------- */

static void take_hello(struct line *line, struct peer *peer, uint32_t credit) {
    struct buf headers;
    struct json_out out;
    begin(&headers, &out);
    json_put_string(&out, "party", line->party->code);
    json_put_int(&out, "credit", SUBMITS_MAX);
    json_close_object(&out);
    say(line, &peer->routing, "WELCOME", &headers, TEXT(""));
    buf_release(&headers);
    peer->hello = ++line->hellos;
    peer->credit = credit;
    choose_receiver(line, DELIVERY_REASON_RECEIVER_ANEW);
}

static void add_credit(struct line *line, struct peer *peer, uint32_t more) {
    bool was_out = peer->credit == 0;
    peer->credit += more < ZMQ_CREDIT_MAX - peer->credit ? more : ZMQ_CREDIT_MAX - peer->credit;
    if (was_out && peer->credit > 0 && line->receiver == peer) {
        tell_opened(line);
    }
}

/* ACK or NACK; one that matches nothing comes late. */
static void take_outcome(struct line *line, struct peer *peer, const struct zmq_request *request) {
    struct flight *flight = take_flight(line, request->delivery);
    add_credit(line, peer, 1);
    if (flight && request->verb == ZMQ_VERB_ACK) {
        land(flight, STATUS_OK, DELIVERY_REASON_NONE, "");
    } else if (flight) {
        land(flight, request->final ? STATUS_REFUSED : STATUS_BUSY, DELIVERY_REASON_NONE, request->reason);
    }
}

static void take_request(struct line *line, struct peer *peer, const struct zmq_request *request,
                         struct text body) {
    switch (request->verb) {
    case ZMQ_VERB_HELLO: take_hello(line, peer, request->credit); break;
    case ZMQ_VERB_CREDIT: add_credit(line, peer, request->credit); break;
    case ZMQ_VERB_SUBMIT: take_submission(line, peer, request, body); break;
    case ZMQ_VERB_ACK:
    case ZMQ_VERB_NACK: take_outcome(line, peer, request); break;
    case ZMQ_VERB_NONE: panic("a verb that was not read");
    }
}

static void take_message(struct line *line, zmq_msg_t frames[FRAMES_MAX], size_t count) {
    struct peer *peer = peer_of(line, frames, count);
    if (!peer) { /* too many peers: it may come again when others have gone */
        struct routing routing = { .length = zmq_msg_size(&frames[0]) };
        memcpy(routing.bytes, zmq_msg_data(&frames[0]), routing.length <= ROUTING_MAX ? routing.length : 0);
        say_status(line, &routing, "", STATUS_BUSY);
        return;
    }
    struct zmq_request request = { .verb = ZMQ_VERB_NONE };
    const char *wrong = count == 4
                            ? zmq_request_read(frame_text(&frames[1]), frame_text(&frames[2]), &request)
                            : "a message has three frames";
    if (wrong) {
        say_problem(line, &peer->routing, request.ref, status_name(STATUS_BAD_INPUT), wrong, false);
    } else {
        take_request(line, peer, &request, frame_text(&frames[3]));
    }
}

static void serve(struct line *line) {
    zmq_msg_t frames[FRAMES_MAX];
    size_t bytes = 0;
    for (int turn = 0; has_input(line->socket); turn++) {
        if (turn == TURN_MAX || bytes >= TURN_BYTES) { /* the others' turn; we come back at once */
            look_again(line);
            return;
        }
        size_t count = receive(line->socket, frames);
        bytes += frames_size(frames, count);
        if (count > 0) {
            take_message(line, frames, count);
        }
        close_frames(frames, count);
    }
}

static void line_ready(int events, void *context) {
    serve(context);
}

/* Somebody who connects and leaves a thousand times a second fills the monitor as fast: the loop serves
   others between. */
static void watch_over(struct line *line) {
    if (!read_monitor(line, TURN_MAX)) {
        look_again(line);
    }
}

static void line_again(void *context) {
    serve(context);
    watch_over(context);
}

static void monitor_ready(int events, void *context) {
    watch_over(context);
}

/* --- ZAP: may this key speak on this socket? (RFC 27) ------------------------------------------------ */

static bool zap_admits(const struct zmq *zmq, struct text domain, struct text mechanism, struct text key) {
    char z85[41];
    const struct party *party = parties_find(zmq->options.edition->parties, domain);
    bool speaks_curve = text_is(mechanism, "CURVE") && key.length == 32;
    if (!party || party->blocked || !speaks_curve || !zmq_z85_encode(z85, (const uint8_t *)key.at, 32)) {
        return false;
    }
    struct party_list keys = stanza_list(party_stanza(party, "zmq"), "keys");
    for (size_t i = 0; i < keys.count; i++) {
        if (strcmp(keys.items[i], z85) == 0) {
            return true;
        }
    }
    return false;
}

static void zap_answer(struct zmq *zmq, struct text request, bool admit, struct text user) {
    const struct text frames[] = { TEXT("1.0"),
                                   request,
                                   text_of(admit ? "200" : "400"),
                                   text_of(admit ? "OK" : "key not admitted"),
                                   admit ? user : TEXT(""),
                                   TEXT("") };
    for (size_t i = 0; i < 6; i++) {
        zmq_send(zmq->zap, frames[i].at, frames[i].length, ZMQ_DONTWAIT | (i < 5 ? ZMQ_SNDMORE : 0));
    }
}

static void note_denied(struct text domain) {
    char text[128];
    snprintf(text, sizeof(text), TEXT_FORMAT, TEXT_ARGS(domain));
    counter_add(COUNTER_ZMQ_DENIED, 1);
    log_event_bounded(LOG_WARN, EVENT_ZMQ_HANDSHAKE_REFUSED, LOG_STRING("party", text), LOG_END);
}

/* version, request id, domain, address, routing id, mechanism, credentials */
static void zap_take(struct zmq *zmq, zmq_msg_t frames[FRAMES_MAX], size_t count) {
    struct text request = count > 1 ? frame_text(&frames[1]) : TEXT("");
    struct text domain = count > 2 ? frame_text(&frames[2]) : TEXT("");
    bool admit = count == 7 && zap_admits(zmq, domain, frame_text(&frames[5]), frame_text(&frames[6]));
    if (!admit) {
        note_denied(domain);
    }
    zap_answer(zmq, request, admit, domain);
}

static void zap_serve(struct zmq *zmq) {
    zmq_msg_t frames[FRAMES_MAX];
    for (int turn = 0; has_input(zmq->zap); turn++) {
        if (turn == TURN_MAX) {
            loop_timer_start(zmq->zap_again, 0);
            return;
        }
        size_t count = receive(zmq->zap, frames);
        if (count > 0) {
            zap_take(zmq, frames, count);
        }
        close_frames(frames, count);
    }
}

static void zap_ready(int events, void *context) {
    zap_serve(context);
}

static void zap_again(void *context) {
    zap_serve(context);
}

/* --- opening and closing ----------------------------------------------------------------------------- */

static int descriptor(void *socket) {
    int fd = -1;
    size_t size = sizeof(fd);
    require(zmq_getsockopt(socket, ZMQ_FD, &fd, &size) == 0);
    return fd;
}

static void set_int(void *socket, int option, int value) {
    require(zmq_setsockopt(socket, option, &value, sizeof(value)) == 0);
}

static void set_text(void *socket, int option, const char *text) {
    require(zmq_setsockopt(socket, option, text, strlen(text)) == 0);
}

static void line_close(struct line *line) {
    loop_watch_free(line->watch);
    loop_watch_free(line->monitor_watch);
    loop_timer_free(line->again);
    land_all(line, DELIVERY_REASON_STOPPING);
    for (size_t i = 0; i < PEERS_MAX; i++) {
        free(line->peers[i]);
    }
    /* The monitor is not stopped by hand: that waits for a lock that libzmq holds while the monitor is
       full. */
    zmq_close(line->socket); /* a NULL of a line that could not be made is fine */
    zmq_close(line->monitor);
    free(line);
}

static void set_options(struct line *line, const char *secret) {
    int64_t message_max = CHECK_BODY_MAX;
    set_int(line->socket, ZMQ_CURVE_SERVER, 1);
    set_text(line->socket, ZMQ_CURVE_SECRETKEY, secret);
    set_text(line->socket, ZMQ_ZAP_DOMAIN, line->party->code);
    set_int(line->socket, ENFORCE_DOMAIN, 1);
    set_int(line->socket, ZMQ_ROUTER_MANDATORY, 1);
    set_int(line->socket, ZMQ_ROUTER_HANDOVER, 1);
    set_int(line->socket, ZMQ_LINGER, LINGER_MS);
    set_int(line->socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    set_int(line->socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
    set_int(line->socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS);
    set_int(line->socket, ZMQ_HEARTBEAT_TTL, 2 * HEARTBEAT_TIMEOUT_MS);
    set_int(line->socket, ZMQ_RCVHWM, WAITING_MAX);
    set_int(line->socket, ZMQ_SNDHWM, ZMQ_CREDIT_MAX + 2 * SUBMITS_MAX);
    require(zmq_setsockopt(line->socket, ZMQ_MAXMSGSIZE, &message_max, sizeof(message_max)) == 0);
}

static const char *bind_of(const struct party *party) {
    return stanza_text(party_stanza(party, "zmq"), "bind");
}

static enum status not_bound(const struct line *line) {
    const struct zmq_options *options = &line->zmq->options;
    int error = errno;
    const char *reason = zmq_strerror(error), *code = line->party->code, *address = bind_of(line->party);
    log_event(LOG_ERROR, EVENT_ZMQ_NOT_BOUND, LOG_STRING("party", code), LOG_STRING("address", address),
              LOG_STRING("reason", reason), LOG_END);
    char where[512];
    snprintf(where, sizeof(where), "%s (%s)", address, code);
    explain_about(options->why, where, error_sentence(error, LANGUAGE_ZH),
                  error_sentence(error, LANGUAGE_EN));
    return STATUS_UNAVAILABLE;
}

/* False: there are no descriptors for them. */
static bool make_sockets(struct line *line) {
    char address[300];
    snprintf(address, sizeof(address), "inproc://monitor/%s", line->party->code);
    line->socket = zmq_socket(line->zmq->context, ZMQ_ROUTER);
    line->monitor = zmq_socket(line->zmq->context, ZMQ_PAIR);
    return line->socket && line->monitor
           && zmq_socket_monitor(line->socket, address, ZMQ_EVENT_DISCONNECTED) == 0
           && zmq_connect(line->monitor, address) == 0;
}

static enum status line_open(struct zmq *zmq, const struct party *party, const char *secret) {
    struct line *line = zmq->lines[zmq->count++] = memory_new(sizeof(*line));
    struct loop *loop = zmq->options.loop;
    size_t size = sizeof(line->bound);
    line->zmq = zmq;
    line->party = party;
    if (!make_sockets(line)) {
        return not_bound(line);
    }
    set_options(line, secret);
    set_int(line->monitor, ZMQ_LINGER, 0);
    line->again = loop_timer_new(loop, line_again, line);
    line->watch = loop_watch_new(loop, descriptor(line->socket), LOOP_READ, line_ready, line);
    line->monitor_watch = loop_watch_new(loop, descriptor(line->monitor), LOOP_READ, monitor_ready, line);
    if (zmq_bind(line->socket, bind_of(party)) != 0) {
        return not_bound(line);
    }
    zmq_getsockopt(line->socket, ZMQ_LAST_ENDPOINT, line->bound, &size);
    look_again(line); /* news that came before the watches stood */
    log_event(LOG_INFO, EVENT_ZMQ_BOUND, LOG_STRING("party", party->code), LOG_STRING("address", line->bound),
              LOG_END);
    return STATUS_OK;
}

static enum status read_secret(const char *path, char secret[41]) {
    struct buf buf;
    uint8_t raw[32];
    buf_init(&buf, 256);
    enum status status = file_read(path, &buf);
    struct text text = text_trim(buf_text(&buf));
    if (status == STATUS_TOO_LARGE || (status == STATUS_OK && text.length != 40)) {
        status = STATUS_BAD_CONFIG;
    }
    if (status == STATUS_OK) {
        memcpy(secret, text.at, 40);
        secret[40] = '\0';
        status = zmq_z85_decode(raw, secret) ? STATUS_OK : STATUS_BAD_CONFIG;
    }
    explicit_bzero(raw, sizeof(raw));
    if (buf.at) {
        explicit_bzero(buf.at, buf.capacity);
    }
    buf_release(&buf);
    return status;
}

enum status zmq_check(const char *secret_key_file) {
    char secret[41];
    enum status status = read_secret(secret_key_file, secret);
    explicit_bzero(secret, sizeof(secret));
    return status;
}

static enum status zap_open(struct zmq *zmq) {
    zmq->zap = zmq_socket(zmq->context, ZMQ_REP);
    if (!zmq->zap || zmq_bind(zmq->zap, "inproc://zeromq.zap.01") != 0) { /* no descriptors are left */
        log_event(LOG_ERROR, EVENT_ZMQ_NO_AUTHENTICATION, LOG_STRING("reason", zmq_strerror(errno)), LOG_END);
        return STATUS_UNAVAILABLE;
    }
    set_int(zmq->zap, ZMQ_LINGER, 0);
    zmq->zap_watch = loop_watch_new(zmq->options.loop, descriptor(zmq->zap), LOOP_READ, zap_ready, zmq);
    zmq->zap_again = loop_timer_new(zmq->options.loop, zap_again, zmq);
    loop_timer_start(zmq->zap_again, 0); /* news that came before the watch stood */
    return STATUS_OK;
}

static enum status open_lines(struct zmq *zmq, const char *secret) {
    const struct parties *parties = zmq->options.edition->parties;
    enum status status = STATUS_OK;
    zmq->lines = memory_array(parties->count + 1, sizeof(*zmq->lines));
    for (size_t i = 0; status == STATUS_OK && i < parties->count; i++) {
        if (party_stanza(&parties->list[i], "zmq")) {
            status = line_open(zmq, &parties->list[i], secret);
        }
    }
    return status;
}

enum status zmq_start(const struct zmq_options *options, struct zmq **out) {
    char secret[41];
    *out = NULL;
    enum status status = read_secret(options->secret_key_file, secret);
    if (status != STATUS_OK) {
        return status;
    }
    struct zmq *zmq = memory_new(sizeof(*zmq));
    zmq->options = *options;
    zmq->port = (struct port){ .transport = "zmq",
                               .context = zmq,
                               .send = take_delivery,
                               .cancel = cancel_delivery,
                               .room = room_for,
                               .listen = listen_to };
    zmq->context = zmq_ctx_new();
    require(zmq->context);
    int sockets = 3 * (int)options->edition->parties->count + 8; /* a ROUTER and its monitor's two ends */
    zmq_ctx_set(zmq->context, ZMQ_MAX_SOCKETS, sockets);
    status = zap_open(zmq); /* before any socket is bound: without it nobody gets in */
    if (status == STATUS_OK) {
        status = open_lines(zmq, secret);
    }
    explicit_bzero(secret, sizeof(secret));
    if (status != STATUS_OK) {
        zmq_stop(zmq);
        return status;
    }
    *out = zmq;
    return STATUS_OK;
}

const struct port *zmq_port(const struct zmq *zmq) {
    return &zmq->port;
}

void zmq_stop(struct zmq *zmq) {
    if (!zmq) {
        return;
    }
    for (size_t i = 0; i < zmq->count; i++) {
        line_close(zmq->lines[i]);
    }
    loop_watch_free(zmq->zap_watch);
    loop_timer_free(zmq->zap_again);
    zmq_close(zmq->zap);
    zmq_ctx_term(zmq->context);
    free(zmq->lines);
    free(zmq);
}

const char *zmq_bound(const struct zmq *zmq, const char *party) {
    for (size_t i = 0; i < zmq->count; i++) {
        if (strcmp(zmq->lines[i]->party->code, party) == 0) {
            return zmq->lines[i]->bound;
        }
    }
    return NULL;
}

void zmq_keypair(char public_key[41], char secret_key[41]) {
    require(zmq_curve_keypair(public_key, secret_key) == 0);
}
