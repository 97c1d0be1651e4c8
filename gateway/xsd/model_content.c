/*
 * model_content.c - elements, the particles that say where they may stand, and complex types, which have both
 * particles and attributes. Particles become states when all types are read (automaton.c).
 */
#include "xsd/model_inside.h"

#include "base/status.h"

/* --- elements ------------------------------------------------------------------------------------------- */

/* The type of an element: named, inside, of the head of its substitution group, or any. */
static const struct grammar_type *type_of_element(struct model *model, const struct model_document *source,
                                                  const struct tree_node *node) {
    struct text type = model_attribute(node, "type"), head = model_attribute(node, "substitutionGroup");
    const struct tree_node *complex = model_child(node, "complexType");
    const struct tree_node *simple = model_child(node, "simpleType");
    bool any = false;
    struct made_type *made = NULL;
    if (type.at) {
        made = model_type_named(model, source, node, type, &any);
    } else if (complex) {
        made = model_type_new(model, source, complex);
    } else if (simple) {
        const struct simple *read = model_read_simple(model, source, simple);
        made = read ? model_type_of_simple(model, read) : NULL;
    } else if (head.at) {
        struct component *component = model_component(model, ELEMENT, source, node, head);
        struct grammar_element *element = component ? model_global_element(model, component) : NULL;
        return element ? element->type : NULL;
    } else {
        any = true;
    }
    return any ? model->grammar->any_type : made ? &made->type : NULL;
}

static void fill_element(struct model *model, const struct model_document *source,
                         const struct tree_node *node, struct text namespace, struct text name,
                         struct grammar_element *element) {
    static const char *const identities[] = { "unique", "key", "keyref" };
    for (size_t i = 0; i < sizeof(identities) / sizeof(*identities); i++) {
        if (model_child(node, identities[i])) {
            model_refuse(model, OBSTACLE_IDENTITY, name);
        }
    }
    struct text nillable = model_attribute(node, "nillable"), abstract = model_attribute(node, "abstract");
    element->name = model_name(model, namespace, name);
    element->local = model->locals[element->name & GRAMMAR_UNKNOWN_LOCAL];
    element->nillable = text_is(nillable, "true") || text_is(nillable, "1");
    element->abstract = text_is(abstract, "true") || text_is(abstract, "1");
    element->substitutes = tree_has(node, "substitutionGroup");
    element->fixed = tree_has(node, "fixed");
    element->fallback = tree_attribute(node, element->fixed ? "fixed" : "default");
    element->type = type_of_element(model, source, node);
}

struct grammar_element *model_global_element(struct model *model, struct component *component) {
    require(component->kind == ELEMENT);
    if (component->progress == IN_PROGRESS) {
        model_refuse(model, OBSTACLE_CIRCULAR, component->name);
    } else if (!component->made && !model_failed(model)) {
        struct grammar_element *element = arena_alloc(model->arena, sizeof(*element));
        component->progress = IN_PROGRESS;
        fill_element(model, component->source, component->node, component->namespace, component->name,
                     element);
        component->progress = READ;
        component->made = element;
    }
    return component->made;
}

/* --- particles ------------------------------------------------------------------------------------------ */

static bool read_occurs(struct model *model, const struct tree_node *node, struct particle *particle) {
    struct text min = model_attribute(node, "minOccurs"), max = model_attribute(node, "maxOccurs");
    uint64_t least = 1, most = 1;
    bool endless = text_is(max, "unbounded");
    if ((min.at && !text_to_uint(min, &least)) || (max.at && !endless && !text_to_uint(max, &most))
        || least >= AUTOMATON_UNBOUNDED || (most >= AUTOMATON_UNBOUNDED && !endless)) {
        model_refuse(model, OBSTACLE_MODEL, node->name);
        return false;
    }
    particle->min = (uint32_t)least;
    particle->max = endless ? AUTOMATON_UNBOUNDED : (uint32_t)most;
    return particle->max > 0;
}

static struct particle *read_particle(struct model *model, const struct model_document *source,
                                      const struct tree_node *node);

static void read_children(struct model *model, const struct model_document *source,
                          const struct tree_node *node, struct particle *group) {
    struct particle **end = &group->first;
    for (const struct tree_node *child = node->first; child && !model_failed(model); child = child->next) {
        struct particle *particle = model_is_note(child) ? NULL : read_particle(model, source, child);
        if (particle) {
            *end = particle;
            end = &particle->next;
        }
    }
    if (group->kind == PARTICLE_CHOICE && !group->first) {
        model_refuse(model, OBSTACLE_AMBIGUOUS, node->name); /* of nothing: no child fits */
    }
}

