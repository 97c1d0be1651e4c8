/*
 * regex.c - a reader by recursive descent; after a mistake it goes on and says so at the end.
 */
#include "xsd/regex.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "xsd/categories.h"

struct regex_reader {
    struct arena *arena;
    const char *at, *end;
    unsigned depth, nodes;
    bool failed;
};

static struct regex_node *node_new(struct regex_reader *reader, enum regex_kind kind) {
    reader->failed = reader->failed || ++reader->nodes > REGEX_NODES_MAX;
    struct regex_node *node = arena_alloc(reader->arena, sizeof(*node));
    node->kind = kind;
    return node;
}

static bool at_char(const struct regex_reader *reader, char c) {
    return reader->at < reader->end && *reader->at == c;
}

static bool take(struct regex_reader *reader, char c) {
    bool there = at_char(reader, c);
    reader->at += there;
    return there;
}

static int32_t take_character(struct regex_reader *reader) {
    int32_t character = reader->at < reader->end ? text_next(&reader->at, reader->end) : -1;
    reader->failed = reader->failed || character < 0;
    return character < 0 ? 0 : character;
}

static struct charset one(struct regex_reader *reader, int32_t character) {
    return charset_of(reader->arena, &(struct charset_range){ character, character }, 1);
}

static const struct charset_range white[] = { { '\t', '\n' }, { '\r', '\r' }, { ' ', ' ' } };
static const struct charset_range not_newline[] = { { 0, '\t' }, { '\v', '\f' }, { '\r' + 1, CHARSET_MAX } };

/* Of the classes that reach beyond ASCII their part within it. */
static const struct charset_range letters[] = { { 'A', 'Z' }, { 'a', 'z' } };
static const struct charset_range capitals[] = { { 'A', 'Z' } };
static const struct charset_range smalls[] = { { 'a', 'z' } };
static const struct charset_range digits[] = { { '0', '9' } };
static const struct charset_range marks[] = { { '!', '#' }, { '%', '*' }, { ',', '/' },
                                              { ':', ';' }, { '?', '@' }, { '[', ']' },
                                              { '_', '_' }, { '{', '{' }, { '}', '}' } };
static const struct charset_range symbols[] = { { '$', '$' }, { '+', '+' }, { '<', '>' }, { '^', '^' },
                                                { '`', '`' }, { '|', '|' }, { '~', '~' } };
static const struct charset_range spaces[] = { { ' ', ' ' } };
static const struct charset_range controls[] = { { 0, 0x1F }, { 0x7F, 0x7F } };
static const struct charset_range words[] = { { '$', '$' }, { '+', '+' }, { '0', '9' },
                                              { '<', '>' }, { 'A', 'Z' }, { '^', '^' },
                                              { '`', 'z' }, { '|', '|' }, { '~', '~' } };
