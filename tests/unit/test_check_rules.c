/* test_check_rules.c - how rules are read and judged: mistakes, rows, days, places, sentences, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/stamp.h"
#include "edition/dictionary.h"
#include "edition/lists.h"
#include "check/rules.h"
#include "edition/edition.h"
#include "document_kit.h"
#include "told.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char dictionary[] = "format        text    \"格式\" \"format\" known\n"
                                 "gross_weight  decimal \"毛重\" \"gross weight\"\n"
                                 "net_weight    decimal \"净重\" \"net weight\"\n"
                                 "ie_flag       code    \"标志\" \"flag\" list directions\n"
                                 "name          text    \"名\"   \"name\"\n"
                                 "known_at      moment  \"时\"   \"known\" known\n"
                                 "item          group   \"项\"   \"item\"\n"
                                 "item.number   decimal \"号\"   \"number\"\n"
                                 "item.total    decimal \"额\"   \"total\"\n"
                                 "box           group   \"箱\"   \"box\"\n"
                                 "box.number    text    \"号\"   \"number\"\n";

#define NEEDED " root R\n schema s\n binding b\n"
static const char formats[] =
    "format a\n family declaration\n" NEEDED "format b\n family charge-note\n namespace urn:b\n" NEEDED;

/* An edition of these texts, made by hand. */
struct kit {
    struct arena *arena;
    struct edition edition;
    struct edition_text rules;
    struct verdict verdict;
    struct rule_set *loaded;
};

static void load(struct kit *kit, const char *source) {
    kit->arena = arena_new();
    verdict_init(&kit->verdict, kit->arena);
    kit->rules = (struct edition_text){ .name = "rules", .path = "schemas/rules", .bytes = text_of(source) };
    kit->edition = (struct edition){ .arena = kit->arena, .texts = &kit->rules, .count = 1 };
    kit->edition.fields = dictionary_load(text_of(dictionary), "fields", kit->arena, &kit->verdict);
    kit->edition.catalog =
        catalog_load(text_of(formats), "catalog", kit->edition.fields, kit->arena, &kit->verdict);
    kit->edition.lists = codelists_new(kit->arena);
    lists_load(kit->edition.lists, "directions", TEXT("I \"进口\" \"import\"\n"), "lists/directions",
               kit->arena, &kit->verdict);
    assert_int_equal(kit->verdict.count, 0);
    kit->loaded = rule_set_load(&kit->edition, &kit->verdict);
}

#define RULE(head, lines) "rule " head "\n" lines
#define REST              " at name\n zh 甲\n en A\n"