static bool read_element_particle(struct model *model, const struct model_document *source,
                                  const struct tree_node *node, struct particle *particle) {
    struct text ref = model_attribute(node, "ref"), name = model_attribute(node, "name");
    particle->kind = PARTICLE_ELEMENT;
    if (ref.at) {
        struct component *component = model_component(model, ELEMENT, source, node, ref);
        particle->element = component ? model_global_element(model, component) : NULL;
    } else if (name.at) {
        struct grammar_element *element = arena_alloc(model->arena, sizeof(*element));
        struct text form = model_attribute(node, "form");
        bool qualified = form.at ? text_is(form, "qualified") : source->elements_qualified;
        fill_element(model, source, node, qualified ? source->target : TEXT(""), name, element);
        particle->element = element;
    } else {
        model_refuse(model, OBSTACLE_UNKNOWN, node->name);
    }
    return particle->element != NULL;
}

/* A reference to a group is that group's one child, with the occurrences of the reference. */
static bool read_group_particle(struct model *model, const struct model_document *source,
                                const struct tree_node *node, struct particle *particle) {
    struct text ref = model_attribute(node, "ref");
    struct component *group = ref.at ? model_component(model, GROUP, source, node, ref) : NULL;
    if (!group) {
        model_refuse(model, OBSTACLE_UNRESOLVED, ref.at ? ref : node->name);
        return false;
    }
    struct particle *inside = NULL;
    for (const struct tree_node *child = group->node->first; child && !inside; child = child->next) {
        inside = model_is_note(child) ? NULL : read_particle(model, group->source, child);
    }
    if (inside && inside->kind == PARTICLE_ALL && particle->max == 1) {
        uint32_t min = particle->min < inside->min ? particle->min : inside->min;
        *particle = *inside;
        particle->min = min;
        return true;
    }
    particle->kind = PARTICLE_SEQUENCE;
    particle->first = inside;
    return true;
}

/* NULL: it stands for nothing, or was refused. */
static struct particle *read_particle(struct model *model, const struct model_document *source,
                                      const struct tree_node *node) {
    struct particle *particle = arena_alloc(model->scratch, sizeof(*particle));
    bool stands = read_occurs(model, node, particle);
    if (++model->depth > TYPE_DEPTH_MAX) {
        model_refuse(model, OBSTACLE_CIRCULAR, node->name);
    }
    if (model_failed(model) || !stands) {
        stands = false;
    } else if (model_is_xsd(node, "element")) {
        stands = read_element_particle(model, source, node, particle);
    } else if (model_is_xsd(node, "any")) {
        particle->kind = PARTICLE_ANY;
        particle->wildcard = model_read_wildcard(model, source, node);
    } else if (model_is_xsd(node, "group")) {
        stands = read_group_particle(model, source, node, particle);
    } else if (model_is_xsd(node, "sequence") || model_is_xsd(node, "choice") || model_is_xsd(node, "all")) {
        particle->kind = model_is_xsd(node, "sequence") ? PARTICLE_SEQUENCE
                         : model_is_xsd(node, "choice") ? PARTICLE_CHOICE
                                                        : PARTICLE_ALL;
        read_children(model, source, node, particle);
    } else {
        model_refuse(model, OBSTACLE_UNKNOWN, node->name);
        stands = false;
    }
    model->depth--;
    return stands ? particle : NULL;
}

/* --- complex types -------------------------------------------------------------------------------------- */

/* The group among the children of a type, an extension or a restriction; NULL: none. */
static struct particle *read_model(struct model *model, const struct model_document *source,
                                   const struct tree_node *node) {
    for (const struct tree_node *child = node->first; child; child = child->next) {
        if (model_is_xsd(child, "sequence") || model_is_xsd(child, "choice") || model_is_xsd(child, "all")
            || model_is_xsd(child, "group")) {
            return read_particle(model, source, child);
        }
    }
    return NULL;
}

