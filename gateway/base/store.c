/*
 * store.c - SQLite in WAL mode with synchronous=NORMAL: a commit may be lost in a power cut, never torn.
 * That is enough for a store that is derived from the journal.
 */
#include "base/store.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

#define QUERIES_MAX     256 /* more texts than this are made up at run time: ours */
#define SLOTS           (2 * QUERIES_MAX)
#define BUSY_TIMEOUT_MS 5000
#define SQL_MAX         (64 * 1024)
#define LOOK_UP_STEPS \
    10000 /* of SQLite's machine between two looks whether it is interrupted: under a millisecond */
#define PRIVATE (S_IRUSR | S_IWUSR) /* 0600 */

struct store_query {
    struct store *store;
    const char *sql;         /* the literal, which is the key */
    sqlite3_stmt *statement; /* NULL: it could not be prepared, `status` says why */
    enum status status;
};

struct store {
    sqlite3 *db;
    enum store_mode mode;
    void (*damaged)(void *context); /* may be NULL */
    void *context;
    size_t count;
    _Atomic bool is_interrupted;
    struct store_query *queries[SLOTS]; /* open addressing by the literal's address */
};

/* --- what SQLite says, in our words --------------------------------------------------------------------- */

static enum status status_of_code(int code) {
    switch (code & 0xFF) { /* the primary code of an extended one */
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return STATUS_OK;
    case SQLITE_FULL: return STATUS_FULL;
    case SQLITE_ERROR: /* our texts fit our tables: then these are another's */
    case SQLITE_CORRUPT:
    case SQLITE_TOOBIG: /* a length that no value of ours has */
    case SQLITE_NOTADB: return STATUS_DAMAGED;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return STATUS_LOCKED;
    case SQLITE_INTERRUPT: return STATUS_CLOSED;
    case SQLITE_NOMEM: memory_exhausted();
    default: return STATUS_IO;
    }
}

/* SQLite has a code of its own only for the write that found no space. What cannot be opened for want of
 * descriptors, or made longer, can be later, as with space. Of a failed commit it does not keep the reason,
 * so errno counts, too: it was 0 before the call. */
static bool lacks_room(sqlite3 *db, int code, int error) {
    int primary = code & 0xFF;
    bool of_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
    return code == SQLITE_IOERR_SHMSIZE
           || (of_system && (file_lacks_room(sqlite3_system_errno(db)) || file_lacks_room(error)));
}

/* RANGE and MISUSE are a wrong call: ours. */
static enum status judge(struct store *store, int code, const char *sql) {
    sqlite3 *db = store->db;
    int primary = code & 0xFF, error = errno, extended = sqlite3_extended_errcode(db);
    if (primary == SQLITE_RANGE || primary == SQLITE_MISUSE) {
        panic("sqlite: %s, in: %s", sqlite3_errmsg(db), sql);
    }
    enum status status =
        code != SQLITE_OK && lacks_room(db, extended, error) ? STATUS_FULL : status_of_code(code);
    if (status != STATUS_OK && primary != SQLITE_INTERRUPT) {
        log_event_bounded(LOG_ERROR, "store", "failed", LOG_STRING("status", status_name(status)),
                          LOG_INT("code", extended), LOG_STRING("reason", sqlite3_errmsg(db)), LOG_END);
    }
    if (status == STATUS_DAMAGED && store->damaged) {
        store->damaged(store->context);
    }
    return status;
}

/* --- open and close ------------------------------------------------------------------------------------- */

/* What stands in it is nobody else's business. SQLite gives the files beside it the mode of the file itself.
 * A file that is there already may be open elsewhere in this process: to open and close it here would drop
 * the locks on it. */
static enum status make_private(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, PRIVATE);
    if (fd >= 0) {
        close(fd);
        return STATUS_OK;
    }
    struct stat found;
    if (errno == EEXIST && stat(path, &found) == 0 && S_ISREG(found.st_mode) && chmod(path, PRIVATE) == 0) {
        return STATUS_OK;
    }
    return file_lacks_room(errno) ? STATUS_FULL : STATUS_IO;
}

