/* The audit of state.db: whatever is changed in it, by the row or by the byte, is found; or else nothing that
 * can be read has changed. Cases 260 to 264. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <sqlite3.h>

#include "engine/audit.h"
#include "tests/unit/engine_room.h"

#define PARTIES SOURCE_DIR "/tests/scenario/parties.yaml"

static const _Atomic bool going_on;

struct fixture {
    struct engine_room *room;
    const char *path, *kept; /* state.db, and a whole copy of it */
};

static struct text file_text(struct arena *arena, const char *path) {
    struct buf bytes;
    buf_init(&bytes, 64u << 20);
    assert_int_equal(file_read(path, &bytes), STATUS_OK);
    struct text text = { arena_copy(arena, buf_text(&bytes)), bytes.length };
    buf_release(&bytes);
    return text;
}

/* Some of everything: what is refused on the way leaves rows, too. */
static void fill(struct engine_room *room) {
    static const struct {
        const char *party, *message;
    } messages[] = {
        { "QQCT", "charge-list/terminal" },         { "QQCT", "port-event/import-1-planned-arrival" },
        { "HAIJIA", "cn-dec/import-general" },      { "CUSTOMS", "cn-result/submitted" },
        { "CUSTOMS", "cn-result/registered" },      { "CUSTOMS", "cn-result/accepted" },
        { "CUSTOMS", "cn-result/inspection" },      { "HAIJIA", "inspection-booking/new" },
        { "QQCT", "port-event/import-2-arrival" },  { "QQCT", "port-event/import-3-discharge" },
        { "QQCT", "charge-note/import" },           { "CUSTOMS", "cn-result/released" },
        { "QQCT", "port-event/import-6-gate-out" }, { "QQCT", "port-event/export-1-gate-in" },
    };
    for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
        struct judgement judgement;
        room_send(room, messages[i].party, room_message(room, messages[i].message), &judgement);
    }
}

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    atomic_store(&room_wall, stamp_of_day(day_of(2026, 10, 12)) + 9 * 3600 * STAMP_SECOND);
    struct engine_room *room = fixture->room = room_open(SOURCE_DIR "/schemas", PARTIES);
    fixture->path = file_join(room->arena, room->directory, "state.db");
    fixture->kept = file_join(room->arena, room->directory, "kept");
    assert_int_equal(room_start(room), STATUS_OK);
    fill(room);
    assert_true(room_settle(room));
    room_stop(room);
    assert_int_equal(file_replace(fixture->kept, file_text(room->arena, fixture->path)), STATUS_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    room_close(fixture->room);
    free(fixture);
    return 0;
}

static void restore(struct fixture *fixture) {
    struct arena *arena = arena_new();
    store_remove(fixture->path);
    assert_int_equal(file_replace(fixture->path, file_text(arena, fixture->kept)), STATUS_OK);
    arena_free(arena);
}

/* As somebody does who does not know of the sums. Returns how many rows it changed. */
static int change(struct fixture *fixture, const char *sql) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA ignore_check_constraints = ON", NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    int changes = sqlite3_changes(db);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return changes;
}

static enum status look(struct fixture *fixture) {
    return audit_pass(fixture->room->directory, &going_on);
}

static void expect_found(struct fixture *fixture, const char *sql) {
    if (look(fixture) != STATUS_DAMAGED) {
        fail_msg("not found: %s", sql);
    }
}

