/*
 * test_expr_expr.c - the language of experts: what expressions are worth on one small declaration, what is
 * told of those that cannot be, and where its limits are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/stamp.h"
#include "expr/expr.h"
#include "edition/dictionary.h"
#include "edition/lists.h"
#include "document_kit.h"
#include "expr_cases.h"
#include "told.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct setting {
    struct arena *arena;
    const struct fields *fields;
    struct codelists *lists;
    struct document *doc;
    struct verdict verdict;
};

static void set(struct setting *setting) {
    setting->arena = arena_new();
    verdict_init(&setting->verdict, setting->arena);
    setting->fields = dictionary_load(text_of(expr_dictionary), "fields", setting->arena, &setting->verdict);
    setting->lists = codelists_new(setting->arena);
    lists_load(setting->lists, "directions", text_of(expr_directions), "lists/directions", setting->arena,
               &setting->verdict);
    lists_load(setting->lists, "units", text_of(expr_units), "lists/units", setting->arena,
               &setting->verdict);
    assert_int_equal(setting->verdict.count, 0);
    setting->doc = document_of(expr_declaration, setting->fields, setting->arena);
}

static const struct expr *compile(struct setting *setting, const char *source, const char *each) {
    struct expr_source at = { .file = "rules", .text = text_of(source), .line = 7, .column = 11 };
    struct expr_scope scope = { setting->fields, setting->lists, NULL };
    const struct field *group = each ? fields_find(setting->fields, text_of(each)) : NULL;
    return expr_compile(at, scope, group, setting->arena, &setting->verdict);
}

static int32_t today(void) {
    return day_of(2026, 10, 31);
}

static void expressions_have_values(void **state) {
    for (size_t i = 0; i < COUNT(expr_values); i++) {
        struct setting setting;
        set(&setting);
        const struct expr *expr = compile(&setting, expr_values[i].source, NULL);
        if (!expr_values[i].value) {
            assert_null(expr);
            arena_free(setting.arena);
            continue;
        }
        if (!expr) {
            fail_msg("%s: %s", expr_values[i].source, setting.verdict.findings[0].en);
        }
        struct expr_context context = { .doc = setting.doc, .today = today(), .arena = setting.arena };
        struct text value;
        const char *is = expr_value(expr, &context, &value) ? arena_copy(setting.arena, value) : EXPR_UNKNOWN;
        if (strcmp(is, expr_values[i].value) != 0) {
            fail_msg("%s is %s and should be %s", expr_values[i].source, is, expr_values[i].value);
        }
        if (expr_type(expr) == EXPR_FLAG) {
            enum truth truth = expr_holds(expr, &context);
            assert_string_equal(truth == TRUTH_TRUE    ? "true"
                                : truth == TRUTH_FALSE ? "false"
                                                       : EXPR_UNKNOWN,
                                expr_values[i].value);
        }
        arena_free(setting.arena);
    }
}

/* The source begins at line 7, column 11. */
static const struct {
    const char *source, *told;
} mistakes[] = {
    { "", "7:11 the expression ends here, and a value is expected\n" },
    { "gross_weight >= net_wieght", "7:27 there is no field net_wieght (did you mean net_weight?)\n" },
    { "毛 = 1", "7:11 the character 毛 cannot stand in an expression\n" },
    { "gross_weight ≥ 1", "7:24 the character ≥ cannot stand in an expression\n" },
    { "name = \"毛重\" and 1", "7:27 and needs true or false, and this is a number\n" },
    { "1 and true", "7:11 and needs true or false, and this is a number\n" },
    { "true or bill", "7:19 or needs true or false, and this is a text\n" },
    { "not bill", "7:11 not needs true or false, and this is a text\n" },
    { "gross_weight", "" },
    { "gross_weight == 1", "7:24 an operator or the end is expected here, not == (did you mean =?)\n" },
    { "yes && no", "7:15 an operator or the end is expected here, not && (did you mean and?)\n" },
    { "yes || no", "7:15 an operator or the end is expected here, not || (did you mean or?)\n" },
    { "yes AND no", "7:15 an operator or the end is expected here, not AND (did you mean and?)\n" },
    { "!yes", "7:11 a value is expected here, not ! (did you mean not?)\n" },
    { "net_weight <> 1", "7:22 an operator or the end is expected here, not <> (did you mean !=?)\n" },
    { "bill = 'x'", "7:18 a value is expected here, not ' (did you mean \"text\"?)\n" },
    { "gross_weight / 2", "7:24 an operator or the end is expected here, not /\n" },
    { "bill = \"x", "7:18 this quote is not closed\n" },
    { "bill = \"x\ny\"", "7:18 this quote is not closed\n" },
    { "1 < net_weight < 3", "7:26 comparisons cannot be chained (did you mean a < b and b < c?)\n" },
    { "ie_flag = 2", "7:21 = needs a text, and this is a number (did you mean \"2\"?)\n" },
    { "gross_weight > \"2\"", "7:26 > needs a number, and this is a text\n" },
    { "made_on > arrived", "7:21 > needs a day, and this is a moment\n" },
    { "bill < \"x\"", "7:16 only = and != compare these, not <\n" },
    { "yes > no", "7:15 only = and != compare these, not >\n" },
    { "bill + 1", "7:16 + does not join a text and a number\n" },
    { "made_on + made_on", "7:19 + does not join a day and a day\n" },
    { "arrived + 1", "7:19 + does not join a moment and a number\n" },
    { "bill * 2", "7:16 * needs a number, and this is a text\n" },
    { "2 * bill", "7:13 * needs a number, and this is a text\n" },
    { "-bill", "7:11 - needs a number, and this is a text\n" },
    { "(yes", "7:15 the expression ends here, and ) is expected\n" },
    { "yes)", "7:14 an operator or the end is expected here, not )\n" },
    { "yes no", "7:15 an operator or the end is expected here, not no\n" },
    { "yes and", "7:18 the expression ends here, and a value is expected\n" },
    { "and yes", "7:11 a value is expected here, not and\n" },
    { "2026-02-30 < today", "7:11 no number or day: 2026-02-30\n" },
    { "12345678901234567890123456789012345 > 1",
      "7:11 no number or day: 12345678901234567890123456789012345\n" },
    { "ie_flag in directons", "7:22 there is no code list directons (did you mean directions?)\n" },
    { "ie_flag in its", "7:25 the expression ends here, and list is expected\n" },
    { "bill in its list",
      "7:19 what stands before `in its list` must be a field to which the dictionary gives one\n" },
    { "gross_weight in directions", "7:24 in needs a text, and this is a number\n" },
    { "ie_flag in", "7:21 the expression ends here, and the name of a code list or (...) is expected\n" },
    { "ie_flag in ()", "7:23 a value written out is expected here, not )\n" },
    { "ie_flag in (\"I\" \"E\")", "7:27 ) is expected here, not E\n" },
    { "ie_flag in (\"I\", 2)", "7:28 in needs a text, and this is a number\n" },
    { "ie_flag in (bill)", "7:23 a value written out is expected here, not bill\n" },
    { "ie_flag not yes", "7:19 an operator or the end is expected here, not not\n" },
    { "item", "7:11 item is a group and has no value of its own (did you mean count(item)?)\n" },
    { "item.total > 1",
      "7:11 item.total stands once in each item: use every, any or a function such as sum (did you mean every item: …?)\n" },
    { "exists item.total",
      "7:18 item.total stands once in each item: use every, any or a function such as sum (did you mean every item: …?)\n" },
    { "repeated(item.number)",
      "7:20 item.number stands once in each item: use every, any or a function such as sum (did you mean every item: …?)\n" },
    { "every box: repeated(item.number)", "7:31 item.number is not in sight here: only fields of box are\n" },
    { "every item: box.goods = \"1\"", "7:23 box.goods is not in sight here: only fields of item are\n" },
    { "every box: any item: box.goods = \"1\"",
      "7:32 box.goods is not in sight here: only fields of item are\n" },
    { "sum(item.total where box.goods = \"1\")",
      "7:32 box.goods is not in sight here: only fields of item are\n" },
    { "every itm: true", "7:17 there is no field itm (did you mean item?)\n" },
    { "every item.total: true", "7:17 item.total is not a group (did you mean item?)\n" },
    { "every bill: true", "7:17 bill is not a group\n" },
    { "every item true", "7:22 : is expected here, not true\n" },
    { "every item: item.total", "7:23 every needs true or false, and this is a number\n" },
    { "sum(bill)", "7:15 sum needs a field of a group, such as item.total; bill stands once\n" },
    { "sum(item.code)", "7:15 sum cannot be taken of a text (item.code)\n" },
    { "sum(item)", "7:15 sum needs a field of a group, such as item.total; item stands once\n" },
    { "max(item.fragile)", "7:15 max cannot be taken of true or false (item.fragile)\n" },
    { "contiguous(item.code)", "7:22 contiguous cannot be taken of a text (item.code)\n" },
    { "sum(item.total where item.total)", "7:32 where needs true or false, and this is a number\n" },
    { "sum(item.total when true)", "7:26 ) is expected here, not when\n" },
    { "count(bill)", "7:17 count needs the parts of a text, and this is a text\n" },
    { "every_in(bill, item.number)", "7:20 every_in needs the parts of a text, and this is a text\n" },
    { "split(bill, \",\")", "7:11 what split gives can only stand in count, contains and every_in\n" },
    { "split(bill, \",\") = split(bill, \",\")",
      "7:28 what split gives cannot be compared with = (did you mean contains?)\n" },
    { "contains(split(bill, \"\"), \"x\")",
      "7:32 split needs a text written out here, and not an empty one\n" },
    { "contains(split(bill, name), \"x\")",
      "7:32 split needs a text written out here, and not an empty one\n" },
    { "matches(bill, name)", "7:25 matches needs a text written out here, and not an empty one\n" },
    { "round(1.5, 19)", "7:22 round needs its places written out, 0 to 18\n" },
    { "round(1.5, 0.5)", "7:22 round needs its places written out, 0 to 18\n" },
    { "round(1.5, net_weight)", "7:22 round needs its places written out, 0 to 18\n" },
    { "substr(bill, 1)", "7:25 , is expected here, not )\n" },
    { "substr(bill, 1, 2, 3)", "7:28 ) is expected here, not ,\n" },
    { "substr(gross_weight, 1, 2)", "7:18 substr needs a text, and this is a number\n" },
    { "day(made_on)", "7:15 day needs a moment, and this is a day\n" },
    { "subst(bill, 1, 2)", "7:11 there is no function subst (did you mean substr?)\n" },
    { "uniqe(item.number)", "7:11 there is no function uniqe (did you mean unique?)\n" },
    { "nothing_like_it(1)", "7:11 there is no function nothing_like_it\n" },
    { "if yes then 1", "7:24 the expression ends here, and else is expected\n" },
    { "if yes then 1 else bill", "7:30 else needs a number, and this is a text\n" },
    { "if bill then 1 else 2", "7:14 if needs true or false, and this is a text\n" },
    { "yes\n  ... and\n  ... nothing", "9:7 there is no field nothing\n" },
    { "yes ... and no", "7:15 the character . cannot stand in an expression\n" },
};