static const struct {
    const char *source;
    size_t rules;
    const char *told;
} sources[] = {
    { "", 0, "" },
    { "# nothing\n", 0, "" },
    { RULE("D01 error declaration", " require gross_weight >= net_weight\n" REST), 1, "" },
    { RULE(
          "D01 error declaration,charge-note since 2018-08-01 until 2030-01-01 basis \"GACC 67/2018\" stage engine",
          " require gross_weight >= net_weight\n" REST),
      1, "" },
    { RULE("D01 error declaration", " require true\n" REST)
          RULE("D01 warning declaration", " require true\n" REST),
      2, "" },
    { RULE(
          "D01 observe declaration",
          " each item\n when item.number > 1\n require item.total > 0\n at item.total item.number\n zh {item.number}\n en {name}\n"),
      1, "" },
    { RULE(
          "D01 error declaration",
          " require gross_weight >= net_weight\n    ... and net_weight > 0   # both\n\n   # still the same\n ... and true\n" REST),
      1, "" },
    { RULE("D01 error declaration", " require\n   ... true\n" REST), 1, "" },
    /* one for each of several fields */
    { RULE(
          "D01 error declaration",
          " for gross_weight net_weight\n require it > 0\n at it name\n zh {its name} {it}\n en {its name} {it}\n"),
      2, "" },
    { RULE("D01 error declaration",
           " each item\n for item.number item.total\n require it > item.number\n at it\n zh 甲\n en {it}\n"),
      2, "" },
    { RULE("D01 error declaration", " for gross\n require it > 0\n at it\n zh 甲\n en A\n"), 0,
      "2:6 there is no field gross\n" },
    { RULE("D01 error declaration", " for gross_weight item\n require it > 0\n at it\n zh 甲\n en A\n"), 0,
      "2:19 for takes up to 100 fields that have values\n" },
    { RULE("D01 error declaration", " for\n require it > 0\n at it\n zh 甲\n en A\n"), 0,
      "2:5 expected for FIELD ...\n" },
    { RULE("D01 error declaration", " for gross_weight name\n require it > 0\n at it\n zh 甲\n en A\n"), 1,
      "3:15 > needs a text, and this is a number (did you mean \"0\"?)\n" },
    { RULE("D01 error declaration", " require it > 0\n at name\n zh 甲\n en A\n"), 0,
      "2:10 there is no field it\n" },
    { RULE("D01 error declaration", " for item.total\n require true\n at it\n zh 甲\n en {it}\n"), 0,
      "6:6 item.total has more than one value in this rule\n" },
    { RULE("D01 error declaration", " require true\n at name\n zh {its name}\n en A\n"), 0,
      "4:6 there is no field its name\n" },
    /* heads */
    { "wobble D01 error declaration\n require true\n" REST, 0,
      "1:1 unknown key wobble; here may stand: rule\n" },
    { "rul D01 error declaration\n require true\n" REST, 0, "1:1 unknown key rul (did you mean rule?)\n" },
    { "rule D01 error\n", 0, "1:15 expected rule CODE SEVERITY FAMILIES\n" },
    { RULE("d01 error declaration", " require true\n" REST), 0,
      "1:6 a rule's code has capital letters, digits and -, begins with a letter and has at most 32 bytes\n" },
    { RULE("D01 fatal declaration", " require true\n" REST), 0,
      "1:10 a severity is error, warning or observe\n" },
    { RULE("D01 error declaratoin", " require true\n" REST), 0,
      "1:16 there is no family declaratoin (did you mean declaration?)\n" },
    { RULE("D01 error declaration,", " require true\n" REST), 0, "1:16 there is no family \n" },
    { RULE("D01 error declaration since 2018-13-01", " require true\n" REST), 0,
      "1:28 expected since DAY, until DAY, basis \"TEXT\" or stage check|engine\n" },
    { RULE("D01 error declaration stage view", " require true\n" REST), 0,
      "1:28 expected since DAY, until DAY, basis \"TEXT\" or stage check|engine\n" },
    { RULE("D01 error declaration basis", " require true\n" REST), 0,
      "1:28 expected since DAY, until DAY, basis \"TEXT\" or stage check|engine\n" },
    { RULE("D01 error declaration form x", " require true\n" REST), 0,
      "1:28 expected since DAY, until DAY, basis \"TEXT\" or stage check|engine\n" },
    { " require true\n", 0, "1:2 this line is indented, and no rule stands above\n" },
    /* lines */
    { RULE("D01 error declaration", " requires true\n" REST), 0,
      "2:2 unknown key requires (did you mean require?)\n" },
    { RULE("D01 error declaration", " require true\n require true\n" REST), 0, "3:2 require stands twice\n" },
    { RULE("D01 error declaration", " zh 甲\n"), 0,
      "1:1 the rule D01 lacks require\n1:1 the rule D01 lacks at\n1:1 the rule D01 lacks en\n" },
    { RULE("D01 error declaration", " require true\n at\n zh 甲\n en A\n"), 0,
      "3:4 expected at FIELD ...\n" },
    { RULE("D01 error declaration", " require true\n at nam\n zh 甲\n en A\n"), 0,
      "3:5 there is no field nam (did you mean name?)\n" },
    { RULE("D01 error declaration", " require true\n at item\n zh 甲\n en A\n"), 0,
      "3:5 at takes up to 8 fields that have values\n" },
    { RULE("D01 error declaration",
           " require true\n at name name name name name name name name name\n zh 甲\n en A\n"),
      0, "3:45 at takes up to 8 fields that have values\n" },
    { RULE("D01 error declaration", " each itme\n require true\n" REST), 0,
      "2:7 there is no group itme (did you mean item?)\n" },
    { RULE("D01 error declaration", " each name\n require true\n" REST), 0, "2:7 there is no group name\n" },
    { RULE("D01 error declaration", " ... true\n require true\n" REST), 0,
      "2:2 ... continues a when or a require only\n" },
    { RULE("D01 error declaration", " require true\n" REST " ... more\n"), 0,
      "6:2 ... continues a when or a require only\n" },
    { RULE("D01 error declaration", " require true\n at name\n zh 毛重 {gross} 小\n en A\n"), 0,
      "4:9 there is no field gross\n" },
    { RULE("D01 error declaration", " require true\n at name\n zh 甲\n en item {item.number}\n"), 0,
      "5:11 item.number has more than one value in this rule\n" },
    { RULE("D01 error declaration", " each box\n require true\n at name\n zh 甲\n en item {item.number}\n"),
      0, "6:11 item.number has more than one value in this rule\n" },
    { RULE("D01 error declaration", " require true\n at name\n zh 甲 \"乙\n en A\n"), 0,
      "4:7 this line cannot be read: a quote is opened and not closed in this line\n" },
    /* expressions, in their own lines and columns */
    { RULE("D01 error declaration", " require gross_weight >= net_wieght\n" REST), 0,
      "2:26 there is no field net_wieght (did you mean net_weight?)\n" },
    { RULE("D01 error declaration", " require gross_weight > 1\n  # 注释\n   ... and 毛\n" REST), 0,
      "4:12 the character 毛 cannot stand in an expression\n" },
    { RULE("D01 error declaration", " require gross_weight\n" REST), 0,
      "2:10 require needs true or false\n" },
    { RULE("D01 error declaration", " when name\n require true\n" REST), 0,
      "2:7 when needs true or false\n" },
    { RULE("D01 error declaration", " require\n" REST), 0,
      "2:9 the expression ends here, and a value is expected\n" },
    { RULE("D01 error declaration", " require item.total > 0\n" REST), 0,
      "2:10 item.total stands once in each item: use every, any or a function such as sum (did you mean every item: …?)\n" },
    /* one rule with a mistake does not take others with it */
    { RULE("D01 error declaration", " require nothing\n" REST)
          RULE("D02 error declaration", " require true\n" REST),
      1, "2:10 there is no field nothing\n" },
};

