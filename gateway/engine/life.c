/*
 * life.c - the one reader of all life cycles.
 */
#include "engine/life.h"

#include <string.h>

static const struct life *const lives[] = { &declaration_life, &booking_life, &charge_life,
                                            &consignment_life };

const struct life_event *life_event(const struct life *life, const char *name) {
    for (size_t i = 0; i < life->events_count; i++) {
        if (strcmp(life->events[i].name, name) == 0) {
            return &life->events[i];
        }
    }
    return NULL;
}

const struct life_state *life_state(const struct life *life, const char *name) {
    for (size_t i = 0; i < life->states_count; i++) {
        if (strcmp(life->states[i].name, name) == 0) {
            return &life->states[i];
        }
    }
    return NULL;
}

int life_rank(const struct life *life, const char *state) {
    const struct life_state *row = life_state(life, state);
    return row ? row->rank : 0;
}

const char *life_proves(const struct life *life, const char *event) {
    const struct life_event *row = life_event(life, event);
    return row ? row->to : "";
}

const char *life_next(const struct life *life, const char *state, const char *event) {
    const char *proven = life_proves(life, event);
    return life_rank(life, proven) > life_rank(life, state) ? proven : state;
}

const struct life *life_of(const char *part) {
    for (size_t i = 0; i < sizeof(lives) / sizeof(*lives); i++) {
        if (strcmp(lives[i]->part, part) == 0) {
            return lives[i];
        }
    }
    return NULL;
}
