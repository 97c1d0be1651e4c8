/*
 * pattern.c - from the text of a pattern to its positions, and from those to how often they make one choose.
 *
 * The syntax is that of XML Schema part 2, appendix F. It becomes a tree; the tree becomes positions
 * (Glushkov's construction): one for each place in the pattern where a character is taken, and for each
 * position those that may come next. Fixed counts are written out as copies, everything else that repeats is
 * a loop with its bound.
 *
 * A choice is a position after which two others can take the same character (or one can be reached in two
 * ways). It is harmless when the wrong way dies before the right one comes to the same choice again, as in
 * (x+,)*x+: that costs a factor of 2 at most. Else going back and forth costs about
 *     inside a loop of at most n rounds     2^n, for each round chooses anew
 *     where one way leaves a loop           n, for it can be left after each round
 * multiplied over all choices. What may cost more than 2^17 is refused.
 */
#include "check/pattern.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define RANGES_MAX    512
#define POSITIONS_MAX 1024
#define LOOPS_MAX     128
#define NODES_MAX     4096
#define DEPTH_MAX     64
#define COPIES_MAX    64   /* of a fixed count: more copies choose no differently */
#define PAIRS_MAX     4096 /* looked at for one choice */
#define COST_MAX      17.0 /* log2 */
#define CHARACTER_MAX 0x10FFFF
#define UNBOUNDED     UINT32_MAX

/* --- sets of characters --------------------------------------------------------------------------------- */

struct range {
    int32_t low, high;
};

/* Sorted, not touching. Not exact: perhaps too large (\d, \w, \p{L} and such reach beyond ASCII). */
struct set {
    struct range *ranges;
    size_t count;
    bool exact;
};

static struct set set_of(struct arena *arena, const struct range *ranges, size_t count, bool exact) {
    struct set set = { arena_alloc(arena, (count + 1) * sizeof(*ranges)), count, exact };
    if (count) {
        memcpy(set.ranges, ranges, count * sizeof(*ranges));
    }
    return set;
}

static struct set set_union(struct arena *arena, struct set a, struct set b) {
    struct set sum = { .exact = a.exact && b.exact };
    sum.ranges = arena_alloc(arena, (a.count + b.count + 1) * sizeof(*sum.ranges));
    for (size_t i = 0, j = 0; i < a.count || j < b.count;) {
        bool first = j == b.count || (i < a.count && a.ranges[i].low <= b.ranges[j].low);
        struct range next = first ? a.ranges[i++] : b.ranges[j++];
        struct range *last = sum.count ? &sum.ranges[sum.count - 1] : NULL;
        if (last && next.low <= last->high + 1) {
            last->high = next.high > last->high ? next.high : last->high;
        } else {
            sum.ranges[sum.count++] = next;
        }
    }
    return sum;
}

/* What is not known exactly has no complement to rely on: then everything. */
static struct set set_complement(struct arena *arena, struct set set) {
    struct set rest = { arena_alloc(arena, (set.count + 1) * sizeof(*set.ranges)), 0, set.exact };
    int32_t low = 0;
    for (size_t i = 0; set.exact && i < set.count; i++) {
        if (set.ranges[i].low > low) {
            rest.ranges[rest.count++] = (struct range){ low, set.ranges[i].low - 1 };
        }
        low = set.ranges[i].high + 1;
    }
    if (low <= CHARACTER_MAX) {
        rest.ranges[rest.count++] = (struct range){ low, CHARACTER_MAX };
    }
    return rest;
}

static bool set_overlaps(struct set a, struct set b) {
    for (size_t i = 0, j = 0; i < a.count && j < b.count;) {
        if (a.ranges[i].high < b.ranges[j].low) {
            i++;
        } else if (b.ranges[j].high < a.ranges[i].low) {
            j++;
        } else {
            return true;
        }
    }
    return false;
}

/* a without b, as complement(complement(a) + b). */
static struct set set_minus(struct arena *arena, struct set a, struct set b) {
    return b.exact ? set_complement(arena, set_union(arena, set_complement(arena, a), b)) : a;
}

static bool set_equal(struct set a, struct set b) {
    return a.exact && b.exact && a.count == b.count
           && (a.count == 0 || memcmp(a.ranges, b.ranges, a.count * sizeof(*a.ranges)) == 0);
}