static void mistakes_are_told(void **state) {
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        struct setting setting;
        struct buf told;
        set(&setting);
        buf_init(&told, 4096);
        const struct expr *expr = compile(&setting, mistakes[i].source, NULL);
        tell_mistakes(&setting.verdict, &told);
        if (strcmp(told.at, mistakes[i].told) != 0) {
            fail_msg("%s\n is: %s should be: %s", mistakes[i].source, told.at, mistakes[i].told);
        }
        assert_int_equal(expr == NULL, setting.verdict.count);
        assert_mistakes_complete(&setting.verdict, "LINT-EXPR", "rules");
        buf_release(&told);
        arena_free(setting.arena);
    }
}

static void the_current_row_of_each(void **state) {
    static const struct {
        const char *source;
        enum truth rows[3];
    } rules[] = {
        { "item.total > 1", { TRUTH_TRUE, TRUTH_TRUE, TRUTH_FALSE } },
        { "item.second = 7", { TRUTH_UNKNOWN, TRUTH_TRUE, TRUTH_UNKNOWN } },
        { "item.total = max(item.total)", { TRUTH_FALSE, TRUTH_TRUE, TRUTH_FALSE } },
        { "any item: item.second = 7", { TRUTH_TRUE, TRUTH_TRUE, TRUTH_TRUE } },
        { "every_in(split(item.code, \",\"), item.code where item.number < 3)",
          { TRUTH_TRUE, TRUTH_FALSE, TRUTH_TRUE } },
        { "repeated(item.code)", { TRUTH_FALSE, TRUTH_FALSE, TRUTH_TRUE } },
        { "not repeated(item.code where item.number > 1)", { TRUTH_TRUE, TRUTH_TRUE, TRUTH_TRUE } },
        { "repeated(item.second)", { TRUTH_UNKNOWN, TRUTH_UNKNOWN, TRUTH_UNKNOWN } },
    };
    for (size_t i = 0; i < COUNT(rules); i++) {
        struct setting setting;
        set(&setting);
        const struct expr *expr = compile(&setting, rules[i].source, "item");
        assert_non_null(expr);
        struct expr_memo *memo = expr_memo_new(expr, setting.arena);
        for (uint32_t row = 0; row < 3; row++) {
            struct expr_context with = {
                .doc = setting.doc, .today = today(), .row = row, .arena = setting.arena, .memo = memo
            };
            struct expr_context without = {
                .doc = setting.doc, .today = today(), .row = row, .arena = setting.arena
            };
            assert_int_equal(expr_holds(expr, &with), rules[i].rows[row]);
            assert_int_equal(expr_holds(expr, &without), rules[i].rows[row]);
        }
        arena_free(setting.arena);
    }
}

