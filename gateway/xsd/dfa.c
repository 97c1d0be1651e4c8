/*
 * dfa.c - tree → positions → subsets → minimal table.
 *
 * Positions (Glushkov): one for each place where a character is taken, and for each which may follow. A state
 * is a set of positions; characters that no position tells apart are one class. Equal states are merged by
 * refining: states are parted by whether they accept, then by where they lead, until nothing parts any more.
 */
#include "xsd/dfa.h"

#include <string.h>

#include "xsd/position_set.h"

#define SLOTS        (4 * DFA_STATES_MAX)
#define BOUNDS_MAX   4096
#define BUILDING_MAX 200000 /* nodes looked at while counted repeats are written out */

/* Large, and mostly unused: nothing of it holds anything before it is written. */
struct builder {
    struct arena *arena;
    struct charset_ranges sets[POSITIONS_MAX]; /* what each takes for certain */
    struct position_set follow[POSITIONS_MAX];
    uint32_t positions, looked_at;
    enum obstacle_kind why;

    int32_t bounds[BOUNDS_MAX]; /* where a set begins or ends, sorted; 0 first */
    uint8_t class_of[BOUNDS_MAX];
    uint32_t bounds_count, classes;
    struct position_set members[DFA_CLASSES_MAX]; /* positions that take a class */

    struct position_set subsets[DFA_STATES_MAX];
    bool accepts[DFA_STATES_MAX];
    uint32_t states;
    uint32_t slots[SLOTS];        /* subset by hash, + 1 */
    uint16_t next[DFA_CELLS_MAX]; /* state * classes + class */
    uint32_t part[DFA_STATES_MAX], part_before[DFA_STATES_MAX];
};

struct fragment {
    struct position_set first, last;
    bool nullable;
};

/* --- positions ------------------------------------------------------------------------------------------ */

static void link(struct builder *builder, const struct position_set *from, const struct position_set *to) {
    for (uint32_t i = 0; i < builder->positions; i++) {
        if (position_set_has(from, i)) {
            position_set_unite(&builder->follow[i], to);
        }
    }
}

static void append(struct builder *builder, struct fragment *whole, const struct fragment *next) {
    link(builder, &whole->last, &next->first);
    if (whole->nullable) {
        position_set_unite(&whole->first, &next->first);
    }
    if (!next->nullable) {
        whole->last = (struct position_set){ 0 };
    }
    position_set_unite(&whole->last, &next->last);
    whole->nullable = whole->nullable && next->nullable;
}

static struct fragment build(struct builder *builder, const struct regex_node *node);

/* As many copies as must stand, then those that may; of a repeat without end the last copy repeats. */
static struct fragment build_repeat(struct builder *builder, const struct regex_node *node) {
    struct fragment whole = { .nullable = true };
    bool endless = node->high == REGEX_UNBOUNDED;
    uint32_t copies = !endless ? node->high : node->low ? node->low : 1;
    for (uint32_t i = 0; i < copies && !builder->why; i++) {
        struct fragment copy = build(builder, node->first);
        if (endless && i == copies - 1) {
            link(builder, &copy.last, &copy.first);
        }
        copy.nullable = copy.nullable || i >= node->low;
        append(builder, &whole, &copy);
    }
    return whole;
}

static struct fragment build(struct builder *builder, const struct regex_node *node) {
    struct fragment part = { .nullable = node->kind == REGEX_EMPTY || node->kind == REGEX_SEQUENCE };
    if (++builder->looked_at > BUILDING_MAX) {
        builder->why = OBSTACLE_PATTERN;
    }
    if (builder->why) {
        return part;
    }
    switch (node->kind) {
    case REGEX_EMPTY: break;
    case REGEX_CHARACTER:
        if (builder->positions == POSITIONS_MAX) {
            builder->why = OBSTACLE_PATTERN;
        } else {
            builder->why = node->set.certain.count == 0 && !node->set.exact ? OBSTACLE_CLASS : OBSTACLE_NONE;
            builder->sets[builder->positions] = node->set.certain;
            builder->follow[builder->positions] = (struct position_set){ 0 };
            position_set_put(&part.first, builder->positions);
            position_set_put(&part.last, builder->positions++);
        }
        break;
    case REGEX_SEQUENCE:
        for (const struct regex_node *child = node->first; child; child = child->next) {
            struct fragment next = build(builder, child);
            append(builder, &part, &next);
        }
        break;
    case REGEX_CHOICE:
        for (const struct regex_node *child = node->first; child; child = child->next) {
            struct fragment other = build(builder, child);
            position_set_unite(&part.first, &other.first);
            position_set_unite(&part.last, &other.last);
            part.nullable |= other.nullable;
        }
        break;
    case REGEX_REPEAT: part = build_repeat(builder, node); break;
    }
    return part;
}

