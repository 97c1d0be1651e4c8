/*
 * transfers.c - the way of one transfer: READY in its queue → its decision confirmed → its payload at hand →
 * send() → done(), or its time is over → settled in its queue → its outcome on the way into the journal.
 */
#include "deliver/transfers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "deliver/port.h"

#define BYTES_MAX   ((size_t)64 << 20) /* of all deliveries in flight */
#define BYTES_SHARE ((size_t)4 << 20)  /* of one destination, beyond its first */
#define TURN_MAX    64 /* sent to one destination in a turn: the next finds its payloads there */

struct transfers {
    struct transfers_options options;
    size_t count, bytes;
    bool halted;
};

/* One delivery in a transport's hands. */
struct transfer {
    struct delivery delivery; /* first: done() finds its transfer */
    struct transfers *transfers;
    const struct edition *edition; /* held: of its party */
    const struct port *port;       /* that has it */
    struct delivery_queue *queue;
    struct pending *pending;
    const struct payload *payload; /* NULL: the record cannot be read */
    char id[];
};

struct transfers *transfers_new(const struct transfers_options *options) {
    require(options->loop && options->payloads && options->recipients && options->results);
    require(options->timeout_ms > 0 && options->settled && options->on_doubt);
    struct transfers *transfers = memory_new(sizeof(*transfers));
    transfers->options = *options;
    return transfers;
}

void transfers_free(struct transfers *transfers) {
    if (transfers) {
        require(transfers->count == 0 && transfers->bytes == 0);
        free(transfers);
    }
}

void transfers_limit(struct transfers *transfers, int timeout_ms) {
    require(timeout_ms > 0);
    transfers->options.timeout_ms = timeout_ms;
}

size_t transfers_count(const struct transfers *transfers) {
    return transfers->count;
}

void transfers_halt(struct transfers *transfers) {
    transfers->halted = true;
}

bool transfers_halted(const struct transfers *transfers) {
    return transfers->halted;
}

/* --- rows are not believed --------------------------------------------------------------------------- */

/* False: the decision that the row names does not say so. Then no row is relied on any more, nor is anything
 * recorded about this one, which may be true of another delivery. *status: why the journal does not tell. */
static bool is_decided(struct transfers *transfers, const struct delivery_queue *queue,
                       const struct pending *pending, enum status *status) {
    struct recipient row = { .decision = pending->decision,
                             .record = pending->record,
                             .party = queue->name,
                             .route = pending->route,
                             .subject = pending->subject,
                             .way = queue->way,
                             .file = pending->file };
    *status = recipients_confirm(transfers->options.recipients, &row);
    if (*status != STATUS_CONFLICT) {
        return true;
    }
    transfers->halted = true;
    transfers->options.on_doubt(transfers->options.context, pending->record);
    return false;
}

/* --- what came of it --------------------------------------------------------------------------------- */

/* The transfer is over, and is freed by the caller. */
static void settle(struct transfer *transfer, enum status status, enum delivery_reason reason,
                   const char *words) {
    struct transfers *transfers = transfer->transfers;
    struct delivery_queue *queue = transfer->queue;
    struct pending *pending = transfer->pending;
    int64_t now_ms = loop_now_ms(transfers->options.loop);
    char kept[DELIVERY_WORDS_MAX];
    delivery_cut_words(status == STATUS_OK ? "" : words, kept);
    if (status == STATUS_OK || reason == DELIVERY_REASON_NONE) {
        reason = delivery_reason_of(status);
    }
    pending->transfer = NULL;
    queue->reason = reason;
    delivery_queue_settle(queue, pending, status, now_ms);
    if (pending->outcome == DELIVERY_PARKED && !pending->dropped && transfer->payload
        && transfer->port->parked) { /* the queue's may be another since, or none */
        transfer->port->parked(transfer->port->context, &transfer->delivery, reason, kept);
    }
    if (pending->dropped && pending->outcome != DELIVERY_DELIVERED) {
        pending->result = PENDING_NO_RESULT; /* the operator's word stands; it goes when that is applied */
    } else {
        results_record(transfers->options.results, queue, pending, reason, kept, now_ms);
    }
    transfers->options.settled(transfers->options.context, queue);
}