/* --- the tree ------------------------------------------------------------------------------------------- */

enum kind { EMPTY, CHARACTER, SEQUENCE, CHOICE, REPEAT };

struct node {
    enum kind kind;
    struct set set;            /* CHARACTER */
    struct node *first, *next; /* children of SEQUENCE and CHOICE; the one child of REPEAT */
    uint32_t low, high;        /* REPEAT */
    struct text text;          /* as written */
};

struct reader {
    struct arena *arena;
    const char *at, *end;
    unsigned depth, nodes;
    bool failed;
};

static struct node *node_new(struct reader *reader, enum kind kind) {
    reader->failed = reader->failed || ++reader->nodes > NODES_MAX;
    struct node *node = arena_alloc(reader->arena, sizeof(*node));
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

static struct set one(struct reader *reader, int32_t character) {
    return set_of(reader->arena, &(struct range){ character, character }, 1, true);
}

static const struct range white[] = { { '\t', '\n' }, { '\r', '\r' }, { ' ', ' ' } };
static const struct range not_newline[] = { { 0, '\t' }, { '\v', '\f' }, { '\r' + 1, CHARACTER_MAX } };
/* Supersets: exact in ASCII, everything beyond. */
static const struct range letters[] = { { 'A', 'Z' }, { 'a', 'z' }, { 0x80, CHARACTER_MAX } };
static const struct range digits[] = { { '0', '9' }, { 0x80, CHARACTER_MAX } };
static const struct range words[] = { { '$', '$' }, { '+', '+' },           { '0', '9' }, { '<', '>' },
                                      { 'A', 'Z' }, { '^', '^' },           { '`', 'z' }, { '|', '|' },
                                      { '~', '~' }, { 0x80, CHARACTER_MAX } };
static const struct range names[] = { { '-', '.' }, { '0', ':' }, { 'A', 'Z' },
                                      { '_', '_' }, { 'a', 'z' }, { 0x80, CHARACTER_MAX } };
static const struct range all[] = { { 0, CHARACTER_MAX } };

#define SET(reader, ranges, exact) \
    set_of((reader)->arena, ranges, sizeof(ranges) / sizeof((ranges)[0]), exact)

/* {L}, {Nd}, {IsGreek} ...: letters and numbers are known in ASCII, of anything else nothing is. */
static struct set take_property(struct reader *reader, bool negated) {
    reader->failed = reader->failed || !take(reader, '{');
    char first = reader->at < reader->end ? *reader->at : '\0';
    while (!reader->failed && !take(reader, '}')) {
        take_character(reader);
    }
    return !negated && first == 'L'   ? SET(reader, letters, false)
           : !negated && first == 'N' ? SET(reader, digits, false)
                                      : SET(reader, all, false);
}

static struct set take_escape(struct reader *reader) {
    int32_t letter = take_character(reader);
    switch (letter) {
    case 'n': return one(reader, '\n');
    case 'r': return one(reader, '\r');
    case 't': return one(reader, '\t');
    case 's': return SET(reader, white, true);
    case 'S': return set_complement(reader->arena, SET(reader, white, true));
    case 'd': return SET(reader, digits, false);
    case 'w': return SET(reader, words, false);
    case 'i':
    case 'c': return SET(reader, names, false);
    case 'D':
    case 'W':
    case 'I':
    case 'C': return SET(reader, all, false);
    case 'p': return take_property(reader, false);
    case 'P': return take_property(reader, true);
    default:
        reader->failed = reader->failed || letter > 0x7E || !strchr("\\|.?*+(){}-[]^", (char)letter);
        return one(reader, letter);
    }
}

static struct set take_class(struct reader *reader);

/* One member of a class: an escape, a character, or a range of characters. */
static struct set take_member(struct reader *reader) {
    struct set low = take(reader, '\\') ? take_escape(reader) : one(reader, take_character(reader));
    bool single = low.count == 1 && low.ranges[0].low == low.ranges[0].high;
    bool range = single && reader->end - reader->at >= 2 && reader->at[0] == '-' && reader->at[1] != ']'
                 && reader->at[1] != '[';
    if (!range) {
        return low;
    }
    reader->at++;
    struct set high = take(reader, '\\') ? take_escape(reader) : one(reader, take_character(reader));
    reader->failed = reader->failed || high.count != 1 || high.ranges[0].low < low.ranges[0].low;
    struct range from_to = { low.ranges[0].low, reader->failed ? low.ranges[0].low : high.ranges[0].low };
    return set_of(reader->arena, &from_to, 1, true);
}

/* Behind '['. */
static struct set take_class(struct reader *reader) {
    bool negated = take(reader, '^');
    struct set set = { .exact = true }, without = { .exact = true };
    size_t members = 0;
    reader->failed = reader->failed || ++reader->depth > DEPTH_MAX;
    while (!reader->failed && !at_char(reader, ']')) {
        if (members && reader->end - reader->at >= 2 && reader->at[0] == '-' && reader->at[1] == '[') {
            reader->at += 2;
            without = take_class(reader);
            break;
        }
        set = set_union(reader->arena, set, take_member(reader));
        reader->failed = reader->failed || ++members > RANGES_MAX;
    }
    reader->failed = reader->failed || !take(reader, ']') || members == 0;
    reader->depth--;
    set = negated ? set_complement(reader->arena, set) : set;
    return without.count ? set_minus(reader->arena, set, without) : set;
}

static struct node *take_choice(struct reader *reader);

static struct node *take_atom(struct reader *reader) {
    if (take(reader, '(')) {
        struct node *inside = take_choice(reader);
        reader->failed = reader->failed || !take(reader, ')');
        return inside;
    }
    struct node *node = node_new(reader, CHARACTER);
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
    return count < UNBOUNDED ? (uint32_t)count : UNBOUNDED - 1;
}

/* False: the atom stands once. */
static bool take_quantity(struct reader *reader, uint32_t *low, uint32_t *high) {
    *low = 0;
    *high = UNBOUNDED;
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
        *high = at_char(reader, '}') ? UNBOUNDED : take_count(reader);
    }
    reader->failed = reader->failed || !take(reader, '}') || *high < *low;
    return true;
}

