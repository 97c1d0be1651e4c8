/*
 * dispatch.c - one delivery's way:
 *
 *   row `waiting` in state.db → pending in its destination's queue → in flight: the record's bytes, handed
 *   to the port → done() → DELIVERY record of the turn (results.h) → durable → applied by the engine
 *   (position) → gone from the queue
 *
 * The queues of all destinations stand in delivery_queues.h, delivery_rows.h reads rows into them,
 * transfers.h has what is in flight. This file says when: everything happens in turns. An event (done, a
 * record durable, the engine's advance, a port's word, a timer) marks its queue and asks for a turn; the
 * turn looks at marked queues and at those whose moment has come.
 */
#include "deliver/dispatch.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "journal/reader.h"
#include "engine/recipients.h"
#include "deliver/delivery_queues.h"
#include "deliver/delivery_rows.h"
#include "deliver/handover.h"
#include "deliver/orders.h"
#include "deliver/payloads.h"
#include "deliver/results.h"
#include "deliver/transfers.h"

#define STOP_MS      5000
#define SLEEP_MAX_MS 60000

#define GIVE_UP_MS   (3 * 24 * INT64_C(3600000))

#define LOOKED_NEVER UINT64_MAX /* no position: the first advance looks, even at 0 */

struct dispatch {
    struct loop *loop;
    struct delivery_limits limits;
    struct reader *reader;
    struct payloads *payloads;
    struct recipients *recipients;
    struct delivery_queues *queues;
    struct delivery_rows *rows;
    struct transfers *transfers;
    struct results *results;
    struct orders *orders;
    struct loop_timer *timer;
    bool turn_asked, started, stopping;
    bool returns_unknown; /* who can be served again is to be looked for */
    int64_t stop_ms;      /* stopping: then what is in flight is cancelled */
    uint64_t looked;      /* the position up to which new rows are known */
    struct handover handover;
    atomic_uint_fast64_t position;
    atomic_bool untold; /* what was decided up to there was not all handed over */
    atomic_bool advance_posted;
};

static void turn(void *context);

/* An event has marked its destination; several events share one turn. */
static void ask_for_turn(struct dispatch *dispatch, struct delivery_queue *queue) {
    if (queue) {
        queue->wake_ms = 0;
    }
    if (!dispatch->turn_asked) {
        dispatch->turn_asked = true;
        loop_timer_start(dispatch->timer, 0);
    }
}

/* --- new rows ---------------------------------------------------------------------------------------- */

static void follow(struct dispatch *dispatch, const struct recipient_list *list, int64_t now_ms) {
    const struct decision *decision = &list->decision;
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *to = &decision->destinations[i];
        if (!to->kept) {
            const char *const texts[PENDING_TEXTS] = { decision->subject, to->route, to->file };
            struct delivery_queue *queue = delivery_queues_take(dispatch->queues, to->party, to->way);
            delivery_queue_follow(queue, list->number, to->record ? to->record : list->number, texts, now_ms);
            queue->wake_ms = 0;
        }
    }
}

/* Their rows are committed: the queues follow, and what to send is at hand. False: there was more than could
 * be handed over. */
static bool take_handover(struct dispatch *dispatch, int64_t now_ms) {
    bool missed;
    for (struct handed *handed = handover_take(&dispatch->handover, &missed), *next; handed; handed = next) {
        next = handed->next;
        follow(dispatch, handed->recipients, now_ms);
        for (size_t i = 0; i < 2; i++) {
            if (handed->payloads[i]) {
                payloads_put(dispatch->payloads, handed->payloads[i]);
            }
        }
        recipients_remember(dispatch->recipients, handed->recipients);
        handed_free(handed);
    }
    return !missed;
}

/* What is parked because its party could not be served is looked for once in the life of an edition: nobody
 * is unblocked by anything else. Where not all was handed over the rows are read again from the first: a
 * queue may have followed past some. */
static void look_for_rows(struct dispatch *dispatch, int64_t now_ms) {
    bool first = dispatch->looked == LOOKED_NEVER;
    bool untold = atomic_exchange(&dispatch->untold, false); /* before what was told is taken */
    bool all = take_handover(dispatch, now_ms);
    if (dispatch->returns_unknown) {
        delivery_rows_look(dispatch->rows, DELIVERY_ROWS_RETURNING);
        dispatch->returns_unknown = false;
    }
    if (first || untold || !all) {
        delivery_rows_look(dispatch->rows, DELIVERY_ROWS_WAITING);
    }
}

