/*
 * store_fill.c - a store is filled from nothing. What keeps one whole in a crash is much of what writing it
 * costs; a row in the middle of an index costs more than one of a sorted index; and a row that is added up
 * while it is written costs more than one that is read. So the log is off; an index that no statement of the
 * filling looks into is made at the end, of all its rows at once, and so are the sums. Which indices those
 * are SQLite is asked: EXPLAIN QUERY PLAN names the indices that it would use.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/store_inside.h"

#define SQL_MAX        (1u << 16) /* all our indices, or one statement and its plan */
#define FILL_CACHE_KIB (128 * 1024)

void store_fill_end(struct store *store) {
    if (store->put_off) {
        buf_release(store->put_off);
        free(store->put_off);
        store->put_off = NULL;
    }
}

static enum status add_plan(struct store *store, sqlite3_stmt *statement, void *context) {
    const char *detail = (const char *)sqlite3_column_text(statement, 3);
    buf_printf(context, "%s \n", detail ? detail : "");
    return STATUS_OK;
}

struct choice {
    const char *plans;        /* "SEARCH passages USING INDEX passages_subject (subject=?) \n" ... */
    struct buf *drop, *again; /* of the indices that no plan has */
};

static enum status choose(struct store *store, sqlite3_stmt *statement, void *context) {
    const struct choice *choice = context;
    char use[STORE_NAME_MAX + 16];
    const char *name = (const char *)sqlite3_column_text(statement, 0);
    snprintf(use, sizeof(use), " INDEX %s ", name);
    if (!strstr(choice->plans, use)) {
        buf_printf(choice->drop, "DROP INDEX \"%s\";", name);
        buf_printf(choice->again, "%s;", (const char *)sqlite3_column_text(statement, 1));
    }
    return STATUS_OK;
}

/* Drops what no statement looks into, and notes how it is made. */
static enum status put_off_indices(struct store *store, const char *const *sql, size_t count) {
    struct buf plans, drop, explain;
    enum status status = STATUS_OK;
    buf_init(&plans, SQL_MAX * 16);
    buf_init(&drop, SQL_MAX);
    buf_init(&explain, SQL_MAX);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        buf_clear(&explain);
        buf_printf(&explain, "EXPLAIN QUERY PLAN %s", sql[i]);
        status = store_each_row(store, explain.at, add_plan, &plans);
    }
    struct choice choice = { count ? plans.at : "", &drop, store->put_off };
    if (status == STATUS_OK) {
        status = store_each_row(
            store, "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL", choose,
            &choice);
    }
    require(!buf_failed(&plans) && !buf_failed(&drop) && !buf_failed(&explain)
            && !buf_failed(store->put_off));
    if (status == STATUS_OK && drop.length) {
        status = store_exec(store, drop.at);
    }
    buf_release(&plans);
    buf_release(&drop);
    buf_release(&explain);
    return status;
}

static enum status in_transaction(struct store *store, enum status status) {
    if (status == STATUS_OK) {
        return store_commit(store);
    }
    store_rollback(store);
    return status;
}

enum status store_fill(struct store *store, const char *const *sql, size_t count) {
    require(store->mode == STORE_WRITE && !store->put_off);
    store->put_off = memory_new(sizeof(*store->put_off));
    buf_init(store->put_off, SQL_MAX);
    enum status status = store_begin(store);
    if (status == STATUS_OK) {
        status = in_transaction(store, put_off_indices(store, sql, count));
    }
    if (status == STATUS_OK) {
        status = store_exec(store, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    }
    store->sums_put_off = store->sums != NULL;
    store_sums_free(store->sums);
    store->sums = NULL;
    return status == STATUS_OK ? store_set_cache(store, FILL_CACHE_KIB) : status;
}

static enum status make_indices(struct store *store) {
    return store->put_off->length ? store_exec(store, store->put_off->at) : STATUS_OK;
}

static enum status make_sums(struct store *store) {
    char table[STORE_NAME_MAX];
    struct store_sum sum;
    enum status status;
    for (size_t i = 0; (status = store_table(store, i, table)) == STATUS_OK; i++) {
        status = store_add_up(store, table, &sum);
        if (status == STATUS_OK && sum.rows) {
            status = store_write_sum(store, table, &sum);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status store_filled(struct store *store) {
    require(store->put_off);
    enum status status = store_begin(store);
    if (status == STATUS_OK) {
        status = make_indices(store);
        if (status == STATUS_OK && store->sums_put_off) {
            status = make_sums(store);
        }
        status = in_transaction(store, status);
    }
    store_fill_end(store);
    if (status == STATUS_OK) {
        status = store_exec(store, "PRAGMA journal_mode = WAL");
    }
    if (status == STATUS_OK && store->sums_put_off) {
        status = store_follow_sums(store);
        store->sums_put_off = false;
    }
    return status;
}
