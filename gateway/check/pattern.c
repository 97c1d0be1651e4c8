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

#include "xsd/position_set.h"
#include "xsd/regex.h"

#define LOOPS_MAX  128
#define COPIES_MAX 64   /* of a fixed count: more copies choose no differently */
#define PAIRS_MAX  4096 /* looked at for one choice */
#define COST_MAX   17.0 /* log2 */

/* --- A*BA* ---------------------------------------------------------------------------------------------- */

static bool is_run(const struct regex_node *node) {
    return node && node->kind == REGEX_REPEAT && node->high == REGEX_UNBOUNDED
           && node->first->kind == REGEX_CHARACTER;
}

/* A*BA*, A+BA* and so on, B within A. Take the first B behind the least number of As: in front
 * of it stands what is A and not B, behind it at least as much as behind any other.
 * So A{m,}BA{n,} is A{m}[A-[B]]*BA{n,}. */
static bool is_one_among(const struct regex_node *sequence) {
    const struct regex_node *before = sequence->first, *it = before ? before->next : NULL,
                            *behind = it ? it->next : NULL;
    return is_run(before) && it && it->kind == REGEX_CHARACTER && it->set.exact && is_run(behind)
           && !behind->next && charset_equal(before->first->set, behind->first->set);
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
    *to += text_put((int32_t)c, *to);
}

static const char *print_class(struct charset_ranges ranges, struct arena *arena) {
    char *out = arena_alloc(arena, ranges.count * 16 + 3), *to = out;
    *to++ = '[';
    for (size_t i = 0; i < ranges.count; i++) {
        print_character(&to, ranges.at[i].low);
        if (ranges.at[i].high > ranges.at[i].low) {
            *to++ = '-';
            print_character(&to, ranges.at[i].high);
        }
    }
    *to++ = ']';
    return out;
}

/* Characters that XML cannot hold are in no value and need not be written. */
static struct charset writable(struct arena *arena, struct charset set) {
    static const struct charset_range unwritable[] = {
        { 0, 8 }, { 11, 12 }, { 14, 31 }, { 0xD800, 0xDFFF }, { 0xFFFE, 0xFFFF }
    };
    return charset_minus(arena, set,
                         charset_of(arena, unwritable, sizeof(unwritable) / sizeof(unwritable[0])));
}

static const char *with_one_way(const struct regex_node *sequence, struct arena *arena) {
    const struct regex_node *before = sequence->first, *it = before->next, *behind = it->next;
    if (charset_minus(arena, it->set, before->first->set).possible.count) {
        return NULL;
    }
    struct charset_ranges run = writable(arena, charset_minus(arena, before->first->set, it->set)).possible;
    struct text a = before->first->text;
    const char *least = before->low ? arena_printf(arena, TEXT_FORMAT "{%u}", TEXT_ARGS(a), before->low) : "";
    const char *class = run.count ? arena_printf(arena, "%s*", print_class(run, arena)) : "";
    return arena_printf(arena, "%s%s" TEXT_FORMAT TEXT_FORMAT, least, class, TEXT_ARGS(it->text),
                        TEXT_ARGS(behind->text));
}

static struct text rewritten(const struct regex_node *tree, struct arena *arena) {
    const char *out = "";
    for (const struct regex_node *sequence = tree->first; sequence; sequence = sequence->next) {
        const char *better = is_one_among(sequence) ? with_one_way(sequence, arena) : NULL;
        better = better ? better : arena_copy(arena, sequence->text);
        out = arena_printf(arena, "%s%s%s", out, sequence == tree->first ? "" : "|", better);
    }
    return text_of(out);
}

/* --- positions ------------------------------------------------------------------------------------------ */

struct repetition {
    uint32_t from, to, rounds;
}; /* positions [from, to) */

