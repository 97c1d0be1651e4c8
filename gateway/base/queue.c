/*
 * queue.c - a ring under one mutex, with one condition for "has items" and one for "has room".
 */
#include "base/queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t has_items, has_room;
    size_t capacity, first, length;
    bool closed;
    void *items[];
};

/* Waits are by the monotonic clock: a jump of the wall clock must not lengthen them. */
static void condition_init(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct queue *queue_new(size_t capacity) {
    require(capacity > 0 && capacity < SIZE_MAX / sizeof(void *) / 2);
    struct queue *queue = memory_new(sizeof(*queue) + capacity * sizeof(void *));
    pthread_mutex_init(&queue->mutex, NULL);
    condition_init(&queue->has_items);
    condition_init(&queue->has_room);
    queue->capacity = capacity;
    return queue;
}

void queue_free(struct queue *queue) {
    if (queue) {
        pthread_cond_destroy(&queue->has_items);
        pthread_cond_destroy(&queue->has_room);
        pthread_mutex_destroy(&queue->mutex);
        free(queue);
    }
}

/* --- under the mutex --------------------------------------------------------------------------------- */

static enum status put(struct queue *queue, void *item) {
    if (queue->closed) {
        return STATUS_CLOSED;
    }
    if (queue->length == queue->capacity) {
        return STATUS_BUSY;
    }
    queue->items[(queue->first + queue->length) % queue->capacity] = item;
    queue->length++;
    pthread_cond_signal(&queue->has_items);
    return STATUS_OK;
}

static void *take(struct queue *queue) {
    void *item = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->length--;
    pthread_cond_signal(&queue->has_room);
    return item;
}

static struct timespec deadline_after(int timeout_ms) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += timeout_ms / 1000;
    at.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (at.tv_nsec >= 1000000000L) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000L;
    }
    return at;
}

static void wait_for_items(struct queue *queue, int timeout_ms) {
    if (timeout_ms < 0) {
        while (queue->length == 0 && !queue->closed) {
            pthread_cond_wait(&queue->has_items, &queue->mutex);
        }
    } else if (timeout_ms > 0) {
        struct timespec deadline = deadline_after(timeout_ms);
        int error = 0;
        while (queue->length == 0 && !queue->closed && error != ETIMEDOUT) {
            error = pthread_cond_timedwait(&queue->has_items, &queue->mutex, &deadline);
        }
    }
}

/* --- what others see --------------------------------------------------------------------------------- */

enum status queue_push(struct queue *queue, void *item) {
    require(item);
    pthread_mutex_lock(&queue->mutex);
    enum status status = put(queue, item);
    pthread_mutex_unlock(&queue->mutex);
    return status;
}

enum status queue_push_wait(struct queue *queue, void *item) {
    require(item);
    pthread_mutex_lock(&queue->mutex);
    while (queue->length == queue->capacity && !queue->closed) {
        pthread_cond_wait(&queue->has_room, &queue->mutex);
    }
    enum status status = put(queue, item);
    pthread_mutex_unlock(&queue->mutex);
    return status;
}

void *queue_pop(struct queue *queue, int timeout_ms) {
    void *item = NULL;
    queue_pop_many(queue, &item, 1, timeout_ms);
    return item;
}

size_t queue_pop_many(struct queue *queue, void **items, size_t max, int timeout_ms) {
    size_t count = 0;
    pthread_mutex_lock(&queue->mutex);
    wait_for_items(queue, timeout_ms);
    while (count < max && queue->length > 0) {
        items[count++] = take(queue);
    }
    pthread_mutex_unlock(&queue->mutex);
    return count;
}

void queue_close(struct queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_broadcast(&queue->has_items);
    pthread_cond_broadcast(&queue->has_room);
    pthread_mutex_unlock(&queue->mutex);
}

size_t queue_length(const struct queue *queue) {
    pthread_mutex_t *mutex = (pthread_mutex_t *)&queue->mutex;   /* const to the caller; the lock is ours */
    pthread_mutex_lock(mutex);
    size_t length = queue->length;
    pthread_mutex_unlock(mutex);
    return length;
}
