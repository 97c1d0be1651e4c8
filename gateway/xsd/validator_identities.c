/*
 * validator_identities.c - xs:ID and xs:IDREF, which hold over a whole message (part 1, 3.3.4, "ID/IDREF
 * table").
 *
 * Of a message that is right but for them they have been noted on the way. One that has another fault, which
 * libxml2 tells of, is walked once more for its types alone: in one parent all elements of a name have one
 * type, wherever they stand (part 1, 3.8.6, Element Declarations Consistent), so an element out of its place
 * has one, too. What has none by that (an unknown element, one that stands where a wildcard does, or says
 * xsi:type) is passed over with all that is in it; and since an ID may stand there, no reference is then
 * called wrong.
 */
#include "xsd/validator_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

/* --- what is noted -------------------------------------------------------------------------------------- */

bool validator_note_identity(struct validator *validator, enum simple_identity identity, struct text value) {
    struct text *list = identity == SIMPLE_ID ? validator->ids : validator->refs;
    uint32_t *count = identity == SIMPLE_ID ? &validator->ids_count : &validator->refs_count;
    struct text rest = value;
    while (rest.at) {
        if (*count == VALIDATOR_IDS_MAX) {
            return false;
        }
        list[(*count)++] = text_until(&rest, ' ');
    }
    return true;
}

