/* Deliveries that wait, are parked, or are asked for by state; totals and rows; more than are shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/backlog.h"
#include "view_kit.h"
#include "folder_kit.h"

struct fixture {
    char directory[64];
    struct state *state;
    struct buf buf;
    struct arena *arena;
};

static void put(struct fixture *f, int64_t record, const char *party, const char *state, const char *reason) {
    struct store_query *query = store_query(
        state_store(f->state),
        "INSERT INTO deliveries(record, party, decision, route, subject, family, state, attempts, reason, words, next, updated, since)"
        " VALUES(?1, ?2, ?1, 'R01', 'CNQDG/B', 'declaration', ?3, 2, ?4, iif(?4 = '', '', '码头断电'), 0, 0, 0)");
    store_bind_int(query, 1, record);
    store_bind_string(query, 2, party);
    store_bind_string(query, 3, state);
    store_bind_string(query, 4, reason);
    assert_int_equal(store_run(query), STATUS_OK);
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->directory, "/tmp/clearway-backlog-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    assert_int_equal(state_open(f->directory, STORE_WRITE, &f->state), STATUS_OK);
    f->arena = arena_new();
    buf_init(&f->buf, 4 << 20);
    put(f, 1, "CUSTOMS", "waiting", "");
    put(f, 2, "CUSTOMS", "waiting", "");
    put(f, 1, "QQCT", "parked", "unacknowledged");
    put(f, 3, "QQCT", "delivered", "");
    put(f, 4, "OFFICE", "kept", "");
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    buf_release(&f->buf);
    state_close(f->state);
    folder_remove(f->directory);
    free(f);
    return 0;
}

static struct asking about(struct fixture *f, const char *party, const char *delivery_state) {
    return (struct asking){
        "queue", { delivery_state, party }, .source = { .state = f->state }, .arena = f->arena
    };
}

static const struct json *look(struct fixture *f, const char *party, const char *delivery_state) {
    char why[128];
    struct asking asking = about(f, party, delivery_state);
    buf_clear(&f->buf);
    assert_int_equal(view_ask(&asking, VIEW_JSON, &f->buf), STATUS_OK);
    const struct json *told = json_parse(f->arena, buf_text(&f->buf), why, sizeof(why));
    assert_non_null(told);
    return told;
}

static void what_is_open_unless_a_state_is_asked_for(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *party, *state;
        size_t totals, rows;
    } cases[] = {
        { "", "", 2, 3 },        { "CUSTOMS", "", 1, 2 },    { "QQCT", "", 1, 1 },
        { "NOBODY", "", 0, 0 },  { "", "waiting", 1, 2 },    { "", "delivered", 1, 1 },
        { "", "dropped", 0, 0 }, { "OFFICE", "kept", 1, 1 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct json *told = look(f, cases[i].party, cases[i].state);
        assert_int_equal(json_count(json_at(told, "totals")), cases[i].totals);
        assert_int_equal(json_count(json_at(told, "deliveries")), cases[i].rows);
        assert_false(json_bool(json_at(told, "more")));
    }
    const struct json *told = look(f, "", "");
    const struct json *customs = json_item(json_at(told, "totals"), 0);
    assert_string_equal(json_string_at(customs, "party"), "CUSTOMS");
    assert_int_equal(json_int_at(customs, "n"), 2);
    assert_int_equal(json_int_at(customs, "oldest"), 1);
    const struct json *row = json_item(json_at(told, "deliveries"), 2);
    assert_string_equal(json_string_at(row, "id"), "1/QQCT");
    assert_string_equal(json_string_at(row, "reason"), "unacknowledged");
    assert_string_equal(json_string_at(row, "zh"), "对方未在时限内确认收到");
    assert_string_equal(json_string_at(row, "en"), "no acknowledgement in time");
}

static void put_answer(struct fixture *f, int64_t record, const char *party, stamp recorded) {
    struct store_query *query =
        store_query(state_store(f->state),
                    "INSERT INTO answers VALUES(?, ?, 'CUSTOMS', 'A-1', 'I1', '', 'imported', 1, '', 'R10')");
    store_bind_int(query, 1, record);
    store_bind_string(query, 2, party);
    assert_int_equal(store_run(query), STATUS_OK);
    query =
        store_query(state_store(f->state),
                    "INSERT INTO messages(number, party, family, format, own_id, outcome, bytes, recorded)"
                    " VALUES(?, 'CUSTOMS', 'customs-response', 'f', 'x', 'accepted', 1, ?)");
    store_bind_int(query, 1, record);
    store_bind_int(query, 2, recorded);
    assert_int_equal(store_run(query), STATUS_OK);
}

/* case 130: told with their age, to who asks for all; those that were linked are not among them. */
static void answers_that_wait_are_told_with_their_age(void **state) {
    struct fixture *f = *state;
    const stamp hour = 3600 * STAMP_SECOND, now = stamp_of_day(day_of(2026, 10, 10));
    char why[128];
    struct asking asking = about(f, "", "");
    put_answer(f, 10, "", now - 5 * hour);
    put_answer(f, 11, "HAIJIA", now - 4 * hour);
    put_answer(f, 12, "", now - hour / 2);
    put_answer(f, 13, "", now - 72 * hour);
    asking.now = now;
    asking.language = LANGUAGE_EN;
    assert_int_equal(view_ask(&asking, VIEW_JSON, &f->buf), STATUS_OK);
    const struct json *answers =
        json_at(json_parse(f->arena, buf_text(&f->buf), why, sizeof(why)), "answers");
    assert_int_equal(json_count(answers), 3);
    assert_int_equal(json_int_at(json_item(answers, 0), "record"), 10);
    assert_string_equal(json_string_at(json_item(answers, 0), "id"), "A-1");
    assert_string_equal(json_string_at(json_item(answers, 0), "seq_no"), "I1");
    assert_string_equal(json_string_at(json_item(answers, 0), "since"), "2026-10-09T19:00:00.000+08:00");
    assert_int_equal(json_int_at(json_item(answers, 0), "age_s"), 5 * 3600);
    assert_null(json_at(look(f, "CUSTOMS", ""), "answers"));
    buf_clear(&f->buf);
    assert_int_equal(view_ask(&asking, VIEW_TEXT, &f->buf), STATUS_OK);
    assert_non_null(strstr(f->buf.at, "5 h"));
    assert_non_null(strstr(f->buf.at, "30 min"));
    assert_non_null(strstr(f->buf.at, "3 d"));
}

