/*
 * regex.c - a reader by recursive descent; after a mistake it goes on and says so at the end.
 */
#include "xsd/regex.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct reader {
    struct arena *arena;
    const char *at, *end;
    unsigned depth, nodes;
    bool failed;
};

static struct regex_node *node_new(struct reader *reader, enum regex_kind kind) {
    reader->failed = reader->failed || ++reader->nodes > REGEX_NODES_MAX;
    struct regex_node *node = arena_alloc(reader->arena, sizeof(*node));
    node->kind = kind;
    return node;
}

static bool at_char(const struct reader *reader, char c) {
    return reader->at < reader->end && *reader->at == c;
}

static bool take(struct reader *reader, char c) {
    bool there = at_char(reader, c);
    reader->at += there;
    return there;
}

static int32_t take_character(struct reader *reader) {
    int32_t character = reader->at < reader->end ? text_next(&reader->at, reader->end) : -1;
    reader->failed = reader->failed || character < 0;
    return character < 0 ? 0 : character;
}

static struct charset one(struct reader *reader, int32_t character) {
    return charset_of(reader->arena, &(struct charset_range){ character, character }, 1, true);
}

static const struct charset_range white[] = { { '\t', '\n' }, { '\r', '\r' }, { ' ', ' ' } };
static const struct charset_range not_newline[] = { { 0, '\t' }, { '\v', '\f' }, { '\r' + 1, CHARSET_MAX } };
/* Supersets: exact in ASCII, everything beyond. */
static const struct charset_range letters[] = { { 'A', 'Z' }, { 'a', 'z' }, { 0x80, CHARSET_MAX } };
static const struct charset_range digits[] = { { '0', '9' }, { 0x80, CHARSET_MAX } };
static const struct charset_range words[] = { { '$', '$' }, { '+', '+' },         { '0', '9' }, { '<', '>' },
                                              { 'A', 'Z' }, { '^', '^' },         { '`', 'z' }, { '|', '|' },
                                              { '~', '~' }, { 0x80, CHARSET_MAX } };
static const struct charset_range names[] = { { '-', '.' }, { '0', ':' }, { 'A', 'Z' },
                                              { '_', '_' }, { 'a', 'z' }, { 0x80, CHARSET_MAX } };
static const struct charset_range name_starts[] = {
    { ':', ':' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' }, { 0x80, CHARSET_MAX }
};
static const struct charset_range all[] = { { 0, CHARSET_MAX } };

#define SET(reader, ranges, exact) \
    charset_of((reader)->arena, ranges, sizeof(ranges) / sizeof((ranges)[0]), exact)

static struct charset vague(struct reader *reader) {
    struct charset set = SET(reader, all, false);
    set.vague = true;
    return set;
}

/* {L}, {Nd}, {IsGreek} ...: letters and numbers are known in ASCII, of anything else nothing is. */
static struct charset take_property(struct reader *reader) {
    reader->failed = reader->failed || !take(reader, '{');
    char first = reader->at < reader->end ? *reader->at : '\0', second = '\0';
    if (reader->end - reader->at > 1) {
        second = reader->at[1];
    }
    while (!reader->failed && !take(reader, '}')) {
        take_character(reader);
    }
    return second == '}' && first == 'L'                      ? SET(reader, letters, false)
           : (second == '}' || second == 'd') && first == 'N' ? SET(reader, digits, false)
                                                              : vague(reader);
}

static struct charset inverted(struct reader *reader, struct charset set) {
    return charset_complement(reader->arena, set);
}

static struct charset take_escape(struct reader *reader) {
    int32_t letter = take_character(reader);
    switch (letter) {
    case 'n': return one(reader, '\n');
    case 'r': return one(reader, '\r');
    case 't': return one(reader, '\t');
    case 's': return SET(reader, white, true);
    case 'S': return inverted(reader, SET(reader, white, true));
    case 'd': return SET(reader, digits, false);
    case 'w': return SET(reader, words, false);
    case 'i': return SET(reader, name_starts, false);
    case 'c': return SET(reader, names, false);
    case 'D': return inverted(reader, SET(reader, digits, false));
    case 'W': return inverted(reader, SET(reader, words, false));
    case 'I': return inverted(reader, SET(reader, name_starts, false));
    case 'C': return inverted(reader, SET(reader, names, false));
    case 'p': return take_property(reader);
    case 'P': return inverted(reader, take_property(reader));
    default:
        reader->failed = reader->failed || letter > 0x7E || !strchr("\\|.?*+(){}-[]^", (char)letter);
        return one(reader, letter);
    }
}

static struct charset take_class(struct reader *reader);

/* One member of a class: an escape, a character, or a range of characters. */
static struct charset take_member(struct reader *reader) {
    struct charset low = take(reader, '\\') ? take_escape(reader) : one(reader, take_character(reader));
    bool single = low.count == 1 && low.ranges[0].low == low.ranges[0].high;
    bool range = single && reader->end - reader->at >= 2 && reader->at[0] == '-' && reader->at[1] != ']'
                 && reader->at[1] != '[';
    if (!range) {
        return low;
    }
    reader->at++;
    struct charset high = take(reader, '\\') ? take_escape(reader) : one(reader, take_character(reader));
    reader->failed = reader->failed || high.count != 1 || high.ranges[0].low < low.ranges[0].low;
    struct charset_range from_to = { low.ranges[0].low,
                                     reader->failed ? low.ranges[0].low : high.ranges[0].low };
    return charset_of(reader->arena, &from_to, 1, true);
}

/* Behind '['. */
static struct charset take_class(struct reader *reader) {
    bool negated = take(reader, '^');
    struct charset set = { .exact = true }, without = { .exact = true };
    size_t members = 0;
    reader->failed = reader->failed || ++reader->depth > REGEX_DEPTH_MAX;
    while (!reader->failed && !at_char(reader, ']')) {
        if (members && reader->end - reader->at >= 2 && reader->at[0] == '-' && reader->at[1] == '[') {
            reader->at += 2;
            without = take_class(reader);
            break;
        }
        set = charset_union(reader->arena, set, take_member(reader));
        reader->failed = reader->failed || ++members > REGEX_RANGES_MAX;
    }
    reader->failed = reader->failed || !take(reader, ']') || members == 0;
    reader->depth--;
    set = negated ? charset_complement(reader->arena, set) : set;
    return without.count ? charset_minus(reader->arena, set, without) : set;
}

static struct regex_node *take_choice(struct reader *reader);

static struct regex_node *take_atom(struct reader *reader) {
    if (take(reader, '(')) {
        struct regex_node *inside = take_choice(reader);
        reader->failed = reader->failed || !take(reader, ')');
        return inside;
    }
    struct regex_node *node = node_new(reader, REGEX_CHARACTER);
    if (take(reader, '[')) {
        node->set = take_class(reader);
    } else if (take(reader, '\\')) {
        node->set = take_escape(reader);
    } else if (take(reader, '.')) {
        node->set = SET(reader, not_newline, true);
    } else {
        int32_t character = take_character(reader);
        reader->failed = reader->failed || (character < 0x7F && strchr("?*+{}]", (char)character));
        node->set = one(reader, character);
    }
    return node;
}

static uint32_t take_count(struct reader *reader) {
    struct text number = { reader->at, 0 };
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') {
        reader->at++;
        number.length++;
    }
    uint64_t count = 0;
    reader->failed = reader->failed || !text_to_uint(number, &count);
    return count < REGEX_UNBOUNDED ? (uint32_t)count : REGEX_UNBOUNDED - 1;
}

