/*
 * clearance.h - the month's clearance times by segment 通关时效: exact n, mean, median, p90 per segment and
 * chain.
 *
 * Population: declarations of a direction whose month milestone (RELEASED) falls in the month,
 * Asia/Shanghai days; not those cancelled, nor the complete declaration of a two-step one (its summary
 * counts). Side by side, each with its n:
 *   available  every declaration that has both ends of the segment;
 *              may be negative after an advance declaration 提前申报
 *   signed     complete chains only, as they are
 *   clamped    the same chains, their milestones made monotone along the chain, so that segments still add up
 *   excluded   only chains that are complete and in order
 * Of complete chains the means of the segments add up to the total; medians do not. A segment outside the
 * chain (inspection) has no chain: its three are all pairs, pairs with negatives taken as zero, and pairs
 * without negatives. Means are computed from exact nanoseconds and rounded last (hours, two places, half
 * up). Median and p90 by the nearest-rank method (p90 = value at rank ceil(0.9 n)); the median of an even n
 * is the mean of the two middle values. The overall time is the mean of `available` between its two
 * milestones, beside the month before, the same month of the year before, and the base: change =
 * time / base - 1 in percent, of unrounded values.
 *
 * {"month","import":{"population","complete","in_order","segments":[{"name","zh","en","from","to",
 * "available":{"n","mean","median","p90"},"signed":{…,"share"},"clamped":{…},"excluded":{…}}],
 * "total":{"from","to","signed":…},"overall":{"from","to","n","mean","base","base_year","change",
 * "previous_month":{"n","mean","change"},"previous_year":{…}}},"export":{…}}
 * Hours and percents are strings; what has no n has no mean. share: of the total's mean, in percent.
 */
#ifndef VIEW_CLEARANCE_H
#define VIEW_CLEARANCE_H

#include "base/json.h"
#include "base/status.h"
#include "engine/segments.h"
#include "engine/state.h"

/* NOT_FOUND: no declaration in that month; BAD_INPUT: not YYYY-MM;
 * TOO_LARGE: more declarations than can be counted. */
enum status clearance_json(struct state *state, const struct segments *segments, struct text month,
                           struct json_out *out);
enum status clearance_print(struct state *state, const struct segments *segments, struct text month,
                            enum language language, struct buf *out);

#endif
