/* test_base_store.c - rows in and out, what survives, what a second process sees, and the digest over all. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/file.h"
#include "base/store.h"

static char directory[64], path[128];

static int set_up(void **state) {
    strcpy(directory, "/tmp/clearway-store-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/st?a#te%%41.db", directory);
    return 0;
}

static int tear_down(void **state) {
    static const char *const endings[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < 3; i++) {
        char name[160];
        snprintf(name, sizeof(name), "%s%s", path, endings[i]);
        unlink(name);
    }
    return rmdir(directory);
}

#define TABLE "CREATE TABLE box (id TEXT PRIMARY KEY, kind INTEGER, bytes BLOB) STRICT, WITHOUT ROWID;"

static struct store *open_with_table(void) {
    struct store *store;
    assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_OK);
    assert_int_equal(store_exec(store, TABLE), STATUS_OK);
    return store;
}

static void put(struct store *store, const char *id, int64_t kind, struct text bytes) {
    struct store_query *query = store_query(store, "INSERT INTO box (id, kind, bytes) VALUES (?, ?, ?)");
    store_bind_string(query, 1, id);
    store_bind_int(query, 2, kind);
    store_bind_blob(query, 3, bytes.at, bytes.length);
    assert_int_equal(store_run(query), STATUS_OK);
}

static int64_t count(struct store *store) {
    struct store_query *query = store_query(store, "SELECT count(*) FROM box");
    enum status status;
    assert_true(store_step(query, &status));
    int64_t rows = store_int(query, 0);
    store_reset(query);
    return rows;
}

static void rows_come_back_as_they_went_in(void **state) {
    struct store *store = open_with_table();
    put(store, "票货", INT64_MIN, (struct text){ "a\0b", 3 });
    put(store, "empty", 0, TEXT(""));
    struct store_query *query = store_query(store, "SELECT id, kind, bytes FROM box WHERE id = ?");
    store_bind_text(query, 1, TEXT("票货"));
    enum status status;
    assert_true(store_step(query, &status));
    assert_true(text_is(store_text(query, 0), "票货"));
    assert_int_equal(store_int(query, 1), INT64_MIN);
    assert_true(text_equal(store_text(query, 2), (struct text){ "a\0b", 3 }));
    assert_false(store_step(query, &status));
    assert_int_equal(status, STATUS_OK);

    query = store_query(store, "SELECT bytes, NULL, '' FROM box WHERE id = 'empty'");
    assert_true(store_step(query, &status));
    assert_true(store_is_null(query, 1));
    assert_null(store_text(query, 1).at);
    assert_int_equal(store_int(query, 1), 0);
    assert_false(store_is_null(query, 2));
    assert_non_null(store_text(query, 2).at);
    assert_int_equal(store_text(query, 2).length, 0);
    store_close(store);
}

static void null_texts_bind_null(void **state) {
    struct store *store = open_with_table();
    struct store_query *query = store_query(store, "SELECT ?1 IS NULL, ?2 IS NULL, ?3 IS NULL");
    store_bind_string(query, 1, NULL);
    store_bind_text(query, 2, (struct text){ 0 });
    store_bind_text(query, 3, TEXT(""));
    enum status status;
    assert_true(store_step(query, &status));
    assert_int_equal(store_int(query, 0), 1);
    assert_int_equal(store_int(query, 1), 1);
    assert_int_equal(store_int(query, 2), 0);
    store_close(store);
}

static void a_query_is_kept_reset_and_unbound(void **state) {
    static const char sql[] = "SELECT ?1";
    struct store *store = open_with_table();
    struct store_query *query = store_query(store, sql);
    store_bind_int(query, 1, 7);
    enum status status;
    assert_true(store_step(query, &status));
    assert_ptr_equal(store_query(store, sql), query);
    assert_true(store_step(query, &status));
    assert_true(store_is_null(query, 0));
    store_close(store);
}

static void rolled_back_is_gone_committed_stays(void **state) {
    struct store *store = open_with_table();
    assert_int_equal(store_begin(store), STATUS_OK);
    put(store, "gone", 1, TEXT("x"));
    store_rollback(store);
    store_rollback(store); /* nothing open: nothing happens */
    assert_int_equal(count(store), 0);
    assert_int_equal(store_begin(store), STATUS_OK);
    put(store, "kept", 1, TEXT("x"));
    assert_int_equal(store_commit(store), STATUS_OK);
    store_close(store);
    assert_int_equal(store_open(path, STORE_READ, &store), STATUS_OK);
    assert_int_equal(count(store), 1);
    store_close(store);
}

