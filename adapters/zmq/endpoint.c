/*
 * endpoint.c - what comes over one party's socket, read until there is no more (socket.h), or until it is
 * the others' turn.
 *
 * A monitor tells which connection is lost. It is a queue of libzmq's that holds 2,000 events, and then
 * stops libzmq's only I/O thread, which is every party's. Its descriptor says nothing until it has been
 * read once and found empty, so each is read when it is made.
 */
#include "adapters/zmq/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/status.h"
#include "check/check.h"
#include "adapters/zmq/peers.h"
#include "adapters/zmq/protocol.h"
#include "adapters/zmq/socket.h"
#include "adapters/zmq/counters.h"

#define SUBMITS_MAX 64
#define WAITING_MAX 16 /* messages libzmq reads ahead for a peer */
#define TURN_MAX    256
/* What one party says in a turn of the loop; the rest in the next ones. */
#define TURN_BYTES  (256u << 10)

/* A delivery in flight to the party's receiver. */
struct endpoint_delivery {
    struct delivery *delivery;
    struct endpoint_delivery *next;
};

struct zmq_endpoint {
    struct zmq_endpoint_options options;
    const struct party *party;
    void *socket, *monitor;
    int listener;
    char bound[256];
    struct loop_watch *watch, *monitor_watch;
    struct loop_timer *again;
    struct peers peers;
    struct peer *receiver; /* said HELLO last; NULL: nobody */
    uint64_t hellos;
    struct endpoint_delivery *in_flight, **in_flight_end; /* the oldest first: it is acknowledged first */
    struct endpoint_delivery *acknowledged, **acknowledged_end; /* of those, and dispatch does not know yet */
    struct buf headers;                                         /* of what is said just now */
    bool serving;        /* what is there is read until there is no more */
    bool monitor_unread; /* there may be more in it */
    size_t asked;        /* SUBMITs and FOLLOWs under way: it lives until they are answered */
    bool closed;
};

/* A SUBMIT or FOLLOW under way; the peer, and the endpoint's sockets, may be gone when the answer comes. */
struct asked {
    struct zmq_endpoint *endpoint;
    struct routing routing;
    char ref[128];
};

/* --- saying something to a peer ---------------------------------------------------------------------- */

static void look_again(struct zmq_endpoint *endpoint) {
    loop_timer_start(endpoint->again, 0);
}

/* UNAVAILABLE: the peer is gone. BUSY: its queue is full. */
static enum status say(struct zmq_endpoint *endpoint, const struct routing *to, enum zmq_verb verb,
                       const struct buf *headers, struct text body) {
    const struct text frames[] = {
        { (const char *)to->bytes, to->length }, text_of(zmq_verb_row(verb)->name), buf_text(headers), body
    };
    require(!buf_failed(headers));
    if (!endpoint->serving) { /* sending may take what tells of input out of the descriptor */
        look_again(endpoint);
    }
    for (size_t i = 0; i < 4; i++) {
        int flags = ZMQ_DONTWAIT | (i < 3 ? ZMQ_SNDMORE : 0);
        if (zmq_send(endpoint->socket, frames[i].at ? frames[i].at : "", frames[i].length, flags) < 0) {
            return errno == EAGAIN ? STATUS_BUSY : STATUS_UNAVAILABLE;
        }
    }
    return STATUS_OK;
}

/* Of one message: said before the next begins. */
static void begin(struct zmq_endpoint *endpoint, struct json_out *out) {
    buf_clear(&endpoint->headers);
    json_start(out, &endpoint->headers);
    json_open_object(out, NULL);
}

static void say_problem(struct zmq_endpoint *endpoint, const struct routing *to, const char *ref,
                        const char *code, const char *text, bool retry) {
    struct json_out out;
    begin(endpoint, &out);
    json_put_string(&out, "ref", ref);
    json_put_string(&out, "code", code);
    json_put_string(&out, "text", text);
    json_put_bool(&out, "retry", retry);
    json_close_object(&out);
    say(endpoint, to, ZMQ_VERB_PROBLEM, &endpoint->headers, TEXT(""));
}

