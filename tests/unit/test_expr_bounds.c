/*
 * test_expr_bounds.c - what is said of all rows of a column at once is true of each of them: for every value,
 * alone and beside others, and every limit around it, no row of a sentence that is never false is false.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "expr/expr.h"
#include "edition/dictionary.h"
#include "told.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char dictionary[] = "item         group    项    item\n"
                                 "item.name    text     名称  name\n"
                                 "item.weight  decimal  重量  weight\n"
                                 "total        decimal  总重  total\n";

static struct arena *arena, *one; /* of the test; of one document */
static const struct fields *fields;
static struct codelists *lists;
static struct verdict verdict;

static int set_up(void **state) {
    arena = arena_new();
    one = arena_new();
    verdict_init(&verdict, arena);
    fields = dictionary_load(text_of(dictionary), "fields", arena, &verdict);
    assert_int_equal(verdict.count, 0);
    static struct code codes[] = {
        { .code = { "1234", 4 }, .from_day = INT32_MIN, .until_day = INT32_MAX },
        { .code = { "a", 1 }, .from_day = 1, .until_day = 10 },
        { .code = { "a", 1 }, .from_day = 20, .until_day = INT32_MAX },
        { .code = { "毛重", 6 }, .from_day = INT32_MIN, .until_day = 12 },
    };
    lists = codelists_new(arena);
    codelists_add(lists, "words", codes, COUNT(codes));
    return 0;
}

static int tear_down(void **state) {
    arena_free(arena);
    arena_free(one);
    return 0;
}

static const struct expr *compile(const char *source) {
    struct expr_source at = { .file = "rules", .text = text_of(source), .line = 1, .column = 1 };
    const struct expr *expr = expr_compile(at, (struct expr_scope){ fields, lists, NULL },
                                           fields_find(fields, TEXT("item")), arena, &verdict);
    if (!expr) {
        fail_msg("%s: %s", source, verdict.findings[0].en);
    }
    return expr;
}

static struct document *document(const char *field, const char *const *values, size_t count) {
    arena_reset(one);
    struct document *doc = document_new(fields, one);
    const struct field *entry = fields_find(fields, text_of(field));
    for (size_t row = 0; row < count; row++) {
        if (values[row]) {
            document_add(doc, entry, (uint32_t)row, text_of(values[row]), strchr(values[row], '?') != NULL,
                         (struct origin){ 0 });
        }
    }
    document_set_rows(doc, fields_find(fields, TEXT("item"))->id, (uint32_t)count);
    return doc;
}

static const struct expr_context *context_of(const struct document *doc, int32_t today) {
    static struct expr_context context;
    context = (struct expr_context){
        .doc = doc, .today = today, .arena = one, .columns = expr_columns_new(doc, one)
    };
    return &context;
}

static bool is_false_somewhere(const struct expr *expr, const struct document *doc, int32_t today,
                               size_t rows) {
    for (size_t row = 0; row < rows; row++) {
        struct expr_context context = { .doc = doc, .today = today, .row = (uint32_t)row, .arena = one };
        if (expr_holds(expr, &context) == TRUTH_FALSE) {
            return true;
        }
    }
    return false;
}

static const char *const names[] = { "",     "a",        "ab",        "毛", "毛重", "a毛",
                                     "1234", "12345678", "123456789", NULL, "?ill?" };
static const char *const weights[] = { "0",
                                       "1",
                                       "9",
                                       "10",
                                       "99",
                                       "100",
                                       "0.1",
                                       "0.12345",
                                       "0.123456",
                                       "9.99999",
                                       "-1",
                                       "-10",
                                       "-99.5",
                                       "-0.123456",
                                       "123456789012345678",
                                       "1234567890123456789",
                                       "99999999999999999999",
                                       NULL,
                                       "?12345?" };
