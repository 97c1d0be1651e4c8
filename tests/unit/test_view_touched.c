/*
 * Which records touch a period: what a decision tells of goods stands beside its cause, and what gives a
 * declaration its month is found from there, as it is and as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "engine/apply.h"
#include "view/statistics/touched.h"
#include "folder_kit.h"

struct fixture {
    char directory[64];
    struct state *state;
    struct arena *arena;
    struct segments segments;
    const char *told;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->directory, "/tmp/clearway-touched-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    assert_int_equal(state_open(f->directory, STORE_WRITE, &f->state), STATUS_OK);
    assert_int_equal(state_begin(f->state), STATUS_OK);
    f->arena = arena_new();
    f->segments.chains[0] = (struct chain){ .direction = "import", .month = "RELEASED" };
    f->segments.chains[1] = (struct chain){ .direction = "export", .month = "LOADED" };
    f->segments.chains_count = 2;
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    state_rollback(f->state);
    state_close(f->state);
    folder_remove(f->directory);
    free(f);
    return 0;
}

static stamp noon(int year, int month, int day) {
    return stamp_of_day(day_of(year, month, day)) + 12 * 3600 * STAMP_SECOND;
}

static void put(struct fixture *f, const char *sql) {
    assert_int_equal(store_exec(state_store(f->state), sql), STATUS_OK);
}

static void stand_at(struct fixture *f, uint64_t position) {
    assert_int_equal(state_commit(f->state, position), STATUS_OK);
    assert_int_equal(state_begin(f->state), STATUS_OK);
}

static bool touches(struct fixture *f, int month, uint64_t since) {
    struct period period = { day_of(2026, month, 1), day_of(2026 + month / 12, month % 12 + 1, 1), 0 };
    return touched_since(f->state, &f->segments, &period, 1, since);
}

/* Goods S with declaration P/1, released on a day of October 2026. */
static void release(struct fixture *f, const char *subject, const char *declaration, stamp at) {
    struct store_query *query = store_query(
        state_store(f->state), "INSERT INTO milestones VALUES(?1, ?2, '', 'RELEASED', ?3, 1, ?3, 1, 1, 1)");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, declaration);
    store_bind_int(query, 3, at);
    assert_int_equal(store_run(query), STATUS_OK);
    query = store_query(state_store(f->state),
                        "INSERT INTO declarations(key, party, own_id, record, received, subject, direction,"
                        " office, state, step) VALUES(?1, 'P', ?1, 1, 1, ?2, 'import', '', 'released', '')");
    store_bind_string(query, 1, declaration);
    store_bind_string(query, 2, subject);
    assert_int_equal(store_run(query), STATUS_OK);
}

static void a_message_of_the_goods(void **state) {
    struct fixture *f = *state;
    release(f, "S", "P/1", noon(2026, 10, 31));
    put(f,
        "INSERT INTO messages(number, party, family, format, own_id, outcome, recorded, bytes, subject)"
        " VALUES(10, 'P', 'x', 'x', '1', 'accepted', 1, 1, 'S'), (12, 'P', 'x', 'x', '2', 'accepted', 1, 1, 'T')");
    stand_at(f, 12);
    assert_true(touches(f, 10, 9));
    assert_false(touches(f, 10, 10)); /* that it was told of T since is of no month */
    assert_false(touches(f, 9, 9));
    assert_false(touches(f, 11, 9));
    assert_false(touches(f, 10, 12));
    assert_true(touches(f, 10, 13)); /* another state.db than the one that was looked at */
}

static void a_cause_of_several_goods(void **state) {
    struct fixture *f = *state;
    release(f, "S", "P/1", noon(2026, 10, 1));
    put(f, "INSERT INTO touched(record, subject) VALUES(20, 'S')");
    stand_at(f, 21);
    assert_true(touches(f, 10, 19));
    assert_false(touches(f, 10, 20));
}

/* What is told of one declaration may make it newer than another of the same number. */
static void a_number_in_common(void **state) {
    struct fixture *f = *state;
    release(f, "S", "P/1", noon(2026, 10, 1));
    release(f, "OTHER", "P/2", noon(2026, 12, 1));
    put(f, "INSERT INTO links VALUES('entry', '42', 'P/1', 'P', 1), ('entry', '42', 'P/2', 'P', 1);"
           "INSERT INTO touched(record, subject) VALUES(20, 'OTHER')");
    stand_at(f, 20);
    assert_true(touches(f, 12, 19));
    assert_true(touches(f, 10, 19));
    assert_false(touches(f, 11, 19));
}

static void put_moment(struct fixture *f, const char *sql, stamp at) {
    struct store_query *query = store_query(state_store(f->state), sql);
    store_bind_int(query, 1, at);
    assert_int_equal(store_run(query), STATUS_OK);
}

