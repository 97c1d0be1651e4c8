/* The month's report against published figures, computed exactly (domain facts: the port evaluation of 2017,
   Qingdao). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/statistics/releases.h"
#include "view/statistics/report.h"
#include "view/statistics/samples.h"
#include "base/decompress.h"
#include "edition/edition.h"
#include "edition/segments.h"
#include "view_kit.h"
#include "folder_kit.h"

#define HOUR_NS INT64_C(3600000000000)

struct fixture {
    char directory[64];
    struct state *state;
    struct arena *arena;
    struct segments segments;
    struct edition edition; /* of these alone */
    const struct json *report;
    struct buf json;
    int serial;
};

/* The chains of schemas/segments, without the sources: what tells a milestone is not asked here. */
static void fill_segments(struct segments *segments) {
    static const char *const codes[] = { "ARRIVED", "DISCHARGED", "ACCEPTED", "RELEASED",      "GATE_OUT",
                                         "GATE_IN", "LOADED",     "DEPARTED", "INSP_SELECTED", "INSP_DONE" };
    static const struct segment_row rows[] = {
        { "import", "discharge", "ARRIVED", "DISCHARGED", "卸货", "discharge", "terminal" },
        { "import", "preparation", "DISCHARGED", "ACCEPTED", "通关准备", "preparation", "" },
        { "import", "customs", "ACCEPTED", "RELEASED", "通关", "customs", "" },
        { "import", "removal", "RELEASED", "GATE_OUT", "提离", "removal", "" },
        { "import", "inspection", "INSP_SELECTED", "INSP_DONE", "查验", "inspection", "" },
        { "export", "preparation", "GATE_IN", "ACCEPTED", "通关准备", "preparation", "" },
        { "export", "customs", "ACCEPTED", "RELEASED", "通关", "customs", "" },
        { "export", "after", "RELEASED", "LOADED", "放行后", "after release", "" },
        { "export", "unberthing", "LOADED", "DEPARTED", "离泊", "departure", "" },
    };
    memset(segments, 0, sizeof(*segments));
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        segments->milestones[segments->milestones_count++] =
            (struct milestone){ codes[i], codes[i], codes[i], false, NULL, NULL };
    }
    segments->milestones[4].last = true; /* GATE_OUT */
    segments->marks[0] = (struct mark){ "TRANSIT", "转关", "in transit", true };
    segments->marks[1] = (struct mark){ "FUTURE", "将来", "in the future", false };
    segments->marks[2] = (struct mark){ "CANCELLED", "已撤单", "cancelled", true };
    segments->marks_count = 3;
    memcpy(segments->rows, rows, sizeof(rows));
    segments->rows_count = sizeof(rows) / sizeof(*rows);
    segments->chains[0] =
        (struct chain){ "import",    { "ARRIVED", "DISCHARGED", "ACCEPTED", "RELEASED", "GATE_OUT" },
                        5,           "RELEASED",
                        "ARRIVED",   "RELEASED",
                        { 9739, 2 }, { 48695, 3 },
                        "2017",      "2021" };
    segments->chains[1] =
        (struct chain){ "export",    { "GATE_IN", "ACCEPTED", "RELEASED", "LOADED", "DEPARTED" },
                        5,           "RELEASED",
                        "GATE_IN",   "RELEASED",
                        { 1229, 2 }, { 6145, 3 },
                        "2017",      "2021" };
    segments->chains_count = 2;
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->directory, "/tmp/clearway-clearance-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    assert_int_equal(state_open(f->directory, STORE_WRITE, &f->state), STATUS_OK);
    f->arena = arena_new();
    buf_init(&f->json, 1 << 20);
    fill_segments(&f->segments);
    f->edition.segments = &f->segments;
    f->edition.lists = codelists_new(f->arena);
    static struct code offices[] = { { { "4218", 4 }, INT32_MIN, INT32_MAX, "黄岛海关", "Huangdao", 1 } };
    codelists_add(f->edition.lists, "customs_offices", offices, 1);
    f->edition.holds = 1;
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    buf_release(&f->json);
    arena_free(f->arena);
    state_close(f->state);
    folder_remove(f->directory);
    free(f);
    return 0;
}

static void put_milestone(struct fixture *f, const char *subject, const char *declaration, const char *code,
                          stamp first, stamp last) {
    struct store_query *query =
        store_query(state_store(f->state), "INSERT INTO milestones VALUES(?, ?, '', ?, ?, 1, ?, 1, 1, 1)");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, declaration);
    store_bind_string(query, 3, code);
    store_bind_int(query, 4, first);
    store_bind_int(query, 5, last);
    assert_int_equal(store_run(query), STATUS_OK);
}

static void put_declaration(struct fixture *f, const char *key, const char *direction, const char *state,
                            const char *step) {
    struct store_query *query = store_query(
        state_store(f->state),
        "INSERT INTO declarations(key, party, own_id, record, received, subject, direction, office, state, step) VALUES(?1, 'P', ?1, 1, 1, ?1, ?2, '', ?3, ?4)");
    store_bind_string(query, 1, key);
    store_bind_string(query, 2, direction);
    store_bind_string(query, 3, state);
    store_bind_string(query, 4, step);
    assert_int_equal(store_run(query), STATUS_OK);
}

/* One declaration: `released` on the given day, the others as hours from it; NAN-like -9999: not told. */
static void put_chain(struct fixture *f, const char *direction, int32_t day, const double hours[4]) {
    static const char *const import[] = { "ARRIVED", "DISCHARGED", "ACCEPTED", "RELEASED", "GATE_OUT" };
    static const char *const export[] = { "GATE_IN", "ACCEPTED", "RELEASED", "LOADED", "DEPARTED" };
    bool is_import = strcmp(direction, "import") == 0;
    const char *const *codes = is_import ? import : export;
    int released = is_import ? 3 : 2;
    stamp at[5] = { 0 };
    char key[32];
    snprintf(key, sizeof(key), "P/%d", ++f->serial);
    put_declaration(f, key, direction, "released", "");
    at[released] = stamp_of_day(day) + 12 * HOUR_NS;
    for (int i = released; i > 0; i--) {
        at[i - 1] = at[i] - (stamp)(hours[i - 1] * 10 + (hours[i - 1] < 0 ? -0.5 : 0.5)) * (HOUR_NS / 10);
    }
    for (int i = released; i < 4; i++) {
        at[i + 1] = at[i] + (stamp)(hours[i] * 10 + (hours[i] < 0 ? -0.5 : 0.5)) * (HOUR_NS / 10);
    }
    for (int i = 0; i < 5; i++) {
        bool own = strcmp(codes[i], "ACCEPTED") == 0 || strcmp(codes[i], "RELEASED") == 0;
        put_milestone(f, key, own ? key : "", codes[i], at[i], at[i]);
    }
}

