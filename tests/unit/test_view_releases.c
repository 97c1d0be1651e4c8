/*
 * Months in columns say what a scan of state.db says: a simulated month of ports, with messages that come
 * late, twice, corrected, withdrawn or not at all, is looked at between its messages by reports and exports
 * that are made from columns, beside those that are made without; from files as they were written, and from
 * files that are damaged at each of their parts, cut off, of another definition, or of another state.db.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "view/statistics/releases.h"
#include "month_kit.h"
#include "folder_kit.h"

#define LAG 40 /* records behind which files are written anew here */

static const struct {
    const char *view;
    enum view_form form;
    const char *values[10];
} asked[] = {
    { "report", VIEW_JSON, { "2026-10" } },
    { "report", VIEW_JSON, { "2026-09" } },
    { "report", VIEW_CSV, { "2026-10", [3] = "terminal", [4] = "previous" } },
    { "report", VIEW_JSON, { "2026-10", [3] = "mode" } },
    { "report", VIEW_TEXT, { "2026-10", [3] = "mode:two-step" } },
    { "report", VIEW_JSON, { NULL, "2026-09-01", "2026-10-31", [3] = "port" } },
    { "report", VIEW_JSON, { NULL, "2026-09-28", "2026-10-03", [3] = "inspected" } },
    { "report", VIEW_JSON, { "2026-10", [3] = "field:trade_mode" } },
    { "report", VIEW_CSV, { NULL, "2026-09-25", "2026-10-04", [3] = "commodity" } },
};
enum { ASKED = sizeof(asked) / sizeof(*asked) };

struct fixture {
    char directory[64];
    struct month *month;
    struct releases *releases, *reads; /* the second makes none */
    struct arena *arena;
    unsigned looks, answers;
    size_t scanned, tallied;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->directory, "/tmp/clearway-releases-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    f->releases = releases_new(f->directory, LAG);
    f->reads = releases_new(f->directory, 0);
    f->arena = arena_new();
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    releases_free(f->releases);
    releases_free(f->reads);
    arena_free(f->arena);
    folder_remove(f->directory);
    free(f);
    return 0;
}

static enum status answer(struct fixture *f, struct state *state, const struct edition *edition,
                          struct releases *releases, size_t i, struct buf *out) {
    struct view_source source = { .state = state, .edition = edition, .releases = releases };
    struct view_question question = {
        .view = view_find(asked[i].view), .source = &source, .language = LANGUAGE_EN, .arena = f->arena
    };
    for (size_t v = 0; v < sizeof(asked[i].values) / sizeof(*asked[i].values); v++) {
        question.values[v] = asked[i].values[v] ? text_of(asked[i].values[v]) : (struct text){ 0 };
    }
    buf_init(out, 8 << 20);
    return view_answer(&question, asked[i].form, out);
}

static void compare(struct fixture *f, struct state *state, const struct edition *edition,
                    struct releases *releases, size_t i) {
    struct buf with, without;
    enum status told = answer(f, state, edition, releases, i, &with);
    enum status meant = answer(f, state, edition, NULL, i, &without);
    assert_int_equal(told, meant);
    if (meant == STATUS_OK && !text_equal(buf_text(&with), buf_text(&without))) {
        print_error("%s %zu\n%s\n-- is not\n%s\n", asked[i].view, i, with.at, without.at);
        fail();
    }
    f->answers += meant == STATUS_OK;
    buf_release(&with);
    buf_release(&without);
}

static void reopen(struct fixture *f) {
    f->scanned += releases_scanned(f->releases);
    f->tallied += releases_tallied(f->releases);
    releases_free(f->releases);
    f->releases = releases_new(f->directory, LAG);
}

/* Some questions at a time; now and then from the files alone. */
static void look(struct month *month, void *context) {
    struct fixture *f = context;
    assert_int_equal(state_commit(month->state, month->number), STATUS_OK);
    if (f->looks % 23 == 22) {
        reopen(f);
    }
    for (size_t i = 0; i < ASKED; i++) {
        if ((f->looks + i) % 5 == 0) {
            compare(f, month->state, month->edition, f->looks % 3 ? f->releases : f->reads, i);
        }
    }
    f->looks++;
    arena_reset(f->arena);
    assert_int_equal(state_begin(month->state), STATUS_OK);
}

static void play(struct fixture *f, uint64_t seed, enum month_order order, bool looks) {
    struct simulate_options options = { .seed = seed,
                                        .first = 1,
                                        .ports = 2,
                                        .consignments = 25,
                                        .from = stamp_of_day(day_of(2026, 9, 24)),
                                        .until = stamp_of_day(day_of(2026, 10, 8)) };
    f->month = month_open(f->directory, options.ports);
    f->month->looked = looks ? look : NULL;
    f->month->look_context = f;
    month_feed(f->month, &options, order);
}

