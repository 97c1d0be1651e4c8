/*
 * periods.h - which days a question of statistics is about: a month, or the days from one to another, as the
 * parameters `month`, or `from` and `to`, say it.
 */
#ifndef VIEW_STATISTICS_PERIODS_H
#define VIEW_STATISTICS_PERIODS_H

#include "view/statistics/samples.h"
#include "view/view.h"

/* Exactly one of them is told, and the first day is not behind the last. NULL: so it is; else the parameter
 * that is wrong. */
const struct view_parameter *period_wrong(const struct view_question *question);
/* Of a question of which that was checked. */
struct period period_of(const struct view_question *question);
/* As long, and just before it: of a whole month the month before. */
struct period period_before(struct period period);
/* The same days of the year before; 29 February was its 28th. */
struct period period_year_before(struct period period);

/* "2026-10": the month before the one we are in, on Asia/Shanghai days; NULL when days are told. */
const char *period_last_month(const struct view_question *question);

#endif