static void rules_are_read(void **state) {
    for (size_t i = 0; i < COUNT(sources); i++) {
        struct kit kit;
        struct buf told;
        buf_init(&told, 4096);
        load(&kit, sources[i].source);
        tell_mistakes(&kit.verdict, &told);
        if (strcmp(told.at, sources[i].told) != 0) {
            fail_msg("%s\n is: %s should be: %s", sources[i].source, told.at, sources[i].told);
        }
        assert_int_equal(kit.loaded->count, sources[i].rules);
        for (size_t k = 0; k < kit.verdict.count; k++) {
            assert_string_equal(kit.verdict.findings[k].file, "schemas/rules");
            assert_true(*kit.verdict.findings[k].zh);
        }
        buf_release(&told);
        arena_free(kit.arena);
    }
}

static void a_rule_for_several_fields_is_shown_as_one_each(void **state) {
    struct kit kit;
    load(
        &kit,
        RULE(
            "D01 warning declaration",
            " for gross_weight net_weight\n when exists it and name != \"it\"\n require it > 0\n at it name\n"
            " zh {its name} {it}\n en its {its name} is {it}\n hint-en {its name}\n"));
    assert_int_equal(kit.loaded->count, 2);
    struct rule rule = kit.loaded->list[1];
    assert_string_equal(rule.when_text, "exists net_weight and name != \"it\"");
    assert_string_equal(rule.require_text, "net_weight > 0");
    assert_string_equal(rule.at_text, "net_weight name");
    assert_string_equal(rule.zh, "净重 {net_weight}");
    assert_string_equal(rule.en, "its net weight is {net_weight}");
    assert_string_equal(rule.hint_en, "net weight");
    assert_int_equal(rule.line, 1);
    arena_free(kit.arena);
}

