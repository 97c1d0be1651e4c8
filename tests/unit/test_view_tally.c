/*
 * Figures that are kept are those made anew: of samples with moments that are missing, alike, out of order
 * and years apart, of which some come and some go; and, as the standard report, behind each of the messages
 * of a simulated month that come late, twice, corrected, withdrawn or not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/statistics/releases.h"
#include "view/statistics/tally.h"
#include "month_kit.h"
#include "folder_kit.h"

static uint64_t seed = 750;

static uint64_t draw(void) {
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* --- of samples ----------------------------------------------------------------------------------------- */

struct definition {
    struct arena *arena;
    struct edition *edition;
};

static int load(void **state) {
    struct definition *definition = calloc(1, sizeof(*definition));
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    struct verdict mistakes;
    definition->arena = arena_new();
    verdict_init(&mistakes, definition->arena);
    assert_int_equal(edition_load(&options, &definition->edition, &mistakes), STATUS_OK);
    *state = definition;
    return 0;
}

static int unload(void **state) {
    struct definition *definition = *state;
    edition_release(definition->edition);
    arena_free(definition->arena);
    free(definition);
    return 0;
}

/* Moments of every milestone, an eighth of them missing; hours are coarse, so that many are alike. */
static void draw_samples(struct samples *samples, const struct segments *segments, const struct chain *chain,
                         size_t n, uint64_t hours, stamp unit) {
    samples_init(samples, segments, chain, SAMPLES_MOMENTS);
    for (size_t i = 0; i < n; i++) {
        size_t index = samples_add(samples);
        bool whole = draw() % 2;
        for (size_t step = 0; step < chain->count && whole; step++) {
            samples_tell(samples, index, samples->path[step], (stamp)(1000 * step + draw() % hours) * unit);
        }
        for (size_t place = 0; place < segments->milestones_count && !whole; place++) {
            if (draw() % 8) {
                samples_tell(samples, index, place, (stamp)(draw() % hours) * unit);
            }
        }
        char tellers[32];
        snprintf(tellers, sizeof(tellers), "CNQDG TML-%u", (unsigned)(draw() % 7));
        samples_tell_tellers(samples, index, text_of(tellers));
    }
    for (size_t mark = 0; mark < segments->marks_count; mark++) {
        samples->marked[mark] = draw() % 5;
    }
    samples_count(samples);
}

/* Some of them, as others. */
static void pick(const struct samples *from, size_t first, size_t count, struct samples *out) {
    samples_init(out, from->segments, from->chain, SAMPLES_MOMENTS);
    for (size_t i = first; i < first + count; i++) {
        size_t index = samples_add(out);
        for (size_t place = 0; place < from->segments->milestones_count; place++) {
            stamp at = samples_at(from, i, place);
            if (at != SAMPLE_NEVER) {
                samples_tell(out, index, place, at);
            }
        }
        samples_tell_tellers(out, index, text_of(samples_tellers(from, i)));
    }
    samples_count(out);
}

static void are_same(const struct figures *kept, struct figures anew) {
    assert_int_equal(kept->n, anew.n);
    assert_true(kept->sum == anew.sum);
    for (int m = 0; m < MEASURES_COUNT; m++) {
        assert_true(kept->measures[m].numerator == anew.measures[m].numerator);
        assert_true(kept->measures[m].denominator == anew.measures[m].denominator);
    }
}

/* Whose telling it was, by seven parties, or by none, in turns. */
static void compare_coverage(struct tally *tally, const struct samples *samples) {
    struct digest by = { { draw() % 2 } };
    struct arena *arena = arena_new();
    struct verdict mistakes;
    struct coverage anew;
    struct buf text;
    buf_init(&text, 4096);
    buf_add_string(&text, "parties:\n");
    for (int i = 0; i < 7; i++) {
        buf_printf(&text, "  - code: TML-%d\n    name: { zh: T, en: T }\n    roles: [terminal]\n", i);
    }
    verdict_init(&mistakes, arena);
    struct parties *parties =
        by.bytes[0] ? parties_load(buf_text(&text), NULL, NULL, arena, &mistakes) : NULL;
    assert_int_equal(mistakes.errors, 0);
    coverage_count(&anew, samples);
    coverage_settle(&anew, samples->segments, samples->chain, parties, &by);
    tally_settle_coverage(tally, parties, &by);
    assert_memory_equal(tally_counts(tally)->coverage.missing, anew.missing, sizeof(anew.missing));
    for (size_t step = 0; step < samples->chain->count; step++) {
        struct coverage_owner *kept, *owners;
        size_t count = coverage_owners(&anew, step, arena, &owners);
        assert_int_equal(coverage_owners(&tally_counts(tally)->coverage, step, arena, &kept), count);
        for (size_t i = 0; i < count; i++) {
            assert_string_equal(kept[i].party, owners[i].party);
            assert_int_equal(kept[i].of, owners[i].of);
            assert_int_equal(kept[i].missing, owners[i].missing);
        }
    }
    coverage_release(&anew);
    buf_release(&text);
    arena_free(arena);
}

