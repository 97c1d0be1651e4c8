/*
 * engine.c - the thread that follows the journal.
 *
 * A batch:  read records (up to BATCH_RECORDS_MAX, or what there is)
 *           for each: its rows; for a cause: decide, submit the decision, apply what it moved
 *           wait until the last decision is durable: only now they are facts, and their numbers known
 *           apply the rest of them, commit, tell those who wait
 * Should the process die before the commit, state.db stands where it stood, and the decisions are found in
 * the journal or are not: decision_reader.h tells the two apart. The same when it cannot be committed for
 * want of space.
 */
#include "engine/engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/condition.h"
#include "base/counters.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "engine/apply.h"
#include "engine/attempts.h"
#include "engine/audit.h"
#include "engine/decide.h"
#include "engine/decision_reader.h"
#include "engine/orders.h"
#include "engine/part.h"
#include "engine/parts/answers.h"
#include "engine/parts/held.h"
#include "engine/parts/quarantine.h"
#include "engine/setups.h"

#define BATCH_RECORDS_MAX 512         /* pages that many of them change are written once */
#define BATCH_BYTES_MAX   (16u << 20) /* of decisions, and payloads, gathered in memory */
#define META_MAX          (24u << 20) /* a record holds 32 MiB */
#define ANSWER_MAX        (4u << 20)
#define TICKS_MAX         64   /* recorded at once */
#define IDLE_MS           100  /* how long a stop or a due timer may go unnoticed */
#define AGAIN_MS          500  /* between two tries while the disk is full, or gives nothing */
#define READ_TRIES        2    /* at a start */
#define WATCH_MS          1000 /* how often answers that wait are counted */
#define WARNED_MAX        100  /* of them warned of at once */

struct taken { /* a decision on its way into the journal */
    struct entry entry;
    enum record_kind kind; /* of its cause */
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

/* --- decisions on their way ----------------------------------------------------------------------------- */

/* Sequencer thread. */
static void on_recorded(struct entry *entry, enum status status, void *context) {
    struct engine *engine = context;
    pthread_mutex_lock(&engine->lock);
    engine->under_way--;
    if (status != STATUS_OK && engine->told_status == STATUS_OK) {
        engine->told_status = status;
    }
    if (engine->under_way == 0) {
        pthread_cond_signal(&engine->told);
    }
    pthread_mutex_unlock(&engine->lock);
}

static enum status wait_for_all(struct engine *engine) {
    pthread_mutex_lock(&engine->lock);
    while (engine->under_way) {
        pthread_cond_wait(&engine->told, &engine->lock);
    }
    enum status status = engine->told_status;
    pthread_mutex_unlock(&engine->lock);
    return status;
}

static struct text kept(struct engine *engine, const struct buf *buf) {
    return (struct text){ arena_copy(engine->batch, buf_text(buf)), buf->length };
}

static enum status submit(struct engine *engine, const struct metadata *metadata, struct taken *taken) {
    buf_clear(&engine->meta);
    buf_clear(&engine->answer);
    decision_write(&taken->decision, &engine->meta);
    decide_answer(engine->edition, metadata, &taken->decision, &engine->answer);
    if (buf_failed(&engine->meta) || buf_failed(&engine->answer)) {
        return STATUS_TOO_LARGE;
    }
    taken->entry = (struct entry){
        .rec = { .kind = RECORD_DECISION,
                 .meta = kept(engine, &engine->meta),
                 .data = kept(engine, &engine->answer) },
        .reserve = true,
        .done = on_recorded,
        .context = engine,
    };
    pthread_mutex_lock(&engine->lock);
    engine->under_way++;
    pthread_mutex_unlock(&engine->lock);
    enum status status = journal_submit(engine->options.journal, &taken->entry);
    if (status != STATUS_OK) { /* done() will not come */
        pthread_mutex_lock(&engine->lock);
        engine->under_way--;
        pthread_mutex_unlock(&engine->lock);
    }
    return status;
}

/* --- one cause ------------------------------------------------------------------------------------------ */

static void hold(struct engine *engine, const struct record *rec, enum held_reason reason,
                 struct decision *decision) {
    decision_init(decision, engine->batch, rec->number);
    held_decide(engine->edition, rec, reason, engine->scratch, decision);
    log_event(LOG_ERROR, rec->kind == RECORD_ORDER ? EVENT_ENGINE_ORDER_FAILED : EVENT_ENGINE_HELD,
              LOG_INT("record", rec->number), LOG_STRING("kind", record_kind_text(rec->kind)),
              LOG_STRING("reason", held_reason_text(reason)), LOG_END);
}

/* *metadata: of the message that is the cause; afterwards, of the one that the decision is about. */
static enum status make_decision(struct engine *engine, const struct record *rec,
                                 const struct metadata **metadata, struct decision *decision) {
    enum status status = STATUS_OK;
    decision_init(decision, engine->batch, rec->number);
    if (rec->kind == RECORD_ORDER) {
        status = orders_decide(engine->edition, engine->state, engine->reader, rec, engine->scratch, decision,
                               metadata);
    } else if (!decide_cause(engine->edition, engine->state, rec, *metadata, engine->scratch, decision)) {
        hold(engine, rec, HELD_UNREADABLE, decision);
    }
    return status == STATUS_OK ? state_status(engine->state) : status;
}

static bool sends(const struct decision *decision, uint64_t record) {
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *destination = &decision->destinations[i];
        if (destination->record == record && !destination->kept) {
            return true;
        }
    }
    return false;
}

