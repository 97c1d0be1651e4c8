/*
 * descriptors.c - the limit, and a stock of descriptors that lead nowhere.
 */
#include "base/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/status.h"

static struct {
    pthread_mutex_t mutex;
    size_t wanted, count;
    int fds[DESCRIPTORS_PUT_BY_MAX];
} stock = { .mutex = PTHREAD_MUTEX_INITIALIZER };

size_t descriptors_raise(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1024;
    }
    struct rlimit raised = { .rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max };
    if (limit.rlim_cur < limit.rlim_max && setrlimit(RLIMIT_NOFILE, &raised) == 0) {
        limit = raised;
    }
    return (size_t)limit.rlim_cur;
}

size_t descriptors_for_connections(size_t limit, size_t needed) {
    return limit - (needed < limit / 2 ? needed : limit / 2);
}

/* Under the mutex. */
static void fill_stock(void) {
    while (stock.count < stock.wanted) {
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            return; /* later: each close tries again */
        }
        stock.fds[stock.count++] = fd;
    }
}

void descriptors_put_by(size_t count) {
    pthread_mutex_lock(&stock.mutex);
    stock.wanted = count < DESCRIPTORS_PUT_BY_MAX ? count : DESCRIPTORS_PUT_BY_MAX;
    while (stock.count > stock.wanted) {
        close(stock.fds[--stock.count]);
    }
    fill_stock();
    pthread_mutex_unlock(&stock.mutex);
}

static bool give_one_up(void) {
    pthread_mutex_lock(&stock.mutex);
    bool had = stock.count > 0;
    if (had) {
        close(stock.fds[--stock.count]);
    }
    size_t left = stock.count;
    pthread_mutex_unlock(&stock.mutex);
    if (had) {
        log_event_bounded(LOG_WARN, EVENT_DESCRIPTORS_RESERVE_USED, LOG_INT("left", left), LOG_END);
    }
    return had;
}

/* Another thread may take what was given up before we do: then the next. */
int descriptors_open(int folder, const char *path, int flags, mode_t mode) {
    int fd;
    do {
        fd = openat(folder, path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && (errno == EMFILE || errno == ENFILE) && give_one_up());
    return fd;
}

int descriptors_close(int fd) {
    require(fd >= 0);
    int result = close(fd);
    pthread_mutex_lock(&stock.mutex);
    if (stock.count < stock.wanted) {
        fill_stock();
    }
    pthread_mutex_unlock(&stock.mutex);
    return result;
}