/* The month it has left is another than it was, too. */
static void a_month_that_was_left(void **state) {
    struct fixture *f = *state;
    release(f, "S", "P/1", noon(2026, 10, 1));
    put_moment(f, "INSERT INTO taken_back VALUES('S', 'P/1', '', 'RELEASED', 5, ?, 20, 5)",
               noon(2026, 9, 30));
    put_moment(f, "INSERT INTO tellings VALUES('S', 'P/1', '', 'RELEASED', 6, ?, 6)", noon(2026, 8, 30));
    put_moment(f, "INSERT INTO tellings VALUES('S', 'P/1', '', 'ACCEPTED', 6, ?, 6)", noon(2026, 7, 30));
    put(f, "INSERT INTO touched(record, subject) VALUES(20, 'S')");
    stand_at(f, 20);
    assert_true(touches(f, 10, 19));
    assert_true(touches(f, 9, 19));
    assert_true(touches(f, 8, 19));
    assert_false(touches(f, 7, 19)); /* no moment that gives a month */
}

static void add(const struct touched_goods *goods, void *to) {
    struct fixture *f = to;
    f->told = arena_printf(
        f->arena, "%s%.*s %s;", f->told, (int)goods->subject.length, goods->subject.at,
        goods->first > goods->last
            ? "-"
            : arena_printf(f->arena, "%lld..%lld", (long long)goods->first, (long long)goods->last));
}

/* Each once, in their order, with the moments that may give them a month; by whatever chain. */
static void which_goods_and_between_which_moments(void **state) {
    struct fixture *f = *state;
    release(f, "S", "P/1", 500);
    release(f, "OTHER", "P/2", 100);
    release(f, "far", "P/3", 1);
    put(f,
        "INSERT INTO milestones VALUES('S', '', 'C', 'LOADED', 300, 1, 900, 1, 1, 1), ('S', '', '', 'ARRIVED', 7, 1, 9000, 1, 1, 1),"
        " ('Z', '', '', 'ARRIVED', 7, 1, 9, 1, 1, 1);"
        "INSERT INTO links VALUES('entry', '42', 'P/1', 'P', 1), ('entry', '42', 'P/2', 'P', 1);"
        "INSERT INTO touched(record, subject) VALUES(20, 'Z'), (21, 'OTHER'), (22, 'OTHER'), (19, 'far')");
    stand_at(f, 22);
    f->told = "";
    touched_goods(f->state, &f->segments, 19, add, f);
    assert_string_equal(f->told, "OTHER 100..100;S 300..900;Z -;");
    f->told = "";
    touched_goods(f->state, &f->segments, 22, add, f);
    assert_string_equal(f->told, "");
}

static void more_than_is_looked_through(void **state) {
    struct fixture *f = *state;
    stand_at(f, TOUCHED_RECORDS_MAX + 5);
    assert_false(touches(f, 10, 5));
    assert_true(touches(f, 10, 4));
}

static void assert_touched(struct fixture *f, const char *expected) {
    char text[256] = "";
    struct store_query *query = store_query(
        state_store(f->state), "SELECT record || ':' || subject FROM touched ORDER BY record, subject");
    while (state_row(f->state, query)) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof(text) - length, "%s" TEXT_FORMAT, length ? " " : "",
                 TEXT_ARGS(store_text(query, 0)));
    }
    store_reset(query);
    assert_string_equal(text, expected);
}

static void what_a_decision_tells(void **state) {
    struct fixture *f = *state;
    struct decision decision;
    release(f, "LINKED", "P/9", noon(2026, 10, 1));
    decision_init(&decision, f->arena, 30);
    decision_subject(&decision, "S");
    decision_move(&decision, "milestones", "S", "told", "", "", 1, "code", "ARRIVED", NULL);
    decision_move(&decision, "milestones", "T", "told", "", "", 1, "code", "ARRIVED", NULL);
    decision_move(&decision, "milestones", "T", "told", "", "", 1, "code", "BERTHED", NULL);
    decision_move(&decision, "milestones", "U", "take-back", "", "", 0, NULL);
    decision_move(&decision, "declarations", "P/3", "J", "", "accepted", 1, "subject", "V", NULL);
    decision_move(&decision, "consignments", "W", "arrived", "", "arrived", 1, NULL);
    decision_move(&decision, "links", "P/9", "link", "", "", 1, "kind", "entry", "value", "1", NULL);
    decision_move(&decision, "links", "P/404", "link", "", "", 1, "kind", "entry", "value", "1", NULL);
    decision_move(&decision, "charges", "X", "note", "", "", 1, NULL);
    struct message_row row = { 30, "P", "declaration", "cn-dec", "9", "", OUTCOME_ACCEPTED, 1, 100 };
    apply_recorded(f->state, &decision, RECORD_MESSAGE, 31, 1, &row);
    assert_touched(f, "30:LINKED 30:T 30:U 30:V 30:W");
    put(f, "DELETE FROM touched");
    apply_recorded(f->state, &decision, RECORD_TICK, 31, 1, NULL); /* that has no row of messages */
    assert_touched(f, "30:LINKED 30:S 30:T 30:U 30:V 30:W");
    assert_int_equal(state_status(f->state), STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_of_the_goods, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cause_of_several_goods, setup, teardown),
        cmocka_unit_test_setup_teardown(a_number_in_common, setup, teardown),
        cmocka_unit_test_setup_teardown(a_month_that_was_left, setup, teardown),
        cmocka_unit_test_setup_teardown(which_goods_and_between_which_moments, setup, teardown),
        cmocka_unit_test_setup_teardown(more_than_is_looked_through, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_decision_tells, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