/* The values of `report`: month, from, to, by, compare, between. */
static enum status ask_of(struct fixture *f, const char *const values[6], enum view_form form,
                          enum language language, struct buf *out) {
    struct asking asking = { "report",
                             { values[0], values[1], values[2], values[3], values[4], values[5] },
                             .source = { .state = f->state, .edition = &f->edition },
                             .language = language,
                             .arena = f->arena };
    buf_clear(out);
    return view_ask(&asking, form, out);
}

static enum status ask(struct fixture *f, const char *month, enum view_form form, enum language language,
                       struct buf *out) {
    return ask_of(f, (const char *const[6]){ month }, form, language, out);
}

static void make_report_of(struct fixture *f, const char *const values[6]) {
    char why[128];
    assert_int_equal(ask_of(f, values, VIEW_JSON, LANGUAGE_EN, &f->json), STATUS_OK);
    f->report = json_parse(f->arena, buf_text(&f->json), why, sizeof(why));
    assert_non_null(f->report);
}

static void make_report(struct fixture *f, const char *month) {
    make_report_of(f, (const char *const[6]){ month });
}

static const struct json *segment(struct fixture *f, const char *direction, const char *name,
                                  const char *variant) {
    const struct json *segments = json_at(json_at(f->report, direction), "segments");
    for (size_t i = 0; i < json_count(segments); i++) {
        if (strcmp(json_string_at(json_item(segments, i), "name"), name) == 0) {
            return json_at(json_item(segments, i), variant);
        }
    }
    fail_msg("no segment %s", name);
    return NULL;
}

static const struct json *total(struct fixture *f, const char *direction, const char *variant) {
    return json_at(json_at(json_at(f->report, direction), "total"), variant);
}

/* value: hours with two decimals, as they were published. */
static void assert_hours(const struct json *figures, const char *key, const char *hours) {
    char text[32];
    assert_non_null(json_at(figures, key));
    snprintf(text, sizeof(text), "%.2f", json_double(json_at(figures, key)) / 3600);
    assert_string_equal(strcmp(text, "-0.00") == 0 ? "0.00" : text, hours);
}

/* value: percent with one decimal. */
static void assert_percent(const struct json *node, const char *key, const char *percent) {
    char text[32];
    assert_non_null(json_at(node, key));
    snprintf(text, sizeof(text), "%.1f", json_double(json_at(node, key)) * 100);
    assert_string_equal(text, percent);
}

static void the_evaluation_of_2017_comes_out_exactly(void **state) {
    struct fixture *f = *state;
    int32_t day = day_of(2017, 11, 15);
    /* two chains whose means are the published ones */
    put_chain(f, "import", day, (const double[]){ 6.3, 80.4, 4.9, 50.4 });
    put_chain(f, "import", day, (const double[]){ 10.3, 82.4, 6.9, 54.4 });
    put_chain(f, "export", day, (const double[]){ 20.0, 0.1, 50.0, 8.0 });
    put_chain(f, "export", day, (const double[]){ 29.8, 0.7, 51.0, 8.6 });
    make_report(f, "2017-11");
    /* clang-format off */
    static const struct { const char *direction, *name, *mean, *share; } cases[] = {
        { "import", "discharge",   "8.30",  "5.6"  }, { "import", "preparation", "81.40", "55.0" },
        { "import", "customs",     "5.90",  "4.0"  }, { "import", "removal",     "52.40", "35.4" },
        { "export", "preparation", "24.90", "29.6" }, { "export", "customs",     "0.40",  "0.5"  },
        { "export", "after",       "50.50", "60.0" }, { "export", "unberthing",  "8.30",  "9.9"  },
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        for (const char *const *variant = (const char *const[]){ "signed", "clamped", "excluded", NULL };
             *variant; variant++) {
            const struct json *figures = segment(f, cases[i].direction, cases[i].name, *variant);
            assert_int_equal(json_int_at(figures, "n"), 2);
            assert_hours(figures, "mean", cases[i].mean);
            assert_percent(figures, "share", cases[i].share);
        }
    }
    assert_hours(total(f, "import", "signed"), "mean", "148.00"); /* 8.3 + 81.4 + 5.9 + 52.4 */
    assert_hours(total(f, "export", "signed"), "mean", "84.10");  /* 24.9 + 0.4 + 50.5 + 8.3 */
    assert_hours(total(f, "import", "clamped"), "mean", "148.00");
    assert_hours(total(f, "export", "excluded"), "mean", "84.10");
}

