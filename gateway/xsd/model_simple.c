/*
 * model_simple.c - simple types: a built-in one, and what each step of restriction asks of its values more.
 *
 * A facet is read in read_facet() into a member of struct simple, narrowed by what the base says of it, and
 * asked for in simple.c. Patterns of one step are alternatives and become one automaton; enumerations are
 * kept as values are compared.
 */
#include "xsd/model_inside.h"

#include <string.h>

#include "base/status.h"
#include "xsd/regex.h"
#include "xsd/xml.h"

/* --- simple types --------------------------------------------------------------------------------------- */

static struct simple_bound bound_of(struct text value, bool exclusive) {
    struct simple_bound bound = { .set = value.length > 0, .exclusive = exclusive };
    bound.set = bound.set && number_read(LEXICAL_DECIMAL, value, &bound.number);
    return bound;
}

const struct simple *model_builtin(struct model *model, enum lexical_type type) {
    require(type < LEXICAL_COUNT);
    const struct lexical_info *info = &lexical_infos[type];
    if (model->simples[type]) {
        return model->simples[type];
    }
    struct simple *simple = arena_alloc(model->arena, sizeof(*simple));
    *simple = (struct simple){
        .type = type,
        .space = info->space,
        .identity = type == LEXICAL_ID      ? SIMPLE_ID
                    : type == LEXICAL_IDREF ? SIMPLE_IDREF
                                            : SIMPLE_NO_ID,
        .free = type == LEXICAL_ANY || type == LEXICAL_STRING || type == LEXICAL_NORMALIZED
                || type == LEXICAL_TOKEN,
        .length_max = SIMPLE_NO_LIMIT,
        .digits_max = SIMPLE_NO_LIMIT,
        .fraction_max = SIMPLE_NO_LIMIT,
        .least = bound_of(text_of(info->least), false),
        .greatest = bound_of(text_of(info->greatest), false),
    };
    model->simples[type] = simple;
    return simple;
}

static const struct simple *list_of(struct model *model, const struct simple *item) {
    struct simple *simple = arena_alloc(model->arena, sizeof(*simple));
    *simple = (struct simple){
        .variety = SIMPLE_LIST,
        .space = LEXICAL_COLLAPSE,
        .identity = item->identity == SIMPLE_IDREF ? SIMPLE_IDREFS : SIMPLE_NO_ID,
        .length_max = SIMPLE_NO_LIMIT,
        .item = item,
    };
    if (item->identity == SIMPLE_ID || item->variety == SIMPLE_LIST) {
        model_refuse(model, OBSTACLE_ID_WITHIN, TEXT(""));
    }
    return simple;
}

/* NULL: not one of the built-in ones. */
static const struct simple *builtin_named(struct model *model, struct text name) {
    static const char *const unknown[] = { "QName", "NOTATION", "ENTITY", "ENTITIES" };
    for (int i = 0; i < LEXICAL_COUNT; i++) {
        if (text_is(name, lexical_infos[i].name)) {
            return model_builtin(model, (enum lexical_type)i);
        }
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
        if (text_is(name, unknown[i])) {
            model_refuse(model, OBSTACLE_NOTATION, name);
        }
    }
    bool refs = text_is(name, "IDREFS");
    if (refs || text_is(name, "NMTOKENS")) {
        struct simple *list = arena_alloc(model->arena, sizeof(*list));
        *list = *list_of(model, model_builtin(model, refs ? LEXICAL_IDREF : LEXICAL_NMTOKEN));
        list->length_min = 1;
        return list;
    }
    return NULL;
}

static void combine_patterns(struct model *model, struct simple *simple, struct regex_node *tree) {
    enum obstacle_kind why = OBSTACLE_NONE;
    const struct dfa *dfa = dfa_of(tree, model->arena, &why);
    if (!dfa || simple->patterns_count == SIMPLE_PATTERNS_MAX) {
        model_refuse(model, dfa ? OBSTACLE_PATTERN : why, tree->first ? tree->first->text : TEXT(""));
        return;
    }
    simple->patterns[simple->patterns_count++] = dfa;
}

/* The patterns of one step: one of them must match. */
static void read_patterns(struct model *model, const struct tree_node *node, struct simple *simple) {
    struct regex_node *whole = NULL, *last = NULL;
    for (const struct tree_node *child = node->first; child && !model_failed(model); child = child->next) {
        if (!model_is_xsd(child, "pattern")) {
            continue;
        }
        struct text value = tree_attribute(child, "value");
        struct regex_node *tree = value.at ? regex_read(value, model->scratch) : NULL;
        if (!tree) {
            model_refuse(model, OBSTACLE_PATTERN, value.at ? value : TEXT(""));
        } else if (!whole) {
            whole = tree;
        } else {
            last->next = tree->first;
        }
        for (last = whole ? whole->first : NULL; last && last->next;) {
            last = last->next;
        }
    }
    if (whole && !model_failed(model)) {
        combine_patterns(model, simple, whole);
    }
}

