/*
 * How long steps usually take: the very figures that the report has of the same days; none of what only a few
 * took; and an answer of some minutes ago is given again, an older one is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "view/kept.h"
#include "view/statistics/usual.h"
#include "month_kit.h"
#include "folder_kit.h"

#define MINUTE (60 * STAMP_SECOND)

struct fixture {
    char directory[64];
    struct month *month;
    struct kept *kept;
    struct arena *arena;
    struct view_source source;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->directory, "/tmp/clearway-usual-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    f->kept = kept_new();
    f->arena = arena_new();
    f->month = month_open(f->directory, 1);
    f->source = (struct view_source){ .state = f->month->state, .edition = f->month->edition };
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    assert_int_equal(state_begin(f->month->state), STATUS_OK);
    month_close(f->month);
    kept_free(f->kept);
    arena_free(f->arena);
    folder_remove(f->directory);
    free(f);
    return 0;
}

static void play(struct fixture *f, unsigned consignments) {
    struct simulate_options options = { .seed = 3,
                                        .first = 1,
                                        .ports = 1,
                                        .consignments = consignments,
                                        .from = stamp_of_day(day_of(2026, 9, 1)),
                                        .until = stamp_of_day(day_of(2026, 10, 8)) };
    month_feed(f->month, &options, MONTH_IN_TIME);
    assert_int_equal(state_commit(f->month->state, f->month->number), STATUS_OK);
}

static const struct json *ask(struct fixture *f, const char *name, stamp now, const char *from,
                              const char *to) {
    struct view_question question = {
        .view = view_find(name), .source = &f->source, .language = LANGUAGE_EN, .now = now, .arena = f->arena
    };
    struct buf body;
    char why[128];
    if (from) {
        question.values[1] = text_of(from);
        question.values[2] = text_of(to);
    }
    buf_init(&body, 1 << 20);
    assert_int_equal(kept_answer(f->kept, &question, VIEW_JSON, &body), STATUS_OK);
    const struct json *answer = json_parse(f->arena, buf_text(&body), why, sizeof(why));
    assert_non_null(answer);
    buf_release(&body);
    return answer;
}

static const struct json *step_of(const struct json *answer, size_t direction, size_t step) {
    const struct json *directions = json_at(answer, "directions");
    return json_item(json_at(json_item(directions, direction), "steps"), step);
}

static void as_the_report_has_it(void **state) {
    struct fixture *f = *state;
    play(f, 60);
    const struct json *usual = ask(f, "usual", stamp_of_day(day_of(2026, 10, 20)), NULL, NULL);
    assert_string_equal(json_string_at(usual, "from"), "2026-07-22");
    assert_string_equal(json_string_at(usual, "to"), "2026-10-19");
    const struct json *report = ask(f, "report", 0, "2026-07-22", "2026-10-19");
    static const char *const directions[] = { "import", "export" };
    for (size_t direction = 0; direction < 2; direction++) {
        const struct json *segments = json_at(json_at(report, directions[direction]), "segments");
        for (size_t step = 0; step < 4; step++) {
            const struct json *told = step_of(usual, direction, step), *segment = json_item(segments, step);
            const struct json *figures = json_at(segment, "clamped");
            assert_string_equal(json_string_at(told, "name"), json_string_at(segment, "name"));
            assert_string_equal(json_string_at(told, "to"), json_string_at(segment, "to"));
            assert_int_equal(json_int(json_at(told, "n")), json_int(json_at(figures, "n")));
            assert_true(json_int(json_at(told, "n")) >= USUAL_N_MIN);
            assert_true(json_double(json_at(told, "p50")) == json_double(json_at(figures, "median")));
            assert_true(json_double(json_at(told, "p90")) == json_double(json_at(figures, "p90")));
        }
    }
    assert_string_equal(json_string_at(step_of(usual, 0, 2), "side"), "customs");
}

static void not_what_a_few_took(void **state) {
    struct fixture *f = *state;
    play(f, 5);
    const struct json *step = step_of(ask(f, "usual", stamp_of_day(day_of(2026, 10, 20)), NULL, NULL), 0, 0);
    assert_string_equal(json_string_at(step, "name"), "discharge");
    assert_true(json_int(json_at(step, "n")) > 0);
    assert_null(json_at(step, "p50"));
    assert_null(json_at(step, "p90"));
}

static void of_nothing_the_chains_alone(void **state) {
    struct fixture *f = *state;
    play(f, 5);
    const struct json *usual = ask(f, "usual", stamp_of_day(day_of(2028, 1, 1)), NULL, NULL);
    assert_int_equal(json_count(json_at(usual, "directions")), 2);
    assert_int_equal(json_int(json_at(step_of(usual, 1, 3), "n")), 0);
}

static void as_of_some_minutes_ago(void **state) {
    struct fixture *f = *state;
    stamp now = stamp_of_day(day_of(2026, 10, 20)) - 10 * MINUTE;
    play(f, 20);
    assert_string_equal(json_string_at(ask(f, "usual", now, NULL, NULL), "to"), "2026-10-18");
    assert_string_equal(json_string_at(ask(f, "usual", now + 10 * MINUTE - 1, NULL, NULL), "to"),
                        "2026-10-18");
    assert_int_equal(kept_given(f->kept), 1);
    assert_string_equal(json_string_at(ask(f, "usual", now + 10 * MINUTE, NULL, NULL), "to"), "2026-10-19");
    assert_int_equal(kept_given(f->kept), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_the_report_has_it, setup, teardown),
        cmocka_unit_test_setup_teardown(not_what_a_few_took, setup, teardown),
        cmocka_unit_test_setup_teardown(of_nothing_the_chains_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(as_of_some_minutes_ago, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
