/*
 * routes.h - who must have a message (schemas/routes), as it was written; judged by engine/routing.h.
 *
 *   route R01 declaration
 *     when  ie_flag = "I" and transport_mode = "2"     # absent: always
 *     to    customs at customs_office                  # every party of that role whose `serves` has the
 *                                                      value
 *     to    terminal at entry_port
 *     to    carrier at substr(bill_number, 1, 4)
 *     to    office                                     # every party of that role
 *   route R20 customs-response
 *     to    submitter                                  # who sent the declaration this answers, once linked
 *   route R40 inspection-booking
 *     to    sender decision                            # the decision itself, to the party that sent the
 *                                                      cause
 *   route R50 port-event
 *     when  classifier = "EST"
 *     to    nobody                                     # it is kept here, and meant to go no further
 * Families joined by commas. A route matches only on TRUE. A message that is sent to nobody, and of which no
 * route says that it shall be so, is quarantined (engine/parts/quarantine.h).
 */
#ifndef EDITION_ROUTES_H
#define EDITION_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "message/verdict.h"
#include "expr/expr.h"
#include "edition/catalog.h"

#define ROUTES_MAX  256
#define TARGETS_MAX 16 /* `to` lines of one route */

struct edition;
enum target_kind { TARGET_ROLE, TARGET_SUBMITTER, TARGET_SENDER, TARGET_NOBODY };

struct target {
    enum target_kind kind;
    const char *role;      /* of TARGET_ROLE */
    const struct expr *at; /* NULL: every party of the role */
    bool decision;         /* has the decision, not the message: also of what was refused */
    uint32_t line;         /* of the text */
};

struct route {
    const char *code;
    struct families families;
    const struct expr *when; /* NULL: always */
    struct target targets[TARGETS_MAX];
    size_t count;
    uint32_t line, when_line; /* of the text; 0: it has no `when` */
};

struct routes {
    const struct parties *parties;
    struct route list[ROUTES_MAX];
    size_t count;
};

/* Mistakes: LINT-ROUTE, LINT-EXPR. */
struct routes *routes_load(const struct edition *edition, struct verdict *mistakes);
const struct route *routes_find(const struct routes *routes, struct text code); /* NULL: there is none */

#endif
