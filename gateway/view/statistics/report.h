/*
 * report.h - the question "report": the clearance times of a period 通关时效 by segment, every measure exact
 * (figures.h says how each is defined, samples.h over what).
 *
 * As JSON: {"period":{"from","to","month"},"dimensions":[{"by","zh","en"}],"import":{GROUP,
 * "groups":[{"value","zh","en",GROUP}]},"export":{…}} with
 * GROUP  "population","complete","in_order","segments":[{"name","zh","en","from","to","available":FIGURES,
 *        "signed":FIGURES,"clamped":FIGURES,"excluded":FIGURES}],"total":{"from","to","available":FIGURES,…},
 *        "overall":{"from","to",FIGURES,"base":{"hours","year","change"},"target":likewise,
 *        "previous":{"from","to","n","mean","change"},"previous_year":{…}}
 * FIGURES {"n","mean","median","min","p10",…,"within_24h","within_48h","share"}
 * Times are numbers in seconds, shares and changes numbers of 1 (-0.25: a quarter less), with 17
 * significant digits. What has no n has no measures. share: of the total's mean. `from` and `to` of a period
 * are its first and last day. dimensions: what `by` may be by this definition. groups: with `by` only, which
 * is told then, with "by_zh" and "by_en".
 *
 * Of a direction also: "excluded":[{"code","zh","en","n"}], how many declarations each exclusion of
 * schemas/segments kept out, and "doubted", of how many that count a message told times that cannot be true;
 * "coverage":[{"milestone","zh","en","missing","told_by"}], of how many declarations a milestone
 * of the chain was never told, and which families tell it; "slowest":{"n","from","held_by":[{"segment",
 * "side","n"}]} (tail.h); with `compare` "why":{"mean_then","mean_now","segments":[{"name","mean_then",
 * "mean_now","change","share"}],"dimensions":[{"by","zh","en","within","mix"}]} (change.h).
 *
 * "definition":{"number","record","digest"}: by which the figures are made (definitions.h), once it is
 * recorded.
 *
 * Compared with a snapshot also "revision":{"added","removed","changed"}, of declarations (revision.h). Of a
 * whole month "snapshots":[{"number","revision","at","record","definition"}], when it was closed and revised;
 * `as_of` in "period": the record up to which it was known, where that is not now.
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
enum status report_print(const struct view_question *question, struct buf *out);
enum status report_csv(const struct view_question *question, struct buf *out);

#endif
