/*
 * fault.c - one row per fault of the validator that has a sentence of its own.
 *
 * A sentence takes up to three texts: {0} the element or attribute, {1} and {2} what the row's reader takes
 * from the fault. Values and lists are cut, for a sentence must stay one.
 */
#include "check/fault.h"

#include <string.h>

#include "base/buf.h"

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

static struct text type_of(const struct fault *fault) {
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

static struct filling fill_type(const struct fault *fault, struct arena *arena) {
    return (struct filling){ shown(arena, text_of(fault->strings[0])), type_of(fault) };
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
    int code;
    enum fault_kind kind;
    const char *mark; /* must stand in the message; NULL: always */
    struct filling (*fill)(const struct fault *fault, struct arena *arena);
    const char *zh, *en, *hint_zh, *hint_en;
};

static const struct row rows[] = {
    { 1818, FAULT_INTERNAL, NULL, fill_nothing, "校验器内部错误", "the validator failed", "", "" },
    { 1824, FAULT_TYPE, "'xs:", fill_type, "“{1}” 不是有效的 {2} 值", "'{1}' is not a valid {2}", "", "" },
    { 1824, FAULT_TYPE, "type '", fill_type, "“{1}” 不是 {0} 的有效值（类型 {2}）",
      "'{1}' is not a valid value of {0} (type {2})", "", "" },
    { 1824, FAULT_TYPE, NULL, fill_type, "“{1}” 不是 {0} 的有效值", "'{1}' is not a valid value of {0}", "",
      "" },
    { 1826, FAULT_TYPE, "type '", fill_type, "“{1}” 不是 {0} 的有效值（类型 {2}）",
      "'{1}' is not a valid value of {0} (type {2})", "", "" },
    { 1825, FAULT_TYPE, NULL, fill_type, "“{1}” 不是 {0} 的有效列表", "'{1}' is not a valid list for {0}", "",
      "" },
    { 1826, FAULT_TYPE, NULL, fill_type, "“{1}” 不是 {0} 的有效值", "'{1}' is not a valid value of {0}", "",
      "" },
    { 1828, FAULT_OTHER, NULL, fill_nothing, "{0} 只能含文本，不能含子元素",
      "{0} holds text, elements are not allowed in it", "", "" },
    { 1830, FAULT_FACET, NULL, fill_lengths, "{0} 的长度为 {1}，应为 {2}",
      "{0} has length {1}, it must be {2}", "", "" },
    { 1831, FAULT_FACET, NULL, fill_lengths, "{0} 的长度为 {1}，至少应为 {2}",
      "{0} has length {1}, at least {2} is needed", "", "" },
    { 1832, FAULT_FACET, NULL, fill_lengths, "{0} 的长度为 {1}，最多 {2}",
      "{0} has length {1}, at most {2} is allowed", "", "" },
    { 1833, FAULT_FACET, NULL, fill_value_and_limit, "{1} 小于允许的最小值 {2}",
      "{1} is less than the minimum {2}", "", "" },
    { 1834, FAULT_FACET, NULL, fill_value_and_limit, "{1} 大于允许的最大值 {2}",
      "{1} is greater than the maximum {2}", "", "" },
    { 1835, FAULT_FACET, NULL, fill_value_and_limit, "{1} 必须大于 {2}", "{1} must be greater than {2}", "",
      "" },
    { 1836, FAULT_FACET, NULL, fill_value_and_limit, "{1} 必须小于 {2}", "{1} must be less than {2}", "",
      "" },
    { 1837, FAULT_FACET, NULL, fill_value_and_limit, "{1} 的数字位数超过 {2}", "{1} has more than {2} digits",
      "", "" },
    { 1838, FAULT_FACET, NULL, fill_value_and_limit, "{1} 的小数位数超过 {2}",
      "{1} has more than {2} digits behind the point", "", "" },
    { 1839, FAULT_FACET, NULL, fill_value_and_limit, "“{1}” 不符合格式 {2}", "'{1}' does not match {2}", "",
      "" },
    { 1840, FAULT_FACET, NULL, fill_set, "“{1}” 不在允许的取值之中", "'{1}' is not one of the allowed values",
      "允许的取值: {2}", "allowed: {2}" },
    { 1841, FAULT_OTHER, NULL, fill_nothing, "{0} 必须为空", "{0} must be empty", "", "" },
    { 1842, FAULT_OTHER, NULL, fill_nothing, "{0} 只能含文本，不能含子元素",
      "{0} holds text, elements are not allowed in it", "", "" },
    { 1843, FAULT_OTHER, NULL, fill_nothing, "{0} 只能含子元素，此处不能有文本",
      "{0} holds elements, text is not allowed in it", "", "" },
    { 1845, FAULT_OTHER, "validation root", fill_nothing, "模式中没有根元素 {0}",
      "the schema has no root element {0}", "请核对根元素的名称和命名空间 (xmlns)",
      "check the name of the root element and its namespace (xmlns)" },
    { 1846, FAULT_OTHER, NULL, fill_nothing, "元素 {0} 是抽象的，不能直接使用",
      "the element {0} is abstract and cannot be used itself", "", "" },
    { 1847, FAULT_OTHER, NULL, fill_nothing, "元素 {0} 不允许 xsi:nil", "the element {0} may not be nil",
      "没有值时请省去该元素", "leave the element out when there is no value" },
    { 1858, FAULT_OTHER, NULL, fill_value_and_limit, "{0} 的值必须是 {2}", "{0} must have the value {2}", "",
      "" },
    { 1866, FAULT_ATTRIBUTE, NULL, fill_nothing, "此处不允许属性 {0}",
      "the attribute {0} is not allowed here", "", "" },
    { 1867, FAULT_ATTRIBUTE, NULL, fill_nothing, "此处不允许属性 {0}",
      "the attribute {0} is not allowed here", "", "" },
    { 1868, FAULT_OTHER, NULL, fill_attribute_name, "{0} 缺少必需的属性 {1}",
      "{0} lacks the required attribute {1}", "", "" },
    { 1871, FAULT_MISSING, "Missing child", fill_expected, "{0} 缺少必需的子元素",
      "{0} lacks a required element", "应有: {1}", "expected: {1}" },
    { 1871, FAULT_UNEXPECTED, "Expected is", fill_expected, "此处不应出现元素 {0}",
      "the element {0} is not expected here", "此处应为: {1}", "expected here: {1}" },
    { 1871, FAULT_UNEXPECTED, NULL, fill_nothing, "此处不应出现元素 {0}",
      "the element {0} is not expected here", "此处不能再有元素；请检查是否重复、错位或名称有误",
      "no more elements may follow here; is it repeated, misplaced or misspelt?" },
    { 1874, FAULT_OTHER, NULL, fill_value_and_limit, "属性 {0} 的值必须是 {2}",
      "the attribute {0} must have the value {2}", "", "" },
    { 1877, FAULT_ECHO, "No precomputed value", fill_nothing, "", "", "", "" },
    { 1877, FAULT_OTHER, "Duplicate key", fill_value_and_limit, "{1} 重复出现，必须唯一",
      "{1} occurs twice, it must be unique", "", "" },
    { 1877, FAULT_OTHER, "No match found", fill_value_and_limit, "{1} 所指的内容不存在",
      "{1} refers to nothing", "", "" },
};

static const struct row *row_of(const struct fault *fault) {
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].code == fault->code && (!rows[i].mark || strstr(fault->message, rows[i].mark))) {
            return &rows[i];
        }
    }
    return NULL;
}