static struct figures figures_of(const struct samples *samples, const char *from, const char *to,
                                 enum variant variant) {
    struct figures figures;
    figures_by(samples, from, to, variant, DIMENSION_NONE, &figures);
    return figures;
}

static void compare(struct tally *tally, const struct samples *samples) {
    const struct segments *segments = samples->segments;
    const struct chain *chain = samples->chain;
    const struct tally_counts *counts = tally_counts(tally);
    size_t row = 0;
    struct tail tail;
    assert_true(tally_settle(tally));
    assert_int_equal(counts->declarations, samples->count);
    assert_int_equal(counts->complete, samples->complete);
    assert_int_equal(counts->in_order, samples->in_order);
    assert_memory_equal(counts->marked, samples->marked, sizeof(counts->marked));
    compare_coverage(tally, samples);
    for (size_t i = 0; i < segments->rows_count; i++) {
        const struct segment_row *segment = &segments->rows[i];
        if (strcmp(segment->direction, chain->direction) == 0) {
            for (int v = 0; v < VARIANT_COUNT; v++) {
                are_same(tally_segment(tally, row, v), figures_of(samples, segment->from, segment->to, v));
            }
            row++;
        }
    }
    assert_int_equal(tally_segments(tally), row);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        are_same(tally_total(tally, v),
                 figures_of(samples, chain->milestones[0], chain->milestones[chain->count - 1], v));
    }
    are_same(tally_overall(tally), figures_of(samples, chain->from, chain->to, VARIANT_AVAILABLE));
    tail_compute(samples, &tail);
    assert_int_equal(tally_tail(tally)->n, tail.n);
    assert_true(tally_tail(tally)->from_ns == tail.from_ns);
    assert_memory_equal(tally_tail(tally)->held_by, tail.held_by, sizeof(tail.held_by));
}

/* All of them; less some at a time; and these again. */
static void play_samples(const struct segments *segments, const struct chain *chain, size_t n, uint64_t hours,
                         stamp unit) {
    struct samples all, some, left;
    struct tally *tally = tally_new(segments, chain);
    draw_samples(&all, segments, chain, n, hours, unit);
    tally_add(tally, &all);
    compare(tally, &all);
    for (size_t first = 0; first < n; first += 1 + n / 5) {
        size_t count = n - first < n / 5 ? n - first : n / 5;
        pick(&all, 0, first, &left);
        pick(&all, first, n - first, &some);
        tally_remove(tally, &some);
        memcpy(left.marked, all.marked, sizeof(left.marked));
        compare(tally, &left);
        tally_add(tally, &some);
        samples_release(&some);
        samples_release(&left);
        pick(&all, first, count, &some);
        tally_remove(tally, &some);
        tally_add(tally, &some);
        samples_release(&some);
        compare(tally, &all);
    }
    tally_remove(tally, &all);
    assert_true(tally_settle(tally));
    assert_int_equal(tally_counts(tally)->declarations, 0);
    assert_int_equal(tally_total(tally, VARIANT_AVAILABLE)->n, 0);
    assert_int_equal(tally_tail(tally)->n, 0);
    tally_free(tally);
    samples_release(&all);
}

static void of_samples_that_come_and_go(void **state) {
    const struct definition *definition = *state;
    const struct segments *segments = definition->edition->segments;
    static const size_t counts[] = { 0, 1, 2, 3, 19, 20, 41, 500, 6000 };
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        for (size_t c = 0; c < segments->chains_count; c++) {
            play_samples(segments, &segments->chains[c], counts[i], 4, 3600 * STAMP_SECOND);
            play_samples(segments, &segments->chains[c], counts[i], 900, 3600 * STAMP_SECOND);
            play_samples(segments, &segments->chains[c], counts[i], UINT64_C(1) << 40, 1);
        }
    }
}

