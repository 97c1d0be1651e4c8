/*
 * buf.h - a growing byte buffer, born with its maximum.
 *
 * Promises  always NUL-terminated behind its length; when the maximum would be passed nothing more is
 *           added and buf_failed() stays true until buf_clear(), so a writer checks once at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

struct buf {
    char *at;
    size_t length, capacity, max;
    bool failed;
};

void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the memory */
bool buf_failed(const struct buf *buf);
struct text buf_text(const struct buf *buf); /* borrowed until the next add */

void buf_add(struct buf *buf, const void *bytes, size_t length);
void buf_add_text(struct buf *buf, struct text text);
void buf_add_string(struct buf *buf, const char *string);
void buf_add_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_add_u32(struct buf *buf, uint32_t value); /* little endian */
void buf_add_u64(struct buf *buf, uint64_t value);
void buf_remove_front(struct buf *buf, size_t length);

char *buf_grown(struct buf *buf, size_t most); /* for buf_room() alone */

/* Room for so many bytes at the end; buf_filled() says how many of them were written. NULL: it has failed.
 * Documents and answers are written in small pieces: where there is room it costs no call. */
static inline char *buf_room(struct buf *buf, size_t most) {
    bool is_there = !buf->failed && most < buf->capacity - buf->length;
    return is_there ? buf->at + buf->length : buf_grown(buf, most);
}

static inline void buf_filled(struct buf *buf, size_t length) {
    require(!buf->failed && buf->length + length < buf->capacity);
    buf->length += length;
    buf->at[buf->length] = '\0';
}

#endif