/* Rows are asked 64 at once: over the ends of blocks, with rows and values left out, each says what it says
 * alone; and of rows that are not asked nothing is said. */
static void many_rows_say_what_each_says(void **state) {
    static const char *const sources[] = {
        "item.total > 100",
        "item.second = 7 or item.total < 100",
        "item.second = 7 and item.total < 100",
        "not (exists item.second or item.code = \"A\")",
        "if exists item.second then item.second > 5 else item.code != \"B\"",
        "item.total - item.number * 2 <= item.number",
        "substr(item.code, 1, 1) in (\"A\", \"C\")",
        "item.total = max(item.total where exists item.second)",
        "repeated(item.code where item.number > 70)",
        "every_in(split(item.code, \",\"), item.code where item.number < 3)",
        "length(item.code) + item.number > 66",
        "count(item where item.number > 64) = 86 and sum(item.number) = 11325",
        "contiguous(item.number) and unique(item.number) and not unique(item.code)",
        "any item: item.number = 150",
        "every item: item.number <= 150",
    };
    enum { ROWS = 150 };
    struct setting setting;
    set(&setting);
    struct document *doc = document_new(setting.fields, setting.arena);
    for (uint32_t row = 0; row < ROWS; row++) {
        const struct {
            const char *field, *value;
            bool there;
        } cells[] = {
            { "item.number", arena_printf(setting.arena, "%u", row + 1), true },
            { "item.total", arena_printf(setting.arena, "%u", 3 * row), row % 7 != 0 },
            { "item.second", row % 2 ? "7" : "no number", row % 3 == 0 },
            { "item.code", row % 5 ? "A" : "B", row % 11 != 0 },
        };
        for (size_t i = 0; i < COUNT(cells); i++) {
            if (cells[i].there) {
                document_add(doc, fields_find(setting.fields, text_of(cells[i].field)), row,
                             text_of(cells[i].value), false, (struct origin){ .extent = { 0, 0 } });
            }
        }
    }
    for (size_t i = 0; i < COUNT(sources); i++) {
        const struct expr *expr = compile(&setting, sources[i], "item");
        assert_non_null(expr);
        for (uint32_t first = 0; first < ROWS; first += 43) {
            const uint64_t asked = UINT64_C(0xFFFF0FFFFFF7FFFF);
            struct expr_context context = {
                .doc = doc, .today = today(), .row = first, .arena = setting.arena
            };
            struct expr_truths together = expr_truths(expr, &context, asked);
            assert_true(((together.yes | together.no) & ~asked) == 0 && (together.yes & together.no) == 0);
            for (uint32_t k = 0; k < EXPR_ROWS_MAX; k++, context.row++) {
                uint64_t bit = UINT64_C(1) << k;
                enum truth is = together.yes & bit  ? TRUTH_TRUE
                                : together.no & bit ? TRUTH_FALSE
                                                    : TRUTH_UNKNOWN;
                if (asked & bit && is != expr_holds(expr, &context)) {
                    fail_msg("%s in row %u, asked from row %u on", sources[i], context.row, first);
                }
            }
        }
    }
    arena_free(setting.arena);
}

