/*
 * The table of seen ids on disk: what goes in comes out, what is not there is proved not to be, and no bit,
 * row or page that is wrong gives a wrong answer: it says DAMAGED, or is not needed for that answer.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "intake/seen_filter.h"
#include "intake/seen_table.h"

#define PAGE 4096
#define ROWS 200 /* some pages, one of them above the others */

static char directory[64], path[128];

static int set_up(void **state) {
    strcpy(directory, "/tmp/clearway-table-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/seen.db", directory);
    return 0;
}

static void forget(void) {
    static const char *const endings[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < 3; i++) {
        char name[160];
        snprintf(name, sizeof(name), "%s%s", path, endings[i]);
        unlink(name);
    }
}

static int tear_down(void **state) {
    forget();
    return rmdir(directory);
}

static struct seen_table *open_table(enum store_mode mode) {
    struct seen_table *table;
    assert_int_equal(seen_table_open(path, mode, &table), STATUS_OK);
    return table;
}

/* Even keys are put in, odd ones are not. */
static struct sighting sighting_of(uint64_t n) {
    struct sighting sighting = { .number = n + 1, .against = n % 3, .digest = digest_of(&n, sizeof(n)) };
    memcpy(sighting.key.bytes, sighting.digest.bytes, SEEN_KEY_SIZE);
    return sighting;
}

static enum status write_rows(struct seen_table *table, uint64_t from, uint64_t to, uint64_t position) {
    static struct sighting sightings[1000];
    const struct sighting *pointers[1000];
    size_t count = 0;
    for (uint64_t n = from; n < to; n++, count++) {
        sightings[count] = sighting_of(2 * n);
        pointers[count] = &sightings[count];
    }
    return seen_table_write(table, pointers, count,
                            &(struct seen_position){ position, digest_of("chain", 5) });
}

static bool is_as_put_in(const struct sighting *found, uint64_t n) {
    struct sighting expected = sighting_of(n);
    return memcmp(&found->key, &expected.key, sizeof(found->key)) == 0 && found->number == expected.number
           && found->against == expected.against && digest_equal(&found->digest, &expected.digest);
}

/* The status, and fails when an answer is wrong. */
static enum status ask(struct seen_table *table, uint64_t n, const char *what, size_t where) {
    struct sighting asked = sighting_of(n), found;
    enum status status = seen_table_find(table, &asked.key, &found);
    bool there = n % 2 == 0;
    bool right = status == STATUS_DAMAGED
                 || (there ? status == STATUS_OK && is_as_put_in(&found, n) : status == STATUS_NOT_FOUND);
    if (!right) {
        fail_msg("%s %zu: key %llu gives status %d", what, where, (unsigned long long)n, status);
    }
    return status;
}

static enum status prove_all(struct seen_table *table, size_t rows) {
    struct seen_key cursor = { { 0 } };
    enum status status;
    while ((status = seen_table_prove(table, &cursor, rows, NULL, NULL)) == STATUS_OK) {
    }
    return status;
}

static void what_goes_in_comes_out(void **state) {
    struct seen_table *table = open_table(STORE_WRITE), *questions = open_table(STORE_READ);
    struct seen_position position;
    assert_int_equal(seen_table_position(table, &position), STATUS_OK);
    assert_int_equal(position.number, 0);
    assert_int_equal(prove_all(table, 10), STATUS_NOT_FOUND);
    assert_int_equal(ask(questions, 0 + 1, "empty", 0), STATUS_NOT_FOUND);
    for (uint64_t from = 0; from < 900; from += 300) { /* later rows stand between earlier ones */
        assert_int_equal(write_rows(table, from, from + 300, from + 1), STATUS_OK);
        for (uint64_t n = 0; n < 2 * (from + 300); n++) {
            assert_int_equal(ask(questions, n, "row", n), n % 2 ? STATUS_NOT_FOUND : STATUS_OK);
        }
        for (size_t rows = 1; rows < 2000; rows *= 3) {
            assert_int_equal(prove_all(questions, rows), STATUS_NOT_FOUND);
        }
        assert_int_equal(seen_table_position(questions, &position), STATUS_OK);
        assert_int_equal(position.number, from + 1);
    }
    assert_int_equal(write_rows(table, 0, 500, 5), STATUS_OK); /* the same once more */
    assert_int_equal(prove_all(table, 901), STATUS_NOT_FOUND); /* 900 and the first */
    struct seen_key cursor = { { 0 } };
    assert_int_equal(seen_table_prove(table, &cursor, 900, NULL, NULL), STATUS_OK);
    assert_int_equal(seen_table_prove(table, &cursor, 1, NULL, NULL), STATUS_NOT_FOUND);
    seen_table_close(questions);
    seen_table_close(table);
}

