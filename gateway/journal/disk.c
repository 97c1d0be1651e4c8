/*
 * disk.c - the real disk: each call of the table is the system call it is named after. The helpers behind
 * it speak enum status, and retry what a signal or a short transfer interrupted; a sync never.
 */
#include "journal/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/file.h"
#include "base/status.h"

/* A pipe in the place of a segment is one that cannot be read; it would wait for who writes to it. */
static int real_open(void *context, int folder, const char *name, int flags) {
    return descriptors_open(folder, name, flags | O_NONBLOCK, 0640);
}

static int real_close(void *context, int fd) {
    return descriptors_close(fd);
}

static ssize_t real_read(void *context, int fd, void *bytes, size_t length, uint64_t offset) {
    return pread(fd, bytes, length, (off_t)offset);
}

static ssize_t real_write(void *context, int fd, const void *bytes, size_t length, uint64_t offset) {
    return pwrite(fd, bytes, length, (off_t)offset);
}

static int real_sync(void *context, int fd) {
    return fdatasync(fd);
}

static int real_sync_names(void *context, int folder) {
    return fsync(folder);
}

static int real_advise(void *context, int fd, uint64_t offset, uint64_t length, int advice) {
    return posix_fadvise(fd, (off_t)offset, (off_t)length, advice);
}

static int real_rename(void *context, int folder, const char *from, const char *to) {
    return renameat(folder, from, folder, to);
}

static int real_unlink(void *context, int folder, const char *name) {
    return unlinkat(folder, name, 0);
}

static uint64_t real_free_bytes(void *context, const char *directory) {
    return file_free_bytes(directory);
}

const struct disk disk_real = {
    .open = real_open,
    .close = real_close,
    .read = real_read,
    .write = real_write,
    .sync = real_sync,
    .sync_names = real_sync_names,
    .advise = real_advise,
    .rename = real_rename,
    .unlink = real_unlink,
    .free_bytes = real_free_bytes,
};

enum status folder_open(struct folder *folder, const struct disk *disk, const char *directory) {
    require(disk && directory);
    int outer = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    folder->disk = disk;
    folder->fd = outer < 0 ? -1 : openat(outer, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum status status = folder->fd < 0 ? file_status(errno) : STATUS_OK;
    if (outer >= 0) {
        close(outer);
    }
    return status;
}

void folder_close(struct folder *folder) {
    if (folder->fd >= 0) {
        close(folder->fd);
        folder->fd = -1;
    }
}

enum status folder_open_file(const struct folder *folder, const char *name, int flags, int *fd) {
    require(folder->fd >= 0 && name);
    do {
        *fd = folder->disk->open(folder->disk->context, folder->fd, name, flags);
    } while (*fd < 0 && errno == EINTR);
    return *fd < 0 ? file_status(errno) : STATUS_OK;
}

void folder_close_file(const struct folder *folder, int *fd) {
    if (*fd >= 0) {
        folder->disk->close(folder->disk->context, *fd); /* what mattered was synced before */
        *fd = -1;
    }
}

enum status folder_rename(const struct folder *folder, const char *from, const char *to) {
    require(folder->fd >= 0 && from && to);
    const struct disk *disk = folder->disk;
    if (disk->rename(disk->context, folder->fd, from, to) < 0) {
        return file_status(errno);
    }
    return disk->sync_names(disk->context, folder->fd) < 0 ? STATUS_IO : STATUS_OK;
}

enum status disk_write_all(const struct disk *disk, int fd, const void *bytes, size_t length,
                           uint64_t offset) {
    require(fd >= 0);
    const char *at = bytes;
    while (length > 0) {
        ssize_t written = disk->write(disk->context, fd, at, length, offset);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return written < 0 ? file_status(errno) : STATUS_IO;
        }
        at += written;
        length -= (size_t)written;
        offset += (uint64_t)written;
    }
    return STATUS_OK;
}

enum status disk_read_some(const struct disk *disk, int fd, void *bytes, size_t length, uint64_t offset,
                           size_t *got) {
    require(fd >= 0);
    *got = 0;
    while (*got < length) {
        ssize_t taken = disk->read(disk->context, fd, (char *)bytes + *got, length - *got, offset + *got);
        if (taken < 0 && errno == EINTR) {
            continue;
        }
        if (taken < 0) {
            return STATUS_IO;
        }
        if (taken == 0) {
            break;
        }
        *got += (size_t)taken;
    }
    return STATUS_OK;
}

enum status disk_sync(const struct disk *disk, int fd) {
    require(fd >= 0);
    /* Not retried, not even after EINTR: a sync that failed once says nothing true the second time. */
    return disk->sync(disk->context, fd) < 0 ? STATUS_IO : STATUS_OK;
}
