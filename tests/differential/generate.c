/*
 * generate.c - a walk through the states of each element's type, and for values through their automata.
 *
 * A value is guessed by its type's family and held against the type; after some hundred guesses it is given
 * up. A message has a size it grows to: below it what may repeat does, beyond it nothing is written that need
 * not be.
 * A slip (slip.h) is made at one place of the walk, counted in places where one could be made: so it needs to
 * know how many there are, from the same message made without one.
 */
#include "generate.h"

#include <stdio.h>
#include <string.h>

#include "mutate.h"
#include "slip.h"
#include "xsd/xml.h"

#define GUESSES_MAX  400
#define VALUE_MAX    SLIP_VALUE_MAX
#define DEPTH_MAX    20                 /* below, nothing is written that need not be */
#define CHILDREN_MAX 400                /* of one element: then it ends as soon as it may */
#define SIZE_LEAST   ((size_t)3 << 10)  /* it grows to a size from here ... */
#define SIZE_SPREAD  ((size_t)34 << 10) /* ... to as much above */

struct writer {
    const struct grammar *grammar;
    enum spelling spelling;
    uint64_t *random;
    struct buf *out;
    size_t size; /* it grows to */
    uint32_t depth, id;
    uint32_t default_namespace;
    char value[VALUE_MAX], room[VALUE_MAX];
    uint32_t places, slip_at; /* where a slip could be made: met so far; where it is made */
    bool failed;
};

static size_t below(struct writer *writer, size_t limit) {
    return random_below(writer->random, limit);
}

/* Is the slip to be made here? */
static bool slips(struct writer *writer) {
    return ++writer->places == writer->slip_at;
}

/* It shall not grow any more. */
static bool is_large(const struct writer *writer) {
    return writer->out->length >= writer->size || writer->depth >= DEPTH_MAX;
}

/* --- values --------------------------------------------------------------------------------------------- */

static size_t guess_text(struct writer *writer, const struct simple *simple) {
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcxyz-/.() ";
    uint32_t widest = below(writer, 4) || is_large(writer) ? 40 : 1300;
    uint32_t max = simple->length_max < widest ? simple->length_max : widest;
    uint32_t min = simple->length_min > max ? simple->length_min : simple->length_min;
    uint32_t count = min + (max > min ? (uint32_t)below(writer, max - min + 1) : 0);
    size_t length = 0;
    bool chinese = below(writer, 4) == 0;
    for (uint32_t i = 0; i < count && length + 4 < VALUE_MAX; i++) {
        /* Blanks stand by themselves and within, mostly. */
        bool within = length && i + 1 < count && writer->value[length - 1] != ' ';
        size_t last = sizeof(signs) - 1 - (!within && below(writer, 50) > 0);
        int32_t c = chinese && below(writer, 2) ? 0x4E00 + (int32_t)below(writer, 0x5000)
                                                : signs[below(writer, last)];
        length += text_put(c, writer->value + length);
    }
    return length;
}

static size_t guess_number(struct writer *writer, const struct simple *simple) {
    uint32_t whole = simple->digits_max < 9 ? simple->digits_max : 9, fraction = 0;
    size_t length = 0;
    if (simple->type == LEXICAL_DECIMAL && simple->fraction_max > 0) {
        fraction = (uint32_t)below(writer, (simple->fraction_max < 5 ? simple->fraction_max : 5) + 1);
    }
    if (below(writer, 6) == 0) {
        writer->value[length++] = '-';
    }
    uint32_t digits = 1 + (uint32_t)below(writer, whole > 1 ? whole : 1);
    for (uint32_t i = 0; i < digits; i++) {
        writer->value[length++] = (char)('0' + below(writer, 10));
    }
    if (fraction) {
        writer->value[length++] = '.';
        for (uint32_t i = 0; i < fraction; i++) {
            writer->value[length++] = (char)('0' + below(writer, 10));
        }
    }
    return length;
}

static size_t guess_other(struct writer *writer, const struct simple *simple) {
    static const char *const others[] = {
        "2026-11-29",
        "2024-02-29Z",
        "2026-11-29T12:00:03",
        "2026-11-29T23:59:59.5+08:00",
        "12:00:00",
        "2026",
        "2026-11",
        "--11-29",
        "---29",
        "--11",
        "P1DT2H",
        "true",
        "0",
        "1.5",
        "-INF",
        "0AFF",
        "TWFu",
        "TQ==",
        "urn:a:b",
        "http://a.b/c",
        "zh",
        "en-GB",
        "a.b",
        "A1",
        "",
    };
    (void)simple;
    const char *other = others[below(writer, sizeof(others) / sizeof(*others))];
    memcpy(writer->value, other, strlen(other));
    return strlen(other);
}

