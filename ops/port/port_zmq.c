/*
 * port_zmq.c - a party's end of CLEARWAY/1 (adapters/zmq/protocol.h): passes the three frames of each message
 * between a DEALER and its own pipes, so that a script can play a terminal.
 *
 *   port_zmq tcp://HOST:PORT GATEWAY.public PARTY.public PARTY.secret
 *
 * It says CONNECTED after each handshake (the gateway forgets who said HELLO when it starts anew), LOST and
 * DENIED. It ends with its standard input.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/file.h"
#include "pipe.h"

static void fail(const char *what) {
    fprintf(stderr, "port_zmq: %s: %s\n", what, zmq_strerror(errno));
    exit(1);
}

static void must(int result, const char *what) {
    if (result < 0) {
        fail(what);
    }
}

static void set_number(void *socket, int option, int value) {
    must(zmq_setsockopt(socket, option, &value, sizeof(value)), "zmq_setsockopt");
}

static void set_key(void *socket, int option, const char *path) {
    struct buf key;
    buf_init(&key, 4096);
    if (file_read(path, &key) != STATUS_OK) {
        fail(path);
    }
    char text[41] = "";
    snprintf(text, sizeof(text), "%.40s", key.at);
    must(zmq_setsockopt(socket, option, text, strlen(text)), path);
    buf_release(&key);
}

static void send_message(void *socket, const struct pipe_message *message) {
    const struct text frames[] = { message->verb, message->headers, message->body };
    for (int i = 0; i < 3; i++) {
        must(zmq_send(socket, frames[i].at, frames[i].length, i < 2 ? ZMQ_SNDMORE : 0), "zmq_send");
    }
}

static void take_input(void *socket, struct buf *input) {
    struct pipe_message message;
    size_t length;
    if (!pipe_fill(input)) {
        exit(0);
    }
    while (pipe_next(input, &message, &length)) {
        send_message(socket, &message);
        buf_remove_front(input, length);
    }
}

static void take_message(void *socket) {
    zmq_msg_t frames[3];
    char verb[32];
    for (int i = 0; i < 3; i++) {
        must(zmq_msg_init(&frames[i]), "zmq_msg_init");
        must(zmq_msg_recv(&frames[i], socket, 0), "zmq_msg_recv");
        if (zmq_msg_more(&frames[i]) != (i < 2)) {
            fail("a message that has not three frames");
        }
    }
    snprintf(verb, sizeof(verb), "%.*s", (int)zmq_msg_size(&frames[0]),
             (const char *)zmq_msg_data(&frames[0]));
    pipe_write(verb, (struct text){ zmq_msg_data(&frames[1]), zmq_msg_size(&frames[1]) },
               (struct text){ zmq_msg_data(&frames[2]), zmq_msg_size(&frames[2]) });
    for (int i = 0; i < 3; i++) {
        zmq_msg_close(&frames[i]);
    }
}

static void take_event(void *monitor) {
    zmq_msg_t event, address;
    uint16_t id;
    zmq_msg_init(&event);
    zmq_msg_init(&address);
    must(zmq_msg_recv(&event, monitor, 0), "monitor");
    must(zmq_msg_recv(&address, monitor, 0), "monitor");
    memcpy(&id, zmq_msg_data(&event), sizeof(id));
    const char *verb = id == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? "CONNECTED"
                       : id == ZMQ_EVENT_DISCONNECTED      ? "LOST"
                                                           : "DENIED";
    pipe_write(verb, TEXT(""), TEXT(""));
    zmq_msg_close(&event);
    zmq_msg_close(&address);
}

static bool is_readable(void *socket) {
    int events = 0;
    size_t size = sizeof(events);
    must(zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size), "zmq_getsockopt");
    return events & ZMQ_POLLIN;
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: port_zmq ADDRESS GATEWAY.public PARTY.public PARTY.secret\n");
        return 2;
    }
    struct buf input;
    buf_init(&input, PIPE_MAX);
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, ZMQ_DEALER), *monitor = zmq_socket(context, ZMQ_PAIR);
    if (!socket || !monitor) {
        fail("zmq_socket");
    }
    set_number(socket, ZMQ_LINGER, 0);
    set_number(socket, ZMQ_RECONNECT_IVL, 20);
    set_number(socket, ZMQ_RECONNECT_IVL_MAX, 500);
    set_key(socket, ZMQ_CURVE_SERVERKEY, arguments[2]);
    set_key(socket, ZMQ_CURVE_PUBLICKEY, arguments[3]);
    set_key(socket, ZMQ_CURVE_SECRETKEY, arguments[4]);
    int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    must(zmq_socket_monitor(socket, "inproc://monitor", events), "zmq_socket_monitor");
    must(zmq_connect(monitor, "inproc://monitor"), "monitor");
    must(zmq_connect(socket, arguments[1]), arguments[1]);
    zmq_pollitem_t items[] = { { socket, 0, ZMQ_POLLIN, 0 },
                               { monitor, 0, ZMQ_POLLIN, 0 },
                               { NULL, 0 /* stdin */, ZMQ_POLLIN, 0 } };
    for (;;) {
        if (zmq_poll(items, 3, -1) < 0 && errno != EINTR) {
            fail("zmq_poll");
        }
        while (is_readable(monitor)) {
            take_event(monitor);
        }
        while (is_readable(socket)) {
            take_message(socket);
        }
        if (items[2].revents) {
            take_input(socket, &input);
        }
    }
}
