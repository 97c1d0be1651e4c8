/*
 * usage.c - sums over the newest rows of `messages`: stamps never step back, so the day begins at one number.
 */
#include "view/usage.h"

static enum status first_number(struct state *state, stamp from, uint64_t last, uint64_t *number) {
    enum status status = STATUS_OK;
    uint64_t low = 1, high = last + 1;
    while (status == STATUS_OK && low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct store_query *query = store_query(
            state_store(state), "SELECT recorded FROM messages WHERE number >= ? ORDER BY number LIMIT 1");
        store_bind_int(query, 1, (int64_t)middle);
        bool before = store_step(query, &status) && store_int(query, 0) < from;
        store_reset(query);
        *(before ? &low : &high) = before ? middle + 1 : middle;
    }
    *number = low;
    return status;
}

enum status usage_since(struct state *state, stamp from,
                        void (*used)(struct text party, uint64_t accepted_bytes, uint64_t refused_bytes,
                                     void *context),
                        void *context, uint64_t *position) {
    require(state && used && position);
    uint64_t first;
    *position = state_position(state);
    enum status status = first_number(state, from, *position, &first);
    if (status != STATUS_OK) {
        return status;
    }
    struct store_query *query = store_query(
        state_store(state), "SELECT party, sum(CASE outcome WHEN 'accepted' THEN bytes ELSE 0 END),"
                            "  sum(CASE outcome WHEN 'accepted' THEN 0 ELSE bytes END)"
                            " FROM messages WHERE number BETWEEN ? AND ? AND recorded >= ? GROUP BY party");
    store_bind_int(query, 1, (int64_t)first);
    store_bind_int(query, 2, (int64_t)*position);
    store_bind_int(query, 3, from);
    while (store_step(query, &status)) {
        used(store_text(query, 0), (uint64_t)store_int(query, 1), (uint64_t)store_int(query, 2), context);
    }
    store_reset(query);
    return status;
}
