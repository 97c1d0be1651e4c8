/*
 * fault.c - one row per fault of the validator and of the parser: its number, the code of ours, the sentence.
 *
 * A sentence takes up to three texts: {0} the element or attribute, {1} and {2} what the row's reader takes
 * from the fault. Values and lists are cut, for a sentence must stay one.
 */
#include "check/fault.h"

#include <string.h>

#include "base/buf.h"
#include "message/finding_code.h"

#define VALUE_SHOWN  60 /* characters */
#define NAMES_SHOWN  12
#define SENTENCE_MAX 4096

/* --- taking libxml2's sentences apart ------------------------------------------------------------------- */

static struct text between(const char *message, const char *opening, const char *closing) {
    const char *from = message ? strstr(message, opening) : NULL;
    const char *to = from ? strstr(from + strlen(opening), closing) : NULL;
    return to ? (struct text){ from + strlen(opening), (size_t)(to - from) - strlen(opening) } : TEXT("");
}

/* "{urn:x}Name" without the namespace. */
static struct text local(struct text name) {
    const char *brace = name.length && name.at[0] == '{' ? memchr(name.at, '}', name.length) : NULL;
    size_t cut = brace ? (size_t)(brace - name.at) + 1 : 0;
    return (struct text){ name.at + cut, name.length - cut };
}

struct text fault_attribute(const struct fault *fault) {
    struct text head = between(fault->message, "Element '", "': ");
    const char *attribute = head.at ? memmem(head.at, head.length, "', attribute '", 14) : NULL;
    return attribute
               ? local((struct text){ attribute + 14, (size_t)(head.at + head.length - attribute) - 14 })
               : TEXT("");
}

static struct text subject(const struct fault *fault) {
    struct text attribute = fault_attribute(fault);
    return attribute.length ? attribute : local(between(fault->message, "Element '", "'"));
}

struct text fault_expected(const struct fault *fault) {
    return text_trim(between(fault->message, " ( ", " )."));
}

/* The sentence behind "Element 'X': ". */
static struct text sentence_of(const struct fault *fault) {
    const char *colon = strstr(fault->message, "': ");
    return text_trim(text_of(colon ? colon + 3 : fault->message));
}

/* --- what sentences are filled with --------------------------------------------------------------------- */

static struct text shown(struct arena *arena, struct text value) {
    const char *at = value.at, *end = at + value.length;
    size_t count = 0;
    while (at < end && count < VALUE_SHOWN) {
        text_next(&at, end);
        count++;
    }
    return at == end ? value : text_of(arena_printf(arena, "%.*s...", (int)(at - value.at), value.at));
}

/* "{ns}A, {ns}B, ##other{ns}*" as "A, B, *"; each name once. */
static struct text names(struct arena *arena, struct text list) {
    const char *out = "";
    for (int count = 0; list.length; count++) {
        if (count == NAMES_SHOWN) {
            out = arena_printf(arena, "%s, ...", out);
            break;
        }
        const char *comma = memmem(list.at, list.length, ", ", 2);
        struct text name = { list.at, comma ? (size_t)(comma - list.at) : list.length };
        list = comma ? (struct text){ comma + 2, list.length - name.length - 2 } : TEXT("");
        name = local(text_starts(name, "##other") ? (struct text){ name.at + 7, name.length - 7 } : name);
        out = arena_printf(arena, "%s%s" TEXT_FORMAT, out, count ? ", " : "", TEXT_ARGS(name));
    }
    return text_of(out);
}

struct text fault_type(const struct fault *fault) {
    struct text rest = sentence_of(fault);
    const char *type = rest.length ? memmem(rest.at, rest.length, " type '", 7) : NULL;
    return type ? local(between(type, " type '", "'")) : TEXT("");
}

struct filling {
    struct text one, two;
};

static struct filling fill_value_and_limit(const struct fault *fault, struct arena *arena) {
    return (struct filling){ shown(arena, text_of(fault->strings[0])), text_of(fault->strings[1]) };
}

/* Length facets: of an attribute the value comes first. */
static struct filling fill_lengths(const struct fault *fault, struct arena *arena) {
    int from = fault_attribute(fault).length ? 1 : 0;
    return (struct filling){ text_of(fault->strings[from]), text_of(fault->strings[from + 1]) };
}