static void a_rule_is_shown_as_it_stands(void **state) {
    struct kit kit;
    load(
        &kit,
        RULE(
            "D01-A warning declaration,charge-note since 2018-08-01 until 2030-01-01 basis \"GACC 67/2018\" stage engine",
            " each item\n when item.number > 1\n"
            " require item.total > 0   # positive\n   ...   and name = \"#1 \\\"x\\\"\"\n   # why\n   ...  and true\n"
            " at item.total item.number\n zh 毛重 {item.total}\n en weight {item.total}\n hint-zh 请\n hint-en please\n"));
    assert_int_equal(kit.loaded->count, 1);
    struct rule rule = kit.loaded->list[0];
    assert_string_equal(rule.code, "D01-A");
    assert_int_equal(rule.severity, SEVERITY_WARNING);
    assert_string_equal(rule.families_text, "declaration,charge-note");
    assert_string_equal(rule.basis, "GACC 67/2018");
    assert_int_equal(rule.stage, RULE_ENGINE);
    assert_string_equal(rule.each->name, "item");
    assert_string_equal(rule.when_text, "item.number > 1");
    assert_string_equal(rule.require_text, "item.total > 0 and name = \"#1 \\\"x\\\"\" and true");
    assert_string_equal(rule.at_text, "item.total item.number");
    assert_string_equal(rule.zh, "毛重 {item.total}");
    assert_string_equal(rule.en, "weight {item.total}");
    assert_string_equal(rule.hint_zh, "请");
    assert_string_equal(rule.hint_en, "please");
    assert_int_equal(rule.since, day_of(2018, 8, 1));
    assert_int_equal(rule.until, day_of(2030, 1, 1));
    assert_int_equal(rule.line, 1);
    arena_free(kit.arena);
}

/* What is judged of one document, a line each: "CODE severity line sentence (hint)". */
static void judge(struct kit *kit, const char *document, const char *family, enum rule_stage stage,
                  int32_t today, struct buf *out) {
    static const char *const letters[] = { "observe", "warning", "error" };
    struct verdict verdict;
    verdict_init(&verdict, kit->arena);
    struct document *doc = document_of(document, kit->edition.fields, kit->arena);
    struct decoded text = { .original = text_of(document), .utf8 = text_of(document) };
    struct places places = places_of(&text);
    rules_judge(kit->loaded, stage, text_of(family), doc, today, &places, kit->arena, &verdict);
    for (size_t i = 0; i < verdict.count; i++) {
        const struct finding *finding = &verdict.findings[i];
        buf_printf(out, "%s %s %u %s | %s", finding->code, letters[finding->severity], finding->place.line,
                   finding->zh, finding->en);
        buf_printf(out, *finding->hint_en ? " (%s | %s)\n" : "\n", finding->hint_zh, finding->hint_en);
    }
}

