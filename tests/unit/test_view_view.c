/* The list of questions: each row is whole, and what it says of its parameters is held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "engine/part.h"
#include "view/rows.h"
#include "view/view.h"

static bool is_given(const char *text) {
    return text && *text;
}

static void each_row_is_whole(void **state) {
    (void)state;
    assert_true(views_count > 0 && views_count <= VIEWS_MAX);
    for (size_t i = 0; i < views_count; i++) {
        const struct view *view = &views[i];
        assert_ptr_equal(view_find(view->name), view);
        assert_true(is_given(view->path) && is_given(view->zh) && is_given(view->en));
        assert_true(view->path[0] != '/' && view->path[strlen(view->path) - 1] != '/');
        bool json = view_has(view, VIEW_JSON), text = view_has(view, VIEW_TEXT),
             csv = view_has(view, VIEW_CSV);
        assert_true(json || text || csv || view_has(view, VIEW_XML));
        assert_false(view->rows && (view->json || view->text));
        /* people at a terminal read it, programs parse it; or it is for programs alone */
        assert_true(!view->is_verb || (json && text) || (csv && !json && !text));
        /* the thread of long questions has no reader of the journal */
        assert_false(view->is_long && view->is_of_journal);
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(views[other].name, view->name);
            assert_string_not_equal(views[other].path, view->path);
        }
    }
    assert_null(view_find("no-such-question"));
}

static void check_columns(const struct rows *rows) {
    assert_true(is_given(rows->name) && rows->columns_count > 0 && rows->columns_count <= ROWS_COLUMNS_MAX);
    for (size_t i = 0; i < rows->columns_count; i++) {
        const struct row_column *column = &rows->columns[i];
        assert_true((column->words == NULL) == row_kind_is_read(column->kind));
        assert_true((column->of != NULL) == (column->kind == ROW_STATE || column->kind == ROW_CODE));
        assert_true((column->zh == NULL) == (column->en == NULL));
        assert_true(!column->name || is_given(row_column_about(column, LANGUAGE_EN)));
        assert_true(!column->name || is_given(row_column_about(column, LANGUAGE_ZH)));
        assert_true(column->kind != ROW_STATE || part_lifecycle(column->of));
        for (size_t other = 0; other < i && column->name;
             other++) { /* names may go with a text of their own */
            const struct row_column *before = &rows->columns[other];
            assert_true(
                !before->name || strcmp(before->name, column->name) != 0
                || ((before->kind == ROW_TEXT || before->kind == ROW_MADE) && column->kind == ROW_WORDS));
        }
    }
}

static void each_column_is_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < views_count; i++) {
        const struct rows *rows = views[i].rows;
        if (rows) {
            check_columns(rows);
            assert_true(rows->ask && rows->max && is_given(rows->none_zh) && is_given(rows->none_en));
            assert_true((rows->detail == NULL) == (rows->put_detail == NULL));
            assert_true(is_given(rows->keys) && strlen(rows->keys) <= PAGE_KEYS_MAX);
        }
        if (rows && rows->detail) {
            check_columns(rows->detail);
        }
    }
}

static void each_parameter_is_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < views_count; i++) {
        const struct view *view = &views[i];
        for (size_t p = 0; p < view_parameters_count(view); p++) {
            const struct view_parameter *parameter = &view->parameters[p];
            assert_true(is_given(parameter->name) && is_given(parameter->zh) && is_given(parameter->en));
            assert_true(!view_parameter_is_in_path(view, parameter) || parameter->is_required);
            assert_true(!parameter->code || (is_given(parameter->wrong_zh) && is_given(parameter->wrong_en)));
            assert_true((parameter->type == VIEW_CHOICE) == (parameter->choices != NULL));
            assert_true(!view->is_verb || (is_given(parameter->argument) && is_given(parameter->wrong_en)));
            assert_true(!view->is_verb || !parameter->is_required || is_given(parameter->example));
        }
    }
}

/* What stands in braces in a path is a parameter of that question. */
static void each_place_in_a_path_is_a_parameter(void **state) {
    (void)state;
    for (size_t i = 0; i < views_count; i++) {
        size_t places = 0, named = 0;
        for (const char *at = views[i].path; *at; at++) {
            places += *at == '{';
        }
        for (size_t p = 0; p < view_parameters_count(&views[i]); p++) {
            named += view_parameter_is_in_path(&views[i], &views[i].parameters[p]);
        }
        assert_int_equal(places, named);
    }
}

