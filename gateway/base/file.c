/*
 * file.c - files, without short reads, short writes or interrupted calls.
 */
#include "base/file.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FILE_MODE      0640
#define DIRECTORY_MODE 0750

bool file_lacks_room(int error) {
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: /* the limit of a file's size (RLIMIT_FSIZE) */
    case EMFILE:
    case ENFILE: return true;
    default: return false;
    }
}

enum status file_status(int error) {
    if (error == ENOENT || error == ENOTDIR) {
        return STATUS_NOT_FOUND;
    }
    return file_lacks_room(error) ? STATUS_FULL : STATUS_IO;
}

static int open_file(const char *path, int flags) {
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, FILE_MODE);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static enum status sync_fd(int fd) {
    while (fsync(fd) != 0) {
        if (errno != EINTR) {
            return file_status(errno);
        }
    }
    return STATUS_OK;
}

enum status file_read_descriptor(int fd, struct buf *buf) {
    require(fd >= 0);
    char piece[64 * 1024];
    for (;;) {
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got == 0) {
            return STATUS_OK;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return file_status(errno);
        }
        size_t room = buf->max - buf->length;
        bool fits = (size_t)got <= room;
        buf_add(buf, piece, fits ? (size_t)got : room);
        if (!fits) {
            return STATUS_TOO_LARGE;
        }
    }
}

int file_open_plain(const char *path) {
    struct stat info;
    int fd = open_file(path, O_RDONLY | O_NONBLOCK); /* a pipe would wait for who writes to it */
    if (fd >= 0 && (fstat(fd, &info) != 0 || (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))) {
        close(fd);
        errno = EINVAL;
        return -1;
    }
    return fd;
}

static enum status read_whole(int fd, struct buf *buf) {
    if (fd < 0) {
        return file_status(errno);
    }
    enum status status = file_read_descriptor(fd, buf);
    close(fd);
    return status;
}

enum status file_read(const char *path, struct buf *buf) {
    return read_whole(file_open_plain(path), buf);
}

enum status file_read_any(const char *path, struct buf *buf) {
    return read_whole(open_file(path, O_RDONLY), buf);
}

bool file_is_directory(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Opened the wrong way round, so that what is read or written there fails as it would on a closed one. */
enum status file_occupy_standard(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            return STATUS_IO;
        }
    }
    return STATUS_OK;
}

enum status file_write_all(int fd, const void *bytes, size_t length, uint64_t offset) {
    require(fd >= 0);
    for (const char *at = bytes; length > 0;) {
        ssize_t put = pwrite(fd, at, length, (off_t)offset);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return put < 0 ? file_status(errno) : STATUS_IO;
        }
        at += put;
        offset += (uint64_t)put;
        length -= (size_t)put;
    }
    return STATUS_OK;
}

/* --- durable names ----------------------------------------------------------------------------------- */

static enum status sync_path(const char *path, int flags) {
    int fd = open_file(path, O_RDONLY | flags);
    if (fd < 0) {
        return file_status(errno);
    }
    enum status status = sync_fd(fd);
    close(fd);
    return status;
}

enum status file_sync(const char *path) {
    return sync_path(path, 0);
}

enum status file_sync_directory(const char *directory) {
    return sync_path(directory, O_DIRECTORY);
}

static enum status sync_parent(const char *path) {
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return file_sync_directory(".");
    }
    size_t length = slash == path ? 1 : (size_t)(slash - path);
    snprintf(parent, sizeof(parent), "%.*s", (int)length, path);
    return file_sync_directory(parent);
}

static enum status write_new(const char *path, struct text bytes) {
    int fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd < 0) {
        return file_status(errno);
    }
    enum status status = file_write_all(fd, bytes.at, bytes.length, 0);
    if (status == STATUS_OK) {
        status = sync_fd(fd);
    }
    if (close(fd) != 0 && status == STATUS_OK) {
        status = file_status(errno);
    }
    return status;
}

enum status file_replace(const char *path, struct text bytes) {
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof(temporary), "%s.tmp-%ld", path, (long)getpid());
    if (length >= (int)sizeof(temporary)) {
        return STATUS_IO;
    }
    enum status status = write_new(temporary, bytes);
    if (status == STATUS_OK && rename(temporary, path) != 0) {
        status = file_status(errno);
    }
    if (status != STATUS_OK) {
        unlink(temporary);
        return status;
    }
    return sync_parent(path);
}

static enum status make_one(const char *directory) {
    if (mkdir(directory, DIRECTORY_MODE) == 0) {
        return sync_parent(directory); /* a directory lost in a power cut takes its files along */
    }
    struct stat info;
    if (errno == EEXIST && stat(directory, &info) == 0) {
        errno = ENOTDIR;
        return S_ISDIR(info.st_mode) ? STATUS_OK : STATUS_IO;
    }
    return file_status(errno);
}

enum status file_make_directory(const char *directory) {
    char path[PATH_MAX];
    size_t length = strlen(directory);
    if (length == 0 || length >= sizeof(path)) {
        errno = ENAMETOOLONG;
        return STATUS_IO;
    }
    memcpy(path, directory, length + 1);
    while (length > 1 && path[length - 1] == '/') {
        path[--length] = '\0';
    }
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        enum status status = make_one(path);
        *slash = '/';
        if (status != STATUS_OK) {
            return status;
        }
    }
    return make_one(path);
}

/* --- lock, space, names ------------------------------------------------------------------------------ */

enum status file_lock(const char *path, int *fd) {
    *fd = open_file(path, O_RDWR | O_CREAT);
    if (*fd < 0) {
        return file_status(errno);
    }
    while (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) {
            continue;
        }
        enum status status = errno == EWOULDBLOCK ? STATUS_LOCKED : STATUS_IO;
        close(*fd);
        *fd = -1;
        return status;
    }
    return STATUS_OK;
}

/* /proc/locks names inodes; the device beside them is not the one of stat() on every file system. */
long file_lock_holder(const char *path) {
    struct stat info;
    FILE *locks = stat(path, &info) == 0 ? fopen("/proc/locks", "re") : NULL;
    char line[256];
    long holder = 0;
    while (locks && holder == 0 && fgets(line, sizeof(line), locks)) {
        long process;
        unsigned long inode;
        bool read = sscanf(line, "%*d: FLOCK ADVISORY WRITE %ld %*x:%*x:%lu", &process, &inode) == 2;
        holder = read && inode == info.st_ino ? process : 0;
    }
    if (locks) {
        fclose(locks);
    }
    return holder > 0 ? holder : 0;
}

uint64_t file_free_bytes(const char *directory) {
    struct statvfs info;
    if (statvfs(directory, &info) != 0) {
        return 0;
    }
    return (uint64_t)info.f_bavail * info.f_frsize;
}

const char *file_join(struct arena *arena, const char *directory, const char *name) {
    size_t length = strlen(directory);
    bool slashed = length > 0 && directory[length - 1] == '/';
    return arena_printf(arena, "%s%s%s", directory, slashed || length == 0 ? "" : "/", name);
}
