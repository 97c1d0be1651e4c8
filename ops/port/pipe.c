/* pipe.c - a message on a pipe, written and read whole. */
#include "pipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void pipe_write(const char *verb, struct text headers, struct text body) {
    printf("%s %zu %zu\n", verb, headers.length, body.length);
    fwrite(headers.at, 1, headers.length, stdout);
    fwrite(body.at, 1, body.length, stdout);
    putchar('\n');
    if (fflush(stdout)) {
        exit(1);
    }
}

bool pipe_fill(struct buf *input) {
    char piece[65536];
    ssize_t got = read(STDIN_FILENO, piece, sizeof(piece));
    if (got > 0) {
        buf_add(input, piece, (size_t)got);
    }
    return got > 0 && !buf_failed(input);
}

bool pipe_next(const struct buf *input, struct pipe_message *out, size_t *length) {
    struct text rest = buf_text(input);
    const char *end = rest.length ? memchr(rest.at, '\n', rest.length) : NULL;
    uint64_t headers, body;
    if (!end) {
        return false;
    }
    struct text line = { rest.at, (size_t)(end - rest.at) };
    out->verb = text_until(&line, ' ');
    struct text headers_length = text_until(&line, ' ');
    if (!text_to_uint(headers_length, &headers) || !text_to_uint(line, &body) || headers > PIPE_MAX
        || body > PIPE_MAX) {
        fprintf(stderr, "not a message: %.*s\n", (int)(end - rest.at), rest.at);
        exit(2);
    }
    *length = (size_t)(end + 1 - rest.at) + headers + body + 1;
    out->headers = (struct text){ end + 1, headers };
    out->body = (struct text){ end + 1 + headers, body };
    return rest.length >= *length;
}
