/*
 * cause.h - what a part may ask of the cause that is decided, and of the decision so far; and what it may
 * tell the rules and routes of it. The cause itself: part.h.
 */
#ifndef ENGINE_CAUSE_H
#define ENGINE_CAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/stamp.h"
#include "base/store.h"
#include "edition/terms.h"
#include "engine/decision.h"

struct cause;

/* Its parts may be asked, and may make moves: state.db stands behind it, and a decision is being made. Of a
 * message whose routes alone are asked about (engine_route() without a state) no part is asked. */
bool cause_has_state(const struct cause *cause);
/* A field of the cause's document as a string in the cause's arena;
 * "" when absent, ill or not in the dictionary. */
const char *cause_text(const struct cause *cause, const char *field);
const char *cause_row_text(const struct cause *cause, const char *field, uint32_t row);
uint32_t cause_rows(const struct cause *cause, const char *group);
stamp cause_moment(const struct cause *cause, const char *field, stamp otherwise);
stamp cause_row_moment(const struct cause *cause, const char *field, uint32_t row, stamp otherwise);
/* How long the law or the port gives for that (schemas/terms), as of the day of the cause. */
stamp cause_term(const struct cause *cause, enum term term);
int32_t cause_row_day(const struct cause *cause, const char *field, uint32_t row, int32_t otherwise);
/* "MSKU1234565 MSKU1234570": what the message names; those of its rows. */
const char *cause_containers(const struct cause *cause);
const char *cause_containers_at(const struct cause *cause, const uint32_t *rows, size_t count);
/* The decision itself goes to each party of that role that serves the place; place "": to all of them. */
void cause_send_role(const struct cause *cause, const char *role, const char *place, const char *route);
/* As JSON, for a query over all of them: SELECT ... FROM json_each(?). */
const char *cause_list(const struct cause *cause, const char *const *items, size_t count);
/* "..; ..": what the rules warned of in the message, in the check and in the engine. "": of nothing. */
const char *cause_warnings(const struct cause *cause, bool zh);
/* "import", "export"; "" when the message does not say. */
const char *cause_direction(const struct cause *cause);
/* Adds what the gateway knows; a field that the dictionary does not have is left out. */
void cause_enrich(struct cause *cause, const char *field, uint32_t row, const char *value);
void cause_enrich_flag(struct cause *cause, const char *field, uint32_t row, bool value);
void cause_enrich_moment(struct cause *cause, const char *field, stamp at); /* 0: not known */

/* Where a thing stands by this decision so far; NULL when that says nothing about it. */
const char *state_of(const struct decision *decision, const char *part, const char *key);
bool move_is(const struct move *move, const char *part, const char *event);
/* A text column of the row that stands ready, copied into the arena. */
const char *row_text(struct store_query *query, int column, struct arena *arena);

#endif
