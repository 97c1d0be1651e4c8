/*
 * declarations.h - what the other parts ask about declarations 报关单 (inside the engine only).
 */
#ifndef ENGINE_DECLARATIONS_H
#define ENGINE_DECLARATIONS_H

#include "engine/part.h"

struct declaration {
    const char *key, *party, *own_id, *subject, *direction, *office, *state, *step, *seq_no;
    stamp declared_at, selected_at, released_at;      /* 0: not yet */
};

/* By the number customs gave it, as customs itself told; "" when no declaration is linked to it. */
const char *declaration_of_entry(const struct cause *cause, struct state *state, const char *entry);
const char *declaration_subject_of_entry(const struct cause *cause, struct state *state, const char *entry);
bool        declaration_get(const struct cause *cause, struct state *state, const char *key,
                            struct declaration *out);
/* The newest declaration of the consignment that this party sent itself. False: it has none. */
bool        declaration_own(const struct cause *cause, struct state *state, const char *party,
                            const char *subject, struct declaration *out);
/* 0: it names no containers, so any of the consignment may be meant; 1: has this one; -1: has others only. */
int         declaration_has_container(struct state *state, const char *key, const char *container);
stamp       declaration_released_at(struct state *state, const char *subject);  /* the consignment's first; 0 */
/* Its ship arrived: the clock of a two-step declaration 两步申报 runs from here. */
void        declarations_arrived(const struct cause *cause, struct state *state, struct decision *decision,
                                 const char *subject, stamp at);

#endif
