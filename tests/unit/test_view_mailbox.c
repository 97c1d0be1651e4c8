/* What is kept for a party, page by page, behind its bookmark; in the order of the decisions, nobody else's,
   nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/counters.h"
#include "decided_kit.h"
#include "view/mailbox.h"
#include "view_kit.h"
#include "folder_kit.h"

struct fixture {
    char directory[64];
    struct journal *journal;
    struct reader *reader;
    struct state *state;
    struct arena *arena;
};

static void put(struct fixture *f, int64_t record, int64_t decision, const char *party, const char *state) {
    struct store_query *query = store_query(
        state_store(f->state),
        "INSERT INTO deliveries(record, party, decision, route, subject, family, state, updated, since)"
        " VALUES(?1, ?2, ?3, 'R10', 'CNQDG/B', 'customs-response', ?4, 1790000000000000000,"
        " 1790000000000000000)");
    store_bind_int(query, 1, record);
    store_bind_string(query, 2, party);
    store_bind_int(query, 3, decision);
    store_bind_string(query, 4, state);
    assert_int_equal(store_run(query), STATUS_OK);
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->directory, "/tmp/clearway-mailbox-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    assert_int_equal(state_open(f->directory, STORE_WRITE, &f->state), STATUS_OK);
    struct journal_options options = { .directory = f->directory, .segment_size = 1 << 20, .reserve = 1 };
    struct journal_report report;
    assert_int_equal(journal_open(&options, &f->journal, &report), STATUS_OK);
    f->reader = reader_new(f->journal);
    f->arena = arena_new();
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    state_close(f->state);
    reader_free(f->reader);
    journal_close(f->journal);
    folder_remove(f->directory);
    free(f);
    return 0;
}

static enum status ask(struct fixture *f, const char *code, const char *after, struct buf *out) {
    struct party party = { .code = code };
    struct asking asking = { "deliveries",
                             { after },
                             .source = { .state = f->state, .reader = f->reader },
                             .viewer = &party,
                             .arena = f->arena };
    return view_ask(&asking, VIEW_JSON, out);
}

static const struct json *look(struct fixture *f, const char *party, const char *after) {
    struct buf buf;
    char why[128];
    buf_init(&buf, 1 << 20);
    assert_int_equal(ask(f, party, after, &buf), STATUS_OK);
    const struct json *told = json_parse(f->arena, buf_text(&buf), why, sizeof(why));
    assert_non_null(told);
    buf_release(&buf);
    return told;
}

static void expect(struct fixture *f, const char *party, const char *after, const char *records,
                   const char *next) {
    const struct json *told = look(f, party, after), *list = json_at(told, "deliveries");
    char shown[256] = "";
    for (size_t i = 0; i < json_count(list); i++) {
        size_t length = strlen(shown);
        snprintf(shown + length, sizeof(shown) - length, "%s%lld", i ? " " : "",
                 (long long)json_int_at(json_item(list, i), "record"));
    }
    assert_string_equal(shown, records);
    assert_string_equal(json_string_at(told, "next"), next);
    assert_false(json_bool(json_at(told, "more")));
}

static void what_has_come_since(void **state) {
    struct fixture *f = *state;
    expect(f, "FWD", "", "", "0-0");
    put(f, 40, 41, "FWD", "kept");
    put(f, 12, 61, "FWD", "kept"); /* came early, handed over late */
    put(f, 60, 61, "FWD", "kept");
    put(f, 50, 51, "OTHER", "kept");
    put(f, 52, 53, "FWD", "waiting");
    put(f, 54, 55, "FWD", "delivered");
    decided_append_rows(f->journal, state_store(f->state));
    /* clang-format off */
    static const struct { const char *party, *after, *records, *next; } cases[] = {
        { "FWD", "", "40 12 60", "61-60" },        { "FWD", "0-0", "40 12 60", "61-60" },
        { "FWD", "41-40", "12 60", "61-60" },      { "FWD", "61-12", "60", "61-60" },
        { "FWD", "61-60", "", "61-60" },           { "FWD", "99-1", "", "99-1" },
        { "OTHER", "", "50", "51-50" },            { "NOBODY", "", "", "0-0" },
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        expect(f, cases[i].party, cases[i].after, cases[i].records, cases[i].next);
    }
    const struct json *first = json_item(json_at(look(f, "FWD", ""), "deliveries"), 0);
    assert_string_equal(json_string_at(first, "id"), "40/FWD");
    assert_string_equal(json_string_at(first, "family"), "customs-response");
    assert_string_equal(json_string_at(first, "subject"), "CNQDG/B");
    assert_int_equal(json_int_at(first, "record"), 40); /* by which its bytes are fetched */
    assert_int_equal(strncmp(json_string_at(first, "decided"), "2026-09-2", 9), 0);
}

