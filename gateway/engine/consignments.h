/*
 * consignments.h - what the other parts ask of the consignment 票货 that ties them together (inside the
 * engine only).
 *
 * Its key, and the subject of decisions and deliveries, is PORT/BILL. PORT is the code behind `port` of
 * schemas/ports for the first of port_code, entry_port, port_customs and customs_office that it lists; else
 * the first of port_code and entry_port that was given, as it stands; else "-". BILL is the bill of lading in
 * its canonical form. A message without a bill finds its consignment through the declaration or the containers it
 * names; a declaration without one is a consignment of its own, "PORT/@" and the declaration's key.
 *
 * Naming a bill of lading opens nothing, since anybody can name one. Its holder is the party whose
 * declaration of it customs accepted first: to the holder go the events of the port, those told before
 * included.
 */
#ifndef ENGINE_CONSIGNMENTS_H
#define ENGINE_CONSIGNMENTS_H

#include "engine/part.h"

#define MILESTONES_TOLD_MAX 16            /* milestones one message may tell */

struct milestone_told { const char *code; stamp at; };

const char *consignment_port(const struct cause *cause);
const char *consignment_bill(const struct cause *cause);                  /* "" when the message names none */
const char *consignment_subject(const struct cause *cause, const char *port, const char *bill);
/* Of the consignment's own milestones; 0 when it has none such. */
stamp       consignment_milestone(struct state *state, const char *subject, const char *code);
/* Containers travel again and again: the consignment of one is the newest at this port that has it; "" when
 * none has. */
const char *consignment_of_container(const struct cause *cause, struct state *state, const char *port,
                                     const char *container);
/* decision: may be NULL; what it says already counts. */
const char *consignment_holder(const struct cause *cause, struct state *state,
                               const struct decision *decision, const char *subject);

/* Something happened to it: opens the consignment when it is new. `record` told it. */
void consignment_tell(const struct cause *cause, struct state *state, struct decision *decision,
                      const char *subject, const char *event, stamp at, uint64_t record);
/* Customs accepted a declaration of this party: it becomes the holder, if nobody is,
 * and gets what the port told before. */
void consignment_accepted(const struct cause *cause, struct state *state, struct decision *decision,
                          const char *subject, const char *party);

/* The milestones the cause's own message tells. */
size_t milestones_told(const struct cause *cause, struct milestone_told told[MILESTONES_TOLD_MAX]);
/* declaration: key of the one it belongs to, or "" for the consignment as a whole. */
void   milestone_add(struct decision *decision, const char *subject, const char *declaration,
                     const char *code, stamp at, uint64_t record);

#endif