/* Published overall times against the base of 2017: 97.39 h and 12.29 h. */
static void compression_is_computed_unrounded_and_rounded_last(void **state) {
    struct fixture *f = *state;
    /* clang-format off */
    static const struct { int year, month; double import, export; const char *import_change, *export_change; } cases[] = {
        { 2019, 12, 36.7,  2.6,  "-62.3", "-78.8" },    /* published -62.3, -78.6 */
        { 2020, 5,  38.93, 2.12, "-60.0", "-82.8" },    /* published -60.03, -82.74 */
        { 2020, 12, 34.91, 1.78, "-64.2", "-85.5" },    /* published -64.2, -85.5 */
        { 2022, 6,  32.02, 1.03, "-67.1", "-91.6" },    /* published -67.1, -91.6 */
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char import[32], export[32], month[16], mean[16];
        stamp released = stamp_of_day(day_of(cases[i].year, cases[i].month, 10));
        snprintf(import, sizeof(import), "I/%zu", i);
        snprintf(export, sizeof(export), "E/%zu", i);
        put_declaration(f, import, "import", "released", "");
        put_declaration(f, export, "export", "released", "");
        put_milestone(f, import, import, "RELEASED", released, released);
        put_milestone(f, export, export, "RELEASED", released, released);
        stamp arrived = released - (stamp)(cases[i].import * 100 + 0.5) * (HOUR_NS / 100);
        stamp gate_in = released - (stamp)(cases[i].export * 100 + 0.5) * (HOUR_NS / 100);
        put_milestone(f, import, "", "ARRIVED", arrived, arrived);
        put_milestone(f, export, "", "GATE_IN", gate_in, gate_in);
        snprintf(month, sizeof(month), "%d-%02d", cases[i].year, cases[i].month);
        make_report(f, month);
        const struct json *overall = json_at(json_at(f->report, "import"), "overall");
        snprintf(mean, sizeof(mean), "%.2f", cases[i].import);
        assert_hours(overall, "mean", mean);
        assert_true(json_double(json_at(json_at(overall, "base"), "hours")) == 97.39);
        assert_percent(json_at(overall, "base"), "change", cases[i].import_change);
        overall = json_at(json_at(f->report, "export"), "overall");
        assert_percent(json_at(overall, "base"), "change", cases[i].export_change);
    }
    make_report(f, "2020-12"); /* 34.91 after 36.7 the year before: -4.9 % */
    const struct json *year = json_at(json_at(json_at(f->report, "import"), "overall"), "previous_year");
    assert_int_equal(json_int_at(year, "n"), 1);
    assert_hours(year, "mean", "36.70");
    assert_percent(year, "change", "-4.9");
    assert_null(json_at(json_at(json_at(json_at(f->report, "import"), "overall"), "previous"), "mean"));
}

/* An advance declaration: accepted 20 h before discharge, released 5 h before it, picked up 3 h after it. */
static void advance_declarations_stand_in_three_variants(void **state) {
    struct fixture *f = *state;
    int32_t day = day_of(2026, 10, 10);
    put_chain(f, "import", day, (const double[]){ 8, -20, 15, 8 });
    make_report(f, "2026-10");
    assert_hours(segment(f, "import", "preparation", "signed"), "mean", "-20.00");
    assert_hours(segment(f, "import", "customs", "signed"), "mean", "15.00");
    assert_hours(segment(f, "import", "removal", "signed"), "mean", "8.00");
    assert_hours(total(f, "import", "signed"), "mean", "11.00");
    assert_hours(segment(f, "import", "discharge", "clamped"), "mean", "8.00");
    assert_hours(segment(f, "import", "preparation", "clamped"), "mean", "0.00");
    assert_hours(segment(f, "import", "customs", "clamped"), "mean", "0.00");
    assert_hours(segment(f, "import", "removal", "clamped"), "mean", "3.00");
    assert_hours(total(f, "import", "clamped"), "mean", "11.00"); /* still adds up */
    assert_int_equal(json_int_at(total(f, "import", "excluded"), "n"), 0);
    assert_null(json_at(total(f, "import", "excluded"), "mean"));
    assert_int_equal(json_int_at(json_at(f->report, "import"), "complete"), 1);
    assert_int_equal(json_int_at(json_at(f->report, "import"), "in_order"), 0);
}

static void medians_and_p90_are_nearest_rank(void **state) {
    struct fixture *f = *state;
    int32_t day = day_of(2026, 10, 10);
    for (int i = 1; i <= 10; i++) { /* customs takes 1 .. 10 h */
        put_chain(f, "import", day, (const double[]){ 1, 1, i, 1 });
    }
    make_report(f, "2026-10");
    const struct json *customs = segment(f, "import", "customs", "signed");
    assert_hours(customs, "mean", "5.50");
    assert_hours(customs, "median", "5.50");
    assert_hours(customs, "p90", "9.00");
    put_chain(f, "import", day, (const double[]){ 1, 1, 100, 1 });
    make_report(f, "2026-10");
    customs = segment(f, "import", "customs", "signed");
    assert_hours(customs, "mean", "14.09"); /* 155 / 11 */
    assert_hours(customs, "median", "6.00");
    assert_hours(customs, "p90", "10.00"); /* rank ceil(9.9) = 10 */
}

/* Against values computed by hand: customs takes 1, 2, … 40 h. */
static void each_measure_is_what_its_definition_says(void **state) {
    struct fixture *f = *state;
    /* clang-format off */
    static const struct { const char *name; double is; } cases[] = {
        { "mean", 20.5 * 3600 },  { "median", 20.5 * 3600 }, { "min", 3600 },       { "max", 40 * 3600 },
        { "p10", 4 * 3600 },      { "p25", 10 * 3600 },      { "p75", 30 * 3600 },  { "p90", 36 * 3600 },
        { "p95", 38 * 3600 },     { "trimmed_mean", 20.5 * 3600 },
        { "standard_deviation", 41556.226970214702 },        /* 3600 * sqrt((40^2 - 1) / 12) */
        { "geometric_mean", 56766.697282677266 },               /* 3600 * (40!)^(1/40) */
        { "within_24h", 24.0 / 40 }, { "within_48h", 1 },
    };
    /* clang-format on */
    for (int i = 1; i <= 40; i++) {
        put_chain(f, "import", day_of(2026, 10, 10), (const double[]){ 1, 1, i, 1 });
    }
    make_report(f, "2026-10");
    const struct json *customs = segment(f, "import", "customs", "signed");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        double told = json_double(json_at(customs, cases[i].name)), off = told / cases[i].is - 1;
        if (!(off < 1e-12 && off > -1e-12)) {
            fail_msg("%s is %.17g, and not %.17g", cases[i].name, told, cases[i].is);
        }
    }
}

/* The longest and the shortest twentieth are left out of the trimmed mean; what takes no time, or less, has
 * no logarithm; a nanosecond is not rounded away. */
static void the_ends_of_a_distribution_are_kept_apart(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 20; i++) {
        put_chain(f, "import", day_of(2026, 10, 10),
                  (const double[]){ 1, 1,
                                    i == 0   ? -500
                                    : i == 1 ? 9000
                                             : 4,
                                    1 });
    }
    make_report(f, "2026-10");
    const struct json *customs = segment(f, "import", "customs", "signed");
    assert_hours(customs, "trimmed_mean", "4.00");
    assert_hours(customs, "min", "-500.00");
    assert_hours(customs, "geometric_mean", "6.00"); /* (4^18 * 9000)^(1/19) */
    assert_true(json_double(json_at(customs, "within_24h")) == 19.0 / 20);
    stamp released = stamp_of_day(day_of(2026, 10, 11));
    put_declaration(f, "P/ns", "export", "released", "");
    put_milestone(f, "P/ns", "P/ns", "RELEASED", released, released);
    put_milestone(f, "P/ns", "P/ns", "ACCEPTED", released - 1, released - 1);
    make_report(f, "2026-10");
    assert_true(json_double(json_at(segment(f, "export", "customs", "available"), "mean")) == 1e-9);
}

