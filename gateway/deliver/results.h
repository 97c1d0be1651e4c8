/*
 * results.h - what became of attempts, on its way into the journal. The outcomes of a turn of dispatch, of
 * all destinations, are one DELIVERY record (engine/delivery.h): what a record costs, here, in the journal
 * and in the engine, is spent once for them all.
 *
 * A record that the journal does not take at once (its queue is full, the disk is nearly full) waits here
 * and is offered again every second, in the order it came. Nothing here waits for the journal: who calls is
 * the loop thread.
 * Memory    some hundred bytes for each outcome not yet durable, of which each destination has at most its
 *           window.
 * Thread    the loop thread.
 */
#ifndef DELIVER_RESULTS_H
#define DELIVER_RESULTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "journal/journal.h"
#include "deliver/delivery_queue.h"

struct results;

struct results_options {
    struct loop *loop;
    struct journal *journal;
    /* The outcome is durable (pending->result is its number), or will never be: the journal has failed.
     * queue NULL: some were not taken; results_due_ms() says when to offer them again. */
    void (*recorded)(void *context, struct delivery_queue *queue);
    void *context;
};

struct results *results_new(const struct results_options *options);
void results_free(struct results *results); /* none is waited for */
/* The delivery is SETTLED. It is gathered: the owner flushes before anything else of this turn may be
 * recorded. words: the receiver's, or ""; borrowed for the call. */
void results_record(struct results *results, struct delivery_queue *queue, struct pending *pending,
                    enum delivery_reason reason, const char *words, int64_t now_ms);
void results_flush(struct results *results);           /* what was gathered goes to the journal */
size_t results_count(const struct results *results);   /* not durable yet */
int64_t results_due_ms(const struct results *results); /* when to call results_offer(); DELIVERY_NEVER */
void results_offer(struct results *results, int64_t now_ms);
/* Forgets those that the journal has not taken: their rows still wait and are sent again after a restart. */
void results_forget(struct results *results);

#endif