static struct node *take_piece(struct reader *reader) {
    const char *start = reader->at;
    struct node *atom = take_atom(reader), *node = atom;
    uint32_t low, high;
    atom->text = (struct text){ start, (size_t)(reader->at - start) };
    if (take_quantity(reader, &low, &high)) {
        node = node_new(reader, high == 0 ? EMPTY : REPEAT);
        node->first = atom;
        node->low = low;
        node->high = high;
    }
    node->text = (struct text){ start, (size_t)(reader->at - start) };
    return node;
}

static struct node *take_sequence(struct reader *reader) {
    struct node *sequence = node_new(reader, SEQUENCE), **end = &sequence->first;
    const char *start = reader->at;
    while (!reader->failed && reader->at < reader->end && !at_char(reader, '|') && !at_char(reader, ')')) {
        *end = take_piece(reader);
        end = &(*end)->next;
    }
    sequence->text = (struct text){ start, (size_t)(reader->at - start) };
    return sequence;
}

static struct node *take_choice(struct reader *reader) {
    struct node *choice = node_new(reader, CHOICE), **end = &choice->first;
    reader->failed = reader->failed || ++reader->depth > DEPTH_MAX;
    do {
        *end = take_sequence(reader);
        end = &(*end)->next;
    } while (!reader->failed && take(reader, '|'));
    reader->depth--;
    return choice;
}

static struct node *read_pattern(struct text pattern, struct arena *arena) {
    struct reader reader = { .arena = arena, .at = pattern.at, .end = pattern.at + pattern.length };
    struct node *tree = take_choice(&reader);
    return reader.failed || reader.at != reader.end ? NULL : tree;
}

/* --- A*BA* ---------------------------------------------------------------------------------------------- */

static bool is_run(const struct node *node) {
    return node && node->kind == REPEAT && node->high == UNBOUNDED && node->first->kind == CHARACTER;
}

/* A*BA*, A+BA* and so on, B within A. Take the first B behind the least number of As: in front
 * of it stands what is A and not B, behind it at least as much as behind any other.
 * So A{m,}BA{n,} is A{m}[A-[B]]*BA{n,}. */
