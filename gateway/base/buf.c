/*
 * buf.c - a growing byte buffer. Capacity counts the NUL behind the length; before the first add there is
 * no memory and `at` points to a shared empty string.
 */
#include "base/buf.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define FIRST 256 /* bytes at least, once there are any */

static char empty[1];

void buf_init(struct buf *buf, size_t max) {
    require(max < SIZE_MAX / 2);
    *buf = (struct buf){ .at = empty, .max = max };
}

void buf_release(struct buf *buf) {
    if (buf->capacity) {
        free(buf->at);
    }
    buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf) {
    buf->length = 0;
    buf->failed = false;
    if (buf->capacity) {
        buf->at[0] = '\0';
    }
}

bool buf_failed(const struct buf *buf) {
    return buf->failed;
}

struct text buf_text(const struct buf *buf) {
    return (struct text){ buf->at, buf->length };
}

static void grow(struct buf *buf, size_t needed) {
    size_t grown = buf->capacity * 2 < FIRST ? FIRST : buf->capacity * 2;
    if (grown < needed) {
        grown = needed;
    }
    if (grown > buf->max + 1) {
        grown = buf->max + 1;
    }
    buf->at = memory_grow(buf->capacity ? buf->at : NULL, grown, 1);
    buf->capacity = grown;
}

/* Room for `more` bytes and the NUL, or the buf fails. */
static bool reserve(struct buf *buf, size_t more) {
    if (buf->failed || more > buf->max - buf->length) {
        buf->failed = true;
        return false;
    }
    if (buf->length + more + 1 > buf->capacity) {
        grow(buf, buf->length + more + 1);
    }
    return true;
}

void buf_add(struct buf *buf, const void *bytes, size_t length) {
    if (length && reserve(buf, length)) {
        memcpy(buf->at + buf->length, bytes, length);
        buf->length += length;
        buf->at[buf->length] = '\0';
    }
}

char *buf_grown(struct buf *buf, size_t most) {
    return reserve(buf, most) ? buf->at + buf->length : NULL;
}

void buf_add_text(struct buf *buf, struct text text) {
    buf_add(buf, text.at, text.length);
}

void buf_add_string(struct buf *buf, const char *string) {
    buf_add(buf, string, strlen(string));
}

void buf_add_char(struct buf *buf, char c) {
    if (reserve(buf, 1)) {
        buf->at[buf->length++] = c;
        buf->at[buf->length] = '\0';
    }
}

void buf_printf(struct buf *buf, const char *format, ...) {
    va_list args, again;
    char small[256];
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(small, sizeof(small), format, args);
    require(length >= 0);
    if ((size_t)length < sizeof(small)) {
        buf_add(buf, small, (size_t)length);
    } else if (reserve(buf, (size_t)length)) {
        vsnprintf(buf->at + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
}

void buf_add_u32(struct buf *buf, uint32_t value) {
    value = htole32(value);
    buf_add(buf, &value, sizeof(value));
}

void buf_add_u64(struct buf *buf, uint64_t value) {
    value = htole64(value);
    buf_add(buf, &value, sizeof(value));
}

void buf_remove_front(struct buf *buf, size_t length) {
    require(length <= buf->length);
    if (length) {
        buf->length -= length;
        memmove(buf->at, buf->at + length, buf->length + 1);
    }
}
