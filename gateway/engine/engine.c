/*
 * engine.c - the thread that follows the journal: it takes batches of records (engine_batch.c), records ticks
 * for timers that are due, watches over what waits too long, halts before another edition (engine_change.c),
 * and holds on while there is no space.
 */
#include "engine/engine_inside.h"

#include <stdlib.h>

#include "base/condition.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/thread.h"
#include "engine/part.h"
#include "engine/parts/answers.h"
#include "engine/parts/quarantine.h"
#include "engine/setups.h"

#define META_MAX   (24u << 20) /* a record holds 32 MiB */
#define ANSWER_MAX (4u << 20)
#define TICKS_MAX  64   /* recorded at once */
#define AGAIN_MS   500  /* between two tries while the disk is full, or gives nothing */
#define READ_TRIES 2    /* at a start */
#define WATCH_MS   1000 /* how often answers that wait are counted */
#define WARNED_MAX 100  /* of them warned of at once */

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
        engine_end_earlier(engine);
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
        engine_tell_all(engine, false); /* the commit was through; what failed came behind it */
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
    if (status == STATUS_OK
        && journal_wait(engine->options.journal, engine->seen, ENGINE_IDLE_MS) > engine->seen) {
        status = engine_run_batch(engine);
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
        engine_wait_for_change(engine);
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
    engine_tell_all(engine, false);
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
    status = engine_count_held(engine);
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
    require(!engine || !pthread_equal(pthread_self(), engine->thread));
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
