/*
 * results.c - an outcome's way: record → offered to the journal → taken → durable → back on the loop thread;
 * or not taken → into the line of those that wait → offered again.
 */
#include "deliver/results.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "engine/delivery.h"

#define META_MAX    (16 * 1024)
#define AGAIN_MS    1000
#define MILLISECOND INT64_C(1000000) /* in a stamp */

struct waiting_result {
    struct entry entry;
    struct buf meta;
    struct results *results;
    struct delivery_queue *queue;
    struct pending *pending;
    enum status status;
    struct waiting_result *next; /* of those that wait */
};

struct results {
    struct results_options options;
    size_t count;
    struct waiting_result *waiting, **last; /* not taken by the journal, oldest first */
    int64_t again_ms;
};

static const enum counter counter_of_outcome[] = {
    [DELIVERY_DELIVERED] = COUNTER_DELIVERED,
    [DELIVERY_DEFERRED] = COUNTER_DEFERRED,
    [DELIVERY_PARKED] = COUNTER_PARKED,
};

struct results *results_new(const struct results_options *options) {
    require(options->loop && options->journal && options->recorded);
    struct results *results = memory_new(sizeof(*results));
    results->options = *options;
    results->last = &results->waiting;
    return results;
}

void results_free(struct results *results) {
    if (results) {
        require(results->count == 0);
        free(results);
    }
}

static void result_free(struct waiting_result *result) {
    result->results->count--;
    buf_release(&result->meta);
    free(result);
}

static void wait_in_line(struct waiting_result *result) {
    struct results *results = result->results;
    result->next = NULL;
    *results->last = result;
    results->last = &result->next;
    results->again_ms = loop_now_ms(results->options.loop) + AGAIN_MS;
}

/* The record is durable, or the journal did not take it. */
static void come_back(void *context) {
    struct waiting_result *result = context;
    struct results *results = result->results;
    struct delivery_queue *queue = NULL;
    if (result->status == STATUS_BUSY || result->status == STATUS_FULL) {
        wait_in_line(result);
    } else {
        queue = result->queue;
        if (result->status == STATUS_OK) {
            result->pending->result = result->entry.rec.number;
        } else { /* the journal has failed, the process ends: the delivery stays as it is */
            log_event(LOG_ERROR, EVENT_DISPATCH_RESULT_NOT_RECORDED,
                      LOG_STRING("status", status_name(result->status)), LOG_END);
        }
        result_free(result);
    }
    results->options.recorded(results->options.context, queue);
}

/* Sequencer thread. */
static void durable(struct entry *entry, enum status status, void *context) {
    struct waiting_result *result = context;
    result->status = status;
    loop_post(result->results->options.loop, come_back, result);
}

/* Never waits: a full journal would hold up every socket of the loop. */
static void offer(struct waiting_result *result) {
    enum status status = journal_try_submit(result->results->options.journal, &result->entry);
    if (status != STATUS_OK) { /* else it is the sequencer's until it comes back */
        result->status = status;
        come_back(result);
    }
}

void results_record(struct results *results, struct delivery_queue *queue, struct pending *pending,
                    enum delivery_reason reason, const char *words, int64_t now_ms) {
    require(pending->state == PENDING_SETTLED && pending->result == 0);
    struct waiting_result *result = memory_new(sizeof(*result));
    struct delivery_result said = { .record = pending->record,
                                    .party = queue->name,
                                    .outcome = pending->outcome,
                                    .attempt = pending->attempts,
                                    .reason = reason,
                                    .words = words,
                                    .edition = pending->edition };
    if (pending->outcome == DELIVERY_DEFERRED) {
        stamp now = clock_now(journal_clock(results->options.journal));
        said.next = now + (pending->due_ms - now_ms) * MILLISECOND;
    }
    buf_init(&result->meta, META_MAX);
    delivery_write(&said, &result->meta);
    require(!buf_failed(&result->meta));
    result->results = results;
    result->queue = queue;
    result->pending = pending;
    result->entry = (struct entry){ .rec = { .kind = RECORD_DELIVERY, .meta = buf_text(&result->meta) },
                                    .reserve = true,
                                    .done = durable,
                                    .context = result };
    counter_add(counter_of_outcome[pending->outcome], 1);
    if (pending->outcome != DELIVERY_DELIVERED) {
        bool parked = pending->outcome == DELIVERY_PARKED;
        log_event(parked ? LOG_WARN : LOG_INFO, parked ? EVENT_DISPATCH_PARKED : EVENT_DISPATCH_DEFERRED,
                  LOG_INT("record", pending->record), LOG_STRING("party", queue->name),
                  LOG_INT("attempt", pending->attempts), LOG_STRING("reason", delivery_reason_code(reason)),
                  LOG_STRING("words", words), LOG_END);
    }
    results->count++;
    offer(result);
}

size_t results_count(const struct results *results) {
    return results->count;
}

int64_t results_due_ms(const struct results *results) {
    return results->waiting ? results->again_ms : DELIVERY_NEVER;
}

/* Takes the line away, so that what is refused anew waits in a new one. */
static struct waiting_result *take_line(struct results *results) {
    struct waiting_result *first = results->waiting;
    results->waiting = NULL;
    results->last = &results->waiting;
    return first;
}

void results_offer(struct results *results, int64_t now_ms) {
    require(results->count > 0 || !results->waiting);
    if (now_ms < results_due_ms(results)) {
        return;
    }
    for (struct waiting_result *result = take_line(results), *next; result; result = next) {
        next = result->next;
        offer(result);
    }
}

void results_forget(struct results *results) {
    require(results->count > 0 || !results->waiting);
    for (struct waiting_result *result = take_line(results), *next; result; result = next) {
        next = result->next;
        result_free(result);
    }
}
