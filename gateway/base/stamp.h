/*
 * stamp.h - moments and days.
 *
 * A stamp is nanoseconds since 1970-01-01T00:00:00Z. A day is the number of days since 1970-01-01.
 * The house shows and closes days and months in Asia/Shanghai: UTC+8 without daylight saving since
 * 1991, so a constant offset is exact for every moment the gateway sees.
 * Only stamp_now() and stamp_monotonic_ms() and _ns() read a clock, never in check, engine or view. What is
 * recorded goes by the house's time (clock.h); the wall clock itself is for logs, headers of HTTP and the
 * command.
 *
 * The house's calendar runs from 1900-01-01 to 2199-12-31: what a message, a query or an option tells outside
 * of it is no moment here, and is refused where it is read. A stamp holds 1677 to 2262, so computing a few
 * years beyond the calendar stays exact. No function here fails for a value from outside.
 */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

typedef int64_t stamp; /* the one typedef of the house: a unit, not a struct */

#define STAMP_SECOND            INT64_C(1000000000)
#define STAMP_SHANGHAI_OFFSET_S (8 * 3600)
#define STAMP_TEXT_MAX          40

#define CALENDAR_FIRST          (-25567) /* 1900-01-01 */
#define CALENDAR_LAST           84005    /* 2199-12-31 */
#define DAY_OPEN                2932896  /* 9999-12-31: how people write "without an end" */

stamp stamp_now(void);            /* wall clock; the nearest stamp when it is beyond all of them */
int64_t stamp_monotonic_ms(void); /* for deadlines and delays */
int64_t stamp_monotonic_ns(void); /* for how long something took */

/* RFC 3339 with milliseconds at +08:00: "2026-10-31T08:00:00.000+08:00". Returns out. */
const char *stamp_print(stamp at, char out[STAMP_TEXT_MAX]);
/* RFC 3339 / ISO 8601 date-time; without a zone it is Asia/Shanghai. False: not a real moment of the
   calendar. */
bool stamp_parse(struct text text, stamp *out);

int32_t stamp_day(stamp at);     /* the Asia/Shanghai day it falls on */
stamp stamp_of_day(int32_t day); /* 00:00 Asia/Shanghai of that day, or the nearest stamp */
bool calendar_has(int32_t day);
int32_t day_of(int year, int month, int day); /* proleptic Gregorian; month 1-12, day 1-31 */
void day_split(int32_t day, int *year, int *month, int *day_of_month);
/* YYYY-MM-DD, a real day of the years 1 to 9999: texts of experts end with 9999-12-31. */
bool day_parse(struct text text, int32_t *out);
const char *day_print(int32_t day, char out[STAMP_TEXT_MAX]);
/* YYYY-MM of the calendar. */
bool month_parse(struct text text, int32_t *first_day, int32_t *next_first_day);

#endif
