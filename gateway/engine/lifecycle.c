/*
 * lifecycle.c - the one reader of all life cycles.
 */
#include "engine/lifecycle.h"

#include <string.h>

const struct lifecycle_event *lifecycle_event(const struct lifecycle *lifecycle, const char *name) {
    for (size_t i = 0; i < lifecycle->events_count; i++) {
        if (strcmp(lifecycle->events[i].name, name) == 0) {
            return &lifecycle->events[i];
        }
    }
    return NULL;
}

const struct lifecycle_state *lifecycle_state(const struct lifecycle *lifecycle, const char *name) {
    for (size_t i = 0; i < lifecycle->states_count; i++) {
        if (strcmp(lifecycle->states[i].name, name) == 0) {
            return &lifecycle->states[i];
        }
    }
    return NULL;
}

int lifecycle_rank(const struct lifecycle *lifecycle, const char *state) {
    const struct lifecycle_state *row = lifecycle_state(lifecycle, state);
    return row ? row->rank : 0;
}

const char *lifecycle_proves(const struct lifecycle *lifecycle, const char *event) {
    const struct lifecycle_event *row = lifecycle_event(lifecycle, event);
    return row ? row->to : "";
}

const char *lifecycle_next(const struct lifecycle *lifecycle, const char *state, const char *event) {
    const char *proven = lifecycle_proves(lifecycle, event);
    return lifecycle_rank(lifecycle, proven) > lifecycle_rank(lifecycle, state) ? proven : state;
}