static struct filling fill_set(const struct fault *fault, struct arena *arena) {
    return (struct filling){ shown(arena, text_of(fault->strings[0])),
                             names(arena, text_of(fault->strings[1])) };
}

static struct filling fill_value(const struct fault *fault, struct arena *arena) {
    return (struct filling){ shown(arena, text_of(fault->strings[0])), TEXT("") };
}

/* "['1', 'A']" of an identity constraint without its brackets. */
static struct filling fill_key(const struct fault *fault, struct arena *arena) {
    struct text key = text_of(fault->strings[0]);
    bool bracketed = key.length >= 2 && key.at[0] == '[' && key.at[key.length - 1] == ']';
    key = bracketed ? (struct text){ key.at + 1, key.length - 2 } : key;
    return (struct filling){ shown(arena, key), TEXT("") };
}

static struct filling fill_expected(const struct fault *fault, struct arena *arena) {
    return (struct filling){ names(arena, fault_expected(fault)), TEXT("") };
}

static struct filling fill_attribute_name(const struct fault *fault, struct arena *arena) {
    return (struct filling){ local(text_of(fault->strings[0])), TEXT("") };
}

static struct filling fill_nothing(const struct fault *fault, struct arena *arena) {
    return (struct filling){ TEXT(""), TEXT("") };
}

/* --- the rows ------------------------------------------------------------------------------------------- */

struct row {
    int number;
    const char *code;
    enum fault_kind kind;
    const char *mark; /* must stand in the message; NULL: always */
    struct filling (*fill)(const struct fault *fault, struct arena *arena);
    const char *zh, *en, *hint_zh, *hint_en;
};

/* Of one number the first row that fits.
 * clang-format off */
