/*
 * snapshots.h - months that were closed 定稿 (engine/parts/closings.c), and what was known when.
 */
#ifndef VIEW_STATISTICS_SNAPSHOTS_H
#define VIEW_STATISTICS_SNAPSHOTS_H

#include "base/arena.h"
#include "engine/state.h"

struct snapshot {
    uint64_t number;
    const char *month; /* "2026-10" */
    bool is_revision;
    uint64_t record; /* up to which the month was known */
    stamp at;
    const char *definition; /* digest of schemas/segments then, hexadecimal */
};

/* False: there is none of that number. */
bool snapshot_find(struct state *state, uint64_t number, struct arena *arena, struct snapshot *out);
uint64_t snapshots_count(struct state *state); /* of all months: they are numbered from 1 on */
/* All of a month, the first first; at most `max`. */
size_t snapshots_of(struct state *state, const char *month, struct arena *arena, struct snapshot *out,
                    size_t max);
/* The last one of the month that was made before that number, 0: any; and before that moment. False: there is
 * none. */
bool snapshot_before(struct state *state, const char *month, uint64_t number, stamp until,
                     struct arena *arena, struct snapshot *out);
stamp snapshot_last_recorded(struct state *state); /* when the last message was recorded; 0: there is none */
/* The last record of before that day. 0: there was none. */
uint64_t snapshot_record_before(struct state *state, int32_t day);

#endif