/* Characters of a class, one at random. */
static int32_t character_of(struct writer *writer, const struct dfa *dfa, uint32_t class) {
    int32_t found = -1;
    uint32_t seen = 0;
    for (int32_t c = 0x20; c < 0x7F; c++) {
        if (dfa->ascii[c] == class && below(writer, ++seen) == 0) {
            found = c;
        }
    }
    for (uint32_t i = 0; found < 0 && i < dfa->beyond_count; i++) {
        if (dfa->beyond[i].class == class && dfa->beyond[i].low >= 0x80) {
            found = dfa->beyond[i].low;
        }
    }
    return found;
}

static size_t guess_pattern(struct writer *writer, const struct dfa *dfa) {
    uint32_t row = dfa->start;
    size_t length = 0;
    while (length + 4 < 200 && !(row >= dfa->accepting && below(writer, 8) == 0)) {
        uint32_t class = 0, seen = 0;
        for (uint32_t i = 0; i < dfa->classes; i++) {
            if (dfa->next[row + i] && below(writer, ++seen) == 0) {
                class = i;
            }
        }
        int32_t c = seen ? character_of(writer, dfa, class) : -1;
        if (c < 0) {
            break;
        }
        length += text_put(c, writer->value + length);
        row = dfa->next[row + class];
    }
    return length;
}

static size_t guess(struct writer *writer, const struct simple *simple);

static size_t guess_list(struct writer *writer, const struct simple *simple) {
    static char items[VALUE_MAX];
    size_t length = 0, wanted = simple->length_min + below(writer, 4);
    for (size_t i = 0; i < wanted; i++) {
        size_t item = guess(writer, simple->item);
        if (length + item + 1 >= VALUE_MAX) {
            break;
        }
        if (i) {
            items[length++] = ' ';
        }
        memcpy(items + length, writer->value, item);
        length += item;
    }
    memcpy(writer->value, items, length);
    return length;
}

static size_t guess(struct writer *writer, const struct simple *simple) {
    if (simple->enumeration) {
        uint32_t slot = (uint32_t)below(writer, simple->enumeration->mask + 1);
        while (!simple->enumeration->slots[slot]) {
            slot = (slot + 1) & simple->enumeration->mask;
        }
        struct text word = simple->enumeration->words[simple->enumeration->slots[slot] - 1];
        memcpy(writer->value, word.at, word.length < VALUE_MAX ? word.length : 0);
        return word.length;
    }
    if (simple->variety == SIMPLE_UNION && simple->members_count) {
        return guess(writer, simple->members[below(writer, simple->members_count)]);
    }
    if (simple->variety == SIMPLE_LIST) {
        return guess_list(writer, simple);
    }
    if (simple->patterns_count) {
        return guess_pattern(writer, simple->patterns[below(writer, simple->patterns_count)]);
    }
    switch (lexical_infos[simple->type].family) {
    case LEXICAL_NUMBER: return guess_number(writer, simple);
    case LEXICAL_TEXT: return simple->free ? guess_text(writer, simple) : guess_other(writer, simple);
    default: return guess_other(writer, simple);
    }
}

static struct text find_value(struct writer *writer, const struct simple *simple) {
    if (simple->identity == SIMPLE_ID) {
        int length = snprintf(writer->value, VALUE_MAX, "id%u", writer->id++);
        return (struct text){ writer->value, (size_t)length };
    }
    if (simple->identity != SIMPLE_NO_ID && writer->id) {
        int length = snprintf(writer->value, VALUE_MAX, "id%zu", below(writer, writer->id));
        return (struct text){ writer->value, (size_t)length };
    }
    for (int i = 0; i < GUESSES_MAX && simple->identity == SIMPLE_NO_ID; i++) {
        struct text value = { writer->value, guess(writer, simple) };
        struct simple_room room = { writer->room, VALUE_MAX };
        if (simple_accepts(simple, value, room, NULL)) {
            return value;
        }
    }
    writer->failed = true;
    return TEXT("");
}

