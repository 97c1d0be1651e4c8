/*
 * validator_inside.h - what the two ways through a message share: open elements, and what is told of them.
 *
 *   validator_short.c        what nearly every message is made of, as it is nearly always spelled
 *   validator.c              everything
 *   validator_identities.c   what is known of IDs at the end, and of messages that have another fault
 */
#ifndef XSD_VALIDATOR_INSIDE_H
#define XSD_VALIDATOR_INSIDE_H

#include "base/memory.h"
#include "xsd/validator.h"
#include "xsd/xml.h"

#define VALIDATOR_XSI 254u /* the number of the namespace of xsi:type: none of a schema */

struct prefix {
    struct text prefix, uri;
    uint32_t namespace;
};

struct frame {
    const struct grammar_type *type;
    uint32_t state, rounds;
    struct text whole; /* its name as written */
    uint32_t tag, content;
    uint32_t element, mark;
    uint32_t prefixes; /* in scope outside of it */
    uint32_t text;     /* where its text begins in the validator's `texts` */
    bool nil, occupied;
    uint32_t expected; /* of an xs:all: the member that most likely comes next */
    /* How the last child's prefix was written and what it stands for: the same for the next, most often. */
    struct text prefix;
    uint32_t namespace;               /* GRAMMAR_UNKNOWN_NAMESPACE: not known yet, or none of the schema's */
    uint64_t seen[GRAMMAR_ALL_WORDS]; /* of an xs:all */
};

struct validator {
    const struct grammar *grammar;
    const struct marks *marks; /* NULL: all is told */
    struct validator_size size;
    uint32_t longest_prefix, declared, attributes; /* so far; of all elements */
    struct validator_event *events;
    size_t events_count, events_capacity;
    size_t room;   /* of each of these */
    char *decoded; /* texts of events that are not as written */
    char *texts;   /* of open elements with mixed content */
    char *spaces;  /* one value while its white space is normalised */
    uint32_t decoded_length, texts_length;
    struct prefix prefixes[VALIDATOR_PREFIXES_MAX];
    uint32_t prefixes_count;
    struct frame frames[VALIDATOR_DEPTH_MAX];
    uint32_t depth;
    struct text ids[VALIDATOR_IDS_MAX], refs[VALIDATOR_IDS_MAX];
    uint32_t ids_count, refs_count;
    struct validator_clash clashes[VALIDATOR_CLASHES_MAX];
    size_t clashes_count;
    enum validator_reason reason;
    const char *start, *end; /* of the message */
    size_t stopped_at;
    struct xml_tag tag;
};

struct element_in {                        /* an element being opened */
    const struct grammar_element *element; /* NULL: not declared */
    const struct grammar_type *type;
    bool nil;
    uint32_t number, mark;          /* of the element in the message */
    uint32_t namespace, attributes; /* how many it has: the short way's */
};

/* --- the ways ------------------------------------------------------------------------------------------- */

/* Elements, end tags and the blanks between them from `at` on, as long as it goes the short way: how far.
 * What stands there is something else or wrong, and of it nothing was done. */
const char *validator_take_short(struct validator *validator, const char *at);

/* False: the prefix is not declared. */
bool validator_namespace(const struct validator *validator, struct text prefix, uint32_t *out);

/* Opens a frame. False: VALIDATOR_DEPTH_MAX are open. */
bool validator_open(struct validator *validator, const struct text *whole, struct text prefix,
                    const char *start, const char *content, const struct element_in *in, uint32_t prefixes);
/* Closes the innermost, whose content ended at `to`. False: it may not end here, and nothing was done. */
bool validator_close(struct validator *validator, const char *to);

/* --- pieces of the long way ----------------------------------------------------------------------------- */

void validator_begin(struct validator *validator, struct text message);

static inline bool is_declaration(const struct xml_attribute *attribute) {
    return text_is(attribute->prefix, "xmlns")
           || (attribute->prefix.length == 0 && text_is(attribute->name, "xmlns"));
}

/* Takes the declarations of namespaces among the attributes; and no two attributes of one local name, which
 * is stricter than need be. False: they may not stand so. */
bool validator_declare(struct validator *validator, const struct xml_tag *tag);

/* The value of an attribute, decoded if need be. */
bool validator_attribute(struct validator *validator, const struct xml_attribute *attribute,
                         struct text *out);

/* NULL: the type does not name it. */
const struct grammar_attribute *validator_find_use(const struct grammar_type *type, grammar_name name,
                                                   struct text local);

