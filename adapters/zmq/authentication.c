/*
 * authentication.c - libzmq asks for each handshake: version, request id, domain, address, routing id,
 * mechanism, credentials. It is answered at once, from the parties' rows.
 */
#include "adapters/zmq/authentication.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "adapters/zmq/socket.h"
#include "adapters/zmq/counters.h"

#define TURN_MAX 256 /* questions in a turn of the loop; the rest in the next ones */

struct authentication {
    struct loop *loop;
    const struct parties *parties;
    void *socket;
    struct loop_watch *watch;
    struct loop_timer *again;
};

/* z85: the key, as a row writes it. */
static bool admits(const struct authentication *auth, struct text domain, struct text mechanism,
                   struct text key, char z85[41]) {
    const struct party *party = parties_find(auth->parties, domain);
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

static void answer(struct authentication *auth, struct text request, bool admit, struct text user) {
    const struct text frames[] = { TEXT("1.0"),
                                   request,
                                   text_of(admit ? "200" : "400"),
                                   text_of(admit ? "OK" : "key not admitted"),
                                   admit ? user : TEXT(""),
                                   TEXT("") };
    for (size_t i = 0; i < 6; i++) {
        zmq_send(auth->socket, frames[i].at, frames[i].length, ZMQ_DONTWAIT | (i < 5 ? ZMQ_SNDMORE : 0));
    }
}

static void note_denied(struct text domain) {
    char text[128];
    snprintf(text, sizeof(text), TEXT_FORMAT, TEXT_ARGS(domain));
    room_counter_add(&zmq_counters[ZMQ_COUNT_DENIED], 1);
    log_event_bounded(LOG_WARN, EVENT_ZMQ_HANDSHAKE_REFUSED, LOG_STRING("party", text), LOG_END);
}

/* version, request id, domain, address, routing id, mechanism, credentials */
static void take(struct authentication *auth, zmq_msg_t frames[FRAMES_MAX], size_t count) {
    struct text request = count > 1 ? frame_text(&frames[1]) : TEXT("");
    struct text domain = count > 2 ? frame_text(&frames[2]) : TEXT("");
    char key[41];
    bool admit = count == 7 && admits(auth, domain, frame_text(&frames[5]), frame_text(&frames[6]), key);
    if (!admit) {
        note_denied(domain);
    }
    answer(auth, request, admit, text_of(admit ? key : ""));
}

static void serve(struct authentication *auth) {
    zmq_msg_t frames[FRAMES_MAX];
    for (int turn = 0; socket_has_input(auth->socket); turn++) {
        if (turn == TURN_MAX) {
            loop_timer_start(auth->again, 0);
            return;
        }
        size_t count = socket_receive(auth->socket, frames);
        if (count > 0) {
            take(auth, frames, count);
        }
        frames_close(frames, count);
    }
}

static void ready(int events, void *context) {
    serve(context);
}

static void serve_again(void *context) {
    serve(context);
}

/* --- open and close ------------------------------------------------------------------------------------ */

enum status authentication_open(void *context, struct loop *loop, const struct parties *parties,
                                struct authentication **out) {
    struct authentication *auth = memory_new(sizeof(*auth));
    auth->loop = loop;
    auth->parties = parties;
    auth->socket = zmq_socket(context, ZMQ_REP);
    if (!auth->socket
        || zmq_bind(auth->socket, "inproc://zeromq.zap.01") != 0) { /* no descriptors are left */
        log_event(LOG_ERROR, EVENT_ZMQ_NO_AUTHENTICATION, LOG_STRING("reason", zmq_strerror(errno)), LOG_END);
        authentication_close(auth);
        *out = NULL;
        return STATUS_UNAVAILABLE;
    }
    socket_set_int(auth->socket, ZMQ_LINGER, 0);
    auth->watch = loop_watch_new(loop, socket_descriptor(auth->socket), LOOP_READ, ready, auth);
    auth->again = loop_timer_new(loop, serve_again, auth);
    loop_timer_start(auth->again, 0); /* news that came before the watch stood */
    *out = auth;
    return STATUS_OK;
}

void authentication_change(struct authentication *auth, const struct parties *parties) {
    auth->parties = parties;
}

void authentication_close(struct authentication *auth) {
    if (auth) {
        loop_watch_free(auth->watch);
        loop_timer_free(auth->again);
        zmq_close(auth->socket); /* NULL is fine */
        free(auth);
    }
}
