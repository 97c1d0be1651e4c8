/*
 * test_message_expr.c - the language of experts: what expressions are worth on one small declaration, what is told of
 * those that cannot be, and where its limits are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/stamp.h"
#include "document_kit.h"
#include "message/expr.h"
#include "told.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char dictionary[] =
    "ie_flag          code    \"标志\" \"direction\" list directions\n"
    "bill             text    \"提单\" \"bill\"\n"
    "empty            text    \"空\"   \"empty\"\n"
    "absent           text    \"无\"   \"absent\"\n"
    "name             text    \"名\"   \"name\"\n"
    "gross_weight     decimal \"毛重\" \"gross weight\"\n"
    "net_weight       decimal \"净重\" \"net weight\"\n"
    "no_number        decimal \"无数\" \"no number\"\n"
    "ill_number       decimal \"坏数\" \"ill number\"\n"
    "huge             decimal \"大数\" \"huge\"\n"
    "made_on          date    \"日期\" \"day\"\n"
    "no_date          date    \"无日\" \"no day\"\n"
    "arrived          moment  \"到\"   \"arrived\"\n"
    "released         moment  \"放\"   \"released\"\n"
    "yes              flag    \"是\"   \"yes\"\n"
    "no               flag    \"否\"   \"no\"\n"
    "maybe            flag    \"或\"   \"maybe\"\n"
    "item             group   \"项\"   \"item\"\n"
    "item.number      decimal \"号\"   \"number\"\n"
    "item.code        text    \"码\"   \"code\"\n"
    "item.total       decimal \"额\"   \"total\"\n"
    "item.unit        code    \"位\"   \"unit\" list units\n"
    "item.second      decimal \"二\"   \"second\"\n"
    "item.made        date    \"日\"   \"made\"\n"
    "item.fragile     flag    \"脆\"   \"fragile\"\n"
    "box              group   \"箱\"   \"box\"\n"
    "box.goods        text    \"货\"   \"goods\"\n"
    "none             group   \"无\"   \"none\"\n"
    "none.total       decimal \"无\"   \"none\"\n";

static const char declaration[] =
    "ie_flag=I\n"
    "bill=COSU6001234567\n"
    "empty=\n"
    "name=毛重abc\n"
    "gross_weight=12.50\n"
    "net_weight=10\n"
    "ill_number~=12,5\n"
    "huge=9999999999999999999999999999999999\n"
    "made_on=2026-10-31\n"
    "arrived=2026-10-31T08:00:00+08:00\n"
    "released=2026-11-01T09:30:00+08:00\n"
    "yes=true\n"
    "no=false\n"
    "item.number@0=1\nitem.code@0=8471\nitem.total@0=10.05\nitem.unit@0=035\nitem.made@0=2026-01-01\n"
    "item.number@1=3\nitem.code@1=8472\nitem.total@1=20\nitem.unit@1=035\nitem.second@1=7\nitem.made@1=2026-03-01\n"
    "item.number@2=2\nitem.code@2=8471\nitem.total@2=0.95\nitem.unit@2=007\nitem.made@2=2026-02-01\n"
    "box.goods@0=1,3\n"
    "box.goods@1= 2 , ,\n";

struct setting { struct arena *arena; const struct fields *fields; struct codelists *lists; struct document *doc; struct verdict verdict; };

static void set(struct setting *setting) {
    setting->arena = arena_new();
    verdict_init(&setting->verdict, setting->arena);
    setting->fields = fields_load(text_of(dictionary), "fields", setting->arena, &setting->verdict);
    setting->lists = codelists_new(setting->arena);
    codelists_load(setting->lists, "directions", TEXT("I \"进\" \"in\"\nE \"出\" \"out\" until 2026-06-01\n"), "lists/directions",
                   &setting->verdict);
    codelists_load(setting->lists, "units", TEXT("035 \"千克\" \"kg\"\n"), "lists/units", &setting->verdict);
    assert_int_equal(setting->verdict.count, 0);
    setting->doc = document_of(declaration, setting->fields, setting->arena);
}

static const struct expr *compile(struct setting *setting, const char *source, const char *each) {
    struct expr_source at = { .file = "rules", .text = text_of(source), .line = 7, .column = 11 };
    struct expr_scope scope = { setting->fields, setting->lists };
    const struct field *group = each ? fields_find(setting->fields, text_of(each)) : NULL;
    return expr_compile(at, scope, group, setting->arena, &setting->verdict);
}

static int32_t today(void) {
    return day_of(2026, 10, 31);
}

#define U "unknown"

static const struct { const char *source, *value; } values[] = {
    /* literals and fields */
    { "true", "true" }, { "false", "false" }, { "1.50", "1.5" }, { "\"a\"", "a" }, { "\"a \\\" \\\\ \\n\"", "a \" \\ \\n" },
    { "2026-10-31", "2026-10-31" }, { "today", "2026-10-31" }, { "bill", "COSU6001234567" }, { "gross_weight", "12.5" },
    { "arrived", "2026-10-31T08:00:00.000+08:00" }, { "yes", "true" }, { "no", "false" },
    { "absent", U }, { "empty", U }, { "no_number", U }, { "ill_number", U }, { "maybe", U }, { "no_date", U },
    /* comparisons */
    { "gross_weight >= net_weight", "true" }, { "gross_weight <= net_weight", "false" }, { "gross_weight = 12.5", "true" },
    { "gross_weight != 12.50", "false" }, { "gross_weight > 12.5", "false" }, { "gross_weight < 12.51", "true" },
    { "ie_flag = \"I\"", "true" }, { "ie_flag != \"I\"", "false" }, { "bill = \"cosu6001234567\"", "false" },
    { "made_on = today", "true" }, { "made_on < 2026-11-01", "true" }, { "arrived < released", "true" },
    { "yes = true", "true" }, { "yes = no", "false" }, { "yes != no", "true" },
    { "absent = \"x\"", U }, { "absent != \"x\"", U }, { "ill_number > 1", U }, { "gross_weight > no_number", U },
    { "empty = \"\"", U }, { "absent = absent", U }, { "maybe = true", U }, { "no_date < today", U },
    /* Kleene */
    { "true and true", "true" }, { "true and false", "false" }, { "true and maybe", U }, { "false and maybe", "false" },
    { "maybe and false", "false" }, { "maybe and true", U }, { "maybe and maybe", U },
    { "false or false", "false" }, { "true or false", "true" }, { "true or maybe", "true" }, { "maybe or true", "true" },
    { "maybe or false", U }, { "false or maybe", U }, { "maybe or maybe", U },
    { "not true", "false" }, { "not false", "true" }, { "not maybe", U }, { "not not maybe", U }, { "not not yes", "true" },
    /* binding strength */
    { "true or true and false", "true" }, { "(true or true) and false", "false" }, { "not false and false", "false" },
    { "not ie_flag = \"E\"", "true" }, { "1 + 2 * 3", "7" }, { "(1 + 2) * 3", "9" }, { "10 - 2 - 3", "5" }, { "-2 * -3", "6" },
    { "- - 2", "2" }, { "1 - -1", "2" }, { "2 * 3 = 6", "true" }, { "1 + 1 > 1 and true", "true" },
    /* exact arithmetic */
    { "0.1 + 0.2 = 0.3", "true" }, { "gross_weight - net_weight", "2.5" }, { "gross_weight * 2", "25" }, { "huge + 1", U },
    { "huge * huge", U }, { "huge + 1 = huge", U }, { "huge - huge", "0" }, { "no_number + 1", U }, { "-no_number", U },
    { "1.000000000000000001 * 1", "1.000000000000000001" },
    /* days and moments */
    { "made_on + 14", "2026-11-14" }, { "made_on - 31", "2026-09-30" }, { "made_on - 2026-10-01", "30" }, { "made_on + 0.5", U },
    { "made_on + 99999999", U }, { "9999-12-31 + 1", U }, { "9999-12-31 + 0", "9999-12-31" }, { "0001-01-01 - 1", U },
    { "released - arrived", "25.5" }, { "released - arrived <= 25.5", "true" }, { "arrived - released", "-25.5" },
    { "day(arrived)", "2026-10-31" }, { "day(released) - made_on", "1" }, { "no_date + 1", U },
    /* in */
    { "ie_flag in directions", "true" }, { "ie_flag not in directions", "false" }, { "\"E\" in directions", "false" },
    { "absent in directions", U }, { "absent not in directions", U }, { "ie_flag in (\"I\", \"E\")", "true" },
    { "ie_flag in (\"E\")", "false" }, { "ie_flag not in (\"E\")", "true" }, { "absent in (\"E\")", U },
    { "net_weight in (1, 10.0)", "true" }, { "made_on in (2026-10-30, 2026-10-31)", "true" },
    { "not ie_flag in directions", "false" },
    /* exists, if */
    { "exists bill", "true" }, { "exists absent", "false" }, { "exists empty", "false" }, { "exists ill_number", "true" },
    { "not exists absent", "true" }, { "if yes then 1 else 2", "1" }, { "if no then 1 else 2", "2" }, { "if maybe then 1 else 1", U },
    { "if exists absent then absent = \"x\" else true", "true" }, { "(if yes then 1 else 2) + 5", "6" },
    { "if no then 1 else 2 + 5", "7" },
    /* functions */
    { "substr(bill, 1, 4)", "COSU" }, { "substr(bill, 5, 100)", "6001234567" }, { "substr(bill, 15, 1)", "" },
    { "substr(bill, 100, 1)", "" }, { "substr(name, 2, 2)", "重a" }, { "substr(bill, 0, 1)", U }, { "substr(bill, 1.5, 1)", U },
    { "substr(bill, 1, -1)", U }, { "substr(bill, 1, 0)", "" }, { "substr(absent, 1, 1)", U }, { "substr(bill, 1, no_number)", U },
    { "substr(bill, 1, 99999999999999999999)", "COSU6001234567" }, { "substr(bill, 99999999999999999999, 1)", "" },
    { "substr(bill, 1, 4) = \"COSU\"", "true" }, { "length(name)", "5" }, { "length(\"\")", "0" }, { "length(absent)", U },
    { "round(10.055, 2)", "10.06" }, { "round(2.5, 0)", "3" }, { "round(-2.5, 0)", "-3" }, { "round(1, 18)", "1" },
    { "abs(-2.5)", "2.5" }, { "abs(2)", "2" }, { "number(\"12.50\")", "12.5" }, { "number(bill)", U }, { "number(substr(bill, 5, 4))", "6001" },
    { "contains(split(\"a|b||c\", \"|\"), \"b\")", "true" }, { "contains(split(\"a|b||c\", \"|\"), \"d\")", "false" },
    { "contains(split(\"a|b\", \"|\"), \"a|b\")", "false" }, { "contains(split(absent, \"|\"), \"a\")", U },
    { "count(split(\" a,, b ,\", \",\"))", "2" }, { "count(split(\"a--b-c\", \"--\"))", "2" }, { "count(split(\"\", \",\"))", "0" },
    { "count(split(absent, \",\"))", U },
    { "matches(bill, \"AAAA9999999999\")", "true" }, { "matches(bill, \"AAAA999999999\")", "false" },
    { "matches(bill, \"XXXXXXXXXXXXXX\")", "true" }, { "matches(\"a-1\", \"A-9\")", "false" }, { "matches(\"B-1\", \"A-9\")", "true" },
    { "matches(\"B1\", \"A-\")", "false" }, { "matches(absent, \"A\")", U },
    { "iso6346(\"CSQU3054383\")", "true" }, { "iso6346(bill)", "false" }, { "iso6346(absent)", U },
    { "iso6346_remainder10(\"CSQU3054383\")", "false" }, { "imo(\"9074729\")", "true" }, { "gb32100(\"91440300796611420W\")", "true" },
    { "gb11714(\"796611420\")", "true" }, { "entry(\"223320231000000762\")", "true" },
    /* over rows */
    { "count(item)", "3" }, { "count(none)", "0" }, { "sum(item.total)", "31" }, { "sum(none.total)", "0" }, { "min(item.total)", "0.95" },
    { "max(item.total)", "20" }, { "min(none.total)", U }, { "sum(item.second)", U }, { "max(item.second)", U },
    { "min(item.made)", "2026-01-01" }, { "max(item.made)", "2026-03-01" },
    { "count(item where item.unit = \"035\")", "2" }, { "sum(item.total where item.unit = \"035\")", "30.05" },
    { "sum(item.second where exists item.second)", "7" }, { "count(item where item.second > 1)", U },
    { "sum(item.total where item.second > 1)", U }, { "max(item.total where item.total < 20)", "10.05" },
    { "sum(item.total where item.total > 100)", "0" }, { "count(item where gross_weight > 100)", "0" },
    { "unique(item.number)", "true" }, { "unique(item.code)", "false" }, { "unique(none.total)", "true" }, { "unique(item.second)", U },
    { "unique(item.code where item.number < 3)", "false" }, { "unique(item.code where item.number > 1)", "true" },
    { "contiguous(item.number)", "true" }, { "contiguous(item.total)", "false" }, { "contiguous(none.total)", "true" },
    { "contiguous(item.second)", U }, { "contiguous(item.number where item.number > 1)", "false" },
    { "every_in(split(\"1,3\", \",\"), item.number)", "true" }, { "every_in(split(\"1,4\", \",\"), item.number)", "false" },
    { "every_in(split(\"1.0,02\", \",\"), item.number)", "true" }, { "every_in(split(\"1,x\", \",\"), item.number)", "false" },
    { "every_in(split(\"\", \",\"), item.number)", "true" }, { "every_in(split(\"7\", \",\"), item.second)", "true" },
    { "every_in(split(\"8\", \",\"), item.second)", U }, { "every_in(split(absent, \",\"), item.number)", U },
    { "every_in(split(\"8471\", \",\"), item.code)", "true" }, { "every_in(split(\"8471.0\", \",\"), item.code)", "false" },
    { "every_in(split(\"1\", \",\"), none.total)", "false" },
    { "every_in(split(\"3\", \",\"), item.number where item.unit = \"007\")", "false" },
    /* quantifiers */
    { "every item: item.total > 0", "true" }, { "every item: item.total > 1", "false" }, { "every item: item.second > 1", U },
    { "every item: item.second > 7", "false" }, { "any item: item.second = 7", "true" }, { "any item: item.second = 8", U },
    { "any item: item.total > 100", "false" }, { "every none: none.total > 0", "true" }, { "any none: none.total > 0", "false" },
    { "every item: exists item.second or item.unit in (\"035\", \"007\")", "true" }, { "not any item: item.unit = \"007\"", "false" },
    { "(every item: item.total > 0) and no", "false" }, { "every item: item.total > 0 and no", "false" },
    { "every box: every_in(split(box.goods, \",\"), item.number)", "true" },
    { "any box: every_in(split(box.goods, \",\"), item.number where item.unit = \"035\")", "true" },
    { "every item: item.total <= max(item.total)", "true" }, { "every item: item.total <= sum(item.total) - 30", "false" },
    { "any box: any item: item.total = 20", "true" }, { "every item: (any box: box.goods = \"1,3\") and item.number > 0", "true" },
    { "every item: not exists item.fragile", "true" },
    /* blanks, comments and continued lines */
    { "gross_weight # heavy\n   ...  >= net_weight", "true" }, { "  true  ", "true" }, { "true#", NULL },
};

