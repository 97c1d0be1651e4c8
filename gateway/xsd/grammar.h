/*
 * grammar.h - a schema, compiled: names as numbers, content models as automata, simple types as tables.
 *
 * A schema is a set of documents. Its compiler (model_inside.h: components; automaton.c: their content
 * models) assumes that the schema is a valid one; what it does not know it refuses by name (obstacle.h).
 *
 *     documents ──tree.c──► nodes ──model*.c──► elements, types, particles ──automaton.c──► states
 *                                       └─ simple types: regex.c ──► dfa.c, wordset.c
 *
 * One message through these tables (validator.c):
 *
 *     <Head xmlns="urn:d">            "Head" is number 7 of `locals` (wordset.h: one slot, one comparison),
 *                                     "urn:d" number 1 of `namespaces`: GRAMMAR_NAME(1, 7) is looked for
 *                                     among the global `elements`, whose type has content GRAMMAR_ELEMENTS.
 *                                     A frame is opened, in the first of the type's `states`.
 *       <Weight>                      the state has a transition for GRAMMAR_NAME(1, 9), most often the first
 *                                     one: its local name stands in it, so the tag is only compared. It leads
 *                                     to the next state, and to an element whose type is simple.
 *         12.5                        simple.c asks in this order: white space (here: collapsed), length,
 *                                     what the built-in type takes (lexical.c: xs:decimal), its range and
 *                                     digits, each pattern (dfa.h), the enumeration (wordset.h).
 *       </Weight>                     compared with the start tag byte by byte; an event tells of the value.
 *     </Head>                         the state must be one that accepts.
 *
 * So a facet is
 *   a member of struct simple (simple.h), and what it is where nothing is asked, if that is not 0: built-in
 *     types, lists and unions are made in model_simple.c, each by one initializer;
 *   how the schema says it: a branch of read_facet() there, where a restriction may only narrow what its base
 *     has. For types of text it clears `free`, else only lengths are asked (simple_fits());
 *   the question to a value, in simple.c at the place in that order where it is cheapest: of one family of
 *     types beside is_within() or is_moment(), of all varieties in has_facets();
 *   values that keep it and that do not, in tests/differential/features; where a value made at random
 *     would seldom keep it, a guess in generate.c;
 *   the fault of forgetting it in tests/differential/seed_faults.
 *
 * A grammar is immutable, and shared by all threads that validate with it (validator.h).
 * Limits  those named here and in dfa.h, simple.h, wordset.h, tree.h; a schema beyond one is refused.
 */
#ifndef XSD_GRAMMAR_H
#define XSD_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "xsd/obstacle.h"
#include "xsd/simple.h"
#include "xsd/wordset.h"

#define GRAMMAR_DOCUMENTS_MAX  256
#define GRAMMAR_NAMESPACES_MAX 64
#define GRAMMAR_ALL_MAX        256
#define GRAMMAR_STATES_MAX     65535               /* of one content model */
#define GRAMMAR_MOVES_MAX      ((uint32_t)1 << 19) /* from state to state, of all content models together */
#define GRAMMAR_PADDING        16

/* --- names ---------------------------------------------------------------------------------------------- */

/* A number for each name the schema knows: its namespace's above its local part's. */
typedef uint32_t grammar_name;

#define GRAMMAR_LOCAL_BITS             20
#define GRAMMAR_UNKNOWN_LOCAL          ((1u << GRAMMAR_LOCAL_BITS) - 1)
#define GRAMMAR_NO_NAMESPACE           0u   /* names without one */
#define GRAMMAR_UNKNOWN_NAMESPACE      255u /* one that the schema does not name */
#define GRAMMAR_NAME(namespace, local) ((grammar_name)(namespace) << GRAMMAR_LOCAL_BITS | (local))

/* --- components ----------------------------------------------------------------------------------------- */

struct grammar_type;

struct grammar_element {
    grammar_name name;
    struct text local;
    const struct grammar_type *type;
    bool nillable, abstract;
    bool substitutes;     /* it belongs to a substitution group */
    struct text fallback; /* the default or fixed value, at NULL without one; of simple content */
    bool fixed;           /* ... its white space normalised */
    bool plain;           /* it is judged by its type alone, which says nothing of identities */
};

struct grammar_attribute {
    grammar_name name;
    const struct simple *type;
    bool required;
    struct text fixed; /* at NULL without one; its white space normalised */
    bool plain;        /* its value is judged by the type alone, which says nothing of identities */
};

enum grammar_process { GRAMMAR_STRICT, GRAMMAR_LAX, GRAMMAR_SKIP };

struct grammar_wildcard {
    enum grammar_process process;
    bool inverted;       /* any namespace but these */
    uint64_t namespaces; /* bit n: namespace n */
};

/* --- content models ------------------------------------------------------------------------------------- */

struct grammar_transition {
    grammar_name name;
    uint32_t target;
    const struct grammar_element *element;
    struct text local;         /* of its name; GRAMMAR_PADDING bytes may be read behind it */
    const struct simple *leaf; /* what judges the value of an element that needs no more; else NULL */
};

