/*
 * obstacle.h - why a schema is not compiled: what it uses that the compiler does not know, or which limit it
 * passes. Said by name, with the component it was met in.
 */
#ifndef XSD_OBSTACLE_H
#define XSD_OBSTACLE_H

#include <stdbool.h>

#include "base/text.h"

/* clang-format off */
#define OBSTACLE_LIST(X) \
    X(NONE,         "", "") \
    X(DOCUMENT,     "模式文件无法读取", "a schema document that is not read") \
    X(DOCUMENTS,    "模式文件过多", "too many schema documents") \
    X(REDEFINE,     "xs:redefine", "xs:redefine") \
    X(IDENTITY,     "唯一性约束", "an identity constraint") \
    X(NOTATION,     "xs:NOTATION、xs:QName 或 xs:ENTITY 类型", "a type xs:NOTATION, xs:QName or xs:ENTITY") \
    X(RANGE,        "取值范围无法读取或无法比较", "a range that cannot be read, or of what has no order") \
    X(FACET,        "限制值无法读取", "a facet whose value is not read") \
    X(ID_WITHIN,    "联合类型中的 xs:ID，或其默认值", "an xs:ID within a union or list, or one by default") \
    X(PATTERN,      "正则表达式过大", "a pattern that is too large") \
    X(CLASS,        "正则表达式中的字符类", "a class of characters in a pattern") \
    X(ENUMERATION,  "枚举值过多", "too many values in an enumeration") \
    X(UNRESOLVED,   "引用的定义不存在", "a reference to what is not there") \
    X(CIRCULAR,     "循环定义", "a definition by itself") \
    X(TWICE,        "重复定义", "a definition that stands twice") \
    X(WILDCARDS,    "多个属性通配符", "more than one wildcard for attributes") \
    X(FIXED,        "混合内容的固定值", "a fixed value of mixed content") \
    X(ALL,          "xs:all 过大或嵌套", "an xs:all that is nested or too large") \
    X(AMBIGUOUS,    "不确定的内容模型", "a content model that is ambiguous") \
    X(COUNTED,      "嵌套的重复次数", "counted repeats within each other") \
    X(MODEL,        "内容模型过大", "a content model that is too large") \
    X(NAMES,        "名称或命名空间过多", "too many names or namespaces") \
    X(UNKNOWN,      "未知的模式成分", "a component the compiler does not know")
/* clang-format on */

enum obstacle_kind {
#define X(id, zh, en) OBSTACLE_##id,
    OBSTACLE_LIST(X)
#undef X
        OBSTACLE_COUNT
};

#define OBSTACLE_NAME_MAX 80

struct obstacle {
    enum obstacle_kind kind;
    char name[OBSTACLE_NAME_MAX]; /* of the component, perhaps cut short */
};

/* The first one stays. */
void obstacle_set(struct obstacle *obstacle, enum obstacle_kind kind, struct text name);
const char *obstacle_text(enum obstacle_kind kind, enum language language);

#endif
