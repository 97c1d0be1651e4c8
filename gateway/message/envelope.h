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

struct envelope {
    const char *party;   /* code of the sending party; "" offline */
    const char *channel; /* name of the transport it came by, "zmq"; NULL offline */
    stamp received;      /* when it came in, by the house's time; "today" of the rules is its Shanghai day */
    const char *format;  /* the sender names a format, or "" to find it by the root element */
    const char *file;    /* file name it came under, or "" */
    /* The place in its channel (topic, partition, offset) that names this handing-over alone; "" where the
     * channel has no such names. What comes from there again is the same handing-over. */
    const char *origin;
    const char *trace;    /* W3C traceparent, or "" */
    const char *account;  /* of the person who handed it over in the party's name, or "" */
    const char *outer;    /* "sha256:…" of what the bytes came in, an archive or a wrapper, or "" */
    struct digest digest; /* SHA-256 of the original bytes */
    uint64_t size;
    bool again; /* bytes that the engine refused are to be decided anew, not answered as before */
};

const char *envelope_channel(const struct envelope *env); /* "none" offline */

#endif
