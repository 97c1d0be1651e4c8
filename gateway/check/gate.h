/*
 * gate.h - what no honest sender needs is refused in one linear scan, before any parser sees it.
 *
 * libxml2 2.9.14 needs this guard: quadratic attributes and names, encodings that hide a DOCTYPE
 * (encoding.h), silence after a NUL, XML 1.1. What is merely not well-formed the gate leaves to the parser,
 * which explains it better.
 */
#ifndef CHECK_GATE_H
#define CHECK_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/verdict.h"
#include "check/encoding.h"

#define GATE_DEPTH_MAX 64 /* what limits.depth may say at most */

struct gate_limits {
    size_t bytes, value_length;
    uint32_t depth, attributes, tags, names, name_length, namespaces;
};
extern const struct gate_limits gate_limits_default; /* 10 MiB, depth 64 ...: in gate.c */

struct gated {
    struct decoded text;              /* text.utf8 is what the parser may see */
    bool suspect;                     /* the scan met a fault that the parser must refuse */
    struct text root, root_namespace; /* local name and namespace of the root element, as written */
};

/* False: one finding was added, the message stops here. limits NULL: the default. */
bool gate_pass(struct text original, const struct gate_limits *limits, struct arena *arena, struct gated *out,
               struct verdict *verdict);

/* The same in two steps, for who may know by then that the second would pass: size and encoding; characters
 * and markup. */
bool gate_open(struct text original, const struct gate_limits *limits, struct arena *arena, struct gated *out,
               struct verdict *verdict);
bool gate_scan(struct gated *gated, const struct gate_limits *limits, struct verdict *verdict);
/* Between them: the root element's names, where only comments stand before it and its tag is as most are.
 * False: only the scan can tell; they are not set. */
bool gate_peek(struct gated *gated);

/* What our own validator has read of a message that it accepts, which is well-formed, without instructions
 * and document types. False: only the scan can tell whether it passes. */
struct validator_size;
bool gate_would_pass(const struct validator_size *size, const struct gate_limits *limits);

#endif