/* --- classes of characters ------------------------------------------------------------------------------ */

static void add_bound(struct builder *builder, int32_t bound) {
    uint32_t at = builder->bounds_count;
    while (at > 0 && builder->bounds[at - 1] >= bound) {
        at--;
    }
    if (at < builder->bounds_count && builder->bounds[at] == bound) {
        return;
    }
    if (builder->bounds_count == BOUNDS_MAX) {
        builder->why = OBSTACLE_PATTERN;
        return;
    }
    memmove(builder->bounds + at + 1, builder->bounds + at,
            (builder->bounds_count - at) * sizeof(*builder->bounds));
    builder->bounds[at] = bound;
    builder->bounds_count++;
}

static void make_classes(struct builder *builder) {
    add_bound(builder, 0);
    for (uint32_t i = 0; i < builder->positions && !builder->why; i++) {
        for (size_t k = 0; k < builder->sets[i].count; k++) {
            add_bound(builder, builder->sets[i].at[k].low);
            add_bound(builder, builder->sets[i].at[k].high + 1);
        }
    }
    for (uint32_t i = 0; i < builder->bounds_count && !builder->why; i++) {
        struct position_set members = { 0 };
        for (uint32_t k = 0; k < builder->positions; k++) {
            if (charset_has(builder->sets[k], builder->bounds[i])) {
                position_set_put(&members, k);
            }
        }
        uint32_t class = 0;
        while (class < builder->classes && memcmp(&builder->members[class], &members, sizeof(members)) != 0) {
            class ++;
        }
        if (class == DFA_CLASSES_MAX) {
            builder->why = OBSTACLE_PATTERN;
        } else if (class == builder->classes) {
            builder->members[builder->classes++] = members;
        }
        builder->class_of[i] = (uint8_t) class;
    }
}

/* --- states --------------------------------------------------------------------------------------------- */

static uint32_t hash_of(const struct position_set *set) {
    uint64_t sum = 0;
    for (size_t i = 0; i < POSITION_SET_WORDS; i++) {
        sum = (sum ^ set->words[i]) * UINT64_C(0x9E3779B97F4A7C15);
        sum ^= sum >> 29;
    }
    return (uint32_t)(sum >> 32);
}

static uint32_t state_of(struct builder *builder, const struct position_set *subset, bool accepts) {
    uint32_t at = hash_of(subset) % SLOTS;
    while (builder->slots[at]) {
        uint32_t state = builder->slots[at] - 1;
        if (memcmp(&builder->subsets[state], subset, sizeof(*subset)) == 0
            && builder->accepts[state] == accepts) {
            return state;
        }
        at = (at + 1) % SLOTS;
    }
    if (builder->states == DFA_STATES_MAX || (builder->states + 1) * builder->classes >= DFA_CELLS_MAX) {
        builder->why = OBSTACLE_PATTERN;
        return 0;
    }
    builder->subsets[builder->states] = *subset;
    builder->accepts[builder->states] = accepts;
    builder->slots[at] = ++builder->states;
    return builder->states - 1;
}

/* State 0 is the dead end, 1 the start; a state is the set of positions that may take the next character. */
static void make_states(struct builder *builder, const struct fragment *whole) {
    struct position_set none = { 0 };
    memset(builder->slots, 0, sizeof(builder->slots));
    memset(builder->next, 0, builder->classes * sizeof(*builder->next));
    state_of(builder, &none, false);
    builder->states = 2; /* the start may equal none of the others: it is not looked up */
    builder->subsets[1] = whole->first;
    builder->accepts[1] = whole->nullable;
    for (uint32_t state = 1; state < builder->states && !builder->why; state++) {
        for (uint32_t class = 0; class < builder->classes && !builder->why; class ++) {
            struct position_set next = { 0 }, taken = position_set_common(&builder->subsets[state],
                                                                          &builder->members[class]);
            bool accepts = false;
            for (uint32_t i = 0; i < builder->positions; i++) {
                if (position_set_has(&taken, i)) {
                    position_set_unite(&next, &builder->follow[i]);
                    accepts = accepts || position_set_has(&whole->last, i);
                }
            }
            builder->next[state * builder->classes + class] =
                position_set_is_empty(&taken) ? 0 : (uint16_t)state_of(builder, &next, accepts);
        }
    }
}

