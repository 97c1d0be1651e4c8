/*
 * gate.h - what no honest sender needs is refused in one linear scan, before any parser sees it; and all
 * later stages see UTF-8.
 *
 * libxml2 2.9.14 needs this guard: quadratic attributes and names, UTF-7 and other encodings that hide a
 * DOCTYPE, silence after a NUL, XML 1.1. The gate decides the encoding itself (BOM and declaration must
 * agree; UTF-8, GB18030/GBK/GB2312 only) and converts strictly, keeping a sparse map of offsets so that
 * places are told in the original bytes. The two subsets are read as GB18030.
 * What is merely not well-formed the gate leaves to the parser, which explains it better.
 */
#ifndef CHECK_GATE_H
#define CHECK_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/verdict.h"

/* clang-format off */
/*    id          code, zh, en */
#define GATE_LIST(X) \
    X(EMPTY,      "GATE-EMPTY",      "报文为空", "the message is empty") \
    X(SIZE,       "GATE-SIZE",       "报文超过大小上限", "the message is larger than the limit") \
    X(ENCODING,   "GATE-ENCODING",   "编码不受支持，或声明与实际不符", "the encoding is not supported, or differs from what is declared") \
    X(NOT_XML,    "GATE-NOT-XML",    "这不是 XML 报文", "this is not an XML message") \
    X(PROLOG,     "GATE-PROLOG",     "XML 声明或根元素之前不得有内容", "something stands before the XML declaration or the root element") \
    X(BYTES,      "GATE-BYTES",      "存在不属于该编码的字节", "bytes that the encoding does not allow") \
    X(NUL,        "GATE-NUL",        "报文含有 NUL 字节", "the message contains a NUL byte") \
    X(CONTROL,    "GATE-CONTROL",    "含有 XML 不允许的字符", "a character that XML does not allow") \
    X(VERSION,    "GATE-VERSION",    "只接受 XML 1.0", "only XML 1.0 is accepted") \
    X(DTD,        "GATE-DTD",        "不接受 DTD", "a document type declaration is not accepted") \
    X(PI,         "GATE-PI",         "不接受处理指令", "processing instructions are not accepted") \
    X(DEPTH,      "GATE-DEPTH",      "元素嵌套过深", "elements are nested too deeply") \
    X(ATTRIBUTES, "GATE-ATTRIBUTES", "单个元素属性过多", "too many attributes on one element") \
    X(TAGS,       "GATE-TAGS",       "元素过多", "too many elements") \
    X(NAMES,      "GATE-NAMES",      "不同的名称过多，或名称过长", "too many different names, or a name too long") \
    X(NAMESPACES, "GATE-NAMESPACES", "同时有效的命名空间过多", "too many namespaces in scope") \
    X(VALUE,      "GATE-VALUE",      "属性值或注释过长", "an attribute value or comment is too long") \
    X(MARKUP,     "GATE-MARKUP",     "标记不完整", "markup that does not end") \
    X(TRAILING,   "GATE-TRAILING",   "根元素之后还有内容", "content behind the root element")
/* clang-format on */

enum gate_code {
#define X(name, code, zh, en) GATE_##name,
    GATE_LIST(X)
#undef X
        GATE_COUNT
};

#define GATE_DEPTH_MAX 64 /* what limits.depth may say at most */

struct gate_limits {
    size_t bytes, value_length;
    uint32_t depth, attributes, tags, names, name_length, namespaces;
};
extern const struct gate_limits gate_limits_default; /* 10 MiB, depth 64 ...: in gate.c */

struct gated {
    struct text utf8; /* what the parser may see; == the original when that was UTF-8 (BOM cut) */
    bool converted;   /* it was GB18030 */
    bool suspect;     /* the scan met a fault that the parser must refuse */
    struct text root, root_namespace; /* local name and namespace of the root element, as written */
    const void *map;                  /* private: sparse offsets */
    struct text original;
};

/* False: one finding was added, the message stops here. limits NULL: the default. */
bool gate_pass(struct text original, const struct gate_limits *limits, struct arena *arena, struct gated *out,
               struct verdict *verdict);
/* The place in the original bytes of [offset, offset + length) of gated->utf8, counted from the beginning. */
struct place gate_place(const struct gated *gated, uint64_t offset, uint64_t length);

/* The same for many places that follow each other: counts from the last one on, forwards or back. */
struct gate_cursor {
    const struct gated *gated;
    uint64_t offset;
    uint32_t line, column;               /* of the last place */
    uint64_t known_utf8, known_original; /* the same spot in both texts, when they differ */
};
struct gate_cursor gate_cursor_of(const struct gated *gated);
struct place gate_cursor_place(struct gate_cursor *cursor, uint64_t offset, uint64_t length);

/* What stands between the tags of the first element at this path below the root ("A/B"), trimmed;
 * empty when there is none before `within` bytes. Only for telling formats apart: comments, CDATA
 * and references are not looked into. */
struct text gate_peek(const struct gated *gated, const char *path, size_t within);

#endif
