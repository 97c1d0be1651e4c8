/*
 * automaton.c - particles → positions → sets of positions → states.
 *
 * Each element or wildcard of a model is a position (Glushkov); for each is known which may follow. A state
 * is the set of positions that the last child may have been, nearly always one, for XML Schema wants models
 * of which it can be told without looking ahead (Unique Particle Attribution); where several remain they must
 * be one element to whoever asks.
 *
 * How often a position repeats is counted by the validator (rounds_min, rounds_max), so that maxOccurs="9999"
 * costs one state. That is exact as long as nothing else leads from the position to itself, nor to another
 * that takes the same child; else the model is refused. Groups that repeat a counted number of times are
 * written out.
 */
#include "xsd/automaton.h"

#include <string.h>

#include "base/status.h"

struct builder {
    struct arena *scratch;
    const struct particle **positions;
    uint32_t count, capacity, words;
    uint64_t *follow; /* words for each position */
    enum obstacle_kind why;
};

struct fragment {
    uint64_t *first, *last;
    bool nullable;
};

static bool has(const uint64_t *bits, uint32_t i) {
    return bits[i / 64] >> (i % 64) & 1;
}

static void put(uint64_t *bits, uint32_t i) {
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static void merge(const struct builder *builder, uint64_t *into, const uint64_t *from) {
    for (uint32_t i = 0; i < builder->words; i++) {
        into[i] |= from[i];
    }
}

static uint64_t *bits_new(struct builder *builder) {
    return arena_alloc(builder->scratch, builder->words * sizeof(uint64_t));
}

static uint64_t *follow_of(const struct builder *builder, uint32_t position) {
    return builder->follow + (size_t)position * builder->words;
}

/* --- how many positions --------------------------------------------------------------------------------- */

static bool is_leaf(const struct particle *particle) {
    return particle->kind == PARTICLE_ELEMENT || particle->kind == PARTICLE_ANY;
}

/* A repeat without end goes round its last copy. */
static uint32_t copies_of(const struct particle *particle) {
    bool endless = particle->max == AUTOMATON_UNBOUNDED;
    return is_leaf(particle) ? 1 : !endless ? particle->max : particle->min ? particle->min : 1;
}

static uint64_t count_positions(const struct particle *particle, int depth) {
    uint64_t inside = 1;
    if (depth > AUTOMATON_DEPTH_MAX) {
        return AUTOMATON_POSITIONS_MAX + 1;
    }
    if (!is_leaf(particle)) {
        inside = 0;
        for (const struct particle *child = particle->first; child; child = child->next) {
            inside += count_positions(child, depth + 1);
        }
    }
    uint64_t whole = inside * copies_of(particle);
    return whole > AUTOMATON_POSITIONS_MAX ? AUTOMATON_POSITIONS_MAX + 1 : whole;
}

/* --- positions ------------------------------------------------------------------------------------------ */

static bool is_counted(const struct particle *particle) {
    return particle->min > 1 || (particle->max > 1 && particle->max != AUTOMATON_UNBOUNDED);
}

static void link(struct builder *builder, const uint64_t *from, const uint64_t *to) {
    for (uint32_t i = 0; i < builder->count; i++) {
        if (has(from, i)) {
            if (is_counted(builder->positions[i]) && has(to, i)) {
                builder->why = OBSTACLE_COUNTED;
            }
            merge(builder, follow_of(builder, i), to);
        }
    }
}

static void append(struct builder *builder, struct fragment *whole, const struct fragment *next) {
    link(builder, whole->last, next->first);
    if (whole->nullable) {
        merge(builder, whole->first, next->first);
    }
    if (!next->nullable) {
        memset(whole->last, 0, builder->words * sizeof(*whole->last));
    }
    merge(builder, whole->last, next->last);
    whole->nullable = whole->nullable && next->nullable;
}

static struct fragment part_new(struct builder *builder, bool nullable) {
    return (struct fragment){ bits_new(builder), bits_new(builder), nullable };
}

static struct fragment build_leaf(struct builder *builder, const struct particle *particle) {
    struct fragment part = part_new(builder, particle->min == 0);
    uint32_t position = builder->count++;
    require(position < builder->capacity);
    builder->positions[position] = particle;
    put(part.first, position);
    put(part.last, position);
    if (particle->max > 1) {
        put(follow_of(builder, position), position);
    }
    return part;
}

static struct fragment build(struct builder *builder, const struct particle *particle);

static struct fragment build_once(struct builder *builder, const struct particle *particle) {
    struct fragment whole = part_new(builder, particle->kind == PARTICLE_SEQUENCE);
    if (particle->kind == PARTICLE_ALL) {
        builder->why = OBSTACLE_ALL;
    }
    for (const struct particle *child = particle->first; child && !builder->why; child = child->next) {
        struct fragment part = build(builder, child);
        if (particle->kind == PARTICLE_SEQUENCE) {
            append(builder, &whole, &part);
        } else {
            merge(builder, whole.first, part.first);
            merge(builder, whole.last, part.last);
            whole.nullable = whole.nullable || part.nullable;
        }
    }
    return whole;
}

static struct fragment build(struct builder *builder, const struct particle *particle) {
    if (is_leaf(particle)) {
        return build_leaf(builder, particle);
    }
    struct fragment whole = part_new(builder, true);
    uint32_t copies = copies_of(particle);
    for (uint32_t i = 0; i < copies && !builder->why; i++) {
        struct fragment copy = build_once(builder, particle);
        if (particle->max == AUTOMATON_UNBOUNDED && i == copies - 1) {
            link(builder, copy.last, copy.first);
        }
        copy.nullable = copy.nullable || i >= particle->min;
        append(builder, &whole, &copy);
    }
    return whole;
}

/* --- states --------------------------------------------------------------------------------------------- */

struct subset {
    uint64_t *bits;
    uint32_t first, count; /* its first position, and how many */
};

struct states {
    struct builder *builder;
    struct grammar *grammar;
    const uint64_t *last;
    struct subset *subsets;
    struct grammar_state *states;
    uint32_t count, capacity;
    uint32_t *by_first; /* newest state whose first position is this, + 1 */
    uint32_t *before;   /* the one before it, + 1 */
};

static bool are_alike(const struct grammar_element *a, const struct grammar_element *b) {
    return a == b || (a->type == b->type && a->nillable == b->nillable && !a->fallback.at && !b->fallback.at);
}

/* What leads into a subset: one child for all its positions, and no counting among several. */
static void check_subset(struct states *states, const struct subset *subset) {
    struct builder *builder = states->builder;
    const struct particle *one = builder->positions[subset->first];
    for (uint32_t i = subset->first + 1; i < builder->count && subset->count > 1; i++) {
        if (!has(subset->bits, i)) {
            continue;
        }
        const struct particle *other = builder->positions[i];
        if (is_counted(one) || is_counted(other)) {
            builder->why = OBSTACLE_COUNTED;
        } else if (one->kind == PARTICLE_ELEMENT && !are_alike(one->element, other->element)) {
            builder->why = OBSTACLE_AMBIGUOUS;
        }
    }
}

static uint32_t state_of(struct states *states, const uint64_t *bits) {
    struct builder *builder = states->builder;
    struct subset subset = { .first = UINT32_MAX };
    for (uint32_t i = 0; i < builder->count; i++) {
        if (has(bits, i)) {
            subset.first = subset.count++ ? subset.first : i;
        }
    }
    size_t size = builder->words * sizeof(*bits);
    for (uint32_t at = states->by_first[subset.first]; at; at = states->before[at - 1]) {
        if (memcmp(states->subsets[at - 1].bits, bits, size) == 0) {
            return at - 1;
        }
    }
    if (states->count == states->capacity) {
        builder->why = OBSTACLE_MODEL;
        return 0;
    }
    subset.bits = bits_new(builder);
    memcpy(subset.bits, bits, size);
    check_subset(states, &subset);
    uint32_t state = states->count++;
    const struct particle *particle = builder->positions[subset.first];
    states->subsets[state] = subset;
    states->before[state] = states->by_first[subset.first];
    states->by_first[subset.first] = state + 1;
    if (is_counted(particle)) {
        states->states[state].rounds_min = particle->min;
        states->states[state].rounds_max = particle->max;
    }
    return state;
}

/* The transitions of a few names are looked at one by one; those of many have a table. */
#define FEW 6

static void make_slots(struct grammar_state *state, struct arena *arena) {
    uint32_t size = 16;
    if (state->count <= FEW) {
        return;
    }
    while (size < 2 * state->count) {
        size *= 2;
    }
    uint16_t *slots = arena_alloc(arena, size * sizeof(*slots));
    state->mask = size - 1;
    for (uint32_t i = 0; i < state->count; i++) {
        uint32_t at = grammar_hash(state->transitions[i].name) & state->mask;
        while (slots[at]) {
            at = (at + 1) & state->mask;
        }
        slots[at] = (uint16_t)(i + 1);
    }
    state->slots = slots;
}

static struct grammar_transition transition_to(const struct grammar_element *element, uint32_t target) {
    bool leaf = element->plain && element->type->content == GRAMMAR_SIMPLE && !element->type->required_count;
    return (struct grammar_transition){
        .name = element->name,
        .target = target,
        .element = element,
        .local = element->local,
        .leaf = leaf ? element->type->simple : NULL,
    };
}

/* A choice that repeats leads from each of its elements to each: a thousand of them are a million moves. */
static bool may_have_moves(struct grammar *grammar, uint32_t more) {
    grammar->moves_count += more;
    return grammar->moves_count <= GRAMMAR_MOVES_MAX;
}

/* next: the positions that may take the next child. */
static void make_transitions(struct states *states, uint32_t index, const uint64_t *next) {
    struct builder *builder = states->builder;
    struct grammar_state *state = &states->states[index];
    uint32_t elements = 0, passages = 0;
    for (uint32_t i = 0; i < builder->count; i++) {
        elements += has(next, i) && builder->positions[i]->kind == PARTICLE_ELEMENT;
        passages += has(next, i) && builder->positions[i]->kind == PARTICLE_ANY;
    }
    if (!may_have_moves(states->grammar, elements + passages)) {
        builder->why = OBSTACLE_MODEL;
        return;
    }
    struct arena *arena = states->grammar->arena;
    struct grammar_transition *transitions = arena_alloc(arena, (elements + 1) * sizeof(*transitions));
    struct grammar_passage *to = arena_alloc(arena, (passages + 1) * sizeof(*to));
    uint64_t *bits = bits_new(builder);
    state->transitions = transitions;
    state->passages = to;
    for (uint32_t i = 0; i < builder->count && !builder->why; i++) {
        const struct particle *particle = builder->positions[i];
        if (!has(next, i)) {
            continue;
        }
        memset(bits, 0, builder->words * sizeof(*bits));
        put(bits, i);
        if (particle->kind == PARTICLE_ANY) {
            to[state->passages_count++] =
                (struct grammar_passage){ particle->wildcard, state_of(states, bits) };
            continue;
        }
        if (grammar_state_find(state, particle->element->name) >= 0) {
            continue; /* came with an earlier position of that name */
        }
        for (uint32_t k = i + 1; k < builder->count; k++) {
            const struct particle *other = builder->positions[k];
            if (has(next, k) && other->kind == PARTICLE_ELEMENT
                && other->element->name == particle->element->name) {
                put(bits, k);
            }
        }
        transitions[state->count++] = transition_to(particle->element, state_of(states, bits));
    }
    make_slots(state, arena);
}

static bool make_states(struct builder *builder, const struct fragment *whole, struct grammar *grammar,
                        struct grammar_type *type) {
    uint32_t capacity = 2 * builder->count + 2;
    struct states states = {
        .builder = builder,
        .grammar = grammar,
        .last = whole->last,
        .capacity = capacity < GRAMMAR_STATES_MAX ? capacity : GRAMMAR_STATES_MAX,
    };
    states.subsets = arena_alloc(builder->scratch, capacity * sizeof(*states.subsets));
    states.states = arena_alloc(builder->scratch, capacity * sizeof(*states.states));
    states.by_first = arena_alloc(builder->scratch, (builder->count + 1) * sizeof(*states.by_first));
    states.before = arena_alloc(builder->scratch, capacity * sizeof(*states.before));
    states.count = 1;
    states.states[0].accepts = whole->nullable;
    make_transitions(&states, 0, whole->first);
    for (uint32_t i = 1; i < states.count && !builder->why; i++) {
        uint64_t *next = bits_new(builder);
        for (uint32_t k = 0; k < builder->count; k++) {
            if (has(states.subsets[i].bits, k)) {
                merge(builder, next, follow_of(builder, k));
                states.states[i].accepts = states.states[i].accepts || has(whole->last, k);
            }
        }
        make_transitions(&states, i, next);
    }
    struct grammar_state *made = arena_alloc(grammar->arena, states.count * sizeof(*made));
    memcpy(made, states.states, states.count * sizeof(*made));
    for (uint32_t i = 0; i < states.count; i++) {
        type->counted = type->counted || made[i].rounds_max;
        type->wild = type->wild || made[i].passages_count;
    }
    type->states = made;
    type->states_count = states.count;
    return builder->why == OBSTACLE_NONE;
}

/* --- xs:all --------------------------------------------------------------------------------------------- */

static bool make_all(const struct particle *all, struct arena *arena, struct grammar_type *type,
                     enum obstacle_kind *why) {
    uint32_t count = 0;
    for (const struct particle *child = all->first; child; child = child->next, count++) {
        if (child->kind != PARTICLE_ELEMENT || child->max > 1 || count == GRAMMAR_ALL_MAX) {
            *why = OBSTACLE_ALL;
            return false;
        }
    }
    struct grammar_state *state = arena_alloc(arena, sizeof(*state));
    struct grammar_transition *transitions = arena_alloc(arena, (count + 1) * sizeof(*transitions));
    state->transitions = transitions;
    state->accepts = all->min == 0; /* without any child */
    for (const struct particle *child = all->first; child; child = child->next) {
        if (grammar_state_find(state, child->element->name) >= 0) {
            *why = OBSTACLE_AMBIGUOUS;
            return false;
        }
        if (child->min) {
            type->needed[state->count / 64] |= UINT64_C(1) << (state->count % 64);
        }
        transitions[state->count++] = transition_to(child->element, 0);
    }
    make_slots(state, arena);
    type->states = state;
    type->states_count = 1;
    type->all = true;
    return true;
}

bool automaton_make(const struct particle *particle, struct grammar *grammar, struct grammar_type *type,
                    enum obstacle_kind *why) {
    require(!type->states && (!particle || particle->max > 0));
    static const struct particle nothing = { .kind = PARTICLE_SEQUENCE, .min = 1, .max = 1 };
    particle = particle ? particle : &nothing;
    if (particle->kind == PARTICLE_ALL) {
        return make_all(particle, grammar->arena, type, why);
    }
    uint64_t positions = count_positions(particle, 0);
    if (positions > AUTOMATON_POSITIONS_MAX) {
        *why = OBSTACLE_MODEL;
        return false;
    }
    struct builder builder = { .scratch = arena_new(), .capacity = (uint32_t)positions };
    builder.words = builder.capacity / 64 + 1;
    builder.positions = arena_alloc(builder.scratch, (builder.capacity + 1) * sizeof(*builder.positions));
    builder.follow =
        arena_alloc(builder.scratch, ((size_t)builder.capacity + 1) * builder.words * sizeof(uint64_t));
    struct fragment whole = build(&builder, particle);
    bool made = builder.why == OBSTACLE_NONE && make_states(&builder, &whole, grammar, type);
    *why = builder.why;
    arena_free(builder.scratch);
    return made;
}