/* Reads the value that begins at `at`, up to the < of its end tag. */
const char *validator_take_value(struct validator *validator, const char *at, struct text *value,
                                 bool *plain);

/* Is it valid, and if `fixed` is given, written exactly so? (Another spelling of the value is valid, too, but
 * validators differ.) IDs and references among it are noted. */
bool validator_value_is_valid(struct validator *validator, const struct simple *simple, struct text value,
                              struct text fixed);

/* False: there are VALIDATOR_IDS_MAX. */
bool validator_note_identity(struct validator *validator, enum simple_identity identity, struct text value);

/* Of what was noted; else the clashes are. references: is it known of all of them where they lead? */
bool validator_identities_hold(struct validator *validator, bool references);

/* --- events --------------------------------------------------------------------------------------------- */

static inline uint32_t offset_of(const struct validator *validator, const char *at) {
    return (uint32_t)(at - validator->start);
}

static inline struct validator_event *event_new(struct validator *validator) {
    if (validator->events_count == validator->events_capacity) {
        validator->events_capacity *= 2;
        validator->events =
            memory_grow(validator->events, validator->events_capacity, sizeof(*validator->events));
    }
    return &validator->events[validator->events_count++];
}

static inline void set_text(const struct validator *validator, struct validator_event *event,
                            struct text text) {
    bool decoded = text.at >= validator->decoded && text.at < validator->decoded + validator->room;
    event->decoded = decoded && text.length;
    event->text = !text.length ? 0
                  : decoded    ? (uint32_t)(text.at - validator->decoded)
                               : offset_of(validator, text.at);
    event->text_length = (uint32_t)text.length;
}

static inline bool is_told(const struct validator *validator, uint32_t mark) {
    return mark || !validator->marks;
}

/* Of the element that has this mark. */
static inline bool attributes_told(const struct validator *validator, uint32_t mark) {
    return !validator->marks || validator->marks->attributes[mark];
}

static inline void say_element(struct validator *validator, enum validator_kind kind, struct text name,
                               const char *tag, uint32_t element, uint32_t mark) {
    *event_new(validator) = (struct validator_event){
        .kind = kind,
        .element = element,
        .mark = (uint16_t)mark,
        .name = offset_of(validator, name.at),
        .name_length = (uint32_t)name.length,
        .tag = offset_of(validator, tag),
    };
}

static inline void say_content(struct validator *validator, struct text content, struct text text) {
    struct validator_event *event = &validator->events[validator->events_count - 1];
    event->from = offset_of(validator, content.at);
    event->to = event->from + (uint32_t)content.length;
    set_text(validator, event, text);
}

static inline void say_leave(struct validator *validator, uint32_t tag, uint32_t element, uint32_t mark,
                             struct text content, struct text text) {
    *event_new(validator) = (struct validator_event){
        .kind = VALIDATOR_LEAVE, .tag = tag, .element = element, .mark = (uint16_t)mark
    };
    say_content(validator, content, text);
}

static inline void grow(uint32_t *largest, size_t size) {
    *largest = size > *largest ? (uint32_t)size : *largest;
}

/* --- open elements -------------------------------------------------------------------------------------- */

static inline struct frame *innermost(struct validator *validator) {
    return &validator->frames[validator->depth - 1];
}

static inline bool rounds_fit(const struct grammar_state *state, uint32_t rounds) {
    return state->rounds_max == 0 || rounds >= state->rounds_min;
}

/* The frame's state moves on. False: that child may not stand here. */
static inline bool step(struct frame *frame, uint32_t target) {
    const struct grammar_state *states = frame->type->states;
    if (target == frame->state && frame->rounds) {
        frame->rounds++;
    } else if (rounds_fit(&states[frame->state], frame->rounds)) {
        frame->rounds = 1;
        frame->state = target;
    } else {
        return false;
    }
    return states[target].rounds_max == 0 || frame->rounds <= states[target].rounds_max;
}

/* A member of an xs:all stands. False: it does for the second time. */
static inline bool tick(struct frame *frame, uint32_t index) {
    uint64_t bit = UINT64_C(1) << (index % 64);
    bool again = frame->seen[index / 64] & bit;
    frame->seen[index / 64] |= bit;
    frame->expected = index + 1;
    return !again;
}

/* Of the next child of the innermost frame, or of the root. */
static inline uint32_t mark_of(const struct validator *validator, uint32_t local, struct text name) {
    if (!validator->marks) {
        return 0;
    }
    return validator->depth
               ? marks_child(validator->marks, validator->frames[validator->depth - 1].mark, local, name)
               : MARK_ROOT;
}

#endif
