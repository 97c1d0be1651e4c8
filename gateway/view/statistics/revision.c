/*
 * revision.c - the declarations of both, by their keys, side by side.
 */
#include "view/statistics/revision.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

struct entry {
    const char *declaration;
    const stamp *moments;
};

static int by_declaration(const void *a, const void *b) {
    return strcmp(((const struct entry *)a)->declaration, ((const struct entry *)b)->declaration);
}

static struct entry *entries_of(const struct samples *samples) {
    struct entry *entries = memory_new((samples->count + 1) * sizeof(*entries));
    for (size_t i = 0; i < samples->count; i++) {
        entries[i] = (struct entry){ samples->descriptions[i].declaration,
                                     &samples->moments[i * samples->segments->milestones_count] };
    }
    qsort(entries, samples->count, sizeof(*entries), by_declaration);
    return entries;
}

struct revision revision_of(const struct samples *then, const struct samples *now) {
    require(then->segments == now->segments);
    struct entry *before = entries_of(then), *after = entries_of(now);
    size_t width = now->segments->milestones_count, b = 0, a = 0;
    struct revision revision = { 0, 0, 0 };
    while (b < then->count || a < now->count) {
        int order = b == then->count ? 1 : a == now->count ? -1 : by_declaration(&before[b], &after[a]);
        revision.removed += order < 0;
        revision.added += order > 0;
        revision.changed +=
            order == 0 && memcmp(before[b].moments, after[a].moments, width * sizeof(stamp)) != 0;
        b += order <= 0;
        a += order >= 0;
    }
    free(before);
    free(after);
    return revision;
}
