/*
 * queue.h - a bounded queue between threads that is fair to those who fill it.
 *
 * Items belong to flows (one per sender). Flows take turns, by deficit round robin (Shreedhar and Varghese
 * 1995): each turn is worth so much cost, so however many items a flow has waiting, and however long they
 * are, the next item of another flow waits for one turn of it. Within a flow the order is kept. Of items that
 * are long work one flow has at most `long_max` out at a time, so that they never hold all who pop.
 * Thread    any number of pushers and poppers. Items and flows are the caller's; a flow stays where it is
 *           while items of it wait or are out.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct queue;

struct queue_item {
    struct queue_item *next;
    struct queue_flow *flow;
    size_t cost;
}; /* the queue's */

struct queue_flow {          /* zeroed to begin with; the queue's */
    struct queue_flow *next; /* among those with items */
    struct queue_item *first, *last;
    size_t credit;   /* cost it may still take in this turn */
    size_t long_out; /* long items of it popped and not done */
};

struct queue_options {
    size_t capacity;  /* items of all flows */
    size_t turn;      /* cost of one turn, above 0 */
    size_t long_cost; /* an item that costs more is long */
    size_t long_max;  /* above 0 */
};

struct queue *queue_new(const struct queue_options *options);
void queue_free(struct queue *queue); /* must be empty or its items owned elsewhere */
/* BUSY when full, CLOSED when shut; never waits. */
enum status queue_push(struct queue *queue, struct queue_flow *flow, struct queue_item *item, size_t cost);
struct queue_item *queue_pop(struct queue *queue); /* waits for an item; NULL: closed and empty */
/* The same for so many nanoseconds; NULL: none came, and *ended tells whether any will. */
struct queue_item *queue_pop_within(struct queue *queue, int64_t ns, bool *ended);
/* Once for each item popped, when the work on it is over. It may be pushed or freed again at once. */
void queue_done(struct queue *queue, struct queue_item *item);
void queue_close(struct queue *queue); /* what is inside can still be popped */

#endif
