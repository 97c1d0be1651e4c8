/*
 * validator.c - the pass, the long way: all that XML and a schema can be.
 *
 * Nearly all of a message is read the short way (validator_short.c), which does nothing unless all is as it
 * mostly is; what it leaves is looked at here, one piece at a time, and then it goes on.
 *
 * An element of simple content is read at once, start tag to end tag, and leaves nothing behind but its
 * event. Of other open elements a frame is kept: its type, the state its children have led to, its name as
 * written (the end tag must repeat it byte by byte) and where its text begins.
 *
 *   take_element      <name ...>   namespaces declared, name → number, the parent's state steps, attributes
 *   take_simple       text </name> for simple content: straight to the <, most often; else piece by piece
 *   take_content      what stands between the tags of the innermost frame, one piece at a time
 *   validator_close   </name>      may the state end here?
 *
 * Every function returns where it stopped reading, or NULL: not accepted.
 */
#include "xsd/validator_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

#define XSI_NAMESPACE   "http://www.w3.org/2001/XMLSchema-instance"
#define XSI_NAMES       4 /* attributes it has */
#define EVENTS_AT_FIRST 1024
#define EVENTS_KEPT     8192
#define ROOM_AT_FIRST   ((size_t)64 << 10)

/* --- namespaces ----------------------------------------------------------------------------------------- */

/* NULL: the prefix is not declared. Without any declaration the default one is none. */
static const struct prefix *find_prefix(const struct validator *validator, struct text prefix) {
    for (uint32_t i = validator->prefixes_count; i > 0; i--) {
        const struct prefix *at = &validator->prefixes[i - 1];
        if (wordset_same(at->prefix, prefix)) {
            return at;
        }
    }
    return NULL;
}

static bool declare(struct validator *validator, struct text prefix, const struct xml_attribute *attribute) {
    struct text uri = attribute->value;
    if (validator->prefixes_count == VALIDATOR_PREFIXES_MAX || !attribute->plain || text_is(prefix, "xml")
        || text_is(prefix, "xmlns") || text_is(uri, XML_NAMESPACE) || text_is(uri, XMLNS_NAMESPACE)
        || (prefix.length && !uri.length)) {
        return false;
    }
    uint32_t namespace =
        text_is(uri, XSI_NAMESPACE) ? VALIDATOR_XSI : grammar_namespace(validator->grammar, uri);
    bool known =
        namespace == VALIDATOR_XSI
        || (namespace < GRAMMAR_NAMESPACES_MAX && validator->grammar->namespaces_are_uris >> namespace & 1);
    if (!known && !lexical_accepts(LEXICAL_URI, uri)) {
        return false;
    }
    validator->prefixes[validator->prefixes_count++] = (struct prefix){ prefix, uri, namespace };
    return true;
}

bool validator_declare(struct validator *validator, const struct xml_tag *tag) {
    uint64_t signs[4] = { 0 }; /* of the names so far: where a sign is new, so is the name */
    grow(&validator->size.attributes, tag->count);
    validator->attributes += tag->count;
    for (uint32_t i = 0; i < tag->count; i++) {
        const struct xml_attribute *attribute = &tag->attributes[i];
        bool declaration = is_declaration(attribute);
        grow(&validator->size.longest_value, attribute->value.length);
        grow(&validator->size.longest_name, attribute->prefix.length + 1 + attribute->name.length);
        validator->declared += declaration;
        uint32_t sign = wordset_hash(wordset_key(attribute->name), attribute->name, declaration) % 256;
        bool seen = signs[sign / 64] >> (sign % 64) & 1;
        signs[sign / 64] |= UINT64_C(1) << (sign % 64);
        for (uint32_t k = 0; seen && k < i; k++) {
            if (text_equal(tag->attributes[k].name, attribute->name)
                && is_declaration(&tag->attributes[k]) == declaration) {
                return false;
            }
        }
        if (declaration
            && !declare(validator, attribute->prefix.length ? attribute->name : TEXT(""), attribute)) {
            return false;
        }
    }
    grow(&validator->size.prefixes, validator->prefixes_count);
    return true;
}

