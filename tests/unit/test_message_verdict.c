/* Findings: copied, counted beyond what is kept, sorted by place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message/envelope.h"
#include "message/verdict.h"

static struct place at(uint32_t line, uint32_t column) {
    return (struct place){ .line = line, .column = column };
}

static void test_strings_are_copied_and_never_null(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    char code[] = "D01";
    verdict_add(&verdict, &(struct finding){ .code = code, .severity = SEVERITY_WARNING, .en = "odd" });
    code[0] = 'X';
    const struct finding *finding = &verdict.findings[0];
    assert_string_equal(finding->code, "D01");
    assert_string_equal(finding->en, "odd");
    const char *empty[] = { finding->path, finding->zh, finding->hint_zh, finding->hint_en, finding->file };
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        assert_string_equal(empty[i], "");
    }
    arena_free(arena);
}

static void test_both_languages_get_the_same_arguments(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    verdict_say(&verdict, "D01", SEVERITY_ERROR, at(3, 4), "/a", "毛重 %s 小于净重 %d",
                "gross %s is less than net %d", "10", 12);
    verdict_lint(&verdict, "LINT-EXPR", "rules", 7, 8, "缺 %s", "%s is missing", "x");
    assert_string_equal(verdict.findings[0].zh, "毛重 10 小于净重 12");
    assert_string_equal(verdict.findings[0].en, "gross 10 is less than net 12");
    assert_string_equal(verdict.findings[1].file, "rules");
    assert_int_equal(verdict.findings[1].place.column, 8);
    assert_int_equal(verdict.findings[1].severity, SEVERITY_ERROR);
    arena_free(arena);
}

/* case 645: the same mistake told as a warning first stayed one, and what must refuse passed. */
static void test_the_same_mistake_stands_once_at_its_worst(void **state) {
    static const enum severity told[] = { SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_WARNING };
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        verdict_add(
            &verdict,
            &(struct finding){ .code = "LINT-PARTY", .severity = told[i], .file = "parties", .en = "odd" });
    }
    assert_int_equal(verdict.count, 1);
    assert_int_equal(verdict.findings[0].severity, SEVERITY_ERROR);
    assert_int_equal(verdict.errors, 1);
    assert_int_equal(verdict.warnings, 0);
    assert_false(verdict_passes(&verdict));
    arena_free(arena);
}

static void test_only_errors_refuse(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    verdict_say(&verdict, "A", SEVERITY_OBSERVE, at(1, 1), "", "甲", "a");
    verdict_say(&verdict, "B", SEVERITY_WARNING, at(1, 1), "", "乙", "b");
    assert_true(verdict_passes(&verdict));
    verdict_say(&verdict, "C", SEVERITY_ERROR, at(1, 1), "", "丙", "c");
    assert_false(verdict_passes(&verdict));
    assert_int_equal(verdict.observed + verdict.warnings + verdict.errors, 3);
    arena_free(arena);
}

static void test_beyond_the_limit_findings_are_counted_not_kept(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    for (int i = 0; i < VERDICT_FINDINGS_MAX; i++) {
        verdict_say(&verdict, "W", SEVERITY_WARNING, at(1, (uint32_t)i), "", "第 %d", "number %d", i);
    }
    assert_true(verdict_passes(&verdict));
    verdict_say(&verdict, "E", SEVERITY_ERROR, at(1, 1), "", "多", "more");
    verdict_lint(&verdict, "E", "f", 1, 1, "多", "more");
    assert_int_equal(verdict.count, VERDICT_FINDINGS_MAX);
    assert_int_equal(verdict.errors, 2);
    assert_false(verdict_passes(&verdict));
    assert_string_equal(verdict.findings[197].en, "number 197");
    arena_free(arena);
}

