/*
 * queue.c - a ring under one mutex.
 */
#include "base/queue.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t has_items;
    size_t capacity, first, length;
    bool closed;
    void *items[];
};

struct queue *queue_new(size_t capacity) {
    require(capacity > 0 && capacity < SIZE_MAX / sizeof(void *) / 2);
    struct queue *queue = memory_new(sizeof(*queue) + capacity * sizeof(void *));
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->has_items, NULL);
    queue->capacity = capacity;
    return queue;
}

void queue_free(struct queue *queue) {
    if (queue) {
        pthread_cond_destroy(&queue->has_items);
        pthread_mutex_destroy(&queue->mutex);
        free(queue);
    }
}

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

enum status queue_push(struct queue *queue, void *item) {
    require(item);
    pthread_mutex_lock(&queue->mutex);
    enum status status = put(queue, item);
    pthread_mutex_unlock(&queue->mutex);
    return status;
}

void *queue_pop(struct queue *queue) {
    void *item = NULL;
    pthread_mutex_lock(&queue->mutex);
    while (queue->length == 0 && !queue->closed) {
        pthread_cond_wait(&queue->has_items, &queue->mutex);
    }
    if (queue->length > 0) {
        item = queue->items[queue->first];
        queue->first = (queue->first + 1) % queue->capacity;
        queue->length--;
    }
    pthread_mutex_unlock(&queue->mutex);
    return item;
}

void queue_close(struct queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_broadcast(&queue->has_items);
    pthread_mutex_unlock(&queue->mutex);
}