bool validator_namespace(const struct validator *validator, struct text prefix, uint32_t *out) {
    const struct prefix *found = find_prefix(validator, prefix);
    *out = found ? found->namespace : GRAMMAR_NO_NAMESPACE;
    if (!found && text_is(prefix, "xml")) {
        *out = grammar_namespace(validator->grammar, TEXT(XML_NAMESPACE));
        return true;
    }
    return found || prefix.length == 0;
}

/* --- values --------------------------------------------------------------------------------------------- */

bool validator_value_is_valid(struct validator *validator, const struct simple *simple, struct text value,
                              struct text fixed) {
    struct simple_room room = { validator->spaces, validator->room };
    bool identity = simple->identity != SIMPLE_NO_ID;
    struct text normal;
    if (!simple_accepts(simple, value, room, identity ? &normal : NULL)
        || (fixed.at && !text_equal(value, fixed))) {
        return false;
    }
    if (identity) {
        bool stays = normal.at != validator->spaces;
        return stays && validator_note_identity(validator, simple->identity, normal);
    }
    return true;
}

bool validator_attribute(struct validator *validator, const struct xml_attribute *attribute,
                         struct text *out) {
    *out = attribute->value;
    if (attribute->plain) {
        return true;
    }
    char *to = validator->decoded + validator->decoded_length;
    size_t length = xml_decode_attribute(attribute->value, to);
    if (length == SIZE_MAX) {
        return false;
    }
    validator->decoded_length += (uint32_t)length;
    *out = (struct text){ to, length };
    return true;
}

/* --- attributes ----------------------------------------------------------------------------------------- */

/* An xs:ID that came by a wildcard may be the only one of its element (part 1, cvc-complex-type 5): not for
 * this pass. */
static bool take_wild_attribute(struct validator *validator, const struct grammar_type *type,
                                grammar_name name, struct text value) {
    const struct grammar_wildcard *any = type->any_attribute;
    if (!any || !grammar_wildcard_takes(any, name >> GRAMMAR_LOCAL_BITS)) {
        return false;
    }
    const struct grammar_attribute *global =
        any->process == GRAMMAR_SKIP ? NULL : grammar_attribute_named(validator->grammar, name);
    if (!global) {
        return any->process != GRAMMAR_STRICT;
    }
    return global->type->identity != SIMPLE_ID
           && validator_value_is_valid(validator, global->type, value, global->fixed);
}

/* xsi:type would change the type: not for this pass. What schemaLocation says is not followed. */
static bool take_instance_attribute(struct validator *validator, struct text name, struct text value,
                                    bool nillable, bool *nil) {
    if (text_is(name, "nil")) {
        *nil = text_is(value, "true") || text_is(value, "1");
        return nillable && (*nil || text_is(value, "false") || text_is(value, "0"));
    }
    validator->reason = text_is(name, "type") ? VALIDATOR_TYPE : validator->reason;
    return text_is(name, "schemaLocation") || text_is(name, "noNamespaceSchemaLocation");
}

const struct grammar_attribute *validator_find_use(const struct grammar_type *type, grammar_name name,
                                                   struct text local) {
    if (type->attribute_names) {
        bool bare = name >> GRAMMAR_LOCAL_BITS == GRAMMAR_NO_NAMESPACE;
        int32_t index = bare ? wordset_find(type->attribute_names, local) : -1;
        return index < 0 ? NULL : &type->attributes[index];
    }
    for (uint32_t i = 0; i < type->attributes_count; i++) {
        if (type->attributes[i].name == name) {
            return &type->attributes[i];
        }
    }
    return NULL;
}

