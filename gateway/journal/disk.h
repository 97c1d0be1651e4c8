/*
 * disk.h - every call the journal makes to its disk, in one table, so that a test can put a disk in its
 * place that fails at the n-th call, loses what was not synced, or is nearly full.
 *
 * The functions of the table behave like the system calls they are named after (-1 and errno). The helpers
 * below retry EINTR and short transfers and speak enum status: FULL for want of space or descriptors, which
 * is tried again, IO for all else. The real disk opens its files with descriptors that were put by when there
 * are no others.
 */
#ifndef JOURNAL_DISK_H
#define JOURNAL_DISK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

struct disk {
    int (*open)(void *context, int folder, const char *name, int flags); /* created with mode 0640 */
    int (*close)(void *context, int fd);
    ssize_t (*read)(void *context, int fd, void *bytes, size_t length, uint64_t offset);        /* pread */
    ssize_t (*write)(void *context, int fd, const void *bytes, size_t length, uint64_t offset); /* pwrite */
    int (*sync)(void *context, int fd);           /* fdatasync */
    int (*sync_names)(void *context, int folder); /* fsync of a directory */
    int (*advise)(void *context, int fd, uint64_t offset, uint64_t length, int advice); /* posix_fadvise */
    int (*rename)(void *context, int folder, const char *from, const char *to);
    int (*unlink)(void *context, int folder, const char *name);
    uint64_t (*free_bytes)(void *context, const char *directory);
    void *context;
};

extern const struct disk disk_real;

/* The folder that holds the segments: an open directory and the disk it is reached through. */
struct folder {
    const struct disk *disk;
    int fd;
};

/* Opens DIRECTORY/journal, which exists. NOT_FOUND, IO. */
enum status folder_open(struct folder *folder, const struct disk *disk, const char *directory);
void folder_close(struct folder *folder);
/* NOT_FOUND, FULL, IO. The descriptor is closed with folder_close_file(). */
enum status folder_open_file(const struct folder *folder, const char *name, int flags, int *fd);
void folder_close_file(const struct folder *folder, int *fd); /* -1 is fine; sets -1 */
enum status folder_rename(const struct folder *folder, const char *from, const char *to); /* durably */
enum status disk_write_all(const struct disk *disk, int fd, const void *bytes, size_t length,
                           uint64_t offset);
/* Reads up to length bytes; *got is smaller only at the end of the file. */
enum status disk_read_some(const struct disk *disk, int fd, void *bytes, size_t length, uint64_t offset,
                           size_t *got);
enum status disk_sync(const struct disk *disk, int fd);

#endif