/* Complete chains, each step of which takes less than so many hours; the first one so many times as long. */
static void draw_chains(struct samples *samples, const struct segments *segments, const struct chain *chain,
                        size_t n, uint64_t hours, uint64_t first) {
    samples_init(samples, segments, chain, SAMPLES_MOMENTS);
    for (size_t i = 0; i < n; i++) {
        size_t index = samples_add(samples);
        stamp at = 0;
        for (size_t step = 0; step < chain->count; step++) {
            samples_tell(samples, index, samples->path[step], at);
            at += (stamp)(draw() % (hours * 3600) * (step ? 1 : first)) * STAMP_SECOND;
        }
    }
    samples_count(samples);
}

static bool compare_tails(struct tally *tally, const struct samples *samples, const struct tail *before) {
    struct tail tail;
    assert_true(tally_settle(tally));
    tail_compute(samples, &tail);
    assert_int_equal(tally_tail(tally)->n, tail.n);
    assert_true(tally_tail(tally)->from_ns == tail.from_ns);
    assert_memory_equal(tally_tail(tally)->held_by, tail.held_by, sizeof(tail.held_by));
    return memcmp(tail.held_by, before->held_by, sizeof(tail.held_by)) != 0;
}

static void append(struct samples *samples, const struct samples *more) {
    for (size_t i = 0; i < more->count; i++) {
        size_t index = samples_add(samples);
        for (size_t place = 0; place < more->segments->milestones_count; place++) {
            if (samples_at(more, i, place) != SAMPLE_NEVER) {
                samples_tell(samples, index, place, samples_at(more, i, place));
            }
        }
    }
    samples_count(samples);
}

/* Of many chains what holds up the slowest is kept, too: it is found again once what comes has moved the
 * means, be it by little at a time, or these by one that is slow. */
static void of_slow_chains_whose_means_move(void **state) {
    const struct definition *definition = *state;
    const struct segments *segments = definition->edition->segments;
    for (size_t c = 0; c < segments->chains_count; c++) {
        const struct chain *chain = &segments->chains[c];
        struct tally *tally = tally_new(segments, chain);
        struct samples all, some;
        struct tail nothing = { .n = 0 };
        unsigned changes = 0;
        draw_chains(&all, segments, chain, 45000, 100, 1);
        tally_add(tally, &all);
        assert_true(compare_tails(tally, &all, &nothing));
        for (int round = 0; round < 12; round++) {
            struct tail before = *tally_tail(tally);
            /* Not slow: their first step takes most of the time, and hardly any. */
            draw_chains(&some, segments, chain, round % 3 ? 1 : 1500, round % 3 == 1 ? 100 : 4,
                        round % 2 ? 12 : 1);
            tally_add(tally, &some);
            append(&all, &some);
            changes += compare_tails(tally, &all, &before);
            samples_release(&some);
        }
        assert_true(changes > 3);
        samples_release(&all);
        tally_free(tally);
    }
}

/* As long as one stands among them it has nothing to tell. */
static void of_one_that_takes_more_than_nine_years(void **state) {
    const struct definition *definition = *state;
    const struct segments *segments = definition->edition->segments;
    const struct chain *chain = &segments->chains[0];
    struct tally *tally = tally_new(segments, chain);
    struct samples all, one;
    draw_samples(&all, segments, chain, 300, 100, 3600 * STAMP_SECOND);
    samples_init(&one, segments, chain, SAMPLES_MOMENTS);
    samples_tell(&one, samples_add(&one), all.path[0], INT64_MIN + 1);
    samples_tell(&one, 0, all.path[chain->count - 1], INT64_MAX);
    samples_count(&one);
    tally_add(tally, &all);
    tally_add(tally, &one);
    assert_false(tally_settle(tally));
    tally_remove(tally, &one);
    compare(tally, &all);
    samples_release(&one);
    samples_release(&all);
    tally_free(tally);
}

/* --- of a month ----------------------------------------------------------------------------------------- */

#define LAG 60 /* records behind which files are written anew here */

struct fixture {
    char directory[64];
    struct releases *releases;
    struct arena *arena;
    unsigned looks, compared;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->directory, "/tmp/clearway-tally-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    f->releases = releases_new(f->directory, LAG);
    f->arena = arena_new();
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    releases_free(f->releases);
    arena_free(f->arena);
    folder_remove(f->directory);
    free(f);
    return 0;
}