static const struct {
    const char *rules, *document, *family;
    enum rule_stage stage;
    const char *found;
} judgements[] = {
    /* false violates; true and unknown do not */
    { RULE(
          "R error declaration",
          " require gross_weight >= net_weight\n at gross_weight\n zh 毛 {gross_weight} 净 {net_weight}\n en g {gross_weight} n {net_weight}\n hint-zh 查 {name}\n hint-en check {name}\n"),
      "name=x\ngross_weight=1\nnet_weight=2", "declaration", RULE_CHECK,
      "R error 2 毛 1 净 2 | g 1 n 2 (查 x | check x)\n" },
    { RULE("R error declaration", " require gross_weight >= net_weight\n" REST),
      "gross_weight=2\nnet_weight=2", "declaration", RULE_CHECK, "" },
    { RULE("R error declaration", " require gross_weight >= net_weight\n" REST), "gross_weight=2",
      "declaration", RULE_CHECK, "" },
    { RULE("R error declaration", " require gross_weight >= net_weight\n" REST),
      "gross_weight~=x\nnet_weight=2", "declaration", RULE_CHECK, "" },
    /* severities */
    { RULE("R warning declaration", " require false\n" REST)
          RULE("S observe declaration", " require false\n" REST),
      "", "declaration", RULE_CHECK, "R warning 0 甲 | A\nS observe 0 甲 | A\n" },
    /* family and stage */
    { RULE("R error charge-note", " require false\n" REST), "", "declaration", RULE_CHECK, "" },
    { RULE("R error charge-note,declaration", " require false\n" REST), "", "declaration", RULE_CHECK,
      "R error 0 甲 | A\n" },
    { RULE("R error declaration stage engine", " require false\n" REST), "", "declaration", RULE_CHECK, "" },
    { RULE("R error declaration stage engine", " require false\n" REST), "", "declaration", RULE_ENGINE,
      "R error 0 甲 | A\n" },
    { RULE("R error declaration stage check", " require false\n" REST), "", "declaration", RULE_ENGINE, "" },
    /* when: only true judges */
    { RULE("R error declaration", " when name = \"x\"\n require false\n" REST), "name=x", "declaration",
      RULE_CHECK, "R error 1 甲 | A\n" },
    { RULE("R error declaration", " when name = \"x\"\n require false\n" REST), "name=y", "declaration",
      RULE_CHECK, "" },
    { RULE("R error declaration", " when name = \"x\"\n require false\n" REST), "", "declaration", RULE_CHECK,
      "" },
    /* ... also when rules that follow each other have the same, whether it looks at rows or not */
    { RULE("R error declaration", " when name = \"x\"\n require false\n" REST)
          RULE("S error declaration", " when name = \"x\"\n require false\n" REST)
              RULE("T error declaration", " when name = \"y\"\n require false\n" REST)
                  RULE("U error declaration", " when name = \"x\"\n require false\n" REST),
      "name=x", "declaration", RULE_CHECK, "R error 1 甲 | A\nS error 1 甲 | A\nU error 1 甲 | A\n" },
    { RULE("R error declaration", " when name = \"x\"\n require false\n" REST)
          RULE("S error declaration", " each item\n when name = \"x\"\n require false\n" REST),
      "name=x\nitem@2", "declaration", RULE_CHECK, "R error 1 甲 | A\nS error 1 甲 | A\nS error 1 甲 | A\n" },
    { RULE("R error declaration", " each item\n when item.number > 1\n require false\n" REST)
          RULE("S error declaration", " each item\n when item.number > 1\n require false\n" REST),
      "name=x\nitem.number@0=1\nitem.number@1=2", "declaration", RULE_CHECK,
      "R error 1 甲 | A\nS error 1 甲 | A\n" },
    /* each: one finding a row, at the row's own place */
    { RULE(
          "R error declaration",
          " each item\n require item.total > sum(item.total) - 10\n at item.total item.number\n zh 第 {item.number} 项 {name}\n en item {item.number} {name}\n"),
      "name=x\nitem.number@0=1\nitem.number@1=2\nitem.total@0=6\nitem.total@1=3\nitem@3", "declaration",
      RULE_CHECK, "" },
    { RULE(
          "R error declaration",
          " each item\n require item.total > 5\n at item.total item.number\n zh 第 {item.number} 项 {name}\n en item {item.number} {name}\n"),
      "name=x\nitem.number@0=1\nitem.number@1=2\nitem.number@2=3\nitem.total@0=6\nitem.total@1=3\nitem.total@2=4",
      "declaration", RULE_CHECK, "R error 6 第 2 项 x | item 2 x\nR error 7 第 3 项 x | item 3 x\n" },
    { RULE(
          "R error declaration",
          " each item\n when item.number > 1\n require exists item.total\n at item.total item.number name\n zh 甲\n en A\n"),
      "name=x\nitem.number@0=1\nitem.number@1=2\nitem@3", "declaration", RULE_CHECK, "R error 3 甲 | A\n" },
    { RULE("R error declaration", " each item\n require false\n" REST), "", "declaration", RULE_CHECK, "" },
    /* places: the first that is there; of another group its first value; what only the gateway knows has
       none */
    { RULE("R error declaration", " require false\n at gross_weight net_weight\n zh 甲\n en A\n"),
      "name=x\nnet_weight=1", "declaration", RULE_CHECK, "R error 2 甲 | A\n" },
    { RULE("R error declaration", " require false\n at item.total\n zh 甲\n en A\n"),
      "name=x\nitem.number@0=1\nitem.total@2=1", "declaration", RULE_CHECK, "R error 3 甲 | A\n" },
    { RULE("R error declaration", " require false\n at gross_weight\n zh 甲\n en A\n"), "name=x",
      "declaration", RULE_CHECK, "R error 0 甲 | A\n" },
    /* sentences: values, codes with their names, what is absent, what is long, braces that are none */
    { RULE(
          "R error declaration",
          " require false\n at name\n zh {ie_flag}，{name}，{net_weight}\n en {ie_flag}, {name}, {net_weight} { }}\n"),
      "ie_flag=I\nname=", "declaration", RULE_CHECK, NULL },
    { RULE("R error declaration",
           " require false\n at name\n zh {ie_flag}，{gross_weight}\n en {ie_flag}, {gross_weight} }}{\n"),
      "ie_flag=I\nname=x", "declaration", RULE_CHECK,
      "R error 2 I（进口），（空） | I (import), (none) }}{\n" },
    { RULE("R error declaration", " require false\n at name\n zh {ie_flag}\n en {ie_flag}\n"),
      "ie_flag=Q\nname=x", "declaration", RULE_CHECK, "R error 2 Q | Q\n" },
    { RULE("R error declaration", " require false\n at name\n zh {name}\n en {name}\n"),
      "name=毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛",
      "declaration", RULE_CHECK,
      "R error 1 毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重… | "
      "毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重毛重…\n" },
};

