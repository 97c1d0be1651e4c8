/*
 * recall.c - state.db opened for reading, asked one thing, and closed again.
 */
#include "daemon/recall.h"

#include "base/status.h"
#include "engine/state.h"
#include "view/orders.h"
#include "view/usage.h"

void recall_accepted_clock(const char *directory, stamp last, struct clock *clock) {
    struct state *state;
    stamp accepted = 0;
    require(directory && clock);
    if (clock_read(clock).doubt != CLOCK_BEHIND || state_open(directory, STORE_READ, &state) != STATUS_OK) {
        return;
    }
    /* What was recorded while the order was on its way to the clock was still stamped by the doubted one. */
    if (orders_last(state, ORDER_CLOCK_ACCEPT, &accepted) == STATUS_OK && accepted <= last
        && last - accepted <= CLOCK_TOLERANCE) {
        clock_accept(clock);
    }
    state_close(state);
}

struct spending {
    struct arena *arena;
    struct spent *list;
    size_t count, max;
};

static void note_spent(struct text party, uint64_t accepted_bytes, uint64_t refused_bytes, void *context) {
    struct spending *spending = context;
    if (spending->count < spending->max) {
        spending->list[spending->count++] =
            (struct spent){ arena_copy(spending->arena, party), accepted_bytes, refused_bytes };
    }
}

size_t recall_spent(const char *directory, stamp now, struct arena *arena, struct spent *list, size_t max,
                    uint64_t *until) {
    require(max > 0);
    struct state *state;
    struct spending spending = { .arena = arena, .list = list, .max = max };
    *until = 0;
    enum status status = state_open(directory, STORE_READ, &state);
    if (status == STATUS_OK) {
        status = usage_since(state, stamp_of_day(stamp_day(now)), note_spent, &spending, until);
        state_close(state);
    }
    if (status != STATUS_OK) {
        *until = spending.count = 0;
    }
    return spending.count;
}