static void say_status(struct zmq_endpoint *endpoint, const struct routing *to, const char *ref,
                       enum status status) {
    say_problem(endpoint, to, ref, status_name(status), status_sentence(status, LANGUAGE_EN),
                status_retry(status) == RETRY_LATER);
}

/* --- deliveries in flight ------------------------------------------------------------------------------- */

/* Out of a list of the endpoint's, whose end is *end; NULL: it is not there. */
static struct endpoint_delivery *take_out(struct endpoint_delivery **first, struct endpoint_delivery ***end,
                                          const char *id) {
    for (struct endpoint_delivery **at = first; *at; at = &(*at)->next) {
        struct endpoint_delivery *sent = *at;
        if (strcmp(sent->delivery->id, id) == 0) {
            *at = sent->next;
            *end = *at ? *end : at;
            return sent;
        }
    }
    return NULL;
}

static struct endpoint_delivery *take_in_flight(struct zmq_endpoint *endpoint, const char *id) {
    return take_out(&endpoint->in_flight, &endpoint->in_flight_end, id);
}

static void end(struct endpoint_delivery *sent, enum status status, enum delivery_reason reason,
                const char *words) {
    struct delivery *delivery = sent->delivery;
    free(sent);
    delivery->done(delivery, status, reason, words);
}

static void keep_acknowledged(struct zmq_endpoint *endpoint, struct endpoint_delivery *sent) {
    sent->next = NULL;
    *endpoint->acknowledged_end = sent;
    endpoint->acknowledged_end = &sent->next;
}

/* Dispatch sends the next ones as it hears of these: so libzmq's thread is woken once for all of them. False:
 * there was none. */
static bool end_acknowledged(struct zmq_endpoint *endpoint) {
    bool some = endpoint->acknowledged != NULL;
    while (endpoint->acknowledged) {
        struct endpoint_delivery *sent = endpoint->acknowledged;
        endpoint->acknowledged = sent->next;
        endpoint->acknowledged_end = sent->next ? endpoint->acknowledged_end : &endpoint->acknowledged;
        end(sent, STATUS_OK, DELIVERY_REASON_NONE, "");
    }
    return some;
}

static void end_all(struct zmq_endpoint *endpoint, enum delivery_reason reason) {
    end_acknowledged(endpoint);
    while (endpoint->in_flight) {
        struct endpoint_delivery *sent = endpoint->in_flight;
        endpoint->in_flight = sent->next;
        endpoint->in_flight_end = sent->next ? endpoint->in_flight_end : &endpoint->in_flight;
        end(sent, STATUS_UNAVAILABLE, reason, "");
    }
}

static void tell_opened(const struct zmq_endpoint *endpoint) {
    endpoint->options.opened(endpoint->options.owner, endpoint->party);
}

/* --- peers ------------------------------------------------------------------------------------------- */

static void choose_receiver(struct zmq_endpoint *endpoint, enum delivery_reason reason) {
    struct peer *last = peers_last_hello(&endpoint->peers);
    end_all(endpoint, reason);
    endpoint->receiver = last;
    if (last) {
        tell_opened(endpoint);
    }
}

static void drop_peer(struct zmq_endpoint *endpoint, struct peer *peer) {
    peers_take_out(&endpoint->peers, peer);
    if (endpoint->receiver == peer) {
        choose_receiver(endpoint, DELIVERY_REASON_RECEIVER_GONE);
    }
    free(peer);
}

static void take_monitor_event(struct zmq_endpoint *endpoint, zmq_msg_t frames[FRAMES_MAX], size_t count) {
    int event, connection;
    struct peer *peer;
    if (!socket_event(frames, count, &event, &connection)) {
        return;
    }
    while (event == ZMQ_EVENT_DISCONNECTED
           && (peer = peers_of_connection(&endpoint->peers, connection)) != NULL) {
        drop_peer(endpoint, peer);
    }
}

