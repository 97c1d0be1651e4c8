/*
 * consignments.h - what the parts behind it ask of the consignment 票货 that ties them together (inside the
 * engine only). Its key is its subject (engine/subject.h).
 *
 * Naming a bill of lading opens nothing, since anybody can name one. Its holder, in each direction, is the
 * party whose declaration of it customs accepted first and has not refused since: to the holder go the events
 * of the port, those told before included (unheld.h). What concerns several consignments goes only to who
 * holds all of them.
 *
 * Moves that others hear: what is told of it, named by the event; consignment_is_arrival(),
 * consignment_is_taken_back().
 */
#ifndef ENGINE_CONSIGNMENTS_H
#define ENGINE_CONSIGNMENTS_H

#include "engine/part.h"

extern const struct lifecycle consignment_lifecycle;

/* Consignments that one event may concern, so many that a decision holds what follows; of more it is refused.
 * */
#define EVENT_SUBJECTS_MAX 1000

/* One party holds all that was told of, or nobody may have it: it would tell one about the goods of
   another. */
enum hold { HELD_BY_ONE, HELD_BY_NOBODY_YET, HELD_BY_SEVERAL };

bool consignment_known(const struct cause *cause, const char *subject); /* before */
/* direction: "import" or "export". "": nobody. */
const char *consignment_holder(const struct cause *cause, const char *subject, const char *direction);
/* *holder: "" unless HELD_BY_ONE. */
enum hold consignments_hold(const struct cause *cause, const char *const *subjects, size_t count,
                            const char *direction, const char **holder);
/* Its ship's first arrival that was told, not before `since`; 0: none. */
stamp consignment_arrived(const struct cause *cause, const char *subject, stamp since);
/* When what proves one of these states, "discharged gate-out", was first told of it by an event that names
 * one of these containers ("A B"; "": any), or none; 0: never. What this decision takes back does not count,
 * and what it tells is not looked at. */
stamp consignment_first_told(const struct cause *cause, const char *subject, const char *proven,
                             const char *containers);
bool consignment_is_arrival(const struct move *move);    /* a move that is heard */
bool consignment_is_taken_back(const struct move *move); /* so is this */
/* An export was in the port then: it came, was loaded or left. */
#define CONSIGNMENT_ENTERED "gate-in loaded departed" /* the states that prove it */
bool consignment_is_entry(const struct move *move);
/* The port told that customs selected this container of it for inspection. */
bool consignment_selected(const struct cause *cause, const char *subject, const char *container);

/* Something happened to it: opens the consignment when it is new. `record` told it, of these containers. */
void consignment_tell(struct cause *cause, const char *subject, const char *event, stamp at, uint64_t record,
                      const char *direction, const char *containers);
/* Which containers of it the record told of: "A B". */
const char *consignment_containers_told(const struct cause *cause, const char *subject, uint64_t told);
/* What the record told of it does not count any more: its state is what all others prove. event: "correct" or
 * "withdraw". */
void consignment_take_back(struct cause *cause, const char *subject, const char *event, uint64_t told);
/* The cause tells of it what a newer record has told already: a line of its timeline, and no more. */
void consignment_tell_outdated(struct cause *cause, const char *subject, const char *event, stamp at,
                               uint64_t newer);

#endif
