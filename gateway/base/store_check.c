/*
 * store_check.c - what reads whole tables: the check against the sums, and the digest over everything.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/store_inside.h"

#define SQL_MAX       1024
#define EXPLAINED_MAX (1u << 16) /* a statement of ours */

/* --- texts made at run time ----------------------------------------------------------------------------- */

enum status store_each_row(struct store *store, const char *sql, store_row *row, void *context) {
    sqlite3_stmt *statement;
    errno = 0;
    enum status status = store_judge(store, sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), sql);
    int code = SQLITE_DONE;
    while (status == STATUS_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        status = row(store, statement, context);
    }
    if (status == STATUS_OK) {
        status = store_judge(store, code, sql);
    }
    sqlite3_finalize(statement);
    return status;
}

enum status store_explain(struct store *store, const char *sql, store_row *row, void *context) {
    struct buf explain;
    buf_init(&explain, EXPLAINED_MAX);
    buf_printf(&explain, "EXPLAIN QUERY PLAN %s", sql);
    require(!buf_failed(&explain));
    enum status status = store_each_row(store, explain.at, row, context);
    buf_release(&explain);
    return status;
}

/* A table's name goes into a text of ours, and none of ours has quotes, or is longer. */
static bool is_name(const char *table) {
    return !strpbrk(table, "'\"") && strlen(table) < STORE_NAME_MAX;
}

/* All that follows is as of one moment: the caller's transaction, or one of our own. */
static enum status hold_still(struct store *store, bool *own) {
    *own = sqlite3_get_autocommit(store->db);
    return *own ? store_run(store_query(store, "BEGIN")) : STATUS_OK;
}

static void let_go(struct store *store, bool own) {
    if (own) {
        store_rollback(store);
    }
}

/* --- what a table adds up to ---------------------------------------------------------------------------- */

static enum status tally_row(struct store *store, sqlite3_stmt *statement, void *context) {
    store_tally_add(context, statement);
    return STATUS_OK;
}

enum status store_add_up(struct store *store, const char *table, struct store_sum *out) {
    char sql[SQL_MAX];
    struct store_tally tally;
    bool schema = strcmp(table, STORE_SCHEMA) == 0;
    require(is_name(table));
    /* Where the tables' pages are is not what they say: VACUUM moves them. */
    snprintf(sql, sizeof(sql), "SELECT %s FROM \"%s\"", schema ? "type, name, tbl_name, sql" : "*", table);
    store_tally_init(&tally, table);
    enum status status = store_each_row(store, sql, tally_row, &tally);
    *out = tally.sum;
    return status;
}

/* --- the check ------------------------------------------------------------------------------------------ */

