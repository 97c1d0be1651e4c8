/*
 * routes.h - who must have a message (schemas/routes): judged once, when the engine decides.
 *
 *   route R01 declaration
 *     when  ie_flag = "I" and transport_mode = "2"     # absent: always
 *     to    customs at customs_office                  # every party of that role whose `serves` has the value
 *     to    terminal at entry_port
 *     to    carrier at substr(bill_number, 1, 4)
 *   route R20 customs-response
 *     to    submitter                                  # who sent the declaration this answers (or will, once linked)
 *   route R40 inspection-booking
 *     to    sender decision                            # the decision itself, to the party that sent the cause
 * Families joined by commas. A route matches only on TRUE. A blocked party is no destination. A message that no
 * route takes has no destinations: that is said in its decision (answer code UNROUTED when its family has routes).
 */
#ifndef ENGINE_ROUTES_H
#define ENGINE_ROUTES_H

#include "engine/decision.h"
#include "message/expr.h"
#include "message/setup.h"

struct routes;

struct routes *routes_load(const struct setup *setup, struct arena *arena, struct verdict *mistakes);   /* LINT-ROUTE */
/* Adds destinations to the decision. submitter: code of the party that sent what this answers, or "". */
void routes_judge(const struct routes *routes, struct text family, const char *sender, const char *submitter,
                  const struct expr_context *context, uint64_t record, struct decision *decision);

#endif
