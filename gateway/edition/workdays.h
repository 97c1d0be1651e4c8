/*
 * workdays.h - the working days 工作日 by which offices count (schemas/workdays).
 *
 *   holiday 2026-10-01 2026-10-07 "国庆节" "National Day"      # the first and the last; one day alone once
 *   working 2026-10-10            "国庆节调休" "instead of ..."  # a weekend on which people work 调休
 *
 * Monday to Friday are working days, but for holidays; so are the days that are said to be.
 */
#ifndef EDITION_WORKDAYS_H
#define EDITION_WORKDAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stamp.h"
#include "message/verdict.h"

#define WORKDAYS_MAX      1024 /* lines of the text */
#define WORKDAYS_SPAN_MAX 30   /* working days that may be counted at once */

struct edition;
struct workdays;

/* Mistakes: LINT-WORKDAY. */
struct workdays *workdays_load(const struct edition *edition, struct verdict *mistakes);
/* The same time of day, so many working days after the day of `from`: 0 to WORKDAYS_SPAN_MAX of them. Where
 * the text leaves no working days, the first days of any kind that are a year off. */
stamp workdays_after(const struct workdays *workdays, stamp from, int days);

#endif
