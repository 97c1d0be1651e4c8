/*
 * standard_error.c - a write that does not wait, by what kind of file stderr is.
 */
#include "base/standard_error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* A pipe that is ready takes so much without waiting (POSIX: PIPE_BUF), should the system know no better
   way. */
static ssize_t write_when_ready(const void *bytes, size_t length) {
    struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };
    if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT)) {
        errno = EAGAIN;
        return -1;
    }
    return write(STDERR_FILENO, bytes, length < PIPE_BUF ? length : PIPE_BUF);
}

/* Every descriptor shares its description with whoever opened it (a shell, a supervisor), so O_NONBLOCK is
 * not ours to set. A terminal is opened once more, to have a description of our own. */
static ssize_t write_to_terminal(const void *bytes, size_t length) {
    int own = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (own < 0) {
        return write_when_ready(bytes, length);
    }
    ssize_t put = write(own, bytes, length);
    int error = errno;
    close(own);
    errno = error;
    return put;
}

static ssize_t write_some(mode_t type, const void *bytes, size_t length) {
    if (S_ISREG(type)) {
        return write(STDERR_FILENO, bytes, length);
    }
    if (S_ISSOCK(type)) {
        return send(STDERR_FILENO, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (S_ISCHR(type)) {
        return write_to_terminal(bytes, length);
    }
    struct iovec piece = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = length };
    ssize_t put = pwritev2(STDERR_FILENO, &piece, 1, -1, RWF_NOWAIT);
    bool unknown = put < 0 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL);
    return unknown ? write_when_ready(bytes, length) : put;
}

size_t standard_error_write(const void *bytes, size_t length) {
    struct stat info;
    size_t done = 0;
    if (fstat(STDERR_FILENO, &info) != 0) {
        return 0;
    }
    while (done < length) {
        ssize_t put = write_some(info.st_mode, (const char *)bytes + done, length - done);
        if (put <= 0 && !(put < 0 && errno == EINTR)) {
            break;
        }
        done += put > 0 ? (size_t)put : 0;
    }
    return done;
}
