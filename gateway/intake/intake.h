/*
 * intake.h - bytes to receipt: the way of every message from any adapter.
 *
 *   adapter (loop thread) → intake_submit → bounded queue → a worker: check_message → entry →
 *   journal's sequencer: seen? number, stamp, append, sync → done: the record is durable →
 *   back on the loop thread: receipt, answered()
 *
 * Back-pressure: intake_submit says BUSY when its queue is full or the engine is too far behind, FULL, CLOSED;
 * the adapter slows its sender (503 and Retry-After, no ZeroMQ credit, files stay in the OutBox).
 * The workers' queue carries bytes in and verdict and fields out, so that workers can become processes.
 * Thread    intake_submit() and answered() on the loop thread.
 */
#ifndef INTAKE_INTAKE_H
#define INTAKE_INTAKE_H

#include "base/loop.h"
#include "base/status.h"
#include "check/check.h"
#include "journal/journal.h"
#include "message/facts.h"
#include "message/receipt.h"

struct intake;

struct intake_options {
    struct loop *loop;
    struct journal *journal;
    const char *directory;
    const struct setup *setup;
    const struct check *check;
    unsigned workers;                     /* 0: 2 */
    size_t queue_length;                  /* 0: 1024 messages */
    size_t bytes_max;                     /* bytes of messages under way; 0: 256 MiB */
    uint64_t lag_max;                     /* records the engine may be behind before BUSY; 0: 20000 */
};

struct answer {
    enum status status;                   /* OK: recorded (or recorded before) and durable; else nothing is promised */
    bool repeated;                        /* the first receipt again */
    uint64_t number;
    enum outcome outcome;
    struct text receipt;                  /* receipt_json(); this and the two below are borrowed for the call */
    const struct facts *facts;
    const struct receipt_of *of;
};

enum status intake_start(const struct intake_options *options, struct intake **out);
void        intake_stop(struct intake *intake);        /* answers what is under way first; after loop_run() returned */
/* Copies bytes and envelope. party: of the channel, borrowed until it is answered. answered() runs once on the loop
 * thread, unless the call itself returns an error: BUSY, FULL, CLOSED, TOO_LARGE (for CHECK_BODY_MAX). */
enum status intake_submit(struct intake *intake, const struct envelope *env, const struct party *party,
                          struct text bytes,
                          void (*answered)(const struct answer *answer, void *context), void *context);
/* What intake_submit() would say now: before a body is read, and for /readyz. */
enum status intake_ready(const struct intake *intake);
size_t      intake_under_way(const struct intake *intake);       /* messages taken and not answered */
void        intake_note_engine(struct intake *intake, uint64_t position);   /* any thread */

#endif