static bool has_parameter(const struct view *view, const char *name) {
    bool has = false;
    for (size_t i = 0; i < view_parameters_count(view); i++) {
        has = has || strcmp(view->parameters[i].name, name) == 0;
    }
    return has;
}

static void each_list_has_pages(void **state) {
    (void)state;
    for (size_t i = 0; i < views_count; i++) {
        const struct view *view = &views[i];
        assert_true(!view->rows || page_kinds(view));
        assert_true(!page_kinds(view) || (has_parameter(view, "limit") && has_parameter(view, "after")));
    }
}

static const struct party *party_with(struct party *party, const char *const *role) {
    *party = (struct party){ .code = "ONE", .roles = { .items = role, .count = 1 } };
    return party;
}

static void who_may_ask_is_held(void **state) {
    static const char *const roles[] = { "declarant", "office" };
    /*                     name      declarant       office          operator */
    static const struct {
        const char *name, *value;
        enum status of[3];
    } cases[] = {
        { "track", "X", { STATUS_OK, STATUS_OK, STATUS_OK } },
        { "report", "2026-10", { STATUS_DENIED, STATUS_OK, STATUS_OK } },
        { "report", "never", { STATUS_DENIED, STATUS_BAD_INPUT, STATUS_BAD_INPUT } },
        { "queue", "", { STATUS_DENIED, STATUS_DENIED, STATUS_OK } },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        for (size_t who = 0; who < 3; who++) {
            struct party party;
            const struct view_parameter *wrong;
            struct view_question question = { .view = view_find(cases[i].name),
                                              .viewer = who < 2 ? party_with(&party, &roles[who]) : NULL,
                                              .values = { text_of(cases[i].value) } };
            assert_int_equal(view_check(&question, VIEW_JSON, &wrong), cases[i].of[who]);
            assert_true((cases[i].of[who] == STATUS_BAD_INPUT) == (wrong != NULL));
        }
    }
}

static void values_are_what_the_row_says(void **state) {
    static const char exact[] =
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890"
        "123456789012345678901234567890123456789012345678"; /* 128 bytes */
    char longer[sizeof(exact) + 1] = "1";
    strcat(longer, exact);
    const struct {
        const char *name, *value; /* NULL: not given */
        enum status status;
    } cases[] = {
        { "message", "57", STATUS_OK },
        { "message", "0", STATUS_NOT_FOUND },
        { "message", "-1", STATUS_NOT_FOUND },
        { "message", "x", STATUS_NOT_FOUND },
        { "message", "", STATUS_NOT_FOUND },
        { "message", "9223372036854775807", STATUS_OK },
        { "message", "9223372036854775808", STATUS_NOT_FOUND },
        { "message", "18446744073709551616", STATUS_NOT_FOUND },
        { "message-by-id", "A-1", STATUS_OK },
        { "message-by-id", NULL, STATUS_BAD_INPUT },
        { "message-by-id", "", STATUS_BAD_INPUT },
        { "message-by-id", "   ", STATUS_BAD_INPUT },
        { "track", exact, STATUS_OK },
        { "track", longer, STATUS_NOT_FOUND },
        { "report", "2026-10", STATUS_OK },
        { "report", "1899-12", STATUS_BAD_INPUT },
        { "report", "1900-01", STATUS_OK },
        { "report", "2199-12", STATUS_OK },
        { "report", "2200-01", STATUS_BAD_INPUT },
        { "report", NULL, STATUS_BAD_INPUT },
        { "queue", NULL, STATUS_OK },
        { "queue", "", STATUS_OK },
        { "queue", "parked", STATUS_OK },
        { "queue", "kept", STATUS_OK },
        { "queue", "lost", STATUS_BAD_INPUT },
        { "deliveries", NULL, STATUS_OK },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct view_parameter *wrong;
        struct view_question question = { .view = view_find(cases[i].name) };
        if (cases[i].value) {
            question.values[0] = text_of(cases[i].value);
        }
        if (view_check(&question, VIEW_JSON, &wrong) != cases[i].status) {
            fail_msg("%s of %s", cases[i].name, cases[i].value ? cases[i].value : "nothing");
        }
    }
}

