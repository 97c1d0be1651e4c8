/*
 * declarations.h - what the other parts ask about declarations 报关单 (inside the engine only).
 */
#ifndef ENGINE_DECLARATIONS_H
#define ENGINE_DECLARATIONS_H

#include "engine/part.h"

extern const struct lifecycle declaration_lifecycle;

struct answer; /* of customs (links.h) */

struct declaration {
    const char *key; /* PARTY/OWN-ID */
    const char *party, *own_id, *subject;
    const char *direction;             /* "import", "export", "" */
    const char *office, *state, *step; /* step: "summary", "complete" of a two-step declaration, else "" */
    uint64_t record;
    stamp received;
    stamp declared_at, selected_at, released_at; /* 0: not yet */
};

bool declaration_get(const struct cause *cause, struct state *state, const char *key,
                     struct declaration *out);
/* Of every party, oldest first; at most `max`. */
size_t declarations_with_id(const struct cause *cause, struct state *state, const char *own_id,
                            struct declaration *out, size_t max);
/* Of the declarations of this consignment that the party sent itself: one that names the container before one
 * that names none, these before others, the newest first. False: it has none. */
bool declaration_own(const struct cause *cause, struct state *state, const char *party, const char *subject,
                     const char *container, struct declaration *out);
/* 0: it names no containers, so any of the consignment may be meant; 1: has this one; -1: has others only. */
int declaration_has_container(struct state *state, const char *key, const char *container);
const char *declaration_containers(const struct cause *cause, struct state *state,
                                   const char *key);           /* "A B" */
bool declaration_ended(const struct declaration *declaration); /* nothing more is to be said of it */
/* Which of these containers of the consignment customs released, by a declaration of that direction. */
void declarations_released(const struct cause *cause, struct state *state, const char *subject,
                           const char *direction, const char *const *containers, size_t count,
                           bool *released);
stamp declaration_released_at(struct state *state, const char *subject); /* the consignment's first; 0 */

/* Does what an answer of customs says of one declaration: its state, its milestones, its consignment. */
void declaration_answered(const struct cause *cause, struct state *state, struct decision *decision,
                          const struct declaration *declaration, const struct answer *answer);

#endif