/* ... or, where the slip is made, one beside it. */
static struct text some_value(struct writer *writer, const struct simple *simple) {
    struct text value = find_value(writer, simple);
    return slips(writer) ? slip_value(simple, value, writer->random, writer->value) : value;
}

/* A reference needs something to refer to. */
static bool can_have_value(const struct writer *writer, const struct simple *simple) {
    return writer->id || simple->identity == SIMPLE_NO_ID || simple->identity == SIMPLE_ID;
}

static void put_value(struct writer *writer, struct text value) {
    for (size_t i = 0; i < value.length; i++) {
        char c = value.at[i];
        switch (c) {
        case '<': buf_add_string(writer->out, "&lt;"); break;
        case '&': buf_add_string(writer->out, "&amp;"); break;
        case '>': buf_add_string(writer->out, "&gt;"); break;
        case '"': buf_add_string(writer->out, "&quot;"); break;
        default: buf_add_char(writer->out, c);
        }
    }
}

/* --- elements ------------------------------------------------------------------------------------------- */

static bool is_xml_namespace(const struct writer *writer, uint32_t namespace) {
    return text_is(writer->grammar->namespaces[namespace], XML_NAMESPACE);
}

static void put_prefix(struct writer *writer, uint32_t namespace) {
    static const char *const prefixes[] = { "ceb", "md", "ns", "p" };
    if (is_xml_namespace(writer, namespace)) {
        buf_add_string(writer->out, "xml");
    } else {
        buf_printf(writer->out, "%s%u", prefixes[namespace % 4], namespace);
    }
}

static void put_name(struct writer *writer, grammar_name name) {
    uint32_t namespace = name >> GRAMMAR_LOCAL_BITS;
    if (namespace && namespace != writer->default_namespace) {
        put_prefix(writer, namespace);
        buf_add_char(writer->out, ':');
    }
    buf_add_text(writer->out, writer->grammar->locals->words[name & GRAMMAR_UNKNOWN_LOCAL]);
}

static void put_line(struct writer *writer) {
    static const char *const ends[SPELLING_COUNT] = {
        [SPELLED_PLAIN] = NULL, [SPELLED_INDENTED] = "\n", [SPELLED_PREFIXED] = "\n", [SPELLED_TABS] = "\r\n"
    };
    const char *end = ends[writer->spelling];
    if (end) {
        buf_add_string(writer->out, end);
        for (uint32_t i = 0; i < writer->depth; i++) {
            buf_add_string(writer->out, writer->spelling == SPELLED_TABS ? "\t" : "  ");
        }
    }
}

static void put_attribute(struct writer *writer, grammar_name name, struct text value) {
    uint32_t namespace = name >> GRAMMAR_LOCAL_BITS;
    buf_add_char(writer->out, ' ');
    if (namespace) {
        put_prefix(writer, namespace);
        buf_add_char(writer->out, ':');
    }
    buf_add_text(writer->out, writer->grammar->locals->words[name & GRAMMAR_UNKNOWN_LOCAL]);
    buf_add_string(writer->out, "=\"");
    put_value(writer, value);
    buf_add_char(writer->out, '"');
}

