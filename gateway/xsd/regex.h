/*
 * regex.h - the regular expressions of XML Schema (part 2, appendix F) as trees.
 *
 * A tree is what both who compiles a pattern (dfa.h) and who judges one need.
 * Limits  REGEX_NODES_MAX, REGEX_DEPTH_MAX, REGEX_RANGES_MAX members of a class; what is beyond is not read.
 */
#ifndef XSD_REGEX_H
#define XSD_REGEX_H

#include "base/arena.h"
#include "base/text.h"
#include "xsd/charset.h"

#define REGEX_RANGES_MAX 512
#define REGEX_NODES_MAX  4096
#define REGEX_DEPTH_MAX  64
#define REGEX_UNBOUNDED  UINT32_MAX

enum regex_kind { REGEX_EMPTY, REGEX_CHARACTER, REGEX_SEQUENCE, REGEX_CHOICE, REGEX_REPEAT };

struct regex_node {
    enum regex_kind kind;
    struct charset set;              /* REGEX_CHARACTER */
    struct regex_node *first, *next; /* children of a sequence or choice; the one child of a repeat */
    uint32_t low, high;              /* REGEX_REPEAT */
    struct text text;                /* as written */
};

/* A choice of sequences. NULL: not a pattern, or beyond a limit. */
struct regex_node *regex_read(struct text pattern, struct arena *arena);

#endif
