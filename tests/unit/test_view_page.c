/* Lists in pages: cursors are read strictly, and what has no table of columns is walked as well: the queue of
   inspections, whose order depends on the time, deliveries, and what is set aside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "edition/priorities.h"
#include "view/columns.h"
#include "view/page.h"
#include "view_kit.h"
#include "folder_kit.h"

#define NOW 1790000000000000000

struct fixture {
    char directory[64];
    struct state *state;
    struct edition edition;
    struct priorities priorities;
    struct arena *arena;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->directory, "/tmp/clearway-page-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    assert_int_equal(state_open(f->directory, STORE_WRITE, &f->state), STATUS_OK);
    f->arena = arena_new();
    f->edition.priorities = &f->priorities;
    f->edition.lists = codelists_new(f->arena);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    state_close(f->state);
    folder_remove(f->directory);
    free(f);
    return 0;
}

/* slot: in hours; waited: it has waited as long as is allowed. */
static void book(struct fixture *f, int64_t number, const char *site, const char *lane, int slot, int rank,
                 bool waited, const char *state) {
    struct store_query *query = store_query(
        state_store(f->state),
        "INSERT OR REPLACE INTO bookings(key, party, own_id, record, queued, subject, declaration, site, direction, lane, mode,"
        " attendance, slot_start, slot_end, priority, rank, cut_off, waited_at, booked_at, result, state)"
        " VALUES(?1, 'FWD', ?1, ?1, ?1, 'CNQDG/B', '', ?2, 'import', ?3, '', '', ?4, ?4 + 1, '', ?5, 0, ?6, 1, '', ?7)");
    store_bind_int(query, 1, number);
    store_bind_string(query, 2, site);
    store_bind_string(query, 3, lane);
    store_bind_int(query, 4, NOW + slot * 3600 * STAMP_SECOND);
    store_bind_int(query, 5, rank);
    store_bind_int(query, 6, waited ? NOW - 1 : INT64_MAX);
    store_bind_string(query, 7, state);
    assert_int_equal(store_run(query), STATUS_OK);
}

static void deliver(struct fixture *f, int64_t record, const char *party, const char *state) {
    struct store_query *query = store_query(
        state_store(f->state),
        "INSERT INTO deliveries(record, party, decision, route, subject, family, state, attempts, reason, words, next, updated, since)"
        " VALUES(?1, ?2, ?1, 'R01', 'CNQDG/B', 'declaration', ?3, 2, '', '', 0, 0, 0)");
    store_bind_int(query, 1, record);
    store_bind_string(query, 2, party);
    store_bind_string(query, 3, state);
    assert_int_equal(store_run(query), STATUS_OK);
}

static const struct json *look(struct fixture *f, const char *name, const char *state, const char *limit,
                               const char *after, const char **next) {
    struct view_source source = { .state = f->state, .edition = &f->edition };
    struct view_page page = { NULL };
    const struct view_parameter *wrong;
    struct view_question question = {
        .view = view_find(name), .source = &source, .now = NOW, .arena = f->arena, .page = &page
    };
    const char *const given[][2] = { { "state", state }, { "limit", limit }, { "after", after } };
    for (size_t i = 0; i < 3; i++) {
        if (given[i][1]) {
            question.values[view_parameter(question.view, given[i][0]) - question.view->parameters] =
                text_of(given[i][1]);
        }
    }
    struct buf buf;
    char why[128];
    buf_init(&buf, 4 << 20);
    assert_int_equal(view_check(&question, VIEW_JSON, &wrong), STATUS_OK);
    assert_int_equal(view_answer(&question, VIEW_JSON, &buf), STATUS_OK);
    const struct json *told = json_parse(f->arena, buf_text(&buf), why, sizeof(why));
    assert_non_null(told);
    buf_release(&buf);
    *next = page.next;
    const char *said = json_string_at(told, "next");
    assert_true(page.next ? said && strcmp(said, page.next) == 0 : !said);
    assert_int_equal(json_bool(json_at(told, "more")), page.next != NULL);
    return told;
}

