/*
 * engine.h - the only place that knows other messages: a deterministic state machine over the journal.
 *
 * It follows the durable records in order. For a cause (passed message, tick, set-up, order) it decides,
 * submits the decision as a record of its own and applies it; for a delivery result it applies it. A batch
 * of records is one transaction of state.db, committed only after the decisions in it are durable; within
 * it decisions are submitted without waiting, and each sees what those before it moved.
 * Before it does anything by state.db it reads all of it once (audit.h), while messages are taken; its
 * position is 0 so long. Afterwards the audit goes on beside it.
 * After a crash the causes above its position whose decisions stand in the journal get those, then it goes
 * on deciding behind the last one: every cause gets exactly one decision. Without a state.db, or with one
 * that is damaged or that the disk does not give at a start (put aside as state.db.damaged), that is how
 * state.db is made anew.
 * A cause on which deciding fails (the process crashed twice or died five times while on it, attempts.h, or
 * its decision is larger than a record may be) is decided `held` and shown until an operator releases it
 * (parts/held.h): no crash loop.
 *
 * Another edition (engine_announce()) decides from the record of its set-up on, and what stands before that
 * record is decided by the old one. It halts there until those who act on its decisions have changed too.
 * After a crash what was not decided yet is decided by the edition of that start, whose record then stands
 * before those decisions.
 *
 * Time is data: when a timer is due by the house's time (journal_clock()) a tick is recorded, and is a cause
 * like any other. While the wall clock is doubted there are none: deadlines can wait, and cannot be taken
 * back.
 *
 * Fails     when state.db has no space, or is held by another for too long, the batch is taken back, the
 *           owner is told (held_up), and it is tried again until it goes on. When it cannot be written:
 *           on_failure(status); the owner exits, the journal stays whole.
 * Thread    one of its own, from engine_start() to engine_stop().
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/status.h"
#include "edition/edition.h"
#include "journal/journal.h"
#include "journal/reader.h"
#include "engine/decision.h"
#include "engine/payload.h"
#include "engine/state.h"

struct engine;
struct routing_listener;

/* A decision that is durable and committed, and what it sends: the payloads of its cause and of the decision
 * itself, as far as they are at hand (NULL: in the journal). Borrowed for the call. */
struct engine_decided {
    uint64_t cause, number;
    const struct decision *decision;
    const struct payload *message, *answer;
};

struct engine_options {
    const char *directory;
    struct journal *journal;       /* must be open until engine_stop() */
    const struct edition *edition; /* in force at the start: the engine holds the one that is */
    uint64_t audit_rows_s;         /* of state.db, checked while it runs; 0: none */
    stamp answer_alarm; /* how long an answer may wait unlinked before the log warns; 0: for ever */
    /* For each decision made now, once it is durable and committed: who waits for it. Not for those that
     * stood in the journal before the start. Engine thread. */
    void (*decided)(const struct engine_decided *decided, void *context);
    /* After a batch is committed: records up to `position`, and what was decided about them, can be
     * seen in state.db. all_told: decided() was told of each decision since the call before. Engine
     * thread. */
    void (*advanced)(uint64_t position, bool all_told, void *context);
    /* It stands before the record of the edition that was announced: all before it is decided, by the old
     * one, and committed. It goes on with engine_change(). Engine thread. */
    void (*before_change)(void *context);
    /* FULL, LOCKED: it waits for the world and tries again. OK: it goes on. May be NULL. Engine thread. */
    void (*held_up)(enum status status, void *context);
    void (*on_failure)(enum status status, void *context);
    /* state.db was found damaged, and nothing more is decided: nothing is to be answered from it, and it is
     * to be put aside (state_put_aside()) and made again by the next engine. The engine's threads, twice
     * perhaps. NULL: on_failure. */
    void (*on_damage)(void *context);
    void *context;
    struct explanation *why; /* of engine_start(), where state.db is to blame; NULL: nobody asks */
};

/* What the engine itself asks of an edition. Mistakes: LINT-PART: it is about a family that the catalog does
 * not have. LINT-TERM: it counts by a term that schemas/terms does not have. */
void engine_check(const struct edition *edition, struct verdict *mistakes);

/* Records the edition when it is new. Returns soon: the thread catches up. FULL: there is no space for
 * state.db now. IO, DAMAGED: nor can a new one be made. */
enum status engine_start(const struct engine_options *options, struct engine **out);
void engine_stop(struct engine *engine); /* finishes the batch in hand; not from its own thread */
/* Another edition, before its set-up record is appended (setups_record()): from there on it decides by
 * this one. One at a time. Any thread, as the next two. */
void engine_announce(struct engine *engine, const struct edition *edition);
void engine_withdraw(struct engine *engine); /* nothing was appended */
/* Whoever sends what it decides knows the new edition now: it may go on. */
void engine_change(struct engine *engine);
void engine_halt(struct engine *engine); /* decides nothing more from the next batch on; any thread */
uint64_t engine_position(const struct engine *engine); /* last record applied and committed; any thread */
/* The last record of before the start. From the moment the position has reached it state.db knows all that
 * the last life knew, and who reads there may begin. */
uint64_t engine_mark(const struct engine *engine);
uint64_t engine_behind(const struct engine *engine); /* records from the position to the mark; any thread */
/* How often it has looked whether a timer is due. A clock that is turned between two readings, of which the
 * second is larger by 2, has been seen; any thread. */
uint64_t engine_looks(const struct engine *engine);

/* Decides one cause without recording or applying it: for recheck. reader: for the record that an order
 * names. The status is the state's, or why a record cannot be read. */
enum status engine_decide(const struct edition *edition, struct state *state, struct reader *reader,
                          const struct record *rec, struct arena *arena, struct decision *decision);

/* The routes alone, of the message in this record: adds destinations to a decision fresh from
 * decision_init(), whose result may say that it is refused. For who wants to know why (engine/routing.h).
 * state NULL: nothing is known of other messages. submitter: whose goods it is about, or "". NOT_FOUND: it is
 * no message. */
enum status engine_route(const struct edition *edition, struct state *state, const struct record *rec,
                         const char *submitter, const struct routing_listener *listener, struct arena *arena,
                         struct decision *decision);

#endif