/* All there is, or as much as a turn may take. */
static void read_monitor(struct zmq_endpoint *endpoint, size_t most) {
    zmq_msg_t frames[FRAMES_MAX];
    size_t count = 1;
    for (size_t taken = 0; taken < most && (count = socket_receive(endpoint->monitor, frames)) > 0; taken++) {
        take_monitor_event(endpoint, frames, count);
        frames_close(frames, count);
    }
    endpoint->monitor_unread = count > 0;
}

/* Whoever came in by another edition need not be admitted by this one. */
static bool is_admitted(const struct zmq_endpoint *endpoint, const struct peer *peer) {
    struct party_list keys = stanza_list(party_stanza(endpoint->party, "zmq"), "keys");
    bool known = false;
    for (size_t i = 0; !known && i < keys.count; i++) {
        known = strcmp(keys.items[i], peer->key) == 0;
    }
    return known && !endpoint->party->blocked;
}

/* The peer a message came from; NULL: it is one too many. A descriptor that is new to us may
 * have been another peer's: that one's end was told to the monitor before the number was used again,
 * so it is read first. */
static struct peer *peer_of(struct zmq_endpoint *endpoint, zmq_msg_t frames[FRAMES_MAX], size_t count) {
    struct text routing = frame_text(&frames[0]);
    int fd =
        zmq_msg_get(&frames[count > 1], ZMQ_SRCFD); /* libzmq's own first frame does not always know it */
    struct peer *peer = peers_find(&endpoint->peers, routing);
    if (peer && peer->fd == fd) {
        return peer;
    }
    read_monitor(endpoint, SIZE_MAX);
    peer = peers_find(&endpoint->peers, routing);
    peer = peer ? peer : peers_add(&endpoint->peers, routing);
    if (peer) { /* the same name over a new connection: the old one is closed */
        peers_connected(peer, fd, zmq_msg_gets(&frames[count > 1], "User-Id"));
        peer->admitted = is_admitted(endpoint, peer);
    }
    return peer;
}

/* --- another edition ------------------------------------------------------------------------------------ */

/* libzmq cannot part from one peer: its connection is ended under it. */
static void cut(struct zmq_endpoint *endpoint, struct peer *peer) {
    (void)shutdown(peer->fd, SHUT_RDWR);
    drop_peer(endpoint, peer);
}

void zmq_endpoint_change(struct zmq_endpoint *endpoint, const struct party *party) {
    require(strcmp(endpoint->party->code, party->code) == 0);
    endpoint->party = party;
    read_monitor(endpoint, SIZE_MAX); /* descriptors of connections that have ended may be others' by now */
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = endpoint->peers.list[i];
        if (peer && !is_admitted(endpoint, peer)) {
            cut(endpoint, peer);
        }
    }
    look_again(endpoint);
}

/* --- deliveries --------------------------------------------------------------------------------------- */

static enum status say_delivery(struct zmq_endpoint *endpoint, const struct delivery *delivery) {
    char digest[DIGEST_HEX_MAX + 8] = "sha256:", recorded[STAMP_TEXT_MAX];
    enum zmq_verb verb = delivery->about ? ZMQ_VERB_DECISION : ZMQ_VERB_DELIVER;
    struct json_out out;
    digest_hex(&delivery->digest, digest + strlen(digest));
    begin(endpoint, &out);
    json_put_string(&out, "delivery", delivery->id);
    json_put_int(&out, "record", (int64_t)delivery->record);
    if (verb == ZMQ_VERB_DECISION) {
        json_put_int(&out, "about", (int64_t)delivery->about);
        json_put_string(&out, "result", delivery->result);
    } else {
        json_put_string(&out, "family", delivery->family);
        json_put_string(&out, "format", delivery->format);
    }
    json_put_string(&out, "subject", delivery->subject);
    json_put_string(&out, "digest", digest);
    json_put_string(&out, "recorded", stamp_print(delivery->recorded, recorded));
    if (verb == ZMQ_VERB_DELIVER) {
        json_put_string(&out, "sender", delivery->sender);
        json_put_string(&out, "traceparent", delivery->trace);
    }
    json_put_bool(&out, "redelivered", delivery->redelivered);
    json_close_object(&out);
    return say(endpoint, &endpoint->receiver->routing, verb, &endpoint->headers, delivery->data);
}

