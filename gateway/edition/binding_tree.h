/*
 * binding_tree.h - the loaded form of a binding, between binding.c, which makes it, and binding_walk.c, which
 * follows a message through it. Nobody else includes it.
 */
#ifndef EDITION_BINDING_TREE_H
#define EDITION_BINDING_TREE_H

#include "edition/binding.h"
#include "edition/conversion.h"

struct binding_pair {
    struct text from, to;
};

enum binding_condition { ALWAYS, WHEN_ATTRIBUTE, WHEN_SIBLING };

struct binding_line {
    const struct field *field;
    enum conversion as;
    const struct binding_pair *map;
    size_t pairs;
    enum binding_condition condition;
    struct text name, value;   /* of the condition */
    const struct field *group; /* of a line among `counts`: whose row the element stands in */
    unsigned rank;             /* its place among the lines: the first that has a value counts */
    uint32_t line;
    struct binding_line *next; /* at the same path */
};

struct binding_node {
    struct text name;
    struct binding_node *parent, *next;
    struct binding_node *elements, *attributes;
    struct binding_node **table; /* elements by hash of their names, open addressing; NULL without any */
    uint32_t mask;
    uint32_t number;           /* of this node among all that stand for elements */
    const struct field *group; /* each such element is a row of it */
    bool numbered;             /* ... and the rows have fields: their numbers tell them apart */
    struct binding_line *rules;
    struct binding_line *counts; /* each such element says in which row of another group it stands */
    bool keeps_attributes;       /* a `when` asks for an attribute of this element */
    bool kept;                   /* a `when` asks for the text of this element */
    bool plain;                  /* its text goes to its fields, whatever stands around it */
};

struct binding {
    struct binding_node root;          /* stands for the root element, whatever its name */
    uint32_t nodes_count;              /* that stand for elements, the root among them */
    const struct binding_node **nodes; /* these, by number */
    unsigned lines;                    /* that were read */
};

const struct binding_node *binding_child(const struct binding_node *node,
                                         struct text name); /* NULL: no line is below it */

#endif
