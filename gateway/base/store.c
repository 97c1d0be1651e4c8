/*
 * store.c - SQLite in WAL mode with synchronous=NORMAL: a commit may be lost in a power cut, never torn.
 * That is enough for a store that is derived from the journal.
 *
 * SQLite sees to it that its pages fit together, not that they are those it wrote. So a store may keep sums
 * over its rows (store_sums.h), in a table `sums` that each commit brings up to date in the same
 * transaction. The tables themselves (names, columns, conditions of indices) are summed as the rows of
 * sqlite_schema. What reads everything is in store_check.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "base/store_inside.h"

#define BUSY_TIMEOUT_MS 5000
#define OPEN_AGAIN_MS   10
#define LOOK_UP_STEPS   10000 /* of SQLite's machine between two looks whether to stop: under a millisecond */
#define PRIVATE         (S_IRUSR | S_IWUSR) /* 0600 */
#define URI_MAX         (3 * 4096 + 32)

struct store_query {
    struct store *store;
    const char *sql;         /* the literal, which is the key */
    sqlite3_stmt *statement; /* NULL: it could not be prepared, `status` says why */
    enum status status;
};

/* --- what SQLite says, in our words --------------------------------------------------------------------- */

/* Of a failure. */
static enum status status_of_code(int code) {
    switch (code & 0xFF) { /* the primary code of an extended one */
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

/* What the disk would not give (EIO, and what file systems say of themselves) SQLite calls corrupt, without
 * having seen it. errno was 0 before the call. */
static bool was_not_read(int code, int error) {
    return (code & 0xFF) == SQLITE_CORRUPT && (error == EIO || error == ENXIO || error == ERANGE);
}

/* RANGE and MISUSE are a wrong call: ours. */
enum status store_judge(struct store *store, int code, const char *sql) {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) {
        return STATUS_OK;
    }
    sqlite3 *db = store->db;
    int primary = code & 0xFF, error = errno, extended = sqlite3_extended_errcode(db);
    if (primary == SQLITE_RANGE || primary == SQLITE_MISUSE) {
        panic("sqlite: %s, in: %s", sqlite3_errmsg(db), sql);
    }
    enum status status = status_of_code(code);
    if (lacks_room(db, extended, error)) {
        status = STATUS_FULL;
    } else if (was_not_read(code, error)) {
        status = STATUS_IO;
    }
    if (primary != SQLITE_INTERRUPT) {
        log_event_bounded(LOG_ERROR, EVENT_STORE_FAILED, LOG_STRING("status", status_name(status)),
                          LOG_INT("code", extended), LOG_STRING("reason", sqlite3_errmsg(db)), LOG_END);
    }
    if (store->statement_failed == STATUS_OK) {
        store->statement_failed = status;
    }
    return status == STATUS_DAMAGED ? store_damaged(store) : status;
}

enum status store_damaged(struct store *store) {
    if (store->damaged) {
        store->damaged(store->context);
    }
    return STATUS_DAMAGED;
}

/* --- open and close ------------------------------------------------------------------------------------- */

/* SQLite would wait for who writes to a pipe. */
static bool is_no_file(const char *path) {
    struct stat found;
    return stat(path, &found) == 0 && !S_ISREG(found.st_mode);
}

/* What stands in it is nobody else's business. SQLite gives the files beside it the mode of the file itself.
 * A file that is there already may be open elsewhere in this process: to open and close it here would drop
 * the locks on it. */
static enum status make_private(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, PRIVATE);
    if (fd >= 0) {
        close(fd);
        return STATUS_OK;
    }
    if (errno == EEXIST && chmod(path, PRIVATE) == 0) {
        return STATUS_OK;
    }
    return file_lacks_room(errno) ? STATUS_FULL : STATUS_IO;
}

static bool is_stopped(const struct store *store) {
    return store->stop && atomic_load_explicit(store->stop, memory_order_relaxed);
}

/* sqlite3_interrupt() would miss what begins at that very moment. */
static int look_up(void *context) {
    struct store *store = context;
    return is_stopped(store);
}

/* It stands in the head of the database, which is none of its rows. */
static enum status identify(struct store *store) {
    char sql[64];
    uint32_t drawn;
    if (store_identity(store)) {
        return STATUS_OK;
    }
    random_fill(&drawn, sizeof(drawn));
    snprintf(sql, sizeof(sql), "PRAGMA user_version = %u", (drawn & INT32_MAX) | 1);
    return store_exec(store, sql);
}