static void expressions_have_values(void **state) {
    for (size_t i = 0; i < COUNT(values); i++) {
        struct setting setting;
        set(&setting);
        const struct expr *expr = compile(&setting, values[i].source, NULL);
        if (!values[i].value) {
            assert_null(expr);
            arena_free(setting.arena);
            continue;
        }
        if (!expr) {
            fail_msg("%s: %s", values[i].source, setting.verdict.findings[0].en);
        }
        struct expr_context context = { .doc = setting.doc, .today = today(), .arena = setting.arena };
        struct text value;
        const char *is = expr_value(expr, &context, &value) ? arena_copy(setting.arena, value) : U;
        if (strcmp(is, values[i].value)) {
            fail_msg("%s is %s and should be %s", values[i].source, is, values[i].value);
        }
        if (expr_type(expr) == EXPR_FLAG) {
            enum truth truth = expr_holds(expr, &context);
            assert_string_equal(truth == TRUTH_TRUE ? "true" : truth == TRUTH_FALSE ? "false" : U, values[i].value);
        }
        arena_free(setting.arena);
    }
}

/* The source begins at line 7, column 11. */
static const struct { const char *source, *told; } mistakes[] = {
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
    { "12345678901234567890123456789012345 > 1", "7:11 no number or day: 12345678901234567890123456789012345\n" },
    { "ie_flag in directons", "7:22 there is no code list directons (did you mean directions?)\n" },
    { "gross_weight in directions", "7:24 in needs a text, and this is a number\n" },
    { "ie_flag in", "7:21 the expression ends here, and the name of a code list or (...) is expected\n" },
    { "ie_flag in ()", "7:23 a value written out is expected here, not )\n" },
    { "ie_flag in (\"I\" \"E\")", "7:27 ) is expected here, not E\n" },
    { "ie_flag in (\"I\", 2)", "7:28 in needs a text, and this is a number\n" },
    { "ie_flag in (bill)", "7:23 a value written out is expected here, not bill\n" },
    { "ie_flag not yes", "7:19 an operator or the end is expected here, not not\n" },
    { "item", "7:11 item is a group and has no value of its own (did you mean count(item)?)\n" },
    { "item.total > 1", "7:11 item.total stands once in each item: use every, any or a function such as sum (did you mean every item: …?)\n" },
    { "exists item.total", "7:18 item.total stands once in each item: use every, any or a function such as sum (did you mean every item: …?)\n" },
    { "every item: box.goods = \"1\"", "7:23 box.goods is not in sight here: only fields of item are\n" },
    { "every box: any item: box.goods = \"1\"", "7:32 box.goods is not in sight here: only fields of item are\n" },
    { "sum(item.total where box.goods = \"1\")", "7:32 box.goods is not in sight here: only fields of item are\n" },
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
    { "split(bill, \",\") = split(bill, \",\")", "7:28 what split gives cannot be compared with = (did you mean contains?)\n" },
    { "contains(split(bill, \"\"), \"x\")", "7:32 split needs a text written out here, and not an empty one\n" },
    { "contains(split(bill, name), \"x\")", "7:32 split needs a text written out here, and not an empty one\n" },
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
        if (strcmp(told.at, mistakes[i].told)) {
            fail_msg("%s\n is: %s should be: %s", mistakes[i].source, told.at, mistakes[i].told);
        }
        assert_int_equal(expr == NULL, setting.verdict.count);
        assert_mistakes_complete(&setting.verdict, "LINT-EXPR", "rules");
        buf_release(&told);
        arena_free(setting.arena);
    }
}