/* Case 242: what refuses is told, however many warnings were there before it. */
static void test_an_error_is_kept_before_warnings(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    for (int i = 0; i < VERDICT_FINDINGS_MAX; i++) {
        verdict_say(&verdict, "W", SEVERITY_WARNING, at(1, (uint32_t)i), "", "第 %d", "number %d", i);
    }
    assert_false(verdict_keeps(&verdict, SEVERITY_WARNING));
    for (int i = 0; i < VERDICT_FINDINGS_MAX; i++) {
        assert_true(verdict_keeps(&verdict, SEVERITY_ERROR));
        verdict_say(&verdict, "E", SEVERITY_ERROR, at(2, (uint32_t)i), "", "错 %d", "error %d", i);
    }
    assert_false(verdict_keeps(&verdict, SEVERITY_ERROR));
    verdict_say(&verdict, "E", SEVERITY_ERROR, at(3, 1), "", "多", "more");
    assert_int_equal(verdict.count, VERDICT_FINDINGS_MAX);
    assert_int_equal(verdict.errors, VERDICT_FINDINGS_MAX + 1);
    assert_int_equal(verdict.warnings, VERDICT_FINDINGS_MAX);
    assert_string_equal(verdict.findings[199].en, "error 0");
    assert_string_equal(verdict.findings[0].en, "error 199");
    arena_free(arena);
}

static void test_sorted_by_place_then_code_then_as_made(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    static const struct {
        const char *code, *en;
        uint32_t line, column;
    } made[] = {
        { "D02", "5", 9, 1 }, { "D02", "3", 2, 7 }, { "D01", "2", 2, 7 },
        { "D02", "4", 2, 7 }, { "D09", "1", 2, 3 },
    };
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        verdict_say(&verdict, made[i].code, SEVERITY_ERROR, at(made[i].line, made[i].column), "", "%s", "%s",
                    made[i].en);
    }
    verdict_sort(&verdict);
    for (size_t i = 0; i < verdict.count; i++) {
        assert_int_equal(verdict.findings[i].en[0] - '1', i);
    }
    arena_free(arena);
}

static void test_a_copy_outlives_what_it_was_copied_from(void **state) {
    struct arena *arena = arena_new(), *scratch = arena_new();
    struct verdict verdict, copy;
    verdict_init(&verdict, scratch);
    for (int i = 0; i < VERDICT_FINDINGS_MAX + 3; i++) {
        verdict_say(&verdict, "D01", i % 2 ? SEVERITY_ERROR : SEVERITY_WARNING, at(1, (uint32_t)i + 1), "/a",
                    "第 %d", "number %d", i);
    }
    verdict_copy(&verdict, arena, &copy);
    arena_free(scratch);
    assert_int_equal(copy.count, VERDICT_FINDINGS_MAX);
    assert_int_equal(copy.errors + copy.warnings, VERDICT_FINDINGS_MAX + 3);
    assert_string_equal(copy.findings[7].en, "number 7");
    assert_int_equal(copy.findings[7].place.column, 8);
    verdict_say(&copy, "D02", SEVERITY_ERROR, at(1, 1), "", "多", "more");
    assert_int_equal(copy.errors, verdict.errors + 1);
    arena_free(arena);
}

static void test_names_of_severities_and_channels(void **state) {
    enum severity severity;
    assert_true(severity_of(text_of("warning"), &severity));
    assert_int_equal(severity, SEVERITY_WARNING);
    assert_false(severity_of(text_of("Warning"), &severity));
    assert_string_equal(severity_text(SEVERITY_OBSERVE), "observe");
    struct envelope env = { .channel = "files" };
    assert_string_equal(envelope_channel(&env), "files");
    env.channel = NULL;
    assert_string_equal(envelope_channel(&env), "none");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings_are_copied_and_never_null),
        cmocka_unit_test(test_both_languages_get_the_same_arguments),
        cmocka_unit_test(test_only_errors_refuse),
        cmocka_unit_test(test_beyond_the_limit_findings_are_counted_not_kept),
        cmocka_unit_test(test_an_error_is_kept_before_warnings),
        cmocka_unit_test(test_the_same_mistake_stands_once_at_its_worst),
        cmocka_unit_test(test_sorted_by_place_then_code_then_as_made),
        cmocka_unit_test(test_a_copy_outlives_what_it_was_copied_from),
        cmocka_unit_test(test_names_of_severities_and_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
