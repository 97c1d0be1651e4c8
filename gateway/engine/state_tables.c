/*
 * state_tables.c - the tables of the engine and its parts: made and looked at when state.db is opened, and
 * filled from their empty state by a rebuild.
 */
#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "engine/part.h"
#include "engine/state_inside.h"

#define CACHE_KIB     8192 /* the pages that one batch of the engine writes */
#define STATE_VERSION 40   /* another one: the tables are made anew from the journal */

static const char engine_tables[] =
    "CREATE TABLE IF NOT EXISTS position(id INTEGER PRIMARY KEY CHECK(id = 1), number INTEGER NOT NULL,"
    "  version INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS messages(number INTEGER PRIMARY KEY, party TEXT NOT NULL, family TEXT NOT"
    " NULL,"
    "  format TEXT NOT NULL, own_id TEXT NOT NULL, outcome TEXT NOT NULL, recorded INTEGER NOT NULL,"
    "  bytes INTEGER NOT NULL, account TEXT NOT NULL DEFAULT '',"
    "  subject TEXT NOT NULL DEFAULT '', decision INTEGER, result TEXT NOT NULL DEFAULT '',"
    "  answer_code TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE INDEX IF NOT EXISTS messages_own ON messages(party, own_id, family);"
    "CREATE TABLE IF NOT EXISTS setups(digest BLOB PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT"
    " ROWID;"
    "CREATE TABLE IF NOT EXISTS texts(digest BLOB PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT"
    " ROWID;"
    "CREATE TABLE IF NOT EXISTS definitions(number INTEGER PRIMARY KEY, record INTEGER NOT NULL,"
    "  digest BLOB NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS deliveries(record INTEGER NOT NULL, party TEXT NOT NULL, decision INTEGER"
    " NOT NULL,"
    "  route TEXT NOT NULL, subject TEXT NOT NULL, family TEXT NOT NULL, state TEXT NOT NULL,"
    "  attempts INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', words TEXT NOT NULL DEFAULT '',"
    "  returns INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0,"
    "  updated INTEGER NOT NULL, since INTEGER NOT NULL, way TEXT NOT NULL DEFAULT '',"
    "  file TEXT NOT NULL DEFAULT '', redelivered INTEGER NOT NULL DEFAULT 0,"
    "  PRIMARY KEY(record, party)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries(party, way, decision, record)"
    "  WHERE state = 'waiting';"
    "CREATE INDEX IF NOT EXISTS deliveries_parked ON deliveries(party, decision, record) WHERE state ="
    " 'parked';"
    "CREATE INDEX IF NOT EXISTS deliveries_returning ON deliveries(party, way, decision, record)"
    "  WHERE state = 'parked' AND returns = 1;"
    "CREATE INDEX IF NOT EXISTS deliveries_blocking ON deliveries(party, way, subject, decision, record)"
    "  WHERE state = 'parked' AND returns = 0;"
    "CREATE INDEX IF NOT EXISTS deliveries_kept ON deliveries(party, decision, record) WHERE state = 'kept';"
    "CREATE TABLE IF NOT EXISTS timers(part TEXT NOT NULL, key TEXT NOT NULL, event TEXT NOT NULL,"
    "  due INTEGER NOT NULL, held INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(part, key, event)) STRICT, WITHOUT"
    " ROWID;"
    "CREATE INDEX IF NOT EXISTS timers_due ON timers(due) WHERE held = 0;"
    "CREATE TABLE IF NOT EXISTS orders(number INTEGER PRIMARY KEY, kind TEXT NOT NULL, record INTEGER NOT"
    " NULL,"
    "  other INTEGER NOT NULL, reason TEXT NOT NULL, recorded INTEGER NOT NULL, decision INTEGER,"
    "  result TEXT NOT NULL DEFAULT '', answer_code TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE TABLE IF NOT EXISTS timeline(subject TEXT NOT NULL, record INTEGER NOT NULL, part TEXT NOT NULL,"
    "  key TEXT NOT NULL, event TEXT NOT NULL, proves TEXT NOT NULL, at INTEGER NOT NULL,"
    "  taken_back INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(subject, record, part, key, event))"
    "  STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS touched(record INTEGER NOT NULL, subject TEXT NOT NULL,"
    "  PRIMARY KEY(record, subject)) STRICT, WITHOUT ROWID;";

static enum status make_tables(struct store *store) {
    enum status status = store_begin(store);
    if (status == STATUS_OK) {
        status = store_exec(store, engine_tables);
    }
    for (size_t i = 0; status == STATUS_OK && i < PARTS_COUNT; i++) {
        status = parts[i]->tables ? store_exec(store, parts[i]->tables) : STATUS_OK;
    }
    if (status == STATUS_OK) {
        struct store_query *query =
            store_query(store, "INSERT OR IGNORE INTO position(id, number, version) VALUES(1, 0, ?)");
        store_bind_int(query, 1, STATE_VERSION);
        status = store_run(query);
    }
    if (status == STATUS_OK) {
        status = store_commit(store);
    } else {
        store_rollback(store);
    }
    return status;
}

static enum status check_version(struct store *store) {
    enum status status;
    struct store_query *query = store_query(store, "SELECT version FROM position WHERE id = 1");
    bool same = store_step(query, &status) && store_int(query, 0) == STATE_VERSION;
    store_reset(query);
    if (status != STATUS_OK || same) {
        return status;
    }
    log_event(LOG_WARN, EVENT_STATE_OTHER_VERSION, LOG_INT("version", STATE_VERSION), LOG_END);
    return STATUS_DAMAGED;
}

/* Where the engine goes on is believed at once, so it is looked at before: it is one row. The rest has its
 * time
   (audit.h). */
static enum status check_position(struct store *store) {
    struct store_finding finding;
    enum status status = store_check(store, "position", &finding);
    if (status == STATUS_DAMAGED) {
        state_found("position", &finding);
    }
    return status;
}

/* A reader may come before the writer has made the tables: that is a store without anything in it. */
static enum status check_tables(struct store *store) {
    enum status status;
    struct store_query *query = store_query(store, "SELECT 1 FROM sqlite_schema WHERE name = 'position'");
    bool made = store_step(query, &status);
    store_reset(query);
    return made || status != STATUS_OK ? status : STATUS_NOT_FOUND;
}

static enum status open_for_writing(struct store *store) {
    enum status status = store_set_cache(store, CACHE_KIB);
    if (status == STATUS_OK) {
        status = store_keep_sums(store);
    }
    if (status == STATUS_OK) {
        status = make_tables(store);
    }
    return status == STATUS_OK ? check_position(store) : status;
}

enum status state_open(const char *directory, enum store_mode mode, struct state **out) {
    *out = NULL;
    struct arena *arena = arena_new();
    struct store *store = NULL;
    enum status status = store_open(file_join(arena, directory, "state.db"), mode, &store);
    arena_free(arena);
    if (status == STATUS_OK) {
        status = check_tables(store);
    }
    if (status == STATUS_OK) {
        status = check_version(store);
    }
    if (mode == STORE_WRITE && (status == STATUS_OK || status == STATUS_NOT_FOUND)) {
        status = open_for_writing(store);
    }
    if (status != STATUS_OK) {
        store_close(store);
        return status;
    }
    struct state *state = memory_new(sizeof(*state));
    state->store = store;
    state->identity = store_identity(store);
    *out = state;
    return STATUS_OK;
}

#define STATEMENTS_MAX 256 /* of all parts' moves */

enum status state_fill(struct state *state) {
    const char *sql[STATEMENTS_MAX];
    return store_fill(state->store, sql, parts_statements(sql, STATEMENTS_MAX));
}