/* Reports of four months and two directions were asked for again and again, and few months were scanned. */
static void play_and_look(struct fixture *f, uint64_t seed, enum month_order order) {
    play(f, seed, order, true);
    for (int i = 0; i < 5; i++) {
        look(f->month, f);
    }
    reopen(f);
    assert_true(f->answers > 100);
    assert_true(f->scanned > 0 && f->scanned < f->answers);
    assert_true(f->tallied > 100); /* of the months of the standard report, as they are kept */
    month_close(f->month);
}

static void in_time(void **state) {
    play_and_look(*state, 5, MONTH_IN_TIME);
}

static void shuffled(void **state) {
    play_and_look(*state, 6, MONTH_SHUFFLED);
}

static void twice(void **state) {
    play_and_look(*state, 7, MONTH_TWICE);
}

/* --- files that are none -------------------------------------------------------------------------------- */

static const char *path_of(struct fixture *f, const char *name) {
    return arena_printf(f->arena, "%s/releases/%s", f->directory, name);
}

static void write_whole(const char *path, struct text bytes) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.length, file), bytes.length);
    assert_int_equal(fclose(file), 0);
}

/* How many months are scanned for what has all of them in it, whose files are as they are now; who only reads
 * says the same. */
static size_t scanned_for_all(struct fixture *f) {
    enum { DESCRIBED = 7 };
    struct releases *reads = releases_new(f->directory, 0);
    compare(f, f->month->state, f->month->edition, reads, DESCRIBED);
    releases_free(reads);
    reopen(f);
    compare(f, f->month->state, f->month->edition, f->releases, DESCRIBED);
    compare(f, f->month->state, f->month->edition, f->releases, 0);
    return releases_scanned(f->releases);
}

static void played(struct fixture *f) {
    play(f, 8, MONTH_IN_TIME, false);
    assert_int_equal(state_commit(f->month->state, f->month->number), STATUS_OK);
    assert_true(scanned_for_all(f) > 0);
    (void)scanned_for_all(f);
}

static void over(struct fixture *f) {
    assert_int_equal(state_begin(f->month->state), STATUS_OK);
    month_close(f->month);
}

static void damaged_at_each_part(void **state) {
    struct fixture *f = *state;
    played(f);
    size_t whole = scanned_for_all(f); /* of months without anything no file is kept */
    const char *path = path_of(f, "2026-10.import");
    struct buf bytes;
    buf_init(&bytes, 16 << 20);
    assert_int_equal(file_read(path, &bytes), STATUS_OK);
    char *copy = malloc(bytes.length);
    size_t step = bytes.length / 97, found = 0, unseen = 0;
    for (size_t at = 0; at < bytes.length; at += step) {
        memcpy(copy, bytes.at, bytes.length);
        copy[at] = (char)(copy[at] ^ 0x10);
        write_whole(path, (struct text){ copy, bytes.length });
        size_t scanned = scanned_for_all(f);
        found += scanned == whole + 1;
        unseen += scanned == whole; /* between two sections nothing stands */
    }
    assert_true(found > 60);
    assert_true(unseen < 30);
    for (size_t length = 0; length < bytes.length; length += bytes.length / 13) {
        write_whole(path, (struct text){ bytes.at, length });
        assert_int_equal(scanned_for_all(f), whole + 1);
        assert_int_equal(scanned_for_all(f), whole);
    }
    free(copy);
    buf_release(&bytes);
    over(f);
}

static void of_another_definition(void **state) {
    struct fixture *f = *state;
    char command[512];
    struct verdict mistakes;
    struct edition *other;
    played(f);
    size_t whole = scanned_for_all(f);
    snprintf(command, sizeof(command),
             "cp -r '" SOURCE_DIR
             "/schemas' '%s/schemas' && cd '%s/schemas' && grep -v '^month *import' segments"
             " > changed && echo 'month import ACCEPTED' >> changed && mv changed segments",
             f->directory, f->directory);
    assert_int_equal(system(command), 0);
    const char *schemas = arena_printf(f->arena, "%s/schemas", f->directory);
    const char *parties = arena_printf(f->arena, "%s/parties.yaml", f->directory);
    struct edition_options options = { .schemas = schemas, .parties = parties, .transports = kit_transports };
    verdict_init(&mistakes, f->arena);
    assert_int_equal(edition_load(&options, &other, &mistakes), STATUS_OK);
    for (size_t i = 0; i < ASKED; i++) {
        compare(f, f->month->state, other, f->releases, i);
        compare(f, f->month->state, f->month->edition, f->releases, i);
    }
    compare(f, f->month->state, other, f->releases, 0);
    edition_release(other);
    assert_true(scanned_for_all(f) > whole); /* the other one's stand there now */
    assert_int_equal(scanned_for_all(f), whole);
    over(f);
}