static void the_current_row_of_each(void **state) {
    static const struct { const char *source; enum truth rows[3]; } rules[] = {
        { "item.total > 1", { TRUTH_TRUE, TRUTH_TRUE, TRUTH_FALSE } },
        { "item.second = 7", { TRUTH_UNKNOWN, TRUTH_TRUE, TRUTH_UNKNOWN } },
        { "item.total = max(item.total)", { TRUTH_FALSE, TRUTH_TRUE, TRUTH_FALSE } },
        { "any item: item.second = 7", { TRUTH_TRUE, TRUTH_TRUE, TRUTH_TRUE } },
        { "every_in(split(item.code, \",\"), item.code where item.number < 3)", { TRUTH_TRUE, TRUTH_FALSE, TRUTH_TRUE } },
    };
    for (size_t i = 0; i < COUNT(rules); i++) {
        struct setting setting;
        set(&setting);
        const struct expr *expr = compile(&setting, rules[i].source, "item");
        assert_non_null(expr);
        struct expr_memo *memo = expr_memo_new(expr, setting.arena);
        for (uint32_t row = 0; row < 3; row++) {
            struct expr_context with = { .doc = setting.doc, .today = today(), .row = row, .arena = setting.arena, .memo = memo };
            struct expr_context without = { .doc = setting.doc, .today = today(), .row = row, .arena = setting.arena };
            assert_int_equal(expr_holds(expr, &with), rules[i].rows[row]);
            assert_int_equal(expr_holds(expr, &without), rules[i].rows[row]);
        }
        arena_free(setting.arena);
    }
}

