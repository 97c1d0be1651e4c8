/*
 * thread.c - makes a thread and gives it its name; one that cannot be made ends the process with a line in
 * the log.
 */
#include "base/status.h"
#include "base/thread.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

#define EXIT_NO_THREAD 71 /* EX_OSERR */

void thread_start(pthread_t *thread, const char *name, void *(*run)(void *context), void *context) {
    require(name && strlen(name) < 16 && run);
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    /* It inherits this: signals are the loop's, and wait where there is none. */
    pthread_sigmask(SIG_BLOCK, &set, &before);
    int error = pthread_create(thread, NULL, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) { /* a limit of processes (ulimit -u), or of the container */
        log_event(LOG_ERROR, EVENT_THREAD_NOT_STARTED, LOG_STRING("name", name),
                  LOG_STRING("reason", strerror(error)), LOG_END);
        _exit(EXIT_NO_THREAD);
    }
    pthread_setname_np(*thread, name);
}

/* Linux keeps both for each thread: `nice` by its id, and the class of its reads (linux/ioprio.h), which
 * glibc does not wrap. Not the scheduler's idle class: a thread that gets no time at all may hold a lock
 * that others want. */
void thread_lower_priority(void) {
    enum { IOPRIO_WHO_PROCESS = 1, IOPRIO_CLASS_IDLE = 3, IOPRIO_CLASS_SHIFT = 13, LOWEST = 19 };
    setpriority(PRIO_PROCESS, (id_t)gettid(), LOWEST);
    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT);
}
