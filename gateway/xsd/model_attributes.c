/*
 * model_attributes.c - which attributes an element of a type may have: those it names, those of the groups it
 * refers to, those of its base, and wildcards.
 */
#include "xsd/model_inside.h"

#include <string.h>

#include "base/status.h"

/* --- attributes ----------------------------------------------------------------------------------------- */

struct grammar_wildcard model_read_wildcard(struct model *model, const struct model_document *source,
                                            const struct tree_node *node) {
    struct text process = model_attribute(node, "processContents");
    struct text names = model_attribute(node, "namespace");
    struct grammar_wildcard wildcard = {
        .process = text_is(process, "lax")    ? GRAMMAR_LAX
                   : text_is(process, "skip") ? GRAMMAR_SKIP
                                              : GRAMMAR_STRICT,
    };
    if (!names.at || text_is(names, "##any")) {
        wildcard.inverted = true;
        return wildcard;
    }
    if (text_is(names, "##other")) {
        wildcard.inverted = true;
        wildcard.namespaces = UINT64_C(1) | UINT64_C(1) << model_namespace(model, source->target);
        return wildcard;
    }
    while (!model_failed(model)) {
        struct text name = model_next_word(&names);
        if (!name.length) {
            break;
        }
        struct text namespace = text_is(name, "##targetNamespace") ? source->target
                                : text_is(name, "##local")         ? TEXT("")
                                                                   : name;
        wildcard.namespaces |= UINT64_C(1) << model_namespace(model, namespace);
    }
    return wildcard;
}

/* The type, and what a value is fixed to. */
static void read_attribute_type(struct model *model, const struct model_document *source,
                                const struct tree_node *node, struct grammar_attribute *attribute) {
    struct text type = model_attribute(node, "type");
    const struct tree_node *inside = model_child(node, "simpleType");
    attribute->type = type.at  ? model_simple_named(model, source, node, type)
                      : inside ? model_read_simple(model, source, inside)
                               : model_builtin(model, LEXICAL_ANY);
}

/* A reference that an absent attribute has by default would have to be looked for, too. */
static void read_fixed(struct model *model, const struct tree_node *node,
                       struct grammar_attribute *attribute) {
    struct text fixed = tree_attribute(node, "fixed");
    bool given = fixed.at || tree_has(node, "default");
    if (given && attribute->type && attribute->type->identity != SIMPLE_NO_ID) {
        model_refuse(model, OBSTACLE_ID_WITHIN,
                     model_attribute(node, tree_has(node, "ref") ? "ref" : "name"));
    }
    if (fixed.at && attribute->type && !model_normalised(model, attribute->type, fixed, &attribute->fixed)) {
        model_refuse(model, OBSTACLE_FACET, TEXT("fixed"));
    }
}

const struct grammar_attribute *model_global_attribute(struct model *model, struct component *component) {
    require(component->kind == ATTRIBUTE);
    if (!component->made && !model_failed(model)) {
        struct grammar_attribute *attribute = arena_alloc(model->arena, sizeof(*attribute));
        attribute->name = model_name(model, component->namespace, component->name);
        read_attribute_type(model, component->source, component->node, attribute);
        read_fixed(model, component->node, attribute);
        component->made = attribute;
    }
    return component->made;
}

/* A use that a restriction, or the type itself, says anew replaces the one from before. */
static void add_use(struct model *model, struct uses *uses, const struct grammar_attribute *use) {
    for (uint32_t i = 0; i < uses->count; i++) {
        if (uses->uses[i].name == use->name) {
            uses->uses[i] = *use;
            return;
        }
    }
    if (uses->count == USES_MAX) {
        model_refuse(model, OBSTACLE_MODEL, TEXT("attribute"));
        return;
    }
    uses->uses[uses->count++] = *use;
}

static void remove_use(struct uses *uses, grammar_name name) {
    for (uint32_t i = 0; i < uses->count; i++) {
        if (uses->uses[i].name == name) {
            uses->uses[i] = uses->uses[--uses->count];
            return;
        }
    }
}

