/*
 * subject.h - what a decision, a delivery and the parts call the goods they are about (inside the engine
 * only).
 *
 *   PORT/BILL              the consignment 票货 of this bill of lading at this port
 *   PORT/@PARTY/OWN-ID     the goods of a declaration that names no bill
 *   PORT/#CONTAINER        what is kept of a container until it is known whose it was (parts/passages.h)
 *   PORT/!PARTY/OWN-ID     no goods: a measure of a review (parts/measures.h)
 *
 * PORT is the code behind `port` of schemas/ports for the first of port_code, entry_port, port_customs and
 * customs_office that it lists; else the first of port_code and entry_port that was given, as it stands; else
 * "-". BILL is the bill of lading in its canonical form; of one that begins with a mark itself the mark is
 * written twice, since anybody can name any bill: none may be read as another's goods.
 *
 * What is returned is in the arena of the cause.
 */
#ifndef ENGINE_SUBJECT_H
#define ENGINE_SUBJECT_H

#include "engine/part.h"

const char *subject_port(const struct cause *cause); /* that the message names */
/* The sender of the message serves that port, as customs and the maritime administration do: what stands at
 * another one is not there for it. */
bool subject_port_is_served(const struct cause *cause);
const char *subject_bill(const struct cause *cause); /* "" when the message names none */
const char *subject_of_bill(const struct cause *cause, const char *port, const char *bill);
const char *subject_without_bill(const struct cause *cause, const char *port, const char *declaration);
const char *subject_of_container(const struct cause *cause, const char *port, const char *container);
const char *subject_of_measure(const struct cause *cause, const char *port, const char *measure);
bool subject_is_measure(const char *subject);
const char *subject_port_of(const struct cause *cause, const char *subject);

/* For a statement: BILL of the subject :key; "" where it has none. In one expression: a subquery, or a list
 * behind IN, would cost as much as the row. */
#define SUBJECT_BILL_SQL                                                                               \
    "iif(instr('@#!', substr(:key, instr(:key, '/') + 1, 1)) = 0, substr(:key, instr(:key, '/') + 1)," \
    " iif(substr(:key, instr(:key, '/') + 2, 1) = substr(:key, instr(:key, '/') + 1, 1),"              \
    " substr(:key, instr(:key, '/') + 2), ''))"
#define SUBJECT_PORT_SQL "substr(:key, 1, instr(:key, '/') - 1)"

#endif