static void documents_are_judged(void **state) {
    for (size_t i = 0; i < COUNT(judgements); i++) {
        struct kit kit;
        struct buf found;
        load(&kit, judgements[i].rules);
        if (!judgements[i].found) {
            assert_int_equal(kit.loaded->count, 0); /* a brace around nothing is a mistake */
            arena_free(kit.arena);
            continue;
        }
        assert_int_equal(kit.verdict.count, 0);
        buf_init(&found, 8192);
        judge(&kit, judgements[i].document, judgements[i].family, judgements[i].stage, day_of(2026, 10, 31),
              &found);
        if (strcmp(found.at, judgements[i].found) != 0) {
            fail_msg("%s on %s\n is: %s should be: %s", judgements[i].rules, judgements[i].document, found.at,
                     judgements[i].found);
        }
        buf_release(&found);
        arena_free(kit.arena);
    }
}

static void a_rule_holds_on_its_days(void **state) {
    static const struct {
        int year, month, day;
        bool holds;
    } days[] = {
        { 2018, 7, 31, false },
        { 2018, 8, 1, true },
        { 2029, 12, 31, true },
        { 2030, 1, 1, false },
    };
    struct kit kit;
    load(&kit, RULE("R error declaration since 2018-08-01 until 2030-01-01", " require false\n" REST));
    for (size_t i = 0; i < COUNT(days); i++) {
        struct buf found;
        buf_init(&found, 4096);
        judge(&kit, "", "declaration", RULE_CHECK, day_of(days[i].year, days[i].month, days[i].day), &found);
        assert_int_equal(found.length > 0, days[i].holds);
        buf_release(&found);
    }
    arena_free(kit.arena);
}

