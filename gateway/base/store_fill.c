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

#define SQL_MAX        (1u << 16) /* all our indices */
#define FILL_CACHE_KIB (128 * 1024)

struct added_up {
    char table[STORE_NAME_MAX];
    struct store_sum sum;
};

struct store_filling {
    struct buf indices; /* as texts, to be made at the end */
    bool with_sums;
    sqlite3_int64 changes; /* of rows by this connection, when these were added up: */
    size_t count;
    struct added_up added_up[STORE_TABLES_MAX];
};

void store_fill_end(struct store *store) {
    if (store->filling) {
        buf_release(&store->filling->indices);
        free(store->filling);
        store->filling = NULL;
    }
}

/* --- sums that were read on the way --------------------------------------------------------------------- */

/* Those of before a change are of no use. */
static void forget_changed(struct store *store) {
    struct store_filling *filling = store->filling;
    sqlite3_int64 changes = sqlite3_total_changes64(store->db);
    if (filling->changes != changes) {
        filling->changes = changes;
        filling->count = 0;
    }
}

static struct added_up *find_added_up(struct store_filling *filling, const char *table) {
    for (size_t i = 0; i < filling->count; i++) {
        if (strcmp(filling->added_up[i].table, table) == 0) {
            return &filling->added_up[i];
        }
    }
    return NULL;
}

void store_fill_added_up(struct store *store, const char *table, const struct store_sum *sum) {
    struct store_filling *filling = store->filling;
    if (filling) {
        forget_changed(store);
        if (filling->count < STORE_TABLES_MAX && !find_added_up(filling, table)) {
            struct added_up *kept = &filling->added_up[filling->count++];
            snprintf(kept->table, sizeof(kept->table), "%s", table);
            kept->sum = *sum;
        }
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

static enum status make_sum(struct store *store, const char *table) {
    const struct added_up *known = find_added_up(store->filling, table);
    struct store_sum sum;
    enum status status = STATUS_OK;
    if (known) {
        sum = known->sum;
    } else {
        status = store_add_up(store, table, &sum);
    }
    return status == STATUS_OK && sum.rows ? store_write_sum(store, table, &sum) : status;
}

static enum status make_sums(struct store *store) {
    char table[STORE_NAME_MAX];
    enum status status = STATUS_OK, found;
    for (size_t i = 0; status == STATUS_OK && (found = store_table(store, i, table)) != STATUS_NOT_FOUND;
         i++) {
        status = found == STATUS_OK ? make_sum(store, table) : found;
    }
    return status;
}

/* Before the indices: then two may read. */
static enum status add_up_tables(struct store *store) {
    struct digest unused;
    forget_changed(store);
    return store->filling->with_sums && !store->filling->count ? store_digest(store, &unused) : STATUS_OK;
}

static enum status finish(struct store *store) {
    struct buf *indices = &store->filling->indices;
    enum status status = indices->length ? store_exec(store, indices->at) : STATUS_OK;
    return status == STATUS_OK && store->filling->with_sums ? make_sums(store) : status;
}

enum status store_filled(struct store *store) {
    require(store->filling);
    bool with_sums = store->filling->with_sums;
    enum status status = add_up_tables(store);
    if (status == STATUS_OK) {
        status = store_begin(store);
    }
    if (status == STATUS_OK) {
        status = in_transaction(store, finish(store)); /* which changes no row of a table that is added up */
    }
    store_fill_end(store);
    if (status == STATUS_OK) {
        status = store_exec(store, "PRAGMA journal_mode = WAL");
    }
    return status == STATUS_OK && with_sums ? store_follow_sums(store) : status;
}
