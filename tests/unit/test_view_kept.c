/*
 * Answers that are kept are those that would be made anew: a simulated month of ports, with messages that
 * come late, twice, corrected, withdrawn or not at all, in the order of time, shuffled and doubled, is looked
 * at between its messages in several forms, beside answers that are made each time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/kept.h"
#include "month_kit.h"
#include "folder_kit.h"

/* Values of `report`: month, from, to, by, compare, between, as-of, snapshot, definition, unit. */
static const struct {
    enum view_form form;
    const char *values[10];
} asked[] = {
    { VIEW_JSON, { "2026-10" } },
    { VIEW_TEXT, { "2026-10" } },
    { VIEW_CSV, { "2026-10", [3] = "terminal" } },
    { VIEW_JSON, { "2026-10", [3] = "port", [4] = "previous" } },
    { VIEW_JSON, { NULL, "2026-10-05", "2026-10-09", [3] = "mode" } },
    { VIEW_JSON, { "2026-09" } },
    { VIEW_JSON, { "2026-11" } },
    { VIEW_JSON, { "2027-10" } },
};
enum { ASKED = sizeof(asked) / sizeof(*asked) };

struct fixture {
    char directory[64];
    struct month *month;
    struct kept *kept;
    struct arena *arena;
    unsigned looks, answers, different;
    char last[ASKED][DIGEST_HEX_MAX];
    unsigned changes[ASKED], refreshed;
    bool known[ASKED]; /* it was answered once */
};

/* A month and nothing else. */
static bool is_plain(size_t i) {
    size_t values = 0;
    for (size_t v = 0; v < sizeof(asked[i].values) / sizeof(*asked[i].values); v++) {
        values += asked[i].values[v] != NULL;
    }
    return values == 1;
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->directory, "/tmp/clearway-kept-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    f->kept = kept_new();
    f->arena = arena_new();
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    kept_free(f->kept);
    arena_free(f->arena);
    folder_remove(f->directory);
    free(f);
    return 0;
}

static struct view_question question_of(struct fixture *f, const struct view_source *source, size_t i) {
    struct view_question question = {
        .view = view_find("report"), .source = source, .language = LANGUAGE_EN, .arena = f->arena
    };
    for (size_t v = 0; v < sizeof(asked[i].values) / sizeof(*asked[i].values); v++) {
        question.values[v] = asked[i].values[v] ? text_of(asked[i].values[v]) : (struct text){ 0 };
    }
    return question;
}

static void compare(struct fixture *f, const struct view_source *source, size_t i) {
    struct view_question question = question_of(f, source, i);
    struct buf kept, fresh;
    char hex[DIGEST_HEX_MAX];
    buf_init(&kept, 1 << 20);
    buf_init(&fresh, 1 << 20);
    enum status told = kept_answer(f->kept, &question, asked[i].form, &kept);
    enum status made = view_answer(&question, asked[i].form, &fresh);
    assert_int_equal(told, made);
    if (made == STATUS_OK && !text_equal(buf_text(&kept), buf_text(&fresh))) {
        print_error("%s\n-- is not\n%s\n", kept.at, fresh.at);
        f->different++;
    }
    struct digest digest = digest_of(fresh.at ? fresh.at : "", made == STATUS_OK ? fresh.length : 0);
    digest_hex(&digest, hex);
    f->changes[i] += strcmp(hex, f->last[i]) != 0;
    strcpy(f->last[i], hex);
    f->answers += made == STATUS_OK;
    f->known[i] = made == STATUS_OK;
    buf_release(&kept);
    buf_release(&fresh);
}

/* As events arrive: behind this the plain ones are given again, though something changed. */
static void refresh(struct fixture *f, const struct view_source *source) {
    while (kept_refresh(f->kept, source)) {
        f->refreshed++;
    }
    for (size_t i = 0; i < ASKED; i++) {
        uint64_t given = kept_given(f->kept);
        bool known = f->known[i];
        if (is_plain(i)) {
            compare(f, source, i);
            assert_int_equal(kept_given(f->kept) - given, known ? 1 : 0);
        }
    }
}

/* Some forms at a time: so the others are asked again after some changes, not after each. */
static void look(struct month *month, void *context) {
    struct fixture *f = context;
    struct view_source source = { .state = month->state, .edition = month->edition };
    assert_int_equal(state_commit(month->state, month->number), STATUS_OK);
    for (size_t i = 0; i < ASKED; i++) {
        if ((f->looks + i) % 3 != 0) {
            compare(f, &source, i);
        }
    }
    if (f->looks % 5 == 0) {
        refresh(f, &source);
    }
    f->looks++;
    arena_reset(f->arena);
    assert_int_equal(state_begin(month->state), STATUS_OK);
}

static void play(struct fixture *f, uint64_t seed, enum month_order order) {
    struct simulate_options options = { .seed = seed,
                                        .first = 1,
                                        .ports = 2,
                                        .consignments = 25,
                                        .from = stamp_of_day(day_of(2026, 9, 24)),
                                        .until = stamp_of_day(day_of(2026, 10, 8)) };
    f->month = month_open(f->directory, options.ports);
    f->month->looked = look;
    f->month->look_context = f;
    month_feed(f->month, &options, order);
    look(f->month, f);
    look(f->month, f);
    look(f->month, f);
    month_close(f->month);
    assert_int_equal(f->different, 0);
    assert_true(f->refreshed > 5);
    assert_true(kept_given(f->kept) > 0 && kept_given(f->kept) < f->answers);
    assert_true(f->changes[0] > 10 && f->changes[5] > 5 && f->changes[0] < f->looks);
}

/* Seeds whose ships come in both months. */
static void in_time(void **state) {
    play(*state, 8, MONTH_IN_TIME);
}

static void shuffled(void **state) {
    play(*state, 6, MONTH_SHUFFLED);
}

static void twice(void **state) {
    play(*state, 7, MONTH_TWICE);
}

/* case 624 */
static void a_clock_that_is_put_back_keeps_none_young(void **state) {
    struct fixture *f = *state;
    f->month = month_open(f->directory, 1);
    assert_int_equal(state_commit(f->month->state, f->month->number), STATUS_OK);
    struct view_source source = { .state = f->month->state, .edition = f->month->edition };
    stamp now = stamp_of_day(day_of(2026, 10, 8));
    static const struct {
        stamp later;
        uint64_t given;
    } asked_at[] = { { 0, 0 }, { STAMP_SECOND, 1 }, { -STAMP_SECOND, 1 }, { 0, 2 } };
    for (size_t i = 0; i < sizeof(asked_at) / sizeof(*asked_at); i++) {
        struct view_question question = { .view = view_find("usual"),
                                          .source = &source,
                                          .language = LANGUAGE_EN,
                                          .now = now + asked_at[i].later,
                                          .arena = f->arena };
        struct buf answer;
        buf_init(&answer, 1 << 20);
        assert_int_equal(kept_answer(f->kept, &question, VIEW_JSON, &answer), STATUS_OK);
        assert_int_equal(kept_given(f->kept), asked_at[i].given);
        buf_release(&answer);
    }
    assert_int_equal(state_begin(f->month->state), STATUS_OK);
    month_close(f->month);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(shuffled, setup, teardown),
        cmocka_unit_test_setup_teardown(twice, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_is_put_back_keeps_none_young, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
