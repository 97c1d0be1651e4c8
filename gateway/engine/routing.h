/*
 * routing.h - who must have a message, by the routes (edition/routes.h): judged once, when the engine
 * decides.
 *
 * `at` matches what a party `serves` or `declares` by name, and its own code. The sender of a message is no
 * destination of it. Who is blocked is one: what is decided for it waits, parked, until it is served again.
 * What the engine refuses goes nowhere but to `sender decision` (where no route says so, decide.c sends it
 * there all the same). A message that no route takes has no destinations: that is said in its decision
 * (answer code UNROUTED when its family has routes).
 */
#ifndef ENGINE_ROUTING_H
#define ENGINE_ROUTING_H

#include "expr/expr.h"
#include "edition/routes.h"
#include "engine/decision.h"

/* Code of the first route that would take this message to its submitter; NULL: none would. */
const char *routing_to_submitter(const struct routes *routes, struct text family,
                                 const struct expr_context *context);
/* Adds destinations to the decision. submitter: code of the party that sent what this answers, or "". */
void routing_judge(const struct routes *routes, struct text family, const char *sender, const char *submitter,
                   const struct expr_context *context, uint64_t record, struct decision *decision);

#endif
