/*
 * c11threads.c - linked into what is built with the thread sanitizer.
 *
 * librdkafka uses C11 threads, which the sanitizer does not know: a thread it did not see being born ends the
 * process. So here they are POSIX threads, which it knows. glibc's thrd_t is pthread_t under another name.
 *
 * Libraries that are not built with the sanitizer hand things between their own threads (lock-free pipes,
 * buffers they fill and we read) in ways it cannot see as ordered: it does not look at what they call. Our
 * own code is never suppressed.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void) {
    return "called_from_lib:libzmq.so\n"
           "called_from_lib:librdkafka.so\n"
           "called_from_lib:libsodium.so\n";
}

static int answer(int error) {
    return error == 0 ? thrd_success : error == EAGAIN ? thrd_nomem : thrd_error;
}

struct start {
    thrd_start_t run;
    void *argument;
};

static void *run(void *context) {
    struct start start = *(struct start *)context;
    free(context);
    return (void *)(intptr_t)start.run(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument) {
    struct start *start = malloc(sizeof(*start));
    if (!start) {
        return thrd_nomem;
    }
    *start = (struct start){ function, argument };
    int error = pthread_create(thread, NULL, run, start);
    if (error) {
        free(start);
    }
    return answer(error);
}

int thrd_join(thrd_t thread, int *result) {
    void *value = NULL;
    int error = pthread_join(thread, &value);
    if (result) {
        *result = (int)(intptr_t)value;
    }
    return answer(error);
}

int thrd_detach(thrd_t thread) {
    return answer(pthread_detach(thread));
}
