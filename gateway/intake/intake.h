/*
 * intake.h - bytes to receipt: the way of every message from any adapter.
 *
 *   adapter (loop thread) → intake_submit → bounded queue → a worker: check_message → entry →
 *   journal's sequencer: seen? number, stamp, append, sync → done: the record is durable →
 *   back on the loop thread: receipt, answered()
 *
 * Back-pressure: each party has a budget (budget.h), and the workers take the parties in turn. THROTTLED and
 * QUOTA say that this party is over its own (429); BUSY that there is no room for anybody, that the engine is
 * too far behind, or that the ids seen before cannot be asked just now (seen.h); FULL, CLOSED. The adapter
 * slows its sender (Retry-After, PROBLEM on ZeroMQ, files stay in the OutBox).
 * The workers' queue carries bytes in and verdict and fields out, so that workers can become processes.
 * Thread    intake_submit() and answered() on the loop thread.
 */
#ifndef INTAKE_INTAKE_H
#define INTAKE_INTAKE_H

#include "base/loop.h"
#include "base/status.h"
#include "message/metadata.h"
#include "message/receipt.h"
#include "check/check.h"
#include "journal/journal.h"
#include "intake/budget.h"

struct intake;

/* What a party's records of today come to, before the start. */
struct spent {
    const char *party;
    uint64_t accepted_bytes, refused_bytes;
};

struct intake_options {
    struct loop *loop;
    struct journal *journal;
    const char *directory;
    const struct judge *judge; /* in force at the start: intake holds the one that is */
    unsigned workers;          /* 0: 2 */
    struct budget_limits limits;
    stamp now;                 /* of the start: which day is today */
    const struct spent *spent; /* counting records up to spent_until; later ones of today are read here */
    size_t spent_count;
    uint64_t spent_until;
};

struct answer {
    enum status status; /* OK: recorded (or recorded before) and durable; else nothing is promised */
    bool repeated;      /* the first receipt again */
    uint64_t number;
    struct digest digest; /* of the bytes as they were submitted */
    enum outcome outcome;
    struct text receipt; /* receipt_json(); this and the two below are borrowed for the call */
    const struct metadata *metadata;
    const struct receipt_of *of;
};

enum status intake_start(const struct intake_options *options, struct intake **out);
void intake_stop(struct intake *intake); /* answers what is under way first; after loop_run() returned */
/* Copies bytes and envelope; env->received 0: now, by the house's time. party: of the channel; its row is
 * looked up anew in the edition that judges, and where it is gone or blocked the answer is DENIED. An answer
 * CONFLICT: other bytes came from env->origin before; nothing is recorded, and the adapter reads there no
 * more. answered() runs once on the loop thread, unless the call itself returns an error: THROTTLED, QUOTA,
 * BUSY, FULL, CLOSED, TOO_LARGE (for CHECK_BODY_MAX). */
enum status intake_submit(struct intake *intake, const struct envelope *env, const struct party *party,
                          struct text bytes, void (*answered)(const struct answer *answer, void *context),
                          void *context);
/* The same of bytes that stay where they are, unchanged, until answered() runs: they are not copied. */
enum status intake_submit_lent(struct intake *intake, const struct envelope *env, const struct party *party,
                               struct text bytes,
                               void (*answered)(const struct answer *answer, void *context), void *context);
/* What intake_submit() would say to this party now: before a body is read. */
enum status intake_admits(struct intake *intake, const struct party *party, stamp now);
/* Whether there is room for anybody, for /readyz. */
enum status intake_ready(const struct intake *intake);
size_t intake_under_way(const struct intake *intake); /* messages taken and not answered */
/* Another judge is in force from the record on that gets its place now: its set-up record. What is placed
 * behind it was judged by it; what another judged goes back to judging. On the sequencer's thread, between
 * two records (journal_append_told()). */
void intake_change(struct intake *intake, const struct judge *judge);
/* Other limits of one party (budget_limit()). */
void intake_limit(struct intake *intake, const struct budget_limits *limits);
/* FULL, LOCKED: the engine cannot go on for now, and nothing is taken until it is OK again. Any thread. */
void intake_note_held_up(struct intake *intake, enum status status);
void intake_note_engine(struct intake *intake, uint64_t position); /* any thread */

#endif
