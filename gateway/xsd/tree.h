/*
 * tree.h - one schema document as a tree of elements, read by our own strict reader (xml.h).
 *
 * Text is not kept: what a schema says stands in elements and attributes. All of it lives in the arena, names
 * and plain values in the document's own bytes, which must live as long.
 *
 * Limits  TREE_NODES_MAX elements, TREE_DEPTH_MAX of them open at once.
 */
#ifndef XSD_TREE_H
#define XSD_TREE_H

#include "base/arena.h"
#include "base/text.h"

#define TREE_NODES_MAX 200000
#define TREE_DEPTH_MAX 64

struct tree_attribute {
    struct text namespace, name, value;
};

struct tree_scope { /* a prefix in scope, the innermost first */
    struct text prefix, namespace;
    const struct tree_scope *next;
};

struct tree_node {
    struct text namespace, name;
    const struct tree_attribute *attributes;
    uint32_t count;
    const struct tree_scope *scope;
    struct tree_node *parent, *first, *next;
    uint32_t offset; /* of its < in the document */
};

/* NULL: not well-formed, or beyond a limit. */
struct tree_node *tree_read(struct text document, struct arena *arena);

/* The value of an attribute without a namespace; at NULL when there is none. */
struct text tree_attribute(const struct tree_node *node, const char *name);
bool tree_has(const struct tree_node *node, const char *name);
/* The namespace a prefix stands for here; "" is the default one. False: it is not declared. */
bool tree_namespace(const struct tree_node *node, struct text prefix, struct text *out);

#endif