void zmq_endpoint_send(struct zmq_endpoint *endpoint, struct delivery *delivery) {
    require(strcmp(delivery->party->code, endpoint->party->code) == 0);
    if (!endpoint->receiver) {
        delivery->done(delivery, STATUS_UNAVAILABLE, DELIVERY_REASON_NO_RECEIVER, "");
        return;
    }
    enum status status = endpoint->receiver->credit > 0 ? say_delivery(endpoint, delivery) : STATUS_BUSY;
    if (status == STATUS_OK) {
        struct endpoint_delivery *sent = memory_new(sizeof(*sent));
        *sent = (struct endpoint_delivery){ .delivery = delivery };
        *endpoint->in_flight_end = sent;
        endpoint->in_flight_end = &sent->next;
        endpoint->receiver->credit--;
    } else {
        if (status == STATUS_UNAVAILABLE) {
            drop_peer(endpoint, endpoint->receiver);
        }
        delivery->done(delivery, status,
                       status == STATUS_BUSY ? DELIVERY_REASON_RECEIVER_BUSY : DELIVERY_REASON_RECEIVER_GONE,
                       "");
    }
}

void zmq_endpoint_cancel(struct zmq_endpoint *endpoint, const struct delivery *delivery) {
    free(take_in_flight(endpoint, delivery->id)); /* an ACK that comes later only gives its credit back */
    free(take_out(&endpoint->acknowledged, &endpoint->acknowledged_end, delivery->id));
}

/* Without a receiver the transport says so when asked: that is a reason somebody can read. */
size_t zmq_endpoint_room(const struct zmq_endpoint *endpoint) {
    return endpoint->receiver ? endpoint->receiver->credit : SIZE_MAX;
}

/* --- submissions ------------------------------------------------------------------------------------- */

static struct asked *asked_new(struct zmq_endpoint *endpoint, const struct peer *peer,
                               const struct zmq_request *request) {
    struct asked *asked = memory_new(sizeof(*asked));
    asked->endpoint = endpoint;
    asked->routing = peer->routing;
    memcpy(asked->ref, request->ref, sizeof(asked->ref));
    endpoint->asked++;
    return asked;
}

static void asked_free(struct asked *asked) {
    struct zmq_endpoint *endpoint = asked->endpoint;
    free(asked);
    endpoint->asked--;
    if (endpoint->closed && endpoint->asked == 0) {
        free(endpoint);
    }
}

/* Who asked, if it is still there. */
static struct peer *asker(const struct asked *asked) {
    return peers_find(&asked->endpoint->peers, routing_text(&asked->routing));
}

static void say_receipt(const struct asked *asked, const struct answer *answer) {
    struct json_out out;
    begin(asked->endpoint, &out);
    json_put_string(&out, "ref", asked->ref);
    json_put_int(&out, "record", (int64_t)answer->number);
    json_put_string(&out, "verdict", outcome_text(answer->outcome));
    json_put_bool(&out, "repeated", answer->repeated);
    json_close_object(&out);
    say(asked->endpoint, &asked->routing, ZMQ_VERB_RECEIPT, &asked->endpoint->headers, answer->receipt);
}

/* Who is gone asks again, and gets the same. */
static void answered(const struct answer *answer, void *context) {
    struct asked *asked = context;
    struct peer *peer = asker(asked);
    if (peer && peer->submits > 0) {
        peer->submits--;
    }
    if (!asked->endpoint->closed && answer->status == STATUS_OK) {
        say_receipt(asked, answer);
    } else if (!asked->endpoint->closed) {
        say_status(asked->endpoint, &asked->routing, asked->ref, answer->status);
    }
    asked_free(asked);
}

