/* The codes of ours: each stands for something, in both languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "message/finding_code.h"

static bool has_chinese(const char *string) {
    for (const char *at = string, *end = at + strlen(at); at < end;) {
        int32_t character = text_next(&at, end);
        if (character >= 0x4E00 && character <= 0x9FFF) {
            return true;
        }
    }
    return false;
}

static void test_each_stands_for_something_in_both_languages(void **state) {
    const struct finding_meaning *meaning;
    size_t count = 0;
    for (; (meaning = finding_meaning_at(count)); count++) {
        assert_true(has_chinese(meaning->zh) && *meaning->en && !has_chinese(meaning->en));
        assert_false(has_chinese(meaning->explanation_en) || has_chinese(meaning->basis));
        assert_int_equal(*meaning->explanation_zh == '\0', *meaning->explanation_en == '\0');
        assert_ptr_equal(finding_meaning_find(meaning->code), meaning); /* and none stands twice */
    }
    assert_true(count > 100);
}

static void test_codes_of_a_standard_name_its_clause(void **state) {
    const struct finding_meaning *meaning;
    for (size_t i = 0; (meaning = finding_meaning_at(i)); i++) {
        struct text code = text_of(meaning->code);
        bool own = strcmp(meaning->code, "XSD-MANY") == 0 || strcmp(meaning->code, "XSD-VALUES") == 0
                   || strcmp(meaning->code, "XSD-INTERNAL") == 0;
        if (text_starts(code, "XSD-") || text_starts(code, "XML-")) {
            assert_int_equal(*meaning->basis == '\0', own);
        }
    }
}

static void test_what_is_none_of_ours(void **state) {
    assert_null(finding_meaning_find("D01"));
    assert_null(finding_meaning_find(""));
    assert_null(finding_meaning_find("xsd-pattern"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_stands_for_something_in_both_languages),
        cmocka_unit_test(test_codes_of_a_standard_name_its_clause),
        cmocka_unit_test(test_what_is_none_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