static bool take_attributes(struct validator *validator, const struct xml_tag *tag, struct element_in *in) {
    uint32_t required = 0;
    bool told = attributes_told(validator, in->mark);
    for (uint32_t i = 0; i < tag->count; i++) {
        const struct xml_attribute *attribute = &tag->attributes[i];
        uint32_t namespace = GRAMMAR_NO_NAMESPACE;
        struct text value;
        if (is_declaration(attribute)) {
            continue;
        }
        if ((attribute->prefix.length && !validator_namespace(validator, attribute->prefix, &namespace))
            || !validator_attribute(validator, attribute, &value)) {
            return false;
        }
        if (told) {
            say_element(validator, VALIDATOR_ATTRIBUTE, attribute->name, attribute->name.at, in->number,
                        in->mark);
            say_content(validator, attribute->value, value);
        }
        if (namespace == VALIDATOR_XSI) {
            bool nillable = in->element && in->element->nillable && !in->type->skipped;
            if (!take_instance_attribute(validator, attribute->name, value, nillable, &in->nil)) {
                return false;
            }
            continue;
        }
        uint32_t local = grammar_local(validator->grammar, attribute->name);
        validator->size.strange |= local == GRAMMAR_UNKNOWN_LOCAL;
        if (in->type->skipped) {
            continue;
        }
        grammar_name name = GRAMMAR_NAME(namespace, local);
        const struct grammar_attribute *use = validator_find_use(in->type, name, attribute->name);
        if (!use) {
            if (!take_wild_attribute(validator, in->type, name, value)) {
                return false;
            }
            continue;
        }
        required += use->required;
        if (!validator_value_is_valid(validator, use->type, value, use->fixed)) {
            return false;
        }
    }
    return required == in->type->required_count;
}

/* --- simple content ------------------------------------------------------------------------------------- */

static const char *take_comment(struct validator *validator, const char *at) {
    const char *behind = xml_behind_comment(at, validator->end);
    grow(&validator->size.longest_value, behind ? (size_t)(behind - at) : 0);
    return behind;
}

/* A value with comments, CDATA sections, references or carriage returns in it, put together. */
static const char *gather_value(struct validator *validator, const char *at, struct text *value,
                                bool *untouched) {
    char *from = validator->decoded + validator->decoded_length, *to = from;
    *untouched = true;
    while (validator->end - at >= 2) {
        struct text section;
        if (*at != '<') {
            const char *piece = at, *open = memchr(at, '<', (size_t)(validator->end - at));
            at = open ? open : validator->end;
            size_t length = xml_decode_text((struct text){ piece, (size_t)(at - piece) }, to);
            if (length == SIZE_MAX) {
                return NULL;
            }
            to += length;
        } else if (at[1] == '/') {
            *value = (struct text){ from, (size_t)(to - from) };
            validator->decoded_length += (uint32_t)value->length;
            return at;
        } else if (xml_cdata(at, validator->end, &section)) {
            to += xml_decode_lines(section, to);
            at = section.at + section.length + 3;
            *untouched = false;
        } else {
            at = take_comment(validator, at);
            if (!at) {
                return NULL;
            }
            *untouched = false;
        }
    }
    return NULL;
}

const char *validator_take_value(struct validator *validator, const char *at, struct text *value,
                                 bool *plain) {
    uint8_t seen;
    const char *to = xml_scan_text(at, validator->end, &seen);
    *value = (struct text){ at, (size_t)(to - at) };
    *plain = true;
    bool bracket = seen & XML_BRACKET && xml_find_section_end(at, to);
    if (validator->end - to >= 2 && to[0] == '<' && to[1] == '/' && !(seen & XML_RETURN) && !bracket) {
        return to;
    }
    return gather_value(validator, at, value, plain);
}

static bool is_value_valid(struct validator *validator, const struct element_in *in, struct text value,
                           bool plain) {
    const struct grammar_element *element = in->element;
    if (in->nil) {
        return plain && value.length == 0 && !(element && element->fallback.at && element->fixed);
    }
    if (element && element->fallback.at && value.length == 0 && plain) {
        return true; /* then it has its default */
    }
    struct text fixed = element && element->fixed ? element->fallback : (struct text){ NULL, 0 };
    return validator_value_is_valid(validator, in->type->simple, value, fixed);
}