static void page_by_page(void **state) {
    struct fixture *f = *state;
    enum { ROWS = 2 * MAILBOX_ROWS_MAX + 1 };
    for (int i = 1; i <= ROWS; i++) {
        put(f, i, 1000 + i / 70, "FWD", "kept"); /* pages end within decisions */
    }
    decided_append_rows(f->journal, state_store(f->state));
    char after[64] = "";
    int64_t seen = 0;
    size_t pages = 0;
    for (bool more = true; more; pages++) {
        const struct json *told = look(f, "FWD", after), *list = json_at(told, "deliveries");
        for (size_t i = 0; i < json_count(list); i++) {
            assert_int_equal(json_int_at(json_item(list, i), "record"), ++seen);
        }
        snprintf(after, sizeof(after), "%s", json_string_at(told, "next"));
        more = json_bool(json_at(told, "more"));
    }
    assert_int_equal(seen, ROWS);
    assert_int_equal(pages, 3);
}

/* Case 210: one character of a row changed: it is shown to nobody, neither to its party nor to the other. */
static void a_row_that_its_decision_does_not_confirm(void **state) {
    static const char *const changes[] = {
        "UPDATE deliveries SET party = 'FWE'",       "UPDATE deliveries SET record = 41",
        "UPDATE deliveries SET decision = 44",       "UPDATE deliveries SET decision = 4300000",
        "UPDATE deliveries SET subject = 'CNQDG/C'",
    };
    struct fixture *f = *state;
    put(f, 40, 43, "FWD", "kept");
    decided_append_rows(f->journal, state_store(f->state));
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        int64_t found = counter_get(COUNTER_STATE_FINDINGS);
        assert_int_equal(store_exec(state_store(f->state), "DELETE FROM deliveries"), STATUS_OK);
        put(f, 40, 43, "FWD", "kept");
        assert_int_equal(json_count(json_at(look(f, "FWD", ""), "deliveries")), 1);
        assert_int_equal(counter_get(COUNTER_STATE_FINDINGS), found);
        assert_int_equal(store_exec(state_store(f->state), changes[i]), STATUS_OK);
        assert_int_equal(json_count(json_at(look(f, "FWD", ""), "deliveries")), 0);
        assert_int_equal(json_count(json_at(look(f, "FWE", ""), "deliveries")), 0);
        assert_int_equal(counter_get(COUNTER_STATE_FINDINGS), found + 1);
    }
}

static void what_is_no_bookmark(void **state) {
    struct fixture *f = *state;
    static const char *const cases[] = {
        "1", "-", "1-", "-1", "1-2-3", "a-b", "1 -2", "18446744073709551616-1", "18446744073709551615-1"
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf buf;
        buf_init(&buf, 1024);
        assert_int_equal(ask(f, "FWD", cases[i], &buf), STATUS_BAD_INPUT);
        buf_release(&buf);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_has_come_since, setup, teardown),
        cmocka_unit_test_setup_teardown(page_by_page, setup, teardown),
        cmocka_unit_test_setup_teardown(a_row_that_its_decision_does_not_confirm, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_bookmark, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
