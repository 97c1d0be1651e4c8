/*
 * socket.c - calls that a signal interrupts are made again; what cannot fail is required not to.
 */
#include "adapters/zmq/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/status.h"

#define ENFORCE_DOMAIN       93 /* ZMQ_ZAP_ENFORCE_DOMAIN: a draft in 4.3.4's header, but it works */
#define HEARTBEAT_MS         5000
#define HEARTBEAT_TIMEOUT_MS 15000
#define HANDSHAKE_MS         5000
#define LINGER_MS            1000

bool socket_has_input(void *socket) {
    int events = 0;
    size_t size = sizeof(events);
    return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
}

struct text frame_text(zmq_msg_t *frame) {
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

size_t socket_receive(void *socket, zmq_msg_t frames[FRAMES_MAX]) {
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

size_t frames_size(zmq_msg_t frames[FRAMES_MAX], size_t count) {
    size_t size = 0;
    for (size_t i = 0; i < count && i < FRAMES_MAX; i++) {
        size += zmq_msg_size(&frames[i]);
    }
    return size;
}

void frames_close(zmq_msg_t frames[FRAMES_MAX], size_t count) {
    for (size_t i = 0; i < count && i < FRAMES_MAX; i++) {
        zmq_msg_close(&frames[i]);
    }
}

int socket_descriptor(void *socket) {
    int fd = -1;
    size_t size = sizeof(fd);
    require(zmq_getsockopt(socket, ZMQ_FD, &fd, &size) == 0);
    return fd;
}

void socket_set_int(void *socket, int option, int value) {
    require(zmq_setsockopt(socket, option, &value, sizeof(value)) == 0);
}

void socket_set_text(void *socket, int option, const char *text) {
    require(zmq_setsockopt(socket, option, text, strlen(text)) == 0);
}

void socket_guard(void *socket, const char *secret, const char *domain) {
    socket_set_int(socket, ZMQ_CURVE_SERVER, 1);
    socket_set_text(socket, ZMQ_CURVE_SECRETKEY, secret);
    socket_set_text(socket, ZMQ_ZAP_DOMAIN, domain);
    socket_set_int(socket, ENFORCE_DOMAIN, 1);
    socket_set_int(socket, ZMQ_LINGER, LINGER_MS);
    socket_set_int(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    socket_set_int(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
    socket_set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS);
    socket_set_int(socket, ZMQ_HEARTBEAT_TTL, 2 * HEARTBEAT_TIMEOUT_MS);
}

void *socket_monitor(void *context, void *socket, int events) {
    require(context && socket);
    char address[64];
    snprintf(address, sizeof(address), "inproc://monitor/%p", socket);
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    if (monitor && (zmq_socket_monitor(socket, address, events) != 0 || zmq_connect(monitor, address) != 0)) {
        zmq_close(monitor);
        monitor = NULL;
    }
    return monitor;
}

bool socket_event(zmq_msg_t frames[FRAMES_MAX], size_t count, int *event, int *value) {
    uint16_t what;
    uint32_t of;
    if (count != 2 || zmq_msg_size(&frames[0]) != sizeof(what) + sizeof(of)) {
        return false;
    }
    memcpy(&what, zmq_msg_data(&frames[0]), sizeof(what));
    memcpy(&of, (const char *)zmq_msg_data(&frames[0]) + sizeof(what), sizeof(of));
    *event = what;
    *value = (int)of;
    return true;
}

/* libzmq names the descriptor that it listens by; the event stands there once it is bound. */
static int take_listener(void *monitor) {
    zmq_msg_t frames[FRAMES_MAX];
    int listener = -1, event, value;
    for (size_t count; listener < 0 && (count = socket_receive(monitor, frames)) > 0;) {
        if (socket_event(frames, count, &event, &value) && event == ZMQ_EVENT_LISTENING) {
            listener = fcntl(value, F_DUPFD_CLOEXEC, 0);
        }
        frames_close(frames, count);
    }
    return listener;
}

/* Two may accept by it: who comes too late must not wait. */
static bool unblock(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0;
}

bool socket_bind(void *socket, void *monitor, const char *address, int inherited, int *listener) {
    int own = -1;
    *listener = -1;
    if (inherited >= 0) {
        own = fcntl(inherited, F_DUPFD_CLOEXEC, 0);
        if (own < 0) {
            return false;
        }
        socket_set_int(socket, ZMQ_USE_FD, own);
    }
    if (zmq_bind(socket, address) != 0) {
        int error = errno;
        if (own >= 0) { /* the address was not even looked at, so it is still ours */
            close(own);
        }
        errno = error;
        return false;
    }
    *listener = take_listener(monitor);
    return *listener >= 0 && unblock(*listener);
}

enum status socket_not_bound(const char *party, const char *address, struct explanation *why) {
    int error = errno;
    char where[512];
    log_event(LOG_ERROR, EVENT_ZMQ_NOT_BOUND, LOG_STRING("party", party), LOG_STRING("address", address),
              LOG_STRING("reason", zmq_strerror(error)), LOG_END);
    snprintf(where, sizeof(where), "%s (%s)", address, party);
    explain_about(why, where, error_sentence(error, LANGUAGE_ZH), error_sentence(error, LANGUAGE_EN));
    return STATUS_UNAVAILABLE;
}