/* The rows of all pages, as this member of them says; between() happens behind each page. */
static const char *walk(struct fixture *f, const char *name, const char *state, const char *list,
                        const char *member, const char *limit, void (*between)(struct fixture *f, int page)) {
    const char *rows = "", *next = NULL;
    for (int page = 0; page == 0 || next; page++) {
        const struct json *told = json_at(look(f, name, state, limit, next, &next), list);
        assert_true(json_count(told) <= (size_t)atoi(limit));
        for (size_t i = 0; i < json_count(told); i++) {
            rows = arena_printf(f->arena, "%s %s", rows, json_string_at(json_item(told, i), member));
        }
        if (between) {
            between(f, page);
        }
    }
    return rows;
}

static void put_bookings(struct fixture *f) {
    book(f, 1, "S1", "A", 2, 5, false, "booked");
    book(f, 2, "S1", "A", 1, 5, false, "booked");
    book(f, 3, "S1", "A", 9, 5, true, "booked"); /* has waited: the first of those that wait */
    book(f, 4, "S1", "A", 1, 2, false, "booked");
    book(f, 5, "S1", "A", 7, 5, false, "opened"); /* its turn has come */
    book(f, 6, "S1", "B", 1, 5, false, "booked");
    book(f, 7, "S2", "A", 1, 5, false, "booked");
    book(f, 8, "S2", "A", 1, 5, false, "closed"); /* in no queue */
}

#define ALL_BOOKINGS " 5 3 4 2 1 6 7"

static void the_queue_of_inspections(void **state) {
    struct fixture *f = *state;
    const char *next;
    put_bookings(f);
    for (int limit = 1; limit < 9; limit++) {
        const char *most = arena_printf(f->arena, "%d", limit);
        assert_string_equal(walk(f, "inspections", NULL, "inspections", "booking", most, NULL), ALL_BOOKINGS);
    }
    /* a place is that in the queue, not in the page */
    look(f, "inspections", NULL, "3", NULL, &next);
    const struct json *second = json_at(look(f, "inspections", NULL, "3", next, &next), "inspections");
    assert_int_equal(json_int_at(json_item(second, 0), "position"), 3);
}

/* What was shown last is gone; one has its turn before it, one stands right behind it, one farther behind. */
static void something_happens(struct fixture *f, int page) {
    if (page == 1) {
        book(f, 3, "S1", "A", 9, 5, true, "closed");
        book(f, 9, "S1", "A", 0, 0, true, "booked");
        book(f, 10, "S1", "A", 8, 5, false, "booked");
        book(f, 11, "S1", "A", 8, 5, false, "opened");
    }
}

static void a_queue_that_moves(void **state) {
    struct fixture *f = *state;
    put_bookings(f);
    assert_string_equal(walk(f, "inspections", NULL, "inspections", "booking", "1", something_happens),
                        " 5 3 9 4 2 1 10 6 7");
}

/* More than are read at once: no lane is broken off but one that is longer than that. */
static void more_than_are_read_at_once(void **state) {
    struct fixture *f = *state;
    size_t rows = 0;
    const char *next = NULL;
    for (int64_t number = 1; number <= 2500; number++) {
        book(f, number, number > 1500 ? "S2" : "S1", number > 1900 ? "B" : "A", (int)(number % 20), 5, false,
             "booked");
    }
    do {
        const struct json *told = json_at(look(f, "inspections", NULL, "700", next, &next), "inspections");
        for (size_t i = 0; i < json_count(told); i++) {
            rows += json_int_at(json_item(told, i), "position") > 0;
        }
    } while (next);
    assert_int_equal(rows, 2500);
}

static void deliveries_and_what_is_set_aside(void **state) {
    struct fixture *f = *state;
    const char *next;
    deliver(f, 1, "B", "waiting");
    deliver(f, 2, "A", "parked");
    deliver(f, 3, "A", "waiting");
    deliver(f, 3, "C", "waiting");
    deliver(f, 4, "A", "delivered");
    for (int64_t record = 11; record < 14; record++) {
        struct store_query *query = store_query(
            state_store(f->state),
            "INSERT INTO held(record, kind, what, since, reason, state) VALUES(?, 'message', '', 1, 'crashed', 'held')");
        store_bind_int(query, 1, record);
        assert_int_equal(store_run(query), STATUS_OK);
    }
    assert_string_equal(walk(f, "queue", NULL, "deliveries", "id", "1", NULL), " 2/A 3/A 1/B 3/C");
    assert_string_equal(walk(f, "queue", "waiting", "deliveries", "id", "2", NULL), " 3/A 1/B 3/C");
    assert_string_equal(walk(f, "queue", "held", "held", "reason", "1", NULL), " crashed crashed crashed");
    /* beside deliveries those that are held are told once, with the first page */
    const struct json *first = look(f, "queue", NULL, "3", NULL, &next);
    assert_int_equal(json_count(json_at(first, "held")), 3);
    assert_null(json_at(look(f, "queue", NULL, "3", next, &next), "held"));
}

