/*
 * consignments.h - what the other parts ask of the consignment 票货 that ties them together (inside the
 * engine only).
 *
 * Its key, and the subject of decisions and deliveries, is PORT/BILL. PORT is the code behind `port` of
 * schemas/ports for the first of port_code, entry_port, port_customs and customs_office that it lists; else
 * the first of port_code and entry_port that was given, as it stands; else "-". BILL is the bill of lading in
 * its canonical form. A message without a bill finds its consignment through the declaration it names, else
 * through the passages of its containers (passages.h); a declaration without one is a consignment of its own,
 * "PORT/@" and the declaration's key. Of a bill that begins with a mark itself the mark is written twice.
 *
 * Naming a bill of lading opens nothing, since anybody can name one. Its holder, in each direction, is the
 * party whose declaration of it customs accepted first and has not refused since: to the holder go the events
 * of the port, those told before included. What concerns several consignments goes only to who holds all of
 * them.
 */
#ifndef ENGINE_CONSIGNMENTS_H
#define ENGINE_CONSIGNMENTS_H

#include "engine/parts/declarations.h"
#include "engine/part.h"

extern const struct lifecycle consignment_lifecycle;

/* Consignments that one event may concern, so many that a decision holds what follows; of more it is refused.
 * */
#define EVENT_SUBJECTS_MAX 1000

/* One party holds all that was told of, or nobody may have it: it would tell one about the goods of
   another. */
enum hold { HELD_BY_ONE, HELD_BY_NOBODY_YET, HELD_BY_SEVERAL };

const char *consignment_port(const struct cause *cause);
const char *consignment_bill(const struct cause *cause); /* "" when the message names none */
const char *consignment_subject(const struct cause *cause, const char *port, const char *bill);
const char *consignment_without_bill(const struct cause *cause, const char *port, const char *declaration);
const char *consignment_port_of(const struct cause *cause, const char *subject);
bool consignment_known(struct state *state, const char *subject);
/* direction: "import" or "export". decision: may be NULL; what it says already counts. "": nobody. */
const char *consignment_holder(const struct cause *cause, struct state *state,
                               const struct decision *decision, const char *subject, const char *direction);
/* *holder: "" unless HELD_BY_ONE. */
enum hold consignments_hold(const struct cause *cause, struct state *state, const struct decision *decision,
                            const char *const *subjects, size_t count, const char *direction,
                            const char **holder);

/* Something happened to it: opens the consignment when it is new. `record` told it, of these containers. */
void consignment_tell(const struct cause *cause, struct state *state, struct decision *decision,
                      const char *subject, const char *event, stamp at, uint64_t record,
                      const char *direction, const char *containers);
/* Customs accepted this declaration: its party becomes the holder, if nobody is, and gets what the port told
 * before. first: it was not accepted until now. */
void consignment_accepted(const struct cause *cause, struct state *state, struct decision *decision,
                          const struct declaration *declaration, bool first);
void consignment_refused(struct decision *decision, const struct declaration *declaration);
/* What container events kept before were claimed for the subject (passages.c): on to who may have them. */
void consignment_claimed(const struct cause *cause, struct state *state, struct decision *decision,
                         const char *const *subjects, size_t count, const char *direction, uint64_t record,
                         const char *route);
/* The record is for who will hold all of them, by that route. */
void consignments_remember(struct decision *decision, const char *const *subjects, size_t count,
                           const char *direction, uint64_t record, const char *route);
/* To the holder of the subject: what was remembered for it. */
void consignment_hand_over(const struct cause *cause, struct state *state, struct decision *decision,
                           const char *subject, const char *direction, const char *party);

#endif
