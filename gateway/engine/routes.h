/*
 * routes.h - who must have a message (schemas/routes): judged once, when the engine decides.
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
 * Families joined by commas. A route matches only on TRUE. `at` matches what a party `serves` or `declares`
 * by name, and its own code. A blocked party is no destination, nor is the sender of a message for its own
 * message. What the engine refuses goes nowhere but to `sender decision` (where no route says so, decide.c
 * sends it there all the same). A message that no route takes has no destinations: that is said in its
 * decision (answer code UNROUTED when its family has routes).
 */
#ifndef ENGINE_ROUTES_H
#define ENGINE_ROUTES_H

#include "expr/expr.h"
#include "edition/setup.h"
#include "engine/decision.h"

struct routes;

/* Mistakes: LINT-ROUTE. */
struct routes *routes_load(const struct setup *setup, struct arena *arena, struct verdict *mistakes);
bool routes_has_family(const struct routes *routes, struct text family);
/* Code of the first route that would take this message to its submitter; NULL: none would. */
const char *routes_to_submitter(const struct routes *routes, struct text family,
                                const struct expr_context *context);
/* Adds destinations to the decision. submitter: code of the party that sent what this answers, or "". */
void routes_judge(const struct routes *routes, struct text family, const char *sender, const char *submitter,
                  const struct expr_context *context, uint64_t record, struct decision *decision);

#endif