/* An element of simple content behind its start tag: value and end tag. */
static const char *take_simple(struct validator *validator, const struct xml_tag *tag, const char *start,
                               const char *at, const struct element_in *in) {
    struct text value = { at, 0 }, content = { at, 0 };
    bool plain = true;
    if (!tag->empty) {
        const char *to = validator_take_value(validator, at, &value, &plain);
        if (!to) {
            return NULL;
        }
        content.length = (size_t)(to - at);
        at = xml_behind_end_tag(to, validator->end, tag->whole);
        if (!at) {
            return NULL;
        }
    }
    if (!is_value_valid(validator, in, value, plain)) {
        return NULL;
    }
    if (!is_told(validator, in->mark)) {
        return at;
    }
    if (validator->events[validator->events_count - 1].kind == VALIDATOR_ENTER) {
        validator->events[validator->events_count - 1].kind = VALIDATOR_LEAF;
        say_content(validator, content, value);
    } else {
        say_leave(validator, offset_of(validator, start), in->number, in->mark, content, value);
    }
    return at;
}

/* --- elements ------------------------------------------------------------------------------------------- */

/* What a wildcard makes of an element of that name. False: it may not stand there. */
static bool take_wild(const struct validator *validator, const struct grammar_wildcard *wildcard,
                      grammar_name name, struct element_in *in) {
    in->type = validator->grammar->skipped_type;
    if (wildcard->process == GRAMMAR_SKIP) {
        return true;
    }
    in->element = grammar_element_named(validator->grammar, name);
    in->type = in->element ? in->element->type : validator->grammar->any_type;
    return in->element || wildcard->process == GRAMMAR_LAX;
}

/* Which type an element of that name has as the next child of the innermost frame, or as the root. */
static bool find_type(struct validator *validator, grammar_name name, struct element_in *in) {
    if (validator->depth == 0) {
        in->element = grammar_element_named(validator->grammar, name);
        in->type = in->element ? in->element->type : NULL;
        return in->element;
    }
    struct frame *frame = innermost(validator);
    if (frame->type->skipped) {
        in->type = frame->type;
        return true;
    }
    const struct grammar_state *state = &frame->type->states[frame->state];
    int32_t index = grammar_state_find(state, name);
    frame->occupied = true;
    if (index >= 0) {
        const struct grammar_transition *transition = &state->transitions[index];
        if (!(frame->type->all ? tick(frame, (uint32_t)index) : step(frame, transition->target))) {
            return false;
        }
        in->element = transition->element;
        in->type = in->element->type;
        return true;
    }
    for (uint32_t i = 0; i < state->passages_count; i++) {
        const struct grammar_passage *passage = &state->passages[i];
        if (grammar_wildcard_takes(&passage->wildcard, name >> GRAMMAR_LOCAL_BITS)) {
            return step(frame, passage->target) && take_wild(validator, &passage->wildcard, name, in);
        }
    }
    return false;
}

bool validator_open(struct validator *validator, const struct text *whole, struct text prefix,
                    const char *start, const char *content, const struct element_in *in, uint32_t prefixes) {
    if (validator->depth == VALIDATOR_DEPTH_MAX) {
        return false;
    }
    struct frame *frame = &validator->frames[validator->depth++];
    frame->type = in->type;
    frame->state = frame->rounds = 0;
    frame->whole = *whole;
    frame->tag = offset_of(validator, start);
    frame->element = in->number;
    frame->mark = in->mark;
    grow(&validator->size.depth, validator->depth);
    frame->content = offset_of(validator, content);
    frame->prefixes = prefixes;
    frame->text = validator->texts_length;
    frame->nil = in->nil;
    frame->occupied = false;
    frame->expected = 0;
    frame->prefix = prefix;
    frame->namespace = in->namespace;
    if (in->type->all) {
        memset(frame->seen, 0, sizeof(frame->seen));
    }
    return true;
}

