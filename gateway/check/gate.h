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