/* Its bytes came from the journal just now, behind their checksum, and their digest with them. */
static struct payload *payload_of_message(const struct engine *engine, const struct record *rec,
                                          const struct metadata *metadata, const struct decision *decision) {
    bool wanted = engine->options.decided && rec->kind == RECORD_MESSAGE
                  && rec->data.length <= PAYLOAD_STAYS_MAX && sends(decision, rec->number);
    return wanted ? payload_new(rec, metadata, NULL, &metadata->env.digest) : NULL;
}

static struct payload *payload_of_decision(const struct taken *taken) {
    const struct record *rec = &taken->entry.rec;
    const struct decided decided = { .cause = taken->decision.cause,
                                     .result = taken->decision.result,
                                     .released = taken->decision.released };
    bool wanted = rec->data.length <= PAYLOAD_STAYS_MAX && sends(&taken->decision, 0);
    return wanted ? payload_new(rec, NULL, &decided, &taken->entry.digests.data) : NULL;
}

static enum status decide(struct engine *engine, const struct record *rec, const struct metadata *metadata) {
    struct taken *taken = arena_alloc(engine->batch, sizeof(*taken));
    taken->kind = rec->kind;
    enum held_reason reason;
    enum status status = STATUS_OK;
    if (attempts_begin(engine->attempts, rec->number, &reason)) {
        status = make_decision(engine, rec, &metadata, &taken->decision);
    } else {
        hold(engine, rec, reason, &taken->decision);
    }
    if (status == STATUS_OK) {
        status = submit(engine, metadata, taken);
    }
    if (status == STATUS_TOO_LARGE) { /* no segment takes it, now or later */
        hold(engine, rec, HELD_TOO_LARGE, &taken->decision);
        status = submit(engine, metadata, taken);
    }
    if (status == STATUS_OK) {
        taken->message = payload_of_message(engine, rec, metadata, &taken->decision);
        engine->payload_bytes += taken->message ? taken->message->data.length : 0;
        *engine->last = taken;
        engine->last = &taken->next;
        apply_moves(engine->state, &taken->decision);
        status = state_status(engine->state);
    }
    attempts_end(engine->attempts);
    return status;
}

