/*
 * window.c - one buffer, moved forward: what it holds behind the place asked for is kept, the rest of a
 * block is read. For a large record it grows, and shrinks again behind it.
 */
#include "journal/window.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

void window_init(struct window *window, const struct disk *disk, size_t block) {
    require(disk && block > 0);
    *window = (struct window){ .disk = disk, .fd = -1, .block = block };
}

void window_release(struct window *window) {
    free(window->bytes);
    window->bytes = NULL;
    window->capacity = window->length = 0;
}

void window_point(struct window *window, int fd, uint64_t limit) {
    window->fd = fd;
    window->limit = limit;
    window->length = 0;
}

static void make_room(struct window *window, size_t size) {
    bool oversized = window->capacity > window->block && size == window->block; /* a large record went by */
    if (size > window->capacity || oversized) {
        window->bytes = memory_grow(window->bytes, size, 1);
        window->capacity = size;
    }
}

/* Drops what lies before offset, keeps what is already here behind it. */
static void move_to(struct window *window, uint64_t offset) {
    uint64_t end = window->start + window->length;
    if (offset >= window->start && offset < end) {
        window->length = (size_t)(end - offset);
        memmove(window->bytes, window->bytes + (offset - window->start), window->length);
    } else {
        window->length = 0;
    }
    window->start = offset;
}

enum status window_get(struct window *window, uint64_t offset, size_t wanted, const uint8_t **bytes,
                       size_t *got) {
    uint64_t left = offset < window->limit ? window->limit - offset : 0;
    if (wanted > left) {
        wanted = (size_t)left;
    }
    bool here = offset >= window->start && offset + wanted <= window->start + window->length;
    if (!here) {
        size_t size = wanted > window->block ? wanted : window->block;
        move_to(window, offset);
        make_room(window, size);
        if (size > left) {
            size = (size_t)left;
        }
        size_t taken;
        enum status status = disk_read_some(window->disk, window->fd, window->bytes + window->length,
                                            size - window->length, offset + window->length, &taken);
        if (status != STATUS_OK) {
            window->length = 0;
            return status;
        }
        window->length += taken;
    }
    *bytes = window->bytes + (offset - window->start);
    *got = (size_t)(window->start + window->length - offset);
    return STATUS_OK;
}
