/*
 * report.h - the question "report": the clearance times of a month 通关时效, exact n, mean, median and p90 of
 * each segment and of the chain (figures.h says how they are computed, samples.h over what).
 *
 * {"month","import":{"population","complete","in_order","segments":[{"name","zh","en","from","to",
 * "available":{"n","mean","median","p90"},"signed":{…,"share"},"clamped":{…},"excluded":{…}}],
 * "total":{"from","to","signed":…},"overall":{"from","to","n","mean","base","base_year","change",
 * "previous_month":{"n","mean","change"},"previous_year":{…}}},"export":{…}} Hours and percents are strings;
 * what has no n has no mean. share: of the total's mean, in percent. overall: beside the month before, the
 * same month of the year before, and the base.
 */
#ifndef VIEW_STATISTICS_REPORT_H
#define VIEW_STATISTICS_REPORT_H

#include "view/view.h"

/* As clearance_new(); nothing is written then. */
enum status report_json(const struct view_question *question, struct json_out *out);
enum status report_print(const struct view_question *question, struct buf *out);
/* "2026-10": the month before the one we are in, on Asia/Shanghai days. */
const char *report_last_month(stamp now, struct arena *arena);

#endif