/* The child sees what is committed while the parent's next transaction is open. */
static void a_reader_in_another_process_sees_committed_rows(void **state) {
    struct store *store = open_with_table();
    put(store, "first", 1, TEXT("x"));
    assert_int_equal(store_begin(store), STATUS_OK);
    put(store, "second", 1, TEXT("x"));
    pid_t child = fork();
    if (child == 0) {
        struct store *reader;
        int rows = store_open(path, STORE_READ, &reader) == STATUS_OK ? (int)count(reader) : 99;
        _exit(rows);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 1);
    assert_int_equal(store_commit(store), STATUS_OK);
    store_close(store);
}

static void a_reader_cannot_write(void **state) {
    store_close(open_with_table());
    struct store *store;
    assert_int_equal(store_open(path, STORE_READ, &store), STATUS_OK);
    assert_int_equal(store_exec(store, "DELETE FROM box"), STATUS_IO);
    store_close(store);
}

static void opening_tells_what_is_wrong(void **state) {
    struct store *store;
    assert_int_equal(store_open(path, STORE_READ, &store), STATUS_NOT_FOUND);
    assert_null(store);
    char beyond[192];
    snprintf(beyond, sizeof(beyond), "%s/none/state.db", directory);
    assert_int_equal(store_open(beyond, STORE_WRITE, &store), STATUS_IO);

    char garbage[4096];
    memset(garbage, 'x', sizeof(garbage));
    assert_int_equal(file_replace(path, (struct text){ garbage, sizeof(garbage) }), STATUS_OK);
    assert_int_equal(store_open(path, STORE_READ, &store), STATUS_DAMAGED);
    assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_DAMAGED);
    assert_null(store);

    assert_int_equal(unlink(path), 0); /* case 925 */
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(store_open(path, STORE_READ, &store), STATUS_IO);
    assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_IO);
}

/* Ids, values and messages of all parties stand in there. */
static void nobody_else_may_read_the_files(void **state) {
    static const char *const endings[] = { "", "-wal", "-shm" };
    for (int round = 0; round < 2; round++) {
        struct store *store;
        if (round == 0) {
            store = open_with_table();
        } else { /* one that was made by somebody less careful */
            assert_int_equal(chmod(path, 0644), 0);
            assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_OK);
        }
        put(store, round ? "two" : "one", 1, TEXT(""));
        for (size_t i = 0; i < 3; i++) {
            char name[160];
            struct stat found;
            snprintf(name, sizeof(name), "%s%s", path, endings[i]);
            assert_int_equal(stat(name, &found), 0);
            assert_int_equal(found.st_mode & 07777, 0600);
        }
        store_close(store);
    }
    assert_int_equal(unlink(path), 0); /* a folder in its place is left as it is */
    assert_int_equal(mkdir(path, 0755), 0);
    struct store *store;
    struct stat found;
    assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_IO);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0755);
    assert_int_equal(rmdir(path), 0);
}

static void a_damaged_page_is_told_by_the_query(void **state) {
    struct store *store = open_with_table();
    for (int i = 0; i < 500; i++) {
        char id[16];
        snprintf(id, sizeof(id), "row %d", i);
        put(store, id, i, TEXT("some bytes that fill the pages of this table"));
    }
    store_close(store);
    struct buf buf;
    buf_init(&buf, 1 << 20);
    assert_int_equal(file_read(path, &buf), STATUS_OK);
    memset(buf.at + 4096, 0xAA, buf.length - 4096); /* all but the first page, which holds the schema */
    assert_int_equal(file_replace(path, buf_text(&buf)), STATUS_OK);
    buf_release(&buf);
    assert_int_equal(store_open(path, STORE_READ, &store), STATUS_OK);
    enum status status = STATUS_OK;
    struct store_query *query = store_query(store, "SELECT count(*) FROM box WHERE kind > 3");
    assert_false(store_step(query, &status));
    assert_int_equal(status, STATUS_DAMAGED);
    struct digest digest;
    assert_int_equal(store_digest(store, &digest), STATUS_DAMAGED);
    store_close(store);
}

