/*
 * malformed.c - one row for each thing that can be wrong. The message is read once to find it, and once more
 * for the path to it and for the values before it: a receipt tells of what bill it was about.
 */
#include "check/malformed.h"

#include <string.h>

#include "base/status.h"
#include "xsd/wellformed.h"
#include "xsd/xml.h"
#include "check/places.h"

#define SHOWN_MAX 60 /* characters of what is wrong, in a sentence */

struct row {
    const char *code;
    const char *zh, *en; /* {0} is the element that is open, {1} what is wrong */
    const char *hint_zh, *hint_en;
};

#define AMPERSAND "文本中的 & 写作 &amp;", "in text & is written &amp;"

/* clang-format off */
static const struct row rows[] = {
    [WELLFORMED_DECLARATION] = { "XML-DECLARATION", "XML 声明写法不对", "the XML declaration is not written right", "", "" },
    [WELLFORMED_NO_ROOT] = { "XML-DOCUMENT", "没有根元素", "there is no root element", "", "" },
    [WELLFORMED_BEHIND_ROOT] = { "XML-DOCUMENT", "根元素之后还有内容", "content behind the root element", "", "" },
    [WELLFORMED_MARKUP] = { "XML-TAG", "标记写法不对", "a tag that is not written right", "", "" },
    [WELLFORMED_CUT_OFF] = { "XML-ELEMENT", "报文在元素 {0} 结束之前中断", "the message ends before {0} is closed",
      "是否只传了一部分？", "was only a part of it sent?" },
    [WELLFORMED_TAG_CUT_OFF] = { "XML-TAG", "标记没有以 > 结束", "a tag does not end with >", "", "" },
    [WELLFORMED_END_TAG] = { "XML-TAG", "标记没有以 > 结束", "a tag does not end with >", "", "" },
    [WELLFORMED_OTHER_END_TAG] = { "XML-ELEMENT-TYPE-MATCH", "元素 {0} 的开始标记与结束标记不一致",
      "the end tag is not that of the open element {0}", "", "" },
    [WELLFORMED_NO_NAME] = { "XML-NAME", "< 之后没有名称", "no name follows the <", "文本中的 < 写作 &lt;",
      "in text < is written &lt;" },
    [WELLFORMED_QNAME] = { "XML-QNAME", "名称中的冒号不对", "a name with a colon where none may be", "", "" },
    [WELLFORMED_NO_BLANK] = { "XML-TAG", "属性之间缺少空格", "a blank is missing between attributes", "", "" },
    [WELLFORMED_ATTRIBUTE_NAME] = { "XML-NAME", "此处应为名称", "a name should stand here", "", "" },
    [WELLFORMED_NO_EQUALS] = { "XML-ATTRIBUTE", "属性名 {1} 之后缺少 =", "= is missing behind the attribute {1}", "", "" },
    [WELLFORMED_NO_QUOTE] = { "XML-ATTRIBUTE-VALUE", "属性值须加引号", "an attribute value must be quoted", "", "" },
    [WELLFORMED_OPEN_QUOTE] = { "XML-ATTRIBUTE-VALUE", "属性值的引号没有结束",
      "the quote of an attribute value does not end", "", "" },
    [WELLFORMED_LESS_IN_VALUE] = { "XML-ATTRIBUTE-VALUE", "属性值中不能有 <", "< is not allowed in an attribute value",
      "写作 &lt;", "write &lt;" },
    [WELLFORMED_ATTRIBUTE_TWICE] = { "XML-UNIQUE-ATTRIBUTE", "属性 {1} 重复", "the attribute {1} is given twice", "", "" },
    [WELLFORMED_PREFIX] = { "XML-PREFIX-DECLARED", "{1} 的命名空间前缀未声明",
      "the namespace prefix of {1} is not declared", "", "" },
    [WELLFORMED_NAMESPACE] = { "XML-NAMESPACE", "命名空间声明不对", "a namespace is not declared right", "", "" },
    [WELLFORMED_REFERENCE_NAME] = { "XML-REFERENCE", "& 之后没有实体名", "no name follows the &", AMPERSAND },
    [WELLFORMED_REFERENCE_END] = { "XML-REFERENCE", "实体缺少分号", "an entity without its semicolon", AMPERSAND },
    [WELLFORMED_ENTITY] = { "XML-ENTITY-DECLARED", "未定义的实体 {1}", "the entity {1} is not defined",
      "XML 只有 &amp; &lt; &gt; &quot; &apos; 五个实体",
      "XML has five entities: &amp; &lt; &gt; &quot; &apos;" },
    [WELLFORMED_CHARACTER_REFERENCE] = { "XML-CHARACTER-REFERENCE", "字符引用 {1} 写法不对",
      "the character reference {1} is not written right", "写作 &#x4E2D; 或 &#20013;", "write &#x4E2D; or &#20013;" },
    [WELLFORMED_CHARACTER] = { "XML-LEGAL-CHARACTER", "{1} 引用了 XML 不允许的字符",
      "{1} refers to a character that XML does not allow", "请删去该引用", "leave it out" },
    [WELLFORMED_SECTION_END] = { "XML-CHARACTER-DATA", "文本中不能有 ]]>", "]]> is not allowed in text", "> 写作 &gt;",
      "write > as &gt;" },
    [WELLFORMED_COMMENT] = { "XML-COMMENT", "注释中不能有 --", "-- is not allowed in a comment", "", "" },
    [WELLFORMED_OPEN_SECTION] = { "XML-CDATA", "注释或 CDATA 段没有结束", "a comment or CDATA section does not end", "", "" },
};
/* clang-format on */

