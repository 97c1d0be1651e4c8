/*
 * engine_inside.h - what the files of the engine share: engine.c (start and stop, the thread, timers, what
 * goes wrong), engine_batch.c (a batch of records becomes facts) and engine_change.c (another edition). No
 * other file includes it.
 */
#ifndef ENGINE_ENGINE_INSIDE_H
#define ENGINE_ENGINE_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/buf.h"
#include "engine/apply.h"
#include "engine/attempts.h"
#include "engine/audit.h"
#include "engine/decision_reader.h"
#include "engine/engine.h"

#define ENGINE_IDLE_MS 100 /* how long a stop or a due timer may go unnoticed */

struct taken { /* a decision on its way into the journal */
    struct entry entry;
    enum record_kind kind;  /* of its cause */
    struct message_row row; /* of a MESSAGE */
    struct decision decision;
    struct payload *message; /* what it sends of its cause; NULL: nothing, or too much to keep */
    struct taken *next;
};

struct engine {
    struct engine_options options;
    const struct edition *edition; /* in force for the record in hand; this thread's */
    bool halted, halt_told;        /* before the record of the announced one */
    struct state *state;
    struct reader *reader;
    struct decision_reader
        *earlier_decisions; /* decisions that stand in the journal already; NULL once all are applied */
    uint64_t earlier_to;    /* the last record where one may stand */
    uint64_t earlier;       /* the last record of before the start; what was set up stands behind it */
    enum status held_up;    /* FULL, LOCKED: the last try was in vain */
    struct attempts *attempts;
    struct audit *audit;
    pthread_t thread;
    _Atomic bool stopping;
    _Atomic uint64_t position;
    _Atomic uint64_t looks; /* for timers that are due */

    struct arena *batch, *scratch; /* of the decisions in hand; of one cause */
    struct buf meta, answer;
    struct taken *first, **last; /* in the order decided */
    bool damaged;                /* state.db is */
    uint64_t seen;               /* the last record read */
    bool open;                   /* a transaction is */
    bool rested;                 /* nothing came since it gave its memory back */
    size_t payload_bytes;        /* of the batch */
    bool owes_rows;              /* of messages decided in the batch */
    bool from_journal;           /* the batch has decisions that stood in the journal */

    pthread_mutex_t lock; /* of what follows: the sequencer tells */
    pthread_cond_t told;
    size_t under_way;
    enum status told_status;
    const struct edition *announced; /* NULL: none */
    uint64_t announced_at;           /* its record stands behind this one */
    bool may_change;

    uint64_t ticked;    /* the last tick recorded; no more until it is applied */
    int64_t watched_ms; /* when answers that wait were looked at */
    uint64_t warned;    /* the last one the log warned of */
    uint64_t unrouted;  /* the last quarantined one that the log told of */
};

/* --- engine_batch.c: on the engine's thread ------------------------------------------------------------ */

/* Reads records, decides, and commits what is durable. Not OK: all of it is taken back. */
enum status engine_run_batch(struct engine *engine);
/* The decisions that stood in the journal are all applied: behind the last of them all is new. */
void engine_end_earlier(struct engine *engine);
/* Everybody who waits hears how far it is. all_told: of each decision up to there, too. */
void engine_tell_all(struct engine *engine, bool all_told);
enum status engine_count_held(struct engine *engine);

/* --- engine_change.c: on the engine's thread ----------------------------------------------------------- */

/* True: this record waits until those who act on decisions have changed. False: it is in hand, and `edition`
 * is the one in force from it on. */
bool engine_waits_for_change(struct engine *engine, const struct record *rec);
/* All before the record is committed. A stop is noticed, too. */
void engine_wait_for_change(struct engine *engine);

#endif
