/*
 * socket.h - libzmq's sockets as the rooms beside it use them: whole messages of a few frames, on the loop.
 * libzmq is included here and nowhere else. Thread: one at a time per socket.
 */
#ifndef ADAPTERS_ZMQ_SOCKET_H
#define ADAPTERS_ZMQ_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <zmq.h>

#include "base/status.h"
#include "base/text.h"

#define FRAMES_MAX 8

/* A socket's descriptor is edge-triggered: it tells only that something changed, and any call on the socket
 * may eat that news. So who serves one receives until nothing is there, and after each send of its own that
 * it does not receive behind looks again. */
int socket_descriptor(void *socket);
bool socket_has_input(void *socket);
/* Reads one whole message; frames beyond FRAMES_MAX are dropped but counted. 0: nothing is there. */
size_t socket_receive(void *socket, zmq_msg_t frames[FRAMES_MAX]);
void frames_close(zmq_msg_t frames[FRAMES_MAX], size_t count);
size_t frames_size(zmq_msg_t frames[FRAMES_MAX], size_t count); /* in bytes */
struct text frame_text(zmq_msg_t *frame);                       /* as long as the frame */
void socket_set_int(void *socket, int option, int value);
void socket_set_text(void *socket, int option, const char *text); /* for socket_guard(), and benches */
/* Before it is bound: CURVE with the gateway's key, only who the ZAP handler admits to this domain, and times
 * within which a connection must be made and show that it lives. */
void socket_guard(void *socket, const char *secret, const char *domain);
/* What tells these events of a socket, by messages; to be closed after it. NULL: no descriptors are
 * left. */
void *socket_monitor(void *context, void *socket, int events);
/* False: that was no event. value: the descriptor it is about. */
bool socket_event(zmq_msg_t frames[FRAMES_MAX], size_t count, int *event, int *value);
/* Binds it. *listener: the descriptor of what listens there, for another socket at the same address, and to
 * be closed by the caller; -1 where it is not bound. inherited: that of a socket that is bound there: both
 * then take connections in until the other is closed, and no connection is refused meanwhile; -1: none.
 * monitor: the socket's, with ZMQ_EVENT_LISTENING, which nobody has read. False: it is not bound (errno). */
bool socket_bind(void *socket, void *monitor, const char *address, int inherited, int *listener);
/* Logs why this party's address cannot be bound (errno), and tells it. UNAVAILABLE. */
enum status socket_not_bound(const char *party, const char *address, struct explanation *why);

#endif
