/*
 * why.h - why a message goes to whom it goes, and why not to others: line by line of the routes, as an expert
 * or an operator reads them (`clearway route`).
 *
 * The routes are judged as the engine judges them (engine/routing.h), with a listener that takes down what is
 * found of each route, line and party. Conditions are shown one by one, each with the values of its fields.
 */
#ifndef VIEW_WHY_H
#define VIEW_WHY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "edition/edition.h"
#include "engine/routing.h"

struct why;

/* Lives in the arena, which must be that of what it listens to. */
struct why *why_new(const struct edition *edition, struct arena *arena);
struct routing_listener why_listener(struct why *why);
/* It might be sent to somebody, once it is known whose it is. */
bool why_waits(const struct why *why);
/* party: only routes and lines that might mean it; NULL: all.
 * Adds "routes":[{"route","line","taken","why","zh","en",
 *   "conditions":[{"text","truth":"true"|"false"|"unknown","values":[{"field","value"}]}],
 *   "to":[{"line","text","value","why","zh","en",
 *     "parties":[{"party","sent","why","zh","en","blocked","transport"}]}]}] to an open object. A line that
 * means no party has a why of its own, one that does has not; a field that is absent has no value. */
void why_json(const struct why *why, const char *party, struct json_out *out);
void why_print(const struct why *why, const char *party, enum language language, struct buf *out);

#endif