static void know(const struct seen_key *key, void *context) {
    seen_filter_put(context, key);
}

/* A filter that was told what was proved, in slices, knows each row there; of others hardly any. */
static void a_filter_knows_what_was_proved(void **state) {
    enum { RECORDS = 900 };
    struct seen_table *table = open_table(STORE_WRITE);
    struct seen_filter *filter = seen_filter_new(RECORDS);
    struct seen_key cursor = { { 0 } };
    size_t in_vain = 0;
    assert_int_equal(write_rows(table, 0, RECORDS, 1), STATUS_OK);
    while (seen_table_prove(table, &cursor, 70, know, filter) == STATUS_OK) {
    }
    for (uint64_t n = 0; n < 2 * RECORDS; n++) {
        struct sighting sighting = sighting_of(n);
        bool may = seen_filter_may_have(filter, &sighting.key);
        in_vain += may && n % 2 == 1;
        assert_true(may || n % 2 == 1);
    }
    assert_in_range(in_vain, 0, RECORDS / 50);
    seen_filter_free(filter);
    seen_table_close(table);
}

static void a_snapshot_does_not_see_what_is_written_meanwhile(void **state) {
    struct seen_table *table = open_table(STORE_WRITE), *questions = open_table(STORE_READ);
    assert_int_equal(seen_table_hold(questions), STATUS_OK);
    assert_int_equal(seen_table_hold(questions), STATUS_OK);
    struct sighting asked = sighting_of(0), found;
    assert_int_equal(seen_table_find(questions, &asked.key, &found), STATUS_NOT_FOUND);
    assert_int_equal(write_rows(table, 0, 1, 1), STATUS_OK);
    assert_int_equal(seen_table_find(questions, &asked.key, &found), STATUS_NOT_FOUND);
    seen_table_let_go(questions);
    seen_table_let_go(questions);
    assert_int_equal(seen_table_find(questions, &asked.key, &found), STATUS_OK);
    seen_table_close(questions);
    seen_table_close(table);
}

/* --- rows that are wrong -------------------------------------------------------------------------------- */

/* What an operator with a database tool, another program or a lost page could leave, row by row. */
static void rows_that_are_wrong(void **state) {
#define KEY_OF(n) "(SELECT key FROM seen ORDER BY key LIMIT 1 OFFSET " #n ")"
#define BEHIND(n) \
    "(SELECT CAST(substr(key, 1, 15) || x'FF' AS BLOB) FROM seen ORDER BY key LIMIT 1 OFFSET " #n ")"
    static const char *const damages[] = {
        "DELETE FROM seen WHERE key = " KEY_OF(100),
        "UPDATE seen SET number = number + 1 WHERE key = " KEY_OF(100),
        "UPDATE seen SET against = 7 WHERE key = " KEY_OF(100),
        "UPDATE seen SET digest = zeroblob(32) WHERE key = " KEY_OF(100),
        "UPDATE seen SET digest = zeroblob(31) WHERE key = " KEY_OF(100),
        "UPDATE seen SET proof = proof + 1 WHERE key = " KEY_OF(100),
        "UPDATE seen SET next = " KEY_OF(102) " WHERE key = " KEY_OF(100),
        "UPDATE seen SET key = " BEHIND(100) " WHERE key = " KEY_OF(100),
        "UPDATE seen SET key = zeroblob(3) WHERE key = " KEY_OF(100),
        "DELETE FROM seen WHERE key > " KEY_OF(100),
        "DELETE FROM seen WHERE key < " KEY_OF(100),
        "DELETE FROM seen",
        "INSERT INTO seen SELECT " BEHIND(
            100) ", number, against, digest, next, proof FROM seen WHERE key = " KEY_OF(100),
    };
    for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
        const char *sql = damages[i];
        struct seen_table *table = open_table(STORE_WRITE);
        struct store *store;
        size_t damaged = 0;
        assert_int_equal(write_rows(table, 0, ROWS, 1), STATUS_OK);
        seen_table_close(table);
        assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_OK);
        assert_int_equal(store_exec(store, sql), STATUS_OK);
        store_close(store);

        table = open_table(STORE_READ);
        for (uint64_t n = 0; n < 2 * ROWS; n++) {
            damaged += ask(table, n, sql, i) == STATUS_DAMAGED;
        }
        bool one_too_many = strncmp(sql, "INSERT", 6) == 0; /* shows only to who asks right behind it */
        assert_true(damaged > 0 || one_too_many);
        assert_int_equal(prove_all(table, 50), STATUS_DAMAGED);
        seen_table_close(table);
        table = open_table(STORE_WRITE); /* nothing is built on it */
        assert_true(write_rows(table, ROWS, 5 * ROWS, 2) == STATUS_DAMAGED || one_too_many);
        seen_table_close(table);
        forget();
    }
}