static void the_month_before_is_meant_when_none_is_said(void **state) {
    static const struct {
        int year, month, day;
        const char *meant;
    } cases[] = { { 2026, 11, 29, "2026-10" }, { 2026, 1, 1, "2025-12" }, { 2026, 3, 31, "2026-02" } };
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        stamp now = stamp_of_day(day_of(cases[i].year, cases[i].month, cases[i].day));
        struct view_question question = { .view = view_find("report"), .now = now, .arena = arena };
        const struct view_parameter *month = view_parameter(question.view, "month");
        assert_string_equal(month->otherwise(&question), cases[i].meant);
        question.values[view_parameter(question.view, "from") - question.view->parameters] =
            TEXT("2026-10-01");
        assert_null(month->otherwise(&question)); /* days are said: no month is meant */
    }
    arena_free(arena);
}

/* case 675 */
static void what_would_do_nothing_is_refused(void **state) {
    static const struct {
        const char *asked; /* "compare=previous table=change" */
        enum view_form form;
        const char *wrong; /* NULL: nothing */
    } cases[] = {
        { "table=coverage", VIEW_TEXT, "table" },
        { "table=coverage", VIEW_JSON, "table" },
        { "table=figures", VIEW_JSON, "table" },
        { "table=coverage", VIEW_CSV, NULL },
        { "table=coverage", VIEW_CSV_ZST, NULL },
        { "table=change", VIEW_CSV, "table" },
        { "table=change compare=previous", VIEW_CSV, NULL },
        { "compare=previous", VIEW_CSV, "compare" },
        { "compare=previous table=slowest", VIEW_CSV, "compare" },
        { "compare=previous", VIEW_TEXT, NULL },
        { "by=port", VIEW_CSV, NULL },
        { "by=port table=figures between=ARRIVED:GATE_OUT", VIEW_CSV, NULL },
        { "by=port table=beside", VIEW_CSV, "by" },
        { "between=ARRIVED:GATE_OUT table=slowest", VIEW_CSV, "between" },
        { "between=ARRIVED:GATE_OUT by=port", VIEW_JSON, NULL },
        { "unit=teu", VIEW_CSV, NULL },
        { "unit=teu table=change compare=snapshot", VIEW_CSV, NULL },
        { "unit=teu table=coverage", VIEW_CSV, "unit" },
    };
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct view_parameter *wrong;
        struct view_question question = { .view = view_find("report"), .arena = arena };
        struct text asked = text_of(cases[i].asked);
        question.values[0] = TEXT("2026-10");
        while (asked.length) {
            struct text value = text_until(&asked, ' '), name = text_until(&value, '=');
            const struct view_parameter *parameter = view_parameter(question.view, arena_copy(arena, name));
            question.values[parameter - question.view->parameters] = value;
        }
        enum status status = view_check(&question, cases[i].form, &wrong);
        if (cases[i].wrong ? status != STATUS_BAD_INPUT || strcmp(wrong->name, cases[i].wrong) != 0
                           : status != STATUS_OK) {
            fail_msg("%s as %s", cases[i].asked, view_form_name(cases[i].form));
        }
    }
    arena_free(arena);
}

static void each_clash_is_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < views_count; i++) {
        for (const struct view_clash *clash = views[i].clashes; clash && clash->name; clash++) {
            assert_true(is_given(clash->zh) && is_given(clash->en) && clash->forms);
            assert_true(view_parameter(&views[i], clash->name)->code);
            assert_true(clash->needs ? view_parameter(&views[i], clash->needs) != NULL
                                     : !clash->values && !clash->or_none);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_whole),
        cmocka_unit_test(each_column_is_whole),
        cmocka_unit_test(each_list_has_pages),
        cmocka_unit_test(each_parameter_is_whole),
        cmocka_unit_test(each_place_in_a_path_is_a_parameter),
        cmocka_unit_test(who_may_ask_is_held),
        cmocka_unit_test(values_are_what_the_row_says),
        cmocka_unit_test(the_month_before_is_meant_when_none_is_said),
        cmocka_unit_test(each_clash_is_whole),
        cmocka_unit_test(what_would_do_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