/* This cause was decided before the start, or before the batch was taken back: that stands. */
static bool apply_earlier(struct engine *engine, const struct record *rec, enum status *status) {
    const struct decision *decision;
    uint64_t number;
    stamp at;
    *status = STATUS_OK;
    if (!engine->earlier_decisions) {
        return false;
    }
    bool found =
        decision_reader_take(engine->earlier_decisions, rec->number, &decision, &number, &at, status);
    if (found) {
        engine->from_journal = true;
        apply_moves(engine->state, decision);
        apply_recorded(engine->state, decision, rec->kind, number, at);
        *status = state_status(engine->state);
    }
    return found || *status != STATUS_OK;
}

/* Behind that record all is new. */
static void end_earlier(struct engine *engine) {
    if (engine->earlier_decisions && engine->seen >= engine->earlier_to) {
        decision_reader_free(engine->earlier_decisions);
        engine->earlier_decisions = NULL;
    }
}

static enum status take_record(struct engine *engine, const struct record *rec) {
    struct metadata metadata;
    bool is_cause;
    engine->seen = rec->number;
    if (rec->kind == RECORD_DECISION) {
        return STATUS_OK; /* applied with its cause */
    }
    arena_reset(engine->scratch);
    enum status status = apply_read(rec, engine->scratch, &metadata, &is_cause);
    if (status == STATUS_OK && !engine->open) {
        status = state_begin(engine->state);
        engine->open = status == STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = apply_record(engine->state, rec, &metadata, engine->scratch);
    }
    if (status == STATUS_OK && is_cause && !apply_earlier(engine, rec, &status)) {
        status = decide(engine, rec, rec->kind == RECORD_MESSAGE ? &metadata : NULL);
    }
    return status;
}

/* --- another edition ------------------------------------------------------------------------------------ */

void engine_announce(struct engine *engine, const struct edition *edition) {
    pthread_mutex_lock(&engine->lock);
    require(!engine->announced);
    engine->announced = edition_take(edition);
    engine->announced_at = journal_durable(engine->options.journal);
    engine->may_change = false;
    pthread_mutex_unlock(&engine->lock);
}

void engine_withdraw(struct engine *engine) {
    pthread_mutex_lock(&engine->lock);
    const struct edition *announced = engine->announced;
    require(announced);
    engine->announced = NULL;
    pthread_mutex_unlock(&engine->lock);
    edition_release(announced);
}

void engine_change(struct engine *engine) {
    pthread_mutex_lock(&engine->lock);
    require(engine->announced && !engine->may_change);
    engine->may_change = true;
    pthread_cond_broadcast(&engine->told);
    pthread_mutex_unlock(&engine->lock);
}

/* The edition before the one that this record announces, if others have changed; *waits: they have not. */
static const struct edition *try_change(struct engine *engine, const struct record *rec, bool *waits) {
    const struct edition *before = NULL;
    pthread_mutex_lock(&engine->lock);
    bool announced = engine->announced && rec->number > engine->announced_at
                     && setups_names(rec, &engine->announced->digest);
    *waits = announced && !engine->may_change;
    if (announced && engine->may_change) {
        before = engine->edition;
        engine->edition = engine->announced;
        engine->announced = NULL;
    }
    pthread_mutex_unlock(&engine->lock);
    return before;
}

/* True: this record waits until those who act on decisions have changed. False: it is in hand, and `edition`
 * is the one in force from it on. */
static bool waits_for_change(struct engine *engine, const struct record *rec) {
    if (rec->kind == RECORD_SETUP) {
        const struct edition *before = try_change(engine, rec, &engine->halted);
        engine->halt_told = engine->halt_told && !before;
        edition_release(before);
    }
    return engine->halted;
}

/* All before the record is committed. A stop is noticed, too. */
static void wait_for_change(struct engine *engine) {
    if (!engine->halt_told && engine->options.before_change) {
        engine->options.before_change(engine->options.context);
    }
    engine->halt_told = true;
    int64_t until = condition_in((int64_t)IDLE_MS * 1000000);
    pthread_mutex_lock(&engine->lock);
    while (!engine->may_change && condition_wait(&engine->told, &engine->lock, until)) {
    }
    pthread_mutex_unlock(&engine->lock);
}

/* --- one batch ------------------------------------------------------------------------------------------ */

