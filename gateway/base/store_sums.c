/*
 * store_sums.c - SQLite's pre-update hook tells the old and the new values of each row that is inserted,
 * updated, deleted or replaced. While there is one, DELETE without WHERE goes row by row, too.
 */
#define SQLITE_ENABLE_PREUPDATE_HOOK /* declares the hook; Debian's library has it */
#include "base/store_sums.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/status.h"

struct table {
    char name[STORE_NAME_MAX];
    uint32_t seed;
    bool changed;               /* by the open transaction */
    struct store_sum kept, sum; /* as committed; with what the open transaction wrote */
};

#define LATELY 64

struct store_sums {
    sqlite3 *db;
    int failure;
    size_t count;
    struct table tables[STORE_TABLES_MAX];
    struct table
        *lately[LATELY]; /* by SQLite's name of it, a piece of memory for as long as its schema stands */
};

/* --- one row -------------------------------------------------------------------------------------------- */

/* What every column has: its type, and its value or, of texts and blobs, its length; their bytes come
 * behind it. A text is taken as a blob, too: as a text SQLite would copy it, to end it with a NUL. A
 * connection is one thread's (SQLITE_OPEN_NOMUTEX), so an unprotected value is as good as any. */
struct column {
    char type;
    uint64_t number;
    const void *bytes; /* NULL: none */
};

static struct column column_of(sqlite3_value *value) {
    struct column column = { 'N', 0, NULL };
    double real;
    switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: break;
    case SQLITE_INTEGER: column = (struct column){ 'I', (uint64_t)sqlite3_value_int64(value), NULL }; break;
    case SQLITE_FLOAT:
        real = sqlite3_value_double(value);
        column.type = 'R';
        memcpy(&column.number, &real, sizeof(real));
        break;
    case SQLITE_TEXT:
        column.type = 'T';
        column.bytes = sqlite3_value_blob(value);
        column.number = (uint64_t)sqlite3_value_bytes(value);
        break;
    default:
        column.type = 'B';
        column.bytes = sqlite3_value_blob(value);
        column.number = (uint64_t)sqlite3_value_bytes(value);
    }
    return column;
}

static void hash_column(struct hash128 *hash, sqlite3_value *value) {
    struct column column = column_of(value);
    hash128_add(hash, (uint64_t)column.type, column.number);
    if (column.bytes) {
        hash128_add_bytes(hash, column.bytes, column.number);
    }
}

static struct store_sum row_sum(struct hash128 hash, int columns) {
    hash128_end(&hash, (uint64_t)columns);
    return (struct store_sum){ 1, hash.low, hash.high };
}

static uint32_t seed_of(const char *table) {
    return crc32c(0, table, strlen(table));
}

/* --- sums ----------------------------------------------------------------------------------------------- */

static void add(struct store_sum *sum, const struct store_sum *other) {
    sum->rows += other->rows;
    sum->low += other->low;
    sum->high += other->high + (sum->low < other->low);
}

static void subtract(struct store_sum *sum, const struct store_sum *other) {
    sum->rows -= other->rows;
    sum->high -= other->high + (sum->low < other->low);
    sum->low -= other->low;
}

bool store_sum_equal(const struct store_sum *a, const struct store_sum *b) {
    return a->rows == b->rows && a->low == b->low && a->high == b->high;
}

/* --- of what is written --------------------------------------------------------------------------------- */

static struct table *find_table(struct store_sums *sums, const char *name) {
    for (size_t i = 0; i < sums->count; i++) {
        if (strcmp(sums->tables[i].name, name) == 0) {
            return &sums->tables[i];
        }
    }
    if (sums->count == STORE_TABLES_MAX || strlen(name) >= STORE_NAME_MAX) {
        return NULL;
    }
    struct table *table = &sums->tables[sums->count++];
    *table = (struct table){ .seed = seed_of(name) };
    strcpy(table->name, name);
    return table;
}

/* Most rows are of a table that was written to a moment ago: one comparison finds it. */
static struct table *table_called(struct store_sums *sums, const char *name) {
    struct table **lately = &sums->lately[((uintptr_t)name >> 4) % LATELY];
    if (!*lately || strcmp((*lately)->name, name) != 0) {
        *lately = find_table(sums, name);
    }
    return *lately;
}

