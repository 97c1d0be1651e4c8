/*
 * socket.c - calls that a signal interrupts are made again; what cannot fail is required not to.
 */
#include "adapters/zmq/socket.h"

#include <errno.h>
#include <string.h>

#include "base/status.h"

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