static bool is_one_among(const struct node *sequence) {
    const struct node *before = sequence->first, *it = before ? before->next : NULL,
                      *behind = it ? it->next : NULL;
    return is_run(before) && it && it->kind == CHARACTER && it->set.exact && is_run(behind) && !behind->next
           && set_equal(before->first->set, behind->first->set);
}

static void print_character(char **to, int32_t c) {
    static const char special[] = "\\|.?*+(){}-[]^";
    if (c == '\t' || c == '\n' || c == '\r') {
        *(*to)++ = '\\';
        *(*to)++ = c == '\t' ? 't' : c == '\n' ? 'n' : 'r';
        return;
    }
    if (c < 0x80) {
        if (c && strchr(special, (char)c)) {
            *(*to)++ = '\\';
        }
        *(*to)++ = (char)c;
        return;
    }
    if (c >= 0x10000) {
        *(*to)++ = (char)(0xF0 | c >> 18);
        *(*to)++ = (char)(0x80 | (c >> 12 & 0x3F));
    } else if (c >= 0x800) {
        *(*to)++ = (char)(0xE0 | c >> 12);
    }
    *(*to)++ = (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3F) : 0xC0 | c >> 6);
    *(*to)++ = (char)(0x80 | (c & 0x3F));
}

static const char *print_class(struct set set, struct arena *arena) {
    char *out = arena_alloc(arena, set.count * 16 + 3), *to = out;
    *to++ = '[';
    for (size_t i = 0; i < set.count; i++) {
        print_character(&to, set.ranges[i].low);
        if (set.ranges[i].high > set.ranges[i].low) {
            *to++ = '-';
            print_character(&to, set.ranges[i].high);
        }
    }
    *to++ = ']';
    return out;
}

/* Characters that XML cannot hold are in no value and need not be written. */
static struct set writable(struct arena *arena, struct set set) {
    static const struct range unwritable[] = {
        { 0, 8 }, { 11, 12 }, { 14, 31 }, { 0xD800, 0xDFFF }, { 0xFFFE, 0xFFFF }
    };
    return set_minus(arena, set, set_of(arena, unwritable, sizeof(unwritable) / sizeof(unwritable[0]), true));
}

static const char *with_one_way(const struct node *sequence, struct arena *arena) {
    const struct node *before = sequence->first, *it = before->next, *behind = it->next;
    if (set_minus(arena, it->set, before->first->set).count) {
        return NULL;
    }
    struct set run = writable(arena, set_minus(arena, before->first->set, it->set));
    struct text a = before->first->text;
    const char *least = before->low ? arena_printf(arena, TEXT_FORMAT "{%u}", TEXT_ARGS(a), before->low) : "";
    const char *class = run.count ? arena_printf(arena, "%s*", print_class(run, arena)) : "";
    return arena_printf(arena, "%s%s" TEXT_FORMAT TEXT_FORMAT, least, class, TEXT_ARGS(it->text),
                        TEXT_ARGS(behind->text));
}

static struct text rewritten(const struct node *tree, struct arena *arena) {
    const char *out = "";
    for (const struct node *sequence = tree->first; sequence; sequence = sequence->next) {
        const char *better = is_one_among(sequence) ? with_one_way(sequence, arena) : NULL;
        better = better ? better : arena_copy(arena, sequence->text);
        out = arena_printf(arena, "%s%s%s", out, sequence == tree->first ? "" : "|", better);
    }
    return text_of(out);
}

/* --- positions ------------------------------------------------------------------------------------------ */

struct bits {
    uint64_t words[POSITIONS_MAX / 64];
};

struct loop {
    uint32_t from, to, rounds;
}; /* positions [from, to) */

struct automaton {
    struct set sets[POSITIONS_MAX];
    struct bits follow[POSITIONS_MAX], twice[POSITIONS_MAX]; /* twice: reached in two ways */
    uint32_t count;
    struct loop loops[LOOPS_MAX];
    uint32_t loops_count;
    bool too_large, empty_counted;
};

struct pair {
    uint32_t a, b;
};

struct search {
    struct bits seen[POSITIONS_MAX];
    struct pair pairs[PAIRS_MAX];
    uint32_t count;
};

struct part {
    struct bits first, last;
    bool nullable;
};