static void take_submission(struct zmq_endpoint *endpoint, struct peer *peer,
                            const struct zmq_request *request, struct text body) {
    if (peer->submits >= SUBMITS_MAX) {
        say_status(endpoint, &peer->routing, request->ref, STATUS_BUSY);
        return;
    }
    struct envelope env = { .party = endpoint->party->code,
                            .channel = "zmq",
                            .format = request->format,
                            .file = "",
                            .trace = request->trace };
    struct asked *asked = asked_new(endpoint, peer, request);
    peer->submits++;
    enum status status =
        intake_submit(endpoint->options.intake, &env, endpoint->party, body, answered, asked);
    room_counter_add(&zmq_counters[ZMQ_COUNT_RECEIVED], status == STATUS_OK);
    if (status != STATUS_OK) {
        peer->submits--;
        asked_free(asked);
        say_status(endpoint, &peer->routing, request->ref, status);
    }
}

/* --- events that were missed --------------------------------------------------------------------- */

static void found(void *context, enum status status, const struct event_stretch *stretch) {
    struct asked *asked = context;
    struct peer *peer = asker(asked);
    if (peer) {
        peer->follows = false;
    }
    if (peer && status == STATUS_OK) {
        struct buf headers;
        zmq_events_headers(asked->ref, asked->endpoint->options.journal, stretch, &headers);
        say(asked->endpoint, &asked->routing, ZMQ_VERB_EVENTS, &headers, stretch->events);
        buf_release(&headers);
    } else if (peer) {
        say_status(asked->endpoint, &asked->routing, asked->ref, status);
    }
    asked_free(asked);
}

/* What is answered by one EVENTS at a time bounds what a slow reader makes us keep. */
static void take_follow(struct zmq_endpoint *endpoint, struct peer *peer, const struct zmq_request *request) {
    enum status status = peer->follows ? STATUS_BUSY : STATUS_OK;
    if (status == STATUS_OK) {
        struct asked *asked = asked_new(endpoint, peer, request);
        peer->follows = true;
        status = event_feed_ask(endpoint->options.feed, endpoint->party->code, request->after, found, asked);
        if (status != STATUS_OK) {
            peer->follows = false;
            asked_free(asked);
        }
    }
    if (status != STATUS_OK) {
        say_status(endpoint, &peer->routing, request->ref, status);
    }
}

/* --- a message from a peer --------------------------------------------------------------------------- */

static void take_hello(struct zmq_endpoint *endpoint, struct peer *peer, uint32_t credit) {
    struct json_out out;
    begin(endpoint, &out);
    json_put_string(&out, "party", endpoint->party->code);
    json_put_int(&out, "credit", SUBMITS_MAX);
    json_close_object(&out);
    say(endpoint, &peer->routing, ZMQ_VERB_WELCOME, &endpoint->headers, TEXT(""));
    peer->hello = ++endpoint->hellos;
    peer->credit = credit;
    choose_receiver(endpoint, DELIVERY_REASON_RECEIVER_ANEW);
}

static void add_credit(struct zmq_endpoint *endpoint, struct peer *peer, uint32_t more) {
    bool was_out = peer->credit == 0;
    peer->credit += more < ZMQ_CREDIT_MAX - peer->credit ? more : ZMQ_CREDIT_MAX - peer->credit;
    if (was_out && peer->credit > 0 && endpoint->receiver == peer) {
        tell_opened(endpoint);
    }
}

/* ACK or NACK; one that matches nothing comes late. */
static void take_outcome(struct zmq_endpoint *endpoint, struct peer *peer,
                         const struct zmq_request *request) {
    struct endpoint_delivery *sent = take_in_flight(endpoint, request->delivery);
    add_credit(endpoint, peer, 1);
    if (sent && request->verb == ZMQ_VERB_ACK) {
        keep_acknowledged(endpoint, sent);
    } else if (sent) {
        end(sent, request->final ? STATUS_REFUSED : STATUS_BUSY, DELIVERY_REASON_NONE, request->reason);
    }
}