static size_t batch_bytes(const struct engine *engine) {
    return arena_used(engine->batch) + engine->payload_bytes;
}

static enum status read_batch(struct engine *engine) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < BATCH_RECORDS_MAX && batch_bytes(engine) < BATCH_BYTES_MAX; i++) {
        struct record rec;
        status = reader_next(engine->reader, &rec);
        if (status != STATUS_OK) {
            return status == STATUS_NOT_FOUND ? STATUS_OK : status;
        }
        if (waits_for_change(engine, &rec)) {
            return reader_seek(engine->reader, rec.number);
        }
        status = take_record(engine, &rec);
        if (status != STATUS_OK) {
            return status;
        }
        end_earlier(engine);
    }
    return status;
}

static enum status count_held(struct engine *engine) {
    counter_set(COUNTER_HELD, held_count(engine->state));
    return state_status(engine->state);
}

static enum status commit_batch(struct engine *engine) {
    for (const struct taken *taken = engine->first; taken; taken = taken->next) {
        apply_recorded(engine->state, &taken->decision, taken->kind, taken->entry.rec.number,
                       taken->entry.rec.stamp);
        counter_add(COUNTER_ENGINE_DECISIONS, 1);
    }
    enum status status = engine->open ? state_commit(engine->state, engine->seen) : STATUS_OK;
    engine->open = false;
    if (status == STATUS_OK) {
        status = count_held(engine);
    }
    return status;
}

static void tell_decided(const struct engine_options *options, const struct taken *taken) {
    struct payload *answer = payload_of_decision(taken);
    const struct engine_decided decided = {
        .cause = taken->decision.cause,
        .number = taken->entry.rec.number,
        .decision = &taken->decision,
        .message = taken->message,
        .answer = answer,
    };
    options->decided(&decided, options->context);
    payload_give_back(answer);
}

static void tell_all(struct engine *engine, bool all_told) {
    const struct engine_options *options = &engine->options;
    atomic_store(&engine->position, engine->seen);
    counter_set(COUNTER_ENGINE_POSITION, (int64_t)engine->seen);
    for (const struct taken *taken = engine->first; taken && options->decided; taken = taken->next) {
        tell_decided(options, taken);
    }
    if (options->advanced) {
        options->advanced(engine->seen, all_told, options->context);
    }
}

static void drop_batch(struct engine *engine) {
    for (const struct taken *taken = engine->first; taken; taken = taken->next) {
        payload_give_back(taken->message);
    }
    engine->first = NULL;
    engine->payload_bytes = 0;
    arena_reset(engine->batch);
}

static enum status run_batch(struct engine *engine) {
    engine->first = NULL;
    engine->last = &engine->first;
    engine->from_journal = false;
    enum status status = read_batch(engine);
    enum status recorded = wait_for_all(engine); /* always: the entries are the journal's until then */
    if (status == STATUS_OK) {
        status = recorded;
    }
    if (status == STATUS_OK) {
        status = commit_batch(engine);
    }
    if (status == STATUS_OK) {
        tell_all(engine, !engine->from_journal);
    } else if (engine->open) {
        state_rollback(engine->state);
        engine->open = false;
    }
    drop_batch(engine);
    return status;
}

/* --- time ----------------------------------------------------------------------------------------------- */

static enum status record_tick(struct engine *engine, struct store_query *query) {
    struct record rec = { .kind = RECORD_TICK };
    const char *part = row_text(query, 0, engine->scratch), *key = row_text(query, 1, engine->scratch);
    buf_clear(&engine->meta);
    timer_write(part, key, row_text(query, 2, engine->scratch), store_int(query, 3), &engine->meta);
    rec.meta = buf_text(&engine->meta);
    enum status status = journal_append(engine->options.journal, &rec, true);
    engine->ticked = rec.number;
    return status;
}

/* Ticks for timers that are due, once those recorded before are applied: an applied one is no timer any
   more. */