/* # stands for the limit; the day of the lists is it, too. */
static const char *const of_names[] = {
    "length(item.name) <= #",
    "length(item.name) < #",
    "length(item.name) >= #",
    "exists item.name",
    "exists item.name and length(item.name) <= #",
    "exists item.weight or length(item.name) <= #",
    "not exists item.name",
    "item.name in words",
    "item.name not in words",
    "item.name in (\"a\", \"毛\") and length(item.name) < #",
};
static const char *const of_weights[] = {
    "item.weight < #",
    "item.weight <= #",
    "abs(item.weight) < #",
    "abs(item.weight) <= #",
    "item.weight > #",
    "item.weight >= #",
    "item.weight in (1, 10)",
    "item.weight = #",
    "abs(item.weight) > #",
    "-item.weight < #",
    "exists item.weight and item.weight > 0",
    "round(item.weight, 3) = item.weight",
    "item.weight + 1 < #",
    "round(item.weight, 5) = item.weight and item.weight < #",
    "not (item.weight < #)",
    "abs(item.weight) < # or item.weight = 1",
    "total < #",
};
static const int limits[] = { 0, 1, 2, 3, 4, 8, 9, 10, 11, 99, 100, 101, 1000 };

static const char *with_limit(const char *sentence, int limit) {
    const char *at = strchr(sentence, '#');
    return !at ? sentence : arena_printf(arena, "%.*s%d%s", (int)(at - sentence), sentence, limit, at + 1);
}

/* Each pair of values in two rows, with every limit in every sentence. Gives how many were never false. */
static size_t try_all(const char *field, const char *const *values, size_t count,
                      const char *const *sentences, size_t sentences_count) {
    size_t never = 0;
    for (size_t s = 0; s < sentences_count; s++) {
        for (size_t l = 0; l < COUNT(limits); l++) {
            const struct expr *expr = compile(with_limit(sentences[s], limits[l]));
            for (size_t i = 0; i < count * count; i++) {
                const char *const pair[] = { values[i / count], values[i % count] };
                const struct document *doc = document(field, pair, 2);
                bool spared = expr_never_false(expr, context_of(doc, limits[l]));
                never += spared;
                if (spared && is_false_somewhere(expr, doc, limits[l], 2)) {
                    fail_msg("%s is false of %s or %s", with_limit(sentences[s], limits[l]),
                             pair[0] ? pair[0] : "(none)", pair[1] ? pair[1] : "(none)");
                }
            }
        }
    }
    return never;
}

static void what_is_never_false_is_false_in_no_row(void **state) {
    assert_in_range(try_all("item.name", names, COUNT(names), of_names, COUNT(of_names)), 500, 100000);
    assert_in_range(try_all("item.weight", weights, COUNT(weights), of_weights, COUNT(of_weights)), 2000,
                    1000000);
}

/* What the field table says of most fields is what it is made for. */
static void ordinary_columns_are_spared(void **state) {
    static const char *const four[] = { "1.5", "20", "12345.67891", "3" };
    const struct document *doc = document("item.weight", four, 4);
    const struct expr_context *context = context_of(doc, 0);
    assert_true(expr_never_false(
        compile("round(item.weight, 5) = item.weight and abs(item.weight) < 100000000000000"), context));
    assert_false(expr_never_false(compile("round(item.weight, 4) = item.weight"), context));
    assert_true(expr_never_false(compile("item.weight <= 100000"), context));
    assert_true(expr_never_false(compile("item.weight <= 12345.67891"), context));
    assert_false(expr_never_false(compile("item.weight < 12345.67891"), context));
    assert_true(expr_never_false(compile("item.weight > 0"), context));
    assert_true(expr_never_false(compile("item.weight >= 1.5"), context));
    assert_false(expr_never_false(compile("item.weight > 1.5"), context));
    assert_true(expr_never_false(compile("exists item.weight"), context));
    assert_false(expr_never_false(compile("exists item.name"), context));
    assert_true(expr_never_false(compile("length(item.name) <= 0"), context)); /* there is none */
    static const char *const words[] = { "a", "1234", "a", NULL };
    doc = document("item.name", words, 4);
    assert_true(expr_never_false(compile("item.name in words"), context_of(doc, 9)));
    assert_false(expr_never_false(compile("item.name in words"), context_of(doc, 10)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_never_false_is_false_in_no_row),
        cmocka_unit_test(ordinary_columns_are_spared),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