static struct text kept(struct model *model, struct text text) {
    return text.length ? (struct text){ arena_copy(model->arena, text), text.length } : TEXT("");
}

/* A value of the schema, its white space normalised. False: the type does not take it. */
bool model_normalised(struct model *model, const struct simple *simple, struct text value, struct text *out) {
    struct simple_room room = { arena_alloc(model->scratch, value.length + 1), value.length };
    struct text normal;
    bool taken = simple_accepts(simple, value, room, &normal);
    *out = taken ? kept(model, normal) : TEXT("");
    return taken;
}

/* ... and as values are compared. */
static bool canonical(struct model *model, const struct simple *simple, struct text value, struct text *out) {
    char spelling[LEXICAL_DIGITS_MAX + 3];
    bool taken = model_normalised(model, simple, value, out);
    *out = kept(model, simple_spelling(simple, *out, spelling));
    return taken;
}

/* simple: without an enumeration of its own yet, so that the values are held against what it was before. */
static void read_enumeration(struct model *model, const struct tree_node *node, struct simple *simple) {
    uint32_t count = 0;
    for (const struct tree_node *child = node->first; child; child = child->next) {
        count += model_is_xsd(child, "enumeration");
    }
    struct text *words = count ? arena_alloc(model->arena, count * sizeof(*words)) : NULL;
    uint32_t known = 0;
    for (const struct tree_node *child = node->first; words && child; child = child->next) {
        struct text value =
            model_is_xsd(child, "enumeration") ? tree_attribute(child, "value") : (struct text){ 0 };
        if (value.at && canonical(model, simple, value, &words[known])) {
            uint32_t same = 0;
            while (same < known && !text_equal(words[same], words[known])) {
                same++;
            }
            known += same == known;
        }
    }
    if (words) {
        simple->enumeration = wordset_of(words, known, model->arena);
        simple->free = false;
        if (!simple->enumeration) {
            model_refuse(model, OBSTACLE_ENUMERATION, model_owner(node));
        }
    }
}

static uint32_t size_of(struct model *model, const struct tree_node *facet) {
    struct number number;
    uint64_t size = 0;
    struct text value = model_attribute(facet, "value");
    if (!value.at || !number_read(LEXICAL_INTEGER, value, &number) || number.negative
        || (number.whole.length && !text_to_uint(number.whole, &size))) {
        model_refuse(model, OBSTACLE_FACET, facet->name);
    }
    return size < SIMPLE_NO_LIMIT ? (uint32_t)size : SIMPLE_NO_LIMIT - 1;
}

