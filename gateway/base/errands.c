/*
 * errands.c - two lists under one mutex: what is to be done, and what is done and not told yet; an eventfd
 * wakes the loop for the latter.
 */
#include "base/errands.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/thread.h"

struct list {
    struct errand *first, **end;
};

struct errands {
    pthread_t thread;
    int wakeup;
    struct loop_watch *watch;
    atomic_bool closing;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct list waiting, finished;
};

static void list_init(struct list *list) {
    list->first = NULL;
    list->end = &list->first;
}

static void list_add(struct list *list, struct errand *errand) {
    errand->next = NULL;
    *list->end = errand;
    list->end = &errand->next;
}

static struct errand *list_pop(struct list *list) {
    struct errand *first = list->first;
    if (first) {
        list->first = first->next;
        list->end = list->first ? list->end : &list->first;
    }
    return first;
}

static void *run_all(void *argument) {
    struct errands *errands = argument;
    pthread_mutex_lock(&errands->mutex);
    while (!atomic_load(&errands->closing)) {
        struct errand *errand = list_pop(&errands->waiting);
        if (!errand) {
            pthread_cond_wait(&errands->changed, &errands->mutex);
            continue;
        }
        pthread_mutex_unlock(&errands->mutex);
        errand->run(errand);
        pthread_mutex_lock(&errands->mutex);
        list_add(&errands->finished, errand);
        static const uint64_t one = 1;
        while (write(errands->wakeup, &one, sizeof(one)) < 0 && errno == EINTR) {
        }
    }
    pthread_mutex_unlock(&errands->mutex);
    return NULL;
}

static struct errand *pop(struct errands *errands, struct list *list) {
    pthread_mutex_lock(&errands->mutex);
    struct errand *errand = list_pop(list);
    pthread_mutex_unlock(&errands->mutex);
    return errand;
}

static void woken(int events, void *context) {
    struct errands *errands = context;
    uint64_t count;
    while (read(errands->wakeup, &count, sizeof(count)) < 0 && errno == EINTR) {
    }
    for (struct errand *errand; (errand = pop(errands, &errands->finished));) {
        errand->done(errand, true);
    }
}

enum status errands_open(struct loop *loop, const char *thread, struct errands **out) {
    int wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    *out = NULL;
    if (wakeup < 0) {
        return STATUS_IO;
    }
    struct errands *errands = memory_new(sizeof(*errands));
    errands->wakeup = wakeup;
    list_init(&errands->waiting);
    list_init(&errands->finished);
    pthread_mutex_init(&errands->mutex, NULL);
    pthread_cond_init(&errands->changed, NULL);
    errands->watch = loop_watch_new(loop, wakeup, LOOP_READ, woken, errands);
    thread_start(&errands->thread, thread, run_all, errands);
    *out = errands;
    return STATUS_OK;
}

void errands_hand(struct errands *errands, struct errand *errand) {
    require(errand->run && errand->done);
    pthread_mutex_lock(&errands->mutex);
    list_add(&errands->waiting, errand);
    pthread_cond_signal(&errands->changed);
    pthread_mutex_unlock(&errands->mutex);
}

bool errands_are_closing(const struct errands *errands) {
    return atomic_load(&errands->closing);
}

void errands_close(struct errands *errands) {
    if (!errands) {
        return;
    }
    pthread_mutex_lock(&errands->mutex);
    atomic_store(&errands->closing, true);
    pthread_cond_signal(&errands->changed);
    pthread_mutex_unlock(&errands->mutex);
    pthread_join(errands->thread, NULL);
    for (struct errand *errand; (errand = list_pop(&errands->finished));) {
        errand->done(errand, true);
    }
    for (struct errand *errand; (errand = list_pop(&errands->waiting));) {
        errand->done(errand, false);
    }
    loop_watch_free(errands->watch);
    close(errands->wakeup);
    pthread_mutex_destroy(&errands->mutex);
    pthread_cond_destroy(&errands->changed);
    free(errands);
}