static void find(struct store_finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void find(struct store_finding *finding, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(finding->what, sizeof(finding->what), format, args);
    va_end(args);
}

static enum status compare_sum(struct store *store, const char *table, struct store_finding *finding) {
    struct store_sum kept = { 0 }, found;
    enum status status;
    struct store_query *query = store_query(store, "SELECT rows, low, high FROM sums WHERE name = ?");
    store_bind_string(query, 1, table);
    if (store_step(query, &status)) {
        kept = (struct store_sum){ store_int(query, 0), (uint64_t)store_int(query, 1),
                                   (uint64_t)store_int(query, 2) };
    }
    store_reset(query);
    if (status == STATUS_OK) {
        status = store_add_up(store, table, &found);
    }
    if (status != STATUS_OK) {
        return status;
    }
    finding->rows = (uint64_t)found.rows;
    if (store_sum_equal(&kept, &found)) {
        return STATUS_OK;
    }
    if (kept.rows == found.rows) {
        find(finding, "its rows are not those that were written");
    } else {
        find(finding, "it has %lld rows, and should have %lld", (long long)found.rows, (long long)kept.rows);
    }
    return store_damaged(store);
}

/* A page that could not be read is a line among the others for SQLite, and no damage for us. */
static bool tells_of_reading(const char *text) {
    return strstr(text, "unable to get the page") || strstr(text, "failed to get page");
}

static enum status judge_structure(struct store *store, sqlite3_stmt *statement, void *context) {
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    if (text && strcmp(text, "ok") == 0) {
        return STATUS_OK;
    }
    find(context, "%.150s", text ? text : "");
    return text && tells_of_reading(text) ? STATUS_IO : store_damaged(store);
}

static enum status check_structure(struct store *store, const char *table, struct store_finding *finding) {
    char sql[SQL_MAX];
    snprintf(sql, sizeof(sql), "PRAGMA integrity_check('%s')", table);
    return store_each_row(store, sql, judge_structure, finding);
}

enum status store_check(struct store *store, const char *table, struct store_finding *finding) {
    bool own;
    *finding = (struct store_finding){ .rows = 0 };
    /* What is to be checked is the file: while nobody writes, SQLite would show the pages that it read at the
     * last check. */
    (void)sqlite3_db_release_memory(store->db);
    if (!is_name(table)) {
        find(finding, "no table of ours has such a name");
        return store_damaged(store);
    }
    enum status status = hold_still(store, &own);
    if (status == STATUS_OK) {
        status = compare_sum(store, table, finding);
    }
    if (status == STATUS_OK) {
        status = check_structure(store, table, finding);
    }
    if (status != STATUS_OK && !finding->what[0]) {
        find(finding, "%.150s", sqlite3_errmsg(store->db));
    }
    let_go(store, own);
    return status;
}

enum status store_table(struct store *store, size_t index, char name[STORE_NAME_MAX]) {
    enum status status;
    struct store_query *query = store_query(
        store,
        "SELECT name FROM (SELECT '" STORE_SCHEMA "' AS name, 0 AS place UNION ALL"
        "  SELECT name, 1 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        "  AND name <> 'sums') ORDER BY place, name LIMIT 1 OFFSET ?");
    store_bind_int(query, 1, (int64_t)index);
    bool found = store_step(query, &status);
    if (found) {
        struct text text = store_text(query, 0);
        snprintf(name, STORE_NAME_MAX, "%.*s", (int)text.length, text.at ? text.at : "");
    }
    store_reset(query);
    return found || status != STATUS_OK ? status : STATUS_NOT_FOUND;
}

/* --- the digest over everything ------------------------------------------------------------------------- */

static enum status list_table(struct store *store, sqlite3_stmt *statement, void *context) {
    struct store_tables *tables = context;
    const char *name = (const char *)sqlite3_column_text(statement, 0);
    if (!name || !is_name(name) || tables->count == STORE_TABLES_MAX) {
        return store_damaged(store);
    }
    snprintf(tables->tables[tables->count++].name, STORE_NAME_MAX, "%s", name);
    return STATUS_OK;
}

enum status store_tables_list(struct store *store, struct store_tables *tables) {
    return store_each_row(store,
                          "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sums'"
                          " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
                          list_table, tables);
}

enum status store_tables_add_up(struct store *store, struct store_tables *tables) {
    enum status status = STATUS_OK;
    size_t next;
    while (status == STATUS_OK && (next = atomic_fetch_add(&tables->taken, 1)) < tables->count) {
        status = store_add_up(store, tables->tables[next].name, &tables->tables[next].sum);
    }
    return status;
}

void store_tables_digest(const struct store_tables *tables, struct digest *out) {
    struct digester *digester = digester_new();
    struct buf bytes;
    buf_init(&bytes, STORE_TABLES_MAX * (STORE_NAME_MAX + 4 * sizeof(uint64_t)));
    for (size_t i = 0; i < tables->count; i++) {
        const struct store_table *table = &tables->tables[i];
        buf_add_u64(&bytes, strlen(table->name));
        buf_add_string(&bytes, table->name);
        buf_add_u64(&bytes, (uint64_t)table->sum.rows);
        buf_add_u64(&bytes, table->sum.low);
        buf_add_u64(&bytes, table->sum.high);
    }
    digester_add(digester, bytes.at, bytes.length);
    *out = digester_finish(digester);
    buf_release(&bytes);
    digester_free(digester);
}

/* Of what each table's rows add up to: they need not be sorted for it. */
enum status store_digest(struct store *store, struct digest *out) {
    struct store_tables *tables = memory_new(sizeof(*tables));
    bool own;
    enum status status = hold_still(store, &own);
    if (status == STATUS_OK) {
        status = store_tables_list(store, tables);
    }
    if (status == STATUS_OK) {
        status = store_tables_add_up(store, tables);
    }
    *out = (struct digest){ .bytes = { 0 } };
    if (status == STATUS_OK) {
        store_tables_digest(tables, out);
    }
    let_go(store, own);
    free(tables);
    return status;
}
