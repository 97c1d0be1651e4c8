/*
 * validator.h - one message against a grammar, in one pass over its bytes.
 *
 *     bytes ─► tags (xml.h) ─► names as numbers ─► states of the open elements ─► values (simple.h)
 *                                     └─► events: what stands where
 *
 * Promises  what is accepted is well-formed by XML 1.0 and Namespaces in XML, and valid by XML Schema 1.0; ID
 *           and IDREF included, over the whole message. What is not accepted may be all the same: a validator
 *           that knows everything has to say so. Not accepted are, whatever they hold: document type
 *           declarations, processing instructions, xsi:type, members of substitution groups.
 *           No allocation but for a message larger than all before it.
 * Thread    a validator belongs to one thread; its grammar is shared.
 * Limits    VALIDATOR_*_MAX; beyond them nothing is accepted.
 */
#ifndef XSD_VALIDATOR_H
#define XSD_VALIDATOR_H

#include "xsd/grammar.h"
#include "xsd/marks.h"

#define VALIDATOR_BYTES_MAX    ((size_t)256 << 20)
#define VALIDATOR_DEPTH_MAX    128 /* open elements */
#define VALIDATOR_PREFIXES_MAX 512 /* prefixes in scope */
#define VALIDATOR_IDS_MAX      4096

struct validator;

struct validator *validator_new(const struct grammar *grammar);
void validator_free(struct validator *validator); /* NULL is fine */

/* From now on only what bears a mark of these, made for the same grammar, is told of; NULL: all, without
 * marks. They must live as long. */
void validator_tell_only(struct validator *validator, const struct marks *marks);

enum validator_kind {
    VALIDATOR_LEAF,      /* an element without attributes and children: entered and left */
    VALIDATOR_ENTER,     /* an element begins; its attributes follow */
    VALIDATOR_ATTRIBUTE, /* of the element entered last; declarations of namespaces are none */
    VALIDATOR_LEAVE,     /* the element entered last and not left ends */
};

/* All offsets are in the message. */
struct validator_event {
    enum validator_kind kind;
    uint32_t name, name_length; /* the local name; not of VALIDATOR_LEAVE */
    uint32_t tag;               /* the < of an element's start tag */
    uint32_t from, to;          /* as written: between an attribute's quotes, between an element's tags */
    uint32_t text, text_length; /* what it says: its own text, without that of children */
    uint32_t element;           /* its number in the message, from 0 */
    uint16_t mark;
    bool decoded; /* text is in the validator's room, not in the message */
};

/* How large an accepted message is, for a caller who has limits. */
struct validator_size {
    uint32_t elements, depth, prefixes; /* prefixes: in scope at once */
    uint32_t attributes, longest_value; /* of one element; a comment counts as a value */
    uint32_t longest_name, names; /* names: as written, different ones, with those of namespaces: at most */
    bool strange;                 /* it holds names that the schema does not know: names says nothing */
};

/* What was accepted; good until the validator is used again. */
struct validator_events {
    const struct validator_event *events;
    size_t count;
    const char *decoded;
    struct validator_size size;
};

/* out, if not NULL, is filled when it returns true, and when there are clashes. */
bool validator_accepts(struct validator *validator, struct text message, struct validator_events *out);

#define VALIDATOR_CLASHES_MAX 64 /* what there are more is not told */

/* What stands against a message that else would be accepted: an xs:ID for the second time, an xs:IDREF to
 * none. offset: where the value stands; UINT32_MAX: it was written with references or the like. */
struct validator_clash {
    struct text id;
    uint32_t offset;
    bool twice;
};
/* Of the last message, in its order; good until the validator is used again. */
size_t validator_clashes(const struct validator *validator, const struct validator_clash **out);

/* The same of a well-formed message that has another fault: IDs are looked for whatever else is wrong, as far
 * as elements have a type by their parent and name. References are told where none was passed over. How
 * many there are, for validator_clashes(). */
size_t validator_search_clashes(struct validator *validator, struct text message);

/* Why the last message, if it is valid, was not accepted. */
enum validator_reason {
    VALIDATOR_UNKNOWN_REASON,
    VALIDATOR_TYPE,       /* xsi:type */
    VALIDATOR_SUBSTITUTE, /* an element of a substitution group, perhaps in the place of its head */
};
enum validator_reason validator_reason(const struct validator *validator);

static inline struct text validator_text(const struct validator_events *events,
                                         const struct validator_event *event, struct text message) {
    return (struct text){ (event->decoded ? events->decoded : message.at) + event->text, event->text_length };
}

/* Gives back what a large message made it grow to; what the last one left is gone. */
void validator_shrink(struct validator *validator);

/* How far the last message was read that was not accepted: at or behind what stands against it. */
size_t validator_stopped_at(const struct validator *validator);

#endif
