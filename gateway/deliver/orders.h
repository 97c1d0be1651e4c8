/*
 * orders.h - an operator's words about single deliveries: recorded, and followed once the engine has
 * applied them.
 * Thread    the loop thread.
 */
#ifndef DELIVER_ORDERS_H
#define DELIVER_ORDERS_H

#include <stddef.h>
#include <stdint.h>

#include "journal/journal.h"
#include "engine/delivery.h"
#include "deliver/delivery_queue.h"

#define ORDERS_MAX 256 /* recorded and not yet applied */

/* Recorded under `number`. */
struct delivery_order {
    uint64_t number, record;
    struct delivery_queue *queue;
    enum delivery_outcome outcome; /* REDRIVEN or DROPPED */
};

struct orders {
    struct delivery_order list[ORDERS_MAX];
    size_t count;
};

bool orders_are_full(const struct orders *orders);
/* Waits until the record is durable; then queue's delivery of that record, if it is in hand, heeds it. They
 * are not full. TOO_LARGE, IO, CLOSED: nothing was recorded. */
enum status orders_record(struct orders *orders, struct journal *journal, const struct delivery_result *order,
                          struct delivery_queue *queue);
/* The engine has applied all up to this record: what the orders among them say is followed. */
void orders_apply(struct orders *orders, uint64_t position);

#endif