typedef int take_value(sqlite3 *db, int column, sqlite3_value **value);

/* False: it cannot be read, and stands in sums->failure. */
static bool written_row(struct store_sums *sums, uint32_t seed, take_value *take, struct store_sum *out) {
    int count = sqlite3_preupdate_count(sums->db);
    struct hash128 hash = hash128_begin(seed);
    for (int i = 0; i < count; i++) {
        sqlite3_value *value = NULL;
        int code = take(sums->db, i, &value);
        if (code != SQLITE_OK) {
            sums->failure = code;
            return false;
        }
        hash_column(&hash, value);
    }
    *out = row_sum(hash, count);
    return true;
}

/* Without a transaction of its own a statement has been committed by the time we could write the sums. */
static bool counts(sqlite3 *db, const char *table) {
    return !sqlite3_get_autocommit(db) && strcmp(table, "sums") != 0 && strncmp(table, "sqlite_", 7) != 0;
}

static void before_update(void *context, sqlite3 *db, int operation, const char *database, const char *name,
                          sqlite3_int64 old_rowid, sqlite3_int64 new_rowid) {
    struct store_sums *sums = context;
    struct store_sum row;
    if (!counts(db, name)) {
        return;
    }
    struct table *table = table_called(sums, name);
    if (!table) {
        sums->failure = SQLITE_CORRUPT;
        return;
    }
    table->changed = true;
    if (operation != SQLITE_INSERT && written_row(sums, table->seed, sqlite3_preupdate_old, &row)) {
        subtract(&table->sum, &row);
    }
    if (operation != SQLITE_DELETE && written_row(sums, table->seed, sqlite3_preupdate_new, &row)) {
        add(&table->sum, &row);
    }
}

static void rolled_back(void *context) {
    struct store_sums *sums = context;
    for (size_t i = 0; i < sums->count; i++) {
        sums->tables[i].sum = sums->tables[i].kept;
        sums->tables[i].changed = false;
    }
    sums->failure = SQLITE_OK;
}

struct store_sums *store_sums_new(sqlite3 *db) {
    struct store_sums *sums = memory_new(sizeof(*sums));
    sums->db = db;
    sqlite3_preupdate_hook(db, before_update, sums);
    sqlite3_rollback_hook(db, rolled_back, sums);
    return sums;
}

void store_sums_free(struct store_sums *sums) {
    if (sums) {
        sqlite3_preupdate_hook(sums->db, NULL, NULL);
        sqlite3_rollback_hook(sums->db, NULL, NULL);
        free(sums);
    }
}

bool store_sums_set(struct store_sums *sums, const char *name, const struct store_sum *sum) {
    struct table *table = find_table(sums, name);
    if (table) {
        table->kept = table->sum = *sum;
    }
    return table != NULL;
}

const struct store_sum *store_sums_changed(const struct store_sums *sums, size_t *place, const char **name) {
    require(*place <= sums->count);
    while (*place < sums->count) {
        const struct table *table = &sums->tables[(*place)++];
        if (table->changed) {
            *name = table->name;
            return &table->sum;
        }
    }
    return NULL;
}

void store_sums_committed(struct store_sums *sums) {
    require(sums->count <= STORE_TABLES_MAX);
    for (size_t i = 0; i < sums->count; i++) {
        sums->tables[i].kept = sums->tables[i].sum;
        sums->tables[i].changed = false;
    }
}

int store_sums_failure(const struct store_sums *sums) {
    return sums->failure;
}

/* --- of what is read ------------------------------------------------------------------------------------ */

void store_tally_init(struct store_tally *tally, const char *table) {
    *tally = (struct store_tally){ .seed = seed_of(table) };
}

void store_tally_add(struct store_tally *tally, sqlite3_stmt *statement) {
    require(sqlite3_data_count(statement) > 0);
    int count = sqlite3_column_count(statement);
    struct hash128 hash = hash128_begin(tally->seed);
    for (int i = 0; i < count; i++) {
        hash_column(&hash, sqlite3_column_value(statement, i));
    }
    struct store_sum row = row_sum(hash, count);
    add(&tally->sum, &row);
}