/* --- turns ------------------------------------------------------------------------------------------- */

/* It can be served again. What was parked stands in the rows once the engine has applied it: only then they
 * are read again, from the first, so that nothing overtakes it. True: not yet. */
static bool is_still_returning(struct delivery_queue *queue) {
    if (queue->returning && queue->settled == 0) {
        queue->returning = false;
        delivery_queue_read_again(queue);
    }
    return queue->returning;
}

static void serve(struct dispatch *dispatch, struct delivery_queue *queue, uint64_t position,
                  int64_t now_ms) {
    bool all = true;
    delivery_queue_apply(queue, position);
    transfers_expire(dispatch->transfers, queue, now_ms);
    if (!dispatch->stopping && !transfers_halted(dispatch->transfers) && !is_still_returning(queue)) {
        const struct edition *edition = delivery_queues_edition(dispatch->queues);
        delivery_rows_refill(dispatch->rows, queue, now_ms);
        enum delivery_reason reason = delivery_queue_unservable(queue);
        if (reason != DELIVERY_REASON_NONE) {
            transfers_park(dispatch->transfers, queue, edition, reason, now_ms);
        } else {
            transfers_give_up(dispatch->transfers, queue, edition, now_ms);
            all = transfers_send(dispatch->transfers, queue, edition, now_ms);
        }
    }
    queue->wake_ms = delivery_queue_due_ms(queue, now_ms);
    if (!all) {
        ask_for_turn(dispatch, queue);
    }
}

static void sleep_until(struct dispatch *dispatch, int64_t wake_ms, int64_t now_ms) {
    int64_t offer_ms = results_due_ms(dispatch->results);
    wake_ms = offer_ms < wake_ms ? offer_ms : wake_ms;
    if (dispatch->stopping && dispatch->stop_ms < wake_ms) {
        wake_ms = dispatch->stop_ms;
    }
    if (!dispatch->turn_asked && wake_ms != DELIVERY_NEVER) {
        int64_t delay_ms = wake_ms > now_ms ? wake_ms - now_ms : 0;
        loop_timer_start(dispatch->timer, (int)(delay_ms < SLEEP_MAX_MS ? delay_ms : SLEEP_MAX_MS));
    }
}

static void wind_up(struct dispatch *dispatch, int64_t now_ms);

static void turn(void *context) {
    struct dispatch *dispatch = context;
    dispatch->turn_asked = false;
    int64_t now_ms = loop_now_ms(dispatch->loop), wake_ms = DELIVERY_NEVER;
    uint64_t position = atomic_load(&dispatch->position);
    bool advanced = dispatch->started && (position != dispatch->looked || dispatch->returns_unknown);
    results_offer(dispatch->results, now_ms);
    if (advanced) {
        orders_apply(dispatch->orders, position);
        look_for_rows(dispatch, now_ms);
        dispatch->looked = position;
    }
    for (size_t i = 0; i < delivery_queues_count(dispatch->queues); i++) {
        struct delivery_queue *queue = delivery_queues_at(dispatch->queues, i);
        if (queue->wake_ms <= now_ms || queue->starved || (advanced && queue->settled > 0)) {
            serve(dispatch, queue, position, now_ms);
        }
        wake_ms = queue->wake_ms < wake_ms ? queue->wake_ms : wake_ms;
    }
    results_flush(dispatch->results); /* of this turn, and of what ports said since the last */
    if (dispatch->stopping) {
        wind_up(dispatch, now_ms);
    }
    sleep_until(dispatch, wake_ms, now_ms);
}

/* --- what the parts tell ----------------------------------------------------------------------------- */

static void queue_opened(void *context) {
    ask_for_turn(context, NULL);
}

static void settled(void *context, struct delivery_queue *queue) {
    ask_for_turn(context, queue);
}

static void row_doubted(void *context, uint64_t record) {
    const struct dispatch *dispatch = context;
    delivery_rows_doubt(dispatch->rows, record);
}

/* An outcome is durable (or never will be), or some are to be offered again. */
static void result_recorded(void *context, struct delivery_queue *queue) {
    ask_for_turn(context, queue);
}