static enum status connect_to(struct store *store, const char *name, int flags) {
    errno = 0;
    int code = sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (!store->db) {
        memory_exhausted();
    }
    return store_judge(store, code, "open");
}

static enum status open_database(struct store *store, const char *path) {
    if (is_no_file(path)) {
        return STATUS_IO;
    }
    if (store->mode == STORE_WRITE) {
        enum status status = make_private(path);
        if (status != STATUS_OK) {
            return status;
        }
    }
    enum status connected = connect_to(store, path,
                                       store->mode == STORE_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                                                  : SQLITE_OPEN_READONLY);
    if (connected != STATUS_OK) {
        return connected;
    }
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    /* Small caches: the system's own holds the rest, and memory stays the same when the tables grow. */
    enum status status = store_exec(store, store->mode == STORE_WRITE
                                               ? "PRAGMA cell_size_check = ON; PRAGMA cache_size = -512"
                                               : "PRAGMA cell_size_check = ON; PRAGMA cache_size = -256");
    if (status == STATUS_OK && store->mode == STORE_WRITE) {
        /* 16 MiB of log before it goes into the database: what is written again and again goes once. */
        status = store_exec(store, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4096; "
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
    status = status == STATUS_OK && sealed ? STATUS_DAMAGED : status;
    return status == STATUS_OK && store->mode == STORE_WRITE ? identify(store) : status;
}

/* Statistics of memory would make all stores of the process queue at one lock. */
static void configure(void) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static enum status open_once(const char *path, enum store_mode mode, struct store **out) {
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

/* While another connection makes a log whole behind a crash, or removes it, because it is the last, SQLite
 * says at once that the file is in use, whatever its timeout is (wal.html, 7). */
enum status store_open(const char *path, enum store_mode mode, struct store **out) {
    static pthread_once_t configured = PTHREAD_ONCE_INIT;
    *out = NULL;
    if (mode == STORE_READ && access(path, F_OK) != 0) {
        return STATUS_NOT_FOUND;
    }
    require(pthread_once(&configured, configure) == 0);
    enum status status = open_once(path, mode, out);
    for (int waited_ms = 0; status == STATUS_LOCKED && waited_ms < BUSY_TIMEOUT_MS;
         waited_ms += OPEN_AGAIN_MS) {
        nanosleep(&(struct timespec){ .tv_nsec = OPEN_AGAIN_MS * 1000000L }, NULL);
        status = open_once(path, mode, out);
    }
    return status;
}

/* SQLite takes that nobody writes as a word about a file whose name is a URI (uri.html). */
enum status store_open_beside(struct store *store, struct store **out) {
    struct buf uri;
    buf_init(&uri, URI_MAX);
    buf_add_string(&uri, "file:");
    for (const char *at = sqlite3_db_filename(store->db, "main"); *at; at++) {
        buf_printf(&uri, strchr("?#%", *at) ? "%%%02X" : "%c", *at);
    }
    buf_add_string(&uri, "?immutable=1");
    struct store *beside = memory_new(sizeof(*beside));
    beside->mode = STORE_READ;
    enum status status = buf_failed(&uri)
                             ? STATUS_TOO_LARGE
                             : connect_to(beside, uri.at, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    buf_release(&uri);
    if (status != STATUS_OK) {
        store_close(beside);
        beside = NULL;
    }
    *out = beside;
    return status;
}

uint64_t store_identity(struct store *store) {
    enum status status;
    struct store_query *query = store_query(store, "PRAGMA user_version");
    uint64_t identity = store_step(query, &status) ? (uint64_t)store_int(query, 0) : 0;
    store_reset(query);
    return identity;
}

enum store_mode store_mode(const struct store *store) {
    return store->mode;
}

void store_close(struct store *store) {
    if (!store) {
        return;
    }
    for (size_t i = 0; i < STORE_SLOTS; i++) {
        if (store->queries[i]) {
            sqlite3_finalize(store->queries[i]->statement);
            free(store->queries[i]);
        }
    }
    store_fill_end(store);
    store_sums_free(store->sums);
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

void store_stop_when(struct store *store, const _Atomic bool *stop) {
    require(store->mode == STORE_READ);
    store->stop = stop;
}

bool store_is_stopped(const struct store *store) {
    return store->stop && atomic_load(store->stop);
}

/* --- statements without results ------------------------------------------------------------------------- */

enum status store_exec(struct store *store, const char *sql) {
    store->tables_changed = true;
    errno = 0;
    return store_judge(store, sqlite3_exec(store->db, sql, NULL, NULL, NULL), sql);
}

/* --- sums ----------------------------------------------------------------------------------------------- */

enum status store_write_sum(struct store *store, const char *table, const struct store_sum *sum) {
    struct store_query *query =
        store_query(store, "INSERT OR REPLACE INTO sums(name, rows, low, high) VALUES(?, ?, ?, ?)");
    store_bind_string(query, 1, table);
    store_bind_int(query, 2, sum->rows);
    store_bind_int(query, 3, (int64_t)sum->low);
    store_bind_int(query, 4, (int64_t)sum->high);
    return store_run(query);
}

static enum status write_schema_sum(struct store *store) {
    struct store_sum sum;
    enum status status = store_add_up(store, STORE_SCHEMA, &sum);
    return status == STATUS_OK ? store_write_sum(store, STORE_SCHEMA, &sum) : status;
}

/* A statement that failed halfway has taken back rows that were added up: then nothing of it all is kept. */
static enum status write_sums(struct store *store) {
    const char *table;
    const struct store_sum *sum;
    size_t place = 0;
    enum status status = store->statement_failed;
    if (status == STATUS_OK) {
        status = store_judge(store, store_sums_failure(store->sums), "sums");
    }
    while (status == STATUS_OK && (sum = store_sums_changed(store->sums, &place, &table))) {
        status = store_write_sum(store, table, sum);
    }
    return status == STATUS_OK && store->tables_changed ? write_schema_sum(store) : status;
}

enum status store_follow_sums(struct store *store) {
    store->sums = store_sums_new(store->db);
    struct store_query *query = store_query(store, "SELECT name, rows, low, high FROM sums");
    enum status status;
    while (store_step(query, &status)) {
        struct store_sum sum = { store_int(query, 1), (uint64_t)store_int(query, 2),
                                 (uint64_t)store_int(query, 3) };
        char name[STORE_NAME_MAX + 1];
        snprintf(name, sizeof(name), "%.*s", (int)store_text(query, 0).length, store_text(query, 0).at);
        if (!store_sums_set(store->sums, name, &sum)) {
            store_reset(query);
            return store_damaged(store);
        }
    }
    return status;
}

/* --- transactions --------------------------------------------------------------------------------------- */

/* A writer says so at once: a transaction that turns into one halfway could find itself too late. */
enum status store_begin(struct store *store) {
    require(sqlite3_get_autocommit(store->db)); /* none is open */
    store->tables_changed = false;
    store->statement_failed = STATUS_OK;
    return store_run(store_query(store, store->mode == STORE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN"));
}

enum status store_commit(struct store *store) {
    enum status status = store->sums ? write_sums(store) : STATUS_OK;
    if (status == STATUS_OK) {
        status = store_run(store_query(store, "COMMIT"));
    }
    if (status != STATUS_OK) {
        store_rollback(store);
    } else if (store->sums) {
        store_sums_committed(store->sums);
    }
    return status;
}

void store_rollback(struct store *store) {
    if (!sqlite3_get_autocommit(store->db)) { /* some failures have rolled back already */
        store_run(store_query(store, "ROLLBACK"));
    }
}

enum status store_set_cache(struct store *store, unsigned kib) {
    char sql[64];
    snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%u", kib);
    return store_exec(store, sql);
}

void store_rest(struct store *store) {
    (void)sqlite3_db_release_memory(store->db);
}

/* Before anybody makes tables that are missing, and sums them anew. But for the sums themselves a new store
 * has none. */
static enum status check_schema(struct store *store) {
    struct store_finding finding = { .rows = 0 };
    enum status status;
    struct store_query *query = store_query(store, "SELECT 1 FROM sqlite_schema WHERE name <> 'sums'");
    bool made = store_step(query, &status);
    store_reset(query);
    if (status == STATUS_OK && made) {
        status = store_check(store, STORE_SCHEMA, &finding);
    }
    if (status == STATUS_DAMAGED) {
        log_event(LOG_ERROR, EVENT_STORE_TABLES_DIFFER, LOG_STRING("found", finding.what), LOG_END);
    }
    return status;
}

enum status store_keep_sums(struct store *store) {
    require(store->mode == STORE_WRITE && !store->sums);
    enum status status = store_begin(store);
    if (status == STATUS_OK) {
        status =
            store_exec(store, "CREATE TABLE IF NOT EXISTS sums(name TEXT PRIMARY KEY, rows INTEGER NOT NULL,"
                              " low INTEGER NOT NULL, high INTEGER NOT NULL) STRICT, WITHOUT ROWID");
    }
    if (status == STATUS_OK) {
        status = store_commit(store);
    }
    if (status != STATUS_OK) {
        store_rollback(store);
        return status;
    }
    status = store_follow_sums(store);
    return status == STATUS_OK ? check_schema(store) : status;
}

/* --- queries -------------------------------------------------------------------------------------------- */

static void prepare(struct store_query *query) {
    const char *tail = "";
    errno = 0;
    int code = sqlite3_prepare_v3(query->store->db, query->sql, -1, SQLITE_PREPARE_PERSISTENT,
                                  &query->statement, &tail);
    query->status = store_judge(query->store, code, query->sql);
    require(query->status != STATUS_OK || (query->statement && !*tail));
}

struct store_query *store_query(struct store *store, const char *sql) {
    size_t slot = ((uintptr_t)sql >> 3) % STORE_SLOTS;
    while (store->queries[slot] && store->queries[slot]->sql != sql) {
        slot = (slot + 1) % STORE_SLOTS;
    }
    struct store_query *query = store->queries[slot];
    if (!query) {
        require(store->count < STORE_QUERIES_MAX);
        store->count++;
        query = store->queries[slot] = memory_new(sizeof(*query));
        *query = (struct store_query){ .store = store, .sql = sql };
        prepare(query);
    } else if (!query->statement) { /* the world may have mended: ask again */
        prepare(query);
    } else {
        /* Not a literal, but a buffer that was used again? Its beginning tells most of them. */
        require(strncmp(sqlite3_sql(query->statement), sql, STORE_SQL_COMPARED) == 0);
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
    }
    return query;
}

static void bound(struct store_query *query, int code) {
    if (query->statement) {
        store_judge(query->store, code, query->sql);
    }
}

void store_bind_int(struct store_query *query, int index, int64_t value) {
    bound(query, sqlite3_bind_int64(query->statement, index, value));
}

static void bind_text(struct store_query *query, int index, struct text value,
                      sqlite3_destructor_type whose) {
    bound(query, sqlite3_bind_text64(query->statement, index, value.at, value.length, whose, SQLITE_UTF8));
}

void store_bind_text(struct store_query *query, int index, struct text value) {
    bind_text(query, index, value, SQLITE_TRANSIENT);
}

void store_lend_text(struct store_query *query, int index, struct text value) {
    bind_text(query, index, value, SQLITE_STATIC);
}

void store_lend_string(struct store_query *query, int index, const char *value) {
    store_lend_text(query, index, value ? text_of(value) : (struct text){ 0 });
}

void store_bind_string(struct store_query *query, int index, const char *value) {
    store_bind_text(query, index, value ? text_of(value) : (struct text){ 0 });
}

int store_parameters(const struct store_query *query) {
    return query->statement ? sqlite3_bind_parameter_count(query->statement) : 0;
}

const char *store_parameter(const struct store_query *query, int index) {
    require(index > 0);
    const char *name = query->statement ? sqlite3_bind_parameter_name(query->statement, index) : NULL;
    return name ? name + 1 : "";
}

void store_bind_blob(struct store_query *query, int index, const void *bytes, size_t length) {
    bound(query, sqlite3_bind_blob64(query->statement, index, bytes, length, SQLITE_TRANSIENT));
}

bool store_step(struct store_query *query, enum status *status) {
    *status = query->status;
    if (!query->statement) {
        return false;
    }
    if (is_stopped(query->store)) {
        sqlite3_reset(query->statement);
        *status = STATUS_CLOSED;
        return false;
    }
    errno = 0;
    int code = sqlite3_step(query->statement);
    if (code == SQLITE_ROW) {
        return true;
    }
    *status = store_judge(query->store, code, query->sql);
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

struct planned {
    const char *sql;
    store_plan *told;
    void *context;
};

static enum status tell_plan(struct store *store, sqlite3_stmt *statement, void *context) {
    const struct planned *planned = context;
    const char *plan = (const char *)sqlite3_column_text(statement, 3);
    planned->told(planned->sql, plan ? plan : "", planned->context);
    return STATUS_OK;
}

enum status store_each_plan(struct store *store, store_plan *told, void *context) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < STORE_SLOTS; i++) {
        const struct store_query *query = store->queries[i];
        if (query && query->statement) {
            struct planned planned = { query->sql, told, context };
            status = store_explain(store, query->sql, tell_plan, &planned);
        }
    }
    return status;
}
