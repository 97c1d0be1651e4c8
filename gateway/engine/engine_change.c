/*
 * engine_change.c - another edition: announced by who reads it, until its set-up record comes by. The thread
 * halts before that record, tells so once, and goes on by the new edition when those who act on its decisions
 * have changed, too.
 */
#include "engine/engine_inside.h"

#include "base/condition.h"
#include "base/status.h"
#include "engine/setups.h"

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

bool engine_waits_for_change(struct engine *engine, const struct record *rec) {
    require(rec->number > engine->seen);
    if (rec->kind == RECORD_SETUP) {
        const struct edition *before = try_change(engine, rec, &engine->halted);
        engine->halt_told = engine->halt_told && !before;
        edition_release(before);
    }
    return engine->halted;
}

void engine_wait_for_change(struct engine *engine) {
    require(engine->halted && !engine->open);
    if (!engine->halt_told && engine->options.before_change) {
        engine->options.before_change(engine->options.context);
    }
    engine->halt_told = true;
    int64_t until = condition_in((int64_t)ENGINE_IDLE_MS * 1000000);
    pthread_mutex_lock(&engine->lock);
    while (!engine->may_change && condition_wait(&engine->told, &engine->lock, until)) {
    }
    pthread_mutex_unlock(&engine->lock);
}