static enum status record_ticks(struct engine *engine) {
    struct clock_reading reading = clock_read(journal_clock(engine->options.journal));
    enum status status = STATUS_OK;
    if (engine->seen < engine->ticked || engine->earlier_decisions || reading.doubt != CLOCK_NONE) {
        return status;
    }
    struct store_query *query = store_query(
        state_store(engine->state),
        "SELECT part, key, event, due FROM timers WHERE held = 0 AND due <= ? ORDER BY due, part, key, event"
        " LIMIT ?");
    store_bind_int(query, 1, reading.now);
    store_bind_int(query, 2, TICKS_MAX);
    arena_reset(engine->scratch);
    while (status == STATUS_OK && state_row(engine->state, query)) {
        status = record_tick(engine, query);
    }
    store_reset(query);
    return status == STATUS_OK ? state_status(engine->state) : status;
}

/* --- where it goes on ----------------------------------------------------------------------------------- */

/* From the position of state.db on, where causes up to `to` may have their decisions in the journal. */
static enum status go_on_from_state(struct engine *engine, uint64_t to) {
    struct journal *journal = engine->options.journal;
    engine->seen = state_position(engine->state);
    enum status status = state_take_failure(engine->state);
    decision_reader_free(engine->earlier_decisions);
    engine->earlier_decisions = NULL;
    engine->earlier_to = to;
    if (status == STATUS_OK) {
        status = decision_reader_new(reader_new(journal), engine->seen + 1, to, &engine->earlier_decisions);
    }
    if (status == STATUS_OK) {
        end_earlier(engine);
        status = reader_seek(engine->reader, engine->seen + 1);
    }
    return status;
}

/* Of state.db: as good as none. */
static bool is_unusable(enum status status) {
    return status == STATUS_DAMAGED || status == STATUS_IO;
}

/* What stands in the way of a batch, and passes. */
static bool passes(enum status status) {
    return status == STATUS_FULL || status == STATUS_LOCKED;
}

static void note_held_up(struct engine *engine, enum status status) {
    if (status == engine->held_up) {
        return;
    }
    engine->held_up = status;
    log_event(status == STATUS_OK ? LOG_INFO : LOG_ERROR,
              status == STATUS_OK ? EVENT_ENGINE_GOES_ON : EVENT_ENGINE_HELD_UP,
              LOG_STRING("status", status_name(status)), LOG_INT("record", engine->seen), LOG_END);
    if (engine->options.held_up) {
        engine->options.held_up(status, engine->options.context);
    }
}

/* The batch that found no space is taken back, and the decisions that were made in it stand in the
   journal. */
static enum status try_again(struct engine *engine) {
    journal_wait(engine->options.journal, UINT64_MAX, AGAIN_MS);
    enum status status = go_on_from_state(engine, journal_durable(engine->options.journal));
    if (status == STATUS_OK && engine->seen > atomic_load(&engine->position)) {
        tell_all(engine, false); /* the commit was through; what failed came behind it */
    }
    return status;
}

/* --- answers that wait for whom they are ---------------------------------------------------------------- */

/* Each is warned of once, and once more after a start. */
static void warn_of_overdue(struct engine *engine, stamp now) {
    uint64_t records[WARNED_MAX];
    size_t count = answers_overdue(engine->state, engine->warned, now - engine->options.answer_alarm, records,
                                   WARNED_MAX);
    for (size_t i = 0; i < count; i++) {
        log_event(LOG_WARN, EVENT_ENGINE_ANSWER_WAITS, LOG_INT("record", records[i]),
                  LOG_STRING("next", "clearway queue link ANSWER DECLARATION"), LOG_END);
        engine->warned = records[i];
    }
}

