/*
 * results.c - an outcome's way: gathered with the others of its turn → their record → offered to the journal
 * → taken → durable → back on the loop thread; or not taken → into the line of those that wait → offered
 * again.
 */
#include "deliver/results.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/counters.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "engine/delivery.h"

#define META_MAX    (512 * 1024) /* DELIVERY_RESULTS_MAX results, each character of their words escaped */
#define AGAIN_MS    1000
#define MILLISECOND INT64_C(1000000) /* in a stamp */

/* One record of outcomes. */
struct result_record {
    struct entry entry;
    struct buf meta;
    struct json_out out; /* open while it gathers */
    struct digest edition;
    struct results *results;
    enum status status;
    struct result_record *next; /* of those that wait */
    size_t count;
    struct outcome {
        struct delivery_queue *queue;
        struct pending *pending;
    } outcomes[DELIVERY_RESULTS_MAX];
};

struct results {
    struct results_options options;
    size_t count;                          /* of outcomes */
    struct result_record *gathering;       /* NULL: nothing was gathered */
    struct result_record *waiting, **last; /* not taken by the journal, oldest first */
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

static void record_free(struct result_record *record) {
    record->results->count -= record->count;
    buf_release(&record->meta);
    free(record);
}

static void wait_in_line(struct result_record *record) {
    struct results *results = record->results;
    record->next = NULL;
    *results->last = record;
    results->last = &record->next;
    results->again_ms = loop_now_ms(results->options.loop) + AGAIN_MS;
}

/* Durable; or the journal has failed, and the process ends: then the deliveries stay as they are. */
static void tell(struct result_record *record) {
    const struct results_options *options = &record->results->options;
    if (record->status != STATUS_OK) {
        log_event(LOG_ERROR, EVENT_DISPATCH_RESULT_NOT_RECORDED,
                  LOG_STRING("status", status_name(record->status)), LOG_END);
    }
    for (size_t i = 0; i < record->count; i++) {
        const struct outcome *outcome = &record->outcomes[i];
        if (record->status == STATUS_OK) {
            outcome->pending->result = record->entry.rec.number;
        }
        options->recorded(options->context, outcome->queue);
    }
    record_free(record);
}

/* The record is durable, or the journal did not take it. */
static void come_back(void *context) {
    struct result_record *record = context;
    if (record->status == STATUS_BUSY || record->status == STATUS_FULL) {
        const struct results_options *options = &record->results->options;
        wait_in_line(record);
        options->recorded(options->context, NULL);
    } else {
        tell(record);
    }
}

/* Sequencer thread. */
static void durable(struct entry *entry, enum status status, void *context) {
    struct result_record *record = context;
    record->status = status;
    loop_post(record->results->options.loop, come_back, record);
}

/* Never waits: a full journal would hold up every socket of the loop. */
static void offer(struct result_record *record) {
    enum status status = journal_try_submit(record->results->options.journal, &record->entry);
    if (status != STATUS_OK) { /* else it is the sequencer's until it comes back */
        record->status = status;
        come_back(record);
    }
}

void results_flush(struct results *results) {
    struct result_record *record = results->gathering;
    if (record) {
        results->gathering = NULL;
        delivery_write_end(&record->out);
        require(!buf_failed(&record->meta));
        record->entry.rec.meta = buf_text(&record->meta);
        offer(record);
    }
}

/* The one that gathers, with a place for an outcome by this edition. */
static struct result_record *gathering(struct results *results, const struct digest *edition) {
    struct result_record *record = results->gathering;
    if (record && (record->count == DELIVERY_RESULTS_MAX || !digest_equal(&record->edition, edition))) {
        results_flush(results);
        record = NULL;
    }
    if (!record) {
        record = results->gathering = memory_new(sizeof(*record));
        record->results = results;
        record->edition = *edition;
        record->entry = (struct entry){
            .rec = { .kind = RECORD_DELIVERY }, .reserve = true, .done = durable, .context = record
        };
        buf_init(&record->meta, META_MAX);
        delivery_write_begin(&record->out, &record->meta, edition);
    }
    return record;
}

static void log_failure(const struct pending *pending, const char *party, enum delivery_reason reason,
                        const char *words) {
    bool parked = pending->outcome == DELIVERY_PARKED;
    log_event(parked ? LOG_WARN : LOG_INFO, parked ? EVENT_DISPATCH_PARKED : EVENT_DISPATCH_DEFERRED,
              LOG_INT("record", pending->record), LOG_STRING("party", party),
              LOG_INT("attempt", pending->attempts), LOG_STRING("reason", delivery_reason_code(reason)),
              LOG_STRING("words", words), LOG_END);
}

void results_record(struct results *results, struct delivery_queue *queue, struct pending *pending,
                    enum delivery_reason reason, const char *words, int64_t now_ms) {
    require(pending->state == PENDING_SETTLED && pending->result == 0);
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
    counter_add(counter_of_outcome[pending->outcome], 1);
    if (pending->outcome != DELIVERY_DELIVERED) {
        log_failure(pending, queue->name, reason, words);
    }
    struct result_record *record = gathering(results, &pending->edition);
    delivery_write_result(&record->out, &said);
    record->outcomes[record->count++] = (struct outcome){ queue, pending };
    results->count++;
}

size_t results_count(const struct results *results) {
    return results->count;
}

int64_t results_due_ms(const struct results *results) {
    return results->waiting ? results->again_ms : DELIVERY_NEVER;
}

/* Takes the line away, so that what is refused anew waits in a new one. */
static struct result_record *take_line(struct results *results) {
    struct result_record *first = results->waiting;
    results->waiting = NULL;
    results->last = &results->waiting;
    return first;
}

void results_offer(struct results *results, int64_t now_ms) {
    require(results->count > 0 || !results->waiting);
    if (now_ms < results_due_ms(results)) {
        return;
    }
    for (struct result_record *record = take_line(results), *next; record; record = next) {
        next = record->next;
        offer(record);
    }
}

void results_forget(struct results *results) {
    require(results->count > 0 || !results->waiting);
    results_flush(results);
    for (struct result_record *record = take_line(results), *next; record; record = next) {
        next = record->next;
        record_free(record);
    }
}