static bool has(const struct bits *bits, uint32_t i) {
    return bits->words[i / 64] >> (i % 64) & 1;
}

static void put(struct bits *bits, uint32_t i) {
    bits->words[i / 64] |= UINT64_C(1) << (i % 64);
}

static void merge(struct bits *into, const struct bits *from) {
    for (size_t i = 0; i < POSITIONS_MAX / 64; i++) {
        into->words[i] |= from->words[i];
    }
}

static void connect(struct automaton *automaton, const struct bits *last, const struct bits *first) {
    for (uint32_t p = 0; p < automaton->count; p++) {
        for (size_t i = 0; has(last, p) && i < POSITIONS_MAX / 64; i++) {
            automaton->twice[p].words[i] |= automaton->follow[p].words[i] & first->words[i];
            automaton->follow[p].words[i] |= first->words[i];
        }
    }
}

static struct part join(struct automaton *automaton, struct part a, struct part b) {
    connect(automaton, &a.last, &b.first);
    if (a.nullable) {
        merge(&a.first, &b.first);
    }
    if (b.nullable) {
        merge(&b.last, &a.last);
    }
    return (struct part){ a.first, b.last, a.nullable && b.nullable };
}

static struct part build(struct automaton *automaton, const struct node *node);

/* x{m,n} is m - 1 copies of x and then x+ of at most n - m + 1 rounds, or x{n} its copies. */
static struct part build_repeat(struct automaton *automaton, const struct node *node) {
    struct part whole = { .nullable = true };
    bool loops = node->high > node->low;
    uint32_t copies = node->low > COPIES_MAX ? COPIES_MAX : node->low ? node->low : 1;
    uint32_t from = automaton->count;
    for (uint32_t i = 0; i < copies && !automaton->too_large; i++) {
        from = automaton->count;
        struct part copy = build(automaton, node->first);
        if (automaton->count == from) { /* nothing to take in it: more copies are more of nothing */
            return whole;
        }
        automaton->empty_counted |= copy.nullable && node->high > 1 && node->high != UNBOUNDED;
        if (loops && i == copies - 1 && node->high > 1) {
            connect(automaton, &copy.last, &copy.first);
            automaton->too_large |= automaton->loops_count == LOOPS_MAX;
            if (!automaton->too_large) {
                uint32_t rounds = node->high == UNBOUNDED ? UNBOUNDED : node->high - node->low + 1;
                automaton->loops[automaton->loops_count++] = (struct loop){ from, automaton->count, rounds };
            }
        }
        whole = join(automaton, whole, copy);
    }
    whole.nullable |= node->low == 0;
    return whole;
}

static struct part build(struct automaton *automaton, const struct node *node) {
    struct part part = { .nullable = node->kind == EMPTY || node->kind == SEQUENCE };
    switch (node->kind) {
    case EMPTY: break;
    case CHARACTER:
        automaton->too_large |= automaton->count == POSITIONS_MAX;
        if (!automaton->too_large) {
            automaton->sets[automaton->count] = node->set;
            put(&part.first, automaton->count);
            put(&part.last, automaton->count++);
        }
        break;
    case SEQUENCE:
        for (const struct node *child = node->first; child && !automaton->too_large; child = child->next) {
            part = join(automaton, part, build(automaton, child));
        }
        break;
    case CHOICE:
        for (const struct node *child = node->first; child && !automaton->too_large; child = child->next) {
            struct part branch = build(automaton, child);
            merge(&part.first, &branch.first);
            merge(&part.last, &branch.last);
            part.nullable |= branch.nullable;
        }
        break;
    case REPEAT: part = build_repeat(automaton, node); break;
    }
    return part;
}

/* --- choices -------------------------------------------------------------------------------------------- */

static bool within(const struct loop *loop, uint32_t position) {
    return position >= loop->from && position < loop->to;
}

/* Do both ways live on, over some value, until one of them comes to `at` again? They go hand in hand over
 * pairs of positions that can take the same character. A search that grows too large is taken for a yes. */