static enum status watch_answers(struct engine *engine) {
    int64_t now_ms = stamp_monotonic_ms();
    if (now_ms < engine->watched_ms + WATCH_MS) {
        return STATUS_OK;
    }
    stamp now = clock_now(journal_clock(engine->options.journal)), oldest;
    engine->watched_ms = now_ms;
    counter_set(COUNTER_ANSWERS_WAITING, answers_waiting(engine->state, &oldest));
    counter_set(COUNTER_ANSWERS_OLDEST, oldest && now > oldest ? (now - oldest) / STAMP_SECOND : 0);
    if (engine->options.answer_alarm) {
        warn_of_overdue(engine, now);
    }
    quarantine_watch(engine->state, now, &engine->unrouted);
    return state_status(engine->state);
}

/* --- the thread ----------------------------------------------------------------------------------------- */

/* One batch, if there is one, and the ticks that are due. */
static enum status step(struct engine *engine) {
    enum status status = engine->held_up != STATUS_OK ? try_again(engine) : STATUS_OK;
    engine->halted = false;
    if (status == STATUS_OK && journal_wait(engine->options.journal, engine->seen, IDLE_MS) > engine->seen) {
        status = run_batch(engine);
        engine->rested = false;
    } else if (!engine->rested) {
        state_rest(engine->state);
        engine->rested = true;
    }
    if (status == STATUS_OK) {
        status = record_ticks(engine);
        atomic_fetch_add(&engine->looks, 1);
    }
    if (status == STATUS_OK) {
        status = watch_answers(engine);
    }
    if (status == STATUS_OK && engine->halted) {
        wait_for_change(engine);
    }
    if (status == STATUS_OK || passes(status)) {
        (void)state_take_failure(engine->state);
        note_held_up(engine, status);
        status = STATUS_OK;
    }
    return status;
}

static void tell_damage(struct engine *engine) {
    const struct engine_options *options = &engine->options;
    if (options->on_damage) {
        options->on_damage(options->context);
    } else if (options->on_failure) {
        options->on_failure(STATUS_DAMAGED, options->context);
    }
}

/* Audit thread. */
static void on_finding(void *context) {
    struct engine *engine = context;
    atomic_store(&engine->stopping, true);
    tell_damage(engine);
}

/* Much may have happened to the disk since the last life. What it does not give, twice, is lost: it is
 * derived from the journal, and nobody who only starts the gateway once more would get further. */
static enum status check_state(struct engine *engine) {
    enum status status;
    int unread = 0;
    while (passes(status = audit_pass(engine->options.directory, &engine->stopping))
           || (status == STATUS_IO && ++unread < READ_TRIES)) {
        if (status != STATUS_IO) {
            note_held_up(engine, status);
        }
        journal_wait(engine->options.journal, UINT64_MAX, AGAIN_MS);
    }
    engine->damaged |= is_unusable(status);
    if (status != STATUS_OK) {
        return status;
    }
    note_held_up(engine, STATUS_OK);
    tell_all(engine, false);
    struct audit_options audit = { .directory = engine->options.directory,
                                   .rows_s = engine->options.audit_rows_s,
                                   .on_damage = on_finding,
                                   .context = engine };
    engine->audit = audit_start(&audit);
    return STATUS_OK;
}

static void *run(void *context) {
    struct engine *engine = context;
    enum status status = check_state(engine);
    while (status == STATUS_OK && !atomic_load(&engine->stopping)) {
        status = step(engine);
    }
    bool stopped = atomic_load(&engine->stopping) && status == STATUS_CLOSED;
    if (status != STATUS_OK && engine->damaged) {
        tell_damage(engine);
    } else if (status != STATUS_OK && !stopped) {
        log_event(LOG_ERROR, EVENT_ENGINE_FAILED, LOG_STRING("status", status_name(status)),
                  LOG_INT("record", engine->seen), LOG_END);
        if (engine->options.on_failure) {
            engine->options.on_failure(status, engine->options.context);
        }
    }
    return NULL;
}

static void note_damage(void *context) {
    struct engine *engine = context;
    engine->damaged = true;
}

