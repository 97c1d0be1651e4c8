/*
 * state.c - one store, with failures that stick, and what is done about its damage.
 */
#include "engine/state_inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/counters.h"
#include "base/file.h"
#include "base/log.h"
#include "base/status.h"

void state_close(struct state *state) {
    if (state) {
        store_close(state->store);
        free(state);
    }
}

struct store *state_store(struct state *state) {
    return state->store;
}

uint64_t state_identity(const struct state *state) {
    return state->identity;
}

enum status state_digest(struct state *state, struct digest *out) {
    return store_digest(state->store, out);
}

/* --- queries whose failures stick --------------------------------------------------------------------- */

enum status state_status(const struct state *state) {
    return state->status;
}

enum status state_take_failure(struct state *state) {
    enum status status = state->status;
    state->status = STATUS_OK;
    return status;
}

void state_limit(struct state *state, size_t steps) {
    state->steps = 0;
    state->steps_max = steps;
}

bool state_overworked(const struct state *state) {
    return state->steps_max && state->steps > state->steps_max;
}

bool state_budget_is_low(const struct state *state) {
    return state->steps_max && state->steps > state->steps_max / 4;
}

bool state_row(struct state *state, struct store_query *query) {
    state->steps++;
    if (state->status != STATUS_OK || state_overworked(state)) {
        store_reset(query);
        return false;
    }
    return store_step(query, &state->status);
}

void state_run(struct state *state, struct store_query *query) {
    if (state->status == STATUS_OK) {
        state->status = store_run(query);
    }
}

int64_t state_number(struct state *state, struct store_query *query, int64_t otherwise) {
    int64_t number = state_row(state, query) ? store_int(query, 0) : otherwise;
    store_reset(query);
    return number;
}

bool state_exists(struct state *state, struct store_query *query) {
    bool exists = state_row(state, query);
    store_reset(query);
    return exists;
}

/* --- damage ------------------------------------------------------------------------------------------- */

void state_put_aside(const char *directory) {
    struct arena *arena = arena_new();
    const char *path = file_join(arena, directory, "state.db");
    log_event(LOG_ERROR, EVENT_STATE_PUT_ASIDE, LOG_STRING("directory", directory), LOG_END);
    counter_add(COUNTER_STATE_REMADE, 1);
    store_rename(path, arena_printf(arena, "%s.damaged", path));
    arena_free(arena);
}

void state_on_damage(struct state *state, void (*damaged)(void *context), void *context) {
    state->damaged = damaged;
    state->context = context;
    store_on_damage(state->store, damaged, context);
}

void state_doubt(struct state *state, const char *table, uint64_t record) {
    log_event(LOG_ERROR, EVENT_STATE_ROW_DIFFERS, LOG_STRING("table", table), LOG_INT("record", record),
              LOG_END);
    counter_add(COUNTER_STATE_FINDINGS, 1);
    if (state->damaged) {
        state->damaged(state->context);
    }
}

void state_compare_owner(struct state *state, const char *table, uint64_t record, struct text key,
                         struct text party, struct text own_id) {
    struct text owner = text_until(&key, '/');
    bool same = text_equal(owner, party) && (!own_id.at || text_equal(key, own_id));
    if (!same && state->status == STATUS_OK) {
        state_doubt(state, table, record);
        state->status = STATUS_DAMAGED;
    }
}

void state_found(const char *table, const struct store_finding *finding) {
    log_event(LOG_ERROR, EVENT_STATE_TABLE_DIFFERS, LOG_STRING("table", table),
              LOG_STRING("found", finding->what), LOG_END);
    counter_add(COUNTER_STATE_FINDINGS, 1);
}

/* --- transactions and the position -------------------------------------------------------------------- */

uint64_t state_position(struct state *state) {
    return (uint64_t)state_number(state,
                                  store_query(state->store, "SELECT number FROM position WHERE id = 1"), 0);
}

enum status state_begin(struct state *state) {
    if (state->status == STATUS_OK) {
        state->status = store_begin(state->store);
    }
    return state->status;
}

enum status state_commit(struct state *state, uint64_t position) {
    struct store_query *query = store_query(state->store, "UPDATE position SET number = ? WHERE id = 1");
    store_bind_int(query, 1, (int64_t)position);
    state_run(state, query);
    if (state->status == STATUS_OK) {
        state->status = store_commit(state->store);
    }
    return state->status;
}

enum status state_filled(struct state *state, struct digest *digest) {
    return store_filled(state->store, digest);
}

void state_rest(struct state *state) {
    store_rest(state->store);
}

void state_rollback(struct state *state) {
    store_rollback(state->store);
    state->status = STATUS_OK;
}

void timeline_add(struct state *state, const char *subject, uint64_t record, const char *part,
                  const char *key, const char *event, const char *proves, stamp at) {
    require(record > 0);
    struct store_query *query = store_query(
        state->store, "INSERT OR IGNORE INTO timeline(subject, record, part, key, event, proves, at)"
                      " VALUES(?, ?, ?, ?, ?, ?, ?)");
    store_lend_string(query, 1, subject);
    store_bind_int(query, 2, (int64_t)record);
    store_lend_string(query, 3, part);
    store_lend_string(query, 4, key);
    store_lend_string(query, 5, event);
    store_lend_string(query, 6, proves);
    store_bind_int(query, 7, at);
    state_run(state, query);
}
