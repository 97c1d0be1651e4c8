/*
 * declarations.h - what the parts behind it ask about declarations 报关单 (inside the engine only).
 *
 * Moves that others hear: "declare" when one comes in (its data: party, own_id, subject, direction, office,
 * step, containers, modes), and one for each thing that is told of it later, named by its event;
 * declaration_turn() says what that comes to.
 */
#ifndef ENGINE_DECLARATIONS_H
#define ENGINE_DECLARATIONS_H

#include "engine/part.h"
#include "engine/parts/milestones.h"

extern const struct lifecycle declaration_lifecycle;

struct declaration {
    const char *key; /* PARTY/OWN-ID */
    const char *party, *own_id, *subject;
    const char *direction;             /* "import", "export", "" */
    const char *office, *state, *step; /* step: "summary", "complete" of a two-step declaration, else "" */
    uint64_t record;
    stamp received;
    stamp declared_at, selected_at, released_at; /* before this decision; 0: not yet */
    stamp rejected_at; /* customs' last refusal, which opened its round; 0: it is in the first */
};

bool declaration_get(struct cause *cause, const char *key, struct declaration *out);
/* Of every party, oldest first; at most `max`. */
size_t declarations_with_id(const struct cause *cause, const char *own_id, struct declaration *out,
                            size_t max);
/* Of the declarations of this consignment that the party sent itself before: one that names the container
 * before one that names none, these before others, the newest first. False: it has none. */
bool declaration_own(const struct cause *cause, const char *party, const char *subject, const char *container,
                     struct declaration *out);
/* Asked of those that came before. 0: it names no containers, so any of the consignment may be meant; 1: has
 * this one; -1: has others only. */
int declaration_has_container(const struct cause *cause, const char *key, const char *container);
/* By something that was told of these containers, "A B"; "": of the whole consignment. */
bool declaration_is_meant(const struct cause *cause, const char *key, const char *containers);
const char *declaration_containers(const struct cause *cause, const char *key); /* "A B" */
bool declaration_ended(const struct declaration *declaration); /* nothing more is to be said of it */
/* Customs has released it, and neither deleted nor refused it since. */
bool declaration_is_released(const struct declaration *declaration);
/* Which of these containers of the consignment customs released before, by a declaration of that direction
 * that is released still. */
void declarations_released(const struct cause *cause, const char *subject, const char *direction,
                           const char *const *containers, size_t count, bool *released);
stamp declaration_released_at(const struct cause *cause,
                              const char *subject); /* the consignment's first; 0 */
/* What the goods of the message are called. */
const char *declaration_subject(const struct cause *cause);
/* Of the message: "summary", "complete" of a two-step declaration 两步申报; else "". */
const char *declaration_step(const struct cause *cause);

/* Has the record told something of this declaration: its state, its milestones. */
void declaration_tell(struct cause *cause, const struct declaration *declaration, const char *event, stamp at,
                      uint64_t record, const struct milestone_told *told, size_t told_count);
bool declaration_is_told(const struct cause *cause, const char *key, uint64_t record); /* by this decision */

/* Customs takes the goods of an accepted declaration for its sender's; not any longer those of a refused
 * one. */
enum declaration_turn {
    DECLARATION_NO_TURN,
    DECLARATION_ACCEPTED,         /* it was not before */
    DECLARATION_REMAINS_ACCEPTED, /* it was, and the first thing is told of it in this decision */
    DECLARATION_REFUSED,          /* failed, rejected or cancelled, and was not so before */
};

/* What a move that is heard comes to. */
enum declaration_turn declaration_turn(const struct cause *cause, const struct move *move);

#endif
