/*
 * coverage.c - samples → counts by who told anything of their goods → by the parties whose telling it was.
 */
#include "view/statistics/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/status.h"

/* --- counted -------------------------------------------------------------------------------------------- */

void coverage_init(struct coverage *coverage, const struct chain *chain) {
    require(chain->count <= MILESTONES_MAX);
    *coverage = (struct coverage){ .steps = chain->count, .tellers = texts_new(), .arena = arena_new() };
}

static void forget_owners(struct coverage *coverage) {
    for (size_t step = 0; step < coverage->steps; step++) {
        free(coverage->owners[step].list);
        coverage->owners[step] = (struct coverage_owners){ .count = 0 };
    }
    coverage->settled = 0;
    arena_reset(coverage->arena);
}

void coverage_release(struct coverage *coverage) {
    forget_owners(coverage);
    texts_free(coverage->tellers);
    free(coverage->counts);
    free(coverage->owner_of);
    arena_free(coverage->arena);
    *coverage = (struct coverage){ .steps = 0 };
}

size_t coverage_bytes(const struct coverage *coverage) {
    return coverage->room * (2 * coverage->steps + 1) * sizeof(*coverage->counts);
}

/* Of how many, and how many of these lack each step. */
static uint32_t *counts_of(struct coverage *coverage, uint32_t tellers) {
    size_t width = coverage->steps + 1;
    if (tellers >= coverage->room) {
        size_t room = coverage->room ? 2 * coverage->room : 16;
        room = tellers < room ? room : (size_t)tellers + 1;
        coverage->counts = memory_grow(coverage->counts, room, width * sizeof(*coverage->counts));
        coverage->owner_of = memory_grow(coverage->owner_of, room, width * sizeof(*coverage->owner_of));
        memset(&coverage->counts[coverage->room * width], 0,
               (room - coverage->room) * width * sizeof(*coverage->counts));
        coverage->room = room;
    }
    return &coverage->counts[tellers * width];
}

static void move(struct coverage *coverage, const struct samples *samples, size_t index, uint32_t tellers,
                 int sign) {
    uint32_t one = (uint32_t)sign,
             *counts = counts_of(coverage, tellers); /* they come back to where they were */
    require(counts[0] || sign > 0);
    counts[0] += one;
    for (size_t step = 0; step < coverage->steps; step++) {
        bool lacks = samples_at(samples, index, samples->path[step]) == SAMPLE_NEVER;
        coverage->missing[step] += lacks ? (size_t)sign : 0;
        counts[1 + step] += lacks ? one : 0;
        if (tellers < coverage->settled) {
            uint32_t owner = coverage->owner_of[tellers * (coverage->steps + 1) + step];
            coverage->owners[step].list[owner].of += (size_t)sign;
            coverage->owners[step].list[owner].missing += lacks ? (size_t)sign : 0;
        }
    }
}

void coverage_move(struct coverage *coverage, const struct samples *samples, size_t index, int sign) {
    require(coverage->steps == samples->chain->count);
    uint32_t tellers = texts_number(coverage->tellers, text_of(samples_tellers(samples, index)));
    move(coverage, samples, index, tellers, sign);
}

/* Each text is looked up once. */
void coverage_count(struct coverage *coverage, const struct samples *samples) {
    size_t known = samples->tellers ? texts_count(samples->tellers_texts) : 1;
    uint32_t *numbers = memory_array(known, sizeof(*numbers)); /* one more than that here; 0: not looked up */
    coverage_init(coverage, samples->chain);
    for (size_t i = 0; i < samples->count; i++) {
        uint32_t *number = &numbers[samples->tellers ? samples->tellers[i] : 0];
        if (!*number) {
            *number = texts_number(coverage->tellers, text_of(samples_tellers(samples, i))) + 1;
        }
        move(coverage, samples, i, *number - 1, 1);
    }
    free(numbers);
}

/* --- whose ---------------------------------------------------------------------------------------------- */

/* Who of the tellers has that role, the first that told anything; NULL: none. */
static const struct party *teller_of(struct text tellers, const char *role, const struct parties *parties) {
    (void)text_until(&tellers, ' '); /* the port */
    while (tellers.length) {
        const struct party *party = parties_find(parties, text_until(&tellers, ' '));
        if (party && party_has_role(party, role)) {
            return party;
        }
    }
    return NULL;
}

/* The one party of the role at that port; NULL: there is none, or more than one. */
static const struct party *only_one_at(struct text port, const char *role, const struct parties *parties) {
    const struct party *only = NULL;
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        if (party_has_role(party, role)
            && (party_list_has(party->reports, port) || party_list_has(party->serves, port))) {
            if (only) {
                return NULL;
            }
            only = party;
        }
    }
    return only;
}