static enum status open_all(struct engine *engine) {
    struct journal *journal = engine->options.journal;
    enum status status = state_open(engine->options.directory, STORE_WRITE, &engine->state);
    if (status == STATUS_OK) {
        status = attempts_open(engine->options.directory, &engine->attempts);
    }
    if (status != STATUS_OK) {
        return status;
    }
    state_on_damage(engine->state, note_damage, engine);
    engine->reader = reader_new(journal);
    engine->seen = state_position(engine->state);
    status = count_held(engine);
    if (status != STATUS_OK) {
        return status;
    }
    if (engine->seen > journal_durable(journal)) {
        log_event(LOG_ERROR, EVENT_ENGINE_STATE_AHEAD, LOG_INT("position", engine->seen),
                  LOG_INT("durable", journal_durable(journal)), LOG_END);
        return STATUS_DAMAGED; /* not this journal's state */
    }
    engine->earlier = journal_durable(journal);
    status = setups_record(journal, engine->reader, engine->state, engine->edition, NULL, NULL);
    return status == STATUS_OK ? go_on_from_state(engine, engine->earlier) : status;
}

static void free_all(struct engine *engine) {
    decision_reader_free(engine->earlier_decisions);
    reader_free(engine->reader);
    attempts_close(engine->attempts);
    state_close(engine->state);
    buf_release(&engine->meta);
    buf_release(&engine->answer);
    arena_free(engine->batch);
    arena_free(engine->scratch);
    pthread_mutex_destroy(&engine->lock);
    pthread_cond_destroy(&engine->told);
    edition_release(engine->edition);
    edition_release(engine->announced);
    free(engine);
}

/* *of_state: state.db is to blame for what is returned. */
static enum status start(const struct engine_options *options, struct engine **out, bool *of_state) {
    struct engine *engine = memory_new(sizeof(*engine));
    *out = NULL;
    engine->options = *options;
    engine->edition = edition_take(options->edition);
    engine->batch = arena_new();
    engine->scratch = arena_new();
    buf_init(&engine->meta, META_MAX);
    buf_init(&engine->answer, ANSWER_MAX);
    pthread_mutex_init(&engine->lock, NULL);
    condition_init(&engine->told);
    enum status status = open_all(engine);
    *of_state = !engine->state || engine->damaged || state_status(engine->state) != STATUS_OK;
    if (status != STATUS_OK) {
        free_all(engine);
        return status;
    }
    thread_start(&engine->thread, "engine", run, engine);
    *out = engine;
    return STATUS_OK;
}

enum status engine_start(const struct engine_options *options, struct engine **out) {
    require(options->directory && options->journal && options->edition);
    bool of_state;
    enum status status = start(options, out, &of_state);
    for (int tries = 1; status == STATUS_IO && of_state && tries < READ_TRIES; tries++) {
        journal_wait(options->journal, UINT64_MAX, AGAIN_MS);
        status = start(options, out, &of_state);
    }
    if (is_unusable(status) && of_state) {
        state_put_aside(options->directory);
        status = start(options, out, &of_state);
    }
    if (is_unusable(status) && of_state) {
        explain(
            options->why,
            "%s/state.db 无法读写，换用新文件也不行。请检查磁盘与文件夹权限，然后重新启动："
            "该文件由日志重建，不会丢失数据",
            "%s/state.db can be neither read nor made anew: see to the disk and to the rights of the folder,"
            " then start again; it is made from the journal, so nothing is lost",
            options->directory);
    }
    return status;
}

void engine_halt(struct engine *engine) {
    atomic_store(&engine->stopping, true);
}

void engine_stop(struct engine *engine) {
    if (engine) {
        atomic_store(&engine->stopping, true);
        pthread_join(engine->thread, NULL);
        audit_stop(engine->audit);
        free_all(engine);
    }
}

uint64_t engine_position(const struct engine *engine) {
    return atomic_load(&engine->position);
}

uint64_t engine_looks(const struct engine *engine) {
    return atomic_load(&engine->looks);
}

uint64_t engine_mark(const struct engine *engine) {
    return engine->earlier;
}

uint64_t engine_behind(const struct engine *engine) {
    uint64_t position = engine_position(engine);
    return position < engine->earlier ? engine->earlier - position : 0;
}
