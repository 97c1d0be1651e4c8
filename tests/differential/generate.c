/*
 * generate.c - a walk through the states of each element's type, and for values through their automata.
 *
 * A value is guessed by its type's family and held against the type; after some hundred guesses it is given
 * up.
 */
#include "generate.h"

#include <stdio.h>
#include <string.h>

#include "mutate.h"
#include "xsd/xml.h"

#define GUESSES_MAX  400
#define VALUE_MAX    4096
#define DEPTH_MAX    20 /* below, nothing is written that need not be */
#define CHILDREN_MAX 60 /* of one element: then it ends as soon as it may */

struct writer {
    const struct grammar *grammar;
    enum spelling spelling;
    uint64_t *random;
    struct buf *out;
    uint32_t depth, id;
    char value[VALUE_MAX], room[VALUE_MAX];
    bool failed;
};

static size_t below(struct writer *writer, size_t limit) {
    return random_below(writer->random, limit);
}

/* --- values --------------------------------------------------------------------------------------------- */

static size_t guess_text(struct writer *writer, const struct simple *simple) {
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcxyz-/.() ";
    uint32_t max = simple->length_max < 40 ? simple->length_max : 40;
    uint32_t min = simple->length_min > max ? simple->length_min : simple->length_min;
    uint32_t count = min + (max > min ? (uint32_t)below(writer, max - min + 1) : 0);
    size_t length = 0;
    bool chinese = below(writer, 4) == 0;
    for (uint32_t i = 0; i < count && length + 4 < VALUE_MAX; i++) {
        int32_t c = chinese && below(writer, 2) ? 0x4E00 + (int32_t)below(writer, 0x5000)
                                                : signs[below(writer, sizeof(signs) - 1)];
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
        size_t length = guess(writer, simple->item);
        return length;
    }
    if (simple->patterns_count) {
        return guess_pattern(writer, simple->patterns[simple->patterns_count - 1]);
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

static void put_name(struct writer *writer, grammar_name name) {
    uint32_t namespace = name >> GRAMMAR_LOCAL_BITS;
    if (namespace && (writer->spelling == SPELLED_PREFIXED || namespace != 1)) {
        buf_printf(writer->out, "n%u:", namespace);
    }
    buf_add_text(writer->out, writer->grammar->locals->words[name & GRAMMAR_UNKNOWN_LOCAL]);
}

static void put_line(struct writer *writer) {
    if (writer->spelling != SPELLED_PLAIN) {
        buf_add_char(writer->out, '\n');
        for (uint32_t i = 0; i < writer->depth; i++) {
            buf_add_string(writer->out, "  ");
        }
    }
}

static void put_attribute(struct writer *writer, const struct grammar_attribute *attribute) {
    uint32_t namespace = attribute->name >> GRAMMAR_LOCAL_BITS;
    struct text value = attribute->fixed.at ? attribute->fixed : find_value(writer, attribute->type);
    buf_add_char(writer->out, ' ');
    if (namespace) {
        buf_printf(writer->out, "n%u:", namespace);
    }
    buf_add_text(writer->out, writer->grammar->locals->words[attribute->name & GRAMMAR_UNKNOWN_LOCAL]);
    buf_add_string(writer->out, "=\"");
    put_value(writer, value);
    buf_add_char(writer->out, '"');
}

static void put_element(struct writer *writer, const struct grammar_element *element);

static void put_all(struct writer *writer, const struct grammar_type *type) {
    const struct grammar_state *state = type->states;
    bool done[GRAMMAR_ALL_MAX] = { false };
    size_t from = below(writer, 3) ? 0 : below(writer, state->count + 1);
    for (uint32_t i = 0; i < state->count; i++) {
        uint32_t index = (uint32_t)((i + from) % state->count);
        bool needed = type->needed[index / 64] >> (index % 64) & 1;
        if (!done[index] && (needed || (writer->depth < DEPTH_MAX && below(writer, 3)))) {
            put_element(writer, state->transitions[index].element);
        }
        done[index] = true;
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

static void put_children(struct writer *writer, const struct grammar_type *type) {
    uint32_t at = 0, rounds = 0;
    for (uint32_t children = 0; children < 100000; children++) {
        const struct grammar_state *state = &type->states[at];
        bool enough = state->rounds_max == 0 || rounds >= state->rounds_min, many = children > CHILDREN_MAX;
        if (state->accepts && enough && (many || writer->depth >= DEPTH_MAX || below(writer, 5) == 0)) {
            return;
        }
        uint32_t choice = UINT32_MAX, seen = 0;
        for (uint32_t i = 0; i < state->count; i++) {
            const struct grammar_transition *transition = &state->transitions[i];
            bool same = transition->target == at && rounds > 0;
            bool open = !transition->element->abstract
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
            put_element(writer, wild);
            continue;
        }
        const struct grammar_transition *transition = &state->transitions[choice];
        rounds = transition->target == at && rounds ? rounds + 1 : 1;
        at = transition->target;
        put_element(writer, transition->element);
    }
}

static void put_namespaces(struct writer *writer) {
    for (uint32_t i = 1; i < writer->grammar->namespaces_count; i++) {
        buf_printf(writer->out, i == 1 && writer->spelling != SPELLED_PREFIXED ? " xmlns" : " xmlns:n%u", i);
        buf_printf(writer->out, "=\"" TEXT_FORMAT "\"", TEXT_ARGS(writer->grammar->namespaces[i]));
    }
}

static void put_element(struct writer *writer, const struct grammar_element *element) {
    const struct grammar_type *type = element->type;
    bool children = false;
    writer->failed = writer->failed || writer->depth > 2 * DEPTH_MAX || buf_failed(writer->out);
    if (writer->failed) {
        return;
    }
    put_line(writer);
    buf_add_char(writer->out, '<');
    put_name(writer, element->name);
    if (writer->depth++ == 0) {
        put_namespaces(writer);
    }
    for (uint32_t i = 0; i < type->attributes_count; i++) {
        if (type->attributes[i].required || below(writer, 2)) {
            put_attribute(writer, &type->attributes[i]);
        }
    }
    buf_add_char(writer->out, '>');
    if (type->content == GRAMMAR_SIMPLE) {
        put_value(writer, element->fallback.at ? element->fallback : find_value(writer, type->simple));
    } else if (type->all) {
        children = true;
        put_all(writer, type);
    } else {
        children = type->states[0].count > 0;
        put_children(writer, type);
    }
    writer->depth--;
    if (children) {
        put_line(writer);
    }
    buf_add_string(writer->out, "</");
    put_name(writer, element->name);
    buf_add_char(writer->out, '>');
}

bool generate(const struct grammar *grammar, const struct grammar_element *root, enum spelling spelling,
              uint64_t *random, struct buf *out) {
    static struct writer writer;
    writer = (struct writer){ .grammar = grammar, .spelling = spelling, .random = random, .out = out };
    buf_clear(out);
    buf_add_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    put_element(&writer, root);
    return !writer.failed && !buf_failed(out);
}