/* Any days; what they are compared with; which questions are none. */
static void periods_are_days(void **state) {
    struct fixture *f = *state;
    /* clang-format off */
    static const struct { const char *values[6]; enum status status; size_t population; const char *before, *before_to, *year, *year_to; } cases[] = {
        { { NULL, "2026-10-10", "2026-10-10" }, STATUS_OK, 1, "2026-10-09", "2026-10-09", "2025-10-10", "2025-10-10" },
        { { NULL, "2026-10-09", "2026-10-12" }, STATUS_OK, 2, "2026-10-05", "2026-10-08", "2025-10-09", "2025-10-12" },
        { { NULL, "2026-10-01", "2026-10-31" }, STATUS_OK, 3, "2026-09-01", "2026-09-30", "2025-10-01", "2025-10-31" },
        { { "2026-10" },                        STATUS_OK, 3, "2026-09-01", "2026-09-30", "2025-10-01", "2025-10-31" },
        { { NULL, "2026-01-01", "2026-12-31" }, STATUS_OK, 3, "2025-01-01", "2025-12-31", "2025-01-01", "2025-12-31" },
        { { NULL, "2026-10-01", "2026-12-31" }, STATUS_OK, 3, "2026-07-01", "2026-09-30", "2025-10-01", "2025-12-31" }, /* case 719 */
        { { NULL, "2024-03-01", "2026-10-31" }, STATUS_OK, 3, "2021-07-01", "2024-02-29", "2023-03-01", "2025-10-31" },
        { { NULL, "2024-02-29", "2026-10-10" }, STATUS_OK, 1, "2021-07-19", "2024-02-28", "2023-02-28", "2025-10-10" },
        { { NULL, "2026-10-11", "2026-10-11" }, STATUS_NOT_FOUND, 0, NULL, NULL, NULL, NULL },
        { { NULL, "2026-10-12", "2026-10-11" }, STATUS_BAD_INPUT, 0, NULL, NULL, NULL, NULL },
        { { NULL, "2026-10-12", NULL },         STATUS_BAD_INPUT, 0, NULL, NULL, NULL, NULL },
        { { NULL, NULL, "2026-10-12" },         STATUS_BAD_INPUT, 0, NULL, NULL, NULL, NULL },
        { { NULL, "2026-02-29", "2026-10-12" }, STATUS_BAD_INPUT, 0, NULL, NULL, NULL, NULL },
        { { "2026-10", "2026-10-01", "2026-10-12" }, STATUS_BAD_INPUT, 0, NULL, NULL, NULL, NULL },
        { { "2026-10", NULL, NULL, "weather" }, STATUS_BAD_INPUT, 0, NULL, NULL, NULL, NULL },
        { { "2026-10", NULL, NULL, NULL, NULL, "ARRIVED" }, STATUS_BAD_INPUT, 0, NULL, NULL, NULL, NULL },
        { { "2026-10", NULL, NULL, NULL, NULL, "ARRIVED:HOME" }, STATUS_BAD_INPUT, 0, NULL, NULL, NULL, NULL },
        { { NULL, "1900-01-01", "2199-12-31" }, STATUS_OK, 3, "1700-01-01", "1899-12-31", "1899-01-01", "2198-12-31" },
        { { NULL, "1899-12-31", "2199-12-31" }, STATUS_BAD_INPUT, 0, NULL, NULL, NULL, NULL },
    };
    /* clang-format on */
    for (int day = 10; day <= 20; day += day == 10 ? 2 : 8) {
        put_chain(f, "import", day_of(2026, 10, day), (const double[]){ 8, 20, 5, 8 });
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(ask_of(f, cases[i].values, VIEW_JSON, LANGUAGE_EN, &f->json), cases[i].status);
        if (cases[i].status != STATUS_OK) {
            continue;
        }
        make_report_of(f, cases[i].values);
        const struct json *import = json_at(f->report, "import"), *overall = json_at(import, "overall");
        assert_int_equal(json_int_at(import, "population"), cases[i].population);
        if (cases[i].before) {
            assert_string_equal(json_string_at(json_at(overall, "previous"), "from"), cases[i].before);
            assert_string_equal(json_string_at(json_at(overall, "previous"), "to"), cases[i].before_to);
            assert_string_equal(json_string_at(json_at(overall, "previous_year"), "from"), cases[i].year);
            assert_string_equal(json_string_at(json_at(overall, "previous_year"), "to"), cases[i].year_to);
        }
    }
}

static void between_any_two_milestones(void **state) {
    struct fixture *f = *state;
    put_chain(f, "import", day_of(2026, 10, 10), (const double[]){ 8, 20, 5, 7 });
    make_report_of(f, (const char *const[6]){ "2026-10", NULL, NULL, NULL, NULL, "DISCHARGED:GATE_OUT" });
    assert_hours(segment(f, "import", "between", "signed"), "mean", "32.00");
    assert_percent(segment(f, "import", "between", "signed"), "share", "80.0");
    assert_int_equal(json_int_at(segment(f, "export", "between", "available"), "n"), 0);
}

