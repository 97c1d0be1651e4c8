/*
 * expr_cases.h - a small dictionary, a declaration, and what expressions are worth on it: cases of
 * test_expr_expr.c and seeds of fuzz_expr.c. A value of NULL: it does not compile.
 */
#ifndef TESTS_EXPR_CASES_H
#define TESTS_EXPR_CASES_H

static const char expr_dictionary[] = "ie_flag          code    \"标志\" \"direction\" list directions\n"
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

static const char expr_declaration[] =
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

static const char expr_directions[] = "I \"进\" \"in\"\nE \"出\" \"out\" until 2026-06-01\n";
static const char expr_units[] = "035 \"千克\" \"kg\"\n";

#define EXPR_UNKNOWN "unknown"
#define U            EXPR_UNKNOWN

static const struct {
    const char *source, *value;
} expr_values[] = {
    /* literals and fields */
    { "true", "true" },
    { "false", "false" },
    { "1.50", "1.5" },
    { "\"a\"", "a" },
    { "\"a \\\" \\\\ \\n\"", "a \" \\ \\n" },
    { "2026-10-31", "2026-10-31" },
    { "today", "2026-10-31" },
    { "bill", "COSU6001234567" },
    { "gross_weight", "12.5" },
    { "arrived", "2026-10-31T08:00:00.000+08:00" },
    { "yes", "true" },
    { "no", "false" },
    { "absent", U },
    { "empty", U },
    { "no_number", U },
    { "ill_number", U },
    { "maybe", U },
    { "no_date", U },
    /* comparisons */
    { "gross_weight >= net_weight", "true" },
    { "gross_weight <= net_weight", "false" },
    { "gross_weight = 12.5", "true" },
    { "gross_weight != 12.50", "false" },
    { "gross_weight > 12.5", "false" },
    { "gross_weight < 12.51", "true" },
    { "ie_flag = \"I\"", "true" },
    { "ie_flag != \"I\"", "false" },
    { "bill = \"cosu6001234567\"", "false" },
    { "made_on = today", "true" },
    { "made_on < 2026-11-01", "true" },
    { "arrived < released", "true" },
    { "yes = true", "true" },
    { "yes = no", "false" },
    { "yes != no", "true" },
    { "absent = \"x\"", U },
    { "absent != \"x\"", U },
    { "ill_number > 1", U },
    { "gross_weight > no_number", U },
    { "empty = \"\"", U },
    { "absent = absent", U },
    { "maybe = true", U },
    { "no_date < today", U },
    /* Kleene */
    { "true and true", "true" },
    { "true and false", "false" },
    { "true and maybe", U },
    { "false and maybe", "false" },
    { "maybe and false", "false" },
    { "maybe and true", U },
    { "maybe and maybe", U },
    { "false or false", "false" },
    { "true or false", "true" },
    { "true or maybe", "true" },
    { "maybe or true", "true" },
    { "maybe or false", U },
    { "false or maybe", U },
    { "maybe or maybe", U },
    { "not true", "false" },
    { "not false", "true" },
    { "not maybe", U },
    { "not not maybe", U },
    { "not not yes", "true" },
    /* binding strength */
    { "true or true and false", "true" },
    { "(true or true) and false", "false" },
    { "not false and false", "false" },
    { "not ie_flag = \"E\"", "true" },
    { "1 + 2 * 3", "7" },
    { "(1 + 2) * 3", "9" },
    { "10 - 2 - 3", "5" },
    { "-2 * -3", "6" },
    { "- - 2", "2" },
    { "1 - -1", "2" },
    { "2 * 3 = 6", "true" },
    { "1 + 1 > 1 and true", "true" },
    /* exact arithmetic */
    { "0.1 + 0.2 = 0.3", "true" },
    { "gross_weight - net_weight", "2.5" },
    { "gross_weight * 2", "25" },
    { "huge + 1", U },
    { "huge * huge", U },
    { "huge + 1 = huge", U },
    { "huge - huge", "0" },
    { "no_number + 1", U },
    { "-no_number", U },
    { "1.000000000000000001 * 1", "1.000000000000000001" },
    /* days and moments */
    { "made_on + 14", "2026-11-14" },
    { "made_on - 31", "2026-09-30" },
    { "made_on - 2026-10-01", "30" },
    { "made_on + 0.5", U },
    { "made_on + 99999999", U },
    { "9999-12-31 + 1", U },
    { "9999-12-31 + 0", "9999-12-31" },
    { "0001-01-01 - 1", U },
    { "released - arrived", "25.5" },
    { "released - arrived <= 25.5", "true" },
    { "arrived - released", "-25.5" },
    { "day(arrived)", "2026-10-31" },
    { "day(released) - made_on", "1" },
    { "no_date + 1", U },
    /* in */
    { "ie_flag in directions", "true" },
    { "ie_flag in its list", "true" },
    { "ie_flag not in its list", "false" },
    { "ie_flag not in directions", "false" },
    { "\"E\" in directions", "false" },
    { "absent in directions", U },
    { "absent not in directions", U },
    { "ie_flag in (\"I\", \"E\")", "true" },
    { "ie_flag in (\"E\")", "false" },
    { "ie_flag not in (\"E\")", "true" },
    { "absent in (\"E\")", U },
    { "net_weight in (1, 10.0)", "true" },
    { "made_on in (2026-10-30, 2026-10-31)", "true" },
    { "not ie_flag in directions", "false" },
    /* exists, if */
    { "exists bill", "true" },
    { "exists absent", "false" },
    { "exists empty", "false" },
    { "exists ill_number", "true" },
    { "not exists absent", "true" },
    { "if yes then 1 else 2", "1" },
    { "if no then 1 else 2", "2" },
    { "if maybe then 1 else 1", U },
    { "if exists absent then absent = \"x\" else true", "true" },
    { "(if yes then 1 else 2) + 5", "6" },
    { "if no then 1 else 2 + 5", "7" },
    /* functions */
    { "substr(bill, 1, 4)", "COSU" },
    { "substr(bill, 5, 100)", "6001234567" },
    { "substr(bill, 15, 1)", "" },
    { "substr(bill, 100, 1)", "" },
    { "substr(name, 2, 2)", "重a" },
    { "substr(bill, 0, 1)", U },
    { "substr(bill, 1.5, 1)", U },
    { "substr(bill, 1, -1)", U },
    { "substr(bill, 1, 0)", "" },
    { "substr(absent, 1, 1)", U },
    { "substr(bill, 1, no_number)", U },
    { "substr(bill, 1, 99999999999999999999)", "COSU6001234567" },
    { "substr(bill, 99999999999999999999, 1)", "" },
    { "substr(bill, 1, 4) = \"COSU\"", "true" },
    { "length(name)", "5" },
    { "length(\"\")", "0" },
    { "length(absent)", U },
    { "round(10.055, 2)", "10.06" },
    { "round(2.5, 0)", "3" },
    { "round(-2.5, 0)", "-3" },
    { "round(1, 18)", "1" },
    { "abs(-2.5)", "2.5" },
    { "abs(2)", "2" },
    { "number(\"12.50\")", "12.5" },
    { "number(bill)", U },
    { "number(substr(bill, 5, 4))", "6001" },
    { "contains(split(\"a|b||c\", \"|\"), \"b\")", "true" },
    { "contains(split(\"a|b||c\", \"|\"), \"d\")", "false" },
    { "contains(split(\"a|b\", \"|\"), \"a|b\")", "false" },
    { "contains(split(absent, \"|\"), \"a\")", U },
    { "count(split(\" a,, b ,\", \",\"))", "2" },
    { "count(split(\"a--b-c\", \"--\"))", "2" },
    { "count(split(\"\", \",\"))", "0" },
    { "count(split(absent, \",\"))", U },
    { "mentions(name, \"重ab\")", "true" },
    { "mentions(bill, \"no\")", "false" },
    { "mentions(absent, \"A\")", U },
    { "joined(\"1203\", \"/\", \"3\")", "1203/3" },
    { "joined(bill, \"/\", substr(bill, 1, 2)) = joined(bill, \"/\", \"CO\")", "true" },
    { "joined(absent, \"/\", bill)", U },
    { "joined(\"0123456789012345678901234567890\", \"/\", \"01234567890123456789012345678901\")",
      "0123456789012345678901234567890/01234567890123456789012345678901" },
    { "joined(\"0123456789012345678901234567890\", \"/\", \"012345678901234567890123456789012\")", U },
    { "matches(bill, \"AAAA9999999999\")", "true" },
    { "matches(bill, \"AAAA999999999\")", "false" },
    { "matches(bill, \"XXXXXXXXXXXXXX\")", "true" },
    { "matches(\"a-1\", \"A-9\")", "false" },
    { "matches(\"B-1\", \"A-9\")", "true" },
    { "matches(\"B1\", \"A-\")", "false" },
    { "matches(absent, \"A\")", U },
    { "only(\"0190\", \"019\")", "true" },
    { "only(\"0180\", \"019\")", "false" },
    { "only(\"\", \"019\")", "true" },
    { "only(absent, \"019\")", U },
    { "year(made_on)", "2026" },
    { "year(no_date)", U },
    { "year(day(arrived)) = year(today)", "true" },
    { "iso6346(\"CSQU3054383\")", "true" },
    { "iso6346(bill)", "false" },
    { "iso6346(absent)", U },
    { "iso6346_remainder10(\"CSQU3054383\")", "false" },
    { "imo(\"9074729\")", "true" },
    { "gb32100(\"91440300796611420W\")", "true" },
    { "gb11714(\"796611420\")", "true" },
    { "entry(\"223320231000000762\")", "true" },
    /* over rows */
    { "count(item)", "3" },
    { "count(none)", "0" },
    { "sum(item.total)", "31" },
    { "sum(none.total)", "0" },
    { "min(item.total)", "0.95" },
    { "max(item.total)", "20" },
    { "min(none.total)", U },
    { "sum(item.second)", U },
    { "max(item.second)", U },
    { "min(item.made)", "2026-01-01" },
    { "max(item.made)", "2026-03-01" },
    { "count(item where item.unit = \"035\")", "2" },
    { "sum(item.total where item.unit = \"035\")", "30.05" },
    { "sum(item.second where exists item.second)", "7" },
    { "count(item where item.second > 1)", U },
    { "sum(item.total where item.second > 1)", U },
    { "max(item.total where item.total < 20)", "10.05" },
    { "sum(item.total where item.total > 100)", "0" },
    { "count(item where gross_weight > 100)", "0" },
    { "unique(item.number)", "true" },
    { "unique(item.code)", "false" },
    { "unique(none.total)", "true" },
    { "unique(item.second)", U },
    { "unique(item.code where item.number < 3)", "false" },
    { "unique(item.code where item.number > 1)", "true" },
    { "contiguous(item.number)", "true" },
    { "contiguous(item.total)", "false" },
    { "contiguous(none.total)", "true" },
    { "contiguous(item.second)", U },
    { "contiguous(item.number where item.number > 1)", "false" },
    { "every_in(split(\"1,3\", \",\"), item.number)", "true" },
    { "every_in(split(\"1,4\", \",\"), item.number)", "false" },
    { "every_in(split(\"1.0,02\", \",\"), item.number)", "true" },
    { "every_in(split(\"1,x\", \",\"), item.number)", "false" },
    { "every_in(split(\"\", \",\"), item.number)", "true" },
    { "every_in(split(\"7\", \",\"), item.second)", "true" },
    { "every_in(split(\"8\", \",\"), item.second)", U },
    { "every_in(split(absent, \",\"), item.number)", U },
    { "every_in(split(\"8471\", \",\"), item.code)", "true" },
    { "every_in(split(\"8471.0\", \",\"), item.code)", "false" },
    { "every_in(split(\"1\", \",\"), none.total)", "false" },
    { "every_in(split(\"3\", \",\"), item.number where item.unit = \"007\")", "false" },
    /* quantifiers */
    { "every item: item.total > 0", "true" },
    { "every item: item.total > 1", "false" },
    { "every item: item.second > 1", U },
    { "every item: item.second > 7", "false" },
    { "any item: item.second = 7", "true" },
    { "any item: item.second = 8", U },
    { "any item: item.total > 100", "false" },
    { "every none: none.total > 0", "true" },
    { "any none: none.total > 0", "false" },
    { "every item: exists item.second or item.unit in (\"035\", \"007\")", "true" },
    { "not any item: item.unit = \"007\"", "false" },
    { "(every item: item.total > 0) and no", "false" },
    { "every item: item.total > 0 and no", "false" },
    { "every box: every_in(split(box.goods, \",\"), item.number)", "true" },
    { "any box: every_in(split(box.goods, \",\"), item.number where item.unit = \"035\")", "true" },
    { "every item: item.total <= max(item.total)", "true" },
    { "every item: item.total <= sum(item.total) - 30", "false" },
    { "any box: any item: item.total = 20", "true" },
    { "every item: (any box: box.goods = \"1,3\") and item.number > 0", "true" },
    { "every item: not exists item.fragile", "true" },
    { "any item: repeated(item.code)", "true" },
    { "any item: repeated(item.number)", "false" },
    { "any item: repeated(item.code) and item.number = 1", "false" },
    /* blanks, comments and continued lines */
    { "gross_weight # heavy\n   ...  >= net_weight", "true" },
    { "  true  ", "true" },
    { "true#", NULL },
};

#undef U

#endif