static void more_than_are_shown_is_said(void **state) {
    struct fixture *f = *state;
    assert_int_equal(store_begin(state_store(f->state)), STATUS_OK);
    for (int64_t i = 0; i < BACKLOG_ROWS_MAX; i++) {
        put(f, 100 + i, "CARRIER", "waiting", "");
    }
    assert_int_equal(store_commit(state_store(f->state)), STATUS_OK);
    const struct json *told = look(f, "", "");
    assert_int_equal(json_count(json_at(told, "deliveries")), BACKLOG_ROWS_MAX);
    assert_true(json_bool(json_at(told, "more")));
    told = look(f, "CARRIER", "");
    assert_int_equal(json_count(json_at(told, "deliveries")), BACKLOG_ROWS_MAX);
    assert_false(json_bool(json_at(told, "more")));
}

static void prints_in_both_languages(void **state) {
    struct fixture *f = *state;
    struct asking asking = about(f, "", ""), nobody = about(f, "NOBODY", "");
    asking.language = LANGUAGE_ZH;
    nobody.language = LANGUAGE_EN;
    assert_int_equal(view_ask(&asking, VIEW_TEXT, &f->buf), STATUS_OK);
    assert_non_null(strstr(f->buf.at, "1/QQCT"));
    assert_non_null(strstr(f->buf.at, "对方未在时限内确认收到：码头断电"));
    buf_clear(&f->buf);
    assert_int_equal(view_ask(&nobody, VIEW_TEXT, &f->buf), STATUS_OK);
    assert_string_equal(f->buf.at, "nothing waits and nothing is parked\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(what_is_open_unless_a_state_is_asked_for),
        TEST(answers_that_wait_are_told_with_their_age),
        TEST(more_than_are_shown_is_said),
        TEST(prints_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