static const struct row rows[] = {
    { 1818, "XSD-INTERNAL", FAULT_INTERNAL, NULL, fill_nothing, "", "", "", "" },
    { 1824, "XSD-DATATYPE", FAULT_TYPE, NULL, fill_value, "“{1}” 不是 {0} 的有效值",
      "'{1}' is not a valid value of {0}", "", "" },
    { 1825, "XSD-DATATYPE", FAULT_TYPE, NULL, fill_value, "“{1}” 不是 {0} 的有效列表",
      "'{1}' is not a valid list for {0}", "", "" },
    { 1826, "XSD-DATATYPE", FAULT_TYPE, NULL, fill_value, "“{1}” 不是 {0} 的有效值",
      "'{1}' is not a valid value of {0}", "", "" },
    { 1827, "XSD-ATTRIBUTE", FAULT_ATTRIBUTE, NULL, fill_nothing, "此处不允许属性 {0}",
      "the attribute {0} is not allowed here", "", "" },
    { 1828, "XSD-SIMPLE-CONTENT", FAULT_OTHER, NULL, fill_nothing, "{0} 只能含文本，不能含子元素",
      "{0} holds text, elements are not allowed in it", "", "" },
    { 1830, "XSD-LENGTH", FAULT_FACET, NULL, fill_lengths, "{0} 的长度为 {1}，应为 {2}",
      "{0} has length {1}, it must be {2}", "", "" },
    { 1831, "XSD-MIN-LENGTH", FAULT_FACET, NULL, fill_lengths, "{0} 的长度为 {1}，至少应为 {2}",
      "{0} has length {1}, at least {2} is needed", "", "" },
    { 1832, "XSD-MAX-LENGTH", FAULT_FACET, NULL, fill_lengths, "{0} 的长度为 {1}，最多 {2}",
      "{0} has length {1}, at most {2} is allowed", "", "" },
    { 1833, "XSD-MIN-INCLUSIVE", FAULT_FACET, NULL, fill_value_and_limit, "{1} 小于允许的最小值 {2}",
      "{1} is less than the minimum {2}", "", "" },
    { 1834, "XSD-MAX-INCLUSIVE", FAULT_FACET, NULL, fill_value_and_limit, "{1} 大于允许的最大值 {2}",
      "{1} is greater than the maximum {2}", "", "" },
    { 1835, "XSD-MIN-EXCLUSIVE", FAULT_FACET, NULL, fill_value_and_limit, "{1} 必须大于 {2}",
      "{1} must be greater than {2}", "", "" },
    { 1836, "XSD-MAX-EXCLUSIVE", FAULT_FACET, NULL, fill_value_and_limit, "{1} 必须小于 {2}",
      "{1} must be less than {2}", "", "" },
    { 1837, "XSD-TOTAL-DIGITS", FAULT_FACET, NULL, fill_value_and_limit, "{1} 的数字位数超过 {2}",
      "{1} has more than {2} digits", "", "" },
    { 1838, "XSD-FRACTION-DIGITS", FAULT_FACET, NULL, fill_value_and_limit, "{1} 的小数位数超过 {2}",
      "{1} has more than {2} digits behind the point", "", "" },
    { 1839, "XSD-PATTERN", FAULT_FACET, NULL, fill_value_and_limit, "“{1}” 不符合格式 {2}",
      "'{1}' does not match {2}", "", "" },
    { 1840, "XSD-ENUMERATION", FAULT_FACET, NULL, fill_set, "“{1}” 不在允许的取值之中",
      "'{1}' is not one of the allowed values", "允许的取值: {2}", "allowed: {2}" },
    { 1841, "XSD-EMPTY", FAULT_OTHER, NULL, fill_nothing, "{0} 必须为空", "{0} must be empty", "", "" },
    { 1842, "XSD-SIMPLE-CONTENT", FAULT_OTHER, NULL, fill_nothing, "{0} 只能含文本，不能含子元素",
      "{0} holds text, elements are not allowed in it", "", "" },
    { 1843, "XSD-ELEMENT-ONLY", FAULT_OTHER, NULL, fill_nothing, "{0} 只能含子元素，此处不能有文本",
      "{0} holds elements, text is not allowed in it", "", "" },
    { 1845, "XSD-ELEMENT", FAULT_OTHER, "validation root", fill_nothing, "模式中没有根元素 {0}",
      "the schema has no root element {0}", "请核对根元素的名称和命名空间 (xmlns)",
      "check the name of the root element and its namespace (xmlns)" },
    { 1845, "XSD-ELEMENT", FAULT_OTHER, NULL, fill_nothing, "模式中没有元素 {0}",
      "the schema has no element {0}", "请核对名称和命名空间 (xmlns)",
      "check its name and its namespace (xmlns)" },
    { 1846, "XSD-ABSTRACT", FAULT_OTHER, NULL, fill_nothing, "元素 {0} 是抽象的，不能直接使用",
      "the element {0} is abstract and cannot be used itself", "", "" },
    { 1847, "XSD-NIL", FAULT_OTHER, NULL, fill_nothing, "元素 {0} 不允许 xsi:nil",
      "the element {0} may not be nil", "没有值时请省去该元素",
      "leave the element out when there is no value" },
    { 1848, "XSD-NIL", FAULT_OTHER, NULL, fill_nothing, "元素 {0} 有 xsi:nil，须为空",
      "the element {0} is nil, so it must be empty", "", "" },
    { 1849, "XSD-NIL", FAULT_OTHER, NULL, fill_nothing, "元素 {0} 不允许 xsi:nil",
      "the element {0} may not be nil", "", "" },
    { 1850, "XSD-TYPE", FAULT_OTHER, NULL, fill_nothing, "{0} 的 xsi:type 写法不对",
      "the xsi:type of {0} is not written right", "", "" },
    { 1851, "XSD-TYPE", FAULT_OTHER, NULL, fill_nothing, "{0} 的 xsi:type 不是模式中的类型",
      "the xsi:type of {0} is no type of the schema", "", "" },
    { 1852, "XSD-TYPE", FAULT_OTHER, NULL, fill_nothing, "{0} 的 xsi:type 不能用于该元素",
      "the xsi:type of {0} is not one that this element may have", "", "" },
    { 1856, "XSD-FIXED", FAULT_OTHER, NULL, fill_nothing, "{0} 的值是固定的，不能含子元素",
      "{0} has a fixed value, elements are not allowed in it", "", "" },
    { 1857, "XSD-FIXED", FAULT_OTHER, NULL, fill_value_and_limit, "{0} 的值必须是 {2}",
      "{0} must have the value {2}", "", "" },
    { 1858, "XSD-FIXED", FAULT_OTHER, NULL, fill_value_and_limit, "{0} 的值必须是 {2}",
      "{0} must have the value {2}", "", "" },
    { 1866, "XSD-ATTRIBUTE", FAULT_ATTRIBUTE, NULL, fill_nothing, "此处不允许属性 {0}",
      "the attribute {0} is not allowed here", "", "" },
    { 1867, "XSD-ATTRIBUTE", FAULT_ATTRIBUTE, NULL, fill_nothing, "此处不允许属性 {0}",
      "the attribute {0} is not allowed here", "", "" },
    { 1868, "XSD-ATTRIBUTE-REQUIRED", FAULT_OTHER, NULL, fill_attribute_name, "{0} 缺少必需的属性 {1}",
      "{0} lacks the required attribute {1}", "", "" },
    { 1869, "XSD-ID", FAULT_OTHER, NULL, fill_nothing, "{0} 的标识属性不止一个",
      "{0} has more than one attribute that is an id", "", "" },
    { 1870, "XSD-ID", FAULT_OTHER, NULL, fill_nothing, "{0} 的标识属性不止一个",
      "{0} has more than one attribute that is an id", "", "" },
    { 1871, "XSD-CONTENT", FAULT_MISSING, "Missing child", fill_expected, "{0} 缺少必需的子元素",
      "{0} lacks a required element", "应有: {1}", "expected: {1}" },
    { 1871, "XSD-CONTENT", FAULT_UNEXPECTED, "Expected is", fill_expected, "此处不应出现元素 {0}",
      "the element {0} is not expected here", "此处应为: {1}", "expected here: {1}" },
    { 1871, "XSD-CONTENT", FAULT_UNEXPECTED, NULL, fill_nothing, "此处不应出现元素 {0}",
      "the element {0} is not expected here", "此处不能再有元素；请检查是否重复、错位或名称有误",
      "no more elements may follow here; is it repeated, misplaced or misspelt?" },
    { 1874, "XSD-FIXED", FAULT_OTHER, NULL, fill_value_and_limit, "属性 {0} 的值必须是 {2}",
      "the attribute {0} must have the value {2}", "", "" },
    { 1876, "XSD-ABSTRACT", FAULT_OTHER, NULL, fill_nothing, "{0} 的类型是抽象的，须以 xsi:type 指明",
      "the type of {0} is abstract; xsi:type must name one", "", "" },
    { 1877, "XSD-IDENTITY-CONSTRAINT", FAULT_ECHO, "No precomputed value", fill_nothing, "", "", "", "" },
    { 1877, "XSD-IDENTITY-CONSTRAINT", FAULT_OTHER, "Duplicate key", fill_key, "{1} 重复出现，必须唯一",
      "{1} occurs twice, it must be unique", "", "" },
    { 1877, "XSD-IDENTITY-CONSTRAINT", FAULT_OTHER, "No match found", fill_key, "{1} 所指的内容不存在",
      "{1} refers to nothing", "", "" },
    { 1877, "XSD-IDENTITY-CONSTRAINT", FAULT_OTHER, NULL, fill_nothing, "{0} 缺少用于区分或引用的唯一值",
      "{0} lacks the one value by which it is told apart or referred to", "", "" },
};
/* clang-format on */

