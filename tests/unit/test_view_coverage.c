/* Whose telling a milestone was that declarations lack: who told anything of the goods, or is alone there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/status.h"
#include "view/statistics/coverage.h"

#define PARTY(code, role, more) \
    "  - code: " code "\n    name: { zh: " code ", en: " code " }\n    roles: [" role "]\n" more

static const char parties_text[] = "parties:\n" PARTY("TML-A", "terminal", "    reports: [CNQDG]\n")
    PARTY("TML-B", "terminal", "    reports: [CNQDG]\n") PARTY("TML-C", "terminal", "    reports: [CNYTG]\n")
        PARTY("YARD-A", "yard", "    reports: [CNQDG]\n") PARTY("CAR-A", "carrier", "    reports: [\"*\"]\n")
            PARTY("CUS-QD", "customs", "    serves: [CNQDG]\n")
                PARTY("CUS-YT", "customs", "    serves: [CNYTG]\n");

struct fixture {
    struct arena *arena;
    struct parties *parties;
    struct segments segments;
    struct samples samples;
    struct coverage coverage;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    struct verdict mistakes;
    f->arena = arena_new();
    verdict_init(&mistakes, f->arena);
    f->parties = parties_load(text_of(parties_text), NULL, NULL, f->arena, &mistakes);
    assert_int_equal(mistakes.errors, 0);
    f->segments = (struct segments){
        .milestones = { { "ARRIVED", "", "", false, NULL, "carrier" },
                        { "DISCHARGED", "", "", false, NULL, "terminal yard" },
                        { "RELEASED", "", "", false, NULL, "customs" },
                        { "GATE_OUT", "", "", false, NULL, NULL } },
        .milestones_count = 4,
        .chains = { { "import",
                      { "ARRIVED", "DISCHARGED", "RELEASED", "GATE_OUT" },
                      4,
                      "RELEASED",
                      "",
                      "",
                      { 0, 0 },
                      { 0, 0 },
                      "",
                      "" } },
        .chains_count = 1,
    };
    samples_init(&f->samples, &f->segments, &f->segments.chains[0], SAMPLES_MOMENTS);
    coverage_init(&f->coverage, &f->segments.chains[0]);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    coverage_release(&f->coverage);
    samples_release(&f->samples);
    arena_free(f->arena);
    free(f);
    return 0;
}

/* One of which all was told but these steps. */
static size_t add(struct fixture *f, const char *lacks, const char *tellers) {
    size_t index = samples_add(&f->samples);
    for (size_t step = 0; step < 4; step++) {
        if (!strchr(lacks, (char)('0' + step))) {
            samples_tell(&f->samples, index, step, STAMP_SECOND);
        }
    }
    samples_tell_tellers(&f->samples, index, text_of(tellers));
    coverage_move(&f->coverage, &f->samples, index, 1);
    return index;
}

static void expect(struct fixture *f, size_t step, const struct coverage_owner *meant, size_t count) {
    static const struct digest theirs = { { 1 } };
    struct coverage_owner *owners;
    coverage_settle(&f->coverage, &f->segments, &f->segments.chains[0], f->parties, &theirs);
    size_t sum = 0, found = coverage_owners(&f->coverage, step, f->arena, &owners);
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(owners[i].role, meant[i].role);
        assert_string_equal(owners[i].party, meant[i].party);
        assert_int_equal(owners[i].of, meant[i].of);
        assert_int_equal(owners[i].missing, meant[i].missing);
        sum += owners[i].missing;
    }
    assert_int_equal(f->coverage.missing[step], sum);
}

static void who_told_something_of_the_goods_should_have_told_this(void **state) {
    struct fixture *f = *state;
    add(f, "1", "CNQDG CUS-QD TML-B TML-A");
    add(f, "1", "CNQDG TML-B CUS-QD");
    add(f, "1", "CNQDG CUS-QD YARD-A"); /* no terminal told anything: the next role */
    add(f, "1", "CNQDG CUS-QD");        /* there are two terminals, and one yard */
    add(f, "1", "CNYTG CUS-YT");
    add(f, "0", "CNQDG TML-B CUS-QD"); /* it told that */
    add(f, "", "CNQDG TML-A");         /* nothing that this one should have told is missing */
    static const struct coverage_owner meant[] = { { "terminal", "TML-B", 3, 2 },
                                                   { "yard", "YARD-A", 2, 2 },
                                                   { "terminal", "TML-C", 1, 1 } };
    expect(f, 1, meant, 3);
}

static void nobody_is_named_who_is_not_known(void **state) {
    struct fixture *f = *state;
    add(f, "023", "- GONE");
    add(f, "0", "CNQDG");
    add(f, "2", "CNXXX TML-A");
    static const struct coverage_owner arrived[] = { { "carrier", "CAR-A", 3, 2 } };
    static const struct coverage_owner released[] = { { "customs", "", 2, 2 } };
    static const struct coverage_owner out[] = { { "", "", 3, 1 } };
    expect(f, 0, arrived, 1);
    expect(f, 2, released, 1);
    expect(f, 3, out, 1);
    struct coverage_owner *owners;
    coverage_settle(&f->coverage, &f->segments, &f->segments.chains[0], NULL, &(struct digest){ { 0 } });
    assert_int_equal(coverage_owners(&f->coverage, 0, f->arena, &owners), 1);
    assert_string_equal(owners[0].party, "");
    expect(f, 0, arrived, 1); /* and known again */
}

static void what_goes_was_there(void **state) {
    struct fixture *f = *state;
    size_t first = add(f, "13", "CNQDG TML-A"), second = add(f, "1", "CNQDG TML-A");
    size_t third = add(f, "1", "CNQDG TML-B");
    static const struct coverage_owner both[] = { { "terminal", "TML-A", 2, 2 },
                                                  { "terminal", "TML-B", 1, 1 } };
    expect(f, 1, both, 2);
    coverage_move(&f->coverage, &f->samples, first, -1);
    coverage_move(&f->coverage, &f->samples, third, -1);
    add(f, "", "CNQDG TML-C"); /* that text is new behind those that were settled */
    add(f, "", "CNQDG TML-A");
    static const struct coverage_owner meant[] = { { "terminal", "TML-A", 2, 1 } };
    expect(f, 1, meant, 1);
    assert_int_equal(f->coverage.missing[3], 0);
    coverage_move(&f->coverage, &f->samples, second, -1);
    expect(f, 1, NULL, 0);
    assert_int_equal(f->coverage.missing[1], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_told_something_of_the_goods_should_have_told_this, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(nobody_is_named_who_is_not_known, setup, teardown),
        cmocka_unit_test_setup_teardown(what_goes_was_there, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
