/*
 * envelope.h - who sent a message, over which channel, when, and the digest of its bytes.
 * Identity comes from the channel (certificate, CURVE key, folder), never from the message.
 */
#ifndef MESSAGE_ENVELOPE_H
#define MESSAGE_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/stamp.h"
#include "base/text.h"

#define CHANNEL_LIST(X) \
    X(NONE, "none") X(HTTP, "http") X(FILES, "files") X(ZMQ, "zmq") X(LOOPBACK, "loopback")
enum channel {
#define X(name, text) CHANNEL_##name,
    CHANNEL_LIST(X)
#undef X
};

struct envelope {
    const char *party; /* code of the sending party; "" offline */
    enum channel channel;
    stamp received;       /* when it came in, by the house's time; "today" of the rules is its Shanghai day */
    const char *format;   /* the sender names a format, or "" to find it by the root element */
    const char *file;     /* file name it came under, or "" */
    const char *trace;    /* W3C traceparent, or "" */
    struct digest digest; /* SHA-256 of the original bytes */
    uint64_t size;
    bool again; /* bytes that the engine refused are to be decided anew, not answered as before */
};

const char *channel_text(enum channel channel);
enum channel channel_of(struct text text);

#endif