/* What the engine has looked at already is followed now: no advance need come. */
static void order_recorded(void *context, struct delivery_queue *queue) {
    struct dispatch *dispatch = context;
    orders_apply(dispatch->orders, dispatch_position(dispatch));
    ask_for_turn(dispatch, queue);
}

/* --- the owner's calls ------------------------------------------------------------------------------- */

static void free_parts(struct dispatch *dispatch) {
    transfers_free(dispatch->transfers);
    delivery_rows_close(dispatch->rows);
    delivery_queues_free(dispatch->queues);
    orders_free(dispatch->orders);
    results_free(dispatch->results);
    recipients_free(dispatch->recipients);
    payloads_free(dispatch->payloads);
    reader_free(dispatch->reader);
    free(dispatch);
}

static void set_limits(struct dispatch *dispatch, const struct dispatch_limits *limits) {
    dispatch->limits.attempts = limits->attempts ? limits->attempts : 12;
    dispatch->limits.retry_first_ms = limits->retry_first_ms ? limits->retry_first_ms : 1000;
    dispatch->limits.retry_max_ms = limits->retry_max_ms ? limits->retry_max_ms : 300000;
    dispatch->limits.give_up_ms = limits->give_up_ms ? limits->give_up_ms : GIVE_UP_MS;
}

static int timeout_of(const struct dispatch_limits *limits) {
    return limits->timeout_ms ? limits->timeout_ms : 30000;
}

void dispatch_limit(struct dispatch *dispatch, const struct dispatch_limits *limits) {
    set_limits(dispatch, limits);
    transfers_limit(dispatch->transfers, timeout_of(limits));
}

enum status dispatch_start(const struct dispatch_options *options, struct dispatch **out) {
    require(options->loop && options->journal && options->directory && options->edition);
    *out = NULL;
    struct dispatch *dispatch = memory_new(sizeof(*dispatch));
    dispatch->loop = options->loop;
    dispatch->limits.window = options->window ? options->window : 64;
    set_limits(dispatch, &options->limits);
    dispatch->queues = delivery_queues_new(&(struct delivery_queues_options){ .loop = options->loop,
                                                                              .limits = &dispatch->limits,
                                                                              .edition = options->edition,
                                                                              .opened = queue_opened,
                                                                              .context = dispatch });
    enum status status =
        delivery_rows_open(&(struct delivery_rows_options){ .directory = options->directory,
                                                            .clock = journal_clock(options->journal),
                                                            .queues = dispatch->queues,
                                                            .on_damage = options->on_damage,
                                                            .context = options->context },
                           &dispatch->rows);
    if (status != STATUS_OK) {
        free_parts(dispatch);
        return status;
    }
    dispatch->reader = reader_new(options->journal);
    dispatch->payloads = payloads_new(dispatch->reader);
    dispatch->recipients = recipients_new(dispatch->reader);
    dispatch->results = results_new(&(struct results_options){ .loop = options->loop,
                                                               .journal = options->journal,
                                                               .recorded = result_recorded,
                                                               .context = dispatch });
    dispatch->orders = orders_new(&(struct orders_options){ .loop = options->loop,
                                                            .journal = options->journal,
                                                            .recorded = order_recorded,
                                                            .context = dispatch });
    dispatch->transfers = transfers_new(&(struct transfers_options){
        .loop = options->loop,
        .payloads = dispatch->payloads,
        .recipients = dispatch->recipients,
        .results = dispatch->results,
        .timeout_ms = timeout_of(&options->limits),
        .settled = settled,
        .on_doubt = row_doubted,
        .context = dispatch,
    });
    dispatch->timer = loop_timer_new(options->loop, turn, dispatch);
    dispatch->looked = LOOKED_NEVER;
    dispatch->returns_unknown = true;
    handover_init(&dispatch->handover);
    *out = dispatch;
    return STATUS_OK;
}

void dispatch_add_port(struct dispatch *dispatch, const struct port *port) {
    require(!dispatch->started);
    delivery_queues_add_port(dispatch->queues, port);
}

void dispatch_change(struct dispatch *dispatch, const struct edition *edition) {
    require(!dispatch->stopping);
    delivery_queues_change(dispatch->queues, edition);
    dispatch->returns_unknown = true;
    ask_for_turn(dispatch, NULL);
}