static bool comes_again(const struct automaton *automaton, uint32_t at, uint32_t a, uint32_t b,
                        struct search *search) {
    memset(search->seen, 0, sizeof(search->seen));
    search->count = 0;
    search->pairs[search->count++] = (struct pair){ a, b };
    for (uint32_t i = 0; i < search->count; i++) {
        struct pair pair = search->pairs[i];
        if (pair.a == at || pair.b == at) {
            return true;
        }
        for (uint32_t x = 0; x < automaton->count; x++) {
            for (uint32_t y = 0; has(&automaton->follow[pair.a], x) && y < automaton->count; y++) {
                if (has(&automaton->follow[pair.b], y) && !has(&search->seen[x], y)
                    && set_overlaps(automaton->sets[x], automaton->sets[y])) {
                    if (search->count == PAIRS_MAX) {
                        return true;
                    }
                    put(&search->seen[x], y);
                    search->pairs[search->count++] = (struct pair){ x, y };
                }
            }
        }
    }
    return false;
}

/* log2 of what the choice between `a` and `b` behind `at` multiplies the work by. */
static double cost_of_choice(const struct automaton *automaton, uint32_t at, uint32_t a, uint32_t b,
                             struct search *search) {
    if (a != b && !comes_again(automaton, at, a, b, search)) {
        return 1;
    }
    double rounds = 1, leaving = 0;
    for (uint32_t i = 0; i < automaton->loops_count; i++) {
        const struct loop *loop = &automaton->loops[i];
        if (!within(loop, at)) {
            continue;
        }
        if (within(loop, a) && within(loop, b)) {
            rounds *= loop->rounds;
        } else if (within(loop, a) || within(loop, b)) {
            leaving += log2(loop->rounds);
        }
    }
    return leaving > 0 && rounds == 1 ? leaving : rounds + leaving;
}

static double cost_behind(const struct automaton *automaton, uint32_t at, struct search *search) {
    const struct bits *next = &automaton->follow[at];
    double cost = 0;
    for (uint32_t a = 0; a < automaton->count && cost <= COST_MAX; a++) {
        if (!has(next, a)) {
            continue;
        }
        if (has(&automaton->twice[at], a)) {
            cost += cost_of_choice(automaton, at, a, a, search);
        }
        for (uint32_t b = a + 1; b < automaton->count && cost <= COST_MAX; b++) {
            if (has(next, b) && set_overlaps(automaton->sets[a], automaton->sets[b])) {
                cost += cost_of_choice(automaton, at, a, b, search);
            }
        }
    }
    return cost;
}

/* At the very beginning there is no loop yet. */
static double cost_at_start(const struct automaton *automaton, const struct bits *first) {
    double cost = 0;
    for (uint32_t a = 0; a < automaton->count; a++) {
        for (uint32_t b = a + 1; has(first, a) && b < automaton->count; b++) {
            cost += has(first, b) && set_overlaps(automaton->sets[a], automaton->sets[b]);
        }
    }
    return cost;
}

static struct pattern_opinion refused(const char *zh, const char *en) {
    return (struct pattern_opinion){ .zh = zh, .en = en };
}

struct pattern_opinion pattern_judge(struct text pattern, struct arena *arena) {
    struct node *tree = read_pattern(pattern, arena);
    if (!tree) {
        return refused("正则表达式无法读取", "the pattern cannot be read");
    }
    struct text use = rewritten(tree, arena);
    tree = read_pattern(use, arena);
    if (!tree) {
        return refused("正则表达式无法读取", "the pattern cannot be read");
    }
    struct automaton *automaton = arena_alloc(arena, sizeof(*automaton));
    struct part whole = build(automaton, tree);
    if (automaton->too_large) {
        return refused("正则表达式过大", "the pattern is too large");
    }
    if (automaton->empty_counted) {
        return refused("对可为空的部分计数重复，libxml2 会判错",
                       "a counted repeat of what may be empty, which libxml2 judges wrongly");
    }
    struct search *search = arena_alloc(arena, sizeof(*search));
    double cost = cost_at_start(automaton, &whole.first);
    for (uint32_t at = 0; at < automaton->count && cost <= COST_MAX; at++) {
        cost += cost_behind(automaton, at, search);
    }
    if (cost > COST_MAX) {
        return refused("重复部分相互嵌套或重叠，恶意数值可使校验耗时极长",
                       "nested or overlapping repeats, which a hostile value makes run for ever");
    }
    return (struct pattern_opinion){ .use = use };
}