enum fault_kind fault_kind_of(const struct fault *fault) {
    const struct row *row = row_of(fault);
    return row ? row->kind : FAULT_OTHER;
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

/* What the built-in types look like, for those who do not know their names. */
/* clang-format off */
static const struct { const char *type, *zh, *en; } forms[] = {
    { "xs:date",     "写作 YYYY-MM-DD",                        "write YYYY-MM-DD" },
    { "xs:dateTime", "写作 YYYY-MM-DDThh:mm:ss，可带时区",     "write YYYY-MM-DDThh:mm:ss, with or without a zone" },
    { "xs:time",     "写作 hh:mm:ss",                          "write hh:mm:ss" },
    { "xs:decimal",  "只含数字、符号和小数点，不用千分位",     "digits, a sign and a point only, no thousands separators" },
    { "xs:integer",  "只含数字和符号",                         "digits and a sign only" },
    { "xs:int",      "只含数字和符号",                         "digits and a sign only" },
    { "xs:boolean",  "true、false、1 或 0",                    "true, false, 1 or 0" },
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

void fault_explain(const struct fault *fault, struct text missing, struct arena *arena,
                   struct finding *finding) {
    const struct row *row = row_of(fault);
    if (!row) {
        struct text rest = sentence_of(fault);
        finding->zh = arena_printf(arena, TEXT_FORMAT " 不符合报文格式（XSD-%d）", TEXT_ARGS(subject(fault)),
                                   fault->code);
        finding->en =
            arena_printf(arena, TEXT_FORMAT ": " TEXT_FORMAT, TEXT_ARGS(subject(fault)), TEXT_ARGS(rest));
        return;
    }
    struct filling filling = row->fill(fault, arena);
    const struct text texts[3] = { subject(fault), filling.one, filling.two };
    finding->zh = fill_in(arena, row->zh, texts);
    finding->en = fill_in(arena, row->en, texts);
    finding->hint_zh = fill_in(arena, row->hint_zh, texts);
    finding->hint_en = fill_in(arena, row->hint_en, texts);
    if (row->kind == FAULT_MISSING && missing.length) {
        const struct text named[3] = { subject(fault), missing, TEXT("") };
        finding->zh = fill_in(arena, "{0} 缺少必需的子元素 {1}", named);
        finding->en = fill_in(arena, "{0} lacks {1}", named);
        finding->hint_zh = finding->hint_en = "";
    }
    if (row->kind == FAULT_TYPE) {
        hint_form(filling.two, finding);
    }
    if (row->kind == FAULT_UNEXPECTED && is_namespace_fault(fault)) {
        finding->hint_zh = "名称正确，但命名空间 (xmlns) 不对";
        finding->hint_en = "the name is right, its namespace (xmlns) is not";
    }
}

/* --- not well-formed ------------------------------------------------------------------------------------ */

/* {0} is the element that is open, {1} what is wrong. Rows of one code: the first that fits. */
/* clang-format off */
static const struct { int code; bool inside; const char *zh, *en, *hint_zh, *hint_en; } xml_rows[] = {
    { 4,   false, "没有根元素", "there is no root element", "", "" },
    { 5,   true,  "报文在元素 {0} 结束之前中断", "the message ends before {0} is closed", "是否只传了一部分？",
      "was only a part of it sent?" },
    { 5,   false, "报文不完整", "the message is not whole", "", "" },
    { 77,  true,  "报文在元素 {0} 结束之前中断", "the message ends before {0} is closed", "是否只传了一部分？",
      "was only a part of it sent?" },
    { 6,   false, "字符引用 {1} 写法不对", "the character reference {1} is not written right", "写作 &#x4E2D; 或 &#20013;",
      "write &#x4E2D; or &#20013;" },
    { 7,   false, "字符引用 {1} 写法不对", "the character reference {1} is not written right", "写作 &#x4E2D; 或 &#20013;",
      "write &#x4E2D; or &#20013;" },
    { 8,   false, "{1} 引用了 XML 不允许的字符", "{1} refers to a character that XML does not allow", "请删去该引用",
      "leave it out" },
    { 9,   false, "{1} 引用了 XML 不允许的字符", "{1} refers to a character that XML does not allow", "请删去该引用",
      "leave it out" },
    { 22,  false, "& 之后没有实体名", "no name follows the &", "文本中的 & 写作 &amp;", "in text & is written &amp;" },
    { 23,  false, "实体缺少分号", "an entity without its semicolon", "文本中的 & 写作 &amp;",
      "in text & is written &amp;" },
    { 26,  false, "未定义的实体 {1}", "the entity {1} is not defined",
      "XML 只有 &amp; &lt; &gt; &quot; &apos; 五个实体",
      "XML has five entities: &amp; &lt; &gt; &quot; &apos;" },
    { 38,  false, "属性值中不能有 <", "< is not allowed in an attribute value", "写作 &lt;", "write &lt;" },
    { 39,  false, "属性值须加引号", "an attribute value must be quoted", "", "" },
    { 40,  false, "属性值的引号没有结束", "the quote of an attribute value does not end", "", "" },
    { 41,  false, "属性没有值", "an attribute without a value", "", "" },
    { 42,  false, "属性重复", "an attribute is given twice", "", "" },
    { 45,  false, "注释没有结束", "a comment does not end", "", "" },
    { 62,  false, "文本中不能有 ]]>", "]]> is not allowed in text", "> 写作 &gt;", "write > as &gt;" },
    { 63,  false, "CDATA 段没有结束", "a CDATA section does not end", "", "" },
    { 65,  false, "属性之间缺少空格", "a blank is missing between attributes", "", "" },
    { 66,  false, "此处缺少分隔", "a separator is missing here", "", "" },
    { 68,  false, "名称或实体写法不对", "a name or an entity is not written right",
      "文本中的 & 写作 &amp;，< 写作 &lt;",
      "in text & is written &amp; and < is written &lt;" },
    { 72,  false, "此处应为标记的开始 <", "a tag should begin here with <", "", "" },
    { 73,  false, "标记没有以 > 结束", "a tag does not end with >", "", "" },
    { 75,  false, "属性名之后缺少 =", "= is missing behind the name of an attribute", "", "" },
    { 76,  false, "元素 {0} 的开始标记与结束标记不一致",
      "the end tag is not that of the open element {0}", "", "" },
    { 80,  false, "注释中不能有 --", "-- is not allowed in a comment", "", "" },
    { 200, false, "命名空间声明不对", "a namespace is not declared right", "", "" },
    { 201, false, "命名空间前缀未声明", "a namespace prefix that is not declared", "", "" },
    { 202, false, "名称中的冒号不对", "a name with a colon where none may be", "", "" },
    { 203, false, "属性重复", "an attribute is given twice", "", "" },
    { 204, false, "命名空间不能为空", "a namespace may not be empty", "", "" },
    { 205, false, "名称中的冒号不对", "a name with a colon where none may be", "", "" },
};
/* clang-format on */

void fault_explain_xml(const struct fault *fault, struct text element, struct text wrong, struct arena *arena,
                       struct finding *finding) {
    finding->zh = arena_printf(arena, "不是格式良好的 XML（XML-%d）", fault->code);
    finding->en = arena_printf(arena, "not well-formed XML: " TEXT_FORMAT,
                               TEXT_ARGS(text_trim(text_of(fault->message))));
    for (size_t i = 0; i < sizeof(xml_rows) / sizeof(*xml_rows); i++) {
        if (xml_rows[i].code == fault->code && (element.length || !xml_rows[i].inside)) {
            const struct text texts[3] = { element, shown(arena, wrong), TEXT("") };
            finding->zh =
                arena_printf(arena, "不是格式良好的 XML: %s", fill_in(arena, xml_rows[i].zh, texts));
            finding->en =
                arena_printf(arena, "not well-formed XML: %s", fill_in(arena, xml_rows[i].en, texts));
            finding->hint_zh = xml_rows[i].hint_zh;
            finding->hint_en = xml_rows[i].hint_en;
            return;
        }
    }
}