/* Runs a query of the whole copy; each row goes to row(), as texts. */
static void each(struct fixture *fixture, const char *sql,
                 int (*row)(void *context, int count, char **values, char **names), void *context) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open_v2(fixture->kept, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, row, context, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

struct table {
    const char *name, *keys; /* "a, b" */
    int rows;
};

struct tables {
    struct arena *arena;
    struct table list[STORE_TABLES_MAX];
    size_t count;
};

static int add_table(void *context, int count, char **values, char **names) {
    struct tables *tables = context;
    assert_true(tables->count < STORE_TABLES_MAX); /* case 853: sums of no more are kept */
    tables->list[tables->count++] =
        (struct table){ arena_string(tables->arena, values[0]), arena_string(tables->arena, values[1]), 0 };
    return 0;
}

static int take_number(void *context, int count, char **values, char **names) {
    *(int *)context = atoi(values[0]);
    return 0;
}

static void find_tables(struct fixture *fixture, struct tables *tables) {
    *tables = (struct tables){ .arena = fixture->room->arena };
    each(
        fixture,
        "SELECT m.name, (SELECT group_concat('\"' || name || '\"', ', ') FROM pragma_table_info(m.name) WHERE pk > 0)"
        " FROM sqlite_schema m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'",
        add_table, tables);
    assert_true(tables->count > 25);
    for (size_t i = 0; i < tables->count; i++) {
        each(fixture, arena_printf(tables->arena, "SELECT count(*) FROM %s", tables->list[i].name),
             take_number, &tables->list[i].rows);
    }
}

/* --- rows ----------------------------------------------------------------------------------------------- */

struct columns {
    struct fixture *fixture;
    const struct table *table;
    size_t tried;
};

/* One letter, or a number, as a bit that flips does; to none that a key beside it may have. */
static int change_column(void *context, int count, char **values, char **names) {
    struct columns *columns = context;
    struct arena *arena = arena_new();
    const char *name = values[0], *new;
    if (strcmp(values[1], "INTEGER") == 0) {
        new = arena_printf(arena, "coalesce(%s, 0) + 1048576", name);
    } else if (strcmp(values[1], "BLOB") == 0) {
        new = arena_printf(arena, "CAST(x'01' || substr(%s, 2) AS BLOB)", name);
    } else {
        new = arena_printf(
            arena, "CASE WHEN length(%s) = 0 THEN 'x' ELSE char(unicode(%s) + 64) || substr(%s, 2) END", name,
            name, name);
    }
    const struct table *table = columns->table;
    const char *sql =
        arena_printf(arena, "UPDATE %s SET %s = %s WHERE (%s) = (SELECT %s FROM %s LIMIT 1 OFFSET %d)",
                     table->name, name, new, table->keys, table->keys, table->name, table->rows / 2);
    restore(columns->fixture);
    assert_int_equal(change(columns->fixture, sql), 1);
    expect_found(columns->fixture, sql);
    columns->tried++;
    arena_free(arena);
    return 0;
}

/* Case 260: one character of any column of any table. */
static void a_changed_column_is_found(void **state) {
    struct fixture *fixture = *state;
    struct tables tables;
    find_tables(fixture, &tables);
    assert_int_equal(look(fixture), STATUS_OK);
    size_t tried = 0;
    for (size_t i = 0; i < tables.count; i++) {
        if (tables.list[i].rows > 0) {
            struct columns columns = { fixture, &tables.list[i], 0 };
            each(fixture,
                 arena_printf(tables.arena, "SELECT '\"' || name || '\"', type FROM pragma_table_info('%s')",
                              tables.list[i].name),
                 change_column, &columns);
            tried += columns.tried;
        }
    }
    assert_true(tried > 100);
    restore(fixture);
    assert_int_equal(look(fixture), STATUS_OK);
}

/* Case 261: a row that is gone, or one too many. */
static void a_missing_row_is_found(void **state) {
    struct fixture *fixture = *state;
    struct tables tables;
    find_tables(fixture, &tables);
    for (size_t i = 0; i < tables.count; i++) {
        const struct table *table = &tables.list[i];
        if (table->rows > 0) {
            const char *sql = arena_printf(
                tables.arena, "DELETE FROM %s WHERE (%s) = (SELECT %s FROM %s LIMIT 1 OFFSET %d)",
                table->name, table->keys, table->keys, table->name, table->rows / 2);
            restore(fixture);
            assert_int_equal(change(fixture, sql), 1);
            expect_found(fixture, sql);
        }
    }
    static const char *const more[] = {
        "INSERT INTO routed VALUES('another', 'CUSTOMS')",
        "INSERT INTO timers VALUES('declarations', 'x', 'y', 1, 0)",
        "INSERT INTO sums VALUES('timers', 1, 2, 3) ON CONFLICT DO UPDATE SET low = low + 1",
        "DELETE FROM sums",
        "DELETE FROM sums WHERE name = 'sqlite_schema'",
    };
    for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
        restore(fixture);
        assert_true(change(fixture, more[i]) > 0);
        expect_found(fixture, more[i]);
    }
}