/* May what stands in the frame be all? */
static bool is_complete(const struct frame *frame) {
    const struct grammar_state *state = &frame->type->states[frame->state];
    if (frame->nil) {
        return !frame->occupied;
    }
    if (!frame->type->all) {
        return state->accepts && rounds_fit(state, frame->rounds);
    }
    bool complete = true;
    for (int i = 0; i < GRAMMAR_ALL_WORDS; i++) {
        complete = complete && !(frame->type->needed[i] & ~frame->seen[i]);
    }
    return complete || (state->accepts && !frame->occupied);
}

bool validator_close(struct validator *validator, const char *to) {
    require(validator->depth > 0);
    struct frame *frame = innermost(validator);
    struct text content = { validator->start + frame->content,
                            (size_t)(offset_of(validator, to) - frame->content) };
    struct text text = { validator->decoded + validator->decoded_length,
                         validator->texts_length - frame->text };
    if (!is_complete(frame)) {
        return false;
    }
    memcpy(validator->decoded + validator->decoded_length, validator->texts + frame->text, text.length);
    validator->decoded_length += (uint32_t)text.length;
    validator->texts_length = frame->text;
    if (is_told(validator, frame->mark)) {
        say_leave(validator, frame->tag, frame->element, frame->mark, content, text);
    }
    validator->prefixes_count = frame->prefixes;
    validator->depth--;
    return true;
}

/* Name and attributes; `at` is behind the <. Whether a name that the schema knows is one need not be asked:
 * *local is its number. */
static const char *take_tag(struct validator *validator, const char *at, uint32_t *local) {
    struct xml_tag *tag = &validator->tag;
    const char *end = validator->end, *start = at, *to = xml_scan_name(at, end);
    tag->prefix = (struct text){ at, 0 };
    if (to < end && *to == ':') {
        tag->prefix.length = (size_t)(to - at);
        at = to + 1;
        to = xml_scan_name(at, end);
    }
    tag->name = (struct text){ at, (size_t)(to - at) };
    tag->whole = (struct text){ start, (size_t)(to - start) };
    *local = grammar_local_within(validator->grammar, tag->name, end);
    bool bare_colon = *start == ':';
    if (*local == GRAMMAR_UNKNOWN_LOCAL || to == end || bare_colon) {
        return xml_take_tag(start, end, tag);
    }
    if (*to != '>') {
        return xml_take_attributes(to, end, tag);
    }
    tag->count = 0;
    tag->empty = false;
    return to + 1;
}

/* The element whose < stands at `start`. */
static const char *take_element(struct validator *validator, const char *start) {
    struct xml_tag *tag = &validator->tag;
    uint32_t prefixes = validator->prefixes_count, local;
    struct element_in in = { 0 };
    const char *at = take_tag(validator, start + 1, &local);
    if (!at || (tag->count && !validator_declare(validator, tag))) {
        return NULL;
    }
    const struct frame *around = validator->depth ? innermost(validator) : NULL;
    if (around && around->namespace != GRAMMAR_UNKNOWN_NAMESPACE && validator->prefixes_count == prefixes
        && text_equal(around->prefix, tag->prefix)) {
        in.namespace = around->namespace;
    } else if (!validator_namespace(validator, tag->prefix, &in.namespace)) {
        return NULL;
    }
    if (validator->depth && validator->prefixes_count == prefixes) {
        innermost(validator)->prefix = tag->prefix;
        innermost(validator)->namespace = in.namespace;
    }
    grammar_name name = GRAMMAR_NAME(in.namespace, local);
    if (!find_type(validator, name, &in) || (in.element && in.element->abstract) || in.type->abstract) {
        const struct grammar_element *global = grammar_element_named(validator->grammar, name);
        validator->reason = global && global->substitutes ? VALIDATOR_SUBSTITUTE : validator->reason;
        return NULL;
    }
    in.number = validator->size.elements++;
    in.mark = mark_of(validator, local, tag->name);
    grow(&validator->size.longest_name, tag->whole.length);
    grow(&validator->longest_prefix, tag->prefix.length);
    validator->size.strange |= local == GRAMMAR_UNKNOWN_LOCAL;
    if (is_told(validator, in.mark)) {
        say_element(validator, VALIDATOR_ENTER, tag->name, start, in.number, in.mark);
    }
    if ((tag->count || in.type->required_count) && !take_attributes(validator, tag, &in)) {
        return NULL;
    }
    if (in.type->content == GRAMMAR_SIMPLE) {
        at = take_simple(validator, tag, start, at, &in);
        validator->prefixes_count = prefixes;
        return at;
    }
    if (!validator_open(validator, &tag->whole, tag->prefix, start, at, &in, prefixes)) {
        return NULL;
    }
    return tag->empty && !validator_close(validator, at) ? NULL : at;
}

