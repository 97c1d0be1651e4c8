/*
 * queue.h - a bounded queue of pointers between threads.
 * Thread    any number of pushers and poppers. The queue borrows the pointers: it never frees them.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stddef.h>

#include "base/status.h"

struct queue;

struct queue *queue_new(size_t capacity);
void          queue_free(struct queue *queue);             /* must be empty or its items owned elsewhere */
enum status   queue_push(struct queue *queue, void *item); /* BUSY when full, CLOSED when shut; never waits */
void         *queue_pop(struct queue *queue);              /* waits for an item; NULL: closed and empty */
void          queue_close(struct queue *queue);            /* what is inside can still be popped */

#endif
