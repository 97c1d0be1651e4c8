/*
 * simple.h - a simple type, compiled: what it asks of a value, in the order it is asked.
 *
 * Made by model_simple.c from the schema, then only asked, from any thread. What is accepted is valid (XML
 * Schema part 2, section 4); at the edges named in lexical.h and dfa.h, and where values are compared that
 * are spelled differently (1 and true, two zones of one moment), not all that is valid is accepted.
 */
#ifndef XSD_SIMPLE_H
#define XSD_SIMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "xsd/dfa.h"
#include "xsd/lexical.h"
#include "xsd/wordset.h"

#define SIMPLE_PATTERNS_MAX 16 /* steps of restriction that have some */
#define SIMPLE_MEMBERS_MAX  64 /* of a union */
#define SIMPLE_ITEMS_MAX    100000
#define SIMPLE_NO_LIMIT     UINT32_MAX

enum simple_variety { SIMPLE_ATOMIC, SIMPLE_LIST, SIMPLE_UNION };
enum simple_identity { SIMPLE_NO_ID, SIMPLE_ID, SIMPLE_IDREF, SIMPLE_IDREFS };

struct simple_bound {
    bool set, exclusive;
    union {
        struct number number;
        struct moment moment; /* of LEXICAL_MOMENT types */
    };
};

struct simple {
    enum simple_variety variety;
    enum lexical_type type; /* what an atomic one is derived from */
    enum lexical_space space;
    enum simple_identity identity;
    bool free;                       /* nothing is asked but the lengths */
    uint32_t length_min, length_max; /* characters, octets or items */
    uint32_t digits_max, fraction_max;
    struct simple_bound least, greatest;
    const struct dfa *patterns[SIMPLE_PATTERNS_MAX]; /* all of them must accept */
    uint32_t patterns_count;
    const struct wordset *enumeration; /* NULL: any value; of numbers as number_print() spells them */
    const struct simple *item;         /* of a list */
    const struct simple *members[SIMPLE_MEMBERS_MAX];
    uint32_t members_count;
};

/* Room for one value while its white space is normalised: at least as large as the value. */
struct simple_room {
    char *at;
    size_t size;
};

/* value: as the message says it, references replaced. *normal, if not NULL: what counts of it; in the value
 * or the room. */
bool simple_accepts(const struct simple *simple, struct text value, struct simple_room room,
                    struct text *normal);

/* The same of a value without any blank in it: there is nothing to normalise. ascii: it is known to hold
 * nothing beyond ASCII, so that its bytes are its characters. end: how far may be read, or its own end. */
bool simple_accepts_word(const struct simple *simple, struct text value, bool ascii, const char *end);

/* Where nothing is asked but the lengths, one look decides most often: a character is one to four bytes, and
 * a value that begins with no blank only gets shorter when its white space is normalised, and not empty.
 * False says nothing. Computed without a branch: what values are like is not to be predicted. */
static inline bool simple_fits(const struct simple *simple, struct text value, bool blanks, bool ascii) {
    size_t characters = ascii ? value.length : (value.length + 3) / 4;
    bool begins = value.length && (unsigned char)*value.at > ' ';
    bool stays = (!blanks) | (begins & (simple->length_min <= 1));
    return simple->free & stays & (value.length <= simple->length_max) & (characters >= simple->length_min);
}

/* The spelling by which an enumeration is looked up; writes at most LEXICAL_DIGITS_MAX + 3 bytes to out. */
struct text simple_spelling(const struct simple *simple, struct text normal, char *out);

#endif
