/*
 * pipe.h - what the clients of the simulated port and the scripts that drive them say to each other over
 * pipes:
 *
 *   VERB HEADERS-LENGTH BODY-LENGTH\n  headers (a JSON object or nothing)  body  \n
 */
#ifndef OPS_PORT_PIPE_H
#define OPS_PORT_PIPE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

#define PIPE_MAX (64u << 20)

struct pipe_message {
    struct text verb, headers, body;
};

/* To stdout, at once; ends the process when nobody reads. */
void pipe_write(const char *verb, struct text headers, struct text body);
bool pipe_fill(struct buf *input); /* one read() of stdin; false: the end */
/* The first whole message in input; false: none yet. Remove `*length` bytes when it is dealt with. */
bool pipe_next(const struct buf *input, struct pipe_message *out, size_t *length);

#endif