static void read_attribute(struct model *model, const struct model_document *source,
                           const struct tree_node *node, struct uses *uses) {
    struct grammar_attribute attribute = { 0 };
    struct text ref = model_attribute(node, "ref"), use = model_attribute(node, "use");
    if (ref.at) {
        struct component *component = model_component(model, ATTRIBUTE, source, node, ref);
        const struct grammar_attribute *global = component ? model_global_attribute(model, component) : NULL;
        if (!global) {
            return;
        }
        attribute = *global;
    } else {
        struct text name = model_attribute(node, "name"), form = model_attribute(node, "form");
        bool qualified = form.at ? text_is(form, "qualified") : source->attributes_qualified;
        if (!name.at) {
            model_refuse(model, OBSTACLE_UNKNOWN, node->name);
            return;
        }
        attribute.name = model_name(model, qualified ? source->target : TEXT(""), name);
        read_attribute_type(model, source, node, &attribute);
    }
    read_fixed(model, node, &attribute);
    attribute.required = text_is(use, "required");
    if (text_is(use, "prohibited")) {
        remove_use(uses, attribute.name);
    } else {
        add_use(model, uses, &attribute);
    }
}

/* The attributes that stand in a type, an extension, a restriction or a group. */
void model_read_attributes(struct model *model, const struct model_document *source,
                           const struct tree_node *node, struct uses *uses) {
    require(uses->count <= USES_MAX);
    if (++model->depth > TYPE_DEPTH_MAX) {
        model_refuse(model, OBSTACLE_CIRCULAR, node->name);
    }
    for (const struct tree_node *child = node->first; child && !model_failed(model); child = child->next) {
        if (model_is_xsd(child, "attribute")) {
            read_attribute(model, source, child, uses);
        } else if (model_is_xsd(child, "attributeGroup")) {
            struct text ref = model_attribute(child, "ref");
            struct component *group =
                ref.at ? model_component(model, ATTRIBUTE_GROUP, source, child, ref) : NULL;
            if (group) {
                model_read_attributes(model, group->source, group->node, uses);
            }
        } else if (model_is_xsd(child, "anyAttribute")) {
            struct grammar_wildcard *any = arena_alloc(model->arena, sizeof(*any));
            *any = model_read_wildcard(model, source, child);
            if (uses->any) {
                model_refuse(model, OBSTACLE_WILDCARDS, TEXT(""));
            }
            uses->any = any;
        }
    }
    model->depth--;
}

/* Those of no namespace are told apart by their local names; where there are others they are looked for one
 * by one. */
static void name_attributes(struct model *model, struct grammar_type *type) {
    uint32_t count = type->attributes_count;
    struct text *names = arena_alloc(model->arena, (count + 1) * sizeof(*names));
    bool local = count > 0 && count <= 64;
    type->attributes_required = 0;
    for (uint32_t i = 0; i < count && local; i++) {
        grammar_name name = type->attributes[i].name;
        names[i] = model->locals[name & GRAMMAR_UNKNOWN_LOCAL];
        local = name >> GRAMMAR_LOCAL_BITS == GRAMMAR_NO_NAMESPACE;
        type->attributes_required |= (uint64_t)type->attributes[i].required << i;
    }
    type->attribute_names = local ? wordset_of(names, count, model->arena) : NULL;
}

void model_set_attributes(struct model *model, const struct uses *uses, struct grammar_type *type) {
    require(uses->count <= USES_MAX);
    struct grammar_attribute *attributes = arena_alloc(model->arena, (uses->count + 1) * sizeof(*attributes));
    memcpy(attributes, uses->uses, uses->count * sizeof(*attributes));
    type->attributes = attributes;
    type->attributes_count = uses->count;
    type->required_count = 0;
    type->any_attribute = uses->any;
    for (uint32_t i = 0; i < uses->count; i++) {
        type->required_count += attributes[i].required;
        attributes[i].plain =
            !attributes[i].fixed.at && attributes[i].type && attributes[i].type->identity == SIMPLE_NO_ID;
    }
    name_attributes(model, type);
}

void model_inherit_uses(struct model *model, const struct made_type *base, bool wildcard, struct uses *uses) {
    require(base->type.attributes_count <= USES_MAX && uses->count <= USES_MAX);
    for (uint32_t i = 0; i < base->type.attributes_count; i++) {
        add_use(model, uses, &base->type.attributes[i]);
    }
    uses->any = wildcard ? base->type.any_attribute : NULL;
}
