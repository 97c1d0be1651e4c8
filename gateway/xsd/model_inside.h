/*
 * model_inside.h - what is being built of a schema, between the files that read its components: model.c
 * (names, documents, the whole), model_simple.c (simple types), model_attributes.c, model_content.c
 * (elements, particles, complex types). Nobody else includes it.
 *
 * Functions that read something give NULL, or less, once a schema is refused (model_failed).
 */
#ifndef XSD_MODEL_INSIDE_H
#define XSD_MODEL_INSIDE_H

#include "xsd/automaton.h"
#include "xsd/grammar.h"
#include "xsd/tree.h"

#define XSD_NAMESPACE       "http://www.w3.org/2001/XMLSchema"
#define MODEL_DOCUMENTS_MAX (2 * GRAMMAR_DOCUMENTS_MAX)
#define COMPONENTS_MAX      50000 /* that stand at the top of documents */
#define TYPES_MAX           50000
#define TYPE_DEPTH_MAX      200 /* of types that wait for each other */
#define USES_MAX            512 /* attributes of one type */

/* A document, read into a namespace: one without a target of its own is read into that of each that includes
 * it (chameleon). */
struct model_document {
    int number; /* of the document, among the grammar_files */
    const struct tree_node *root;
    struct text target;
    bool chameleon, elements_qualified, attributes_qualified;
};

enum kind { ELEMENT, ATTRIBUTE, TYPE, GROUP, ATTRIBUTE_GROUP };
enum progress { UNREAD, IN_PROGRESS, READ };

struct component {
    enum kind kind;
    struct text namespace, name;
    const struct tree_node *node;
    const struct model_document *source;
    enum progress progress;
    void *made; /* grammar_element, grammar_attribute, made_type */
    struct component *same_hash;
};

struct made_type {
    struct grammar_type type;
    const struct particle *particle;
    const struct tree_node *node; /* of a complex type */
    const struct model_document *source;
    enum progress progress;
    struct made_type *next; /* in the order they were met */
};

struct interned {
    struct text name;
    uint32_t number;
    struct interned *same_hash;
};

#define BUCKETS 4096

struct model {
    struct grammar *grammar;
    struct arena *arena;   /* the grammar's */
    struct arena *scratch; /* what is not needed when it is compiled */
    const struct grammar_files *files;
    struct obstacle *obstacle;
    struct model_document documents[MODEL_DOCUMENTS_MAX];
    uint32_t documents_count;
    struct component *components[BUCKETS];
    uint32_t components_count;
    struct component **elements, **attributes; /* the global ones */
    uint32_t elements_count, attributes_count;
    struct interned *names[BUCKETS];
    struct text *locals;
    uint32_t locals_count, locals_capacity;
    struct made_type *first_type, *last_type;
    struct made_type *builtins[LEXICAL_COUNT];
    const struct simple *simples[LEXICAL_COUNT];
    unsigned depth;
};

struct uses {
    struct grammar_attribute uses[USES_MAX];
    uint32_t count;
    const struct grammar_wildcard *any;
};

/* --- names (model.c) ------------------------------------------------------------------------------------ */

bool model_failed(const struct model *model);
void model_refuse(struct model *model, enum obstacle_kind kind, struct text name);
uint32_t model_namespace(struct model *model, struct text namespace);
grammar_name model_name(struct model *model, struct text namespace, struct text local);
bool model_is_xsd(const struct tree_node *node, const char *name);
bool model_is_note(const struct tree_node *node); /* nothing the schema says */
/* Its value without the blanks around it; at NULL when there is none. */
struct text model_attribute(const struct tree_node *node, const char *name);
struct text model_owner(const struct tree_node *node); /* the name of the nearest that has one; "": none */
const struct tree_node *model_child(const struct tree_node *node, const char *name); /* the first; or NULL */
struct text model_next_word(struct text *rest); /* of a list; empty at its end */
/* prefix:name as a namespace and a name. */
bool model_resolve(struct model *model, const struct model_document *source, const struct tree_node *node,
                   struct text qualified, struct text *namespace, struct text *name);
struct component *model_component(struct model *model, enum kind kind, const struct model_document *source,
                                  const struct tree_node *node, struct text qualified);

/* --- simple types (model_simple.c) ---------------------------------------------------------------------- */

const struct simple *model_builtin(struct model *model, enum lexical_type type);
const struct simple *model_simple_named(struct model *model, const struct model_document *source,
                                        const struct tree_node *node, struct text name);
/* The one that stands in an xs:simpleType. */
const struct simple *model_read_simple(struct model *model, const struct model_document *source,
                                       const struct tree_node *node);
/* The facets of a restriction upon what it restricts. */
const struct simple *model_restricted(struct model *model, const struct tree_node *node,
                                      const struct simple *base);
/* A value of the schema, its white space normalised. False: the type does not take it. */
bool model_normalised(struct model *model, const struct simple *simple, struct text value, struct text *out);

/* Types of elements, by name. *any: it is anyType, which is not made. */
struct made_type *model_type_new(struct model *model, const struct model_document *source,
                                 const struct tree_node *node);
struct made_type *model_type_of_simple(struct model *model, const struct simple *simple);
struct made_type *model_type_named(struct model *model, const struct model_document *source,
                                   const struct tree_node *node, struct text qualified, bool *any);

/* --- attributes (model_attributes.c) -------------------------------------------------------------------- */

struct grammar_wildcard model_read_wildcard(struct model *model, const struct model_document *source,
                                            const struct tree_node *node);
const struct grammar_attribute *model_global_attribute(struct model *model, struct component *component);
/* The attributes that stand in a type, an extension, a restriction or a group. */
void model_read_attributes(struct model *model, const struct model_document *source,
                           const struct tree_node *node, struct uses *uses);
void model_set_attributes(struct model *model, const struct uses *uses, struct grammar_type *type);
void model_inherit_uses(struct model *model, const struct made_type *base, bool wildcard, struct uses *uses);

/* --- elements and complex types (model_content.c) ------------------------------------------------------- */

struct grammar_element *model_global_element(struct model *model, struct component *component);
void model_read_complex(struct model *model, struct made_type *made);

#endif
