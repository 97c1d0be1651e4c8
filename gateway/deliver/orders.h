/*
 * orders.h - an operator's words about single deliveries: recorded without waiting for it, and followed once
 * the engine has applied them.
 *
 * Limits    ORDERS_MAX on their way into the journal or not yet applied.
 * Thread    the loop thread.
 */
#ifndef DELIVER_ORDERS_H
#define DELIVER_ORDERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "journal/journal.h"
#include "engine/delivery.h"
#include "deliver/delivery_queue.h"

#define ORDERS_MAX 256

struct orders;

struct orders_options {
    struct loop *loop;
    struct journal *journal;
    /* An order of this queue is durable (or never will be). The engine may have applied it already. */
    void (*recorded)(void *context, struct delivery_queue *queue);
    void *context;
};

struct orders *orders_new(const struct orders_options *options);
void orders_free(struct orders *orders); /* none is on its way any more */
/* From here on no failure of queue's delivery of that record, if it is in hand, is recorded over the order.
 * done is called once the record is durable, with its number, or will never be. BUSY, TOO_LARGE, IO, CLOSED:
 * nothing is recorded, and done is not called. */
enum status orders_record(struct orders *orders, const struct delivery_result *order,
                          struct delivery_queue *queue,
                          void (*done)(void *context, enum status status, uint64_t number), void *context);
size_t orders_count(const struct orders *orders); /* not durable yet */
/* The engine has applied all up to this record: what the orders among them say is followed. */
void orders_apply(struct orders *orders, uint64_t position);

#endif
