/*
 * validator_short.c - the short way through what messages are made of: elements that the schema expects, in
 * its order, their attributes too, with values that are what they are written as.
 *
 * Each step asks whether all is as it mostly is, and does nothing unless it is; then validator.c looks at the
 * same piece, which knows everything, and the short way goes on behind it. So what is decided here may be
 * strict: an unknown attribute, a comment, a reference, a prefix just declared are not for it.
 *
 * What it compares instead of looking up: a name with the one the state expects first, an end tag with its
 * start tag, a prefix with that of the sibling before. What it looks up, names of attributes and of elements
 * that are not the first choice, is one slot of a perfect hash (wordset.h).
 */
#include "xsd/validator_inside.h"

#include <string.h>

#define AHEAD 34 /* bytes that are there to be read before the next attribute is: no end has to be watched */

/* --- names ---------------------------------------------------------------------------------------------- */

/* What may stand behind the name of a tag. */
static inline bool ends_name(char c) {
    return c == '>' || c == '/' || xml_class(c) & XML_BLANK;
}

/* The transition for the local name that begins at `name`, in the namespace of the frame's children. */
static inline const struct grammar_transition *find_transition(const struct validator *validator,
                                                               const struct frame *frame, const char *name) {
    const struct grammar_state *state = &frame->type->states[frame->state];
    if (frame->expected < state->count) {
        const struct grammar_transition *transition = &state->transitions[frame->expected];
        size_t length = transition->local.length;
        if (transition->name >> GRAMMAR_LOCAL_BITS == frame->namespace
            && (size_t)(validator->end - name) > length && ends_name(name[length])
            && xml_same(name, transition->local.at, length, validator->end)) {
            return transition;
        }
    }
    const char *to = xml_scan_name(name, validator->end);
    if (to == validator->end || !ends_name(*to)) {
        return NULL;
    }
    struct text local = { name, (size_t)(to - name) };
    uint32_t number = grammar_local_within(validator->grammar, local, validator->end);
    int32_t index = grammar_state_find(state, GRAMMAR_NAME(frame->namespace, number));
    return index < 0 ? NULL : &state->transitions[index];
}

/* Is the prefix the one of the sibling before? Moves behind it. */
static inline bool take_prefix(const struct validator *validator, const struct frame *frame,
                               const char **name) {
    size_t length = frame->prefix.length;
    if (length == 0) {
        return true;
    }
    if ((size_t)(validator->end - *name) <= length || (*name)[length] != ':'
        || !xml_same(*name, frame->prefix.at, length, validator->end)) {
        return false;
    }
    *name += length + 1;
    return true;
}

/* Another prefix than the sibling's: from now on that is the one. False: it is the same, or not declared. */
static bool change_prefix(struct validator *validator, struct frame *frame, const char *name) {
    const char *to = xml_scan_name(name, validator->end);
    struct text prefix = { name, to < validator->end && *to == ':' ? (size_t)(to - name) : 0 };
    uint32_t namespace;
    if (wordset_same(prefix, frame->prefix) || !validator_namespace(validator, prefix, &namespace)) {
        return false;
    }
    frame->prefix = prefix;
    frame->namespace = namespace;
    return true;
}

/* The transition for the child whose name begins at *name, which is moved behind the prefix. */
static inline const struct grammar_transition *find_child(struct validator *validator, struct frame *frame,
                                                          const char **name) {
    const char *from = *name;
    for (int tries = 0; tries < 2; tries++) {
        const struct grammar_transition *found = NULL;
        *name = from;
        if (frame->namespace < GRAMMAR_NAMESPACES_MAX && take_prefix(validator, frame, name)) {
            found = find_transition(validator, frame, *name);
        }
        if (found || !change_prefix(validator, frame, from)) {
            return found;
        }
    }
    return NULL;
}

/* The frame's state moves on by the child. False: that child may not stand here. */
static inline bool move(struct frame *frame, const struct grammar_transition *transition) {
    if (frame->type->all) {
        return tick(frame, (uint32_t)(transition - frame->type->states[frame->state].transitions));
    }
    if (frame->type->counted) {
        return step(frame, transition->target);
    }
    frame->state = transition->target;
    return true;
}

/* --- values --------------------------------------------------------------------------------------------- */

/* seen: the classes of bytes in the value. */
static inline bool is_valid(struct validator *validator, const struct simple *simple, struct text value,
                            uint8_t seen) {
    if (simple_fits(simple, value, seen & XML_BLANK, !(seen & XML_HIGH))) {
        return true;
    }
    struct simple_room room = { validator->spaces, validator->room };
    return seen & XML_BLANK ? simple_accepts(simple, value, room, NULL)
                            : simple_accepts_word(simple, value, !(seen & XML_HIGH), validator->end);
}

