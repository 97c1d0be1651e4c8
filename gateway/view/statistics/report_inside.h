/*
 * report_inside.h - what the forms of the report share (inside the report only).
 */
#ifndef VIEW_STATISTICS_REPORT_INSIDE_H
#define VIEW_STATISTICS_REPORT_INSIDE_H

#include "view/statistics/clearance.h"
#include "view/statistics/report.h"
#include "view/statistics/snapshots.h"

#define REPORT_SNAPSHOTS_MAX 64 /* of one month that are told */

/* The figures of the question; as period_find() and clearance_new(). BAD_INPUT: the definition has no such
 * milestone. */
enum status report_compute(const struct view_question *question, struct clearance **out);
/* Those of the month that is told, the first first: at most REPORT_SNAPSHOTS_MAX. */
size_t report_snapshots(const struct view_question *question, const struct clearance *clearance,
                        struct snapshot *out);
/* What a segment has its share of; NULL: of nothing. */
const struct figures *report_total(const struct clearance_group *group, bool chained, enum variant variant);
/* The segment from one milestone of the chain to the next; NULL: it has no name. */
const struct segment_row *report_row(const struct clearance_direction *direction, size_t step);

/* "terminal"; of a field its name. */
const char *report_dimension(const struct clearance_wanted *wanted, enum dimension dimension);

#endif
