/*
 * clearance.h - the month's clearance times by segment 通关时效: exact n, mean, median, p90 per segment and chain.
 *
 * Population: declarations whose month milestone (RELEASED) falls in the month, Asia/Shanghai days. Three variants side
 * by side, each with its n: signed (as it is, may be negative after an advance declaration 提前申报), clamped
 * (milestones made monotone along the chain, so that segments still add up), excluded (only chains that are complete and in order).
 * Means are computed from exact nanoseconds and rounded last (hours, two places, half up). Median and p90 by the
 * nearest-rank method (p90 = value at rank ceil(0.9 n)); the median of an even n is the mean of the two middle values.
 */
#ifndef VIEW_CLEARANCE_H
#define VIEW_CLEARANCE_H

#include "base/arena.h"
#include "base/json.h"
#include "base/status.h"
#include "engine/segments.h"
#include "engine/state.h"

enum status clearance_json(struct state *state, const struct segments *segments, struct text month, struct arena *arena,
                           struct json_out *out);      /* NOT_FOUND: no consignment in that month; BAD_INPUT: not YYYY-MM */
enum status clearance_print(struct state *state, const struct segments *segments, struct text month,
                            enum language language, struct arena *arena, struct buf *out);

#endif
