/* Patterns: which are refused, and that what is used instead means the same to libxml2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/xmlregexp.h>

#include "check/pattern.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *pattern, *refused, *use;
} cases[] = {
    /* what schemas are made of */
    { "[A-Z]{2}[A-Z2-9]{3}", NULL, NULL },
    { "([0-9])*", NULL, NULL },
    { "\\d{8,10}", NULL, NULL },
    { ".{1,3}", NULL, NULL },
    { "-?\\d{1,16}(\\.\\d{1,5})?", NULL, NULL },
    { "(20\\d{6})(\\d{6}(Z|[-+]\\d\\d))?", NULL, NULL },
    { "[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])", NULL, NULL },
    { "([a-z]+,)*[a-z]+", NULL, NULL },
    { "\\s*\\S+(\\s+\\S+)*\\s*", NULL, NULL },
    { "[a-z-[aeiou]]+", NULL, NULL },
    { "[^@]+@[^@]+", NULL, NULL },
    { "\\p{L}+@\\p{L}+", NULL, NULL },
    { "[A-Z]{1,3}[A-Z0-9]{0,12}", NULL, NULL },
    { "a{0,50}a{0,50}b", NULL, NULL },
    { "[0-9]{2000}", NULL, NULL },
    { "a|b|", NULL, NULL },
    { "", NULL, NULL },
    { "(((((){64}){64}){64}){64}){64}", NULL, NULL },
    /* A*BA* gets one way only */
    { ".*[^\\s].*", NULL, "[\\t ]*[^\\s].*" },
    { ".*\\S.*|X", NULL, "[\\t ]*\\S.*|X" },
    { "[a-c]+b[a-c]*", NULL, "[a-c]{1}[ac]*b[a-c]*" },
    { "[a-c]{2,}[bc][a-c]+", NULL, "[a-c]{2}[a]*[bc][a-c]+" },
    { "a*aa*", NULL, "aa*" },
    /* what runs for ever */
    { "(a|aa)+b", "overlapping", NULL },
    { "(.*a){12}", "overlapping", NULL },
    { "(a+)+", "overlapping", NULL },
    { "(a*)*", "overlapping", NULL },
    { "(a+)*b", "overlapping", NULL },
    { "a*a*b", "overlapping", NULL },
    { "(a|b|ab)*c", "overlapping", NULL },
    { "(\\d+\\d)*", "overlapping", NULL },
    { "([0-9]*)+x", "overlapping", NULL },
    { ".*a.*b.*", "overlapping", NULL },
    { "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaa", "overlapping", NULL },
    /* what is judged wrongly */
    { "(a{0,50}){0,50}b", "empty", NULL },
    { "(x?){40}x{40}", "empty", NULL },
    { "(a?){30}a{30}", "empty", NULL },
    /* what cannot be read */
    { "[", "read", NULL },
    { "a{3,2}", "read", NULL },
    { "(a", "read", NULL },
    { "a)", "read", NULL },
    { "*", "read", NULL },
    { "[z-a]", "read", NULL },
    { "\\q", "read", NULL },
    { "a{", "read", NULL },
    { "((((a{64}){64}){64}){64}){64}", "too large", NULL },
};

static void test_cases(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct pattern_opinion opinion = pattern_judge(text_of(cases[i].pattern), arena);
        const char *use = cases[i].use ? cases[i].use : cases[i].pattern;
        bool right = cases[i].refused ? opinion.en && strstr(opinion.en, cases[i].refused) && opinion.zh
                                      : !opinion.en && text_is(opinion.use, use);
        if (!right) {
            fail_msg("%s: %s, use " TEXT_FORMAT, cases[i].pattern, opinion.en ? opinion.en : "fine",
                     TEXT_ARGS(opinion.use));
        }
        arena_free(arena);
    }
}

static void test_deep_nesting_is_refused(void **state) {
    struct arena *arena = arena_new();
    char deep[4000];
    memset(deep, '(', 2000);
    memset(deep + 2000, ')', 2000);
    assert_non_null(pattern_judge((struct text){ deep, sizeof(deep) }, arena).en);
    arena_free(arena);
}

/* Every string of up to six letters: the replaced pattern accepts the same ones. */
static void test_replacements_mean_the_same(void **state) {
    static const char letters[] = "abc \t\n";
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (!cases[i].use) {
            continue;
        }
        xmlRegexpPtr one = xmlRegexpCompile(BAD_CAST cases[i].pattern),
                     other = xmlRegexpCompile(BAD_CAST cases[i].use);
        assert_true(one && other);
        unsigned accepted = 0;
        for (unsigned number = 0; number < 7 * 7 * 7 * 7 * 7 * 7; number++) {
            xmlChar text[7] = { 0 };
            size_t length = 0;
            for (unsigned rest = number; rest % 7; rest /= 7) {
                text[length++] = (xmlChar)letters[rest % 7 - 1];
            }
            int a = xmlRegexpExec(one, text), b = xmlRegexpExec(other, text);
            accepted += a == 1;
            if (a != b) {
                fail_msg("%s and %s differ on '%s'", cases[i].pattern, cases[i].use, (const char *)text);
            }
        }
        assert_true(accepted > 0);
        xmlRegFreeRegexp(one);
        xmlRegFreeRegexp(other);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_deep_nesting_is_refused),
        cmocka_unit_test(test_replacements_mean_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
