/*
 * orders.c - a release: from the order to the record it names, and through deciding once more.
 */
#include "engine/orders.h"

#include <inttypes.h>
#include <string.h>

#include "message/order.h"
#include "engine/decide.h"
#include "engine/parts/held.h"

static void refuse(const struct edition *edition, struct decision *decision, const char *code, const char *zh,
                   const char *en) {
    decision->edition = edition->digest;
    decision->result = RESULT_REFUSED;
    decision_answer(decision, code, zh, en);
}

static void refuse_release(const struct edition *edition, uint64_t record, bool was_held,
                           struct arena *scratch, struct decision *decision) {
    if (was_held) {
        refuse(edition, decision, "RELEASED", arena_printf(scratch, "记录 %" PRIu64 " 已经解除暂挂", record),
               arena_printf(scratch, "record %" PRIu64 " was released before", record));
    } else {
        refuse(edition, decision, "NOT-HELD", arena_printf(scratch, "记录 %" PRIu64 " 没有被暂挂", record),
               arena_printf(scratch, "record %" PRIu64 " is not held", record));
    }
}

/* Time is that of the order, what the record says is of its own day. */
static enum status release(const struct edition *edition, struct state *state, struct reader *reader,
                           uint64_t record, const struct record *order, struct arena *scratch,
                           struct decision *decision, const struct metadata **metadata) {
    struct record rec;
    struct metadata *of_message = arena_alloc(scratch, sizeof(*of_message));
    enum status status = reader_get(reader, record, scratch, &rec);
    bool message = status == STATUS_OK && rec.kind == RECORD_MESSAGE;
    if (message && !metadata_read(rec.meta, scratch, of_message)) {
        status = STATUS_DAMAGED;
    }
    if (status == STATUS_OK) {
        rec.stamp = order->stamp;
        *metadata = message ? of_message : NULL;
        if (decide_cause(edition, state, &rec, *metadata, scratch, decision)) {
            decision->released = record;
        } else {
            held_decide(edition, order, HELD_UNREADABLE, scratch, decision);
        }
    }
    return status;
}

enum status orders_decide(const struct edition *edition, struct state *state, struct reader *reader,
                          const struct record *rec, struct arena *scratch, struct decision *decision,
                          const struct metadata **metadata) {
    require(rec->kind == RECORD_ORDER && rec->number > 0);
    struct order order;
    *metadata = NULL;
    if (!order_read(rec->meta, scratch, &order)) {
        return STATUS_DAMAGED;
    }
    if (order.kind == ORDER_CLOCK_ACCEPT) { /* carried out by whoever took it: it is about its clock */
        decision->edition = edition->digest;
        decision->result = RESULT_DONE;
        decision_answer(decision, "CLOCK-ACCEPTED", "已采信系统时钟", "the wall clock is believed");
        return STATUS_OK;
    }
    if (order.kind != ORDER_RELEASE) {
        (void)decide_cause(edition, state, rec, NULL, scratch, decision); /* it has no fields */
        return STATUS_OK;
    }
    const char *stands = held_state(state, order.record, scratch);
    if (strcmp(stands, "held") != 0) {
        refuse_release(edition, order.record, *stands != '\0', scratch, decision);
        return STATUS_OK;
    }
    return release(edition, state, reader, order.record, rec, scratch, decision, metadata);
}