/* At a slip one of them is left out, or there is one too many. */
static void put_attributes(struct writer *writer, const struct grammar_element *element) {
    const struct grammar_type *type = element->type;
    for (uint32_t i = 0; i < type->attributes_count; i++) {
        const struct grammar_attribute *attribute = &type->attributes[i];
        bool wanted = attribute->required || below(writer, 2);
        if (!wanted || !(attribute->required || can_have_value(writer, attribute->type)) || slips(writer)) {
            continue;
        }
        put_attribute(writer, attribute->name,
                      attribute->fixed.at && !slips(writer) ? attribute->fixed
                                                            : some_value(writer, attribute->type));
    }
    if (slips(writer)) {
        size_t other = below(writer, writer->grammar->attributes_count + 1);
        if (below(writer, 3) == 0) {
            buf_add_string(writer->out,
                           " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"");
        } else if (other < writer->grammar->attributes_count) {
            const struct grammar_attribute *global = &writer->grammar->attributes[other];
            put_attribute(writer, global->name, some_value(writer, global->type));
        } else {
            put_attribute(writer, GRAMMAR_NAME(below(writer, 2), element->name & GRAMMAR_UNKNOWN_LOCAL),
                          TEXT("1"));
        }
    }
}

static void put_element(struct writer *writer, const struct grammar_element *element);

/* Any that may stand in the type somewhere, or anywhere in the schema; NULL: there is none. */
static const struct grammar_element *other_element(struct writer *writer, const struct grammar_type *type) {
    const struct grammar_state *state = &type->states[0];
    for (size_t steps = below(writer, 6); steps > 0 && state->count; steps--) {
        state = &type->states[type->all ? 0 : state->transitions[below(writer, state->count)].target];
    }
    if (state->count && below(writer, 4)) {
        return state->transitions[below(writer, state->count)].element;
    }
    return writer->grammar->elements_count
               ? writer->grammar->elements[below(writer, writer->grammar->elements_count)]
               : NULL;
}

/* A child; at a slip it is left out, repeated, or another stands there. */
static void put_child(struct writer *writer, const struct grammar_type *type,
                      const struct grammar_element *element) {
    if (!slips(writer)) {
        put_element(writer, element);
        return;
    }
    const struct grammar_element *other = other_element(writer, type);
    size_t kind = below(writer, 6), times = below(writer, 4) ? 2 : 2 + below(writer, 120);
    if (kind == 0) {
        return;
    }
    if (kind == 1) {
        for (size_t i = 0; i < times && writer->out->length < 8 * SIZE_SPREAD; i++) {
            put_element(writer, element);
        }
        return;
    }
    if (kind <= 3 && other) {
        put_element(writer, other);
    } else if (kind == 4) {
        buf_add_string(writer->out, "x");
    }
    if (kind != 3) {
        put_element(writer, element);
    }
}

static void put_all(struct writer *writer, const struct grammar_type *type) {
    const struct grammar_state *state = type->states;
    size_t from = below(writer, 3) ? 0 : below(writer, state->count + 1);
    for (uint32_t i = 0; i < state->count; i++) {
        uint32_t index = (uint32_t)((i + from) % state->count);
        bool needed = type->needed[index / 64] >> (index % 64) & 1;
        if (needed || (!is_large(writer) && below(writer, 3))) {
            put_child(writer, type, state->transitions[index].element);
        }
    }
}

static bool is_near(const struct grammar_element *element) {
    return element->type->content == GRAMMAR_SIMPLE;
}

/* A global element that a wildcard of the state takes; *at: where it leads. */
static const struct grammar_element *wild_of(struct writer *writer, const struct grammar_state *state,
                                             uint32_t *at) {
    uint32_t count = writer->grammar->elements_count, from = (uint32_t)below(writer, count);
    for (uint32_t i = 0; state->passages_count && i < count; i++) {
        const struct grammar_element *element = writer->grammar->elements[(from + i) % count];
        if (!element->abstract
            && grammar_wildcard_takes(&state->passages[0].wildcard, element->name >> GRAMMAR_LOCAL_BITS)) {
            *at = state->passages[0].target;
            return element;
        }
    }
    return NULL;
}

static bool is_open(const struct writer *writer, const struct grammar_element *element) {
    return !element->abstract
           && (element->type->content != GRAMMAR_SIMPLE || can_have_value(writer, element->type->simple));
}

static void put_children(struct writer *writer, const struct grammar_type *type) {
    uint32_t at = 0, rounds = 0;
    size_t patience = writer->depth == 1 ? 1000 : 3 + below(writer, 60);
    for (uint32_t children = 0; children < 100000; children++) {
        const struct grammar_state *state = &type->states[at];
        bool enough = state->rounds_max == 0 || rounds >= state->rounds_min;
        bool many = children > CHILDREN_MAX || is_large(writer) || below(writer, patience) == 0;
        if ((state->accepts && enough && many) || slips(writer)) {
            return;
        }
        uint32_t choice = UINT32_MAX, seen = 0;
        for (uint32_t i = 0; i < state->count; i++) {
            const struct grammar_transition *transition = &state->transitions[i];
            bool same = transition->target == at && rounds > 0;
            bool open = is_open(writer, transition->element)
                        && (same ? state->rounds_max == 0 || rounds < state->rounds_max : enough);
            uint32_t weight = i < 3 ? 3 : is_near(transition->element) ? 2 : 1;
            if (open && below(writer, seen += weight) < weight) {
                choice = i;
            }
        }
        if (choice == UINT32_MAX) {
            bool must = enough && !state->accepts;
            const struct grammar_element *wild = must ? wild_of(writer, state, &at) : NULL;
            writer->failed = writer->failed || (!wild && (!state->accepts || !enough));
            if (!wild) {
                return;
            }
            rounds = 1;
            put_child(writer, type, wild);
            continue;
        }
        const struct grammar_transition *transition = &state->transitions[choice];
        rounds = transition->target == at && rounds ? rounds + 1 : 1;
        at = transition->target;
        put_child(writer, type, transition->element);
    }
}

/* The root's is the default one, but where all is prefixed. */
static void put_namespaces(struct writer *writer) {
    for (uint32_t i = 1; i < writer->grammar->namespaces_count; i++) {
        struct text uri = writer->grammar->namespaces[i];
        if (is_xml_namespace(writer, i)) {
            continue;
        }
        if (i == writer->default_namespace) {
            buf_printf(writer->out, " xmlns=\"" TEXT_FORMAT "\"", TEXT_ARGS(uri));
        }
        buf_add_string(writer->out, " xmlns:");
        put_prefix(writer, i);
        buf_printf(writer->out, "=\"" TEXT_FORMAT "\"", TEXT_ARGS(uri));
    }
    if (writer->spelling == SPELLED_TABS) {
        buf_add_string(
            writer->out,
            " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"urn:a a.xsd\"");
    }
}

static void put_content(struct writer *writer, const struct grammar_element *element) {
    const struct grammar_type *type = element->type;
    if (type->content == GRAMMAR_SIMPLE) {
        bool fallback = element->fallback.at && !slips(writer);
        put_value(writer, fallback ? element->fallback : some_value(writer, type->simple));
        return;
    }
    size_t before = writer->out->length;
    if (type->all) {
        put_all(writer, type);
    } else {
        put_children(writer, type);
    }
    writer->depth--;
    if (writer->out->length > before) {
        put_line(writer);
    }
    writer->depth++;
}

static void put_element(struct writer *writer, const struct grammar_element *element) {
    uint32_t namespace = element->name >> GRAMMAR_LOCAL_BITS, outside = writer->default_namespace;
    writer->failed = writer->failed || writer->depth > 2 * DEPTH_MAX || buf_failed(writer->out);
    if (writer->failed) {
        return;
    }
    put_line(writer);
    if (writer->depth == 0 && writer->spelling != SPELLED_PREFIXED) {
        writer->default_namespace = namespace;
    } else if (namespace == 0 && outside) {
        writer->default_namespace = 0;
    }
    buf_add_char(writer->out, '<');
    put_name(writer, element->name);
    if (writer->depth++ == 0) {
        put_namespaces(writer);
    } else if (writer->default_namespace != outside) {
        buf_add_string(writer->out, " xmlns=\"\"");
    }
    put_attributes(writer, element);
    buf_add_char(writer->out, '>');
    size_t content = writer->out->length;
    put_content(writer, element);
    if (writer->out->length == content && below(writer, 2)) {
        writer->out->length--;
        buf_add_string(writer->out, "/>");
    } else {
        buf_add_string(writer->out, "</");
        put_name(writer, element->name);
        buf_add_char(writer->out, '>');
    }
    writer->depth--;
    writer->default_namespace = outside;
}

bool generate(const struct grammar *grammar, const struct grammar_element *root, enum spelling spelling,
              uint64_t *random, uint32_t slip_at, uint32_t *places, struct buf *out) {
    static const char *const heads[SPELLING_COUNT] = {
        [SPELLED_PLAIN] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        [SPELLED_INDENTED] = "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>",
        [SPELLED_PREFIXED] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        [SPELLED_TABS] = "\xEF\xBB\xBF<?xml version='1.0'?>\r\n<!-- made by hand -->",
    };
    static struct writer writer;
    writer = (struct writer){
        .grammar = grammar, .spelling = spelling, .random = random, .out = out, .slip_at = slip_at
    };
    writer.size = SIZE_LEAST + below(&writer, SIZE_SPREAD);
    buf_clear(out);
    buf_add_string(out, heads[spelling]);
    put_element(&writer, root);
    *places = writer.places;
    return !writer.failed && !buf_failed(out);
}
