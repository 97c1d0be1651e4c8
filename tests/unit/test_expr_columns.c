/*
 * test_expr_columns.c - what a sentence says of a row does not depend on the rows beside it, nor on what was
 * asked of the columns before: of every pair of values, beside others that bring a column to another scale or
 * beyond 64 bits, each row says what it says alone.
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

static const char dictionary[] = "item        group    项    item\n"
                                 "item.a      decimal  甲    a\n"
                                 "item.b      decimal  乙    b\n"
                                 "item.code   text     代码  code\n";

static const char *const sentences[] = {
    "item.a < item.b",
    "item.a = item.b",
    "item.a - item.b <= 0.01",
    "item.a + item.b = item.b + item.a and item.a + item.b >= item.a",
    "abs(item.a * item.b - item.b) <= item.a * 0.0001",
    "abs(-item.a) = abs(item.a) and -item.a <= item.b",
    "item.a * item.b * item.a > 1",
    "round(item.a, 2) = item.a",
    "item.a in (1, 2.50, 9223372036854775807)",
    "substr(item.code, 1, 2) in (\"AB\", \"12\") and length(item.code) > 2",
    "matches(item.code, \"999\") or item.a > 5",
};

/* NULL: absent; "?": ill. 19 digits and more, and scales up to the last, go beyond a narrow column. */
static const char *const numbers[] = {
    "0",    "1",       "2.5",
    "-1",   "10.25",   "99999999999999.99",
    NULL,   "?",       "0.000000000000000001",
    "-0.5", "no text", "9223372036854775807",
    "2.50", "1e3",     "-9223372036854775808",
    "",     "3",       "1234567890123456789012345678901234",
};
static const char *const codes[] = { "ABC", "ABC", "123", "", NULL, "?", "12", "AB毛" };

static struct arena *arena;
static const struct fields *fields;
static struct verdict verdict;

static int set_up(void **state) {
    arena = arena_new();
    verdict_init(&verdict, arena);
    fields = dictionary_load(text_of(dictionary), "fields", arena, &verdict);
    assert_int_equal(verdict.count, 0);
    return 0;
}

static int tear_down(void **state) {
    arena_free(arena);
    return 0;
}

struct line {
    const char *a, *b, *code;
};

static void add(struct document *doc, const char *field, uint32_t row, const char *value) {
    if (value) {
        document_add(doc, fields_find(fields, text_of(field)), row, text_of(value), *value == '?',
                     (struct origin){ 0 });
    }
}

static struct document *document(const struct line *lines, uint32_t count, struct arena *one) {
    struct document *doc = document_new(fields, one);
    for (uint32_t row = 0; row < count; row++) {
        add(doc, "item.a", row, lines[row].a);
        add(doc, "item.b", row, lines[row].b);
        add(doc, "item.code", row, lines[row].code);
    }
    document_set_rows(doc, fields_find(fields, TEXT("item"))->id, count);
    return doc;
}

static const struct expr *compile(const char *source) {
    struct expr_source at = { .file = "rules", .text = text_of(source), .line = 1, .column = 1 };
    const struct expr *expr = expr_compile(at, (struct expr_scope){ fields, NULL, NULL },
                                           fields_find(fields, TEXT("item")), arena, &verdict);
    if (!expr) {
        fail_msg("%s: %s", source, verdict.findings[0].en);
    }
    return expr;
}

static enum truth alone(const struct expr *expr, const struct line *line, struct arena *one) {
    arena_reset(one);
    struct expr_context context = { .doc = document(line, 1, one), .arena = one };
    return expr_holds(expr, &context);
}

enum { LINES = COUNT(numbers) * COUNT(numbers) }; /* more than some blocks, the last of them not full */

static void a_row_says_what_it_says_alone(void **state) {
    static struct line lines[LINES];
    struct arena *all = arena_new(), *one = arena_new();
    for (size_t i = 0; i < LINES; i++) {
        lines[i] = (struct line){ numbers[i / COUNT(numbers)], numbers[i % COUNT(numbers)],
                                  codes[i % COUNT(codes)] };
    }
    struct document *doc = document(lines, LINES, all);
    struct expr_context context = { .doc = doc, .arena = all, .columns = expr_columns_new(doc, all) };
    for (size_t s = 0; s < COUNT(sentences); s++) {
        const struct expr *expr = compile(sentences[s]);
        size_t seen[3] = { 0 };
        for (uint32_t row = 0; row < LINES; row++) {
            context.row = row - row % EXPR_ROWS_MAX;
            struct expr_truths truths = expr_truths(expr, &context, UINT64_MAX);
            uint64_t bit = UINT64_C(1) << row % EXPR_ROWS_MAX;
            enum truth together = truths.yes & bit  ? TRUTH_TRUE
                                  : truths.no & bit ? TRUTH_FALSE
                                                    : TRUTH_UNKNOWN;
            context.row = row; /* a block may begin anywhere */
            if (alone(expr, &lines[row], one) != together || expr_holds(expr, &context) != together) {
                fail_msg("%s of %s, %s, %s", sentences[s], lines[row].a ? lines[row].a : "(none)",
                         lines[row].b ? lines[row].b : "(none)", lines[row].code ? lines[row].code : "");
            }
            seen[together]++;
        }
        assert_true(seen[TRUTH_TRUE] && seen[TRUTH_UNKNOWN]);
    }
    arena_free(all);
    arena_free(one);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_row_says_what_it_says_alone) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
