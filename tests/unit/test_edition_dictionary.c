/* test_edition_dictionary.c - the dictionary: what is read, and what is told of what cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "message/fields.h"
#include "edition/dictionary.h"
#include "told.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *source, *told;
} cases[] = {
    { "a text \"甲\" \"A\"\nb code \"乙\" \"B\" wco 131 list units\nc flag \"丙\" \"C\" known", "" },
    { "item group \"项\" \"item\"\n  item.number decimal \"序号\" \"number\" wco D006", "" },
    { "a text \"甲\"", "1:11 expected NAME TYPE \"zh\" \"en\" [OPTION ...]\n" },
    { "a\nb text \"乙\" \"B\"\n", "1:2 expected NAME TYPE \"zh\" \"en\" [OPTION ...]\n" },
    { "a txet \"甲\" \"A\"", "1:3 there is no type txet (did you mean text?)\n" },
    { "a wrong \"甲\" \"A\"", "1:3 there is no type wrong\n" },
    { "a text \"甲\" \"A\"\na text \"甲\" \"A\"", "2:1 the field a is defined twice\n" },
    { "A text \"甲\" \"A\"",
      "1:1 a field name has lower-case letters, digits and _, at most one dot, and no more than 64 bytes\n" },
    { "1a text \"甲\" \"A\"",
      "1:1 a field name has lower-case letters, digits and _, at most one dot, and no more than 64 bytes\n" },
    { "a.b.c text \"甲\" \"A\"",
      "1:1 a field name has lower-case letters, digits and _, at most one dot, and no more than 64 bytes\n" },
    { "a. text \"甲\" \"A\"",
      "1:1 a field name has lower-case letters, digits and _, at most one dot, and no more than 64 bytes\n" },
    { "item.number decimal \"序号\" \"number\"", "1:1 the group item must stand before its fields\n" },
    { "item text \"项\" \"item\"\nitem.number decimal \"序号\" \"number\"",
      "2:1 the group item must stand before its fields\n" },
    { "a group \"甲\" \"A\"\na.b group \"乙\" \"B\"", "2:1 a group cannot stand in a group\n" },
    { "a text \"甲\" \"A\" wco",
      "1:16 expected form token|capitals (of a text or code), wco ID, list LIST (of a code), open (of a date) or known\n" },
    { "a text \"甲\" \"A\" list units",
      "1:16 expected form token|capitals (of a text or code), wco ID, list LIST (of a code), open (of a date) or known\n" },
    { "a text \"甲\" \"A\" konwn",
      "1:16 expected form token|capitals (of a text or code), wco ID, list LIST (of a code), open (of a date) or known\n" },
    { "a text \"甲\" \"A\" form tokens",
      "1:16 expected form token|capitals (of a text or code), wco ID, list LIST (of a code), open (of a date) or known\n" },
    { "a date \"甲\" \"A\" form token",
      "1:16 expected form token|capitals (of a text or code), wco ID, list LIST (of a code), open (of a date) or known\n" },
    { "a text \"甲\" \"A\" open",
      "1:16 expected form token|capitals (of a text or code), wco ID, list LIST (of a code), open (of a date) or known\n" },
    { "a text \"甲\" \"A\" form token\nb code \"乙\" \"B\" form capitals list units\nc text \"丙\" \"C\" wco D005 form token",
      "" },
    { "a date \"甲\" \"A\" open known", "" },
    { "a text \"甲 \"A\"", "1:13 this line cannot be read: a quote is opened and not closed in this line\n" },
};

static void mistakes_are_told(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct verdict verdict;
        struct buf told;
        buf_init(&told, 4096);
        verdict_init(&verdict, arena);
        assert_non_null(dictionary_load(text_of(cases[i].source), "fields", arena, &verdict));
        tell_mistakes(&verdict, &told);
        assert_string_equal(told.at, cases[i].told);
        assert_mistakes_complete(&verdict, "LINT-FIELDS", "fields");
        buf_release(&told);
        arena_free(arena);
    }
}

static const char dictionary[] = "gross_weight  decimal  \"毛重\"  \"gross weight\"  wco 131\n"
                                 "net_weight    decimal  \"净重\"  \"net weight\"\n"
                                 "ie_flag       code     \"进出口\" \"import or export\" list directions\n"
                                 "arrived_at    moment   \"到港\"  \"arrived\"  known\n"
                                 "item          group    \"项\"    \"item\"\n"
                                 "item.hs_code  text     \"编码\"  \"commodity code\"\n";

static void fields_are_found(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    const struct fields *fields = dictionary_load(text_of(dictionary), "fields", arena, &verdict);
    assert_int_equal(fields_count(fields), 6);
    for (int id = 0; id < 6; id++) {
        assert_int_equal(fields_at(fields, id)->id, id);
        assert_ptr_equal(fields_find(fields, text_of(fields_at(fields, id)->name)), fields_at(fields, id));
    }
    const struct field *weight = fields_find(fields, TEXT("gross_weight"));
    assert_int_equal(weight->type, FIELD_DECIMAL);
    assert_string_equal(weight->zh, "毛重");
    assert_string_equal(weight->en, "gross weight");
    assert_string_equal(weight->wco, "131");
    assert_int_equal(weight->group, -1);
    assert_false(weight->known);
    assert_string_equal(fields_find(fields, TEXT("ie_flag"))->list, "directions");
    assert_true(fields_find(fields, TEXT("arrived_at"))->known);
    assert_int_equal(fields_find(fields, TEXT("item.hs_code"))->group, fields_find(fields, TEXT("item"))->id);
    assert_null(fields_find(fields, TEXT("item.hs")));
    assert_null(fields_find(fields, TEXT("")));
    arena_free(arena);
}

static void the_nearest_is_meant(void **state) {
    static const struct {
        const char *wanted, *nearest;
    } wishes[] = {
        { "net_wieght", "net_weight" },
        { "netweight", "net_weight" },
        { "gros_weight", "gross_weight" },
        { "hs_code", "item.hs_code" },
        { "item.hs_cod", "item.hs_code" },
        { "ie_falg", "ie_flag" },
        { "completely_else", NULL },
        { "x", NULL },
        { "", NULL },
        { "a_name_longer_than_any_field_may_be_and_than_what_is_compared_at_all", NULL },
    };
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    const struct fields *fields = dictionary_load(text_of(dictionary), "fields", arena, &verdict);
    for (size_t i = 0; i < COUNT(wishes); i++) {
        const struct field *nearest = fields_nearest(fields, text_of(wishes[i].wanted));
        if (wishes[i].nearest) {
            assert_non_null(nearest);
            assert_string_equal(nearest->name, wishes[i].nearest);
        } else {
            assert_null(nearest);
        }
    }
    arena_free(arena);
}

static size_t load_many(size_t count, size_t *mistakes) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    struct buf source;
    buf_init(&source, 1 << 20);
    verdict_init(&verdict, arena);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&source, "f%zu text \"字\" \"f\"\n", i);
    }
    size_t loaded = fields_count(dictionary_load(buf_text(&source), "fields", arena, &verdict));
    *mistakes = verdict.count;
    buf_release(&source);
    arena_free(arena);
    return loaded;
}

static void the_dictionary_has_a_limit(void **state) {
    size_t mistakes;
    assert_int_equal(load_many(FIELDS_MAX, &mistakes), FIELDS_MAX);
    assert_int_equal(mistakes, 0);
    assert_int_equal(load_many(FIELDS_MAX + 1, &mistakes), FIELDS_MAX);
    assert_int_equal(mistakes, 1);
}

static void names_have_a_limit(void **state) {
    for (int length = FIELD_NAME_MAX; length <= FIELD_NAME_MAX + 1; length++) {
        struct arena *arena = arena_new();
        struct verdict verdict;
        verdict_init(&verdict, arena);
        const char *source = arena_printf(arena, "%0*d text \"字\" \"f\"\n", length, 0);
        for (char *c = (char *)source; *c == '0'; c++) {
            *c = 'n';
        }
        dictionary_load(text_of(source), "fields", arena, &verdict);
        assert_int_equal(verdict.count, length > FIELD_NAME_MAX);
        arena_free(arena);
    }
}

static void our_dictionary_has_no_mistakes(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    struct buf source, told;
    buf_init(&source, 1 << 20);
    buf_init(&told, 1 << 16);
    verdict_init(&verdict, arena);
    assert_int_equal(file_read(SOURCE_DIR "/schemas/fields", &source), STATUS_OK);
    assert_true(fields_count(dictionary_load(buf_text(&source), "fields", arena, &verdict)) > 100);
    tell_mistakes(&verdict, &told);
    assert_string_equal(told.at, "");
    buf_release(&told);
    buf_release(&source);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_told),    cmocka_unit_test(fields_are_found),
        cmocka_unit_test(the_nearest_is_meant), cmocka_unit_test(the_dictionary_has_a_limit),
        cmocka_unit_test(names_have_a_limit),   cmocka_unit_test(our_dictionary_has_no_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