static void a_list_is_read_as_of_today(void **state) {
    struct setting setting;
    set(&setting);
    const struct expr *expr = compile(&setting, "\"E\" in directions", NULL);
    struct expr_context context = { .doc = setting.doc,
                                    .today = day_of(2026, 5, 31),
                                    .arena = setting.arena };
    assert_int_equal(expr_holds(expr, &context), TRUTH_TRUE);
    context.today++;
    assert_int_equal(expr_holds(expr, &context), TRUTH_FALSE);
    arena_free(setting.arena);
}

/* --- limits: each at the limit and one beyond ----------------------------------------------------------- */

static void repeat(struct buf *out, const char *string, size_t times) {
    while (times-- > 0) {
        buf_add_string(out, string);
    }
}

static void write_brackets(struct buf *out, size_t size) {
    repeat(out, "(", size);
    buf_add_string(out, "yes");
    repeat(out, ")", size);
}
static void write_nots(struct buf *out, size_t size) {
    repeat(out, "not ", size);
    buf_add_string(out, "yes");
}
static void write_signs(struct buf *out, size_t size) {
    repeat(out, "-", size);
    buf_add_string(out, "1");
}
static void write_anys(struct buf *out, size_t size) {
    repeat(out, "any item: ", size);
    buf_add_string(out, "yes");
}
static void write_calls(struct buf *out, size_t size) {
    repeat(out, "abs(", size);
    buf_add_string(out, "1");
    repeat(out, ")", size);
}
static void write_ifs(struct buf *out, size_t size) {
    repeat(out, "if yes then no else ", size);
    buf_add_string(out, "yes");
}
/* operands and operators: always an odd number, so the limit is reached by a `not` in front */
static void write_nodes(struct buf *out, size_t size) {
    buf_add_string(out, size % 2 ? "yes" : "not yes");
    repeat(out, " or no", (size - 1) / 2);
}
static void write_set(struct buf *out, size_t size) {
    buf_add_string(out, "net_weight in (1");
    repeat(out, ",1", size - 3);
    buf_add_string(out, ")");
}
static void write_source(struct buf *out, size_t size) {
    buf_add_string(out, "yes");
    repeat(out, " ", size - strlen("yes"));
}