/* --- in flight ----------------------------------------------------------------------------------------- */

static void transfer_free(struct transfer *transfer) {
    transfer->transfers->bytes -= transfer->delivery.data.length;
    transfer->queue->bytes -= transfer->delivery.data.length;
    transfer->transfers->count--;
    payload_give_back(transfer->payload);
    edition_release(transfer->edition);
    free(transfer);
}

static void transfer_done(struct delivery *delivery, enum status status, enum delivery_reason reason,
                          const char *words) {
    struct transfer *transfer = (struct transfer *)delivery;
    require(transfer->pending->transfer == transfer);
    settle(transfer, status, reason, words);
    transfer_free(transfer); /* after settle(): the words may be a text of the delivery */
}

static struct transfer *transfer_new(struct transfers *transfers, struct delivery_queue *queue,
                                     struct pending *pending, const struct edition *edition) {
    size_t id_size = sizeof("18446744073709551615/") + strlen(queue->name);
    struct transfer *transfer = memory_new(sizeof(*transfer) + id_size);
    snprintf(transfer->id, id_size, "%" PRIu64 "/%s", pending->record, queue->name);
    transfer->transfers = transfers;
    transfer->edition = edition_take(edition);
    transfer->port = queue->port;
    transfer->queue = queue;
    transfer->pending = pending;
    transfer->delivery = (struct delivery){
        .id = transfer->id,
        .record = pending->record,
        .party = queue->party,
        .subject = pending->subject,
        .route = pending->route,
        .way = queue->way,
        .file = pending->file,
        .attempt = pending->attempts,
        .redelivered = pending->redelivered,
        .done = transfer_done,
    };
    transfers->count++;
    pending->transfer = transfer;
    pending->edition = transfer->edition->digest;
    return transfer;
}

static enum status fill(struct transfer *transfer) {
    struct transfers *transfers = transfer->transfers;
    struct delivery *delivery = &transfer->delivery;
    enum status status = payloads_take(transfers->options.payloads, delivery->record, &transfer->payload);
    if (status != STATUS_OK) {
        return status;
    }
    const struct payload *payload = transfer->payload;
    delivery->data = payload->data;
    delivery->digest = payload->digest;
    delivery->recorded = payload->recorded;
    delivery->sender = payload->sender;
    delivery->trace = payload->trace;
    delivery->about = payload->about;
    delivery->result = payload->result;
    delivery->family = payload->family;
    delivery->format = payload->format ? payload->format : payload->family;
    transfers->bytes += payload->data.length;
    transfer->queue->bytes += payload->data.length;
    return STATUS_OK;
}

static void send_one(struct transfers *transfers, struct delivery_queue *queue, struct pending *pending,
                     const struct edition *edition, int64_t now_ms) {
    enum status status;
    if (!is_decided(transfers, queue, pending, &status)) {
        return;
    }
    int64_t due_ms = queue->port->keeps_time ? DELIVERY_NEVER : now_ms + transfers->options.timeout_ms;
    delivery_queue_sent(queue, pending, due_ms);
    struct transfer *transfer = transfer_new(transfers, queue, pending, edition);
    if (status == STATUS_OK) {
        status = fill(transfer);
    }
    if (status == STATUS_OK) {
        transfer->port->send(transfer->port->context, &transfer->delivery);
    } else {
        log_event_bounded(LOG_ERROR, EVENT_DISPATCH_RECORD_UNREADABLE, LOG_INT("record", pending->record),
                          LOG_STRING("status", status_name(status)), LOG_END);
        /* It is this one that fails: what the disk says of its record says nothing of where it goes. */
        transfer_done(&transfer->delivery, status_retry(status) == RETRY_LATER ? STATUS_BUSY : status,
                      DELIVERY_REASON_UNREADABLE, "");
    }
}

