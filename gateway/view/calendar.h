/*
 * calendar.h - the slots of inspection sites 查验时段 as a calendar (`clearway slots`): how many places each
 * has (schemas/slots), and how many are taken.
 *
 * Everybody sees how full a slot is, as everybody sees the queue (inspections.h); whose the bookings are is
 * not told, but how many of them are the asking party's.
 */
#ifndef VIEW_CALENDAR_H
#define VIEW_CALENDAR_H

#include "view/rows.h"

#define CALENDAR_ROWS_MAX 4000
#define CALENDAR_DAYS_MAX 14

extern const struct rows calendar_rows;

/* `from` and `to`: at most so many days, and the later not before the earlier. */
const struct view_parameter *calendar_wrong(const struct view_question *question);

#endif