/* Case 116: a file whose tables are not those that our texts know, or hold more than SQL can reckon with. */
static void tables_of_anothers_making_are_damage(void **state) {
    struct store *store = open_with_table();
    struct digest digest;
    enum status status = STATUS_OK;
    assert_false(store_step(store_query(store, "SELECT colour FROM box"), &status));
    assert_int_equal(status, STATUS_DAMAGED);
    assert_int_equal(store_run(store_query(store, "DELETE FROM shelf")), STATUS_DAMAGED);
    put(store, "a", INT64_MAX, TEXT(""));
    put(store, "b", INT64_MAX, TEXT(""));
    assert_false(store_step(store_query(store, "SELECT sum(kind) FROM box"), &status));
    assert_int_equal(status, STATUS_DAMAGED);
    assert_int_equal(store_digest(store, &digest), STATUS_OK);
    assert_int_equal(store_exec(store, "CREATE TABLE \"x' OR '\"(a)"), STATUS_OK);
    assert_int_equal(store_digest(store, &digest), STATUS_DAMAGED);
    store_close(store);
}

static void a_full_disk_is_told(void **state) {
    struct store *store = open_with_table();
    assert_int_equal(store_exec(store, "PRAGMA max_page_count = 3"), STATUS_OK);
    enum status status = STATUS_OK;
    for (int i = 0; i < 100 && status == STATUS_OK; i++) {
        status =
            store_run(store_query(store, "INSERT INTO box VALUES (hex(randomblob(8)), 1, zeroblob(1000))"));
    }
    assert_int_equal(status, STATUS_FULL);
    store_close(store);
}

/* --- digest ------------------------------------------------------------------------------------------ */

static const char tables[] = "CREATE TABLE a (x TEXT, y TEXT) STRICT; CREATE TABLE b (x ANY) STRICT";

static struct digest digest_after(const char *sql) {
    struct store *store;
    unlink(path);
    assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_OK);
    assert_int_equal(store_exec(store, tables), STATUS_OK);
    assert_int_equal(store_exec(store, sql), STATUS_OK);
    struct digest first, again;
    assert_int_equal(store_digest(store, &first), STATUS_OK);
    assert_int_equal(store_digest(store, &again), STATUS_OK);
    assert_true(digest_equal(&first, &again));
    store_close(store);
    return first;
}

static int64_t ran_us(clockid_t clock) {
    struct timespec ran;
    assert_int_equal(clock_gettime(clock, &ran), 0);
    return (int64_t)ran.tv_sec * 1000000 + ran.tv_nsec / 1000;
}

struct stopper {
    clockid_t clock; /* the CPU time of the thread that asks */
    int64_t began_us;
    _Atomic bool stop;
};

/* Once the query has computed for a while. */
static void *stop_later(void *context) {
    struct stopper *stopper = context;
    while (ran_us(stopper->clock) < stopper->began_us + 2000) {
        usleep(100);
    }
    atomic_store(&stopper->stop, true);
    return NULL;
}

