/*
 * orders.c - a release: from the order to the record it names, and through deciding once more, or through the
 * routes alone.
 */
#include "engine/orders.h"

#include <inttypes.h>
#include <string.h>

#include "message/order.h"
#include "engine/decide.h"
#include "engine/parts/held.h"
#include "engine/parts/quarantine.h"

static void refuse(const struct edition *edition, struct decision *decision, const char *code, const char *zh,
                   const char *en) {
    decision->edition = edition->digest;
    decision_refuse(decision, code, zh, en);
}

static void refuse_release(const struct edition *edition, uint64_t record, bool was_held,
                           struct arena *scratch, struct decision *decision) {
    if (was_held) {
        refuse(edition, decision, "RELEASED",
               arena_printf(scratch, "记录 %" PRIu64 " 已经解除暂挂或隔离", record),
               arena_printf(scratch, "record %" PRIu64 " was released or dropped before", record));
    } else {
        refuse(edition, decision, "NOT-HELD",
               arena_printf(scratch, "记录 %" PRIu64 " 没有被暂挂或隔离", record),
               arena_printf(scratch, "record %" PRIu64 " is not held, nor quarantined", record));
    }
}

/* --- held ----------------------------------------------------------------------------------------------- */

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

/* --- quarantined ---------------------------------------------------------------------------------------- */

/* What the message was decided to be about, by which the deliveries of a consignment keep their order. */
static enum status subject_of(struct state *state, struct reader *reader, uint64_t record,
                              struct arena *scratch, const char **subject) {
    struct decision decided;
    struct store_query *query =
        store_query(state_store(state), "SELECT decision FROM messages WHERE number = ?");
    store_bind_int(query, 1, (int64_t)record);
    uint64_t number = (uint64_t)state_number(state, query, 0);
    enum status status = decision_get(reader, number, record, scratch, &decided);
    if (status == STATUS_CONFLICT) {
        state_doubt(state, "messages", record);
        status = STATUS_DAMAGED;
    }
    *subject = status == STATUS_OK ? decided.subject : "";
    return status;
}

/* By the routes of today: those of the day it came sent it to nobody. */
static enum status route_anew(const struct edition *edition, struct state *state, struct reader *reader,
                              uint64_t record, const char *submitter, const struct record *order,
                              struct arena *scratch, struct decision *decision) {
    struct record rec;
    struct metadata metadata;
    const char *subject;
    enum status status = subject_of(state, reader, record, scratch, &subject);
    if (status == STATUS_OK) {
        status = reader_get(reader, record, scratch, &rec);
    }
    if (status == STATUS_OK && (rec.kind != RECORD_MESSAGE || !metadata_read(rec.meta, scratch, &metadata))) {
        status = STATUS_DAMAGED;
    }
    if (status != STATUS_OK) {
        return status;
    }
    bool routed = decide_routes(edition, state, &rec, &metadata, submitter, NULL, scratch, decision);
    if (!routed || !*decision->answer_code) {
        refuse(edition, decision, "UNROUTED", "按现行路由，该报文仍无接收方",
               "no route of today takes this message, either");
        return STATUS_OK;
    }
    decision->result = RESULT_DONE;
    decision->released = record;
    decision_subject(decision, subject);
    quarantine_release(decision, record, order->stamp);
    return STATUS_OK;
}

/* --- any order ------------------------------------------------------------------------------------------ */

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
    const char *submitter, *kept = quarantine_state(state, order.record, scratch, &submitter);
    const char *stands = held_state(state, order.record, scratch);
    if (strcmp(kept, "quarantined") == 0) {
        return route_anew(edition, state, reader, order.record, submitter, rec, scratch, decision);
    }
    if (strcmp(stands, "held") != 0) {
        refuse_release(edition, order.record, *stands || *kept, scratch, decision);
        return STATUS_OK;
    }
    return release(edition, state, reader, order.record, rec, scratch, decision, metadata);
}
