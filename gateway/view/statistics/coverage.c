/*
 * coverage.c - samples that lack a milestone → counts by who told anything of their goods → by the parties
 * whose telling it was.
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
    *coverage = (struct coverage){ .steps = chain->count };
}

void coverage_release(struct coverage *coverage) {
    for (size_t i = 0; i < coverage->count; i++) {
        free(coverage->rows[i].tellers);
    }
    free(coverage->rows);
    *coverage = (struct coverage){ .steps = 0 };
}

static size_t place_of(const struct coverage *coverage, const char *tellers) {
    size_t low = 0, high = coverage->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(coverage->rows[middle].tellers, tellers) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct coverage_row *insert(struct coverage *coverage, size_t place, const char *tellers) {
    if (coverage->count == coverage->room) {
        coverage->room = coverage->room ? 2 * coverage->room : 16;
        coverage->rows = memory_grow(coverage->rows, coverage->room, sizeof(*coverage->rows));
    }
    struct coverage_row *row = &coverage->rows[place];
    memmove(row + 1, row, (coverage->count++ - place) * sizeof(*row));
    *row = (struct coverage_row){ .tellers = memory_string(tellers) };
    return row;
}

static void remove_if_none(struct coverage *coverage, size_t place) {
    struct coverage_row *row = &coverage->rows[place];
    size_t step = 0;
    while (step < coverage->steps && !row->missing[step]) {
        step++;
    }
    if (step == coverage->steps) {
        free(row->tellers);
        memmove(row, row + 1, (--coverage->count - place) * sizeof(*row));
    }
}

void coverage_move(struct coverage *coverage, const struct samples *samples, size_t index, int sign) {
    size_t one = (size_t)sign; /* counts come back to where they were */
    require(coverage->steps == samples->chain->count);
    if (!samples_lacks(samples, index)) {
        return;
    }
    const char *tellers = samples_tellers(samples, index);
    size_t place = place_of(coverage, tellers);
    bool known = place < coverage->count && strcmp(coverage->rows[place].tellers, tellers) == 0;
    require(known || sign > 0);
    struct coverage_row *row = known ? &coverage->rows[place] : insert(coverage, place, tellers);
    for (size_t step = 0; step < coverage->steps; step++) {
        bool missing = samples_at(samples, index, samples->path[step]) == SAMPLE_NEVER;
        coverage->missing[step] += missing ? one : 0;
        row->missing[step] += missing ? one : 0;
    }
    remove_if_none(coverage, place);
}

void coverage_count(struct coverage *coverage, const struct samples *samples) {
    coverage_init(coverage, samples->chain);
    for (size_t i = 0; i < samples->count; i++) {
        coverage_move(coverage, samples, i, 1);
    }
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

/* Who lacks most first; nobody in particular last. */
static int by_missing(const void *a, const void *b) {
    const struct coverage_owner *x = a, *y = b;
    int order = !*x->party - !*y->party;
    order = order ? order : (x->missing < y->missing) - (x->missing > y->missing);
    order = order ? order : strcmp(x->party, y->party);
    return order ? order : strcmp(x->role, y->role);
}

size_t coverage_owners(const struct coverage *coverage, size_t step, const struct milestone *milestone,
                       const struct parties *parties, struct arena *arena, struct coverage_owner **out) {
    require(step < coverage->steps);
    struct coverage_owner *owners = *out = arena_alloc(arena, (coverage->count + 1) * sizeof(*owners));
    size_t count = 0;
    for (size_t i = 0; i < coverage->count; i++) {
        const struct coverage_row *row = &coverage->rows[i];
        if (!row->missing[step]) {
            continue;
        }
        struct coverage_owner owner = owner_of(row->tellers, milestone, parties, arena);
        size_t o = 0;
        while (o < count
               && (strcmp(owners[o].party, owner.party) != 0 || strcmp(owners[o].role, owner.role) != 0)) {
            o++;
        }
        if (o == count) {
            owners[count++] = owner;
        }
        owners[o].missing += row->missing[step];
    }
    if (count) {
        qsort(owners, count, sizeof(*owners), by_missing);
    }
    return count;
}