/* More violations than a verdict keeps are counted all the same. */
static void every_row_counts(void **state) {
    struct kit kit;
    struct verdict verdict;
    load(&kit, RULE("R error declaration", " each item\n require false\n" REST));
    verdict_init(&verdict, kit.arena);
    struct document *doc = document_of("item@1000", kit.edition.fields, kit.arena);
    struct places places = places_of_message(TEXT(""), NULL);
    rules_judge(kit.loaded, RULE_CHECK, TEXT("declaration"), doc, 0, &places, kit.arena, &verdict);
    assert_int_equal(verdict.count, VERDICT_FINDINGS_MAX);
    assert_int_equal(verdict.errors, 1000);
    arena_free(kit.arena);
}

/* Bug 2: findings that no verdict keeps had their sentences written all the same, a hundred megabytes for a
   long message. */
static void what_is_not_kept_takes_no_memory(void **state) {
    size_t used[2];
    for (int i = 0; i < 2; i++) {
        struct kit kit;
        struct verdict verdict;
        load(&kit,
             RULE("R error declaration", " each item\n require false\n at box.number\n zh 甲\n en A\n"));
        verdict_init(&verdict, kit.arena);
        struct document *doc = document_of(i ? "item@100000" : "item@1000", kit.edition.fields, kit.arena);
        size_t before = arena_used(kit.arena);
        struct places places = places_of_message(TEXT(""), NULL);
        rules_judge(kit.loaded, RULE_CHECK, TEXT("declaration"), doc, 0, &places, kit.arena, &verdict);
        used[i] = arena_used(kit.arena) - before;
        assert_int_equal(verdict.errors, i ? 100000 : 1000);
        arena_free(kit.arena);
    }
    assert_int_equal(used[0], used[1]);
}

static void rules_have_a_limit(void **state) {
    struct buf source;
    buf_init(&source, 4 << 20);
    for (int i = 0; i < RULE_SET_MAX; i++) {
        buf_printf(&source, RULE("R%d error declaration", " require true\n" REST), i);
    }
    struct kit kit;
    load(&kit, source.at);
    assert_int_equal(kit.loaded->count, RULE_SET_MAX);
    assert_int_equal(kit.verdict.count, 0);
    arena_free(kit.arena);
    buf_add_string(&source, RULE("MORE error declaration", " require true\n" REST));
    load(&kit, source.at);
    assert_int_equal(kit.loaded->count, RULE_SET_MAX);
    assert_string_equal(kit.verdict.findings[0].en, "more than 2000 rules");
    arena_free(kit.arena);
    buf_release(&source);
}

static void no_text_is_no_rules(void **state) {
    struct kit kit;
    load(&kit, "");
    kit.edition.count = 0;
    assert_int_equal(rule_set_load(&kit.edition, &kit.verdict)->count, 0);
    assert_int_equal(kit.verdict.count, 0);
    arena_free(kit.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_read),
        cmocka_unit_test(a_rule_for_several_fields_is_shown_as_one_each),
        cmocka_unit_test(a_rule_is_shown_as_it_stands),
        cmocka_unit_test(documents_are_judged),
        cmocka_unit_test(a_rule_holds_on_its_days),
        cmocka_unit_test(every_row_counts),
        cmocka_unit_test(what_is_not_kept_takes_no_memory),
        cmocka_unit_test(rules_have_a_limit),
        cmocka_unit_test(no_text_is_no_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