/* Large, and mostly unused: what is of positions from `count` on holds nothing. */
struct automaton {
    struct charset sets[POSITIONS_MAX];
    struct position_set follow[POSITIONS_MAX], twice[POSITIONS_MAX]; /* twice: reached in two ways */
    uint32_t count;
    struct repetition loops[LOOPS_MAX];
    uint32_t loops_count;
    bool too_large, empty_counted;
};

struct position_pair {
    uint32_t a, b;
};

struct search {
    struct position_set seen[POSITIONS_MAX];
    struct position_pair pairs[PAIRS_MAX];
    uint32_t count;
};

struct fragment {
    struct position_set first, last;
    bool nullable;
};

static void connect(struct automaton *automaton, const struct position_set *last,
                    const struct position_set *first) {
    for (uint32_t p = 0; p < automaton->count; p++) {
        if (position_set_has(last, p)) {
            struct position_set again = position_set_common(&automaton->follow[p], first);
            position_set_unite(&automaton->twice[p], &again);
            position_set_unite(&automaton->follow[p], first);
        }
    }
}

static struct fragment join(struct automaton *automaton, struct fragment a, struct fragment b) {
    connect(automaton, &a.last, &b.first);
    if (a.nullable) {
        position_set_unite(&a.first, &b.first);
    }
    if (b.nullable) {
        position_set_unite(&b.last, &a.last);
    }
    return (struct fragment){ a.first, b.last, a.nullable && b.nullable };
}

static struct fragment build(struct automaton *automaton, const struct regex_node *node);

/* x{m,n} is m - 1 copies of x and then x+ of at most n - m + 1 rounds, or x{n} its copies. */
static struct fragment build_repeat(struct automaton *automaton, const struct regex_node *node) {
    struct fragment whole = { .nullable = true };
    bool loops = node->high > node->low;
    uint32_t copies = node->low > COPIES_MAX ? COPIES_MAX : node->low ? node->low : 1;
    uint32_t from = automaton->count;
    for (uint32_t i = 0; i < copies && !automaton->too_large; i++) {
        from = automaton->count;
        struct fragment copy = build(automaton, node->first);
        if (automaton->count == from) { /* nothing to take in it: more copies are more of nothing */
            return whole;
        }
        automaton->empty_counted |= copy.nullable && node->high > 1 && node->high != REGEX_UNBOUNDED;
        if (loops && i == copies - 1 && node->high > 1) {
            connect(automaton, &copy.last, &copy.first);
            automaton->too_large |= automaton->loops_count == LOOPS_MAX;
            if (!automaton->too_large) {
                uint32_t rounds =
                    node->high == REGEX_UNBOUNDED ? REGEX_UNBOUNDED : node->high - node->low + 1;
                automaton->loops[automaton->loops_count++] =
                    (struct repetition){ from, automaton->count, rounds };
            }
        }
        whole = join(automaton, whole, copy);
    }
    whole.nullable |= node->low == 0;
    return whole;
}

static struct fragment build(struct automaton *automaton, const struct regex_node *node) {
    struct fragment part = { .nullable = node->kind == REGEX_EMPTY || node->kind == REGEX_SEQUENCE };
    switch (node->kind) {
    case REGEX_EMPTY: break;
    case REGEX_CHARACTER:
        automaton->too_large |= automaton->count == POSITIONS_MAX;
        if (!automaton->too_large) {
            automaton->sets[automaton->count] = node->set;
            automaton->follow[automaton->count] = automaton->twice[automaton->count] =
                (struct position_set){ 0 };
            position_set_put(&part.first, automaton->count);
            position_set_put(&part.last, automaton->count++);
        }
        break;
    case REGEX_SEQUENCE:
        for (const struct regex_node *child = node->first; child && !automaton->too_large;
             child = child->next) {
            part = join(automaton, part, build(automaton, child));
        }
        break;
    case REGEX_CHOICE:
        for (const struct regex_node *child = node->first; child && !automaton->too_large;
             child = child->next) {
            struct fragment branch = build(automaton, child);
            position_set_unite(&part.first, &branch.first);
            position_set_unite(&part.last, &branch.last);
            part.nullable |= branch.nullable;
        }
        break;
    case REGEX_REPEAT: part = build_repeat(automaton, node); break;
    }
    return part;
}