/* The groups of a dimension are the whole, taken apart; each is compared with its own past. */
static void groups_are_the_whole_taken_apart(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 6; i++) {
        put_chain(f, "import", day_of(2026, i < 4 ? 10 : 9, 10), (const double[]){ 8, 20, i + 1, 8 });
    }
    struct store_query *query = store_query(
        state_store(f->state),
        "UPDATE declarations SET office = iif(CAST(substr(key, 3) AS INTEGER) % 2, '4218', '4227')");
    assert_int_equal(store_run(query), STATUS_OK);
    make_report_of(f, (const char *const[6]){ "2026-10", NULL, NULL, "office" });
    const struct json *groups = json_at(json_at(f->report, "import"), "groups");
    static const struct {
        const char *value, *zh, *en, *mean, *change;
    } cases[] = { { "4218", "黄岛海关", "Huangdao", "30.00", "-9.1" },
                  { "4227", "4227", "4227", "31.00", "-8.8" } }; /* in no list */
    assert_int_equal(json_count(groups), 2);
    for (size_t i = 0; i < 2; i++) {
        const struct json *group = json_item(groups, i), *overall = json_at(group, "overall");
        assert_string_equal(json_string_at(group, "value"), cases[i].value);
        assert_string_equal(json_string_at(group, "zh"), cases[i].zh);
        assert_string_equal(json_string_at(group, "en"), cases[i].en);
        assert_int_equal(json_int_at(group, "population"), 2);
        assert_hours(overall, "mean", cases[i].mean);
        assert_percent(json_at(overall, "previous"), "change", cases[i].change);
    }
    assert_int_equal(json_int_at(json_at(f->report, "import"), "population"), 4);
    assert_int_equal(json_count(json_at(json_at(f->report, "export"), "groups")), 0);
    assert_string_equal(json_string_at(f->report, "by_zh"), "申报地海关");
    assert_string_equal(json_string_at(json_item(json_at(f->report, "dimensions"), 0), "by"), "office");
}

static double number(const struct json *node, const char *key) {
    assert_non_null(json_at(node, key));
    return json_double(json_at(node, key));
}

/* In September one office clears in 20 h and another, busier one in 40; in October both are an hour quicker,
 * and most goods come to the quick one. The change is told by segment and by office, and adds up. */
static void a_change_is_what_became_quicker_and_what_became_rarer(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 20; i++) {
        int is_now = i >= 10, quick = is_now ? i % 10 < 8 : i % 10 < 3;
        int hours = (quick ? 20 : 40) - is_now;
        put_chain(f, "import", day_of(2026, is_now ? 10 : 9, 10), (const double[]){ 8, 2, hours, 8 });
    }
    struct store_query *query =
        store_query(state_store(f->state),
                    "UPDATE declarations SET office = iif((CAST(substr(key, 3) AS INTEGER) - 1) % 10 <"
                    " iif(CAST(substr(key, 3) AS INTEGER) > 10, 8, 3), 'quick', 'slow')");
    assert_int_equal(store_run(query), STATUS_OK);
    make_report_of(f, (const char *const[6]){ "2026-10", NULL, NULL, NULL, "previous" });
    const struct json *why = json_at(json_at(f->report, "import"), "why"), *office = NULL;
    const struct json *segments = json_at(why, "segments"), *dimensions = json_at(why, "dimensions");
    double sum = 0, change = number(why, "mean_now") - number(why, "mean_then");
    assert_true(change == (10 + 23 - (10 + 34)) * 3600.0); /* 0.8 * 19 + 0.2 * 39; 0.3 * 20 + 0.7 * 40 */
    for (size_t i = 0; i < json_count(segments); i++) {
        sum += number(json_item(segments, i), "change");
    }
    assert_int_equal(json_count(segments),
                     3); /* of the chain's four: the overall time ends with the release */
    assert_true(sum == change);
    for (size_t i = 0; i < json_count(dimensions); i++) {
        const struct json *split = json_item(dimensions, i);
        double off = number(split, "within") + number(split, "mix") - change;
        assert_true(off < 1e-9 && off > -1e-9);
        office = strcmp(json_string_at(split, "by"), "office") == 0 ? split : office;
    }
    assert_true(number(office, "within") == -3600.0); /* each group is an hour quicker */
    assert_true(number(office, "mix") == -36000.0);   /* the rest is where the goods went */
}

/* A group that was not there before: all of it is mix. Nothing to compare with: nothing is said. */
static void a_change_with_nothing_before_is_not_explained(void **state) {
    struct fixture *f = *state;
    put_chain(f, "import", day_of(2026, 10, 10), (const double[]){ 8, 2, 20, 8 });
    make_report_of(f, (const char *const[6]){ "2026-10", NULL, NULL, NULL, "previous_year" });
    const struct json *why = json_at(json_at(f->report, "import"), "why");
    assert_int_equal(json_int_at(why, "n_then"), 0);
    assert_int_equal(json_int_at(why, "n_now"), 1); /* case 703 */
    assert_null(json_at(why, "segments"));
    put_chain(f, "import", day_of(2025, 10, 10), (const double[]){ 8, 2, 30, 8 });
    struct store_query *query =
        store_query(state_store(f->state), "UPDATE declarations SET office = key"); /* each its own */
    assert_int_equal(store_run(query), STATUS_OK);
    make_report_of(f, (const char *const[6]){ "2026-10", NULL, NULL, NULL, "previous_year" });
    const struct json *office =
        json_item(json_at(json_at(json_at(f->report, "import"), "why"), "dimensions"), 0);
    assert_true(number(office, "within") == 0);
    assert_true(number(office, "mix") == -36000.0);
}

/* Twenty-one imports, of which the twentieth part are the two slowest: one waited for its ship to be
 * discharged, the other to be picked up. */
static void the_slowest_are_told_by_what_held_them(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 21; i++) {
        put_chain(f, "import", day_of(2026, 10, 10),
                  (const double[]){ i == 3 ? 400 : 8, 20, 5, i == 7 ? 500 : 8 });
    }
    make_report(f, "2026-10");
    const struct json *slowest = json_at(json_at(f->report, "import"), "slowest");
    const struct json *held_by = json_at(slowest, "held_by");
    assert_int_equal(json_int_at(slowest, "n"), 2);
    assert_hours(slowest, "from", "433.00");
    assert_int_equal(json_count(held_by), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(json_int_at(json_item(held_by, i), "n"), i == 0 || i == 3);
    }
    assert_string_equal(json_string_at(json_item(held_by, 0), "side"), "terminal");
    const struct json *coverage = json_at(json_at(f->report, "import"), "coverage");
    put_declaration(f, "P/alone", "import", "released", "");
    stamp released = stamp_of_day(day_of(2026, 10, 11));
    put_milestone(f, "P/alone", "P/alone", "RELEASED", released, released);
    assert_int_equal(json_int_at(json_item(coverage, 0), "missing"), 0);
    make_report(f, "2026-10");
    coverage = json_at(json_at(f->report, "import"), "coverage");
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(json_int_at(json_item(coverage, i), "declarations"), 22);
        assert_int_equal(json_int_at(json_item(coverage, i), "missing"), i != 3); /* all but the release */
    }
}

