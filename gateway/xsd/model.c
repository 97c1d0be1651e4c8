/*
 * model.c - the components of a schema (part 1, section 3), read from the trees of its documents.
 *
 * First all documents are walked and what stands at their top is listed by kind and name (chameleon includes
 * once for each namespace they are read into). Then the global elements are compiled, and what they refer to
 * as it is met. A complex type that is referred to gets its place at once and is read later, so that types
 * may hold each other; one that is derived from another waits for that.
 * When all types are read their particles become states (automaton.c).
 */
#include "xsd/grammar.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "xsd/automaton.h"
#include "xsd/regex.h"
#include "xsd/tree.h"
#include "xsd/xml.h"

#define XSD_NAMESPACE  "http://www.w3.org/2001/XMLSchema"
#define VIEWS_MAX      (2 * GRAMMAR_DOCUMENTS_MAX)
#define COMPONENTS_MAX 50000
#define TYPES_MAX      50000
#define TYPE_DEPTH_MAX 200 /* of types that wait for each other */
#define USES_MAX       512 /* attributes of one type */

/* --- what is being built -------------------------------------------------------------------------------- */

struct view { /* a document, read into a namespace */
    int document;
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
    const struct view *view;
    enum progress progress;
    void *made; /* grammar_element, grammar_attribute, made_type */
    struct component *same_hash;
};

