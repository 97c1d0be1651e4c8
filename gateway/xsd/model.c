/*
 * model.c - the components of a schema (part 1, section 3), read from the trees of its documents.
 *
 * First all documents are walked and what stands at their top is listed by kind and name (chameleon includes
 * once for each namespace they are read into). Then the global elements are compiled, and what they refer to
 * as it is met. A complex type that is referred to gets its place at once and is read later, so that types
 * may hold each other; one that is derived from another waits for that.
 * When all types are read their particles become states (automaton.c).
 */
#include "xsd/model_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "xsd/xml.h"

bool model_failed(const struct model *model) {
    return model->obstacle->kind != OBSTACLE_NONE;
}

void model_refuse(struct model *model, enum obstacle_kind kind, struct text name) {
    require(kind != OBSTACLE_NONE);
    obstacle_set(model->obstacle, kind, name);
}

/* --- names ---------------------------------------------------------------------------------------------- */

uint32_t model_namespace(struct model *model, struct text namespace) {
    require(model->grammar->namespaces_count <= GRAMMAR_NAMESPACES_MAX);
    struct grammar *grammar = model->grammar;
    uint32_t number = grammar_namespace(grammar, namespace);
    if (number != GRAMMAR_UNKNOWN_NAMESPACE) {
        return number;
    }
    if (grammar->namespaces_count == GRAMMAR_NAMESPACES_MAX) {
        model_refuse(model, OBSTACLE_NAMES, namespace);
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
        model_refuse(model, OBSTACLE_NAMES, name);
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

grammar_name model_name(struct model *model, struct text namespace, struct text local) {
    uint32_t number = model_namespace(model, namespace);
    return GRAMMAR_NAME(number, local_number(model, local));
}

bool model_is_xsd(const struct tree_node *node, const char *name) {
    return text_is(node->name, name) && text_is(node->namespace, XSD_NAMESPACE);
}

bool model_is_note(const struct tree_node *node) {
    return model_is_xsd(node, "annotation") || !text_is(node->namespace, XSD_NAMESPACE);
}

struct text model_attribute(const struct tree_node *node, const char *name) {
    struct text value = tree_attribute(node, name);
    return value.at ? text_trim(value) : value;
}

struct text model_owner(const struct tree_node *node) {
    struct text name = { NULL, 0 };
    for (; node && !name.at; node = node->parent) {
        name = model_attribute(node, "name");
    }
    return name.at ? name : TEXT("");
}

const struct tree_node *model_child(const struct tree_node *node, const char *name) {
    const struct tree_node *child = node->first;
    while (child && !model_is_xsd(child, name)) {
        child = child->next;
    }
    return child;
}

struct text model_next_word(struct text *rest) {
    *rest = text_trim(*rest);
    struct text word = { rest->at, 0 };
    while (word.length < rest->length && !(xml_class(rest->at[word.length]) & XML_BLANK)) {
        word.length++;
    }
    *rest = (struct text){ rest->at + word.length, rest->length - word.length };
    return word;
}

/* prefix:name as a namespace and a name. */
bool model_resolve(struct model *model, const struct model_document *source, const struct tree_node *node,
                   struct text qualified, struct text *namespace, struct text *name) {
    const char *colon = memchr(qualified.at, ':', qualified.length);
    struct text prefix = { qualified.at, colon ? (size_t)(colon - qualified.at) : 0 };
    size_t cut = colon ? prefix.length + 1 : 0;
    *name = (struct text){ qualified.at + cut, qualified.length - cut };
    if (!tree_namespace(node, prefix, namespace)) {
        model_refuse(model, OBSTACLE_UNRESOLVED, qualified);
        return false;
    }
    if (!colon && namespace->length == 0 && source->chameleon) {
        *namespace = source->target;
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

struct component *model_component(struct model *model, enum kind kind, const struct model_document *source,
                                  const struct tree_node *node, struct text qualified) {
    require(kind <= ATTRIBUTE_GROUP);
    struct text namespace, name;
    if (!model_resolve(model, source, node, qualified, &namespace, &name)) {
        return NULL;
    }
    struct component *found = find(model, kind, namespace, name);
    if (!found) {
        model_refuse(model, OBSTACLE_UNRESOLVED, qualified);
    }
    return found;
}

/* --- documents ------------------------------------------------------------------------------------------ */

static void add_component(struct model *model, enum kind kind, const struct model_document *source,
                          const struct tree_node *node) {
    struct text name = model_attribute(node, "name");
    if (!name.at || model->components_count == COMPONENTS_MAX) {
        model_refuse(model, OBSTACLE_NAMES, name.at ? name : node->name);
        return;
    }
    if (find(model, kind, source->target, name)) {
        model_refuse(model, OBSTACLE_TWICE, name);
        return;
    }
    struct component **bucket = bucket_of(model, kind, name);
    struct component *component = arena_alloc(model->scratch, sizeof(*component));
    *component = (struct component){
        .kind = kind,
        .namespace = source->target,
        .name = name,
        .node = node,
        .source = source,
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
    for (uint32_t i = 0; i < model->documents_count; i++) {
        if (text_equal(model->documents[i].target, namespace)) {
            return true;
        }
    }
    return false;
}

/* Of a namespace that was imported before, another location is not read: so does libxml2. */
static void follow(struct model *model, const struct model_document *source, const struct tree_node *node,
                   bool include) {
    struct text location = model_attribute(node, "schemaLocation");
    struct text namespace = model_attribute(node, "namespace");
    namespace = namespace.at ? namespace : TEXT("");
    if (!location.at || (!include && was_imported(model, namespace))) {
        return;
    }
    int document = model->files->locate(model->files->context, source->number, location);
    if (document < 0) {
        model_refuse(model, OBSTACLE_DOCUMENT, location);
        return;
    }
    read_document(model, document, include ? &source->target : &namespace);
}

static void read_top(struct model *model, const struct model_document *source, const struct tree_node *node) {
    static const struct {
        const char *name;
        enum kind kind;
    } kinds[] = {
        { "element", ELEMENT }, { "attribute", ATTRIBUTE }, { "complexType", TYPE },
        { "simpleType", TYPE }, { "group", GROUP },         { "attributeGroup", ATTRIBUTE_GROUP },
    };
    if (model_is_note(node) || model_is_xsd(node, "notation")) {
        return;
    }
    if (model_is_xsd(node, "include") || model_is_xsd(node, "import")) {
        follow(model, source, node, model_is_xsd(node, "include"));
        return;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (model_is_xsd(node, kinds[i].name)) {
            add_component(model, kinds[i].kind, source, node);
            return;
        }
    }
    model_refuse(model, model_is_xsd(node, "redefine") ? OBSTACLE_REDEFINE : OBSTACLE_UNKNOWN, node->name);
}

static bool is_qualified(const struct tree_node *root, const char *attribute) {
    return text_is(model_attribute(root, attribute), "qualified");
}

/* into: the namespace it is read into; NULL: its own. */
static void read_document(struct model *model, int document, const struct text *into) {
    for (uint32_t i = 0; i < model->documents_count; i++) {
        const struct model_document *other = &model->documents[i];
        if (other->number == document && (!into || text_equal(other->target, *into))) {
            return;
        }
    }
    if (model->documents_count == MODEL_DOCUMENTS_MAX) {
        model_refuse(model, OBSTACLE_DOCUMENTS, TEXT(""));
        return;
    }
    struct text bytes = model->files->bytes(model->files->context, document);
    const char *copy = arena_copy(model->arena, bytes);
    const struct tree_node *root = tree_read((struct text){ copy, bytes.length }, model->scratch);
    if (!root || !model_is_xsd(root, "schema")) {
        model_refuse(model, OBSTACLE_DOCUMENT, TEXT(""));
        return;
    }
    struct model_document *source = &model->documents[model->documents_count++];
    struct text target = model_attribute(root, "targetNamespace");
    target = target.at ? target : TEXT("");
    *source = (struct model_document){
        .number = document,
        .root = root,
        .target = into ? *into : target,
        .chameleon = into && into->length && target.length == 0,
        .elements_qualified = is_qualified(root, "elementFormDefault"),
        .attributes_qualified = is_qualified(root, "attributeFormDefault"),
    };
    if (!text_equal(source->target, target) && !source->chameleon) {
        model_refuse(model, OBSTACLE_DOCUMENT, target);
    }
    for (const struct tree_node *node = root->first; node && !model_failed(model); node = node->next) {
        read_top(model, source, node);
    }
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
    if (model_failed(model)) {
        return;
    }
    const struct grammar_type *type = element->type;
    struct text *substitute = &model->grammar->substitute, *abstract = &model->grammar->abstract;
    *substitute = element->substitutes && !substitute->at ? element->local : *substitute;
    *abstract = type->abstract && !abstract->at ? element->local : *abstract;
    element->plain = !type->abstract && !element->abstract && !element->fallback.at
                     && (type->content != GRAMMAR_SIMPLE || type->simple->identity == SIMPLE_NO_ID);
    if (!element->fallback.at) {
        return;
    }
    if (element->type->content != GRAMMAR_SIMPLE) {
        model_refuse(model, OBSTACLE_FIXED, TEXT(""));
    } else if (element->type->simple->identity != SIMPLE_NO_ID) {
        model_refuse(model, OBSTACLE_ID_WITHIN, element->local);
    } else if (element->fixed
               && !model_normalised(model, element->type->simple, element->fallback, &element->fallback)) {
        model_refuse(model, OBSTACLE_FIXED, TEXT(""));
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
    for (struct made_type *made = model->first_type; made && !model_failed(model); made = made->next) {
        enum obstacle_kind why = OBSTACLE_NONE;
        if (made->type.content == GRAMMAR_SIMPLE) {
            continue;
        }
        if (made->particle) {
            settle_particle(model, made->particle);
        }
        if (!automaton_make(made->particle, model->grammar, &made->type, &why)) {
            model_refuse(model, why, model_owner(made->node));
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
    for (uint32_t i = 0; i < model->elements_count && !model_failed(model); i++) {
        elements[i] = model_global_element(model, model->elements[i]);
    }
    for (uint32_t i = 0; i < model->attributes_count && !model_failed(model); i++) {
        const struct grammar_attribute *attribute = model_global_attribute(model, model->attributes[i]);
        if (attribute) {
            attributes[i] = *attribute;
        }
    }
    for (struct made_type *made = model->first_type; made && !model_failed(model); made = made->next) {
        if (made->progress == UNREAD) {
            model_read_complex(model, made);
        }
    }
    for (uint32_t i = 0; i < model->elements_count && !model_failed(model); i++) {
        settle_element(model, elements[i]);
    }
    if (!model_failed(model)) {
        qsort(elements, model->elements_count, sizeof(*elements), by_name);
    }
    grammar->elements = (const struct grammar_element *const *)elements;
    grammar->elements_count = model->elements_count;
    grammar->attributes = attributes;
    grammar->attributes_count = model->attributes_count;
}

struct grammar *grammar_compile(const struct grammar_files *files, struct obstacle *obstacle) {
    require(files->bytes && files->locate);
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
    grammar->identities = model->simples[LEXICAL_ID] || model->simples[LEXICAL_IDREF];
    for (uint32_t i = 0; i < grammar->namespaces_count; i++) {
        grammar->namespaces_are_uris |= (uint64_t)lexical_accepts(LEXICAL_URI, grammar->namespaces[i]) << i;
    }
    if (!model_failed(model)) {
        grammar->locals = wordset_of(model->locals, model->locals_count, grammar->arena);
        grammar->locals_count = model->locals_count;
        if (!grammar->locals) {
            model_refuse(model, OBSTACLE_NAMES, TEXT(""));
        }
    }
    bool made = !model_failed(model);
    arena_free(scratch);
    if (!made) {
        grammar_free(grammar);
        return NULL;
    }
    return grammar;
}