typedef const struct party *finder(struct text, const char *, const struct parties *);

/* By the first of the roles of which one is found. */
static struct coverage_owner find_by_role(const char *roles, finder *find, struct text where,
                                          const struct parties *parties, struct arena *arena) {
    struct text rest = text_of(roles);
    while (rest.length) {
        const char *role = arena_copy(arena, text_until(&rest, ' '));
        const struct party *party = find(where, role, parties);
        if (party) {
            return (struct coverage_owner){ .role = role, .party = party->code };
        }
    }
    return (struct coverage_owner){ .role = "", .party = "" };
}

static struct coverage_owner owner_of(const char *tellers, const struct milestone *milestone,
                                      const struct parties *parties, struct arena *arena) {
    const char *roles = milestone && milestone->told_by ? milestone->told_by : "";
    struct text first = text_of(roles), rest = text_of(tellers), port = text_until(&rest, ' ');
    struct coverage_owner owner = { .role = "", .party = "" };
    if (parties) {
        owner = find_by_role(roles, teller_of, text_of(tellers), parties, arena);
        owner = *owner.party ? owner : find_by_role(roles, only_one_at, port, parties, arena);
    }
    owner.role = *owner.party ? owner.role : arena_copy(arena, text_until(&first, ' '));
    return owner;
}

/* --- added up ------------------------------------------------------------------------------------------- */

static uint32_t place_of(struct coverage *coverage, size_t step, const struct coverage_owner *owner) {
    struct coverage_owners *owners = &coverage->owners[step];
    size_t place = 0;
    while (place < owners->count
           && (strcmp(owners->list[place].party, owner->party) != 0
               || strcmp(owners->list[place].role, owner->role) != 0)) {
        place++;
    }
    if (place == owners->count) {
        if (owners->count == owners->room) {
            owners->room = owners->room ? 2 * owners->room : 8;
            owners->list = memory_grow(owners->list, owners->room, sizeof(*owners->list));
        }
        owners->list[owners->count++] =
            (struct coverage_owner){ .role = arena_string(coverage->arena, owner->role),
                                     .party = arena_string(coverage->arena, owner->party) };
    }
    return (uint32_t)place;
}

static void settle_one(struct coverage *coverage, uint32_t tellers, const struct segments *segments,
                       const struct chain *chain, const struct parties *parties, struct arena *arena) {
    const uint32_t *counts = counts_of(coverage, tellers);
    for (size_t step = 0; step < coverage->steps; step++) {
        const struct milestone *milestone = segments_milestone(segments, chain->milestones[step]);
        struct coverage_owner owner =
            owner_of(texts_at(coverage->tellers, tellers), milestone, parties, arena);
        uint32_t place = place_of(coverage, step, &owner);
        coverage->owner_of[tellers * (coverage->steps + 1) + step] = place;
        coverage->owners[step].list[place].of += counts[0];
        coverage->owners[step].list[place].missing += counts[1 + step];
    }
}

void coverage_settle(struct coverage *coverage, const struct segments *segments, const struct chain *chain,
                     const struct parties *parties, const struct digest *by) {
    require(chain->count == coverage->steps);
    size_t count = texts_count(coverage->tellers);
    if (!digest_equal(&coverage->by, by)) {
        forget_owners(coverage);
        coverage->by = *by;
    }
    if (coverage->settled < count) {
        struct arena *arena = arena_new();
        for (; coverage->settled < count; coverage->settled++) {
            settle_one(coverage, (uint32_t)coverage->settled, segments, chain, parties, arena);
            arena_reset(arena);
        }
        arena_free(arena);
    }
}

/* Who lacks most first; nobody in particular last. */
static int by_missing(const void *a, const void *b) {
    const struct coverage_owner *x = a, *y = b;
    int order = !*x->party - !*y->party;
    order = order ? order : (x->missing < y->missing) - (x->missing > y->missing);
    order = order ? order : strcmp(x->party, y->party);
    return order ? order : strcmp(x->role, y->role);
}

size_t coverage_owners(const struct coverage *coverage, size_t step, struct arena *arena,
                       struct coverage_owner **out) {
    require(step < coverage->steps && coverage->settled == texts_count(coverage->tellers));
    const struct coverage_owners *all = &coverage->owners[step];
    struct coverage_owner *owners = *out = arena_alloc(arena, (all->count + 1) * sizeof(*owners));
    size_t count = 0;
    for (size_t i = 0; i < all->count && coverage->missing[step]; i++) {
        if (all->list[i].missing) {
            owners[count] = all->list[i];
            owners[count].role = arena_string(arena, all->list[i].role);
            owners[count++].party = arena_string(arena, all->list[i].party);
        }
    }
    if (count) {
        qsort(owners, count, sizeof(*owners), by_missing);
    }
    return count;
}
