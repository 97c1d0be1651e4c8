/*
 * snapshots.c - rows of the table `snapshots`, as values.
 */
#include "view/statistics/snapshots.h"

#include <string.h>

#include "base/status.h"

#define COLUMNS "number, month, event = 'revise', record, at, definition"

static bool read_row(struct state *state, struct store_query *query, struct arena *arena,
                     struct snapshot *out) {
    if (!state_row(state, query)) {
        return false;
    }
    *out = (struct snapshot){
        .number = (uint64_t)store_int(query, 0),
        .month = arena_copy(arena, store_text(query, 1)),
        .is_revision = store_int(query, 2) != 0,
        .record = (uint64_t)store_int(query, 3),
        .at = store_int(query, 4),
        .definition = arena_copy(arena, store_text(query, 5)),
    };
    return true;
}

bool snapshot_find(struct state *state, uint64_t number, struct arena *arena, struct snapshot *out) {
    struct store_query *query =
        store_query(state_store(state), "SELECT " COLUMNS " FROM snapshots WHERE number = ?");
    store_bind_int(query, 1, (int64_t)number);
    bool found = read_row(state, query, arena, out);
    store_reset(query);
    return found;
}

size_t snapshots_of(struct state *state, const char *month, struct arena *arena, struct snapshot *out,
                    size_t max) {
    require(max > 0);
    size_t count = 0;
    struct store_query *query =
        store_query(state_store(state), "SELECT " COLUMNS " FROM snapshots WHERE month = ? ORDER BY number");
    store_bind_string(query, 1, month);
    while (count < max && read_row(state, query, arena, &out[count])) {
        count++;
    }
    store_reset(query);
    return count;
}

bool snapshot_before(struct state *state, const char *month, uint64_t number, stamp until,
                     struct arena *arena, struct snapshot *out) {
    struct store_query *query =
        store_query(state_store(state), "SELECT " COLUMNS " FROM snapshots WHERE month = ?1"
                                        " AND (?2 = 0 OR number < ?2) AND at < ?3"
                                        " ORDER BY number DESC LIMIT 1");
    store_bind_string(query, 1, month);
    store_bind_int(query, 2, (int64_t)number);
    store_bind_int(query, 3, until);
    bool found = read_row(state, query, arena, out);
    store_reset(query);
    return found;
}

uint64_t snapshots_count(struct state *state) {
    int64_t last =
        state_number(state, store_query(state_store(state), "SELECT max(number) FROM snapshots"), 0);
    return last > 0 ? (uint64_t)last : 0;
}

stamp snapshot_last_recorded(struct state *state) {
    return state_number(
        state, store_query(state_store(state), "SELECT recorded FROM messages ORDER BY number DESC LIMIT 1"),
        0);
}

uint64_t snapshot_record_before(struct state *state, int32_t day) {
    struct store_query *query = store_query(
        state_store(state), "SELECT number FROM messages WHERE recorded < ? ORDER BY number DESC LIMIT 1");
    store_bind_int(query, 1, stamp_of_day(day));
    return (uint64_t)state_number(state, query, 0);
}