static void another_shape_is_no_table(void **state) {
    static const char *const shapes[] = {
        "CREATE TABLE other(id INTEGER PRIMARY KEY) STRICT",
        "CREATE TABLE seen(key BLOB PRIMARY KEY, number INTEGER NOT NULL, digest BLOB NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE VIEW seen AS SELECT 1 AS key",
    };
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
        struct store *store;
        struct seen_table *table;
        assert_int_equal(store_open(path, STORE_WRITE, &store), STATUS_OK);
        assert_int_equal(store_exec(store, shapes[i]), STATUS_OK);
        store_close(store);
        assert_int_equal(seen_table_open(path, STORE_READ, &table), STATUS_DAMAGED);
        assert_int_equal(seen_table_open(path, STORE_WRITE, &table), STATUS_DAMAGED);
        assert_null(table);
        forget();
    }
    struct seen_table *table;
    assert_int_equal(seen_table_open(path, STORE_READ, &table), STATUS_NOT_FOUND);
}

/* --- bits that flip ------------------------------------------------------------------------------------- */

static void write_file(const struct buf *bytes) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes->at, bytes->length), bytes->length);
    close(fd);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EACH 7 /* slow builds look for other mistakes */
#define ELSE 23
#else
#define EACH 1
#define ELSE 5
#endif

/* Case 151. Every byte of one page and some of the others, one bit or another: ask() fails at a wrong
   answer. */
static void bits_that_flip(void **state) {
    struct buf good;
    size_t damaged = 0, harmless = 0;
    struct seen_table *table = open_table(STORE_WRITE);
    assert_int_equal(write_rows(table, 0, ROWS, 1), STATUS_OK);
    seen_table_close(table);
    buf_init(&good, 1u << 20);
    assert_int_equal(file_read(path, &good), STATUS_OK);
    assert_true(good.length >= 5 * PAGE);
    for (size_t offset = 0; offset < good.length; offset += offset / PAGE == 1 ? EACH : ELSE) {
        char right = good.at[offset];
        forget();
        good.at[offset] ^= (char)(1 << (offset + offset / PAGE) % 8);
        write_file(&good);
        good.at[offset] = right;
        enum status status = seen_table_open(path, STORE_READ, &table);
        if (status == STATUS_OK) {
            for (uint64_t n = offset % 7; n < 2 * ROWS; n += 7) {
                ask(table, n, "byte", offset);
            }
            status = prove_all(table, 64);
            assert_true(status == STATUS_NOT_FOUND || status == STATUS_DAMAGED);
            harmless += status == STATUS_NOT_FOUND;
            seen_table_close(table);
        }
        damaged += status == STATUS_DAMAGED;
    }
    printf("%zu damaged, %zu in free places\n", damaged, harmless);
    assert_true(damaged > good.length / 100);
    buf_release(&good);
}

int main(void) {
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_goes_in_comes_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_filter_knows_what_was_proved, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_snapshot_does_not_see_what_is_written_meanwhile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_that_are_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_shape_is_no_table, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bits_that_flip, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