struct grammar_passage { /* a transition by wildcard */
    struct grammar_wildcard wildcard;
    uint32_t target;
};

struct grammar_state {
    const struct grammar_transition *transitions;
    uint32_t count;
    const uint16_t *slots; /* index of a transition + 1 by hash of its name; NULL: few, look at each */
    uint32_t mask;
    const struct grammar_passage *passages;
    uint32_t passages_count;
    bool accepts;
    uint32_t rounds_min, rounds_max; /* how often in a row this state may be entered; max 0: not counted */
};

#define GRAMMAR_ALL_WORDS (GRAMMAR_ALL_MAX / 64)

/* Between the tags: a value; nothing, not even blanks; elements and blanks; elements and text. */
enum grammar_content { GRAMMAR_SIMPLE, GRAMMAR_EMPTY, GRAMMAR_ELEMENTS, GRAMMAR_MIXED };

struct grammar_type {
    enum grammar_content content;
    bool abstract;
    bool skipped;                       /* what stands in it is not looked at: below a wildcard that skips */
    const struct simple *simple;        /* GRAMMAR_SIMPLE */
    const struct grammar_state *states; /* the first is the start */
    uint32_t states_count;
    bool all;                           /* its one state takes each of its transitions once */
    bool counted;                       /* it has states that count their rounds */
    bool wild;                          /* ... or passages by wildcard */
    uint64_t needed[GRAMMAR_ALL_WORDS]; /* of an xs:all: which must stand */
    const struct grammar_attribute *attributes;
    uint32_t attributes_count, required_count;
    const struct grammar_wildcard *any_attribute; /* NULL: none */
    /* The attributes by their local names, where these tell them apart and are at most 64; else NULL. */
    const struct wordset *attribute_names;
    uint64_t attributes_required; /* bit n: attribute n is */
};

struct grammar {
    struct arena *arena;
    struct text namespaces[GRAMMAR_NAMESPACES_MAX]; /* by number; 0 is "" */
    uint32_t namespaces_count;
    uint64_t namespaces_are_uris; /* bit n: what xs:anyURI takes (lexical.h) */
    const struct wordset *locals;
    uint32_t locals_count, locals_longest;         /* and the longest of them in bytes */
    const struct grammar_element *const *elements; /* global ones */
    uint32_t elements_count;
    const struct grammar_attribute *attributes; /* global ones */
    uint32_t attributes_count;
    const struct grammar_type *any_type, *skipped_type;
    uint32_t types_count, moves_count; /* how large it is */
    bool identities;                   /* it has xs:ID or xs:IDREF */
    /* What a message may use of it that no validator of ours judges (validator.h); at NULL: nothing. */
    struct text substitute; /* an element of a substitution group */
    struct text abstract;   /* an element whose type is abstract: it needs xsi:type */
};

/* --- compiling ------------------------------------------------------------------------------------------ */

/* Where documents come from; number 0 is the schema itself. */
struct grammar_files {
    void *context;
    /* What a document holds; need live during the call only. */
    struct text (*bytes)(void *context, int document);
    /* The number of the document a location leads to, read in the document `base`; -1: none. */
    int (*locate)(void *context, int base, struct text location);
};

/* NULL: refused. */
struct grammar *grammar_compile(const struct grammar_files *files, struct obstacle *obstacle);
void grammar_free(struct grammar *grammar); /* NULL is fine */

/* --- asking --------------------------------------------------------------------------------------------- */

uint32_t grammar_namespace(const struct grammar *grammar, struct text namespace);
static inline uint32_t grammar_local(const struct grammar *grammar, struct text local) {
    int32_t index = wordset_find(grammar->locals, local);
    return index < 0 ? GRAMMAR_UNKNOWN_LOCAL : (uint32_t)index;
}
/* The same where more may be read behind the name, up to `end`. */
static inline uint32_t grammar_local_within(const struct grammar *grammar, struct text local,
                                            const char *end) {
    int32_t index = wordset_find_within(grammar->locals, local, end);
    return index < 0 ? GRAMMAR_UNKNOWN_LOCAL : (uint32_t)index;
}
const struct grammar_element *grammar_element_named(const struct grammar *grammar, grammar_name name);
const struct grammar_attribute *grammar_attribute_named(const struct grammar *grammar, grammar_name name);
bool grammar_wildcard_takes(const struct grammar_wildcard *wildcard, uint32_t namespace);

static inline uint32_t grammar_hash(grammar_name name) {
    return name * UINT32_C(0x9E3779B1) >> 15;
}

/* The index of the transition by a name, or -1. */
static inline int32_t grammar_state_find(const struct grammar_state *state, grammar_name name) {
    if (!state->slots) {
        for (uint32_t i = 0; i < state->count; i++) {
            if (state->transitions[i].name == name) {
                return (int32_t)i;
            }
        }
        return -1;
    }
    for (uint32_t at = grammar_hash(name) & state->mask; state->slots[at]; at = (at + 1) & state->mask) {
        if (state->transitions[state->slots[at] - 1].name == name) {
            return state->slots[at] - 1;
        }
    }
    return -1;
}

#endif
