/*
 * store_fill.c - a store is filled from nothing. What keeps one whole in a crash is much of what writing it
 * costs; a row in the middle of an index costs more than one of a sorted index; and a row that is added up
 * while it is written costs more than one that is read. So the log is off; an index that no statement of the
 * filling looks into is made at the end, of all its rows at once, while another thread adds the rows up.
 * Which indices those are SQLite is asked: EXPLAIN QUERY PLAN names the indices that it would use.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/store_inside.h"

#define SQL_MAX        (1u << 16) /* all our indices */
#define FILL_CACHE_KIB (128 * 1024)

struct store_filling {
    struct buf indices; /* as texts, to be made at the end */
    bool with_sums;
};

void store_fill_end(struct store *store) {
    if (store->filling) {
        buf_release(&store->filling->indices);
        free(store->filling);
        store->filling = NULL;
    }
}

/* --- indices -------------------------------------------------------------------------------------------- */

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
    struct buf plans, drop;
    enum status status = STATUS_OK;
    buf_init(&plans, SQL_MAX * 16);
    buf_init(&drop, SQL_MAX);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = store_explain(store, sql[i], add_plan, &plans);
    }
    struct choice choice = { count ? plans.at : "", &drop, &store->filling->indices };
    if (status == STATUS_OK) {
        status = store_each_row(
            store, "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL", choose,
            &choice);
    }
    require(!buf_failed(&plans) && !buf_failed(&drop) && !buf_failed(&store->filling->indices));
    if (status == STATUS_OK && drop.length) {
        status = store_exec(store, drop.at);
    }
    buf_release(&plans);
    buf_release(&drop);
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
    require(store->mode == STORE_WRITE && !store->filling);
    store->filling = memory_new(sizeof(*store->filling));
    store->filling->with_sums = store->sums != NULL;
    buf_init(&store->filling->indices, SQL_MAX);
    enum status status = store_begin(store);
    if (status == STATUS_OK) {
        status = in_transaction(store, put_off_indices(store, sql, count));
    }
    if (status == STATUS_OK) {
        status = store_exec(store, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    }
    store_sums_free(store->sums);
    store->sums = NULL;
    return status == STATUS_OK ? store_set_cache(store, FILL_CACHE_KIB) : status;
}

/* --- the end -------------------------------------------------------------------------------------------- */

/* Adds up beside who makes the indices. */
struct beside {
    pthread_t thread;
    struct store *store; /* NULL: there is none, the other does all of it */
    struct store_tables *tables;
    enum status status;
};

static void *add_up(void *context) {
    struct beside *beside = context;
    pthread_setname_np(pthread_self(), "sums");
    beside->status = store_tables_add_up(beside->store, beside->tables);
    return NULL;
}

/* What it reads must not change under it, and that includes the list of tables: so that is read first. */
static void start_beside(struct store *store, struct store_tables *tables, struct beside *beside) {
    *beside = (struct beside){ .tables = tables };
    if (tables->count == 0) {
        return;
    }
    if (store_open_beside(store, &beside->store) != STATUS_OK) {
        beside->store = NULL;
    } else if (store_exec(beside->store, "BEGIN; SELECT count(*) FROM sqlite_schema") != STATUS_OK
               || pthread_create(&beside->thread, NULL, add_up, beside) != 0) {
        store_close(beside->store);
        beside->store = NULL;
    }
}

static enum status end_beside(struct beside *beside) {
    if (beside->store) {
        pthread_join(beside->thread, NULL);
        store_close(beside->store);
    }
    return beside->status;
}

static enum status write_sums(struct store *store, const struct store_tables *tables) {
    struct store_sum schema;
    enum status status = store_add_up(store, STORE_SCHEMA, &schema); /* the indices stand in it */
    if (status == STATUS_OK) {
        status = store_write_sum(store, STORE_SCHEMA, &schema);
    }
    for (size_t i = 0; status == STATUS_OK && i < tables->count; i++) {
        const struct store_table *table = &tables->tables[i];
        status = table->sum.rows ? store_write_sum(store, table->name, &table->sum) : STATUS_OK;
    }
    return status;
}

/* All of it within a transaction that changes no row of a table that is added up. */
static enum status finish(struct store *store, struct store_tables *tables) {
    struct buf *indices = &store->filling->indices;
    struct beside beside;
    start_beside(store, tables, &beside);
    enum status status = store_begin(store);
    if (status != STATUS_OK) {
        (void)end_beside(&beside);
        return status;
    }
    status = indices->length ? store_exec(store, indices->at) : STATUS_OK;
    enum status added = store_tables_add_up(store, tables), other = end_beside(&beside);
    status = status == STATUS_OK ? added : status;
    status = status == STATUS_OK ? other : status;
    if (status == STATUS_OK && store->filling->with_sums) {
        status = write_sums(store, tables);
    }
    return in_transaction(store, status);
}

enum status store_filled(struct store *store, struct digest *digest) {
    require(store->filling);
    bool with_sums = store->filling->with_sums;
    struct store_tables *tables = memory_new(sizeof(*tables));
    enum status status = with_sums || digest ? store_tables_list(store, tables) : STATUS_OK;
    if (status == STATUS_OK) {
        status = finish(store, tables);
    }
    if (digest) {
        store_tables_digest(tables, digest);
    }
    if (status == STATUS_OK) {
        status = store_exec(store, "PRAGMA journal_mode = WAL");
    }
    store_fill_end(store);
    free(tables);
    return status == STATUS_OK && with_sums ? store_follow_sums(store) : status;
}