/* Which characters beyond ASCII a name may hold differs between the editions of XML. */
static const struct charset_range names[] = {
    { '-', '.' }, { '0', ':' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' }
};
static const struct charset_range name_starts[] = { { ':', ':' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } };

#define NUMBERS             (CATEGORY_ND | CATEGORY_N)
#define WORDS               (CATEGORY_L | CATEGORY_M | NUMBERS | CATEGORY_S)

#define COUNT(ranges)       (sizeof(ranges) / sizeof((ranges)[0]))
#define SET(reader, ranges) charset_of((reader)->arena, ranges, COUNT(ranges))
#define CLASS(reader, ranges, categories) \
    charset_of_categories((reader)->arena, ranges, COUNT(ranges), categories)

/* Nothing is known of it. */
static struct charset vague(struct regex_reader *reader) {
    static const struct charset_range all[] = { { 0, CHARSET_MAX } };
    struct charset set = SET(reader, all);
    set.certain.count = 0;
    set.exact = false;
    return set;
}

/* {L}, {Nd} and the like; of a single script's letters, and of blocks such as {IsGreek}, nothing is known
 * beyond ASCII. (libxml2 2.9.14 knows the first and the last of the Chinese characters only, and takes those
 * between them for no letters; to the standard, and to the JDK, all of them are.) */
static struct charset take_property(struct regex_reader *reader) {
    reader->failed = reader->failed || !take(reader, '{');
    struct text name = { reader->at, 0 };
    while (!reader->failed && !take(reader, '}')) {
        take_character(reader);
    }
    name.length = reader->at > name.at ? (size_t)(reader->at - name.at) - 1 : 0;
    return text_is(name, "L")    ? CLASS(reader, letters, CATEGORY_L)
           : text_is(name, "Lu") ? CLASS(reader, capitals, 0)
           : text_is(name, "Ll") ? CLASS(reader, smalls, 0)
           : text_is(name, "Nd") ? CLASS(reader, digits, CATEGORY_ND)
           : text_is(name, "N")  ? CLASS(reader, digits, NUMBERS)
           : text_is(name, "P")  ? CLASS(reader, marks, CATEGORY_P)
           : text_is(name, "S")  ? CLASS(reader, symbols, CATEGORY_S)
           : text_is(name, "Z")  ? CLASS(reader, spaces, CATEGORY_Z)
           : text_is(name, "C")  ? CLASS(reader, controls, CATEGORY_C)
                                 : vague(reader);
}

static struct charset inverted(struct regex_reader *reader, struct charset set) {
    return charset_complement(reader->arena, set);
}

static struct charset take_escape(struct regex_reader *reader) {
    int32_t letter = take_character(reader);
    switch (letter) {
    case 'n': return one(reader, '\n');
    case 'r': return one(reader, '\r');
    case 't': return one(reader, '\t');
    case 's': return SET(reader, white);
    case 'S': return inverted(reader, SET(reader, white));
    case 'd': return CLASS(reader, digits, CATEGORY_ND);
    case 'w': return CLASS(reader, words, WORDS);
    case 'i': return CLASS(reader, name_starts, 0);
    case 'c': return CLASS(reader, names, 0);
    case 'D': return inverted(reader, CLASS(reader, digits, CATEGORY_ND));
    case 'W': return inverted(reader, CLASS(reader, words, WORDS));
    case 'I': return inverted(reader, CLASS(reader, name_starts, 0));
    case 'C': return inverted(reader, CLASS(reader, names, 0));
    case 'p': return take_property(reader);
    case 'P': return inverted(reader, take_property(reader));
    default:
        reader->failed = reader->failed || letter > 0x7E || !strchr("\\|.?*+(){}-[]^", (char)letter);
        return one(reader, letter);
    }
}

static struct charset take_class(struct regex_reader *reader);

/* One member of a class: an escape, a character, or a range of characters. */
static struct charset take_member(struct regex_reader *reader) {
    struct charset low = take(reader, '\\') ? take_escape(reader) : one(reader, take_character(reader));
    const struct charset_range *one_of = low.possible.at;
    bool single = low.exact && low.possible.count == 1 && one_of->low == one_of->high;
    bool range = single && reader->end - reader->at >= 2 && reader->at[0] == '-' && reader->at[1] != ']'
                 && reader->at[1] != '[';
    if (!range) {
        return low;
    }
    reader->at++;
    struct charset high = take(reader, '\\') ? take_escape(reader) : one(reader, take_character(reader));
    const struct charset_range *to = high.possible.at;
    reader->failed = reader->failed || high.possible.count != 1 || to->low < one_of->low;
    struct charset_range from_to = { one_of->low, reader->failed ? one_of->low : to->low };
    return charset_of(reader->arena, &from_to, 1);
}

/* Behind '['. */
static struct charset take_class(struct regex_reader *reader) {
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
    return without.possible.count ? charset_minus(reader->arena, set, without) : set;
}

static struct regex_node *take_choice(struct regex_reader *reader);

static struct regex_node *take_atom(struct regex_reader *reader) {
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
        node->set = SET(reader, not_newline);
    } else {
        int32_t character = take_character(reader);
        reader->failed = reader->failed || (character < 0x7F && strchr("?*+{}]", (char)character));
        node->set = one(reader, character);
    }
    return node;
}

static uint32_t take_count(struct regex_reader *reader) {
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
static bool take_quantity(struct regex_reader *reader, uint32_t *low, uint32_t *high) {
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

static struct regex_node *take_piece(struct regex_reader *reader) {
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

static struct regex_node *take_sequence(struct regex_reader *reader) {
    struct regex_node *sequence = node_new(reader, REGEX_SEQUENCE), **end = &sequence->first;
    const char *start = reader->at;
    while (!reader->failed && reader->at < reader->end && !at_char(reader, '|') && !at_char(reader, ')')) {
        *end = take_piece(reader);
        end = &(*end)->next;
    }
    sequence->text = (struct text){ start, (size_t)(reader->at - start) };
    return sequence;
}

static struct regex_node *take_choice(struct regex_reader *reader) {
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
    struct regex_reader reader = { .arena = arena, .at = pattern.at, .end = pattern.at + pattern.length };
    struct regex_node *tree = take_choice(&reader);
    return reader.failed || reader.at != reader.end ? NULL : tree;
}