/* --- content -------------------------------------------------------------------------------------------- */

/* Text between tags: in mixed content any, kept; where nothing may stand none (part 1, cvc-complex-type 2.1);
 * else blanks. */
static const char *take_text(struct validator *validator, const char *at) {
    struct frame *frame = innermost(validator);
    const char *from = at;
    if (frame->type->content == GRAMMAR_EMPTY) {
        return NULL;
    }
    if (frame->type->content != GRAMMAR_MIXED) {
        at = xml_skip_blanks(at, validator->end);
        frame->occupied = frame->occupied || frame->nil;
        return at == from ? NULL : at;
    }
    while (at < validator->end && *at != '<') {
        at++;
    }
    struct text raw = { from, (size_t)(at - from) };
    size_t length = xml_decode_text(raw, validator->texts + validator->texts_length);
    if (length == SIZE_MAX) {
        return NULL;
    }
    validator->texts_length += (uint32_t)length;
    frame->occupied = true;
    return at;
}

static const char *take_section(struct validator *validator, const char *at) {
    struct frame *frame = innermost(validator);
    struct text section;
    if (frame->type->content == GRAMMAR_MIXED && xml_cdata(at, validator->end, &section)) {
        validator->texts_length +=
            (uint32_t)xml_decode_lines(section, validator->texts + validator->texts_length);
        frame->occupied = true;
        return section.at + section.length + 3;
    }
    return take_comment(validator, at);
}

/* The next piece of what stands in the innermost frame. */
static const char *take_content(struct validator *validator, const char *at) {
    if (*at != '<') {
        return take_text(validator, at);
    }
    if (validator->end - at < 2) {
        return NULL;
    }
    if (at[1] == '/') {
        const char *behind = xml_behind_end_tag(at, validator->end, innermost(validator)->whole);
        return behind && validator_close(validator, at) ? behind : NULL;
    }
    return at[1] == '!' ? take_section(validator, at) : take_element(validator, at);
}

/* Blanks and comments outside the root element. */
static const char *take_outside(struct validator *validator, const char *at) {
    while (at) {
        at = xml_skip_blanks(at, validator->end);
        if (validator->end - at < 4 || memcmp(at, "<!--", 4) != 0) {
            return at;
        }
        at = take_comment(validator, at);
    }
    return NULL;
}

/* --- all of it ------------------------------------------------------------------------------------------ */

/* What holds between two messages, whatever the last one was. */
static bool is_within_limits(const struct validator *validator) {
    return validator->room > 0 && validator->events_count <= validator->events_capacity
           && validator->depth <= VALIDATOR_DEPTH_MAX && validator->prefixes_count <= VALIDATOR_PREFIXES_MAX
           && validator->ids_count <= VALIDATOR_IDS_MAX && validator->refs_count <= VALIDATOR_IDS_MAX
           && validator->clashes_count <= VALIDATOR_CLASHES_MAX;
}

static void make_room(struct validator *validator, size_t size) {
    if (size <= validator->room) {
        return;
    }
    validator->room = size;
    validator->decoded = memory_grow(validator->decoded, size, 1);
    validator->texts = memory_grow(validator->texts, size, 1);
    validator->spaces = memory_grow(validator->spaces, size, 1);
}