static void limits_hold(void **state) {
    /* clang-format off */
    static const struct { void (*write)(struct buf *out, size_t size); size_t limit; const char *told; } limits[] = {
        { write_brackets, EXPR_DEPTH_MAX,  "nested more than 64 deep" },
        { write_nots,     EXPR_DEPTH_MAX,  "nested more than 64 deep" },
        { write_signs,    EXPR_DEPTH_MAX,  "nested more than 64 deep" },
        { write_anys,     EXPR_DEPTH_MAX,  "nested more than 64 deep" },
        { write_calls,    EXPR_DEPTH_MAX,  "nested more than 64 deep" },
        { write_ifs,      EXPR_DEPTH_MAX,  "nested more than 64 deep" },
        { write_nodes,    EXPR_NODES_MAX,  "the expression is too long: more than 512 operators and operands" },
        { write_set,      EXPR_NODES_MAX,  "the expression is too long: more than 512 operators and operands" },
        { write_source,   EXPR_SOURCE_MAX, "the expression has more than 4096 bytes" },
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(limits); i++) {
        for (size_t beyond = 0; beyond <= 1; beyond++) {
            struct setting setting;
            struct buf source;
            set(&setting);
            buf_init(&source, 1 << 20);
            limits[i].write(&source, limits[i].limit + beyond);
            const struct expr *expr = compile(&setting, source.at, NULL);
            assert_string_equal(setting.verdict.count ? setting.verdict.findings[0].en : "",
                                beyond ? limits[i].told : "");
            assert_int_equal(setting.verdict.count, beyond);
            assert_int_equal(expr == NULL, beyond);
            if (expr && expr_type(expr) == EXPR_FLAG) {
                struct expr_context context = { .doc = setting.doc,
                                                .today = today(),
                                                .arena = setting.arena };
                assert_int_not_equal(expr_holds(expr, &context), TRUTH_UNKNOWN);
            }
            buf_release(&source);
            arena_free(setting.arena);
        }
    }
}