/* case 706: a change for the worse had no sign, beside those with a minus; groups without a value were "-". */
static void a_change_has_its_sign(void **state) {
    struct fixture *f = *state;
    struct buf text;
    put_chain(f, "import", day_of(2026, 9, 10), (const double[]){ 8, 20, 5, 8 });
    put_chain(f, "import", day_of(2026, 10, 10), (const double[]){ 9, 25, 7, 1 });
    buf_init(&text, 1 << 20);
    const char *const values[6] = { "2026-10", NULL, NULL, "office", "previous" };
    assert_int_equal(ask_of(f, values, VIEW_TEXT, LANGUAGE_EN, &text), STATUS_OK);
    assert_non_null(strstr(text.at, ": -57.9%, against the target of"));
    assert_non_null(strstr(text.at, "against the period before: +24.2%"));
    assert_non_null(strstr(text.at, "  not said                    1"));
    assert_non_null(strstr(text.at, "    by office: within groups +8.00, by their mix +0.00"));
    buf_release(&text);
}

static size_t columns_of(const char *line) {
    size_t columns = 1;
    for (; *line && *line != '\r'; line++) {
        columns += *line == ',';
    }
    return columns;
}

/* The same table compressed is the same table. */
static void assert_comes_back(const struct asking *asking, struct text table) {
    struct decompressor *decompressor = decompressor_new(COMPRESSION_ZSTD);
    struct buf frame, out;
    buf_init(&frame, 1 << 20);
    buf_init(&out, 1 << 20);
    assert_int_equal(view_ask(asking, VIEW_CSV_ZST, &frame), STATUS_OK);
    assert_true(frame.length < table.length);
    assert_int_equal(decompressor_add(decompressor, buf_text(&frame), &out), DECOMPRESS_GOOD);
    assert_int_equal(decompressor_end(decompressor), DECOMPRESS_GOOD);
    assert_true(text_equal(buf_text(&out), table));
    decompressor_free(decompressor);
    buf_release(&frame);
    buf_release(&out);
}

/* Each row has as many fields as the head; the figures are those of JSON. */
static void a_table_for_other_programs(void **state) {
    struct fixture *f = *state;
    struct buf text;
    struct asking asking = {
        "export", { "2026-10" }, .source = { .state = f->state, .edition = &f->edition }, .arena = f->arena
    };
    put_chain(f, "import", day_of(2026, 10, 10), (const double[]){ 8, -20, 5, 8 });
    put_chain(f, "export", day_of(2026, 10, 10), (const double[]){ 1, 2, 3, 4 });
    for (int i = 0; i < 2; i++) {
        size_t rows = 0, columns = 0;
        buf_init(&text, 1 << 20);
        enum status status = i ? view_ask(&asking, VIEW_CSV, &text)
                               : ask_of(f, (const char *const[6]){ "2026-10", NULL, NULL, "port" }, VIEW_CSV,
                                        LANGUAGE_EN, &text);
        assert_int_equal(status, STATUS_OK);
        assert_non_null(
            strstr(text.at, i ? "import,P/1,,,,,,one-step,no,advance,advance,2026-10-10T19:00:00.000+08:00"
                              : "import,,preparation,DISCHARGED,ACCEPTED,signed,1,-72000,-72000"));
        if (i) {
            assert_comes_back(&asking, buf_text(&text));
        }
        for (char *line = strtok(text.at, "\n"); line; line = strtok(NULL, "\n"), rows++) {
            columns = columns ? columns : columns_of(line);
            assert_int_equal(columns_of(line), columns);
        }
        assert_int_equal(rows, i ? 3 : 1 + 2 * (6 * 4 + 1) + 2 * (5 * 4 + 1));
        buf_release(&text);
    }
}

/* case 858: what a review asks next is no picture on a terminal alone. Of each part of the change the rows
 * add up to the whole of it; every table has the same columns in each row. */
static void each_table_of_the_report_is_csv(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *table, *says;
    } cases[] = {
        { "figures", "import,,customs,ACCEPTED,RELEASED,signed,1," },
        { "beside", "import,excluded,TRANSIT,0\r\nimport,doubted,FUTURE,0\r\n" },
        { "coverage", "import,GATE_OUT,1,2," },
        { "slowest", "import,discharge,ARRIVED,DISCHARGED,terminal,1,1," },
        { "change", "import,segment,customs,,7200,0." },
    };
    struct buf text;
    put_chain(f, "import", day_of(2026, 9, 10), (const double[]){ 8, 20, 5, 8 });
    put_chain(f, "import", day_of(2026, 10, 10), (const double[]){ 9, 25, 7, 1 });
    put_declaration(f, "P/no", "import", "released", "");
    put_milestone(f, "P/no", "P/no", "RELEASED", stamp_of_day(day_of(2026, 10, 12)),
                  stamp_of_day(day_of(2026, 10, 12)));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        bool is_change = strcmp(cases[i].table, "change") == 0;
        struct asking asking = { "report",
                                 { "2026-10", [4] = is_change ? "previous" : NULL, [10] = cases[i].table },
                                 .source = { .state = f->state, .edition = &f->edition },
                                 .arena = f->arena };
        size_t columns = 0;
        double whole = 0, segments = 0, splits = 0;
        buf_init(&text, 1 << 20);
        assert_int_equal(view_ask(&asking, VIEW_CSV, &text), STATUS_OK);
        if (!strstr(text.at, cases[i].says)) {
            fail_msg("%s: %s", cases[i].table, text.at);
        }
        for (char *line = strtok(text.at, "\n"); line; line = strtok(NULL, "\n")) {
            char part[16] = "", name[32] = "", of[16] = "";
            double seconds = 0;
            columns = columns ? columns : columns_of(line);
            assert_int_equal(columns_of(line), columns);
            (void)sscanf(line, "import,%15[a-z],,,%lf", part, &seconds);
            whole += strcmp(part, "overall") == 0 ? seconds : 0;
            if (sscanf(line, "import,segment,%31[a-z],,%lf", name, &seconds) == 2) {
                segments += seconds;
            }
            if (sscanf(line, "import,dimension,port,%15[a-z],%lf", of, &seconds) == 2) {
                splits += seconds;
            }
        }
        assert_true(strcmp(cases[i].table, "change") != 0 || whole == 8 * 3600);
        assert_true(segments == whole && splits == whole);
        buf_release(&text);
    }
}