static void a_list_is_read_as_of_today(void **state) {
    struct setting setting;
    set(&setting);
    const struct expr *expr = compile(&setting, "\"E\" in directions", NULL);
    struct expr_context context = { .doc = setting.doc, .today = day_of(2026, 5, 31), .arena = setting.arena };
    assert_int_equal(expr_holds(expr, &context), TRUTH_TRUE);
    context.today++;
    assert_int_equal(expr_holds(expr, &context), TRUTH_FALSE);
    arena_free(setting.arena);
}

/* --- limits: each at the limit and one beyond ------------------------------------------------------------------ */

static void repeat(struct buf *out, const char *string, size_t times) {
    while (times-- > 0) {
        buf_add_string(out, string);
    }
}

static void write_brackets(struct buf *out, size_t size) { repeat(out, "(", size); buf_add_string(out, "yes"); repeat(out, ")", size); }
static void write_nots(struct buf *out, size_t size) { repeat(out, "not ", size); buf_add_string(out, "yes"); }
static void write_signs(struct buf *out, size_t size) { repeat(out, "-", size); buf_add_string(out, "1"); }
static void write_anys(struct buf *out, size_t size) { repeat(out, "any item: ", size); buf_add_string(out, "yes"); }
static void write_calls(struct buf *out, size_t size) { repeat(out, "abs(", size); buf_add_string(out, "1"); repeat(out, ")", size); }
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
    for (size_t i = 0; i < COUNT(limits); i++) {
        for (size_t beyond = 0; beyond <= 1; beyond++) {
            struct setting setting;
            struct buf source;
            set(&setting);
            buf_init(&source, 1 << 20);
            limits[i].write(&source, limits[i].limit + beyond);
            const struct expr *expr = compile(&setting, source.at, NULL);
            assert_string_equal(setting.verdict.count ? setting.verdict.findings[0].en : "", beyond ? limits[i].told : "");
            assert_int_equal(setting.verdict.count, beyond);
            assert_int_equal(expr == NULL, beyond);
            if (expr && expr_type(expr) == EXPR_FLAG) {
                struct expr_context context = { .doc = setting.doc, .today = today(), .arena = setting.arena };
                assert_int_not_equal(expr_holds(expr, &context), TRUTH_UNKNOWN);
            }
            buf_release(&source);
            arena_free(setting.arena);
        }
    }
}

/* As many values as a document may have: each function over rows looks at all of them, and rows ask for it again. */
static void the_largest_document_is_no_burden(void **state) {
    struct setting setting;
    set(&setting);
    struct document *doc = document_new(setting.fields, setting.arena);
    const struct field *number = fields_find(setting.fields, TEXT("item.number"));
    const struct field *goods = fields_find(setting.fields, TEXT("box.goods"));
    for (uint32_t row = 0; row < DOCUMENT_VALUES_MAX / 2; row++) {
        const char *digits = arena_printf(setting.arena, "%u", row + 1);
        assert_true(document_add(doc, number, row, text_of(digits), false, (struct place){ 0 }, ""));
        assert_true(document_add(doc, goods, row, text_of(digits), false, (struct place){ 0 }, ""));
    }
    static const char *const all[] = {
        "sum(item.number) = 5000050000", "unique(item.number)", "contiguous(item.number)", "count(item) = 100000",
        "max(item.number) = 100000", "every box: every_in(split(box.goods, \",\"), item.number)",
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_have_values),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(the_current_row_of_each),
        cmocka_unit_test(a_list_is_read_as_of_today),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(the_largest_document_is_no_burden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
