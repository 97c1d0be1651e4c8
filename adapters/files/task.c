/*
 * task.c - tasks, and a list under a mutex with an eventfd that wakes whoever polls for it.
 */
#include "adapters/files/task.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"

struct task *task_new(struct outbox *outbox, enum task_kind kind, size_t bytes_max) {
    struct task *task = memory_new(sizeof(*task));
    task->outbox = outbox;
    task->kind = kind;
    buf_init(&task->bytes, bytes_max);
    buf_init(&task->refusal, RESPONSE_MAX);
    return task;
}

void task_free(struct task *task) {
    buf_release(&task->bytes);
    buf_release(&task->refusal);
    free(task);
}

/* --- queues ------------------------------------------------------------------------------------------ */

bool task_queue_init(struct task_queue *queue) {
    *queue = (struct task_queue){ .end = &queue->first, .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
    pthread_mutex_init(&queue->mutex, NULL);
    return queue->fd >= 0;
}

void task_queue_release(struct task_queue *queue) {
    if (queue->fd >= 0) {
        close(queue->fd);
    }
    pthread_mutex_destroy(&queue->mutex);
}

static void wake(const struct task_queue *queue) {
    uint64_t one = 1;
    while (write(queue->fd, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
}

void task_queue_put(struct task_queue *queue, struct task *task) {
    task->next = NULL;
    pthread_mutex_lock(&queue->mutex);
    require(!queue->closed);
    *queue->end = task;
    queue->end = &task->next;
    pthread_mutex_unlock(&queue->mutex);
    wake(queue);
}

struct task *task_queue_take(struct task_queue *queue) {
    require(queue->fd >= 0);
    uint64_t ignored;
    while (read(queue->fd, &ignored, sizeof(ignored)) < 0 && errno == EINTR) {
    }
    pthread_mutex_lock(&queue->mutex);
    struct task *first = queue->first;
    queue->first = NULL;
    queue->end = &queue->first;
    pthread_mutex_unlock(&queue->mutex);
    return first;
}

void task_queue_close(struct task_queue *queue) {
    require(queue->fd >= 0);
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_mutex_unlock(&queue->mutex);
    wake(queue);
}

bool task_queue_is_closed(struct task_queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    bool closed = queue->closed;
    pthread_mutex_unlock(&queue->mutex);
    return closed;
}
