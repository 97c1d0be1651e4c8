/* test_edition_lists.c - code lists: codes with days of validity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/stamp.h"
#include "message/codelist.h"
#include "edition/lists.h"
#include "told.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *source, *told;
} cases[] = {
    { "2 \"水路\" \"sea\"\n5 \"航空\" \"air\" from 2018-08-01 until 2030-01-01\n", "" },
    { "142 \"旧\" \"old\" until 2020-01-01\n142 \"新\" \"new\" from 2020-01-01", "" },
    { "2 \"水路\"", "1:7 expected CODE \"zh\" \"en\" [from YYYY-MM-DD] [until YYYY-MM-DD]\n" },
    { "2 \"水路\" \"sea\" form 2018-08-01",
      "1:14 expected CODE \"zh\" \"en\" [from YYYY-MM-DD] [until YYYY-MM-DD]\n" },
    { "2 \"水路\" \"sea\" from", "1:14 expected CODE \"zh\" \"en\" [from YYYY-MM-DD] [until YYYY-MM-DD]\n" },
    { "2 \"水路\" \"sea\" from 2018-02-30",
      "1:14 expected CODE \"zh\" \"en\" [from YYYY-MM-DD] [until YYYY-MM-DD]\n" },
    { "2 \"水路\" \"sea\" from 2020-01-01 until 2020-01-01", "1:14 it ends before it begins\n" },
    { "2 \"水路\" \"sea\"\n3 \"铁路\" \"rail\"\n2 \"水路\" \"sea\"",
      "3:1 the code 2 is valid on days of line 1 as well\n" },
    { "2 \"新\" \"new\" from 2020-01-01\n2 \"旧\" \"old\" until 2020-01-02",
      "2:1 the code 2 is valid on days of line 1 as well\n" },
    { "\"\" \"空\" \"empty\"", "1:1 a code has 1 to 64 bytes, a list at most 100000 codes\n" },
};

static void mistakes_are_told(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct verdict verdict;
        struct buf told;
        buf_init(&told, 4096);
        verdict_init(&verdict, arena);
        lists_load(codelists_new(arena), "modes", text_of(cases[i].source), "lists/modes", arena, &verdict);
        tell_mistakes(&verdict, &told);
        assert_string_equal(told.at, cases[i].told);
        assert_mistakes_complete(&verdict, "LINT-LIST", "lists/modes");
        buf_release(&told);
        arena_free(arena);
    }
}

static int32_t day(const char *text) {
    int32_t out;
    assert_true(day_parse(text_of(text), &out));
    return out;
}

static void a_code_is_valid_on_its_days(void **state) {
    static const char source[] = "B \"乙\" \"b\"\n"
                                 "A \"旧\" \"old\" until 2020-01-01\n"
                                 "A \"新\" \"new\" from 2021-01-01 until 2022-01-01\n"
                                 "A \"再\" \"again\" from 2022-01-01\n";
    static const struct {
        const char *code, *day, *zh, *en;
    } asked[] = {
        { "A", "1990-01-01", "旧", "old" },   { "A", "2019-12-31", "旧", "old" },
        { "A", "2020-01-01", NULL, NULL },    { "A", "2020-12-31", NULL, NULL },
        { "A", "2021-01-01", "新", "new" },   { "A", "2021-12-31", "新", "new" },
        { "A", "2022-01-01", "再", "again" }, { "A", "2999-01-01", "再", "again" },
        { "B", "2020-06-01", "乙", "b" },     { "C", "2020-06-01", NULL, NULL },
        { "", "2020-06-01", NULL, NULL },     { "AA", "2022-06-01", NULL, NULL },
    };
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    struct codelists *lists = codelists_new(arena);
    lists_load(lists, "letters", text_of(source), "lists/letters", arena, &verdict);
    assert_int_equal(verdict.count, 0);
    const struct codelist *list = codelists_find(lists, TEXT("letters"));
    assert_non_null(list);
    for (size_t i = 0; i < COUNT(asked); i++) {
        struct text code = text_of(asked[i].code);
        assert_int_equal(codelist_has(list, code, day(asked[i].day)), asked[i].zh != NULL);
        const char *zh = codelist_name_of(list, code, day(asked[i].day), LANGUAGE_ZH);
        const char *en = codelist_name_of(list, code, day(asked[i].day), LANGUAGE_EN);
        assert_int_equal(zh != NULL, asked[i].zh != NULL);
        if (zh) {
            assert_string_equal(zh, asked[i].zh);
            assert_string_equal(en, asked[i].en);
        }
    }
    assert_null(codelists_find(lists, TEXT("letter")));
    assert_string_equal(codelists_nearest(lists, TEXT("leters")), "letters");
    arena_free(arena);
}

static void names_and_numbers_of_lists_have_limits(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    struct codelists *lists = codelists_new(arena);
    for (int i = 0; i < CODELISTS_MAX; i++) {
        lists_load(lists, arena_printf(arena, "l%d", i), TEXT("A \"甲\" \"a\""), "lists/l", arena, &verdict);
    }
    assert_int_equal(verdict.count, 0);
    lists_load(lists, "more", TEXT("A \"甲\" \"a\""), "lists/more", arena, &verdict);
    assert_int_equal(verdict.count, 1);
    lists_load(lists, "l1", TEXT("A \"甲\" \"a\""), "lists/l1", arena, &verdict);
    lists_load(lists, "with-hyphen", TEXT("A \"甲\" \"a\""), "lists/with-hyphen", arena, &verdict);
    lists_load(lists, "", TEXT("A \"甲\" \"a\""), "lists/", arena, &verdict);
    assert_int_equal(verdict.count, 4);
    arena_free(arena);
}

static void a_list_holds_so_many_codes(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    struct buf source;
    buf_init(&source, 8 << 20);
    for (int i = 0; i <= CODELIST_CODES_MAX; i++) {
        buf_printf(&source, "%d \"码\" \"c\"\n", i);
    }
    verdict_init(&verdict, arena);
    struct codelists *lists = codelists_new(arena);
    lists_load(lists, "many", buf_text(&source), "lists/many", arena, &verdict);
    assert_int_equal(verdict.count, 1);
    assert_int_equal(verdict.findings[0].place.line, CODELIST_CODES_MAX + 1);
    assert_true(codelist_has(codelists_find(lists, TEXT("many")), TEXT("99999"), 0));
    assert_false(codelist_has(codelists_find(lists, TEXT("many")), TEXT("100000"), 0));
    buf_release(&source);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(a_code_is_valid_on_its_days),
        cmocka_unit_test(names_and_numbers_of_lists_have_limits),
        cmocka_unit_test(a_list_holds_so_many_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
