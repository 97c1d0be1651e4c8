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
    size_t index; /* of the sample */
};

static int by_declaration(const void *a, const void *b) {
    return strcmp(((const struct told_row *)a)->declaration, ((const struct told_row *)b)->declaration);
}

static struct told_row *entries_of(const struct samples *samples) {
    struct told_row *entries = memory_new((samples->count + 1) * sizeof(*entries));
    for (size_t i = 0; i < samples->count; i++) {
        entries[i] = (struct told_row){ samples->described->declarations[i], i };
    }
    qsort(entries, samples->count, sizeof(*entries), by_declaration);
    return entries;
}

static bool is_same(const struct samples *then, size_t before, const struct samples *now, size_t after) {
    size_t place = 0, width = now->segments->milestones_count;
    while (place < width && samples_at(then, before, place) == samples_at(now, after, place)) {
        place++;
    }
    return place == width;
}

struct revision revision_of(const struct samples *then, const struct samples *now) {
    require(then->segments == now->segments);
    struct told_row *before = entries_of(then), *after = entries_of(now);
    size_t b = 0, a = 0;
    struct revision revision = { 0, 0, 0 };
    while (b < then->count || a < now->count) {
        int order = b == then->count ? 1 : a == now->count ? -1 : by_declaration(&before[b], &after[a]);
        revision.removed += order < 0;
        revision.added += order > 0;
        revision.changed += order == 0 && !is_same(then, before[b].index, now, after[a].index);
        b += order <= 0;
        a += order >= 0;
    }
    free(before);
    free(after);
    return revision;
}