/* Each of these, in this order, of one declaration. */
static void assert_marks(struct fixture *f, const char *key, const char *const *codes) {
    const struct json *marks = json_at(json_at(f->report, "import"), key);
    size_t i = 0;
    for (; codes[i]; i++) {
        assert_string_equal(json_string_at(json_item(marks, i), "code"), codes[i]);
        assert_int_equal(json_int_at(json_item(marks, i), "n"), 1);
    }
    assert_int_equal(json_count(marks), i);
}

static void the_population_is_that_of_the_release_month(void **state) {
    struct fixture *f = *state;
    char why[8];
    stamp last_moment = stamp_of_day(day_of(2026, 11, 1)) - 1,
          first_moment = stamp_of_day(day_of(2026, 10, 1));
    static const struct {
        const char *key, *state, *step;
        int where;
    } cases[] = {
        { "P/a", "released", "", 0 },        { "P/b", "closed", "", 1 },
        { "P/c", "cancelled", "", 0 },       { "P/d", "released", "complete", 0 },
        { "P/e", "released", "summary", 0 }, { "P/f", "released", "", 2 },
        { "P/g", "released", "", 3 },
    };
    const stamp where[] = { first_moment, last_moment, last_moment + 1, first_moment - 1 };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        put_declaration(f, cases[i].key, "import", cases[i].state, cases[i].step);
        put_milestone(f, cases[i].key, cases[i].key, "RELEASED", where[cases[i].where],
                      where[cases[i].where]);
    }
    /* Of two exclusions the first in the text counts; of a container, those that name it or none at all. */
    put_milestone(f, "P/c", "P/c", "CANCELLED", last_moment, last_moment);
    put_declaration(f, "P/h", "import", "cancelled", "");
    put_milestone(f, "P/h", "P/h", "RELEASED", first_moment, first_moment);
    put_milestone(f, "P/h", "P/h", "CANCELLED", first_moment, first_moment);
    put_milestone(f, "P/h", "", "TRANSIT", first_moment, first_moment);
    put_milestone(f, "P/h", "", "FUTURE", first_moment, first_moment);
    put_milestone(f, "P/b", "", "FUTURE", last_moment, last_moment);
    make_report(f, "2026-10");
    assert_int_equal(json_int_at(json_at(f->report, "import"), "population"), 3); /* a, b, e */
    assert_marks(f, "excluded", (const char *const[]){ "TRANSIT", "CANCELLED", NULL });
    assert_marks(f, "doubted", (const char *const[]){ "FUTURE", NULL });
    assert_int_equal(json_int_at(json_at(f->report, "import"), "complete"), 0);
    assert_int_equal(json_int_at(segment(f, "import", "customs", "available"), "n"), 0);

    assert_int_equal(ask(f, "2026-08", VIEW_JSON, LANGUAGE_EN, &f->json), STATUS_NOT_FOUND);
    assert_int_equal(ask(f, "2026-13", VIEW_JSON, LANGUAGE_EN, &f->json), STATUS_BAD_INPUT);
    assert_int_equal(ask(f, "", VIEW_JSON, LANGUAGE_EN, &f->json), STATUS_BAD_INPUT);
    assert_int_equal(f->json.length, 0);
    (void)why;
}

static void a_segment_outside_the_chain_counts_its_pairs(void **state) {
    struct fixture *f = *state;
    stamp released = stamp_of_day(day_of(2026, 10, 10));
    for (int i = 0; i < 3; i++) {
        char key[16];
        snprintf(key, sizeof(key), "P/x%d", i);
        put_declaration(f, key, "import", "released", "");
        put_milestone(f, key, key, "RELEASED", released, released);
        put_milestone(f, key, key, "INSP_SELECTED", released - 10 * HOUR_NS, released - 10 * HOUR_NS);
        if (i < 2) {
            put_milestone(f, key, "", "INSP_DONE", released - (i ? 12 : 4) * HOUR_NS,
                          released - (i ? 12 : 4) * HOUR_NS);
        }
    }
    make_report(f, "2026-10");
    assert_int_equal(json_int_at(segment(f, "import", "inspection", "available"), "n"), 2);
    assert_hours(segment(f, "import", "inspection", "signed"), "mean", "2.00");  /* 6 and -2 */
    assert_hours(segment(f, "import", "inspection", "clamped"), "mean", "3.00"); /* 6 and 0 */
    assert_hours(segment(f, "import", "inspection", "excluded"), "mean", "6.00");
}

static void prints_in_columns(void **state) {
    struct fixture *f = *state;
    struct buf text;
    put_chain(f, "import", day_of(2026, 10, 10), (const double[]){ 8, 20, 5, 8 });
    for (int i = 0; i < 2; i++) {
        buf_init(&text, 1 << 20);
        assert_int_equal(ask(f, "2026-10", VIEW_TEXT, i ? LANGUAGE_EN : LANGUAGE_ZH, &text), STATUS_OK);
        assert_non_null(strstr(text.at, i ? "preparation" : "通关准备"));
        size_t widths[2] = { 0 }, seen = 0; /* the share column of two lines ends at the same place */
        for (char *line = strtok(text.at, "\n"); line; line = strtok(NULL, "\n")) {
            if (strstr(line, i ? "  discharge" : "  卸货")
                || strstr(line, i ? "  preparation" : "  通关准备")) {
                if (strchr(line, '.') && seen < 4 && seen > 1) {
                    widths[seen - 2] = text_width(text_of(line));
                }
                seen++;
            }
        }
        assert_true(widths[0] > 0 && widths[0] == widths[1]);
        buf_release(&text);
    }
}

/* case 320: for each declaration the search for a newer one went through all releases of all months, so that
 * the report of a month of 70,000 did not end within an hour. This one would take longer than a test may. */
static void a_month_of_many_declarations_is_reported(void **state) {
    enum { MANY = 20000 };
    struct fixture *f = *state;
    assert_int_equal(state_begin(f->state), STATUS_OK);
    for (int i = 0; i < MANY; i++) {
        put_chain(f, "import", day_of(2026, 10, 1 + i % 31), (const double[]){ 8, 20, 5, 8 });
    }
    struct store_query *query = store_query(
        state_store(f->state), "INSERT INTO links SELECT 'entry', key, key, 'P', 1 FROM declarations");
    assert_int_equal(store_run(query), STATUS_OK);
    assert_int_equal(state_commit(f->state, 1), STATUS_OK);
    make_report(f, "2026-10");
    assert_int_equal(json_int_at(segment(f, "import", "customs", "signed"), "n"), MANY);
    assert_hours(segment(f, "import", "customs", "signed"), "mean", "5.00");
}