static const struct row other = { 0,
                                  "XSD-OTHER",
                                  FAULT_OTHER,
                                  NULL,
                                  fill_nothing,
                                  "{0} 不符合报文格式",
                                  "{0} does not conform to the schema",
                                  "",
                                  "" };

static const struct row *row_of(const struct fault *fault) {
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].number == fault->number && (!rows[i].mark || strstr(fault->message, rows[i].mark))) {
            return &rows[i];
        }
    }
    return &other;
}

enum fault_kind fault_kind_of(const struct fault *fault) {
    return row_of(fault)->kind;
}

static const char *fill_in(struct arena *arena, const char *sentence, const struct text texts[3]) {
    struct buf out;
    buf_init(&out, SENTENCE_MAX);
    for (const char *c = sentence; *c; c++) {
        if (c[0] == '{' && c[1] >= '0' && c[1] <= '2' && c[2] == '}') {
            buf_add_text(&out, texts[c[1] - '0']);
            c += 2;
        } else {
            buf_add_char(&out, *c);
        }
    }
    const char *copy = arena_copy(arena, buf_text(&out));
    buf_release(&out);
    return copy;
}

#define WHOLE_ZH        "只含数字和符号"
#define WHOLE_EN        "digits and a sign only"
#define COUNT_ZH        "只含数字，不小于 0"
#define COUNT_EN        "digits only, 0 or more"
#define BINARY_FLOAT_ZH "只含数字、符号、小数点和指数"
#define BINARY_FLOAT_EN "digits, a sign, a point and an exponent only"

/* What the built-in types look like, for those who do not know their names.
 * clang-format off */
