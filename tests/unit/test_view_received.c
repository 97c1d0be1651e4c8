/* Messages by id, sender, family, verdict and time; what a party sees of them; more than are shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/received.h"
#include "view_kit.h"
#include "folder_kit.h"

struct fixture {
    char directory[64];
    struct state *state;
    struct buf buf;
    struct arena *arena;
    stamp day; /* of the first; each is an hour behind the one before */
};

static void put(struct fixture *f, int64_t number, const char *party, const char *family, const char *id,
                const char *outcome) {
    struct store_query *query = store_query(
        state_store(f->state),
        "INSERT INTO messages(number, party, family, format, own_id, outcome, recorded, bytes, decision)"
        " VALUES(?, ?, ?, 'cn-dec', ?, ?, ?, 10, NULL)");
    store_bind_int(query, 1, number);
    store_bind_string(query, 2, party);
    store_bind_string(query, 3, family);
    store_bind_string(query, 4, id);
    store_bind_string(query, 5, outcome);
    store_bind_int(query, 6, f->day + number * 3600 * STAMP_SECOND);
    assert_int_equal(store_run(query), STATUS_OK);
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->directory, "/tmp/clearway-received-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    assert_int_equal(state_open(f->directory, STORE_WRITE, &f->state), STATUS_OK);
    f->arena = arena_new();
    f->day = stamp_of_day(day_of(2026, 10, 12));
    buf_init(&f->buf, 4 << 20);
    put(f, 3, "FWD-1", "declaration", "A-1", "accepted");
    put(f, 5, "FWD-2", "declaration", "A-1", "refused");
    put(f, 8, "CUS", "customs_result", "R-1", "accepted");
    put(f, 9, "FWD-1", "booking", "B-1", "conflict");
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

static const struct json *look(struct fixture *f, const struct party *viewer, const char *const values[6]) {
    char why[128];
    struct asking asking = { "received", .source = { .state = f->state }, .arena = f->arena,
                             .viewer = viewer };
    memcpy(asking.values, values, 6 * sizeof(*values));
    buf_clear(&f->buf);
    assert_int_equal(view_ask(&asking, VIEW_JSON, &f->buf), STATUS_OK);
    const struct json *told = json_parse(f->arena, buf_text(&f->buf), why, sizeof(why));
    assert_non_null(told);
    return told;
}

/* "9 8 5 3" */
static const char *numbers(struct fixture *f, const struct json *told) {
    const struct json *rows = json_at(told, "messages");
    const char *text = "";
    for (size_t i = 0; i < json_count(rows); i++) {
        text = arena_printf(f->arena, "%s%s%lld", text, *text ? " " : "",
                            (long long)json_int_at(json_item(rows, i), "record"));
    }
    return text;
}

static void by_what_is_asked_for(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *values[6]; /* id, party, family, verdict, since, until */
        const char *numbers;
    } cases[] = {
        { { NULL }, "9 8 5 3" },
        { { "A-1" }, "5 3" },
        { { "A-1", "FWD-1" }, "3" },
        { { "A-2" }, "" },
        { { NULL, "FWD-1" }, "9 3" },
        { { NULL, NULL, "declaration" }, "5 3" },
        { { NULL, NULL, NULL, "refused" }, "5" },
        { { NULL, NULL, NULL, NULL, "2026-10-12T05:00:00" }, "9 8 5" },
        { { NULL, NULL, NULL, NULL, "2026-10-12T05:00:01" }, "9 8" },
        { { NULL, NULL, NULL, NULL, NULL, "2026-10-12T08:00:00" }, "5 3" },
        { { NULL, NULL, NULL, NULL, "2026-10-12", "2026-10-13" }, "9 8 5 3" },
        { { NULL, NULL, NULL, NULL, "2026-10-13" }, "" },
        { { NULL, NULL, NULL, NULL, NULL, "2026-10-12" }, "" },
        { { "A-1", NULL, NULL, "accepted", "2026-10-12T03:00:00", "2026-10-12T04:00:00" }, "3" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_string_equal(numbers(f, look(f, NULL, cases[i].values)), cases[i].numbers);
    }
    const struct json *row = json_item(json_at(look(f, NULL, cases[6].values), "messages"), 0);
    assert_string_equal(json_string_at(row, "verdict_en"), "refused");
    assert_string_equal(json_string_at(row, "verdict_zh"), "未接收");
}

static void a_party_sees_its_own(void **state) {
    struct fixture *f = *state;
    static const char *const role[] = { "declarant" };
    struct party party = { .code = "FWD-1", .roles = { .items = role, .count = 1 } };
    const char *const nothing[6] = { NULL }, *const others[6] = { "A-1", "FWD-2" };
    assert_string_equal(numbers(f, look(f, &party, nothing)), "9 3");
    assert_string_equal(numbers(f, look(f, &party, others)), "3");
}

static void more_than_are_shown(void **state) {
    struct fixture *f = *state;
    const char *const nothing[6] = { NULL };
    for (int64_t number = 10; number < 10 + RECEIVED_ROWS_MAX - 4; number++) {
        put(f, number, "FWD-1", "booking", "C", "accepted");
    }
    assert_false(json_bool(json_at(look(f, NULL, nothing), "more")));
    put(f, 1000, "FWD-1", "booking", "C", "accepted");
    const struct json *told = look(f, NULL, nothing);
    assert_true(json_bool(json_at(told, "more")));
    assert_int_equal(json_count(json_at(told, "messages")), RECEIVED_ROWS_MAX);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(by_what_is_asked_for),
        TEST(a_party_sees_its_own),
        TEST(more_than_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