/* A query that would never end, stopped while it runs; and all that follow, as long as it is wanted so. */
static void a_stopped_store_gives_no_rows(void **state) {
    struct store *writer = open_with_table(), *store;
    enum status status;
    struct stopper stopper = { .stop = false };
    pthread_t thread;
    put(writer, "a", 1, TEXT("x"));
    assert_int_equal(store_open(path, STORE_READ, &store), STATUS_OK);
    store_stop_when(store, &stopper.stop);
    assert_int_equal(pthread_getcpuclockid(pthread_self(), &stopper.clock), 0);
    stopper.began_us = ran_us(stopper.clock);
    assert_int_equal(pthread_create(&thread, NULL, stop_later, &stopper), 0);
    struct store_query *query = store_query(
        store, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
    assert_false(store_step(query, &status));
    assert_int_equal(status, STATUS_CLOSED);
    pthread_join(thread, NULL);
    assert_false(store_step(store_query(store, "SELECT count(*) FROM box"), &status));
    assert_int_equal(status, STATUS_CLOSED);
    atomic_store(&stopper.stop, false);
    assert_int_equal(count(store), 1);
    store_close(store);
    store_close(writer);
}

static void the_digest_tells_contents_apart_and_nothing_else(void **state) {
    static const struct {
        const char *one, *other;
        bool equal;
    } cases[] = {
        { "", "", true },
        { "INSERT INTO a VALUES ('1', 'x'), ('2', 'y')",
          "INSERT INTO a VALUES ('2', 'y'); INSERT INTO a VALUES ('1', 'x')", true },
        { "INSERT INTO b VALUES (1)", "INSERT INTO b VALUES (2), (1); DELETE FROM b WHERE x = 2", true },
        { "INSERT INTO a VALUES ('1', 'x')", "INSERT INTO a VALUES ('1', 'y')", false },
        { "INSERT INTO a VALUES ('ab', 'c')", "INSERT INTO a VALUES ('a', 'bc')", false },
        { "INSERT INTO b VALUES (1)", "INSERT INTO b VALUES ('1')", false },
        { "INSERT INTO b VALUES ('1')", "INSERT INTO b VALUES (x'31')", false },
        { "INSERT INTO b VALUES (NULL)", "INSERT INTO b VALUES ('')", false },
        { "INSERT INTO b VALUES (NULL)", "INSERT INTO b VALUES (0)", false },
        { "INSERT INTO b VALUES (1)", "INSERT INTO b VALUES (1), (1)", false },
        { "INSERT INTO b VALUES (1)", "INSERT INTO b VALUES (1.5)", false },
        { "DROP TABLE b", "", false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct digest one = digest_after(cases[i].one), other = digest_after(cases[i].other);
        if (digest_equal(&one, &other) != cases[i].equal) {
            fail_msg("[%s] and [%s]: expected %s digests", cases[i].one, cases[i].other,
                     cases[i].equal ? "equal" : "different");
        }
    }
}

static void the_digest_leaves_an_open_transaction_open(void **state) {
    struct store *store = open_with_table();
    struct digest digest;
    assert_int_equal(store_begin(store), STATUS_OK);
    put(store, "kept", 1, TEXT("x"));
    assert_int_equal(store_digest(store, &digest), STATUS_OK);
    assert_int_equal(store_commit(store), STATUS_OK);
    assert_int_equal(count(store), 1);
    store_close(store);
}

static int64_t number_of(struct store *store, const char *sql) {
    enum status status;
    struct store_query *query = store_query(store, sql);
    assert_true(store_step(query, &status));
    int64_t number = store_int(query, 0);
    store_reset(query);
    return number;
}

static void put_many(struct store *store) {
    for (int i = 0; i < 150; i++) {
        char id[16];
        snprintf(id, sizeof(id), "%d", i);
        put(store, id, i % 50, TEXT("bytes"));
    }
}

/* An index that no statement of the filling looks into is made at the end, and nothing else is different. */
static void what_is_filled_is_whole_at_the_end(void **state) {
    static const char *const statements[] = { "UPDATE box SET bytes = NULL WHERE kind = ?" };
    static const char indices[] = "SELECT count(*) FROM sqlite_schema WHERE sql LIKE 'CREATE INDEX%'";
    struct store *store = open_with_table();
    assert_int_equal(store_exec(store, "CREATE INDEX box_kind ON box(kind);"
                                       "CREATE INDEX box_bytes ON box(bytes) WHERE kind > 1"),
                     STATUS_OK);
    store_close(store);
    assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_OK);
    assert_int_equal(store_fill(store, statements, 1), STATUS_OK);
    assert_int_equal(number_of(store, indices), 1);
    assert_int_equal(store_begin(store), STATUS_OK);
    put_many(store);
    assert_int_equal(store_commit(store), STATUS_OK);
    assert_int_equal(store_filled(store, NULL), STATUS_OK);
    store_close(store);
    assert_int_equal(file_sync(path), STATUS_OK);
    assert_int_equal(store_open(path, STORE_READ, &store), STATUS_OK);
    assert_int_equal(number_of(store, indices), 2);
    assert_int_equal(number_of(store, "SELECT count(*) FROM box INDEXED BY box_bytes WHERE kind > 1"), 144);
    assert_int_equal(store_digest(store, &(struct digest){ 0 }), STATUS_OK);
    store_close(store);
}

static void assert_sums_hold(void) {
    struct store *store;
    struct store_finding finding;
    char table[STORE_NAME_MAX];
    assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_OK);
    assert_int_equal(store_keep_sums(store), STATUS_OK);
    for (size_t i = 0; store_table(store, i, table) == STATUS_OK; i++) {
        assert_int_equal(store_check(store, table, &finding), STATUS_OK);
    }
    assert_int_equal(store_check(store, "box", &finding), STATUS_OK);
    assert_int_equal(finding.rows, count(store));
    store_close(store);
}