/* sqlite3_interrupt() would miss what begins at that very moment. */
static int look_up(void *context) {
    struct store *store = context;
    return atomic_load_explicit(&store->is_interrupted, memory_order_relaxed);
}

static enum status open_database(struct store *store, const char *path) {
    if (store->mode == STORE_WRITE) {
        enum status status = make_private(path);
        if (status != STATUS_OK) {
            return status;
        }
    }
    int flags = SQLITE_OPEN_NOMUTEX;
    flags |= store->mode == STORE_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    errno = 0;
    int code = sqlite3_open_v2(path, &store->db, flags, NULL);
    if (!store->db) {
        memory_exhausted();
    }
    if (code != SQLITE_OK) {
        return judge(store, code, "open");
    }
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    /* Small caches: the system's own holds the rest, and memory stays the same when the tables grow. */
    enum status status = store_exec(store, store->mode == STORE_WRITE
                                               ? "PRAGMA cell_size_check = ON; PRAGMA cache_size = -512"
                                               : "PRAGMA cell_size_check = ON; PRAGMA cache_size = -256");
    if (status == STATUS_OK && store->mode == STORE_WRITE) {
        status = store_exec(store, "PRAGMA journal_mode = WAL; "
                                   "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = OFF");
    }
    if (store->mode == STORE_READ) {
        sqlite3_progress_handler(store->db, LOOK_UP_STEPS, look_up, store);
    }
    if (status == STATUS_OK) { /* what is no database shows itself here */
        status = store_exec(store, "SELECT count(*) FROM sqlite_schema");
    }
    /* Its mode lets us write it, and its head says it is of a later format, to be read only. */
    bool sealed = store->mode == STORE_WRITE && sqlite3_db_readonly(store->db, "main") == 1;
    return status == STATUS_OK && sealed ? STATUS_DAMAGED : status;
}

/* Statistics of memory would make all stores of the process queue at one lock. */
static void configure(void) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum status store_open(const char *path, enum store_mode mode, struct store **out) {
    *out = NULL;
    if (mode == STORE_READ && access(path, F_OK) != 0) {
        return STATUS_NOT_FOUND;
    }
    static pthread_once_t configured = PTHREAD_ONCE_INIT;
    require(pthread_once(&configured, configure) == 0);
    struct store *store = memory_new(sizeof(*store));
    store->mode = mode;
    enum status status = open_database(store, path);
    if (status != STATUS_OK) {
        store_close(store);
        return status;
    }
    *out = store;
    return STATUS_OK;
}

void store_close(struct store *store) {
    if (!store) {
        return;
    }
    for (size_t i = 0; i < SLOTS; i++) {
        if (store->queries[i]) {
            sqlite3_finalize(store->queries[i]->statement);
            free(store->queries[i]);
        }
    }
    require(sqlite3_close(store->db) == SQLITE_OK);
    free(store);
}

/* --- its files ------------------------------------------------------------------------------------------ */

static const char *const endings[] = { "", "-wal", "-shm" };

static void remove_files(const char *path, size_t first) {
    struct arena *arena = arena_new();
    for (size_t i = first; i < sizeof(endings) / sizeof(*endings); i++) {
        (void)unlink(arena_printf(arena, "%s%s", path, endings[i]));
    }
    arena_free(arena);
}

void store_remove(const char *path) {
    remove_files(path, 0);
}

void store_remove_log(const char *path) {
    remove_files(path, 1);
}

void store_rename(const char *from, const char *to) {
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        (void)rename(arena_printf(arena, "%s%s", from, endings[i]),
                     arena_printf(arena, "%s%s", to, endings[i]));
    }
    arena_free(arena);
}

void store_on_damage(struct store *store, void (*damaged)(void *context), void *context) {
    store->damaged = damaged;
    store->context = context;
}

/* --- statements without results ------------------------------------------------------------------------- */

enum status store_exec(struct store *store, const char *sql) {
    errno = 0;
    return judge(store, sqlite3_exec(store->db, sql, NULL, NULL, NULL), sql);
}

