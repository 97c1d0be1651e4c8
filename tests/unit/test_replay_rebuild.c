/* Rebuild: equal where it stands, honest when it is not, refused while the gateway runs. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "engine/audit.h"
#include "engine_room.h"
#include "replay/rebuild.h"

static const _Atomic bool going_on;

static struct text declaration(struct engine_room *room, unsigned n) {
    struct buf text;
    buf_init(&text, 1 << 20);
    assert_int_equal(file_read(SOURCE_DIR "/tests/messages/cn-dec/import-general.xml", &text), STATUS_OK);
    const char *old = "<ClientSeqNo>20261012000000001<", *at = strstr(text.at, old);
    assert_non_null(at);
    const char *made = arena_printf(room->arena, "%.*s<ClientSeqNo>D%u<%s", (int)(at - text.at), text.at, n,
                                    at + strlen(old));
    buf_release(&text);
    return text_of(made);
}

static void send(struct engine_room *room, unsigned n) {
    struct judgement judgement;
    room->account = n % 3 == 0 ? "zhang.wei" : NULL; /* case 673: a row made anew named no account */
    room_send(room, "HAIJIA", declaration(room, n), &judgement);
    assert_true(verdict_passes(&judgement.verdict));
}

static int setup(void **state) {
    atomic_store(&room_wall, stamp_of_day(day_of(2026, 10, 12)) + 9 * 3600 * STAMP_SECOND);
    struct engine_room *room = room_open(SOURCE_DIR "/schemas", SOURCE_DIR "/tests/scenario/parties.yaml");
    assert_int_equal(room_start(room), STATUS_OK);
    for (unsigned n = 0; n < 30; n++) {
        send(room, n);
    }
    assert_true(room_settle(room));
    *state = room;
    return 0;
}

static int teardown(void **state) {
    room_close(*state);
    return 0;
}

static const char *path_of(struct engine_room *room, const char *name) {
    return file_join(room->arena, room->directory, name);
}

static void change_state(struct engine_room *room, const char *sql) {
    struct state *db;
    assert_int_equal(state_open(room->directory, STORE_WRITE, &db), STATUS_OK);
    assert_int_equal(store_exec(state_store(db), sql), STATUS_OK);
    state_close(db);
}

static void locked_while_the_gateway_runs(void **state) {
    struct engine_room *room = *state;
    struct rebuild_result result;
    assert_int_equal(rebuild(room->directory, &result), STATUS_LOCKED);
    assert_int_equal(access(path_of(room, "rebuild"), F_OK), -1);
}

static void equal_and_equal_again(void **state) {
    struct engine_room *room = *state;
    struct rebuild_result first, second;
    room_stop(room);
    assert_int_equal(rebuild(room->directory, &first), STATUS_OK);
    assert_true(first.had_old && first.equal);
    assert_true(digest_equal(&first.old_digest, &first.new_digest));
    assert_int_equal(first.decisions, 31);
    assert_int_equal(first.records, 62); /* set-up, 30 messages, their decisions */
    assert_int_equal(rebuild(room->directory, &second), STATUS_OK);
    assert_true(second.had_old && second.equal);
    assert_int_equal(second.position, 62);
    assert_int_equal(audit_pass(room->directory, &going_on), STATUS_OK); /* its sums were made at the end */
    assert_int_equal(access(path_of(room, "rebuild/state.db"), F_OK), -1);
    assert_int_equal(room_start(room), STATUS_OK); /* and the gateway goes on from it */
    send(room, 100);
    assert_true(room_settle(room));
    room_stop(room);
    assert_int_equal(audit_pass(room->directory, &going_on), STATUS_OK); /* and were followed from there */
    assert_int_equal(rebuild(room->directory, &second), STATUS_OK);
    assert_true(second.equal);
}

static void compared_where_the_old_one_stands(void **state) {
    struct engine_room *room = *state;
    struct rebuild_result result;
    char command[256];
    snprintf(command, sizeof(command), "cp %s %s; cp %s %s 2>/dev/null; true", path_of(room, "state.db"),
             path_of(room, "kept"), path_of(room, "state.db-wal"), path_of(room, "kept-wal"));
    assert_int_equal(system(command), 0);
    for (unsigned n = 200; n < 220; n++) {
        send(room, n);
    }
    assert_true(room_settle(room));
    room_stop(room);
    snprintf(command, sizeof(command), "rm -f %s %s; mv %s %s; mv %s %s 2>/dev/null; true",
             path_of(room, "state.db-shm"), path_of(room, "state.db-wal"), path_of(room, "kept"),
             path_of(room, "state.db"), path_of(room, "kept-wal"), path_of(room, "state.db-wal"));
    assert_int_equal(system(command), 0);
    assert_int_equal(rebuild(room->directory, &result), STATUS_OK);
    assert_true(result.had_old && result.equal);
    assert_true(result.position < result.records);
    struct state *db;
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    assert_int_equal(state_number(db, store_query(state_store(db), "SELECT count(*) FROM declarations"), 0),
                     50);
    state_close(db);
}

static void one_changed_value_is_seen_and_the_old_one_kept(void **state) {
    struct engine_room *room = *state;
    struct rebuild_result result;
    room_stop(room);
    change_state(room, "UPDATE declarations SET state = 'closed' WHERE own_id = 'D7'");
    assert_int_equal(rebuild(room->directory, &result), STATUS_OK);
    assert_true(result.had_old && !result.equal);
    assert_int_equal(access(path_of(room, "state.db.different"), F_OK), 0);
    assert_int_equal(rebuild(room->directory, &result), STATUS_OK);
    assert_true(result.equal); /* the new one is right */
}