static void advanced(void *context) {
    struct dispatch *dispatch = context;
    atomic_store(&dispatch->advance_posted, false); /* before the turn reads the position: none is missed */
    dispatch->started = true;
    ask_for_turn(dispatch, NULL);
}

void dispatch_decided(struct dispatch *dispatch, const struct engine_decided *decided) {
    handover_add(&dispatch->handover, decided);
}

void dispatch_advance(struct dispatch *dispatch, uint64_t position, bool all_told) {
    if (!all_told) {
        atomic_store(&dispatch->untold, true);
    }
    atomic_store(&dispatch->position, position);
    if (!atomic_exchange(&dispatch->advance_posted, true)) {
        loop_post(dispatch->loop, advanced, dispatch);
    }
}

uint64_t dispatch_position(const struct dispatch *dispatch) {
    return dispatch->looked == LOOKED_NEVER ? 0 : dispatch->looked;
}

size_t dispatch_under_way(const struct dispatch *dispatch) {
    return transfers_count(dispatch->transfers) + results_count(dispatch->results)
           + orders_count(dispatch->orders);
}

void dispatch_halt(struct dispatch *dispatch) {
    transfers_halt(dispatch->transfers);
}

/* --- orders ------------------------------------------------------------------------------------------ */

/* Acknowledged, though the row may not say so yet. */
static bool is_delivered(const struct pending *pending) {
    return pending && pending->state == PENDING_SETTLED && pending->outcome == DELIVERY_DELIVERED;
}

enum status dispatch_order(struct dispatch *dispatch, uint64_t record, const char *party,
                           enum delivery_outcome outcome, const char *words,
                           void (*done)(void *context, enum status status, uint64_t number), void *context) {
    require(party && done);
    require(outcome == DELIVERY_REDRIVEN || outcome == DELIVERY_DROPPED);
    struct delivery_queue *queue;
    bool delivered;
    enum status status = delivery_rows_find(dispatch->rows, record, party, &queue, &delivered);
    if (status != STATUS_OK) {
        return status;
    }
    delivered = delivered || is_delivered(delivery_queue_find(queue, record));
    if (delivered && outcome == DELIVERY_DROPPED) {
        return STATUS_CONFLICT;
    }
    if (delivered && (!words || !*words)) {
        return STATUS_BAD_INPUT;
    }
    char kept[DELIVERY_WORDS_MAX];
    delivery_cut_words(words, kept);
    struct delivery_result order = { .record = record,
                                     .party = party,
                                     .outcome = outcome,
                                     .reason = DELIVERY_REASON_OPERATOR,
                                     .words = kept,
                                     .edition = delivery_queues_edition(dispatch->queues)->digest };
    results_flush(dispatch->results); /* what came of it before the word stands before it */
    return orders_record(dispatch->orders, &order, queue, done, context);
}

/* --- stopping ---------------------------------------------------------------------------------------- */

static void cancel_all(struct dispatch *dispatch) {
    for (size_t i = 0; i < delivery_queues_count(dispatch->queues); i++) {
        transfers_cancel(dispatch->transfers, delivery_queues_at(dispatch->queues, i));
    }
}

static bool is_idle(const struct dispatch *dispatch) {
    return dispatch_under_way(dispatch) == 0 && !atomic_load(&dispatch->advance_posted);
}

static void wind_up(struct dispatch *dispatch, int64_t now_ms) {
    if (now_ms >= dispatch->stop_ms) {
        cancel_all(dispatch);
        results_forget(dispatch->results);
        dispatch->stop_ms = DELIVERY_NEVER; /* what the sequencer has is waited for: it always answers */
    }
    if (is_idle(dispatch)) {
        loop_stop(dispatch->loop);
    }
}

void dispatch_stop(struct dispatch *dispatch) {
    if (!dispatch) {
        return;
    }
    require(!dispatch->stopping);
    dispatch->stopping = true;
    dispatch->stop_ms = loop_now_ms(dispatch->loop) + STOP_MS;
    while (!is_idle(dispatch)) {
        ask_for_turn(dispatch, NULL);
        loop_run(dispatch->loop);
    }
    loop_timer_free(dispatch->timer);
    handover_release(&dispatch->handover);
    free_parts(dispatch);
}