/* A writer says so at once: a transaction that turns into one halfway could find itself too late. */
enum status store_begin(struct store *store) {
    return store_run(store_query(store, store->mode == STORE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN"));
}

enum status store_commit(struct store *store) {
    return store_run(store_query(store, "COMMIT"));
}

void store_rollback(struct store *store) {
    if (!sqlite3_get_autocommit(store->db)) { /* some failures have rolled back already */
        store_run(store_query(store, "ROLLBACK"));
    }
}

/* --- queries -------------------------------------------------------------------------------------------- */

static void prepare(struct store_query *query) {
    const char *tail = "";
    errno = 0;
    int code = sqlite3_prepare_v3(query->store->db, query->sql, -1, SQLITE_PREPARE_PERSISTENT,
                                  &query->statement, &tail);
    query->status = judge(query->store, code, query->sql);
    require(query->status != STATUS_OK || (query->statement && !*tail));
}

struct store_query *store_query(struct store *store, const char *sql) {
    size_t slot = ((uintptr_t)sql >> 3) % SLOTS;
    while (store->queries[slot] && store->queries[slot]->sql != sql) {
        slot = (slot + 1) % SLOTS;
    }
    struct store_query *query = store->queries[slot];
    if (!query) {
        require(store->count < QUERIES_MAX);
        store->count++;
        query = store->queries[slot] = memory_new(sizeof(*query));
        *query = (struct store_query){ .store = store, .sql = sql };
        prepare(query);
    } else if (!query->statement) { /* the world may have mended: ask again */
        prepare(query);
    } else {
        require(strcmp(sqlite3_sql(query->statement), sql) == 0); /* not a literal: a reused buffer */
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
    }
    return query;
}

static void bound(struct store_query *query, int code) {
    if (query->statement) {
        judge(query->store, code, query->sql);
    }
}

void store_bind_int(struct store_query *query, int index, int64_t value) {
    bound(query, sqlite3_bind_int64(query->statement, index, value));
}

void store_bind_text(struct store_query *query, int index, struct text value) {
    bound(query, sqlite3_bind_text64(query->statement, index, value.at, value.length, SQLITE_TRANSIENT,
                                     SQLITE_UTF8));
}

void store_bind_string(struct store_query *query, int index, const char *value) {
    store_bind_text(query, index, value ? text_of(value) : (struct text){ 0 });
}

void store_bind_blob(struct store_query *query, int index, const void *bytes, size_t length) {
    bound(query, sqlite3_bind_blob64(query->statement, index, bytes, length, SQLITE_TRANSIENT));
}

bool store_step(struct store_query *query, enum status *status) {
    *status = query->status;
    if (!query->statement) {
        return false;
    }
    if (atomic_load(&query->store->is_interrupted)) {
        sqlite3_reset(query->statement);
        *status = STATUS_CLOSED;
        return false;
    }
    errno = 0;
    int code = sqlite3_step(query->statement);
    if (code == SQLITE_ROW) {
        return true;
    }
    *status = judge(query->store, code, query->sql);
    sqlite3_reset(query->statement); /* a finished read must not hold its snapshot */
    return false;
}

enum status store_run(struct store_query *query) {
    enum status status;
    while (store_step(query, &status)) {
    }
    return status;
}

int64_t store_int(struct store_query *query, int column) {
    return sqlite3_column_int64(query->statement, column);
}

bool store_is_null(struct store_query *query, int column) {
    return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}

static struct text column_bytes(sqlite3_stmt *statement, int column) {
    int type = sqlite3_column_type(statement, column);
    if (type == SQLITE_NULL) {
        return (struct text){ 0 };
    }
    const char *at = type == SQLITE_BLOB ? sqlite3_column_blob(statement, column)
                                         : (const char *)sqlite3_column_text(statement, column);
    size_t length = (size_t)sqlite3_column_bytes(statement, column);
    require(at || length == 0);
    return at ? (struct text){ at, length } : TEXT(""); /* SQLite tells an empty blob as NULL */
}

struct text store_text(struct store_query *query, int column) {
    return column_bytes(query->statement, column);
}

void store_reset(struct store_query *query) {
    sqlite3_reset(query->statement);
}

void store_interrupt(struct store *store) {
    require(store->mode == STORE_READ);
    atomic_store(&store->is_interrupted, true);
}

void store_resume(struct store *store) {
    atomic_store(&store->is_interrupted, false);
}

/* --- the digest over everything ------------------------------------------------------------------------- */

static void add_number(struct digester *digester, char type, uint64_t number) {
    uint64_t little = htole64(number);
    digester_add(digester, &type, 1);
    digester_add(digester, &little, sizeof(little));
}

static void add_bytes(struct digester *digester, char type, struct text bytes) {
    add_number(digester, type, bytes.length);
    digester_add(digester, bytes.at, bytes.length);
}

static uint64_t real_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/* Type, then 8 bytes of value (length for texts and blobs), then the bytes. */
static void add_column(struct digester *digester, sqlite3_stmt *statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: add_number(digester, 'I', (uint64_t)sqlite3_column_int64(statement, column)); break;
    case SQLITE_TEXT: add_bytes(digester, 'T', column_bytes(statement, column)); break;
    case SQLITE_BLOB: add_bytes(digester, 'B', column_bytes(statement, column)); break;
    case SQLITE_NULL: add_number(digester, 'N', 0); break;
    default: add_number(digester, 'R', real_bits(sqlite3_column_double(statement, column)));
    }
}

/* Runs a text that is made here; each row goes to row(). */
static enum status each_row(struct store *store, const char *sql,
                            enum status (*row)(struct store *, sqlite3_stmt *, void *), void *context) {
    sqlite3_stmt *statement;
    errno = 0;
    enum status status = judge(store, sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), sql);
    int code = SQLITE_DONE;
    while (status == STATUS_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        status = row(store, statement, context);
    }
    if (status == STATUS_OK) {
        status = judge(store, code, sql);
    }
    sqlite3_finalize(statement);
    return status;
}