static int by_text(const void *a, const void *b) {
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static int by_text_and_place(const void *a, const void *b) {
    const struct text *first = a, *second = b;
    int order = text_compare(*first, *second);
    return order ? order : (first->at > second->at) - (first->at < second->at);
}

static int by_offset(const void *a, const void *b) {
    const struct validator_clash *first = a, *second = b;
    return (first->offset > second->offset) - (first->offset < second->offset);
}

static void add_clash(struct validator *validator, struct text id, bool twice) {
    bool placed = id.at >= validator->start && id.at < validator->end;
    if (validator->clashes_count < VALIDATOR_CLASHES_MAX) {
        validator->clashes[validator->clashes_count++] =
            (struct validator_clash){ id, placed ? offset_of(validator, id.at) : UINT32_MAX, twice };
    }
}

/* Sorted, each ID stands beside the same; the one that came first is right. */
bool validator_identities_hold(struct validator *validator, bool references) {
    struct text *ids = validator->ids;
    qsort(ids, validator->ids_count, sizeof(*ids), by_text_and_place);
    for (uint32_t i = 1; i < validator->ids_count; i++) {
        if (text_equal(ids[i - 1], ids[i])) {
            add_clash(validator, ids[i], true);
        }
    }
    for (uint32_t i = 0; references && i < validator->refs_count; i++) {
        if (!bsearch(&validator->refs[i], ids, validator->ids_count, sizeof(*ids), by_text)) {
            add_clash(validator, validator->refs[i], false);
        }
    }
    qsort(validator->clashes, validator->clashes_count, sizeof(*validator->clashes), by_offset);
    return validator->clashes_count == 0;
}

size_t validator_clashes(const struct validator *validator, const struct validator_clash **out) {
    require(validator->clashes_count <= VALIDATOR_CLASHES_MAX);
    *out = validator->clashes;
    return validator->clashes_count;
}

/* --- of a message that has another fault ---------------------------------------------------------------- */

struct search {
    struct validator *validator;
    size_t states; /* how many may still be looked at: no more than the message has bytes */
    bool gaps;     /* something had no type */
};

/* The state in which a child of that name may stand: most often the one its elder sibling led to. */
static const struct grammar_element *child_named(struct search *search, struct frame *parent,
                                                 grammar_name name) {
    const struct grammar_type *type = parent->type;
    for (uint32_t i = 0; i < type->states_count && search->states > 0; i++, search->states--) {
        const struct grammar_state *state = &type->states[(parent->state + i) % type->states_count];
        int32_t index = grammar_state_find(state, name);
        if (index >= 0) {
            parent->state = state->transitions[index].target;
            return state->transitions[index].element;
        }
    }
    return NULL;
}

/* NULL: none is known. */
static const struct grammar_type *type_of(struct search *search, grammar_name name) {
    struct validator *validator = search->validator;
    const struct grammar_element *element = NULL;
    if (validator->depth == 0) {
        element = grammar_element_named(validator->grammar, name);
    } else if (innermost(validator)->type && !innermost(validator)->type->wild) {
        element = child_named(search, innermost(validator), name);
    }
    return element ? element->type : NULL;
}

/* Notes the IDs among the attributes. False: what they stand for is not known. */
static bool note_attributes(struct validator *validator, const struct xml_tag *tag,
                            const struct grammar_type *type) {
    for (uint32_t i = 0; i < tag->count; i++) {
        const struct xml_attribute *attribute = &tag->attributes[i];
        uint32_t namespace = GRAMMAR_NO_NAMESPACE;
        struct text value;
        if (is_declaration(attribute)) {
            continue;
        }
        if (attribute->prefix.length && !validator_namespace(validator, attribute->prefix, &namespace)) {
            return false;
        }
        grammar_name name = GRAMMAR_NAME(namespace, grammar_local(validator->grammar, attribute->name));
        const struct grammar_attribute *use = validator_find_use(type, name, attribute->name);
        if (use && use->type->identity != SIMPLE_NO_ID && validator_attribute(validator, attribute, &value)) {
            validator_value_is_valid(validator, use->type, value, (struct text){ NULL, 0 });
        }
    }
    return true;
}

static bool says_its_type(const struct validator *validator, const struct xml_tag *tag) {
    for (uint32_t i = 0; i < tag->count; i++) {
        uint32_t namespace;
        if (text_is(tag->attributes[i].name, "type") && tag->attributes[i].prefix.length
            && validator_namespace(validator, tag->attributes[i].prefix, &namespace)
            && namespace == VALIDATOR_XSI) {
            return true;
        }
    }
    return false;
}

/* Behind the start tag at `at`. */
static const char *enter(struct search *search, const char *at) {
    struct validator *validator = search->validator;
    struct xml_tag *tag = &validator->tag;
    struct element_in in = { 0 };
    uint32_t prefixes = validator->prefixes_count;
    const char *behind = xml_take_tag(at + 1, validator->end, tag);
    if (!behind || !validator_declare(validator, tag)
        || !validator_namespace(validator, tag->prefix, &in.namespace)) {
        return NULL;
    }
    grammar_name name = GRAMMAR_NAME(in.namespace, grammar_local(validator->grammar, tag->name));
    in.type = says_its_type(validator, tag) ? NULL : type_of(search, name);
    search->gaps |= !in.type || !note_attributes(validator, tag, in.type);
    if (in.type && in.type->content == GRAMMAR_SIMPLE && in.type->simple->identity != SIMPLE_NO_ID
        && !tag->empty) {
        struct text value;
        bool plain;
        if (validator_take_value(validator, behind, &value, &plain)) {
            validator_value_is_valid(validator, in.type->simple, value, (struct text){ NULL, 0 });
        }
    }
    if (tag->empty) {
        validator->prefixes_count = prefixes;
        return behind;
    }
    if (validator->depth == VALIDATOR_DEPTH_MAX) {
        return NULL;
    }
    struct frame *frame = &validator->frames[validator->depth++];
    frame->type = in.type;
    frame->state = 0;
    frame->prefixes = prefixes;
    return behind;
}

/* Behind the markup whose < stands at `at`. NULL: it is not to be gone on. */
static const char *take_markup(struct search *search, const char *at) {
    struct validator *validator = search->validator;
    const char *end = validator->end;
    struct text rest = { at, (size_t)(end - at) }, section;
    if (text_starts(rest, "</")) {
        const char *close = memchr(at, '>', rest.length);
        if (!close || validator->depth == 0) {
            return NULL;
        }
        validator->prefixes_count = innermost(validator)->prefixes;
        validator->depth--;
        return close + 1;
    }
    if (text_starts(rest, "<?")) {
        const char *close = memmem(at, rest.length, "?>", 2);
        return close ? close + 2 : NULL;
    }
    if (text_starts(rest, "<!")) {
        return xml_cdata(at, end, &section) ? section.at + section.length + 3 : xml_behind_comment(at, end);
    }
    return enter(search, at);
}

size_t validator_search_clashes(struct validator *validator, struct text message) {
    require(validator && message.at);
    struct search search = { .validator = validator, .states = message.length };
    validator->clashes_count = 0;
    if (!validator->grammar->identities || message.length > VALIDATOR_BYTES_MAX) {
        return 0;
    }
    validator_begin(validator, message);
    const char *at = message.at;
    while (at && at < validator->end) {
        const char *open = memchr(at, '<', (size_t)(validator->end - at));
        at = open ? take_markup(&search, open) : validator->end;
    }
    bool whole = at && validator->depth == 0 && search.states > 0 && validator->ids_count < VALIDATOR_IDS_MAX;
    validator_identities_hold(validator, whole && !search.gaps);
    return validator->clashes_count;
}