static bool no_threads; /* can be had */
static int threads;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context) {
    threads++;
    return no_threads ? EAGAIN : __real_pthread_create(thread, attributes, run, context);
}

/* A thread adds it up beside the one that makes the indices, or else that one does. */
static void what_is_filled_is_added_up_with_or_without_a_thread(void **state) {
    struct digest filled[2];
    for (int i = 0; i < 2; i++) {
        struct store *store;
        assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_OK);
        assert_int_equal(store_keep_sums(store), STATUS_OK);
        assert_int_equal(store_begin(store), STATUS_OK);
        assert_int_equal(store_exec(store, TABLE "CREATE INDEX box_kind ON box(kind)"), STATUS_OK);
        assert_int_equal(store_commit(store), STATUS_OK);
        assert_int_equal(store_fill(store, NULL, 0), STATUS_OK);
        assert_int_equal(store_begin(store), STATUS_OK);
        put_many(store);
        assert_int_equal(store_commit(store), STATUS_OK);
        no_threads = i == 1;
        threads = 0;
        assert_int_equal(store_filled(store, &filled[i]), STATUS_OK);
        no_threads = false;
        assert_int_equal(threads, 1); /* asked for: so there was a connection for it */
        store_close(store);
        assert_sums_hold();
        store_remove(path);
    }
    assert_true(digest_equal(&filled[0], &filled[1]));
}

/* Whatever was read of it on the way. */
static void sums_of_what_is_filled_are_those_at_the_end(void **state) {
    static const char *const behind[] = {
        "SELECT 1",
        "INSERT INTO box VALUES('another', 7, NULL)",
        "UPDATE box SET kind = kind + 1 WHERE id = '17'",
        "DELETE FROM box WHERE id = '17'",
        "DELETE FROM box",
        "INSERT OR REPLACE INTO box VALUES('18', 7, NULL)",
        "CREATE TABLE shelf (id INTEGER PRIMARY KEY) STRICT; INSERT INTO shelf VALUES(3)",
    };
    for (size_t i = 0; i < sizeof(behind) / sizeof(*behind); i++) {
        struct digest before, at_the_end, filled;
        struct store *store;
        assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_OK);
        assert_int_equal(store_keep_sums(store), STATUS_OK);
        assert_int_equal(store_begin(store), STATUS_OK);
        assert_int_equal(store_exec(store, TABLE), STATUS_OK);
        assert_int_equal(store_commit(store), STATUS_OK);
        assert_int_equal(store_fill(store, NULL, 0), STATUS_OK);
        assert_int_equal(store_begin(store), STATUS_OK);
        put_many(store);
        assert_int_equal(store_commit(store), STATUS_OK);
        assert_int_equal(store_digest(store, &before), STATUS_OK);
        assert_int_equal(store_exec(store, behind[i]), STATUS_OK);
        assert_int_equal(store_filled(store, &filled), STATUS_OK);
        assert_int_equal(store_digest(store, &at_the_end), STATUS_OK);
        assert_true(digest_equal(&filled, &at_the_end));
        assert_int_equal(digest_equal(&before, &at_the_end), i == 0);
        store_close(store);
        assert_sums_hold();
        store_remove(path);
    }
}

int main(void) {
#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        STORE_TEST(rows_come_back_as_they_went_in),
        STORE_TEST(what_is_filled_is_whole_at_the_end),
        STORE_TEST(what_is_filled_is_added_up_with_or_without_a_thread),
        STORE_TEST(sums_of_what_is_filled_are_those_at_the_end),
        STORE_TEST(null_texts_bind_null),
        STORE_TEST(a_query_is_kept_reset_and_unbound),
        STORE_TEST(rolled_back_is_gone_committed_stays),
        STORE_TEST(a_reader_in_another_process_sees_committed_rows),
        STORE_TEST(a_reader_cannot_write),
        STORE_TEST(opening_tells_what_is_wrong),
        STORE_TEST(nobody_else_may_read_the_files),
        STORE_TEST(a_damaged_page_is_told_by_the_query),
        STORE_TEST(tables_of_anothers_making_are_damage),
        STORE_TEST(a_full_disk_is_told),
        STORE_TEST(a_stopped_store_gives_no_rows),
        STORE_TEST(the_digest_tells_contents_apart_and_nothing_else),
        STORE_TEST(the_digest_leaves_an_open_transaction_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
