/*
 * revision.c - the declarations of both, by their keys, side by side.
 */
#include "view/statistics/revision.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

struct told_row {
    const char *declaration;
    const stamp *moments;
};

static int by_declaration(const void *a, const void *b) {
    return strcmp(((const struct told_row *)a)->declaration, ((const struct told_row *)b)->declaration);
}

static struct told_row *entries_of(const struct samples *samples) {
    struct told_row *entries = memory_new((samples->count + 1) * sizeof(*entries));
    for (size_t i = 0; i < samples->count; i++) {
        entries[i] = (struct told_row){ samples->descriptions[i].declaration,
                                        &samples->moments[i * samples->segments->milestones_count] };
    }
    qsort(entries, samples->count, sizeof(*entries), by_declaration);
    return entries;
}

struct revision revision_of(const struct samples *then, const struct samples *now) {
    require(then->segments == now->segments);
    struct told_row *before = entries_of(then), *after = entries_of(now);
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