/* --- choices -------------------------------------------------------------------------------------------- */

static bool within(const struct repetition *loop, uint32_t position) {
    return position >= loop->from && position < loop->to;
}

/* Do both ways live on, over some value, until one of them comes to `at` again? They go hand in hand over
 * pairs of positions that can take the same character. A search that grows too large is taken for a yes. */
static bool comes_again(const struct automaton *automaton, uint32_t at, uint32_t a, uint32_t b,
                        struct search *search) {
    memset(search->seen, 0, automaton->count * sizeof(*search->seen));
    search->count = 0;
    search->pairs[search->count++] = (struct position_pair){ a, b };
    for (uint32_t i = 0; i < search->count; i++) {
        struct position_pair pair = search->pairs[i];
        if (pair.a == at || pair.b == at) {
            return true;
        }
        for (uint32_t x = 0; x < automaton->count; x++) {
            for (uint32_t y = 0; position_set_has(&automaton->follow[pair.a], x) && y < automaton->count;
                 y++) {
                if (position_set_has(&automaton->follow[pair.b], y) && !position_set_has(&search->seen[x], y)
                    && charset_overlaps(automaton->sets[x], automaton->sets[y])) {
                    if (search->count == PAIRS_MAX) {
                        return true;
                    }
                    position_set_put(&search->seen[x], y);
                    search->pairs[search->count++] = (struct position_pair){ x, y };
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
        const struct repetition *loop = &automaton->loops[i];
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
    const struct position_set *next = &automaton->follow[at];
    double cost = 0;
    for (uint32_t a = 0; a < automaton->count && cost <= COST_MAX; a++) {
        if (!position_set_has(next, a)) {
            continue;
        }
        if (position_set_has(&automaton->twice[at], a)) {
            cost += cost_of_choice(automaton, at, a, a, search);
        }
        for (uint32_t b = a + 1; b < automaton->count && cost <= COST_MAX; b++) {
            if (position_set_has(next, b) && charset_overlaps(automaton->sets[a], automaton->sets[b])) {
                cost += cost_of_choice(automaton, at, a, b, search);
            }
        }
    }
    return cost;
}

/* At the very beginning there is no loop yet. */
static double cost_at_start(const struct automaton *automaton, const struct position_set *first) {
    double cost = 0;
    for (uint32_t a = 0; a < automaton->count; a++) {
        for (uint32_t b = a + 1; position_set_has(first, a) && b < automaton->count; b++) {
            cost += position_set_has(first, b) && charset_overlaps(automaton->sets[a], automaton->sets[b]);
        }
    }
    return cost;
}

static struct pattern_opinion refused(const char *zh, const char *en) {
    return (struct pattern_opinion){ .zh = zh, .en = en };
}

struct pattern_opinion pattern_judge(struct text pattern, struct arena *arena) {
    struct regex_node *tree = regex_read(pattern, arena);
    if (!tree) {
        return refused("正则表达式无法读取", "the pattern cannot be read");
    }
    struct text use = rewritten(tree, arena);
    tree = regex_read(use, arena);
    if (!tree) {
        return refused("正则表达式无法读取", "the pattern cannot be read");
    }
    struct automaton *automaton = arena_bigger(arena, NULL, 0, 1, sizeof(*automaton));
    automaton->count = automaton->loops_count = 0;
    automaton->too_large = automaton->empty_counted = false;
    struct fragment whole = build(automaton, tree);
    if (automaton->too_large) {
        return refused("正则表达式过大", "the pattern is too large");
    }
    if (automaton->empty_counted) {
        return refused("对可为空的部分计数重复，libxml2 会判错",
                       "a counted repeat of what may be empty, which libxml2 judges wrongly");
    }
    struct search *search = arena_bigger(arena, NULL, 0, 1, sizeof(*search));
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
