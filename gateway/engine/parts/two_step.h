/*
 * two_step.h - the two-step declaration 两步申报: the summary 概要申报 starts a clock, the complete
 * declaration 完整申报 stops it (inside the engine only). Its moves are those of the part declarations.
 *
 * Complete within 14 days of the entry of the means of transport (General Administration of Customs
 * 127/2019); until that is known the clock runs from the summary's receipt. Warned on day 10.
 */
#ifndef ENGINE_TWO_STEP_H
#define ENGINE_TWO_STEP_H

#include "engine/parts/declarations.h"

const char *two_step_of(const struct cause *cause); /* "summary", "complete", or "" */
void two_step_declared(const struct cause *cause, struct state *state, struct decision *decision,
                       const struct declaration *declaration);
/* Its ship arrived, as the decision says: the clocks of the consignment's summaries run from the first time
 * this was told, in whatever order it is. */
void two_step_arrived(const struct cause *cause, struct state *state, struct decision *decision,
                      const char *subject);
void two_step_tick(struct cause *cause, struct state *state, struct decision *decision);
void two_step_enrich(struct cause *cause, struct state *state); /* what the rules T01, T02 ask */

#endif