/* --- what stands before it ------------------------------------------------------------------------------ */

struct telling {
    struct text message;
    struct binding_walk *walk;
    struct arena *arena;
};

static struct extent extent_in(struct text message, struct text value) {
    return (struct extent){ (uint32_t)(value.at - message.at), (uint32_t)value.length };
}

static void on_enter(void *context, struct text local_name) {
    const struct telling *telling = context;
    binding_enter(telling->walk, local_name);
}

static void on_attribute(void *context, struct text local_name, struct text value) {
    const struct telling *telling = context;
    if (value.length && binding_wants_attributes(telling->walk)) {
        char *said = arena_alloc(telling->arena, value.length);
        size_t length = xml_decode_attribute(value, said);
        if (length != SIZE_MAX) {
            binding_attribute(telling->walk, local_name, (struct text){ said, length },
                              extent_in(telling->message, value));
        }
    }
}

/* Values with comments or CDATA sections in them are left out: nobody misses them in a refused message. */
static void on_leave(void *context, uint32_t tag, struct text content) {
    const struct telling *telling = context;
    struct text value = text_trim(content), said = TEXT("");
    bool plain = value.length && !memchr(value.at, '<', value.length);
    if (plain && binding_wants_text(telling->walk)) {
        char *room = arena_alloc(telling->arena, value.length);
        size_t length = xml_decode_text(value, room);
        said = length != SIZE_MAX ? (struct text){ room, length } : said;
    }
    binding_leave(telling->walk, said, extent_in(telling->message, value));
}

/* --- the finding ---------------------------------------------------------------------------------------- */

static const char *filled(struct arena *arena, const char *sentence, struct text element, struct text wrong) {
    const char *brace = strchr(sentence, '{');
    if (!brace) {
        return sentence;
    }
    struct text text = brace[1] == '0' ? element : wrong;
    const char *to = text.at, *end = text.at + text.length;
    for (size_t i = 0; i < SHOWN_MAX && to < end; i++) {
        text_next(&to, end);
    }
    return arena_printf(arena, "%.*s%.*s%s%s", (int)(brace - sentence), sentence, (int)(to - text.at),
                        text.at, to < end ? "..." : "", brace + 3);
}

bool malformed_judge(const struct gated *gated, struct binding_walk *walk, struct arena *arena,
                     struct verdict *verdict) {
    struct text message = gated->text.utf8;
    struct wellformed_fault fault = wellformed_check(message, NULL);
    if (fault.what == WELLFORMED_NO_FAULT) {
        return false;
    }
    struct telling telling = { message, walk ? walk : binding_walk_new(NULL, NULL, arena), arena };
    struct wellformed_listener listener = { &telling, on_enter, on_attribute, on_leave };
    wellformed_check(message, &listener);
    const struct row *row = &rows[fault.what];
    require(row->code);
    struct text wrong = { message.at + fault.offset, fault.length };
    struct finding finding = {
        .code = row->code,
        .severity = SEVERITY_ERROR,
        .place = place_in(&gated->text, fault.offset, fault.length),
        .path = binding_path(telling.walk),
        .zh = arena_printf(arena, "不是格式良好的 XML: %s", filled(arena, row->zh, fault.element, wrong)),
        .en = arena_printf(arena, "not well-formed XML: %s", filled(arena, row->en, fault.element, wrong)),
        .hint_zh = row->hint_zh,
        .hint_en = row->hint_en,
    };
    verdict_add(verdict, &finding);
    return true;
}