static void take_request(struct zmq_endpoint *endpoint, struct peer *peer, const struct zmq_request *request,
                         struct text body) {
    switch (request->verb) {
    case ZMQ_VERB_HELLO: take_hello(endpoint, peer, request->credit); break;
    case ZMQ_VERB_CREDIT: add_credit(endpoint, peer, request->credit); break;
    case ZMQ_VERB_SUBMIT: take_submission(endpoint, peer, request, body); break;
    case ZMQ_VERB_ACK:
    case ZMQ_VERB_NACK: take_outcome(endpoint, peer, request); break;
    case ZMQ_VERB_FOLLOW: take_follow(endpoint, peer, request); break;
    default: panic("a verb that no party says");
    }
}

static void take_message(struct zmq_endpoint *endpoint, zmq_msg_t frames[FRAMES_MAX], size_t count) {
    struct peer *peer = peer_of(endpoint, frames, count);
    if (!peer) { /* too many peers: it may come again when others have gone */
        struct routing routing = { .length = zmq_msg_size(&frames[0]) };
        memcpy(routing.bytes, zmq_msg_data(&frames[0]), routing.length <= ROUTING_MAX ? routing.length : 0);
        say_status(endpoint, &routing, "", STATUS_BUSY);
        return;
    }
    if (!peer->admitted) { /* it had said nothing when the edition changed */
        cut(endpoint, peer);
        return;
    }
    struct zmq_request request = { .verb = ZMQ_VERB_NONE };
    const char *wrong = count == 4
                            ? zmq_request_read(frame_text(&frames[1]), frame_text(&frames[2]), &request)
                            : "a message has three frames";
    if (wrong) {
        say_problem(endpoint, &peer->routing, request.ref, status_name(STATUS_BAD_INPUT), wrong, false);
    } else {
        take_request(endpoint, peer, &request, frame_text(&frames[3]));
    }
}

/* What was sent meanwhile is behind us when nothing more comes, so nobody need look again for it. */
static void serve(struct zmq_endpoint *endpoint) {
    zmq_msg_t frames[FRAMES_MAX];
    size_t bytes = 0, count = 1;
    endpoint->serving = true;
    for (int turn = 0; turn < TURN_MAX && bytes < TURN_BYTES; turn++) {
        count = socket_receive(endpoint->socket, frames);
        if (count == 0 && end_acknowledged(endpoint)) {
            count = 1; /* what that sent may have taken out of the descriptor what tells of more */
            continue;
        }
        if (count == 0) {
            break;
        }
        bytes += frames_size(frames, count);
        take_message(endpoint, frames, count);
        frames_close(frames, count);
    }
    end_acknowledged(endpoint);
    endpoint->serving = false;
    if (count > 0) {
        look_again(endpoint); /* the others' turn; we come back at once */
    }
}

static void endpoint_ready(int events, void *context) {
    serve(context);
}

/* Somebody who connects and leaves a thousand times a second fills the monitor as fast: the loop serves
   others between. */
static void watch_over(struct zmq_endpoint *endpoint) {
    read_monitor(endpoint, TURN_MAX);
    if (endpoint->monitor_unread) {
        look_again(endpoint);
    }
}

static void endpoint_again(void *context) {
    struct zmq_endpoint *endpoint = context;
    serve(endpoint);
    if (endpoint->monitor_unread) {
        watch_over(endpoint);
    }
}

static void monitor_ready(int events, void *context) {
    watch_over(context);
}

/* --- opening and closing ----------------------------------------------------------------------------- */

static void set_options(struct zmq_endpoint *endpoint, const char *secret) {
    int64_t message_max = CHECK_BODY_MAX;
    socket_guard(endpoint->socket, secret, endpoint->party->code);
    socket_set_int(endpoint->socket, ZMQ_ROUTER_MANDATORY, 1);
    socket_set_int(endpoint->socket, ZMQ_ROUTER_HANDOVER, 1);
    socket_set_int(endpoint->socket, ZMQ_RCVHWM, WAITING_MAX);
    socket_set_int(endpoint->socket, ZMQ_SNDHWM, ZMQ_CREDIT_MAX + 2 * SUBMITS_MAX);
    require(zmq_setsockopt(endpoint->socket, ZMQ_MAXMSGSIZE, &message_max, sizeof(message_max)) == 0);
}