static void a_missing_or_damaged_one_is_made(void **state) {
    struct engine_room *room = *state;
    struct rebuild_result result;
    room_stop(room);
    assert_int_equal(unlink(path_of(room, "state.db")), 0);
    assert_int_equal(rebuild(room->directory, &result), STATUS_OK);
    assert_false(result.had_old);
    assert_int_equal(result.decisions, 31);
    assert_int_equal(file_replace(path_of(room, "state.db"),
                                  TEXT("no database, no database, no database, no database, none")),
                     STATUS_OK);
    assert_int_equal(rebuild(room->directory, &result), STATUS_OK);
    assert_false(result.had_old);
    assert_true(*result.why.zh && *result.why.en);
    assert_int_equal(rebuild(room->directory, &result), STATUS_OK);
    assert_true(result.had_old && result.equal);
}

static void damage_table(struct engine_room *room, const char *sql) {
    struct state *db;
    assert_int_equal(state_open(room->directory, STORE_READ, &db), STATUS_OK);
    struct store_query *query = store_query(state_store(db), sql);
    enum status status;
    assert_true(store_step(query, &status));
    off_t at = (off_t)(store_int(query, 0) - 1) * store_int(query, 1);
    store_reset(query);
    state_close(db);
    int fd = open(path_of(room, "state.db"), O_WRONLY);
    assert_true(fd >= 0 && pwrite(fd, "damaged, damaged", 16, at) == 16 && close(fd) == 0);
}

/* Case 941: one that opens, and of which a page is damaged, was never made anew; and that was said to stand
 * in the journal. */
static void one_with_a_damaged_page_is_made(void **state) {
    struct engine_room *room = *state;
    struct rebuild_result made, result;
    room_stop(room);
    assert_int_equal(rebuild(room->directory, &made), STATUS_OK);
    damage_table(room, "SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size"
                       " WHERE name = 'declarations'");
    assert_int_equal(rebuild(room->directory, &result), STATUS_OK);
    assert_false(result.had_old);
    assert_non_null(strstr(result.why.en, "the old state.db is damaged"));
    assert_int_equal(rebuild(room->directory, &made), STATUS_OK);
    assert_true(made.had_old && made.equal && digest_equal(&result.new_digest, &made.new_digest));
}

/* Case 942: without room a place of the journal was told, and the half of a state.db was left there. */
static void without_room_the_old_one_stays(void **state) {
    struct engine_room *room = *state;
    struct rebuild_result result;
    struct rlimit before, limit;
    struct stat whole;
    room_stop(room);
    assert_int_equal(rebuild(room->directory, &result), STATUS_OK);
    assert_int_equal(stat(path_of(room, "state.db"), &whole), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlim_t sizes[] = { 65536, (rlim_t)whole.st_size - 4096 }; /* at its beginning, at its end */
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        limit = (struct rlimit){ .rlim_cur = sizes[i], .rlim_max = before.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        enum status status = rebuild(room->directory, &result);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(status, STATUS_FULL);
        assert_ptr_equal(strstr(result.why.en, path_of(room, "rebuild/state.db")), result.why.en);
        assert_int_equal(access(path_of(room, "rebuild"), F_OK), -1);
    }
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(rebuild(room->directory, &result), STATUS_OK);
    assert_true(result.had_old && result.equal);
}

static void one_that_stands_beyond_the_journal_is_told(void **state) {
    struct engine_room *room = *state;
    struct rebuild_result result;
    room_stop(room);
    change_state(room, "UPDATE position SET number = 5000");
    assert_int_equal(rebuild(room->directory, &result), STATUS_OK);
    assert_true(result.had_old && !result.equal);
    assert_non_null(strstr(result.why.en, "5000"));
}

/* case 715: of the two that a rebuild opens, the journal was said to be what could not be. */
static void what_could_not_be_opened_is_named(void **state) {
    struct engine_room *room = *state;
    struct rebuild_result result;
    room_stop(room);
    const char *made = path_of(room, "rebuild/state.db");
    assert_int_equal(mkdir(path_of(room, "rebuild"), 0700), 0);
    assert_int_equal(mkdir(made, 0700), 0);
    assert_int_not_equal(rebuild(room->directory, &result), STATUS_OK);
    assert_ptr_equal(strstr(result.why.en, made), result.why.en);
    assert_ptr_equal(strstr(result.why.zh, made), result.why.zh);
}

static void a_folder_without_a_journal_is_an_error(void **state) {
    struct engine_room *room = *state;
    struct rebuild_result result;
    assert_int_not_equal(rebuild(path_of(room, "nothing"), &result), STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(locked_while_the_gateway_runs),          TEST(equal_and_equal_again),
        TEST(compared_where_the_old_one_stands),      TEST(one_changed_value_is_seen_and_the_old_one_kept),
        TEST(a_missing_or_damaged_one_is_made),       TEST(one_that_stands_beyond_the_journal_is_told),
        TEST(one_with_a_damaged_page_is_made),        TEST(without_room_the_old_one_stays),
        TEST(a_folder_without_a_journal_is_an_error), TEST(what_could_not_be_opened_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