/* Member by member: a compiler clears the whole before it fills an aggregate, which costs more. */
static inline void say(struct validator *validator, enum validator_kind kind, struct text name, uint32_t tag,
                       struct text value, const struct element_in *in) {
    struct validator_event *event = event_new(validator);
    event->kind = kind;
    event->element = in->number;
    event->mark = (uint16_t)in->mark;
    event->decoded = false;
    event->name = offset_of(validator, name.at);
    event->name_length = (uint32_t)name.length;
    event->tag = tag;
    event->from = offset_of(validator, value.at);
    event->text = event->from;
    event->to = event->from + (uint32_t)value.length;
    event->text_length = (uint32_t)value.length;
}

/* --- attributes ----------------------------------------------------------------------------------------- */

/* One attribute, of those that the type names and not `seen` before. Behind its closing quote, or NULL. */
static inline const char *take_attribute(struct validator *validator, const struct element_in *in,
                                         const char *at, bool told, uint64_t *seen) {
    const struct grammar_type *type = in->type;
    struct text name = { at, xml_length_to_equals(at) };
    int32_t index = wordset_find_within(type->attribute_names, name, validator->end);
    char quote = at[name.length + 1];
    if (name.length == 16 || index < 0 || *seen >> index & 1 || (quote != '"' && quote != '\'')) {
        return NULL;
    }
    uint8_t classes;
    const struct grammar_attribute *attribute = &type->attributes[index];
    struct text value = { at + name.length + 2, 0 };
    const char *to = xml_scan_plain_value(value.at, validator->end, quote, &classes);
    value.length = to ? (size_t)(to - value.at) : 0;
    if (!to || !attribute->plain || !is_valid(validator, attribute->type, value, classes)) {
        return NULL;
    }
    *seen |= UINT64_C(1) << index;
    grow(&validator->size.longest_value, value.length);
    if (told) {
        say(validator, VALIDATOR_ATTRIBUTE, name, offset_of(validator, name.at), value, in);
    }
    return to + 1;
}

/* All of a tag, from behind its name up to its end, which is > or /. NULL: not the short way, and what was
 * told of them has to be taken back. */
static const char *take_attributes(struct validator *validator, struct element_in *in, const char *at,
                                   bool told) {
    uint64_t seen = 0;
    if (!in->type->attribute_names || validator->end - at < AHEAD) {
        return NULL;
    }
    for (;;) {
        const char *blank = at;
        at = *at == ' ' && at[1] > ' ' ? at + 1 : xml_skip_blanks(at, validator->end);
        if (validator->end - at < AHEAD) {
            return NULL;
        }
        if (*at == '>' || *at == '/') {
            break;
        }
        at = at == blank ? NULL : take_attribute(validator, in, at, told, &seen);
        if (!at || validator->end - at < AHEAD) {
            return NULL;
        }
        in->attributes++;
    }
    return in->type->attributes_required & ~seen ? NULL : at;
}

/* --- elements ------------------------------------------------------------------------------------------- */

/* An element of simple content behind its start tag, of which `whole` is the name. */
static inline const char *take_simple(struct validator *validator, struct text whole, const char *from,
                                      const struct simple *simple, struct text *value) {
    uint8_t seen;
    const char *end = validator->end, *to = xml_scan_text(from, end, &seen);
    if ((size_t)(end - to) < whole.length + 3 || to[0] != '<' || to[1] != '/' || to[whole.length + 2] != '>'
        || seen & (XML_RETURN | XML_BRACKET) || !xml_same(to + 2, whole.at, whole.length, end)) {
        return NULL;
    }
    *value = (struct text){ from, (size_t)(to - from) };
    return is_valid(validator, simple, *value, seen) ? to + whole.length + 3 : NULL;
}

static inline void count(struct validator *validator, const struct element_in *in) {
    validator->size.elements++;
    validator->attributes += in->attributes;
    grow(&validator->size.attributes, in->attributes);
}

/* Behind the start tag, and of simple content behind the end tag. NULL: it is something else; what was told
 * of its attributes has to be taken back. */
