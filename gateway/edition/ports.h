/*
 * ports.h - which codes mean one and the same port (schemas/ports).
 *
 *   port CNQDG "青岛港" "Qingdao"
 *     also CNTAO CNQDP CNQIN          # UN/LOCODEs in use for it
 *     also 370201 370202              # ports of entry of the declaration
 *     also 4218 4227                  # customs offices
 *
 * A declaration names its port of entry (370201) or a customs office (4218), an event names a UN/LOCODE
 * (CNQDG): so that both meet in one consignment, each is brought to the code behind `port`. What the
 * text does not list stands for itself.
 */
#ifndef EDITION_PORTS_H
#define EDITION_PORTS_H

#include "message/verdict.h"

struct edition;
struct ports;

/* Mistakes: LINT-PORT. */
struct ports *ports_load(const struct edition *edition, struct verdict *mistakes);
const char *ports_find(const struct ports *ports, const char *code); /* NULL: not listed */

#endif
