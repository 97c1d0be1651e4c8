/*
 * stream.c - what is new for a party becomes a message on its PUB.
 */
#include "adapters/zmq/stream.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "adapters/zmq/counters.h"
#include "adapters/zmq/protocol.h"
#include "adapters/zmq/socket.h"

#define WAITING_MAX  256
#define EVENTS_MAX   ((size_t)64 << 10) /* bytes in one message */
#define SYSTEM_BYTES (256 << 10)        /* what the system keeps of them for a subscriber */
#define HEARD_MAX    4096               /* of what a subscriber says: its handshake, what it wants */

struct zmq_stream {
    const struct party *party;
    char journal[JOURNAL_NAME_MAX], bound[256];
    void *socket;
    int listener;
    uint64_t last; /* the party's last event, or where the stream began */
};

static const char *address_of(const struct party *party) {
    return stanza_text(party_stanza(party, "zmq"), "events");
}

enum status zmq_stream_open(const struct zmq_stream_options *options, struct zmq_stream **out) {
    struct zmq_stream *stream = *out = memory_new(sizeof(*stream));
    const struct party *party = stream->party = options->party;
    int64_t heard_max = HEARD_MAX;
    size_t size = sizeof(stream->bound);
    snprintf(stream->journal, sizeof(stream->journal), "%s", options->journal);
    stream->listener = -1;
    stream->socket = zmq_socket(options->context, ZMQ_PUB);
    void *monitor =
        stream->socket ? socket_monitor(options->context, stream->socket, ZMQ_EVENT_LISTENING) : NULL;
    if (!monitor) {
        return socket_not_bound(party->code, address_of(party), options->why);
    }
    socket_guard(stream->socket, options->secret, party->code);
    socket_set_int(stream->socket, ZMQ_SNDHWM, WAITING_MAX);
    socket_set_int(stream->socket, ZMQ_SNDBUF, SYSTEM_BYTES);
    require(zmq_setsockopt(stream->socket, ZMQ_MAXMSGSIZE, &heard_max, sizeof(heard_max)) == 0);
    enum status status =
        socket_bind(stream->socket, monitor, address_of(party), options->listener, &stream->listener)
            ? STATUS_OK
            : socket_not_bound(party->code, address_of(party), options->why);
    zmq_socket_monitor(stream->socket, NULL, 0);
    zmq_close(monitor);
    if (status == STATUS_OK) {
        zmq_getsockopt(stream->socket, ZMQ_LAST_ENDPOINT, stream->bound, &size);
    }
    return status;
}

void zmq_stream_close(struct zmq_stream *stream) {
    if (stream) {
        zmq_close(stream->socket); /* NULL is fine */
        if (stream->listener >= 0) {
            close(stream->listener);
        }
        free(stream);
    }
}

void zmq_stream_change(struct zmq_stream *stream, const struct party *party) {
    require(strcmp(stream->party->code, party->code) == 0);
    stream->party = party;
}

const struct party *zmq_stream_party(const struct zmq_stream *stream) {
    return stream->party;
}

int zmq_stream_listener(const struct zmq_stream *stream) {
    return stream->listener;
}

const char *zmq_stream_bound(const struct zmq_stream *stream) {
    return stream->bound;
}

/* Never waits: what a subscriber has no room for is dropped for it. */
static void publish(struct zmq_stream *stream, const struct event_stretch *stretch) {
    struct buf headers;
    zmq_events_headers("", stream->journal, stretch, &headers);
    const struct text frames[] = { text_of(zmq_verb_row(ZMQ_VERB_EVENTS)->name), buf_text(&headers),
                                   stretch->events };
    for (size_t i = 0; i < 3; i++) {
        zmq_send(stream->socket, frames[i].at, frames[i].length, ZMQ_DONTWAIT | (i < 2 ? ZMQ_SNDMORE : 0));
    }
    buf_release(&headers);
}

void zmq_stream_tell(struct zmq_stream *stream, const struct event_stretch *stretch) {
    struct event_stretch told = *stretch;
    if (told.events.length > EVENTS_MAX) {
        told = (struct event_stretch){ .after = stretch->position,
                                       .position = stretch->position,
                                       .events = TEXT("[]") };
    }
    publish(stream, &told);
    stream->last = stretch->position;
    room_counter_add(&zmq_counters[ZMQ_COUNT_EVENTS], (int64_t)stretch->count);
}

void zmq_stream_begin(struct zmq_stream *stream, uint64_t from) {
    stream->last = from;
}

void zmq_stream_mark(struct zmq_stream *stream, uint64_t told) {
    struct event_stretch stretch = { .after = stream->last,
                                     .position = told > stream->last ? told : stream->last,
                                     .events = TEXT("[]") };
    publish(stream, &stretch);
}