static void put_release_at(struct fixture *f, int office) {
    char key[32];
    stamp released = stamp_of_day(day_of(2026, 10, 12));
    snprintf(key, sizeof(key), "P/%d", office);
    put_declaration(f, key, "import", "released", "");
    put_milestone(f, key, key, "RELEASED", released, released);
    struct store_query *query =
        store_query(state_store(f->state), "UPDATE declarations SET office = key WHERE office = ''");
    assert_int_equal(store_run(query), STATUS_OK);
}

/* case 684: a group too many was refused as "larger than the limit", which was not told, nor what to do. */
static void as_many_groups_as_there_may_be(void **state) {
    struct fixture *f = *state;
    struct view_refusal refusal = { NULL, NULL, NULL };
    struct asking asking = { "report",
                             { "2026-10", [3] = "office" },
                             .source = { .state = f->state, .edition = &f->edition },
                             .arena = f->arena,
                             .refusal = &refusal };
    for (int office = 0; office < SAMPLES_VALUES_MAX; office++) {
        put_release_at(f, office);
    }
    make_report_of(f, (const char *const[6]){ "2026-10", NULL, NULL, "office" });
    assert_int_equal(json_count(json_at(json_at(f->report, "import"), "groups")), SAMPLES_VALUES_MAX);
    put_release_at(f, SAMPLES_VALUES_MAX);
    for (enum view_form form = VIEW_JSON; form <= VIEW_CSV; form++) {
        refusal.en = NULL;
        assert_int_equal(view_ask(&asking, form, &f->json), STATUS_TOO_LARGE);
        assert_string_equal(refusal.en,
                            "office has more than 200 values in these days, and there are at most"
                            " 200 groups: group by a dimension that has fewer, or ask for fewer days,"
                            " or group what clearway export writes, which has a row for each"
                            " declaration");
        assert_non_null(strstr(refusal.zh, "至多分 200 组"));
    }
    make_report(f, "2026-10"); /* in no groups */
}

/* The answer to `what`, of months that were scanned before, and by a scan, is the same. */
static void ask_both_ways(struct fixture *f, struct asking asking, enum view_form form, struct buf *out) {
    struct buf scanned;
    buf_init(&scanned, 1 << 20);
    buf_clear(out);
    asking.source.releases = releases_new(f->directory, 0);
    assert_int_equal(view_ask(&asking, form, out), STATUS_OK);
    releases_free(asking.source.releases);
    asking.source.releases = NULL;
    assert_int_equal(view_ask(&asking, form, &scanned), STATUS_OK);
    assert_true(text_equal(buf_text(out), buf_text(&scanned)));
    buf_release(&scanned);
}

/* case 713: more than 200 values of one dimension in a period, and nothing was told of any other: neither
 * another grouping, nor containers, nor why it changed, nor the export, which groups by nothing. */
static void a_dimension_of_many_values_is_in_nobodys_way(void **state) {
    struct fixture *f = *state;
    struct asking asking = {
        "report", { "2026-10" }, .source = { .state = f->state, .edition = &f->edition }, .arena = f->arena
    };
    struct buf out;
    size_t rows = 0;
    buf_init(&out, 1 << 20);
    put_chain(f, "import", day_of(2026, 9, 10), (const double[]){ 8, 20, 5, 8 });
    put_chain(f, "import", day_of(2026, 10, 10), (const double[]){ 9, 25, 7, 1 });
    for (int office = 1000; office <= 1000 + SAMPLES_VALUES_MAX; office++) {
        put_release_at(f, office);
    }
    asking.values[3] = "inspected";
    asking.values[4] = "previous";
    ask_both_ways(f, asking, VIEW_TEXT, &out);
    assert_non_null(strstr(out.at, "按申报地海关：取值超过 200 个，未作拆分\n"));
    assert_null(strstr(out.at, "按申报地海关：组内变化"));
    assert_non_null(strstr(out.at, "按口岸：组内变化 +8.00，构成变化 +0.00\n"));
    ask_both_ways(f, asking, VIEW_JSON, &out);
    assert_non_null(strstr(out.at, "\"crowded\":[{\"by\":\"office\","));
    asking = (struct asking){
        "export", { "2026-10" }, .source = { .state = f->state, .edition = &f->edition }, .arena = f->arena
    };
    buf_clear(&out);
    assert_int_equal(view_ask(&asking, VIEW_CSV, &out), STATUS_OK);
    assert_non_null(strstr(out.at, "import,P/1000,,,P/1000,"));
    assert_non_null(strstr(out.at, "import,P/1200,,,P/1200,"));
    for (const char *at = out.at; (at = strchr(at, '\n')); at++) {
        rows++;
    }
    assert_int_equal(rows, 1 + 1 + SAMPLES_VALUES_MAX + 1);
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(the_evaluation_of_2017_comes_out_exactly),
        TEST(compression_is_computed_unrounded_and_rounded_last),
        TEST(advance_declarations_stand_in_three_variants),
        TEST(medians_and_p90_are_nearest_rank),
        TEST(each_measure_is_what_its_definition_says),
        TEST(the_ends_of_a_distribution_are_kept_apart),
        TEST(periods_are_days),
        TEST(between_any_two_milestones),
        TEST(groups_are_the_whole_taken_apart),
        TEST(a_change_is_what_became_quicker_and_what_became_rarer),
        TEST(a_change_with_nothing_before_is_not_explained),
        TEST(a_change_has_its_sign),
        TEST(the_slowest_are_told_by_what_held_them),
        TEST(each_table_of_the_report_is_csv),
        TEST(a_table_for_other_programs),
        TEST(a_dimension_of_many_values_is_in_nobodys_way),
        TEST(the_population_is_that_of_the_release_month),
        TEST(a_segment_outside_the_chain_counts_its_pairs),
        TEST(prints_in_columns),
        TEST(a_month_of_many_declarations_is_reported),
        TEST(as_many_groups_as_there_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
