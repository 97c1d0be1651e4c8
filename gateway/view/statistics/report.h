/*
 * report.h - the question "report": the clearance times of a period 通关时效 by segment, every measure exact
 * (figures.h says how each is defined, samples.h over what).
 *
 * As JSON it is made of what report_shape.c says. Times are numbers in seconds, shares and changes numbers
 * of 1 (-0.25: a quarter less), with 17 significant digits. What has no n has no measures. `excluded` tells
 * how many declarations each exclusion of schemas/segments kept out, `doubted` of how many that count a
 * message told times that cannot be true; `slowest` is of tail.h, `why` of change.h, `revision` of
 * revision.h, `definition` of definitions.h.
 *
 * As CSV (RFC 4180): one row for each direction, group, segment (`total`, `overall` among them) and variant;
 * or another table of the report, by its name in REPORT_TABLE_LIST.
 *
 * "unit": what n, population, complete, in_order, n_then and n_now count (schemas/segments says how);
 * "declarations" how many there are of the direction; "without_containers" of them, and containers
 * "of_unknown_size", count for nothing. Exclusions, doubts, coverage and the slowest are declarations always.
 */
#ifndef VIEW_STATISTICS_REPORT_H
#define VIEW_STATISTICS_REPORT_H

#include "view/view.h"

/* clang-format off */
/*    name       zh                      en */
#define REPORT_TABLE_LIST(X)                                                       \
    X(figures,   "各环节指标",           "the measures of each segment")           \
    X(beside,    "剔除与存疑",           "what is excluded, and doubted")          \
    X(coverage,  "节点缺失",             "who misses which milestone")             \
    X(slowest,   "最慢的 5%",            "who holds the slowest 5 %")              \
    X(change,    "变化原因（与 compare 同用）", "why it changed, with `compare`")
/* clang-format on */

extern const char *const report_table_texts[]; /* NULL ends */

/* As period_wrong(); and what `between` names are milestones, where the source is known. */
const struct view_parameter *report_wrong(const struct view_question *question);
/* No record behind that one told anything of the period, nor of those it is compared with. */
bool report_stands(const struct view_question *question, uint64_t since);
/* As clearance_new(); nothing is written then. */
enum status report_json(const struct view_question *question, struct json_out *out);
/* And what it is made of. */
extern const struct shape report_shape, report_direction_shape, report_group_shape, figures_shape,
    figures_of_part_shape;
enum status report_print(const struct view_question *question, struct buf *out);
enum status report_csv(const struct view_question *question, struct buf *out);

#endif
