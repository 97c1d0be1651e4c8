/*
 * thread.c - makes a thread and gives it its name; one that cannot be made ends the process with a line in
 * the log.
 */
#include "base/thread.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define EXIT_NO_THREAD 71 /* EX_OSERR */

void thread_start(pthread_t *thread, const char *name, void *(*run)(void *context), void *context) {
    int error = pthread_create(thread, NULL, run, context);
    if (error != 0) { /* a limit of processes (ulimit -u), or of the container */
        log_event(LOG_ERROR, "thread", "not_started", LOG_STRING("name", name),
                  LOG_STRING("reason", strerror(error)), LOG_END);
        _exit(EXIT_NO_THREAD);
    }
    pthread_setname_np(*thread, name);
}