/* False: the atom stands once. */
static bool take_quantity(struct reader *reader, uint32_t *low, uint32_t *high) {
    *low = 0;
    *high = REGEX_UNBOUNDED;
    if (take(reader, '*')) {
        return true;
    }
    if (take(reader, '+')) {
        *low = 1;
        return true;
    }
    if (take(reader, '?')) {
        *high = 1;
        return true;
    }
    if (!take(reader, '{')) {
        return false;
    }
    *low = *high = take_count(reader);
    if (take(reader, ',')) {
        *high = at_char(reader, '}') ? REGEX_UNBOUNDED : take_count(reader);
    }
    reader->failed = reader->failed || !take(reader, '}') || *high < *low;
    return true;
}

static struct regex_node *take_piece(struct reader *reader) {
    const char *start = reader->at;
    struct regex_node *atom = take_atom(reader), *node = atom;
    uint32_t low, high;
    atom->text = (struct text){ start, (size_t)(reader->at - start) };
    if (take_quantity(reader, &low, &high)) {
        node = node_new(reader, high == 0 ? REGEX_EMPTY : REGEX_REPEAT);
        node->first = atom;
        node->low = low;
        node->high = high;
    }
    node->text = (struct text){ start, (size_t)(reader->at - start) };
    return node;
}

static struct regex_node *take_sequence(struct reader *reader) {
    struct regex_node *sequence = node_new(reader, REGEX_SEQUENCE), **end = &sequence->first;
    const char *start = reader->at;
    while (!reader->failed && reader->at < reader->end && !at_char(reader, '|') && !at_char(reader, ')')) {
        *end = take_piece(reader);
        end = &(*end)->next;
    }
    sequence->text = (struct text){ start, (size_t)(reader->at - start) };
    return sequence;
}

static struct regex_node *take_choice(struct reader *reader) {
    struct regex_node *choice = node_new(reader, REGEX_CHOICE), **end = &choice->first;
    reader->failed = reader->failed || ++reader->depth > REGEX_DEPTH_MAX;
    do {
        *end = take_sequence(reader);
        end = &(*end)->next;
    } while (!reader->failed && take(reader, '|'));
    reader->depth--;
    return choice;
}

struct regex_node *regex_read(struct text pattern, struct arena *arena) {
    struct reader reader = { .arena = arena, .at = pattern.at, .end = pattern.at + pattern.length };
    struct regex_node *tree = take_choice(&reader);
    return reader.failed || reader.at != reader.end ? NULL : tree;
}
