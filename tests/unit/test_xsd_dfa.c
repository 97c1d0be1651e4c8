/* Patterns as automata: what they accept, that they are minimal, and where they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "xsd/dfa.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const struct {
    const char *pattern, *accepted, *refused; /* values between bars */
    uint32_t states;                          /* with the dead one; 0: not looked at */
} cases[] = {
    { "", "", "a", 2 },
    { "a", "a", "|aa|b", 3 },
    { "[A-Z]{2,4}(-\\d{1,3})?", "AB|ABCD|AB-1|ABC-123", "A|ABCDE|AB-|AB-1234|ab|AB-x", 0 },
    { "x+y*|z", "x|xx|xyy|z", "|y|zz|xz", 0 },
    { "(a|b)*abb", "abb|aabb|babb|abbabb", "ab|abba|", 5 },
    { "[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])", "20261129|20240229", "20261329|20261100|2026112",
      0 },
    { ".*[^\\s].*", "a| a |中", "| |\t ", 0 },
    { ".", "a|中|\xF0\x9F\x9A\xA2", "|aa|\n|\r", 3 },
    { "[a-z-[aeiou]]+", "bcd", "bad|", 3 },
    { "[^a-c]+", "xyz|中", "xaz|", 3 },
    { "[\\-_.]+", "-_.", "a", 3 },
    { "中[文字]{1,2}", "中文|中文字", "中|文|中a", 0 },
    { "(ab){2}", "abab", "ab|ababab|abba", 6 },
    { "(a?){3}", "|a|aaa", "aaaa", 5 },
    { "a{0}b", "b", "ab|a", 3 },
    { "(a*)*", "|a|aaaa", "b", 0 },
    { "\\s\\S\\w\\W", " aa-|\tb1!", "aaaa| a1a", 0 },
    { "\\i\\c*", "a|_a-1|:x", "1|-", 0 },
    { "\\p{L}\\p{Nd}", "A1|z9", "11|AA", 0 },
    { "\\P{L}", "1|-", "A", 0 },
    /* case 423: classes beyond ASCII; a letter of Unicode 9 is one to some and not to others */
    { "\\d", "0|9|\xD9\xA1", "a|中", 3 },
    { "[\\d€]", "1|€|\xD9\xA1", "a|中", 3 },
    { "\\p{L}+", "a|海岬|é", "1|海1|。|\xF0\x9E\xA4\x80", 3 },
    { "\\P{L}", "1|。", "海|\xF0\x9E\xA4\x80", 3 },
    { "\\w+", "海a1", "。|海。|\xF0\x9E\xA4\x80", 3 },
    { "\\W", "。|-", "海", 3 },
    { "[\\p{L}-[a-z]]+", "海A", "a|1", 3 },
    { "\\p{Lu}\\p{P}\\p{S}\\p{Z}", "A。€ ", "a。€ ", 0 },
    /* case 435: of what is known in ASCII only, the opposite is known there only */
    { "\\P{Lu}", "a|1", "A|É|海", 0 },
    { "[^\\p{Ll}]", "A|1", "a|é|海", 0 },
    { "[^a]", "b|`|海", "a", 3 },
    { "\\n\\t\\r\\.\\\\\\?", "\n\t\r.\\?", "n", 0 },
};

static const struct dfa *make(const char *pattern, struct arena *arena, enum obstacle_kind *why) {
    const struct regex_node *tree = regex_read(text_of(pattern), arena);
    if (!tree) {
        fail_msg("%s is not read", pattern);
    }
    return dfa_of(tree, arena, why);
}

static void expect(const struct dfa *dfa, const char *pattern, const char *values, bool accepted) {
    for (struct text rest = text_of(values); rest.at;) {
        struct text value = text_until(&rest, '|');
        if (dfa_accepts(dfa, value) != accepted) {
            fail_msg("%s: '" TEXT_FORMAT "' should %sbe accepted", pattern, TEXT_ARGS(value),
                     accepted ? "" : "not ");
        }
    }
}

static void test_cases(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        enum obstacle_kind why;
        const struct dfa *dfa = make(cases[i].pattern, arena, &why);
        assert_non_null(dfa);
        expect(dfa, cases[i].pattern, cases[i].accepted, true);
        expect(dfa, cases[i].pattern, cases[i].refused, false);
        if (cases[i].states && dfa->states != cases[i].states) {
            fail_msg("%s has %u states, not %u", cases[i].pattern, dfa->states, cases[i].states);
        }
        arena_free(arena);
    }
}

static void test_limits(void **state) {
    static const struct {
        const char *pattern;
        enum obstacle_kind why;
    } large[] = {
        { "a{1024}", OBSTACLE_NONE },         { "a{1025}", OBSTACLE_PATTERN },
        { "(a{100}){11}", OBSTACLE_PATTERN }, { "((a{0,99}){0,99}){0,99}", OBSTACLE_PATTERN },
        { "(.*a){12}", OBSTACLE_NONE },       { "[ab]*a[ab]{12}", OBSTACLE_PATTERN }, /* 2^13 states */
        { "\\p{IsGreek}", OBSTACLE_CLASS },   { "a\\p{Mn}?", OBSTACLE_CLASS },
    };
    for (size_t i = 0; i < COUNT(large); i++) {
        struct arena *arena = arena_new();
        enum obstacle_kind why;
        const struct dfa *dfa = make(large[i].pattern, arena, &why);
        assert_int_equal(dfa == NULL, large[i].why != OBSTACLE_NONE);
        assert_int_equal(why, large[i].why);
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
