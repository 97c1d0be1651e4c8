/*
 * index.c - four bytes for each record. What is made anew is found by scanning the segment, and written a few
 * thousand entries at a time.
 */
#include "journal/index.h"

#include <fcntl.h>

#include "journal/bytes.h"

#define ENTRY 4
#define CHUNK 4096 /* entries encoded at a time */

enum status index_open(const struct folder *folder, uint64_t ordinal, bool write, int *fd) {
    char name[SEGMENT_NAME_MAX];
    return folder_open_file(folder, segment_name(ordinal, "idx", name), write ? O_RDWR | O_CREAT : O_RDONLY,
                            fd);
}

enum status index_add(const struct disk *disk, int fd, uint64_t position, const uint32_t *offsets,
                      size_t count) {
    require(fd >= 0 && offsets);
    uint8_t bytes[CHUNK * ENTRY];
    enum status status = STATUS_OK;
    while (status == STATUS_OK && count > 0) {
        size_t n = count < CHUNK ? count : CHUNK;
        for (size_t i = 0; i < n; i++) {
            bytes_put_u32(bytes + i * ENTRY, offsets[i]);
        }
        status = disk_write_all(disk, fd, bytes, n * ENTRY, position * ENTRY);
        position += n;
        offsets += n;
        count -= n;
    }
    return status;
}

uint32_t index_get(const struct disk *disk, int fd, uint64_t position) {
    uint8_t bytes[ENTRY];
    size_t got;
    enum status status = disk_read_some(disk, fd, bytes, sizeof(bytes), position * ENTRY, &got);
    return status == STATUS_OK && got == sizeof(bytes) ? bytes_u32(bytes) : 0;
}

/* Offsets gathered until there are enough to write. */
struct index_batch {
    const struct disk *disk;
    int fd;
    uint64_t position;
    uint32_t offsets[CHUNK];
    size_t count;
};

static enum status flush(struct index_batch *pending) {
    enum status status =
        index_add(pending->disk, pending->fd, pending->position, pending->offsets, pending->count);
    pending->position += pending->count;
    pending->count = 0;
    return status;
}

static enum status gather(struct index_batch *pending, uint64_t position, uint64_t offset) {
    enum status status = STATUS_OK;
    if (pending->count == CHUNK || position != pending->position + pending->count) {
        status = flush(pending);
        pending->position = position;
    }
    pending->offsets[pending->count++] = (uint32_t)offset;
    return status;
}

enum status index_make(const struct folder *folder, const struct segment_header *header, int fd,
                       uint64_t end) {
    struct index_batch pending = { .disk = folder->disk, .fd = -1 };
    enum status status = index_open(folder, header->ordinal, true, &pending.fd);
    if (status != STATUS_OK) {
        return status;
    }
    struct window window;
    window_init(&window, folder->disk, 256u << 10);
    window_point(&window, fd, end);
    struct record rec;
    uint64_t offset = SEGMENT_PAGE;
    while ((status = segment_find(&window, &offset, header, &rec)) == STATUS_OK) {
        uint64_t position = rec.number - header->before.next; /* wraps for a number that is too small */
        if (position < header->size / RECORD_SIZE_MIN) {
            status = gather(&pending, position, offset);
        }
        if (status != STATUS_OK) {
            break;
        }
        offset += record_size(&rec);
    }
    if (status == STATUS_NOT_FOUND) {
        status = flush(&pending);
    }
    window_release(&window);
    folder_close_file(folder, &pending.fd);
    return status;
}
