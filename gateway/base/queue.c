/*
 * queue.c - lists of items in a ring of flows, under one mutex.
 */
#include "base/queue.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/condition.h"
#include "base/memory.h"
#include "base/status.h"

struct queue {
    struct queue_options options;
    pthread_mutex_t mutex;
    pthread_cond_t has_items;
    size_t length, flows;
    struct queue_flow *first, *last; /* flows with items; the first has the turn */
    bool closed;
};

struct queue *queue_new(const struct queue_options *options) {
    require(options->capacity > 0 && options->turn > 0 && options->long_max > 0);
    struct queue *queue = memory_new(sizeof(*queue));
    queue->options = *options;
    pthread_mutex_init(&queue->mutex, NULL);
    condition_init(&queue->has_items);
    return queue;
}

void queue_free(struct queue *queue) {
    if (queue) {
        pthread_cond_destroy(&queue->has_items);
        pthread_mutex_destroy(&queue->mutex);
        free(queue);
    }
}

/* --- the ring of flows, the mutex held ------------------------------------------------------------------ */

static void append_flow(struct queue *queue, struct queue_flow *flow) {
    flow->next = NULL;
    *(queue->first ? &queue->last->next : &queue->first) = flow;
    queue->last = flow;
    queue->flows++;
}

static struct queue_flow *remove_first_flow(struct queue *queue) {
    struct queue_flow *flow = queue->first;
    queue->first = flow->next;
    queue->flows--;
    return flow;
}

static void end_turn(struct queue *queue) {
    append_flow(queue, remove_first_flow(queue));
}

static bool is_long(const struct queue *queue, const struct queue_item *item) {
    return item->cost > queue->options.long_cost;
}

static struct queue_item *take_from_first(struct queue *queue) {
    struct queue_flow *flow = queue->first;
    struct queue_item *item = flow->first;
    flow->first = item->next;
    flow->credit -= item->cost;
    flow->long_out += is_long(queue, item);
    queue->length--;
    if (!flow->first) {
        remove_first_flow(queue);
        flow->credit = 0; /* who comes back starts anew: nobody saves up turns */
    }
    return item;
}

/* NULL: nothing waits, or only long items of flows that have their share of those out. */
static struct queue_item *take_next(struct queue *queue) {
    for (size_t held_back = 0; held_back < queue->flows;) {
        struct queue_flow *flow = queue->first;
        if (is_long(queue, flow->first) && flow->long_out >= queue->options.long_max) {
            held_back++;
            end_turn(queue);
        } else if (flow->credit < flow->first->cost) {
            held_back = 0;
            flow->credit += queue->options.turn;
            end_turn(queue);
        } else {
            return take_from_first(queue);
        }
    }
    return NULL;
}

static enum status put(struct queue *queue, struct queue_flow *flow, struct queue_item *item) {
    if (queue->closed) {
        return STATUS_CLOSED;
    }
    if (queue->length == queue->options.capacity) {
        return STATUS_BUSY;
    }
    bool waiting = flow->first != NULL;
    *(waiting ? &flow->last->next : &flow->first) = item;
    flow->last = item;
    if (!waiting) {
        append_flow(queue, flow);
    }
    queue->length++;
    pthread_cond_signal(&queue->has_items);
    return STATUS_OK;
}

/* --- what the threads call ------------------------------------------------------------------------------ */

enum status queue_push(struct queue *queue, struct queue_flow *flow, struct queue_item *item, size_t cost) {
    require(cost > 0);
    *item = (struct queue_item){ .flow = flow, .cost = cost };
    pthread_mutex_lock(&queue->mutex);
    enum status status = put(queue, flow, item);
    pthread_mutex_unlock(&queue->mutex);
    return status;
}

struct queue_item *queue_pop(struct queue *queue) {
    struct queue_item *item;
    pthread_mutex_lock(&queue->mutex);
    while (!(item = take_next(queue)) && !(queue->closed && queue->length == 0)) {
        pthread_cond_wait(&queue->has_items, &queue->mutex);
    }
    pthread_mutex_unlock(&queue->mutex);
    return item;
}

struct queue_item *queue_pop_within(struct queue *queue, int64_t ns, bool *ended) {
    require(ns > 0);
    int64_t until = condition_in(ns);
    struct queue_item *item;
    bool in_time = true;
    pthread_mutex_lock(&queue->mutex);
    while (!(item = take_next(queue)) && !(queue->closed && queue->length == 0) && in_time) {
        in_time = condition_wait(&queue->has_items, &queue->mutex, until);
    }
    *ended = !item && queue->closed && queue->length == 0;
    pthread_mutex_unlock(&queue->mutex);
    return item;
}

void queue_done(struct queue *queue, struct queue_item *item) {
    if (!is_long(queue, item)) {
        return;
    }
    pthread_mutex_lock(&queue->mutex);
    require(item->flow->long_out > 0);
    item->flow->long_out--;
    pthread_cond_broadcast(&queue->has_items); /* what was held back may go now, or all is over */
    pthread_mutex_unlock(&queue->mutex);
}

void queue_close(struct queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    require(!queue->closed);
    queue->closed = true;
    pthread_cond_broadcast(&queue->has_items);
    pthread_mutex_unlock(&queue->mutex);
}