/* As many values as a document may have: each function over rows looks at all of them, and rows ask for it
   again. */
static void the_largest_document_is_no_burden(void **state) {
    struct setting setting;
    set(&setting);
    struct document *doc = document_new(setting.fields, setting.arena);
    const struct field *number = fields_find(setting.fields, TEXT("item.number"));
    const struct field *goods = fields_find(setting.fields, TEXT("box.goods"));
    for (uint32_t row = 0; row < DOCUMENT_VALUES_MAX / 2; row++) {
        const char *digits = arena_printf(setting.arena, "%u", row + 1);
        assert_true(document_add(doc, number, row, text_of(digits), false,
                                 (struct origin){ .element = ORIGIN_NO_ELEMENT }));
        assert_true(document_add(doc, goods, row, text_of(digits), false,
                                 (struct origin){ .element = ORIGIN_NO_ELEMENT }));
    }
    static const char *const all[] = {
        "sum(item.number) = 5000050000",
        "unique(item.number)",
        "contiguous(item.number)",
        "count(item) = 100000",
        "max(item.number) = 100000",
        "every box: every_in(split(box.goods, \",\"), item.number)",
        "every box: sum(item.number) > 0 and unique(item.number) and (any item: item.number = 100000)",
        "not any box: any item: item.number = 0",
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        const struct expr *expr = compile(&setting, all[i], NULL);
        struct expr_context context = { .doc = doc, .today = today(), .arena = setting.arena };
        assert_non_null(expr);
        assert_int_equal(expr_holds(expr, &context), TRUTH_TRUE);
    }
    arena_free(setting.arena);
}

static void who_looks_at_rows_says_so(void **state) {
    static const struct {
        const char *source;
        bool sees_row;
    } asked[] = {
        { "item.number = 1", true },
        { "not exists item.number", true },
        { "1 + 2 * item.number = 1 or false", true },
        { "every_in(split(item.code, \",\"), item.code)", true },
        { "true", false },
        { "sum(item.number) = 1", false },
        { "any item: item.number = 1", false },
        { "count(item where item.number = 1) = 1", false },
        { "sum(item.number) = item.number", true },
    };
    struct setting setting;
    set(&setting);
    for (size_t i = 0; i < COUNT(asked); i++) {
        const struct expr *expr = compile(&setting, asked[i].source, "item");
        assert_non_null(expr);
        assert_int_equal(expr_sees_row(expr), asked[i].sees_row);
    }
    arena_free(setting.arena);
}