static inline const char *take_child(struct validator *validator, struct frame *frame, const char *start,
                                     const char *name, const struct grammar_transition *transition) {
    const struct grammar_element *element = transition->element;
    const char *end = validator->end, *at = name + transition->local.length;
    struct text whole = { start + 1, (size_t)(at - start) - 1 }, local = { name, transition->local.length };
    struct element_in in = { .element = element, .type = element->type, .number = validator->size.elements };
    if (validator->marks) {
        in.mark = marks_child(validator->marks, frame->mark, transition->name & GRAMMAR_UNKNOWN_LOCAL,
                              transition->local);
    }
    bool told = is_told(validator, in.mark), with_attributes = false;
    if (*at != '>' && (*at != '/' || in.type->attributes_required)) {
        with_attributes = told && attributes_told(validator, in.mark);
        if (with_attributes) {
            say_element(validator, VALIDATOR_ENTER, local, start, in.number, in.mark);
        }
        at = take_attributes(validator, &in, at, with_attributes);
        if (!at) {
            return NULL;
        }
    } else if (in.type->required_count) {
        return NULL;
    }
    bool simple = in.type->content == GRAMMAR_SIMPLE, empty = *at == '/';
    if (end - at < 2 || (empty && (at[1] != '>' || !simple))) {
        return NULL;
    }
    at += 1 + empty;
    if (!simple) {
        in.namespace = frame->namespace;
        if (validator->depth == VALIDATOR_DEPTH_MAX || !move(frame, transition)) {
            return NULL;
        }
        count(validator, &in);
        if (told && !with_attributes) {
            say_element(validator, VALIDATOR_ENTER, local, start, in.number, in.mark);
        }
        return validator_open(validator, &whole, frame->prefix, start, at, &in, validator->prefixes_count)
                   ? at
                   : NULL;
    }
    struct text value = { at, 0 };
    if (empty ? !is_valid(validator, in.type->simple, value, 0)
              : !(at = take_simple(validator, whole, at, in.type->simple, &value))) {
        return NULL;
    }
    if (!move(frame, transition)) {
        return NULL;
    }
    count(validator, &in);
    if (told && with_attributes) {
        say(validator, VALIDATOR_LEAVE, (struct text){ validator->start, 0 }, offset_of(validator, start),
            value, &in);
    } else if (told) {
        say(validator, VALIDATOR_LEAF, local, offset_of(validator, start), value, &in);
    }
    return at;
}

static inline const char *take_element(struct validator *validator, struct frame *frame, const char *start) {
    const char *name = start + 1;
    size_t events = validator->events_count;
    const struct grammar_transition *transition = find_child(validator, frame, &name);
    if (!transition || !transition->element->plain) {
        return NULL;
    }
    const char *behind = take_child(validator, frame, start, name, transition);
    if (!behind) {
        validator->events_count = events;
        return NULL;
    }
    frame->occupied = true;
    return behind;
}

/* Leaves of one frame in a row, without attributes, each the first that the state expects: of all that stands
 * in a message most. What each of them needs stays in registers meanwhile. */
static const char *take_leaves(struct validator *validator, struct frame *frame, const char *at) {
    const char *const end = validator->end;
    const struct grammar_type *type = frame->type;
    const struct grammar_state *state = &type->states[frame->state];
    const struct text prefix = frame->prefix;
    const uint32_t namespace = frame->namespace;
    struct element_in in = { .number = validator->size.elements };
    while (state->count) {
        const struct grammar_transition *transition = state->transitions;
        size_t length = transition->local.length;
        const char *from = at, *name = at + 1;
        if ((size_t)(end - at) < prefix.length + length + AHEAD || !transition->leaf
            || transition->name >> GRAMMAR_LOCAL_BITS != namespace) {
            break;
        }
        if (prefix.length) {
            if (name[prefix.length] != ':' || !xml_same(name, prefix.at, prefix.length, end)) {
                break;
            }
            name += prefix.length + 1;
        }
        if (name[length] != '>' || *at != '<' || !xml_same(name, transition->local.at, length, end)) {
            break;
        }
        struct text whole = { at + 1, (size_t)(name - at) + length - 1 }, value;
        at = take_simple(validator, whole, name + length + 1, transition->leaf, &value);
        if (!at) {
            at = from;
            break;
        }
        in.mark = validator->marks ? marks_child(validator->marks, frame->mark,
                                                 transition->name & GRAMMAR_UNKNOWN_LOCAL, transition->local)
                                   : 0;
        if (is_told(validator, in.mark)) {
            say(validator, VALIDATOR_LEAF, (struct text){ name, length }, offset_of(validator, from), value,
                &in);
        }
        state = &type->states[transition->target];
        in.number++;
        at = xml_skip_blanks(at, end);
    }
    frame->occupied |= in.number != validator->size.elements;
    frame->state = (uint32_t)(state - type->states);
    validator->size.elements = in.number;
    return at;
}

static inline const char *take_end(struct validator *validator, const struct frame *frame, const char *at) {
    size_t length = frame->whole.length;
    bool same = (size_t)(validator->end - at) >= length + 3 && at[length + 2] == '>'
                && xml_same(at + 2, frame->whole.at, length, validator->end);
    return same && validator_close(validator, at) ? at + length + 3 : NULL;
}

const char *validator_take_short(struct validator *validator, const char *at) {
    while (validator->depth) {
        struct frame *frame = innermost(validator);
        if (frame->type->content != GRAMMAR_ELEMENTS || frame->nil) {
            return at;
        }
        at = xml_skip_blanks(at, validator->end);
        if (!frame->type->all && !frame->type->counted && validator->end - at >= 4 && at[1] != '/') {
            at = take_leaves(validator, frame, at);
        }
        if (validator->end - at < 4 || *at != '<' || at[1] == '!') {
            return at;
        }
        const char *behind =
            at[1] == '/' ? take_end(validator, frame, at) : take_element(validator, frame, at);
        if (!behind) {
            return at;
        }
        at = behind;
    }
    return at;
}