struct made_type {
    struct grammar_type type;
    const struct particle *particle;
    const struct tree_node *node; /* of a complex type */
    const struct view *view;
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
    struct view views[VIEWS_MAX];
    uint32_t views_count;
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

static bool failed(const struct model *model) {
    return model->obstacle->kind != OBSTACLE_NONE;
}

static void refuse(struct model *model, enum obstacle_kind kind, struct text name) {
    obstacle_set(model->obstacle, kind, name);
}

/* --- names ---------------------------------------------------------------------------------------------- */

static uint32_t namespace_number(struct model *model, struct text namespace) {
    struct grammar *grammar = model->grammar;
    uint32_t number = grammar_namespace(grammar, namespace);
    if (number != GRAMMAR_UNKNOWN_NAMESPACE) {
        return number;
    }
    if (grammar->namespaces_count == GRAMMAR_NAMESPACES_MAX) {
        refuse(model, OBSTACLE_NAMES, namespace);
        return 0;
    }
    grammar->namespaces[grammar->namespaces_count] = namespace;
    return grammar->namespaces_count++;
}

static uint32_t local_number(struct model *model, struct text name) {
    struct interned **at = &model->names[text_hash(name) % BUCKETS];
    for (; *at; at = &(*at)->same_hash) {
        if (text_equal((*at)->name, name)) {
            return (*at)->number;
        }
    }
    if (model->locals_count == WORDSET_MAX) {
        refuse(model, OBSTACLE_NAMES, name);
        return 0;
    }
    if (model->locals_count == model->locals_capacity) {
        model->locals_capacity = model->locals_capacity ? 2 * model->locals_capacity : 256;
        model->locals = arena_bigger(model->arena, model->locals, model->locals_count, model->locals_capacity,
                                     sizeof(*model->locals));
    }
    char *padded = arena_alloc(model->arena, name.length + GRAMMAR_PADDING);
    memcpy(padded, name.at, name.length);
    name.at = padded;
    uint32_t *longest = &model->grammar->locals_longest;
    *longest = name.length > *longest ? (uint32_t)name.length : *longest;
    *at = arena_alloc(model->scratch, sizeof(**at));
    **at = (struct interned){ .name = name, .number = model->locals_count };
    model->locals[model->locals_count] = name;
    return model->locals_count++;
}

static grammar_name name_of(struct model *model, struct text namespace, struct text local) {
    uint32_t number = namespace_number(model, namespace);
    return GRAMMAR_NAME(number, local_number(model, local));
}

static bool is_xsd(const struct tree_node *node, const char *name) {
    return text_is(node->name, name) && text_is(node->namespace, XSD_NAMESPACE);
}

static bool is_note(const struct tree_node *node) {
    return is_xsd(node, "annotation") || !text_is(node->namespace, XSD_NAMESPACE);
}

static struct text trimmed_attribute(const struct tree_node *node, const char *name) {
    struct text value = tree_attribute(node, name);
    return value.at ? text_trim(value) : value;
}

/* prefix:name as a namespace and a name. */
static bool resolve(struct model *model, const struct view *view, const struct tree_node *node,
                    struct text qualified, struct text *namespace, struct text *name) {
    const char *colon = memchr(qualified.at, ':', qualified.length);
    struct text prefix = { qualified.at, colon ? (size_t)(colon - qualified.at) : 0 };
    size_t cut = colon ? prefix.length + 1 : 0;
    *name = (struct text){ qualified.at + cut, qualified.length - cut };
    if (!tree_namespace(node, prefix, namespace)) {
        refuse(model, OBSTACLE_UNRESOLVED, qualified);
        return false;
    }
    if (!colon && namespace->length == 0 && view->chameleon) {
        *namespace = view->target;
    }
    return true;
}

static struct component **bucket_of(struct model *model, enum kind kind, struct text name) {
    return &model->components[(text_hash(name) + (uint32_t)kind) % BUCKETS];
}

static struct component *find(struct model *model, enum kind kind, struct text namespace, struct text name) {
    struct component *at = *bucket_of(model, kind, name);
    while (at && !(at->kind == kind && text_equal(at->name, name) && text_equal(at->namespace, namespace))) {
        at = at->same_hash;
    }
    return at;
}

static struct component *component_of(struct model *model, enum kind kind, const struct view *view,
                                      const struct tree_node *node, struct text qualified) {
    struct text namespace, name;
    if (!resolve(model, view, node, qualified, &namespace, &name)) {
        return NULL;
    }
    struct component *found = find(model, kind, namespace, name);
    if (!found) {
        refuse(model, OBSTACLE_UNRESOLVED, qualified);
    }
    return found;
}

/* --- documents ------------------------------------------------------------------------------------------ */

static void add_component(struct model *model, enum kind kind, const struct view *view,
                          const struct tree_node *node) {
    struct text name = trimmed_attribute(node, "name");
    if (!name.at || model->components_count == COMPONENTS_MAX) {
        refuse(model, OBSTACLE_NAMES, name.at ? name : node->name);
        return;
    }
    if (find(model, kind, view->target, name)) {
        refuse(model, OBSTACLE_TWICE, name);
        return;
    }
    struct component **bucket = bucket_of(model, kind, name);
    struct component *component = arena_alloc(model->scratch, sizeof(*component));
    *component = (struct component){
        .kind = kind,
        .namespace = view->target,
        .name = name,
        .node = node,
        .view = view,
        .same_hash = *bucket,
    };
    *bucket = component;
    model->components_count++;
    if (kind == ELEMENT) {
        model->elements[model->elements_count++] = component;
    } else if (kind == ATTRIBUTE) {
        model->attributes[model->attributes_count++] = component;
    }
}

static void read_document(struct model *model, int document, const struct text *into);

static bool was_imported(const struct model *model, struct text namespace) {
    for (uint32_t i = 0; i < model->views_count; i++) {
        if (text_equal(model->views[i].target, namespace)) {
            return true;
        }
    }
    return false;
}

/* Of a namespace that was imported before, another location is not read: so does libxml2. */
static void follow(struct model *model, const struct view *view, const struct tree_node *node, bool include) {
    struct text location = trimmed_attribute(node, "schemaLocation");
    struct text namespace = trimmed_attribute(node, "namespace");
    namespace = namespace.at ? namespace : TEXT("");
    if (!location.at || (!include && was_imported(model, namespace))) {
        return;
    }
    int document = model->files->locate(model->files->context, view->document, location);
    if (document < 0) {
        refuse(model, OBSTACLE_DOCUMENT, location);
        return;
    }
    read_document(model, document, include ? &view->target : &namespace);
}

static void read_top(struct model *model, const struct view *view, const struct tree_node *node) {
    static const struct {
        const char *name;
        enum kind kind;
    } kinds[] = {
        { "element", ELEMENT }, { "attribute", ATTRIBUTE }, { "complexType", TYPE },
        { "simpleType", TYPE }, { "group", GROUP },         { "attributeGroup", ATTRIBUTE_GROUP },
    };
    if (is_note(node) || is_xsd(node, "notation")) {
        return;
    }
    if (is_xsd(node, "include") || is_xsd(node, "import")) {
        follow(model, view, node, is_xsd(node, "include"));
        return;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (is_xsd(node, kinds[i].name)) {
            add_component(model, kinds[i].kind, view, node);
            return;
        }
    }
    refuse(model, is_xsd(node, "redefine") ? OBSTACLE_REDEFINE : OBSTACLE_UNKNOWN, node->name);
}

static bool is_qualified(const struct tree_node *root, const char *attribute) {
    return text_is(trimmed_attribute(root, attribute), "qualified");
}

/* into: the namespace it is read into; NULL: its own. */
static void read_document(struct model *model, int document, const struct text *into) {
    for (uint32_t i = 0; i < model->views_count; i++) {
        const struct view *other = &model->views[i];
        if (other->document == document && (!into || text_equal(other->target, *into))) {
            return;
        }
    }
    if (model->views_count == VIEWS_MAX) {
        refuse(model, OBSTACLE_DOCUMENTS, TEXT(""));
        return;
    }
    struct text bytes = model->files->bytes(model->files->context, document);
    const char *copy = arena_copy(model->arena, bytes);
    const struct tree_node *root = tree_read((struct text){ copy, bytes.length }, model->scratch);
    if (!root || !is_xsd(root, "schema")) {
        refuse(model, OBSTACLE_DOCUMENT, TEXT(""));
        return;
    }
    struct view *view = &model->views[model->views_count++];
    struct text target = trimmed_attribute(root, "targetNamespace");
    target = target.at ? target : TEXT("");
    *view = (struct view){
        .document = document,
        .root = root,
        .target = into ? *into : target,
        .chameleon = into && into->length && target.length == 0,
        .elements_qualified = is_qualified(root, "elementFormDefault"),
        .attributes_qualified = is_qualified(root, "attributeFormDefault"),
    };
    if (!text_equal(view->target, target) && !view->chameleon) {
        refuse(model, OBSTACLE_DOCUMENT, target);
    }
    for (const struct tree_node *node = root->first; node && !failed(model); node = node->next) {
        read_top(model, view, node);
    }
}

/* --- simple types --------------------------------------------------------------------------------------- */

static const struct simple *simple_named(struct model *model, const struct view *view,
                                         const struct tree_node *node, struct text name);
static const struct simple *read_simple(struct model *model, const struct view *view,
                                        const struct tree_node *node);

static struct simple_bound bound_of(struct text value, bool exclusive) {
    struct simple_bound bound = { .set = value.length > 0, .exclusive = exclusive };
    bound.set = bound.set && number_read(LEXICAL_DECIMAL, value, &bound.number);
    return bound;
}

static const struct simple *builtin(struct model *model, enum lexical_type type) {
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
        refuse(model, OBSTACLE_ID_WITHIN, TEXT(""));
    }
    return simple;
}

/* NULL: not one of the built-in ones. */
static const struct simple *builtin_named(struct model *model, struct text name) {
    static const char *const unknown[] = { "QName", "NOTATION", "ENTITY", "ENTITIES" };
    for (int i = 0; i < LEXICAL_COUNT; i++) {
        if (text_is(name, lexical_infos[i].name)) {
            return builtin(model, (enum lexical_type)i);
        }
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
        if (text_is(name, unknown[i])) {
            refuse(model, OBSTACLE_NOTATION, name);
        }
    }
    bool refs = text_is(name, "IDREFS");
    if (refs || text_is(name, "NMTOKENS")) {
        struct simple *list = arena_alloc(model->arena, sizeof(*list));
        *list = *list_of(model, builtin(model, refs ? LEXICAL_IDREF : LEXICAL_NMTOKEN));
        list->length_min = 1;
        return list;
    }
    return NULL;
}

