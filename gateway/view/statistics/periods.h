/*
 * periods.h - which days a question of statistics is about: a month, or the days from one to another, as the
 * parameters `month`, or `from` and `to`, say it; or those of a snapshot, as they were known then.
 */
#ifndef VIEW_STATISTICS_PERIODS_H
#define VIEW_STATISTICS_PERIODS_H

#include "view/statistics/samples.h"
#include "view/view.h"

/* Exactly one of them is told, and the first day is not behind the last. NULL: so it is; else the parameter
 * that is wrong. */
const struct view_parameter *period_wrong(const struct view_question *question);
/* The same, where a snapshot, or a day at whose end it was known, may be told besides. */
const struct view_parameter *period_known_wrong(const struct view_question *question);
/* Of a question of which that was checked. */
struct period period_of(const struct view_question *question);
/* The same, as it was known then. NOT_FOUND: there is no such snapshot, or nothing was known then; BAD_INPUT:
 * that day is to come. */
enum status period_find(const struct view_question *question, struct period *out);
/* NOT_FOUND, in words: no declaration was released in these days. */
enum status period_refuse_empty(const struct view_question *question, struct period period);
/* "2026-10"; "" when it is no whole month. */
const char *period_month(struct period period, struct arena *arena);
/* As long, and just before it: of whole months as many of them. */
struct period period_before(struct period period);
/* The same days of the year before; 29 February was its 28th. */
struct period period_year_before(struct period period);

/* "2026-10": the month before the one we are in, on Asia/Shanghai days; NULL when days are told. */
const char *period_last_month(const struct view_question *question);

#endif
