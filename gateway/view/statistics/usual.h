/*
 * usual.h - how long each step of a chain usually takes: what somebody who waits wants to know, told to every
 * party. Of the declarations released in the 90 days before today, the times that add up along the chain
 * (figures.h, clamped), so that a declaration made before the ship came does not make a step shorter than
 * nothing.
 *
 * Steps stand in the order of the chain; median and p90 are seconds, and absent where fewer than USUAL_N_MIN
 * declarations would be behind them: what a few took is theirs to know. side: who can make it shorter. Beside
 * the chain stand the segments that not all goods go through, those of an inspection.
 */
#ifndef VIEW_STATISTICS_USUAL_H
#define VIEW_STATISTICS_USUAL_H

#include "view/view.h"

#define USUAL_DAYS       90
#define USUAL_N_MIN      10
#define USUAL_AGE_MAX_MS (10 * 60 * 1000) /* what takes hours and days is told as of minutes ago */

/* As clearance_new(); of no declaration at all the chains are told without figures. */
enum status usual_json(const struct view_question *question, struct json_out *out);
extern const struct shape usual_shape;

#endif
