/*
 * orders.c - a short list: of those on their way into the journal, which have no number yet, and of those
 * recorded, gone through whenever the engine advances.
 */
#include "deliver/orders.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/memory.h"
#include "journal/appender.h"

#define META_MAX (16 * 1024)

struct delivery_order {
    struct orders *orders;
    uint64_t record;
    struct delivery_queue *queue;
    enum delivery_outcome outcome; /* REDRIVEN or DROPPED */
    uint64_t number;               /* of the record that says so; 0: not durable yet */
    void (*done)(void *context, enum status status, uint64_t number);
    void *context;
};

struct orders {
    struct orders_options options;
    struct appender *appender;
    struct delivery_order *list[ORDERS_MAX];
    size_t count;
};

struct orders *orders_new(const struct orders_options *options) {
    require(options->loop && options->journal && options->recorded);
    struct orders *orders = memory_new(sizeof(*orders));
    orders->options = *options;
    orders->appender = appender_new(options->journal, options->loop);
    return orders;
}

void orders_free(struct orders *orders) {
    if (orders) {
        require(orders_count(orders) == 0);
        appender_free(orders->appender);
        for (size_t i = 0; i < orders->count; i++) {
            free(orders->list[i]);
        }
        free(orders);
    }
}

size_t orders_count(const struct orders *orders) {
    return appender_count(orders->appender);
}

static void mark_dropped(const struct delivery_order *order, bool dropped) {
    struct pending *pending = delivery_queue_find(order->queue, order->record);
    if (pending && order->outcome == DELIVERY_DROPPED) {
        pending->dropped = dropped;
    }
}

static void forget(struct orders *orders, struct delivery_order *order) {
    for (size_t i = 0; i < orders->count; i++) {
        if (orders->list[i] == order) {
            orders->list[i] = orders->list[--orders->count];
        }
    }
    free(order);
}

static void recorded(void *context, enum status status, uint64_t number) {
    struct delivery_order *order = context;
    struct orders *orders = order->orders;
    struct delivery_queue *queue = order->queue;
    order->done(order->context, status, status == STATUS_OK ? number : 0);
    if (status == STATUS_OK) {
        order->number = number;
    } else { /* the journal has failed or closes: its delivery goes on as if nothing had been said */
        mark_dropped(order, false);
        forget(orders, order);
    }
    orders->options.recorded(orders->options.context, queue);
}

enum status orders_record(struct orders *orders, const struct delivery_result *result,
                          struct delivery_queue *queue,
                          void (*done)(void *context, enum status status, uint64_t number), void *context) {
    require(result->outcome == DELIVERY_REDRIVEN || result->outcome == DELIVERY_DROPPED);
    require(queue && done);
    if (orders->count == ORDERS_MAX) {
        return STATUS_BUSY;
    }
    struct delivery_order *order = memory_new(sizeof(*order));
    *order = (struct delivery_order){
        .orders = orders,
        .record = result->record,
        .queue = queue,
        .outcome = result->outcome,
        .done = done,
        .context = context,
    };
    struct buf meta;
    buf_init(&meta, META_MAX);
    delivery_write(result, &meta);
    struct record rec = { .kind = RECORD_DELIVERY, .meta = buf_text(&meta) };
    enum status status =
        buf_failed(&meta) ? STATUS_TOO_LARGE : appender_append(orders->appender, &rec, true, recorded, order);
    buf_release(&meta);
    if (status != STATUS_OK) {
        free(order);
        return status;
    }
    orders->list[orders->count++] = order;
    mark_dropped(order, true);
    return STATUS_OK;
}

static void apply(const struct delivery_order *order, uint64_t position) {
    struct delivery_queue *queue = order->queue;
    delivery_queue_apply(queue, position); /* an outcome recorded before the order comes before it */
    struct pending *pending = delivery_queue_find(queue, order->record);
    bool idle = pending
                && (pending->state == PENDING_READY
                    || (pending->state == PENDING_SETTLED && pending->result == PENDING_NO_RESULT));
    if (idle) { /* what the row says now is read anew, if it still waits */
        delivery_queue_remove(queue, pending);
    }
    /* The row waits again, or what was held up behind it may go: perhaps far behind the cursor. */
    delivery_queue_read_again(queue);
    queue->wake_ms = 0;
}

void orders_apply(struct orders *orders, uint64_t position) {
    require(orders->count <= ORDERS_MAX && orders_count(orders) <= orders->count);
    size_t kept = 0;
    for (size_t i = 0; i < orders->count; i++) {
        struct delivery_order *order = orders->list[i];
        if (order->number > 0 && order->number <= position) {
            apply(order, position);
            free(order);
        } else {
            orders->list[kept++] = order;
        }
    }
    orders->count = kept;
}