/* The declaration without any value of this field. */
static struct document *without(struct setting *setting, const struct field *field) {
    const char *kept = "";
    struct text name = text_of(field->name);
    for (struct text rest = text_of(expr_declaration); rest.at;) {
        struct text line = text_until(&rest, '\n');
        bool is_it = text_starts(line, field->name)
                     && (line.length == name.length || strchr("=@~", line.at[name.length]));
        kept = is_it ? kept : arena_printf(setting->arena, "%s" TEXT_FORMAT "\n", kept, TEXT_ARGS(line));
    }
    return document_of(kept, setting->fields, setting->arena);
}

/* Every expression of the tables, over a document that lacks only what it says it needs. */
static void what_is_needed_makes_it_known(void **state) {
    size_t asked = 0;
    for (size_t i = 0; i < COUNT(expr_values); i++) {
        struct setting setting;
        set(&setting);
        const struct expr *expr = compile(&setting, expr_values[i].source, NULL);
        const struct field *needed = expr ? expr_needs(expr) : NULL;
        if (needed) {
            struct expr_context context = { .doc = without(&setting, needed),
                                            .today = today(),
                                            .arena = setting.arena };
            struct text value;
            assert_false(document_has(context.doc, needed->id));
            if (expr_value(expr, &context, &value)) {
                fail_msg("%s without %s: " TEXT_FORMAT, expr_values[i].source, needed->name,
                         TEXT_ARGS(value));
            }
            asked++;
        }
        arena_free(setting.arena);
    }
    assert_true(asked > 50);
}

/* Who is told that a condition is false is told which part of it is, with the fields that stand there. */
static void a_condition_is_taken_apart_at_its_ands(void **state) {
    struct setting setting;
    set(&setting);
    static const char source[] = "gross_weight > 1 and (bill = \"x\" or not exists gross_weight) and"
                                 " (net_weight > 0 and any item: item.total > 0 and item.total < 1)";
    static const struct {
        const char *source, *fields;
    } parts[] = {
        { "gross_weight > 1", "gross_weight " },
        { "(bill = \"x\" or not exists gross_weight)", "bill gross_weight " },
        { "net_weight > 0", "net_weight " },
        { "any item: item.total > 0 and item.total < 1", "item.total " },
    };
    const struct expr *expr = compile(&setting, source, NULL);
    assert_non_null(expr);
    struct expr_context context = { .doc = setting.doc, .today = today(), .arena = setting.arena };
    enum truth all = TRUTH_TRUE;
    assert_int_equal(expr_conditions(expr), COUNT(parts));
    for (size_t i = 0; i < COUNT(parts); i++) {
        const struct field *fields[4];
        const char *names = "";
        size_t count = expr_condition_fields(expr, i, fields, COUNT(fields));
        for (size_t f = 0; f < count; f++) {
            names = arena_printf(setting.arena, "%s%s ", names, fields[f]->name);
        }
        assert_string_equal(arena_copy(setting.arena, expr_condition_source(expr, i)), parts[i].source);
        assert_string_equal(names, parts[i].fields);
        enum truth truth = expr_condition_holds(expr, i, &context);
        all = all == TRUTH_FALSE || truth == TRUTH_TRUE ? all : truth;
    }
    assert_int_equal(all, expr_holds(expr, &context));
    assert_int_equal(expr_conditions(compile(&setting, "true or true", NULL)), 1);
    arena_free(setting.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_have_values),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(the_current_row_of_each),
        cmocka_unit_test(many_rows_say_what_each_says),
        cmocka_unit_test(a_list_is_read_as_of_today),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(the_largest_document_is_no_burden),
        cmocka_unit_test(who_looks_at_rows_says_so),
        cmocka_unit_test(what_is_needed_makes_it_known),
        cmocka_unit_test(a_condition_is_taken_apart_at_its_ands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
