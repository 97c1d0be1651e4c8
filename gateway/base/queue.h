/*
 * queue.h - a bounded queue of pointers between threads.
 * Thread    any number of pushers and poppers. The queue borrows the pointers: it never frees them.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct queue;

struct queue *queue_new(size_t capacity);
void          queue_free(struct queue *queue);             /* must be empty or its items owned elsewhere */
/* BUSY when full, CLOSED after queue_close(); never waits. */
enum status   queue_push(struct queue *queue, void *item);
enum status   queue_push_wait(struct queue *queue, void *item);   /* waits for room; CLOSED */
/* NULL or 0: nothing came in time, or closed and empty. -1 waits for ever; many waits for the first only. */
void         *queue_pop(struct queue *queue, int timeout_ms);
size_t        queue_pop_many(struct queue *queue, void **items, size_t max, int timeout_ms);
void          queue_close(struct queue *queue);            /* what is inside can still be popped */
size_t        queue_length(const struct queue *queue);

#endif