static uint32_t lesser(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t greater(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* In the form in which values are compared. False: it is no value of the type, or those have no order. */
static bool read_bound(const struct simple *simple, struct text value, bool exclusive,
                       struct simple_bound *out) {
    bool moment = simple->variety == SIMPLE_ATOMIC && lexical_infos[simple->type].family == LEXICAL_MOMENT;
    bool number = simple->variety == SIMPLE_ATOMIC && lexical_infos[simple->type].family == LEXICAL_NUMBER;
    if (moment) {
        *out = (struct simple_bound){ .exclusive = exclusive };
        out->set = moment_read(simple->type, value, &out->moment);
    } else {
        *out = bound_of(value, exclusive);
    }
    return (moment || number) && out->set;
}

/* Where the order of two bounds is not known, both would have to be asked for. */
static bool compare_bounds(const struct simple *simple, const struct simple_bound *a,
                           const struct simple_bound *b, int *order) {
    if (lexical_infos[simple->type].family == LEXICAL_NUMBER) {
        *order = number_compare(&a->number, &b->number);
        return true;
    }
    enum moment_order found = moment_compare(&a->moment, &b->moment);
    *order = (found == MOMENT_AFTER) - (found == MOMENT_BEFORE);
    return found != MOMENT_ANY;
}

/* The narrower of the two stays: a restriction narrows. */
static void narrow(struct model *model, const struct tree_node *facet, struct simple *simple, bool least,
                   bool exclusive) {
    struct simple_bound *bound = least ? &simple->least : &simple->greatest, other;
    int order = 0;
    if (!read_bound(simple, kept(model, model_attribute(facet, "value")), exclusive, &other)
        || (bound->set && !compare_bounds(simple, &other, bound, &order))) {
        model_refuse(model, OBSTACLE_RANGE, facet->name);
        return;
    }
    bool narrower = order == 0 ? exclusive || !bound->set : least ? order > 0 : order < 0;
    if (narrower) {
        *bound = other;
    }
}

static void read_space(struct model *model, const struct tree_node *facet, struct simple *simple) {
    struct text value = model_attribute(facet, "value");
    simple->space = text_is(value, "collapse")                                       ? LEXICAL_COLLAPSE
                    : text_is(value, "replace") && simple->space == LEXICAL_PRESERVE ? LEXICAL_REPLACE
                                                                                     : simple->space;
}

static void read_facet(struct model *model, const struct tree_node *facet, struct simple *simple) {
    if (model_is_xsd(facet, "length")) {
        uint32_t size = size_of(model, facet);
        simple->length_min = greater(simple->length_min, size);
        simple->length_max = lesser(simple->length_max, size);
    } else if (model_is_xsd(facet, "minLength")) {
        simple->length_min = greater(simple->length_min, size_of(model, facet));
    } else if (model_is_xsd(facet, "maxLength")) {
        simple->length_max = lesser(simple->length_max, size_of(model, facet));
    } else if (model_is_xsd(facet, "totalDigits")) {
        simple->digits_max = lesser(simple->digits_max, size_of(model, facet));
    } else if (model_is_xsd(facet, "fractionDigits")) {
        simple->fraction_max = lesser(simple->fraction_max, size_of(model, facet));
    } else if (model_is_xsd(facet, "minInclusive") || model_is_xsd(facet, "minExclusive")) {
        narrow(model, facet, simple, true, model_is_xsd(facet, "minExclusive"));
    } else if (model_is_xsd(facet, "maxInclusive") || model_is_xsd(facet, "maxExclusive")) {
        narrow(model, facet, simple, false, model_is_xsd(facet, "maxExclusive"));
    } else if (model_is_xsd(facet, "whiteSpace")) {
        read_space(model, facet, simple);
    } else if (!model_is_xsd(facet, "pattern") && !model_is_xsd(facet, "enumeration")) {
        model_refuse(model, OBSTACLE_UNKNOWN, facet->name);
    }
}

static bool is_of_attributes(const struct tree_node *node) {
    return model_is_xsd(node, "attribute") || model_is_xsd(node, "attributeGroup")
           || model_is_xsd(node, "anyAttribute");
}

/* The facets of a restriction upon what it restricts. */
const struct simple *model_restricted(struct model *model, const struct tree_node *node,
                                      const struct simple *base) {
    require(base->patterns_count <= SIMPLE_PATTERNS_MAX && base->members_count <= SIMPLE_MEMBERS_MAX);
    struct simple *simple = arena_alloc(model->arena, sizeof(*simple));
    *simple = *base;
    for (const struct tree_node *child = node->first; child && !model_failed(model); child = child->next) {
        if (!model_is_note(child) && !model_is_xsd(child, "simpleType") && !is_of_attributes(child)) {
            read_facet(model, child, simple);
        }
    }
    uint32_t patterns = simple->patterns_count;
    read_patterns(model, node, simple);
    simple->free = simple->free && simple->patterns_count == patterns;
    if (!model_failed(model)) {
        read_enumeration(model, node, simple);
    }
    return simple;
}

/* The simple type that an attribute names, or else the one that stands inside; NULL: neither. */
static const struct simple *named_or_inside(struct model *model, const struct model_document *source,
                                            const struct tree_node *node, const char *attribute) {
    struct text name = model_attribute(node, attribute);
    const struct tree_node *inside = model_child(node, "simpleType");
    return name.at  ? model_simple_named(model, source, node, name)
           : inside ? model_read_simple(model, source, inside)
                    : NULL;
}

static const struct simple *read_restriction(struct model *model, const struct model_document *source,
                                             const struct tree_node *node) {
    const struct simple *base = named_or_inside(model, source, node, "base");
    return base ? model_restricted(model, node, base) : NULL;
}

static void add_member(struct model *model, struct simple *simple, const struct simple *member) {
    if (!member) {
        return;
    }
    if (member->identity != SIMPLE_NO_ID) {
        model_refuse(model, OBSTACLE_ID_WITHIN, TEXT(""));
    } else if (simple->members_count == SIMPLE_MEMBERS_MAX) {
        model_refuse(model, OBSTACLE_MODEL, TEXT("union"));
    } else {
        simple->members[simple->members_count++] = member;
    }
}

static const struct simple *read_union(struct model *model, const struct model_document *source,
                                       const struct tree_node *node) {
    struct simple *simple = arena_alloc(model->arena, sizeof(*simple));
    struct text names = model_attribute(node, "memberTypes");
    *simple = (struct simple){ .variety = SIMPLE_UNION, .length_max = SIMPLE_NO_LIMIT };
    while (names.at && !model_failed(model)) {
        struct text name = model_next_word(&names);
        if (!name.length) {
            break;
        }
        add_member(model, simple, model_simple_named(model, source, node, name));
    }
    for (const struct tree_node *child = node->first; child && !model_failed(model); child = child->next) {
        if (model_is_xsd(child, "simpleType")) {
            add_member(model, simple, model_read_simple(model, source, child));
        }
    }
    return simple;
}

static const struct simple *read_list(struct model *model, const struct model_document *source,
                                      const struct tree_node *node) {
    const struct simple *item = named_or_inside(model, source, node, "itemType");
    return item ? list_of(model, item) : NULL;
}

/* NULL after a obstacle. */
const struct simple *model_read_simple(struct model *model, const struct model_document *source,
                                       const struct tree_node *node) {
    const struct simple *simple = NULL;
    if (++model->depth > TYPE_DEPTH_MAX) {
        model_refuse(model, OBSTACLE_CIRCULAR, node->name);
    }
    for (const struct tree_node *child = node->first; child && !model_failed(model); child = child->next) {
        if (model_is_xsd(child, "restriction")) {
            simple = read_restriction(model, source, child);
        } else if (model_is_xsd(child, "union")) {
            simple = read_union(model, source, child);
        } else if (model_is_xsd(child, "list")) {
            simple = read_list(model, source, child);
        } else if (!model_is_note(child)) {
            model_refuse(model, OBSTACLE_UNKNOWN, child->name);
        }
    }
    model->depth--;
    if (!simple) {
        model_refuse(model, OBSTACLE_UNKNOWN, node->name);
    }
    return model_failed(model) ? NULL : simple;
}

struct made_type *model_type_new(struct model *model, const struct model_document *source,
                                 const struct tree_node *node) {
    require(!node == !source);
    struct made_type *made = arena_alloc(model->arena, sizeof(*made));
    *made = (struct made_type){ .node = node, .source = source };
    if (++model->grammar->types_count > TYPES_MAX) {
        model_refuse(model, OBSTACLE_MODEL, TEXT(""));
    }
    if (model->last_type) {
        model->last_type->next = made;
    } else {
        model->first_type = made;
    }
    model->last_type = made;
    return made;
}

struct made_type *model_type_of_simple(struct model *model, const struct simple *simple) {
    struct made_type *made = model_type_new(model, NULL, NULL);
    made->progress = READ;
    made->type.content = GRAMMAR_SIMPLE;
    made->type.simple = simple;
    return made;
}

/* A global type; a complex one perhaps not read yet. */
static struct made_type *type_of_component(struct model *model, struct component *component) {
    if (component->made) {
        return component->made;
    }
    if (model_is_xsd(component->node, "complexType")) {
        component->made = model_type_new(model, component->source, component->node);
        return component->made;
    }
    if (component->progress == IN_PROGRESS) {
        model_refuse(model, OBSTACLE_CIRCULAR, component->name);
        return NULL;
    }
    component->progress = IN_PROGRESS;
    const struct simple *simple = model_read_simple(model, component->source, component->node);
    component->progress = READ;
    component->made = simple ? model_type_of_simple(model, simple) : NULL;
    return component->made;
}

/* NULL after a obstacle, and for anyType: the one type that is not made. */
struct made_type *model_type_named(struct model *model, const struct model_document *source,
                                   const struct tree_node *node, struct text qualified, bool *any) {
    struct text namespace, name;
    *any = false;
    if (!model_resolve(model, source, node, qualified, &namespace, &name)) {
        return NULL;
    }
    if (!text_is(namespace, XSD_NAMESPACE)) {
        struct component *component = model_component(model, TYPE, source, node, qualified);
        return component ? type_of_component(model, component) : NULL;
    }
    *any = text_is(name, "anyType");
    if (*any) {
        return NULL;
    }
    for (int i = 0; i < LEXICAL_COUNT; i++) {
        if (text_is(name, lexical_infos[i].name)) {
            if (!model->builtins[i]) {
                model->builtins[i] = model_type_of_simple(model, model_builtin(model, (enum lexical_type)i));
            }
            return model->builtins[i];
        }
    }
    const struct simple *simple = builtin_named(model, name);
    if (!simple) {
        model_refuse(model, OBSTACLE_UNRESOLVED, qualified);
    }
    return simple ? model_type_of_simple(model, simple) : NULL;
}

const struct simple *model_simple_named(struct model *model, const struct model_document *source,
                                        const struct tree_node *node, struct text name) {
    bool any;
    struct made_type *made = model_type_named(model, source, node, name, &any);
    const struct simple *simple = made && made->progress == READ ? made->type.simple : NULL;
    if (!simple) {
        model_refuse(model, OBSTACLE_UNRESOLVED, name);
    }
    return simple;
}