/* Half of the memory is kept for destinations that have nothing in flight, so that big and slow ones leave
   room. */
static bool has_memory(const struct transfers *transfers, const struct delivery_queue *queue) {
    return queue->in_flight == 0 ? transfers->bytes < BYTES_MAX
                                 : transfers->bytes < BYTES_MAX / 2 && queue->bytes < BYTES_SHARE;
}

static size_t room_of(const struct delivery_queue *queue) {
    return queue->port->room ? queue->port->room(queue->port->context, queue->party) : SIZE_MAX;
}

bool transfers_send(struct transfers *transfers, struct delivery_queue *queue, const struct edition *edition,
                    int64_t now_ms) {
    size_t from = 0, count = 0;
    struct pending *pending;
    require(queue->port && edition);
    require(queue->in_flight <= transfers->count && queue->bytes <= transfers->bytes);
    while ((queue->starved = !has_memory(transfers, queue)) == false && room_of(queue) > 0
           && !transfers->halted && (pending = delivery_queue_next(queue, now_ms, &from))) {
        if (count++ == TURN_MAX) {
            return false;
        }
        send_one(transfers, queue, pending, edition, now_ms);
    }
    return true;
}

void transfers_park(struct transfers *transfers, struct delivery_queue *queue, const struct edition *edition,
                    enum delivery_reason reason, int64_t now_ms) {
    enum status status;
    require(edition && reason != DELIVERY_REASON_NONE);
    for (size_t i = 0; i < queue->count && !transfers->halted; i++) {
        struct pending *pending = queue->pending[i];
        if (pending->state == PENDING_READY && !pending->dropped
            && is_decided(transfers, queue, pending, &status)) {
            delivery_queue_park(queue, pending);
            pending->edition = edition->digest;
            results_record(transfers->options.results, queue, pending, reason, "", now_ms);
        }
    }
}

void transfers_give_up(struct transfers *transfers, struct delivery_queue *queue,
                       const struct edition *edition, int64_t now_ms) {
    enum status status;
    require(edition);
    for (size_t i = 0; queue->failures > 0 && i < queue->count && !transfers->halted; i++) {
        struct pending *pending = queue->pending[i];
        if (delivery_queue_gives_up(queue, pending, now_ms)
            && is_decided(transfers, queue, pending, &status)) {
            delivery_queue_park(queue, pending);
            pending->blocks = true;
            pending->edition = edition->digest;
            results_record(transfers->options.results, queue, pending, queue->reason, "", now_ms);
        }
    }
}

/* --- taken back -------------------------------------------------------------------------------------- */

static void take_back(struct transfer *transfer) {
    transfer->port->cancel(transfer->port->context, &transfer->delivery);
}

void transfers_expire(struct transfers *transfers, struct delivery_queue *queue, int64_t now_ms) {
    for (size_t i = 0; queue->in_flight > 0 && i < queue->count; i++) {
        struct pending *pending = queue->pending[i];
        if (pending->state == PENDING_IN_FLIGHT && pending->due_ms <= now_ms) {
            struct transfer *transfer = pending->transfer;
            require(transfer && transfer->transfers == transfers);
            take_back(transfer);
            settle(transfer, STATUS_TIMEOUT, DELIVERY_REASON_UNACKNOWLEDGED, "");
            transfer_free(transfer);
        }
    }
}

void transfers_cancel(struct transfers *transfers, struct delivery_queue *queue) {
    for (size_t i = 0; i < queue->count; i++) {
        struct pending *pending = queue->pending[i];
        struct transfer *transfer = pending->transfer;
        if (transfer) {
            require(transfer->transfers == transfers);
            take_back(transfer);
            pending->transfer = NULL;
            pending->due_ms = DELIVERY_NEVER;
            transfer_free(transfer);
        }
    }
}
