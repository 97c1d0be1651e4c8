/*
 * orders.c - a short list of what was recorded, gone through whenever the engine advances.
 */
#include "deliver/orders.h"

#include "base/buf.h"

#define META_MAX (16 * 1024)

bool orders_are_full(const struct orders *orders) {
    return orders->count == ORDERS_MAX;
}

enum status orders_record(struct orders *orders, struct journal *journal, const struct delivery_result *order,
                          struct delivery_queue *queue) {
    require(!orders_are_full(orders));
    require(order->outcome == DELIVERY_REDRIVEN || order->outcome == DELIVERY_DROPPED);
    struct buf meta;
    buf_init(&meta, META_MAX);
    delivery_write(order, &meta);
    struct record rec = { .kind = RECORD_DELIVERY, .meta = buf_text(&meta) };
    enum status status = buf_failed(&meta) ? STATUS_TOO_LARGE : journal_append(journal, &rec, true);
    buf_release(&meta);
    if (status != STATUS_OK) {
        return status;
    }
    struct pending *pending = delivery_queue_find(queue, order->record);
    if (pending) { /* from here on no failure of it may be recorded over the order */
        pending->dropped = order->outcome == DELIVERY_DROPPED;
    }
    orders->list[orders->count++] = (struct delivery_order){
        .number = rec.number, .record = order->record, .queue = queue, .outcome = order->outcome
    };
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
    if (order->outcome == DELIVERY_REDRIVEN) { /* the row waits again, perhaps far behind the cursor */
        queue->cursor_decision = queue->cursor_record = 0;
        queue->more = true;
    }
    queue->wake_ms = 0;
}

void orders_apply(struct orders *orders, uint64_t position) {
    size_t kept = 0;
    for (size_t i = 0; i < orders->count; i++) {
        if (orders->list[i].number <= position) {
            apply(&orders->list[i], position);
        } else {
            orders->list[kept++] = orders->list[i];
        }
    }
    orders->count = kept;
}
