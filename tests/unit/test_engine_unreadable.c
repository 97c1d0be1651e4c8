/*
 * Case 503: a state.db that the disk does not give at a start. The gateway ended with exit code 74, and so
 * did each start after it, though all of it can be made from the journal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "base/file.h"
#include "engine_room.h"

/* --- a disk that does not give a file --------------------------------------------------------------- */

static struct {
    ino_t file;        /* which; 0: any */
    off_t from, to;    /* what lies between */
    _Atomic int fails; /* so many times; -1: for ever */
} disk;

static ssize_t pread_of_disk(int fd, void *to, size_t count, off_t at) {
    struct stat of;
    bool hit = atomic_load(&disk.fails) && at >= disk.from && at < disk.to && fstat(fd, &of) == 0
               && (!disk.file || of.st_ino == disk.file);
    if (!hit) {
        return pread(fd, to, count, at);
    }
    if (disk.fails > 0) {
        atomic_fetch_sub(&disk.fails, 1);
    }
    errno = EIO;
    return -1;
}

static void disk_fails(const struct engine_room *room, bool any_file, int times) {
    char path[128];
    struct stat of;
    snprintf(path, sizeof(path), "%s/state.db", room->directory);
    assert_int_equal(stat(path, &of), 0);
    disk.file = any_file ? 0 : of.st_ino;
    disk.from = 0;
    disk.to = INT64_MAX;
    atomic_store(&disk.fails, times);
}

/* The page where the rows of this table begin, and no other. */
static void disk_fails_in(const struct engine_room *room, const char *table) {
    struct state *db;
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    struct store_query *query = store_query(
        state_store(db), "SELECT (rootpage - 1) * (SELECT page_size FROM pragma_page_size) FROM sqlite_schema"
                         " WHERE name = ?");
    store_bind_string(query, 1, table);
    off_t from = state_number(db, query, 0);
    assert_true(from > 0);
    state_close(db);
    disk_fails(room, false, -1);
    disk.from = from;
    disk.to = from + 1;
}

static int set_up(void **state) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    const char *call = vfs->xGetSystemCall(vfs, "pread64") ? "pread64" : "pread";
    disk.fails = 0;
    assert_int_equal(vfs->xSetSystemCall(vfs, call, (sqlite3_syscall_ptr)pread_of_disk), SQLITE_OK);
    *state = room_open(SOURCE_DIR "/schemas", SOURCE_DIR "/tests/scenario/parties.yaml");
    return 0;
}

static int tear_down(void **state) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    room_close(*state);
    return vfs->xSetSystemCall(vfs, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

/* --- what is tested --------------------------------------------------------------------------------- */

struct known {
    uint64_t position;
    struct digest digest;
};

/* An engine lives and stops; what it knew. */
static struct known live(struct engine_room *room) {
    struct judgement judgement;
    struct known known;
    struct buf text;
    struct state *db;
    buf_init(&text, 1 << 20);
    assert_int_equal(file_read(SOURCE_DIR "/tests/messages/cn-dec/import-general.xml", &text), STATUS_OK);
    assert_int_equal(room_start(room), STATUS_OK);
    room_send(room, "HAIJIA", buf_text(&text), &judgement);
    assert_true(room_settle(room));
    room_stop(room);
    buf_release(&text);
    assert_int_equal(state_open(room->directory, STORE_WRITE, &db), STATUS_OK);
    known.position = state_position(db);
    assert_int_equal(state_digest(db, &known.digest), STATUS_OK);
    state_close(db);
    return known;
}

static bool is_put_aside(const struct engine_room *room) {
    char path[128];
    struct stat of;
    snprintf(path, sizeof(path), "%s/state.db.damaged", room->directory);
    return stat(path, &of) == 0;
}

static void expect_the_same(struct engine_room *room, const struct known *before) {
    struct digest after;
    struct state *db;
    assert_true(room_settle(room));
    room_stop(room);
    assert_int_equal(state_open(room->directory, STORE_WRITE, &db), STATUS_OK);
    assert_int_equal(state_begin(db), STATUS_OK); /* its last decisions may be read, or not yet */
    assert_int_equal(state_commit(db, before->position), STATUS_OK);
    assert_int_equal(state_digest(db, &after), STATUS_OK);
    state_close(db);
    assert_true(digest_equal(&before->digest, &after));
}

static void once_is_tried_again(void **state) {
    struct engine_room *room = *state;
    struct known before = live(room);
    disk_fails(room, false, 1);
    assert_int_equal(room_start(room), STATUS_OK);
    assert_int_equal(disk.fails, 0);
    expect_the_same(room, &before);
    assert_false(is_put_aside(room));
}

static void for_ever_it_is_made_anew(void **state) {
    struct engine_room *room = *state;
    struct known before = live(room);
    disk_fails(room, false, -1);
    assert_int_equal(room_start(room), STATUS_OK);
    expect_the_same(room, &before);
    assert_true(is_put_aside(room));
}

static void where_nothing_can_be_read_it_is_named(void **state) {
    struct engine_room *room = *state;
    struct explanation why = { "", "" };
    live(room);
    disk_fails(room, true, -1);
    room->why = &why;
    assert_int_equal(room_start(room), STATUS_IO);
    assert_non_null(strstr(why.en, room->directory));
    assert_non_null(strstr(why.en, "/state.db can be neither read nor made anew"));
    assert_non_null(strstr(why.zh, "/state.db"));
    disk.fails = 0;
    journal_close(room->journal);
}

/* Its head can be read, and something within it cannot: the look through all of it at a start finds that. */
static void within_it_is_told_as_damage(void **state) {
    struct engine_room *room = *state;
    struct known before = live(room);
    disk_fails_in(room, "timeline");
    assert_int_equal(room_start(room), STATUS_OK);
    room_await_failure(room, STATUS_DAMAGED);
    room_stop(room);
    state_put_aside(room->directory); /* as the owner does */
    assert_int_equal(room_start(room), STATUS_OK);
    expect_the_same(room, &before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(once_is_tried_again),
        TEST(for_ever_it_is_made_anew),
        TEST(where_nothing_can_be_read_it_is_named),
        TEST(within_it_is_told_as_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