static void combine_patterns(struct model *model, struct simple *simple, struct regex_node *tree) {
    enum obstacle_kind why = OBSTACLE_NONE;
    const struct dfa *dfa = dfa_of(tree, model->arena, &why);
    if (!dfa || simple->patterns_count == SIMPLE_PATTERNS_MAX) {
        refuse(model, dfa ? OBSTACLE_PATTERN : why, tree->first ? tree->first->text : TEXT(""));
        return;
    }
    simple->patterns[simple->patterns_count++] = dfa;
}

/* The patterns of one step: one of them must match. */
static void read_patterns(struct model *model, const struct tree_node *node, struct simple *simple) {
    struct regex_node *whole = NULL, *last = NULL;
    for (const struct tree_node *child = node->first; child && !failed(model); child = child->next) {
        if (!is_xsd(child, "pattern")) {
            continue;
        }
        struct text value = tree_attribute(child, "value");
        struct regex_node *tree = value.at ? regex_read(value, model->scratch) : NULL;
        if (!tree) {
            refuse(model, OBSTACLE_PATTERN, value.at ? value : TEXT(""));
        } else if (!whole) {
            whole = tree;
        } else {
            last->next = tree->first;
        }
        for (last = whole ? whole->first : NULL; last && last->next;) {
            last = last->next;
        }
    }
    if (whole && !failed(model)) {
        combine_patterns(model, simple, whole);
    }
}

static struct text kept(struct model *model, struct text text) {
    return text.length ? (struct text){ arena_copy(model->arena, text), text.length } : TEXT("");
}

/* A value of the schema, its white space normalised. False: the type does not take it. */
static bool normalised(struct model *model, const struct simple *simple, struct text value,
                       struct text *out) {
    struct simple_room room = { arena_alloc(model->scratch, value.length + 1), value.length };
    struct text normal;
    bool taken = simple_accepts(simple, value, room, &normal);
    *out = taken ? kept(model, normal) : TEXT("");
    return taken;
}

/* ... and as values are compared. */
static bool canonical(struct model *model, const struct simple *simple, struct text value, struct text *out) {
    char spelling[LEXICAL_DIGITS_MAX + 3];
    bool taken = normalised(model, simple, value, out);
    *out = kept(model, simple_spelling(simple, *out, spelling));
    return taken;
}

/* simple: without an enumeration of its own yet, so that the values are held against what it was before. */
static void read_enumeration(struct model *model, const struct tree_node *node, struct simple *simple) {
    uint32_t count = 0;
    for (const struct tree_node *child = node->first; child; child = child->next) {
        count += is_xsd(child, "enumeration");
    }
    struct text *words = count ? arena_alloc(model->arena, count * sizeof(*words)) : NULL;
    uint32_t known = 0;
    for (const struct tree_node *child = node->first; words && child; child = child->next) {
        struct text value =
            is_xsd(child, "enumeration") ? tree_attribute(child, "value") : (struct text){ 0 };
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
            refuse(model, OBSTACLE_ENUMERATION, TEXT(""));
        }
    }
}

static uint32_t size_of(struct model *model, const struct tree_node *facet) {
    struct number number;
    uint64_t size = 0;
    struct text value = trimmed_attribute(facet, "value");
    if (!value.at || !number_read(LEXICAL_INTEGER, value, &number) || number.negative
        || (number.whole.length && !text_to_uint(number.whole, &size))) {
        refuse(model, OBSTACLE_FACET, facet->name);
    }
    return size < SIMPLE_NO_LIMIT ? (uint32_t)size : SIMPLE_NO_LIMIT - 1;
}

