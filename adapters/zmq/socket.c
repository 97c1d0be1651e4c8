/*
 * socket.c - calls that a signal interrupts are made again; what cannot fail is required not to.
 */
#include "adapters/zmq/socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

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

enum status socket_not_bound(const char *party, const char *address, struct explanation *why) {
    int error = errno;
    char where[512];
    log_event(LOG_ERROR, EVENT_ZMQ_NOT_BOUND, LOG_STRING("party", party), LOG_STRING("address", address),
              LOG_STRING("reason", zmq_strerror(error)), LOG_END);
    snprintf(where, sizeof(where), "%s (%s)", address, party);
    explain_about(why, where, error_sentence(error, LANGUAGE_ZH), error_sentence(error, LANGUAGE_EN));
    return STATUS_UNAVAILABLE;
}