static void of_another_state(void **state) {
    struct fixture *f = *state;
    played(f);
    size_t whole = scanned_for_all(f);
    struct buf bytes;
    buf_init(&bytes, 16 << 20);
    assert_int_equal(file_read(path_of(f, "2026-10.import"), &bytes), STATUS_OK);
    /* The same journal gives another state.db of its own. */
    assert_int_equal(store_exec(state_store(f->month->state), "PRAGMA user_version = 7"), STATUS_OK);
    state_close(f->month->state);
    assert_int_equal(state_open(f->directory, STORE_WRITE, &f->month->state), STATUS_OK);
    assert_int_equal(state_identity(f->month->state), 7);
    assert_true(scanned_for_all(f) > whole);
    assert_int_equal(scanned_for_all(f), whole);
    buf_release(&bytes);
    /* One that stands before the files, as after it was put back from a copy. */
    assert_int_equal(state_begin(f->month->state), STATUS_OK);
    assert_int_equal(state_commit(f->month->state, f->month->number - 1), STATUS_OK);
    assert_true(scanned_for_all(f) > whole);
    over(f);
}

/* A question nobody waits for any more leaves what is at hand as it was. */
static void interrupted(void **state) {
    struct fixture *f = *state;
    struct state *reader;
    struct buf out;
    _Atomic bool stop = false;
    played(f);
    assert_int_equal(state_open(f->directory, STORE_READ, &reader), STATUS_OK);
    store_stop_when(state_store(reader), &stop);
    reopen(f);
    compare(f, reader, f->month->edition, f->releases, 0);
    size_t scanned = releases_scanned(f->releases);
    assert_int_equal(state_begin(f->month->state), STATUS_OK);
    assert_int_equal(
        store_exec(state_store(f->month->state),
                   "UPDATE milestones SET last = last + 3600000000000 WHERE code = 'GATE_OUT';"
                   "INSERT INTO touched SELECT 1000000, subject FROM milestones GROUP BY subject"),
        STATUS_OK);
    assert_int_equal(state_commit(f->month->state, f->month->number + 1), STATUS_OK);
    atomic_store(&stop, true);
    assert_int_not_equal(answer(f, reader, f->month->edition, f->releases, 0, &out), STATUS_OK);
    buf_release(&out);
    atomic_store(&stop, false);
    compare(f, reader, f->month->edition, f->releases, 0);
    assert_int_equal(releases_scanned(f->releases), scanned);
    state_close(reader);
    over(f);
}

/* Records are told, that many; of goods of which something is, each later by an hour. */
static void go_on(struct fixture *f, uint64_t records, bool changes) {
    assert_int_equal(state_begin(f->month->state), STATUS_OK);
    const char *told =
        arena_printf(f->arena,
                     "UPDATE milestones SET last = last + 3600000000000 WHERE code = 'GATE_OUT';"
                     "INSERT INTO touched SELECT %llu, subject FROM milestones GROUP BY subject",
                     (unsigned long long)f->month->number + 1);
    if (changes) {
        assert_int_equal(store_exec(state_store(f->month->state), told), STATUS_OK);
    }
    f->month->number += records;
    assert_int_equal(state_commit(f->month->state, f->month->number), STATUS_OK);
}

/* How many months are scanned for the reports of two months. */
static size_t scanned_for_reports(struct fixture *f) {
    reopen(f);
    compare(f, f->month->state, f->month->edition, f->releases, 0);
    compare(f, f->month->state, f->month->edition, f->releases, 1);
    return releases_scanned(f->releases);
}

static unsigned get_ready(struct fixture *f, struct state *state, int32_t day) {
    const struct view_source source = { .state = state,
                                        .edition = f->month->edition,
                                        .releases = f->releases };
    unsigned ready = 0;
    while (releases_prepare(f->releases, &source, day)) {
        ready++;
    }
    assert_false(releases_have_any(f->releases));
    return ready;
}

/* What the standard reports of this month and of the one before are made of: three months, and two of the
 * year before, in two directions. Their files are there, and stand near, before anybody asks. */