/* --- the minimum ---------------------------------------------------------------------------------------- */

static bool leads_alike(const struct builder *builder, uint32_t a, uint32_t b) {
    for (uint32_t class = 0; class < builder->classes; class ++) {
        if (builder->part_before[builder->next[a * builder->classes + class]]
            != builder->part_before[builder->next[b * builder->classes + class]]) {
            return false;
        }
    }
    return builder->part_before[a] == builder->part_before[b];
}

/* Numbers the parts so that those that do not accept come first, the dead end's as number 0. */
static uint32_t refine(struct builder *builder) {
    uint32_t parts = 2, before = 0;
    for (uint32_t i = 0; i < builder->states; i++) {
        builder->part[i] = builder->accepts[i];
    }
    while (parts != before) {
        uint32_t first[DFA_STATES_MAX];
        before = parts;
        parts = 0;
        memcpy(builder->part_before, builder->part, builder->states * sizeof(*builder->part));
        for (int accepting = 0; accepting < 2; accepting++) {
            for (uint32_t i = 0; i < builder->states; i++) {
                uint32_t part = 0;
                if (builder->accepts[i] != (accepting == 1)) {
                    continue;
                }
                while (part < parts && !leads_alike(builder, first[part], i)) {
                    part++;
                }
                first[part] = i;
                builder->part[i] = part;
                parts += part == parts;
            }
        }
    }
    return parts;
}

static const struct dfa *table_of(struct builder *builder, struct arena *arena) {
    uint32_t parts = refine(builder), classes = builder->classes;
    struct dfa *dfa = arena_alloc(arena, sizeof(*dfa));
    uint16_t *next = arena_alloc(arena, (size_t)parts * classes * sizeof(*next));
    struct dfa_interval *beyond = arena_alloc(arena, builder->bounds_count * sizeof(*beyond));
    *dfa = (struct dfa){
        .beyond = beyond,
        .classes = classes,
        .states = parts,
        .next = next,
        .start = builder->part[1] * classes,
        .accepting = parts * classes,
    };
    for (uint32_t i = 0; i < builder->states; i++) {
        uint32_t row = builder->part[i] * classes;
        for (uint32_t class = 0; class < classes; class ++) {
            next[row + class] = (uint16_t)(builder->part[builder->next[i * classes + class]] * classes);
        }
        if (builder->accepts[i] && row < dfa->accepting) {
            dfa->accepting = row;
        }
    }
    for (uint32_t i = 0; i < builder->bounds_count; i++) {
        int32_t low = builder->bounds[i], high = i + 1 < builder->bounds_count ? builder->bounds[i + 1] : 128;
        for (int32_t c = low; c < high && c < 128; c++) {
            dfa->ascii[c] = builder->class_of[i];
        }
        if (high > 128 || i + 1 == builder->bounds_count) {
            beyond[dfa->beyond_count++] = (struct dfa_interval){ low, builder->class_of[i] };
        }
    }
    return dfa;
}

const struct dfa *dfa_of(const struct regex_node *tree, struct arena *arena, enum obstacle_kind *why) {
    struct arena *scratch = arena_new();
    struct builder *builder = arena_bigger(scratch, NULL, 0, 1, sizeof(*builder));
    const struct dfa *dfa = NULL;
    builder->arena = scratch;
    builder->why = OBSTACLE_NONE;
    builder->positions = builder->looked_at = builder->bounds_count = builder->classes = builder->states = 0;
    struct fragment whole = build(builder, tree);
    if (!builder->why) {
        make_classes(builder);
    }
    if (!builder->why) {
        make_states(builder, &whole);
    }
    if (!builder->why) {
        dfa = table_of(builder, arena);
    }
    *why = builder->why;
    arena_free(scratch);
    return dfa;
}

/* --- running -------------------------------------------------------------------------------------------- */

static uint8_t class_beyond(const struct dfa *dfa, int32_t character) {
    uint32_t low = 0, high = dfa->beyond_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (dfa->beyond[middle].low <= character) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return dfa->beyond[low].class;
}

bool dfa_accepts(const struct dfa *dfa, struct text value) {
    uint32_t row = dfa->start;
    for (const char *at = value.at, *end = at + value.length; at < end;) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 128) {
            row = dfa->next[row + dfa->ascii[byte]];
            at++;
        } else {
            row = dfa->next[row + class_beyond(dfa, text_next(&at, end))];
        }
    }
    return row >= dfa->accepting;
}