static const struct {
    const char *type, *zh, *en;
} forms[] = {
    { "xs:date", "写作 YYYY-MM-DD", "write YYYY-MM-DD" },
    { "xs:dateTime", "写作 YYYY-MM-DDThh:mm:ss，可带时区",
      "write YYYY-MM-DDThh:mm:ss, with or without a zone" },
    { "xs:time", "写作 hh:mm:ss", "write hh:mm:ss" },
    { "xs:gYear", "写作 YYYY", "write YYYY" },
    { "xs:gYearMonth", "写作 YYYY-MM", "write YYYY-MM" },
    { "xs:duration", "写作 P1DT2H3M（1 天 2 小时 3 分）", "write P1DT2H3M for 1 day, 2 hours, 3 minutes" },
    { "xs:decimal", "只含数字、符号和小数点，不用千分位",
      "digits, a sign and a point only, no thousands separators" },
    { "xs:integer", WHOLE_ZH, WHOLE_EN },
    { "xs:long", WHOLE_ZH, WHOLE_EN },
    { "xs:int", WHOLE_ZH, WHOLE_EN },
    { "xs:short", WHOLE_ZH, WHOLE_EN },
    { "xs:byte", WHOLE_ZH, WHOLE_EN },
    { "xs:positiveInteger", "只含数字，不小于 1", "digits only, 1 or more" },
    { "xs:nonNegativeInteger", COUNT_ZH, COUNT_EN },
    { "xs:unsignedLong", COUNT_ZH, COUNT_EN },
    { "xs:unsignedInt", COUNT_ZH, COUNT_EN },
    { "xs:unsignedShort", COUNT_ZH, COUNT_EN },
    { "xs:unsignedByte", COUNT_ZH, COUNT_EN },
    { "xs:double", BINARY_FLOAT_ZH, BINARY_FLOAT_EN },
    { "xs:float", BINARY_FLOAT_ZH, BINARY_FLOAT_EN },
    { "xs:boolean", "true、false、1 或 0", "true, false, 1 or 0" },
    { "xs:base64Binary", "须为 Base64 编码", "it must be in Base64" },
    { "xs:hexBinary", "只含成对的十六进制数字", "pairs of hexadecimal digits only" },
};
/* clang-format on */

static void hint_form(struct text type, struct finding *finding) {
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (text_is(type, forms[i].type)) {
            finding->hint_zh = forms[i].zh;
            finding->hint_en = forms[i].en;
        }
    }
}

/* The right name in the wrong namespace looks right to whoever reads the message. */
static bool is_namespace_fault(const struct fault *fault) {
    struct text name = between(fault->message, "Element '", "'"), list = fault_expected(fault);
    while (list.length && name.length) {
        const char *comma = memmem(list.at, list.length, ", ", 2);
        struct text one = { list.at, comma ? (size_t)(comma - list.at) : list.length };
        if (!text_equal(one, name) && text_equal(local(one), local(name))) {
            return true;
        }
        list = comma ? (struct text){ comma + 2, list.length - one.length - 2 } : TEXT("");
    }
    return false;
}

void fault_explain(const struct fault *fault, struct fault_context context, struct arena *arena,
                   struct finding *finding) {
    const struct row *row = row_of(fault);
    struct filling filling = row->fill(fault, arena);
    const struct text texts[3] = { subject(fault), filling.one, filling.two };
    finding->code = row->code;
    finding->zh = fill_in(arena, row->zh, texts);
    finding->en = fill_in(arena, row->en, texts);
    finding->hint_zh = fill_in(arena, row->hint_zh, texts);
    finding->hint_en = fill_in(arena, row->hint_en, texts);
    if (row->kind == FAULT_MISSING && context.missing.length) {
        const struct text named[3] = { subject(fault), context.missing, TEXT("") };
        finding->zh = fill_in(arena, "{0} 缺少必需的子元素 {1}", named);
        finding->en = fill_in(arena, "{0} lacks {1}", named);
        finding->hint_zh = finding->hint_en = "";
    }
    if (row->kind == FAULT_TYPE) {
        hint_form(context.built_in, finding);
    }
    if (row->kind == FAULT_UNEXPECTED && is_namespace_fault(fault)) {
        finding->hint_zh = "名称正确，但命名空间 (xmlns) 不对";
        finding->hint_en = "the name is right, its namespace (xmlns) is not";
    }
}
