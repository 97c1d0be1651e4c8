/* test_engine_segregation.c - what may not share a container, by the lists of an edition; and lists that are
   too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/stamp.h"
#include "edition/lists.h"
#include "edition/pairs.h"
#include "engine/segregation.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct place_of_test {
    struct arena *arena;
    struct edition edition;
    struct verdict mistakes;
    struct cause cause;
};

static void begin(struct place_of_test *place) {
    *place = (struct place_of_test){ .arena = arena_new() };
    place->edition.arena = place->arena;
    place->edition.lists = codelists_new(place->arena);
    verdict_init(&place->mistakes, place->arena);
    place->cause.arena = place->arena;
    place->cause.edition = &place->edition;
    assert_true(day_parse(TEXT("2026-11-30"), &place->cause.today));
}

static void add(struct place_of_test *place, const char *name, const char *source) {
    lists_load(place->edition.lists, name, text_of(arena_string(place->arena, source)), name, place->arena,
               &place->mistakes);
    assert_int_equal(place->mistakes.count, 0);
}

static enum apartness between(const struct place_of_test *place, const char *un, const char *class,
                              const char *other_un, const char *other_class) {
    const struct segregation *segregation = segregation_of(&place->cause);
    uint64_t left = segregation_labels(segregation, un, class);
    uint64_t right = segregation_labels(segregation, other_un, other_class);
    enum apartness forth = segregation_between(segregation, left, right);
    assert_int_equal(segregation_between(segregation, right, left), forth);
    return forth;
}

static void goods_are_compared_by_class_and_by_group(void **state) {
    static const struct {
        const char *un, *class, *other_un, *other_class;
        enum apartness apart;
    } cases[] = {
        { "1203", "3", "1479", "5.1", APART_ALWAYS },      { "1203", "3", "1203", "3", APART_NOT },
        { "1789", "8", "1680", "6.1", APART_ALWAYS },      { "1789", "8", "1203", "3", APART_NOT },
        { "1950", "2.1", "1805", "8", APART_AWAY },        { "1203", "3", "", "", APART_NOT },
        { "no number", "3", "1479", "5.1", APART_ALWAYS }, { "1789", "9", "1680", "9", APART_ALWAYS },
        { "1203", "3", "3077", "9", APART_NOT }, /* of a day that is over */
    };
    struct place_of_test place;
    (void)state;
    begin(&place);
    add(&place, "dg_segregated",
        "3/5.1 \"隔离\" \"apart\"\nSGG1/SGG6 \"隔离\" \"apart\"\n3/9 \"隔离\" \"apart\" until 2026-11-30\n");
    add(&place, "dg_kept_away", "2.1/8 \"远离\" \"away\"\n");
    add(&place, "un_segregation_groups", "1789/SGG1 \"酸\" \"acid\"\n1680/SGG6 \"氰化物\" \"cyanide\"\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(
            between(&place, cases[i].un, cases[i].class, cases[i].other_un, cases[i].other_class),
            cases[i].apart);
    }
    pairs_check(&place.edition, &place.mistakes);
    assert_int_equal(place.mistakes.count, 0);
    arena_free(place.arena);
}

/* "C0/C1", "C2/C3" ...: `names` of them. */
static const char *pairs_of(struct place_of_test *place, unsigned names) {
    struct buf source;
    buf_init(&source, 1u << 16);
    for (unsigned i = 0; i < names; i += 2) {
        buf_printf(&source, "C%u/C%u \"隔离\" \"apart\"\n", i, i + 1);
    }
    const char *copy = arena_copy(place->arena, buf_text(&source));
    buf_release(&source);
    return copy;
}

/* Case 692: what had no room was not there, and such goods travelled together. */
static void what_has_no_room_is_a_mistake_and_is_looked_at(void **state) {
    struct place_of_test place;
    (void)state;
    begin(&place);
    add(&place, "dg_segregated", pairs_of(&place, PAIR_NAMES_MAX));
    add(&place, "dg_kept_away", "C0/C2 \"远离\" \"away\"\n");
    pairs_check(&place.edition, &place.mistakes);
    assert_int_equal(place.mistakes.count, 0);
    assert_int_equal(between(&place, "1", "C62", "1", "C63"), APART_ALWAYS);
    assert_int_equal(between(&place, "1", "C1", "1", "C2"), APART_NOT);
    arena_free(place.arena);

    begin(&place);
    add(&place, "dg_segregated", pairs_of(&place, PAIR_NAMES_MAX));
    add(&place, "dg_kept_away",
        "C0/C2 \"远离\" \"away\"\nC1/MORE \"远离\" \"away\"\nC3/LAST \"远离\" \"away\"\n");
    pairs_check(&place.edition, &place.mistakes);
    assert_int_equal(place.mistakes.count, 1);
    assert_string_equal(place.mistakes.findings[0].code, "LINT-LIST");
    assert_string_equal(place.mistakes.findings[0].file, "lists/dg_kept_away");
    assert_int_equal(place.mistakes.findings[0].place.line, 2);
    assert_int_equal(between(&place, "1", "C62", "1", "C63"), APART_ALWAYS);
    assert_int_equal(between(&place, "1", "C1", "1", "MORE"), APART_AWAY);
    assert_int_equal(between(&place, "1", "C1", "1", "C2"), APART_AWAY);
    arena_free(place.arena);
}

static void what_is_no_pair_is_told(void **state) {
    static const char *const codes[] = { "3", "/3", "3/", "3/8/9" };
    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++) {
        struct place_of_test place;
        begin(&place);
        add(&place, "dg_segregated", arena_printf(place.arena, "%s \"隔离\" \"apart\"\n", codes[i]));
        pairs_check(&place.edition, &place.mistakes);
        assert_int_equal(place.mistakes.errors, 1);
        assert_int_equal(between(&place, "1", "3", "1", "8"), APART_AWAY);
        arena_free(place.arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goods_are_compared_by_class_and_by_group),
        cmocka_unit_test(what_has_no_room_is_a_mistake_and_is_looked_at),
        cmocka_unit_test(what_is_no_pair_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
