/*
 * engine_batch.c - a batch of records becomes facts.
 *
 *   read records (up to BATCH_RECORDS_MAX, or what there is)
 *   for each: its rows; for a cause: decide, submit the decision, apply what it moved
 *   wait until the last decision is durable: only now they are facts, and their numbers known
 *   apply the rest of them, commit, tell those who wait
 *
 * Should the process die before the commit, state.db stands where it stood, and the decisions are found in
 * the journal or are not: decision_reader.h tells the two apart. The same when it cannot be committed for
 * want of space.
 */
#include "engine/engine_inside.h"

#include <string.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/status.h"
#include "engine/apply.h"
#include "engine/decide.h"
#include "engine/orders.h"
#include "engine/parts/held.h"

#define BATCH_RECORDS_MAX 1024        /* pages that many of them change are written once */
#define BATCH_BYTES_MAX   (16u << 20) /* of decisions, and payloads, gathered in memory */

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

/* What is read of the message goes with the next record, its row is written at the end of the batch. */
static struct message_row kept_row(struct engine *engine, const struct record *rec,
                                   const struct metadata *metadata) {
    struct message_row row = message_row_of(rec, metadata);
    const char **texts[] = { &row.party, &row.family, &row.format, &row.own_id, &row.account };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        *texts[i] = arena_string(engine->batch, *texts[i]);
    }
    return row;
}

static enum status decide(struct engine *engine, const struct record *rec, const struct metadata *metadata) {
    struct taken *taken = arena_alloc(engine->batch, sizeof(*taken));
    taken->kind = rec->kind;
    if (rec->kind == RECORD_MESSAGE) {
        taken->row = kept_row(engine, rec, metadata);
        engine->owes_rows = true;
    }
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
static bool apply_earlier(struct engine *engine, const struct record *rec, const struct metadata *metadata,
                          enum status *status) {
    struct decision decision;
    uint64_t number;
    stamp at;
    *status = STATUS_OK;
    if (!engine->earlier_decisions) {
        return false;
    }
    bool found = decision_reader_take(engine->earlier_decisions, rec->number, engine->scratch, &decision,
                                      &number, &at, status);
    if (found) {
        engine->from_journal = true;
        apply_moves(engine->state, &decision);
        struct message_row row = metadata ? message_row_of(rec, metadata) : (struct message_row){ 0 };
        apply_recorded(engine->state, &decision, rec->kind, number, at, metadata ? &row : NULL);
        *status = state_status(engine->state);
    }
    return found || *status != STATUS_OK;
}

void engine_end_earlier(struct engine *engine) {
    if (engine->earlier_decisions && engine->seen >= engine->earlier_to) {
        decision_reader_free(engine->earlier_decisions);
        engine->earlier_decisions = NULL;
    }
}

static enum status take_record(struct engine *engine, const struct record *rec) {
    struct content content;
    engine->seen = rec->number;
    if (rec->kind == RECORD_DECISION) {
        return STATUS_OK; /* applied with its cause */
    }
    arena_reset(engine->scratch);
    enum status status = apply_read(rec, engine->scratch, &content);
    if (status == STATUS_OK && !engine->open) {
        status = state_begin(engine->state);
        engine->open = status == STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = apply_record(engine->state, rec, &content);
    }
    const struct metadata *metadata = rec->kind == RECORD_MESSAGE ? &content.metadata : NULL;
    if (status == STATUS_OK && content.is_cause && !apply_earlier(engine, rec, metadata, &status)) {
        status = decide(engine, rec, metadata);
    }
    return status;
}

/* --- one batch ------------------------------------------------------------------------------------------ */

static size_t batch_bytes(const struct engine *engine) {
    return arena_used(engine->batch) + engine->payload_bytes;
}

/* An order asks for the rows of messages, which are written at the end of a batch: it begins the next. */
static bool looks_back(const struct engine *engine, const struct record *rec) {
    return rec->kind == RECORD_ORDER && engine->owes_rows;
}

static enum status read_batch(struct engine *engine) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < BATCH_RECORDS_MAX && batch_bytes(engine) < BATCH_BYTES_MAX; i++) {
        struct record rec;
        status = reader_next(engine->reader, &rec);
        if (status != STATUS_OK) {
            return status == STATUS_NOT_FOUND ? STATUS_OK : status;
        }
        if (engine_waits_for_change(engine, &rec) || looks_back(engine, &rec)) {
            return reader_seek(engine->reader, rec.number);
        }
        status = take_record(engine, &rec);
        if (status != STATUS_OK) {
            return status;
        }
        engine_end_earlier(engine);
    }
    return status;
}

enum status engine_count_held(struct engine *engine) {
    counter_set(COUNTER_HELD, held_count(engine->state));
    return state_status(engine->state);
}

static enum status commit_batch(struct engine *engine) {
    for (const struct taken *taken = engine->first; taken; taken = taken->next) {
        apply_recorded(engine->state, &taken->decision, taken->kind, taken->entry.rec.number,
                       taken->entry.rec.stamp, taken->kind == RECORD_MESSAGE ? &taken->row : NULL);
        counter_add(COUNTER_ENGINE_DECISIONS, 1);
    }
    enum status status = engine->open ? state_commit(engine->state, engine->seen) : STATUS_OK;
    engine->open = false;
    if (status == STATUS_OK) {
        status = engine_count_held(engine);
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

void engine_tell_all(struct engine *engine, bool all_told) {
    require(!engine->open && engine->seen >= atomic_load(&engine->position));
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

enum status engine_run_batch(struct engine *engine) {
    require(!engine->open && !engine->first && engine->payload_bytes == 0);
    engine->first = NULL;
    engine->last = &engine->first;
    engine->from_journal = engine->owes_rows = false;
    enum status status = read_batch(engine);
    enum status recorded = wait_for_all(engine); /* always: the entries are the journal's until then */
    if (status == STATUS_OK) {
        status = recorded;
    }
    if (status == STATUS_OK) {
        status = commit_batch(engine);
    }
    if (status == STATUS_OK) {
        engine_tell_all(engine, !engine->from_journal);
    } else if (engine->open) {
        state_rollback(engine->state);
        engine->open = false;
    }
    drop_batch(engine);
    return status;
}
