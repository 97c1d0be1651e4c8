/*
 * wordset.c - of few words seeds are tried until no two meet; of many, each group is shifted until it fits.
 */
#include "xsd/wordset.h"

#include "base/status.h"

#define FEW          256
#define FEW_GROWTHS  3 /* sizes of a table of few words */
#define FEW_SEEDS    2000
#define GROUP_SEEDS  64
#define GROUP_SLOTS  8 /* slots for each group: two to four words of it */
#define SHIFTS_COUNT ((uint32_t)UINT16_MAX + 1)

const uint8_t wordset_masks[2 * WORDSET_BLOCK] = {
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
};

/* A set in the making, with the words' hashes by its seed. */
struct draft {
    struct wordset set;
    struct arena *arena;
    size_t count;
    uint32_t size, groups;
    uint32_t *slots, *hashes;
    uint16_t *shifts;
    uint32_t *heads, *next; /* the words of each group: index + 1 */
};

static void take_seed(struct draft *draft, uint64_t *random) {
    draft->set.seed = *random;
    *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407;
    memset(draft->slots, 0, draft->size * sizeof(*draft->slots));
    for (size_t i = 0; i < draft->count; i++) {
        draft->hashes[i] = wordset_hash(draft->set.keys[i], draft->set.words[i], draft->set.seed);
    }
}

/* --- few words ------------------------------------------------------------------------------------------ */

static bool fill(struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++) {
        uint32_t *slot = &draft->slots[wordset_slot(&draft->set, draft->hashes[i])];
        if (*slot) {
            return false;
        }
        *slot = (uint32_t)i + 1;
    }
    return true;
}

static bool is_filled(struct draft *draft, uint32_t size) {
    uint64_t random = 1;
    draft->size = size;
    draft->slots = arena_alloc(draft->arena, size * sizeof(*draft->slots));
    draft->set.mask = size - 1;
    for (int i = 0; i < FEW_SEEDS; i++) {
        take_seed(draft, &random);
        if (fill(draft)) {
            return true;
        }
    }
    return false;
}

/* --- many words ----------------------------------------------------------------------------------------- */

/* Gives how many words the largest group has. */
static uint32_t part(struct draft *draft, uint32_t *sizes) {
    uint32_t largest = 0;
    memset(draft->heads, 0, draft->groups * sizeof(*draft->heads));
    memset(sizes, 0, draft->groups * sizeof(*sizes));
    for (size_t i = 0; i < draft->count; i++) {
        uint32_t group = draft->hashes[i] >> draft->set.upper;
        draft->next[i] = draft->heads[group];
        draft->heads[group] = (uint32_t)i + 1;
        largest = ++sizes[group] > largest ? sizes[group] : largest;
    }
    return largest;
}

static bool is_free(const struct draft *draft, uint32_t group, uint32_t shift) {
    for (uint32_t i = draft->heads[group]; i; i = draft->next[i - 1]) {
        if (draft->slots[(draft->hashes[i - 1] ^ shift) & draft->set.mask]) {
            return false;
        }
    }
    return true;
}

/* False: there is no shift, or two of its words meet whatever it is. */
static bool place(struct draft *draft, uint32_t group) {
    uint32_t shift = 0;
    while (shift < draft->size && !is_free(draft, group, shift)) {
        shift++;
    }
    for (uint32_t i = draft->heads[group]; i; i = draft->next[i - 1]) {
        uint32_t *slot = &draft->slots[(draft->hashes[i - 1] ^ shift) & draft->set.mask];
        if (*slot) {
            return false;
        }
        *slot = i;
    }
    draft->shifts[group] = (uint16_t)shift;
    return true;
}

/* The largest group first, as long as there is most room. */
static bool place_all(struct draft *draft, uint32_t *sizes) {
    for (uint32_t size = part(draft, sizes); size; size--) {
        for (uint32_t group = 0; group < draft->groups; group++) {
            if (sizes[group] == size && !place(draft, group)) {
                return false;
            }
        }
    }
    return true;
}

static bool is_parted(struct draft *draft, uint32_t size) {
    uint64_t random = 1;
    require(size >= 2 * GROUP_SLOTS && size <= SHIFTS_COUNT);
    draft->size = size;
    draft->groups = size / GROUP_SLOTS;
    draft->slots = arena_alloc(draft->arena, size * sizeof(*draft->slots));
    draft->shifts = arena_alloc(draft->arena, draft->groups * sizeof(*draft->shifts));
    draft->heads = arena_alloc(draft->arena, draft->groups * sizeof(*draft->heads));
    draft->next = arena_alloc(draft->arena, draft->count * sizeof(*draft->next));
    draft->set.mask = size - 1;
    draft->set.upper = 32 - (uint32_t)__builtin_ctz(draft->groups);
    uint32_t *sizes = arena_alloc(draft->arena, draft->groups * sizeof(*sizes));
    for (int i = 0; i < GROUP_SEEDS; i++) {
        take_seed(draft, &random);
        if (place_all(draft, sizes)) {
            return true;
        }
    }
    return false;
}

/* --- either --------------------------------------------------------------------------------------------- */

static const struct wordset *kept(const struct draft *draft, struct arena *arena) {
    struct wordset *set = arena_alloc(arena, sizeof(*set));
    uint32_t *slots = arena_alloc(arena, draft->size * sizeof(*slots));
    memcpy(slots, draft->slots, draft->size * sizeof(*slots));
    *set = draft->set;
    set->slots = slots;
    if (draft->shifts) {
        uint16_t *shifts = arena_alloc(arena, draft->groups * sizeof(*shifts));
        memcpy(shifts, draft->shifts, draft->groups * sizeof(*shifts));
        set->shifts = shifts;
    }
    return set;
}

/* Long names that agree in their beginning, middle and end have one hash, whatever the seed: so callers must
 * live with NULL. */
const struct wordset *wordset_of(const struct text *words, size_t count, struct arena *arena) {
    if (count > WORDSET_MAX) {
        return NULL;
    }
    uint32_t least = 4;
    while (least < 2 * count) {
        least *= 2;
    }
    struct wordset_key *keys = arena_alloc(arena, (count + 1) * sizeof(*keys));
    for (size_t i = 0; i < count; i++) {
        keys[i] = wordset_key(words[i]);
    }
    struct draft draft = { .set = { .words = words, .keys = keys }, .arena = arena_new(), .count = count };
    draft.hashes = arena_alloc(draft.arena, (count + 1) * sizeof(*draft.hashes));
    bool made = false;
    for (int growth = 0; count <= FEW && growth < FEW_GROWTHS && !made; growth++) {
        made = is_filled(&draft, least << growth);
    }
    made = made || (count && is_parted(&draft, least < 2 * GROUP_SLOTS ? 2 * GROUP_SLOTS : least));
    const struct wordset *set = made ? kept(&draft, arena) : NULL;
    arena_free(draft.arena);
    return set;
}