static uint32_t lesser(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t greater(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* The narrower of the two stays: a restriction narrows. */
static void narrow(struct model *model, const struct tree_node *facet, struct simple *simple, bool least,
                   bool exclusive) {
    struct simple_bound *bound = least ? &simple->least : &simple->greatest;
    struct simple_bound other = bound_of(kept(model, trimmed_attribute(facet, "value")), exclusive);
    bool number = simple->variety == SIMPLE_ATOMIC && lexical_infos[simple->type].family == LEXICAL_NUMBER;
    if (!number || !other.set) {
        refuse(model, OBSTACLE_RANGE, facet->name);
        return;
    }
    int order = bound->set ? number_compare(&other.number, &bound->number) : 0;
    bool narrower = order == 0 ? exclusive || !bound->set : least ? order > 0 : order < 0;
    if (narrower) {
        *bound = other;
    }
}

static void read_space(struct model *model, const struct tree_node *facet, struct simple *simple) {
    struct text value = trimmed_attribute(facet, "value");
    simple->space = text_is(value, "collapse")                                       ? LEXICAL_COLLAPSE
                    : text_is(value, "replace") && simple->space == LEXICAL_PRESERVE ? LEXICAL_REPLACE
                                                                                     : simple->space;
}

static void read_facet(struct model *model, const struct tree_node *facet, struct simple *simple) {
    if (is_xsd(facet, "length")) {
        uint32_t size = size_of(model, facet);
        simple->length_min = greater(simple->length_min, size);
        simple->length_max = lesser(simple->length_max, size);
    } else if (is_xsd(facet, "minLength")) {
        simple->length_min = greater(simple->length_min, size_of(model, facet));
    } else if (is_xsd(facet, "maxLength")) {
        simple->length_max = lesser(simple->length_max, size_of(model, facet));
    } else if (is_xsd(facet, "totalDigits")) {
        simple->digits_max = lesser(simple->digits_max, size_of(model, facet));
    } else if (is_xsd(facet, "fractionDigits")) {
        simple->fraction_max = lesser(simple->fraction_max, size_of(model, facet));
    } else if (is_xsd(facet, "minInclusive") || is_xsd(facet, "minExclusive")) {
        narrow(model, facet, simple, true, is_xsd(facet, "minExclusive"));
    } else if (is_xsd(facet, "maxInclusive") || is_xsd(facet, "maxExclusive")) {
        narrow(model, facet, simple, false, is_xsd(facet, "maxExclusive"));
    } else if (is_xsd(facet, "whiteSpace")) {
        read_space(model, facet, simple);
    } else if (!is_xsd(facet, "pattern") && !is_xsd(facet, "enumeration")) {
        refuse(model, OBSTACLE_UNKNOWN, facet->name);
    }
}

static bool is_of_attributes(const struct tree_node *node) {
    return is_xsd(node, "attribute") || is_xsd(node, "attributeGroup") || is_xsd(node, "anyAttribute");
}

/* The facets of a restriction upon what it restricts. */
static const struct simple *restricted(struct model *model, const struct tree_node *node,
                                       const struct simple *base) {
    struct simple *simple = arena_alloc(model->arena, sizeof(*simple));
    *simple = *base;
    for (const struct tree_node *child = node->first; child && !failed(model); child = child->next) {
        if (!is_note(child) && !is_xsd(child, "simpleType") && !is_of_attributes(child)) {
            read_facet(model, child, simple);
        }
    }
    uint32_t patterns = simple->patterns_count;
    read_patterns(model, node, simple);
    simple->free = simple->free && simple->patterns_count == patterns;
    if (!failed(model)) {
        read_enumeration(model, node, simple);
    }
    return simple;
}

static const struct tree_node *child_named(const struct tree_node *node, const char *name) {
    const struct tree_node *child = node->first;
    while (child && !is_xsd(child, name)) {
        child = child->next;
    }
    return child;
}

/* The simple type that an attribute names, or else the one that stands inside; NULL: neither. */
static const struct simple *named_or_inside(struct model *model, const struct view *view,
                                            const struct tree_node *node, const char *attribute) {
    struct text name = trimmed_attribute(node, attribute);
    const struct tree_node *inside = child_named(node, "simpleType");
    return name.at ? simple_named(model, view, node, name) : inside ? read_simple(model, view, inside) : NULL;
}

static const struct simple *read_restriction(struct model *model, const struct view *view,
                                             const struct tree_node *node) {
    const struct simple *base = named_or_inside(model, view, node, "base");
    return base ? restricted(model, node, base) : NULL;
}

static void add_member(struct model *model, struct simple *simple, const struct simple *member) {
    if (!member) {
        return;
    }
    if (member->identity != SIMPLE_NO_ID) {
        refuse(model, OBSTACLE_ID_WITHIN, TEXT(""));
    } else if (simple->members_count == SIMPLE_MEMBERS_MAX) {
        refuse(model, OBSTACLE_MODEL, TEXT("union"));
    } else {
        simple->members[simple->members_count++] = member;
    }
}

static struct text next_word(struct text *rest) {
    *rest = text_trim(*rest);
    struct text word = { rest->at, 0 };
    while (word.length < rest->length && !(xml_class(rest->at[word.length]) & XML_BLANK)) {
        word.length++;
    }
    *rest = (struct text){ rest->at + word.length, rest->length - word.length };
    return word;
}

static const struct simple *read_union(struct model *model, const struct view *view,
                                       const struct tree_node *node) {
    struct simple *simple = arena_alloc(model->arena, sizeof(*simple));
    struct text names = trimmed_attribute(node, "memberTypes");
    *simple = (struct simple){ .variety = SIMPLE_UNION, .length_max = SIMPLE_NO_LIMIT };
    while (names.at && !failed(model)) {
        struct text name = next_word(&names);
        if (!name.length) {
            break;
        }
        add_member(model, simple, simple_named(model, view, node, name));
    }
    for (const struct tree_node *child = node->first; child && !failed(model); child = child->next) {
        if (is_xsd(child, "simpleType")) {
            add_member(model, simple, read_simple(model, view, child));
        }
    }
    return simple;
}

static const struct simple *read_list(struct model *model, const struct view *view,
                                      const struct tree_node *node) {
    const struct simple *item = named_or_inside(model, view, node, "itemType");
    return item ? list_of(model, item) : NULL;
}

/* NULL after a obstacle. */
static const struct simple *read_simple(struct model *model, const struct view *view,
                                        const struct tree_node *node) {
    const struct simple *simple = NULL;
    if (++model->depth > TYPE_DEPTH_MAX) {
        refuse(model, OBSTACLE_CIRCULAR, node->name);
    }
    for (const struct tree_node *child = node->first; child && !failed(model); child = child->next) {
        if (is_xsd(child, "restriction")) {
            simple = read_restriction(model, view, child);
        } else if (is_xsd(child, "union")) {
            simple = read_union(model, view, child);
        } else if (is_xsd(child, "list")) {
            simple = read_list(model, view, child);
        } else if (!is_note(child)) {
            refuse(model, OBSTACLE_UNKNOWN, child->name);
        }
    }
    model->depth--;
    if (!simple) {
        refuse(model, OBSTACLE_UNKNOWN, node->name);
    }
    return failed(model) ? NULL : simple;
}

static struct made_type *type_new(struct model *model, const struct view *view,
                                  const struct tree_node *node) {
    struct made_type *made = arena_alloc(model->arena, sizeof(*made));
    *made = (struct made_type){ .node = node, .view = view };
    if (++model->grammar->types_count > TYPES_MAX) {
        refuse(model, OBSTACLE_MODEL, TEXT(""));
    }
    if (model->last_type) {
        model->last_type->next = made;
    } else {
        model->first_type = made;
    }
    model->last_type = made;
    return made;
}

static struct made_type *type_of_simple(struct model *model, const struct simple *simple) {
    struct made_type *made = type_new(model, NULL, NULL);
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
    if (is_xsd(component->node, "complexType")) {
        component->made = type_new(model, component->view, component->node);
        return component->made;
    }
    if (component->progress == IN_PROGRESS) {
        refuse(model, OBSTACLE_CIRCULAR, component->name);
        return NULL;
    }
    component->progress = IN_PROGRESS;
    const struct simple *simple = read_simple(model, component->view, component->node);
    component->progress = READ;
    component->made = simple ? type_of_simple(model, simple) : NULL;
    return component->made;
}

/* NULL after a obstacle, and for anyType: the one type that is not made. */
static struct made_type *type_named(struct model *model, const struct view *view,
                                    const struct tree_node *node, struct text qualified, bool *any) {
    struct text namespace, name;
    *any = false;
    if (!resolve(model, view, node, qualified, &namespace, &name)) {
        return NULL;
    }
    if (!text_is(namespace, XSD_NAMESPACE)) {
        struct component *component = component_of(model, TYPE, view, node, qualified);
        return component ? type_of_component(model, component) : NULL;
    }
    *any = text_is(name, "anyType");
    if (*any) {
        return NULL;
    }
    for (int i = 0; i < LEXICAL_COUNT; i++) {
        if (text_is(name, lexical_infos[i].name)) {
            if (!model->builtins[i]) {
                model->builtins[i] = type_of_simple(model, builtin(model, (enum lexical_type)i));
            }
            return model->builtins[i];
        }
    }
    const struct simple *simple = builtin_named(model, name);
    if (!simple) {
        refuse(model, OBSTACLE_UNRESOLVED, qualified);
    }
    return simple ? type_of_simple(model, simple) : NULL;
}

static const struct simple *simple_named(struct model *model, const struct view *view,
                                         const struct tree_node *node, struct text name) {
    bool any;
    struct made_type *made = type_named(model, view, node, name, &any);
    const struct simple *simple = made && made->progress == READ ? made->type.simple : NULL;
    if (!simple) {
        refuse(model, OBSTACLE_UNRESOLVED, name);
    }
    return simple;
}

/* --- attributes ----------------------------------------------------------------------------------------- */

struct uses {
    struct grammar_attribute uses[USES_MAX];
    uint32_t count;
    const struct grammar_wildcard *any;
};

static struct grammar_wildcard read_wildcard(struct model *model, const struct view *view,
                                             const struct tree_node *node) {
    struct text process = trimmed_attribute(node, "processContents");
    struct text names = trimmed_attribute(node, "namespace");
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
        wildcard.namespaces = UINT64_C(1) | UINT64_C(1) << namespace_number(model, view->target);
        return wildcard;
    }
    while (!failed(model)) {
        struct text name = next_word(&names);
        if (!name.length) {
            break;
        }
        struct text namespace = text_is(name, "##targetNamespace") ? view->target
                                : text_is(name, "##local")         ? TEXT("")
                                                                   : name;
        wildcard.namespaces |= UINT64_C(1) << namespace_number(model, namespace);
    }
    return wildcard;
}

/* The type, and what a value is fixed to. */
static void read_attribute_type(struct model *model, const struct view *view, const struct tree_node *node,
                                struct grammar_attribute *attribute) {
    struct text type = trimmed_attribute(node, "type");
    const struct tree_node *inside = child_named(node, "simpleType");
    attribute->type = type.at  ? simple_named(model, view, node, type)
                      : inside ? read_simple(model, view, inside)
                               : builtin(model, LEXICAL_ANY);
}

/* A reference that an absent attribute has by default would have to be looked for, too. */
static void read_fixed(struct model *model, const struct tree_node *node,
                       struct grammar_attribute *attribute) {
    struct text fixed = tree_attribute(node, "fixed");
    bool given = fixed.at || tree_has(node, "default");
    if (given && attribute->type && attribute->type->identity != SIMPLE_NO_ID) {
        refuse(model, OBSTACLE_ID_WITHIN, trimmed_attribute(node, tree_has(node, "ref") ? "ref" : "name"));
    }
    if (fixed.at && attribute->type && !normalised(model, attribute->type, fixed, &attribute->fixed)) {
        refuse(model, OBSTACLE_FACET, TEXT("fixed"));
    }
}

static const struct grammar_attribute *attribute_of_component(struct model *model,
                                                              struct component *component) {
    if (!component->made && !failed(model)) {
        struct grammar_attribute *attribute = arena_alloc(model->arena, sizeof(*attribute));
        attribute->name = name_of(model, component->namespace, component->name);
        read_attribute_type(model, component->view, component->node, attribute);
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
        refuse(model, OBSTACLE_MODEL, TEXT("attribute"));
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

static void read_attribute(struct model *model, const struct view *view, const struct tree_node *node,
                           struct uses *uses) {
    struct grammar_attribute attribute = { 0 };
    struct text ref = trimmed_attribute(node, "ref"), use = trimmed_attribute(node, "use");
    if (ref.at) {
        struct component *component = component_of(model, ATTRIBUTE, view, node, ref);
        const struct grammar_attribute *global = component ? attribute_of_component(model, component) : NULL;
        if (!global) {
            return;
        }
        attribute = *global;
    } else {
        struct text name = trimmed_attribute(node, "name"), form = trimmed_attribute(node, "form");
        bool qualified = form.at ? text_is(form, "qualified") : view->attributes_qualified;
        if (!name.at) {
            refuse(model, OBSTACLE_UNKNOWN, node->name);
            return;
        }
        attribute.name = name_of(model, qualified ? view->target : TEXT(""), name);
        read_attribute_type(model, view, node, &attribute);
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
static void read_attributes(struct model *model, const struct view *view, const struct tree_node *node,
                            struct uses *uses) {
    if (++model->depth > TYPE_DEPTH_MAX) {
        refuse(model, OBSTACLE_CIRCULAR, node->name);
    }
    for (const struct tree_node *child = node->first; child && !failed(model); child = child->next) {
        if (is_xsd(child, "attribute")) {
            read_attribute(model, view, child, uses);
        } else if (is_xsd(child, "attributeGroup")) {
            struct text ref = trimmed_attribute(child, "ref");
            struct component *group = ref.at ? component_of(model, ATTRIBUTE_GROUP, view, child, ref) : NULL;
            if (group) {
                read_attributes(model, group->view, group->node, uses);
            }
        } else if (is_xsd(child, "anyAttribute")) {
            struct grammar_wildcard *any = arena_alloc(model->arena, sizeof(*any));
            *any = read_wildcard(model, view, child);
            if (uses->any) {
                refuse(model, OBSTACLE_WILDCARDS, TEXT(""));
            }
            uses->any = any;
        }
    }
    model->depth--;
}

static void set_attributes(struct model *model, const struct uses *uses, struct grammar_type *type) {
    struct grammar_attribute *attributes = arena_alloc(model->arena, (uses->count + 1) * sizeof(*attributes));
    memcpy(attributes, uses->uses, uses->count * sizeof(*attributes));
    type->attributes = attributes;
    type->attributes_count = uses->count;
    type->required_count = 0;
    type->any_attribute = uses->any;
    for (uint32_t i = 0; i < uses->count; i++) {
        type->required_count += attributes[i].required;
    }
}

static void inherit_uses(struct model *model, const struct made_type *base, bool wildcard,
                         struct uses *uses) {
    for (uint32_t i = 0; i < base->type.attributes_count; i++) {
        add_use(model, uses, &base->type.attributes[i]);
    }
    uses->any = wildcard ? base->type.any_attribute : NULL;
}

/* --- elements ------------------------------------------------------------------------------------------- */

static struct grammar_element *element_of_component(struct model *model, struct component *component);

/* The type of an element: named, inside, of the head of its substitution group, or any. */
static const struct grammar_type *type_of_element(struct model *model, const struct view *view,
                                                  const struct tree_node *node) {
    struct text type = trimmed_attribute(node, "type"), head = trimmed_attribute(node, "substitutionGroup");
    const struct tree_node *complex = child_named(node, "complexType");
    const struct tree_node *simple = child_named(node, "simpleType");
    bool any = false;
    struct made_type *made = NULL;
    if (type.at) {
        made = type_named(model, view, node, type, &any);
    } else if (complex) {
        made = type_new(model, view, complex);
    } else if (simple) {
        const struct simple *read = read_simple(model, view, simple);
        made = read ? type_of_simple(model, read) : NULL;
    } else if (head.at) {
        struct component *component = component_of(model, ELEMENT, view, node, head);
        struct grammar_element *element = component ? element_of_component(model, component) : NULL;
        return element ? element->type : NULL;
    } else {
        any = true;
    }
    return any ? model->grammar->any_type : made ? &made->type : NULL;
}

static void fill_element(struct model *model, const struct view *view, const struct tree_node *node,
                         struct text namespace, struct text name, struct grammar_element *element) {
    static const char *const identities[] = { "unique", "key", "keyref" };
    for (size_t i = 0; i < sizeof(identities) / sizeof(*identities); i++) {
        if (child_named(node, identities[i])) {
            refuse(model, OBSTACLE_IDENTITY, name);
        }
    }
    struct text nillable = trimmed_attribute(node, "nillable"),
                abstract = trimmed_attribute(node, "abstract");
    element->name = name_of(model, namespace, name);
    element->local = model->locals[element->name & GRAMMAR_UNKNOWN_LOCAL];
    element->nillable = text_is(nillable, "true") || text_is(nillable, "1");
    element->abstract = text_is(abstract, "true") || text_is(abstract, "1");
    element->substitutes = tree_has(node, "substitutionGroup");
    element->fixed = tree_has(node, "fixed");
    element->fallback = tree_attribute(node, element->fixed ? "fixed" : "default");
    element->type = type_of_element(model, view, node);
}

static struct grammar_element *element_of_component(struct model *model, struct component *component) {
    if (component->progress == IN_PROGRESS) {
        refuse(model, OBSTACLE_CIRCULAR, component->name);
    } else if (!component->made && !failed(model)) {
        struct grammar_element *element = arena_alloc(model->arena, sizeof(*element));
        component->progress = IN_PROGRESS;
        fill_element(model, component->view, component->node, component->namespace, component->name, element);
        component->progress = READ;
        component->made = element;
    }
    return component->made;
}

/* --- particles ------------------------------------------------------------------------------------------ */

static bool read_occurs(struct model *model, const struct tree_node *node, struct particle *particle) {
    struct text min = trimmed_attribute(node, "minOccurs"), max = trimmed_attribute(node, "maxOccurs");
    uint64_t least = 1, most = 1;
    bool endless = text_is(max, "unbounded");
    if ((min.at && !text_to_uint(min, &least)) || (max.at && !endless && !text_to_uint(max, &most))
        || least >= AUTOMATON_UNBOUNDED || (most >= AUTOMATON_UNBOUNDED && !endless)) {
        refuse(model, OBSTACLE_MODEL, node->name);
        return false;
    }
    particle->min = (uint32_t)least;
    particle->max = endless ? AUTOMATON_UNBOUNDED : (uint32_t)most;
    return particle->max > 0;
}

static struct particle *read_particle(struct model *model, const struct view *view,
                                      const struct tree_node *node);

static void read_children(struct model *model, const struct view *view, const struct tree_node *node,
                          struct particle *group) {
    struct particle **end = &group->first;
    for (const struct tree_node *child = node->first; child && !failed(model); child = child->next) {
        struct particle *particle = is_note(child) ? NULL : read_particle(model, view, child);
        if (particle) {
            *end = particle;
            end = &particle->next;
        }
    }
    if (group->kind == PARTICLE_CHOICE && !group->first) {
        refuse(model, OBSTACLE_AMBIGUOUS, node->name); /* of nothing: no child fits */
    }
}

static bool read_element_particle(struct model *model, const struct view *view, const struct tree_node *node,
                                  struct particle *particle) {
    struct text ref = trimmed_attribute(node, "ref"), name = trimmed_attribute(node, "name");
    particle->kind = PARTICLE_ELEMENT;
    if (ref.at) {
        struct component *component = component_of(model, ELEMENT, view, node, ref);
        particle->element = component ? element_of_component(model, component) : NULL;
    } else if (name.at) {
        struct grammar_element *element = arena_alloc(model->arena, sizeof(*element));
        struct text form = trimmed_attribute(node, "form");
        bool qualified = form.at ? text_is(form, "qualified") : view->elements_qualified;
        fill_element(model, view, node, qualified ? view->target : TEXT(""), name, element);
        particle->element = element;
    } else {
        refuse(model, OBSTACLE_UNKNOWN, node->name);
    }
    return particle->element != NULL;
}

/* A reference to a group is that group's one child, with the occurrences of the reference. */
static bool read_group_particle(struct model *model, const struct view *view, const struct tree_node *node,
                                struct particle *particle) {
    struct text ref = trimmed_attribute(node, "ref");
    struct component *group = ref.at ? component_of(model, GROUP, view, node, ref) : NULL;
    if (!group) {
        refuse(model, OBSTACLE_UNRESOLVED, ref.at ? ref : node->name);
        return false;
    }
    struct particle *inside = NULL;
    for (const struct tree_node *child = group->node->first; child && !inside; child = child->next) {
        inside = is_note(child) ? NULL : read_particle(model, group->view, child);
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
static struct particle *read_particle(struct model *model, const struct view *view,
                                      const struct tree_node *node) {
    struct particle *particle = arena_alloc(model->scratch, sizeof(*particle));
    bool stands = read_occurs(model, node, particle);
    if (++model->depth > TYPE_DEPTH_MAX) {
        refuse(model, OBSTACLE_CIRCULAR, node->name);
    }
    if (failed(model) || !stands) {
        stands = false;
    } else if (is_xsd(node, "element")) {
        stands = read_element_particle(model, view, node, particle);
    } else if (is_xsd(node, "any")) {
        particle->kind = PARTICLE_ANY;
        particle->wildcard = read_wildcard(model, view, node);
    } else if (is_xsd(node, "group")) {
        stands = read_group_particle(model, view, node, particle);
    } else if (is_xsd(node, "sequence") || is_xsd(node, "choice") || is_xsd(node, "all")) {
        particle->kind = is_xsd(node, "sequence") ? PARTICLE_SEQUENCE
                         : is_xsd(node, "choice") ? PARTICLE_CHOICE
                                                  : PARTICLE_ALL;
        read_children(model, view, node, particle);
    } else {
        refuse(model, OBSTACLE_UNKNOWN, node->name);
        stands = false;
    }
    model->depth--;
    return stands ? particle : NULL;
}

/* --- complex types -------------------------------------------------------------------------------------- */

static void read_complex(struct model *model, struct made_type *made);

/* The group among the children of a type, an extension or a restriction; NULL: none. */
static struct particle *read_model(struct model *model, const struct view *view,
                                   const struct tree_node *node) {
    for (const struct tree_node *child = node->first; child; child = child->next) {
        if (is_xsd(child, "sequence") || is_xsd(child, "choice") || is_xsd(child, "all")
            || is_xsd(child, "group")) {
            return read_particle(model, view, child);
        }
    }
    return NULL;
}

static struct made_type *base_of(struct model *model, const struct view *view, const struct tree_node *node,
                                 bool *any) {
    struct text name = trimmed_attribute(node, "base");
    struct made_type *base = name.at ? type_named(model, view, node, name, any) : NULL;
    if (base && base->progress == UNREAD) {
        read_complex(model, base);
    }
    if (base && base->progress == IN_PROGRESS) {
        refuse(model, OBSTACLE_CIRCULAR, name);
    }
    if (!base && !*any) {
        refuse(model, OBSTACLE_UNRESOLVED, name.at ? name : node->name);
    }
    return failed(model) ? NULL : base;
}

static void read_simple_content(struct model *model, struct made_type *made, const struct tree_node *node,
                                struct uses *uses) {
    bool any = false;
    bool extends = is_xsd(node, "extension");
    struct made_type *base = base_of(model, made->view, node, &any);
    const struct tree_node *inside = child_named(node, "simpleType");
    if (!base) {
        refuse(model, OBSTACLE_UNKNOWN, node->name);
        return;
    }
    inherit_uses(model, base, extends, uses);
    made->type.content = GRAMMAR_SIMPLE;
    made->type.simple = base->type.simple;
    if (!extends) {
        const struct simple *simple = inside ? read_simple(model, made->view, inside) : base->type.simple;
        made->type.simple = simple ? restricted(model, node, simple) : NULL;
    }
    if (!made->type.simple) {
        refuse(model, OBSTACLE_UNKNOWN, node->name);
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
    bool any = false, extends = is_xsd(node, "extension");
    struct made_type *base = base_of(model, made->view, node, &any);
    if (failed(model)) {
        return;
    }
    struct particle *own = read_model(model, made->view, node);
    if (any && extends) {
        refuse(model, OBSTACLE_UNKNOWN, TEXT("anyType"));
    }
    if (base && base->type.content == GRAMMAR_SIMPLE) {
        refuse(model, OBSTACLE_UNKNOWN, node->name);
        return;
    }
    if (base) {
        inherit_uses(model, base, extends, uses);
    }
    if (extends && base && !own) {
        made->type.content = base->type.content;
    }
    made->particle = extends && base ? appended(model, base->particle, own) : own;
}

static bool is_mixed(const struct tree_node *node) {
    struct text mixed = trimmed_attribute(node, "mixed");
    return text_is(mixed, "true") || text_is(mixed, "1");
}

static void read_complex(struct model *model, struct made_type *made) {
    const struct tree_node *node = made->node, *simple = child_named(node, "simpleContent"),
                           *complex = child_named(node, "complexContent");
    const struct tree_node *holder = simple ? simple : complex, *derived = NULL;
    struct uses *uses = arena_alloc(model->scratch, sizeof(*uses));
    struct text abstract = trimmed_attribute(node, "abstract");
    made->progress = IN_PROGRESS;
    made->type.abstract = text_is(abstract, "true") || text_is(abstract, "1");
    made->type.content = GRAMMAR_ELEMENTS;
    if (++model->depth > TYPE_DEPTH_MAX) {
        refuse(model, OBSTACLE_CIRCULAR, node->name);
    }
    if (holder) {
        derived = child_named(holder, "extension");
        derived = derived ? derived : child_named(holder, "restriction");
        if (!derived) {
            refuse(model, OBSTACLE_UNKNOWN, holder->name);
        } else if (simple) {
            read_simple_content(model, made, derived, uses);
        } else {
            read_complex_content(model, made, derived, uses);
        }
    } else {
        made->particle = read_model(model, made->view, node);
    }
    if (!simple && (is_mixed(node) || (complex && is_mixed(complex)))) {
        made->type.content = GRAMMAR_MIXED;
    }
    if (!failed(model)) {
        read_attributes(model, made->view, derived ? derived : node, uses);
        set_attributes(model, uses, &made->type);
    }
    model->depth--;
    made->progress = READ;
}

/* --- all of it ------------------------------------------------------------------------------------------ */

/* anyType takes anything and looks at what it knows; the type of what is skipped looks at nothing. */
static void make_any_types(struct model *model) {
    static const struct grammar_wildcard any = { .process = GRAMMAR_LAX, .inverted = true };
    struct grammar_state *state = arena_alloc(model->arena, sizeof(*state));
    struct grammar_passage *passage = arena_alloc(model->arena, sizeof(*passage));
    struct grammar_type *types = arena_alloc(model->arena, 2 * sizeof(*types));
    struct grammar_wildcard *attributes = arena_alloc(model->arena, sizeof(*attributes));
    *passage = (struct grammar_passage){ any, 0 };
    *attributes = any;
    *state = (struct grammar_state){ .passages = passage, .passages_count = 1, .accepts = true };
    types[0] =
        (struct grammar_type){ .content = GRAMMAR_MIXED, .states = state, .any_attribute = attributes };
    types[1] = types[0];
    types[1].skipped = true;
    model->grammar->any_type = &types[0];
    model->grammar->skipped_type = &types[1];
}

/* Defaults and fixed values can only be held against types that are read. */
static void settle_element(struct model *model, struct grammar_element *element) {
    if (failed(model)) {
        return;
    }
    const struct grammar_type *type = element->type;
    element->plain = type->content == GRAMMAR_SIMPLE && !type->required_count && !type->abstract
                     && type->simple->identity == SIMPLE_NO_ID && !element->abstract && !element->fallback.at;
    if (!element->fallback.at) {
        return;
    }
    if (element->type->content != GRAMMAR_SIMPLE) {
        refuse(model, OBSTACLE_FIXED, TEXT(""));
    } else if (element->type->simple->identity != SIMPLE_NO_ID) {
        refuse(model, OBSTACLE_ID_WITHIN, element->local);
    } else if (element->fixed
               && !normalised(model, element->type->simple, element->fallback, &element->fallback)) {
        refuse(model, OBSTACLE_FIXED, TEXT(""));
    }
}

static void settle_particle(struct model *model, const struct particle *particle) {
    if (particle->kind == PARTICLE_ELEMENT) {
        settle_element(model, particle->element);
    }
    for (const struct particle *child = particle->first; child; child = child->next) {
        settle_particle(model, child);
    }
}

static bool takes_no_child(const struct grammar_type *type) {
    return type->states[0].count == 0 && type->states[0].passages_count == 0;
}

static void make_automata(struct model *model) {
    for (struct made_type *made = model->first_type; made && !failed(model); made = made->next) {
        enum obstacle_kind why = OBSTACLE_NONE;
        if (made->type.content == GRAMMAR_SIMPLE) {
            continue;
        }
        if (made->particle) {
            settle_particle(model, made->particle);
        }
        if (!automaton_make(made->particle, model->arena, &made->type, &model->grammar->states_count, &why)) {
            struct text name = made->node ? trimmed_attribute(made->node, "name") : TEXT("");
            if (!name.at && made->node && made->node->parent) {
                name = trimmed_attribute(made->node->parent, "name");
            }
            refuse(model, why, name.at ? name : TEXT(""));
        } else if (made->type.content == GRAMMAR_ELEMENTS && takes_no_child(&made->type)) {
            made->type.content = GRAMMAR_EMPTY;
        }
    }
}

static int by_name(const void *a, const void *b) {
    grammar_name first = (*(const struct grammar_element *const *)a)->name;
    grammar_name second = (*(const struct grammar_element *const *)b)->name;
    return first < second ? -1 : first > second;
}

static void list_globals(struct model *model) {
    struct grammar *grammar = model->grammar;
    struct grammar_element **elements =
        arena_alloc(model->arena, (model->elements_count + 1) * sizeof(*elements));
    struct grammar_attribute *attributes =
        arena_alloc(model->arena, (model->attributes_count + 1) * sizeof(*attributes));
    for (uint32_t i = 0; i < model->elements_count && !failed(model); i++) {
        elements[i] = element_of_component(model, model->elements[i]);
    }
    for (uint32_t i = 0; i < model->attributes_count && !failed(model); i++) {
        const struct grammar_attribute *attribute = attribute_of_component(model, model->attributes[i]);
        if (attribute) {
            attributes[i] = *attribute;
        }
    }
    for (struct made_type *made = model->first_type; made && !failed(model); made = made->next) {
        if (made->progress == UNREAD) {
            read_complex(model, made);
        }
    }
    for (uint32_t i = 0; i < model->elements_count && !failed(model); i++) {
        settle_element(model, elements[i]);
    }
    if (!failed(model)) {
        qsort(elements, model->elements_count, sizeof(*elements), by_name);
    }
    grammar->elements = (const struct grammar_element *const *)elements;
    grammar->elements_count = model->elements_count;
    grammar->attributes = attributes;
    grammar->attributes_count = model->attributes_count;
}

struct grammar *grammar_compile(const struct grammar_files *files, struct obstacle *obstacle) {
    struct grammar *grammar = memory_new(sizeof(*grammar));
    struct arena *scratch = arena_new();
    struct model *model = arena_alloc(scratch, sizeof(*model));
    *obstacle = (struct obstacle){ 0 };
    grammar->arena = arena_new();
    grammar->namespaces[0] = TEXT("");
    grammar->namespaces_count = 1;
    model->grammar = grammar;
    model->arena = grammar->arena;
    model->scratch = scratch;
    model->files = files;
    model->obstacle = obstacle;
    model->elements = arena_alloc(scratch, COMPONENTS_MAX * sizeof(*model->elements));
    model->attributes = arena_alloc(scratch, COMPONENTS_MAX * sizeof(*model->attributes));
    make_any_types(model);
    read_document(model, 0, NULL);
    list_globals(model);
    make_automata(model);
    if (!failed(model)) {
        grammar->locals = wordset_of(model->locals, model->locals_count, grammar->arena);
        grammar->locals_count = model->locals_count;
        if (!grammar->locals) {
            refuse(model, OBSTACLE_NAMES, TEXT(""));
        }
    }
    bool made = !failed(model);
    arena_free(scratch);
    if (!made) {
        grammar_free(grammar);
        return NULL;
    }
    return grammar;
}