static void what_is_no_cursor(void **state) {
    struct fixture *f = *state;
    /* clang-format off */
    static const struct { const char *json; bool is_one; } cases[] = {
        { "[\"waivers\",\"-5\",\"KEY\"]", true },       { "[\"waivers\",\"9223372036854775807\",\"\"]", true },
        { "[\"waivers\",\"5\"]", false },               { "[\"waivers\",\"5\",\"KEY\",\"x\"]", false },
        { "[\"lots\",\"5\",\"KEY\"]", false },          { "[\"waivers\",5,\"KEY\"]", false },
        { "[\"waivers\",\"5x\",\"KEY\"]", false },      { "[\"waivers\",\"\",\"KEY\"]", false },
        { "[\"waivers\",\"-\",\"KEY\"]", false },       { "[\"waivers\",\"9223372036854775808\",\"KEY\"]", false },
        { "[\"waivers\",\"5\",null]", false },          { "{\"waivers\":1}", false },
        { "[]", false }, { "", false }, { "[", false },
    };
    /* clang-format on */
    struct view_question question = { .view = view_find("waivers"), .arena = f->arena };
    struct page_keys keys;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char cursor[256];
        base64url_print(cases[i].json, strlen(cases[i].json), cursor);
        assert_int_equal(page_read(&question, text_of(cursor), &keys), cases[i].is_one);
    }
    assert_false(page_read(&question, TEXT("not base64url!"), &keys));
    keys = (struct page_keys){ { { .number = -7 }, { .text = "提单/\"1\"" } } };
    assert_true(page_read(&question, text_of(page_cursor(&question, &keys)), &keys));
    assert_true(keys.list[0].number == -7 && strcmp(keys.list[1].text, "提单/\"1\"") == 0);
}

/* case 717: on a terminal moments of these two lists had a T in their middle, and all others a blank. */
static void moments_are_printed_alike(void **state) {
    struct fixture *f = *state;
    struct view_source source = { .state = f->state, .edition = &f->edition };
    const struct view_parameter *wrong;
    char start[STAMP_TEXT_MAX];
    put_bookings(f);
    deliver(f, 1, "A", "waiting");
    struct store_query *query = store_query(state_store(f->state), "UPDATE deliveries SET next = ?1");
    store_bind_int(query, 1, NOW + 3600 * STAMP_SECOND);
    assert_int_equal(store_run(query), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        struct view_question question = {
            .view = view_find(i ? "queue" : "inspections"), .source = &source, .now = NOW, .arena = f->arena
        };
        struct buf out;
        buf_init(&out, 1 << 20);
        assert_int_equal(view_check(&question, VIEW_TEXT, &wrong), STATUS_OK);
        assert_int_equal(view_answer(&question, VIEW_TEXT, &out), STATUS_OK);
        assert_non_null(strstr(out.at, column_moment(NOW + 3600 * STAMP_SECOND, start)));
        for (const char *at = out.at; (at = strchr(at, 'T')); at++) {
            assert_false(at > out.at && at[-1] >= '0' && at[-1] <= '9' && at[1] >= '0' && at[1] <= '9');
        }
        buf_release(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_queue_of_inspections, setup, teardown),
        cmocka_unit_test_setup_teardown(a_queue_that_moves, setup, teardown),
        cmocka_unit_test_setup_teardown(more_than_are_read_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(deliveries_and_what_is_set_aside, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_cursor, setup, teardown),
        cmocka_unit_test_setup_teardown(moments_are_printed_alike, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