static struct made_type *base_of(struct model *model, const struct model_document *source,
                                 const struct tree_node *node, bool *any) {
    struct text name = model_attribute(node, "base");
    struct made_type *base = name.at ? model_type_named(model, source, node, name, any) : NULL;
    if (base && base->progress == UNREAD) {
        model_read_complex(model, base);
    }
    if (base && base->progress == IN_PROGRESS) {
        model_refuse(model, OBSTACLE_CIRCULAR, name);
    }
    if (!base && !*any) {
        model_refuse(model, OBSTACLE_UNRESOLVED, name.at ? name : node->name);
    }
    return model_failed(model) ? NULL : base;
}

static void read_simple_content(struct model *model, struct made_type *made, const struct tree_node *node,
                                struct uses *uses) {
    bool any = false;
    bool extends = model_is_xsd(node, "extension");
    struct made_type *base = base_of(model, made->source, node, &any);
    const struct tree_node *inside = model_child(node, "simpleType");
    if (!base) {
        model_refuse(model, OBSTACLE_UNKNOWN, node->name);
        return;
    }
    model_inherit_uses(model, base, extends, uses);
    made->type.content = GRAMMAR_SIMPLE;
    made->type.simple = base->type.simple;
    if (!extends) {
        const struct simple *simple =
            inside ? model_read_simple(model, made->source, inside) : base->type.simple;
        made->type.simple = simple ? model_restricted(model, node, simple) : NULL;
    }
    if (!made->type.simple) {
        model_refuse(model, OBSTACLE_UNKNOWN, node->name);
    }
}

/* What an extension adds stands behind what was there. */
static const struct particle *appended(struct model *model, const struct particle *base,
                                       struct particle *added) {
    if (!base || !added) {
        return base ? base : added;
    }
    struct particle *whole = arena_alloc(model->scratch, sizeof(*whole));
    struct particle *first = arena_alloc(model->scratch, sizeof(*first));
    *first = *base;
    first->next = added;
    *whole = (struct particle){ .kind = PARTICLE_SEQUENCE, .min = 1, .max = 1, .first = first };
    return whole;
}

static void read_complex_content(struct model *model, struct made_type *made, const struct tree_node *node,
                                 struct uses *uses) {
    bool any = false, extends = model_is_xsd(node, "extension");
    struct made_type *base = base_of(model, made->source, node, &any);
    if (model_failed(model)) {
        return;
    }
    struct particle *own = read_model(model, made->source, node);
    if (any && extends) {
        model_refuse(model, OBSTACLE_UNKNOWN, TEXT("anyType"));
    }
    if (base && base->type.content == GRAMMAR_SIMPLE) {
        model_refuse(model, OBSTACLE_UNKNOWN, node->name);
        return;
    }
    if (base) {
        model_inherit_uses(model, base, extends, uses);
    }
    if (extends && base && !own) {
        made->type.content = base->type.content;
    }
    made->particle = extends && base ? appended(model, base->particle, own) : own;
}

static bool is_mixed(const struct tree_node *node) {
    struct text mixed = model_attribute(node, "mixed");
    return text_is(mixed, "true") || text_is(mixed, "1");
}

void model_read_complex(struct model *model, struct made_type *made) {
    require(made->node && made->progress == UNREAD);
    const struct tree_node *node = made->node, *simple = model_child(node, "simpleContent"),
                           *complex = model_child(node, "complexContent");
    const struct tree_node *holder = simple ? simple : complex, *derived = NULL;
    struct uses *uses = arena_alloc(model->scratch, sizeof(*uses));
    struct text abstract = model_attribute(node, "abstract");
    made->progress = IN_PROGRESS;
    made->type.abstract = text_is(abstract, "true") || text_is(abstract, "1");
    made->type.content = GRAMMAR_ELEMENTS;
    if (++model->depth > TYPE_DEPTH_MAX) {
        model_refuse(model, OBSTACLE_CIRCULAR, node->name);
    }
    if (holder) {
        derived = model_child(holder, "extension");
        derived = derived ? derived : model_child(holder, "restriction");
        if (!derived) {
            model_refuse(model, OBSTACLE_UNKNOWN, holder->name);
        } else if (simple) {
            read_simple_content(model, made, derived, uses);
        } else {
            read_complex_content(model, made, derived, uses);
        }
    } else {
        made->particle = read_model(model, made->source, node);
    }
    if (!simple && (is_mixed(node) || (complex && is_mixed(complex)))) {
        made->type.content = GRAMMAR_MIXED;
    }
    if (!model_failed(model)) {
        model_read_attributes(model, made->source, derived ? derived : node, uses);
        model_set_attributes(model, uses, &made->type);
    }
    model->depth--;
    made->progress = READ;
}