static enum status answer(struct fixture *f, const struct view_source *source, enum view_form form,
                          const char *month, struct buf *out) {
    struct view_question question = {
        .view = view_find("report"), .source = source, .language = LANGUAGE_EN, .arena = f->arena
    };
    question.values[0] = text_of(month);
    buf_init(out, 8 << 20);
    return view_answer(&question, form, out);
}

static void compare_report(struct fixture *f, const struct month *month, enum view_form form,
                           const char *name) {
    struct view_source with = { .state = month->state, .edition = month->edition, .releases = f->releases };
    struct view_source without = { .state = month->state, .edition = month->edition };
    struct buf kept, anew;
    enum status meant = answer(f, &without, form, name, &anew);
    assert_int_equal(answer(f, &with, form, name, &kept), meant);
    if (meant == STATUS_OK && !text_equal(buf_text(&kept), buf_text(&anew))) {
        print_error("look %u, %s\n%s\n-- is not\n%s\n", f->looks, name, kept.at, anew.at);
        fail();
    }
    f->compared += meant == STATUS_OK;
    buf_release(&kept);
    buf_release(&anew);
}

static void look(struct month *month, void *context) {
    struct fixture *f = context;
    const struct view_source source = { .state = month->state,
                                        .edition = month->edition,
                                        .releases = f->releases };
    assert_int_equal(state_commit(month->state, month->number), STATUS_OK);
    if (f->looks % 50 == 49) {
        releases_follow(f->releases, &source);
    }
    compare_report(f, month, VIEW_JSON, "2026-10");
    if (f->looks % 4 == 0) {
        compare_report(f, month, VIEW_CSV, "2026-09");
        compare_report(f, month, VIEW_TEXT, "2026-10");
    }
    f->looks++;
    arena_reset(f->arena);
    assert_int_equal(state_begin(month->state), STATUS_OK);
}

static void play(struct fixture *f, uint64_t number, enum month_order order) {
    struct simulate_options options = { .seed = number,
                                        .first = 1,
                                        .ports = 2,
                                        .consignments = 60,
                                        .from = stamp_of_day(day_of(2026, 9, 24)),
                                        .until = stamp_of_day(day_of(2026, 10, 8)) };
    struct month *month = month_open(f->directory, options.ports);
    month->looked = look;
    month->look_context = f;
    month_feed(month, &options, order);
    month_close(month);
    assert_true(f->looks > 500 && f->compared > 300);
    /* Three months and two directions of a report, each but the first two times as they are kept. */
    assert_true(releases_tallied(f->releases) > 5 * (size_t)f->compared);
}

static void of_a_month_in_time(void **state) {
    play(*state, 15, MONTH_IN_TIME);
}

static void of_a_month_shuffled(void **state) {
    play(*state, 16, MONTH_SHUFFLED);
}

static void of_a_month_told_twice(void **state) {
    play(*state, 17, MONTH_TWICE);
}

/* Some goods are looked up by what they are, not by the month they may be of: case 750. */
static void some_goods_are_not_looked_for_in_the_whole_month(void **state) {
    struct fixture *f = *state;
    struct state *reader;
    assert_int_equal(state_open(f->directory, STORE_WRITE, &reader), STATUS_OK);
    for (int last = 0; last < 2; last++) {
        const char *sql = arena_printf(f->arena, "EXPLAIN QUERY PLAN %s", scan_goods_query(last));
        struct store_query *query = store_query(state_store(reader), sql);
        size_t found = 0;
        while (state_row(reader, query)) {
            const char *step = arena_copy(f->arena, store_text(query, 3));
            if (strstr(step, "SEARCH p ")) {
                assert_non_null(strstr(step, "(subject=?"));
                found++;
            }
        }
        store_reset(query);
        assert_int_equal(found, 1);
    }
    state_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(of_samples_that_come_and_go, load, unload),
        cmocka_unit_test_setup_teardown(of_slow_chains_whose_means_move, load, unload),
        cmocka_unit_test_setup_teardown(of_one_that_takes_more_than_nine_years, load, unload),
        cmocka_unit_test_setup_teardown(some_goods_are_not_looked_for_in_the_whole_month, setup, teardown),
        cmocka_unit_test_setup_teardown(of_a_month_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(of_a_month_shuffled, setup, teardown),
        cmocka_unit_test_setup_teardown(of_a_month_told_twice, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