static void got_ready(void **state) {
    struct fixture *f = *state;
    enum { MONTHS = 10 };
    struct state *reader;
    _Atomic bool stop = true;
    static const char *const names[] = { "2026-09.import", "2026-09.export", "2026-10.import" };
    played(f);
    size_t whole = scanned_for_reports(f);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_int_equal(remove(path_of(f, names[i])), 0);
    }
    reopen(f);
    assert_int_equal(state_open(f->directory, STORE_READ, &reader), STATUS_OK);
    store_stop_when(state_store(reader), &stop);
    assert_int_equal(get_ready(f, reader, day_of(2026, 10, 31)), 0);
    atomic_store(&stop, false);
    assert_int_equal(get_ready(f, reader, day_of(2026, 10, 31)), MONTHS);
    assert_int_equal(get_ready(f, reader, day_of(2026, 10, 1)), 0);
    assert_int_equal(scanned_for_reports(f), whole); /* of months without anything no file is kept */
    reopen(f);
    assert_int_equal(get_ready(f, reader, day_of(2026, 10, 1)), MONTHS);
    go_on(f, LAG, true);
    assert_int_equal(get_ready(f, reader, day_of(2026, 10, 1)), 0);
    go_on(f, 1, true);
    assert_int_equal(get_ready(f, reader, day_of(2026, 10, 1)), MONTHS);
    assert_int_equal(get_ready(f, reader, day_of(2026, 11, 1)), MONTHS);
    struct buf before, after;
    buf_init(&before, 16 << 20);
    buf_init(&after, 16 << 20);
    assert_int_equal(file_read(path_of(f, names[0]), &before), STATUS_OK);
    assert_int_equal(scanned_for_reports(f), whole);
    assert_int_equal(file_read(path_of(f, names[0]), &after), STATUS_OK);
    assert_true(text_equal(buf_text(&before), buf_text(&after)));
    buf_release(&before);
    buf_release(&after);
    state_close(reader);
    over(f);
}

/* case 621: it is put back while the gateway has a later one at hand, which then stands at a later record. */
static void one_of_before_is_put_back(void **state) {
    struct fixture *f = *state;
    played(f);
    size_t whole = scanned_for_all(f);
    const char *path = path_of(f, "2026-10.import");
    struct buf before, after;
    buf_init(&before, 16 << 20);
    buf_init(&after, 16 << 20);
    assert_int_equal(file_read(path, &before), STATUS_OK);
    go_on(f, LAG + 1, true);
    compare(f, f->month->state, f->month->edition, f->releases, 0);
    assert_int_equal(file_read(path, &after), STATUS_OK);
    assert_false(text_equal(buf_text(&before), buf_text(&after)));
    write_whole(path, buf_text(&before));
    go_on(f, LAG + 1, false);
    compare(f, f->month->state, f->month->edition, f->releases, 0);
    assert_int_equal(scanned_for_all(f), whole);
    /* ... and where it was deleted it is there again. */
    assert_int_equal(remove(path), 0);
    go_on(f, LAG + 1, false);
    compare(f, f->month->state, f->month->edition, f->releases, 0);
    assert_int_equal(scanned_for_all(f), whole);
    /* case 626: a pipe in its place held whoever asked for ever. */
    assert_int_equal(remove(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(scanned_for_all(f), whole + 1);
    assert_int_equal(scanned_for_all(f), whole);
    /* case 922: so did one where it is written first, and a link there led into another file. */
    const char *beside = path_of(f, "2026-10.import.new"), *other = path_of(f, "other");
    assert_int_equal(remove(path), 0);
    assert_int_equal(mkfifo(beside, 0600), 0);
    assert_int_equal(scanned_for_all(f), whole + 1);
    assert_int_equal(remove(path), 0);
    write_whole(other, TEXT("ours"));
    assert_int_equal(symlink(other, beside), 0);
    assert_int_equal(scanned_for_all(f), whole + 1);
    assert_int_equal(scanned_for_all(f), whole);
    buf_clear(&after);
    assert_int_equal(file_read(other, &after), STATUS_OK);
    assert_true(text_is(buf_text(&after), "ours"));
    buf_release(&before);
    buf_release(&after);
    over(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(shuffled, setup, teardown),
        cmocka_unit_test_setup_teardown(twice, setup, teardown),
        cmocka_unit_test_setup_teardown(damaged_at_each_part, setup, teardown),
        cmocka_unit_test_setup_teardown(of_another_definition, setup, teardown),
        cmocka_unit_test_setup_teardown(of_another_state, setup, teardown),
        cmocka_unit_test_setup_teardown(interrupted, setup, teardown),
        cmocka_unit_test_setup_teardown(one_of_before_is_put_back, setup, teardown),
        cmocka_unit_test_setup_teardown(got_ready, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