static enum status digest_row(struct store *store, sqlite3_stmt *statement, void *context) {
    for (int column = 0; column < sqlite3_column_count(statement); column++) {
        add_column(context, statement, column);
    }
    return STATUS_OK;
}

static enum status order_by_column(struct store *store, sqlite3_stmt *statement, void *context) {
    buf_printf(context, "%s%d", sqlite3_column_int(statement, 0) ? ", " : " ORDER BY ",
               sqlite3_column_int(statement, 0) + 1);
    return STATUS_OK;
}

/* Rows by all columns in turn: the order is that of the values, whatever order they were written in. */
static enum status digest_table(struct store *store, sqlite3_stmt *statement, void *context) {
    struct digester *digester = context;
    const char *name = (const char *)sqlite3_column_text(statement, 0);
    if (strpbrk(name, "'\"")) { /* the name goes into a text of ours, and none of ours is so */
        return STATUS_DAMAGED;
    }
    add_bytes(digester, 'X', text_of(name));
    struct buf columns, rows;
    buf_init(&columns, SQL_MAX);
    buf_init(&rows, SQL_MAX);
    buf_printf(&columns, "SELECT cid FROM pragma_table_info('%s') ORDER BY cid", name);
    buf_printf(&rows, "SELECT * FROM \"%s\"", name);
    enum status status = each_row(store, columns.at, order_by_column, &rows);
    if (status == STATUS_OK && (buf_failed(&columns) || buf_failed(&rows))) {
        status = STATUS_DAMAGED; /* more columns than any table of ours has */
    }
    if (status == STATUS_OK) {
        status = each_row(store, rows.at, digest_row, digester);
    }
    buf_release(&columns);
    buf_release(&rows);
    return status;
}

enum status store_digest(struct store *store, struct digest *out) {
    bool own_transaction = sqlite3_get_autocommit(store->db); /* all tables as of one moment */
    enum status status = own_transaction ? store_exec(store, "BEGIN") : STATUS_OK;
    struct digester *digester = digester_new();
    if (status == STATUS_OK) {
        status = each_row(store,
                          "SELECT name FROM sqlite_schema WHERE type = 'table'"
                          " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
                          digest_table, digester);
    }
    *out = digester_finish(digester);
    digester_free(digester);
    if (own_transaction) {
        store_rollback(store);
    }
    return status;
}
