/*
 * state_inside.h - state.db between the files that make it (state.c, state_tables.c).
 */
#ifndef ENGINE_STATE_INSIDE_H
#define ENGINE_STATE_INSIDE_H

#include "engine/state.h"

struct state {
    struct store *store;
    uint64_t identity;
    enum status status;
    void (*damaged)(void *context); /* may be NULL */
    void *context;
    size_t steps, steps_max; /* 0: any number */
};

#endif