void validator_shrink(struct validator *validator) {
    require(is_within_limits(validator));
    if (validator->room > ROOM_AT_FIRST) {
        validator->room = 0;
        make_room(validator, ROOM_AT_FIRST);
    }
    if (validator->events_capacity > EVENTS_KEPT) {
        validator->events_count = 0;
        validator->events_capacity = EVENTS_AT_FIRST;
        validator->events = memory_grow(validator->events, EVENTS_AT_FIRST, sizeof(*validator->events));
    }
}

void validator_begin(struct validator *validator, struct text message) {
    make_room(validator, message.length + 1);
    validator->start = message.at;
    validator->end = message.at + message.length;
    validator->events_count = 0;
    validator->decoded_length = validator->texts_length = 0;
    validator->prefixes_count = validator->depth = 0;
    validator->ids_count = validator->refs_count = 0;
    validator->clashes_count = 0;
    validator->size = (struct validator_size){ 0 };
    validator->longest_prefix = validator->declared = validator->attributes = 0;
}

/* A name as written is a prefix and one the schema knows; and each tag and attribute has one name. */
static struct validator_size size_of(const struct validator *validator) {
    const struct grammar *grammar = validator->grammar;
    struct validator_size size = validator->size;
    uint64_t written = (uint64_t)size.elements + validator->attributes;
    uint64_t known = ((uint64_t)validator->declared + 1) * grammar->locals_count;
    size.names = (uint32_t)(written < known ? written : known) + 2 * validator->declared + XSI_NAMES;
    grow(&size.longest_name, validator->longest_prefix + 1 + grammar->locals_longest);
    return size;
}

void validator_tell_only(struct validator *validator, const struct marks *marks) {
    require(is_within_limits(validator));
    require(!marks || marks->rows);
    validator->marks = marks;
}

bool validator_accepts(struct validator *validator, struct text message, struct validator_events *out) {
    require(is_within_limits(validator));
    validator->stopped_at = validator->clashes_count = 0;
    validator->reason = VALIDATOR_UNKNOWN_REASON;
    if (message.length > VALIDATOR_BYTES_MAX || !xml_is_clean(message)) {
        return false;
    }
    validator_begin(validator, message);
    const char *at = take_outside(validator, xml_behind_declaration(message)), *before = at;
    if (at && validator->end - at >= 2 && *at == '<' && at[1] != '!') {
        at = take_element(validator, at);
        while (at && validator->depth && at < validator->end) {
            before = at = validator_take_short(validator, at);
            if (validator->depth) {
                at = at < validator->end ? take_content(validator, at) : NULL;
            }
        }
        at = at && validator->depth == 0 ? take_outside(validator, at) : NULL;
    } else {
        at = NULL;
    }
    bool whole = at == validator->end && validator->size.elements;
    bool accepted = whole && validator_identities_hold(validator, true);
    validator->stopped_at = accepted ? message.length : offset_of(validator, before ? before : message.at);
    if (whole && out) {
        *out = (struct validator_events){
            validator->events,
            validator->events_count,
            validator->decoded,
            size_of(validator),
        };
    }
    return accepted;
}

enum validator_reason validator_reason(const struct validator *validator) {
    return validator->reason;
}

size_t validator_stopped_at(const struct validator *validator) {
    return validator->stopped_at;
}

struct validator *validator_new(const struct grammar *grammar) {
    require(grammar->locals && grammar->any_type);
    struct validator *validator = memory_new(sizeof(*validator));
    validator->grammar = grammar;
    validator->events_capacity = EVENTS_AT_FIRST;
    validator->events = memory_array(EVENTS_AT_FIRST, sizeof(*validator->events));
    make_room(validator, ROOM_AT_FIRST);
    return validator;
}

void validator_free(struct validator *validator) {
    if (validator) {
        free(validator->events);
        free(validator->decoded);
        free(validator->texts);
        free(validator->spaces);
        free(validator);
    }
}
