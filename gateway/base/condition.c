/*
 * condition.c - POSIX conditions go by the wall clock unless they are told otherwise, each of them.
 */
#include "base/condition.h"

#include <errno.h>
#include <time.h>

#include "base/status.h"

#define NS_PER_S 1000000000LL

void condition_init(pthread_cond_t *condition) {
    pthread_condattr_t monotonic;
    require(pthread_condattr_init(&monotonic) == 0);
    require(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    require(pthread_cond_init(condition, &monotonic) == 0);
    pthread_condattr_destroy(&monotonic);
}

int64_t condition_in(int64_t ns) {
    struct timespec now;
    require(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now.tv_sec * NS_PER_S + now.tv_nsec + ns;
}

bool condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t until) {
    require(until > 0);
    struct timespec at = { .tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S };
    return pthread_cond_timedwait(condition, mutex, &at) != ETIMEDOUT;
}