static const char *bind_of(const struct party *party) {
    return stanza_text(party_stanza(party, "zmq"), "bind");
}

/* False: there are no descriptors for them. */
static bool make_sockets(struct zmq_endpoint *endpoint) {
    endpoint->socket = zmq_socket(endpoint->options.context, ZMQ_ROUTER);
    endpoint->monitor = endpoint->socket ? socket_monitor(endpoint->options.context, endpoint->socket,
                                                          ZMQ_EVENT_LISTENING | ZMQ_EVENT_DISCONNECTED)
                                         : NULL;
    return endpoint->monitor != NULL;
}

enum status zmq_endpoint_open(const struct zmq_endpoint_options *options, struct zmq_endpoint **out) {
    struct zmq_endpoint *endpoint = *out = memory_new(sizeof(*endpoint));
    struct loop *loop = options->loop;
    const struct party *party = options->party;
    size_t size = sizeof(endpoint->bound);
    endpoint->options = *options;
    endpoint->party = party;
    endpoint->listener = -1;
    endpoint->in_flight_end = &endpoint->in_flight;
    endpoint->acknowledged_end = &endpoint->acknowledged;
    endpoint->monitor_unread = true;
    buf_init(&endpoint->headers, ZMQ_ANSWER_MAX);
    if (!make_sockets(endpoint)) {
        return socket_not_bound(party->code, bind_of(party), options->why);
    }
    set_options(endpoint, options->secret);
    endpoint->options.secret = NULL;
    socket_set_int(endpoint->monitor, ZMQ_LINGER, 0);
    endpoint->again = loop_timer_new(loop, endpoint_again, endpoint);
    endpoint->watch =
        loop_watch_new(loop, socket_descriptor(endpoint->socket), LOOP_READ, endpoint_ready, endpoint);
    endpoint->monitor_watch =
        loop_watch_new(loop, socket_descriptor(endpoint->monitor), LOOP_READ, monitor_ready, endpoint);
    if (!socket_bind(endpoint->socket, endpoint->monitor, bind_of(party), options->listener,
                     &endpoint->listener)) {
        return socket_not_bound(party->code, bind_of(party), options->why);
    }
    zmq_getsockopt(endpoint->socket, ZMQ_LAST_ENDPOINT, endpoint->bound, &size);
    look_again(endpoint); /* news that came before the watches stood */
    return STATUS_OK;
}

void zmq_endpoint_close(struct zmq_endpoint *endpoint, enum delivery_reason reason) {
    require(!endpoint->closed);
    loop_watch_free(endpoint->watch);
    loop_watch_free(endpoint->monitor_watch);
    loop_timer_free(endpoint->again);
    end_all(endpoint, reason);
    for (size_t i = 0; i < PEERS_MAX; i++) {
        free(endpoint->peers.list[i]);
        endpoint->peers.list[i] = NULL;
    }
    /* The monitor is not stopped by hand: that waits for a lock that libzmq holds while the monitor is
       full. */
    zmq_close(endpoint->socket); /* a NULL of a endpoint that could not be made is fine */
    zmq_close(endpoint->monitor);
    if (endpoint->listener >= 0) {
        close(endpoint->listener);
    }
    buf_release(&endpoint->headers);
    endpoint->closed = true;
    if (endpoint->asked == 0) {
        free(endpoint);
    }
}

size_t zmq_endpoint_peers(const struct zmq_endpoint *endpoint) {
    size_t peers = 0;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        const struct peer *peer = endpoint->peers.list[i];
        peers += peer && peer->hello;
    }
    return peers;
}

const struct party *zmq_endpoint_party(const struct zmq_endpoint *endpoint) {
    return endpoint->party;
}

int zmq_endpoint_listener(const struct zmq_endpoint *endpoint) {
    return endpoint->listener;
}

const char *zmq_endpoint_bound(const struct zmq_endpoint *endpoint) {
    return endpoint->bound;
}