/* Case 262: each row is there, with what belongs to another; and definitions that were changed. */
static void what_changed_places_is_found(void **state) {
    struct fixture *fixture = *state;
    static const char *const swaps[] = {
        "UPDATE deliveries SET route = CASE route WHEN (SELECT min(route) FROM deliveries) THEN"
        " (SELECT max(route) FROM deliveries) WHEN (SELECT max(route) FROM deliveries) THEN"
        " (SELECT min(route) FROM deliveries) ELSE route END",
        "UPDATE messages SET party = CASE party WHEN 'HAIJIA' THEN 'CUSTOMS' WHEN 'CUSTOMS' THEN 'HAIJIA'"
        " ELSE party END",
        "UPDATE messages SET own_id = subject, subject = own_id WHERE own_id <> subject",
        "UPDATE timeline SET proves = event, event = proves WHERE proves <> event",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '''waiting''', '''vaiting''')"
        " WHERE name = 'deliveries_waiting'",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'attempts', 'attemqts')"
        " WHERE name = 'deliveries'",
        "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'messages_own'",
    };
    for (size_t i = 0; i < sizeof(swaps) / sizeof(*swaps); i++) {
        restore(fixture);
        assert_true(change(fixture, swaps[i]) > 0);
        expect_found(fixture, swaps[i]);
        if (strstr(swaps[i], "schema")) { /* who writes is told before it makes anything of it */
            struct state *made;
            assert_int_equal(state_open(fixture->room->directory, STORE_WRITE, &made), STATUS_DAMAGED);
        }
    }
}

/* --- bytes ---------------------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *dice) {
    *dice ^= *dice << 13; /* xorshift64 */
    *dice ^= *dice >> 7;
    return *dice ^= *dice << 17;
}

/* All rows of all tables, and each index read by itself: what any query can see. */
static bool reads_the_same(struct fixture *fixture, const struct digest *whole) {
    struct state *db;
    struct digest found;
    bool same = state_open(fixture->room->directory, STORE_READ, &db) == STATUS_OK;
    if (same) {
        same = state_digest(db, &found) == STATUS_OK && digest_equal(&found, whole);
        state_close(db);
    }
    return same;
}

/* Case 263: a bit flips anywhere in the file. Where it is not found, nothing that is kept has changed. */
static void a_flipped_bit_is_found_or_changes_nothing(void **state) {
    struct fixture *fixture = *state;
    struct arena *arena = arena_new();
    struct state *db;
    struct digest whole;
    uint64_t dice = 20261012;
    assert_int_equal(state_open(fixture->room->directory, STORE_READ, &db), STATUS_OK);
    assert_int_equal(state_digest(db, &whole), STATUS_OK);
    state_close(db);
    struct text kept = file_text(arena, fixture->kept);
    char *bytes = arena_alloc(arena, kept.length);
    size_t found = 0, harmless = 0;
    for (int i = 0; i < 400; i++) {
        uint64_t where; /* not in the zeros of pages that are hardly used */
        do {
            where = next_random(&dice) % (8 * kept.length);
        } while (kept.at[where / 8] == 0);
        memcpy(bytes, kept.at, kept.length);
        bytes[where / 8] ^= (char)(1 << where % 8);
        store_remove(fixture->path);
        assert_int_equal(file_replace(fixture->path, (struct text){ bytes, kept.length }), STATUS_OK);
        enum status status = look(fixture);
        if (status == STATUS_DAMAGED) {
            found++;
        } else if (status == STATUS_OK && reads_the_same(fixture, &whole)) {
            harmless++; /* nothing stands there */
        } else {
            fail_msg("bit %llu: %s", (unsigned long long)where, status_name(status));
        }
    }
    print_message("of 400 flipped bits %zu are found, %zu change nothing\n", found, harmless);
    assert_true(found > 200);
    arena_free(arena);
}

/* --- failures to read ----------------------------------------------------------------------------------- */

static int reads_left;

static ssize_t pread_that_fails(int fd, void *to, size_t count, off_t at) {
    if (reads_left-- > 0) {
        return pread(fd, to, count, at);
    }
    errno = EIO;
    return -1;
}

/* Case 264: a page that cannot be read, be it the first or one within an index, is not damage. */
static void a_failure_to_read_is_no_damage(void **state) {
    struct fixture *fixture = *state;
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    sqlite3_syscall_ptr real = vfs->xGetSystemCall(vfs, "pread64");
    const char *call = real ? "pread64" : "pread";
    enum status status = STATUS_IO;
    for (int reads = 0; status != STATUS_OK; reads += 7) {
        reads_left = reads;
        assert_int_equal(vfs->xSetSystemCall(vfs, call, (sqlite3_syscall_ptr)pread_that_fails), SQLITE_OK);
        status = look(fixture);
        assert_int_equal(vfs->xSetSystemCall(vfs, call, NULL), SQLITE_OK);
        if (status != STATUS_OK) {
            assert_int_equal(status, STATUS_IO);
        }
    }
    assert_int_equal(look(fixture), STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(a_changed_column_is_found),      TEST(a_missing_row_is_found),
        TEST(what_changed_places_is_found),   TEST(a_flipped_bit_is_found_or_changes_nothing),
        TEST(a_failure_to_read_is_no_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
