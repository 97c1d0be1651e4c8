/*
 * export.h - the question "export": what the clearance times of a period are computed from, one row for each
 * declaration of the period, as CSV (RFC 4180) that DuckDB, ClickHouse or a spreadsheet read as they are.
 *
 * Columns  direction, declaration;
 *          excluded: the code by which it is not of the population, or empty;
 *          doubted: the codes of messages about it whose times cannot be true, joined by +;
 *          each dimension; each milestone of the edition (RFC 3339, +08:00, as many decimals of a second as
 *          were told); of each segment its signed length in seconds, as "import.customs"; of what is of
 *          the population, `tellers`: the port of the goods, and who told anything of them;
 *          `unread`: its message is not at hand, so that what it says (the dimensions of schemas/segments) is
 *          missing; whether the chain is `complete`, and `in_order`;
 *          the definitions, in each row, so that a file explains itself wherever it is: `definition`, the
 *          digest of schemas/segments, and `definitions`, what it says of the direction ("month=RELEASED
 *          chain=ARRIVED>DISCHARGED>... overall=ARRIVED>RELEASED discharge=ARRIVED>DISCHARGED ...").
 * What was not told is an empty field.
 *
 * It comes in parts, however long it is: rows of each day of a direction are as they were known at one
 * moment. What is told anew of a day while others are written may stand twice, or not at all; of a
 * snapshot, or as it was known on a day, it cannot.
 *
 * Limits   VIEW_PART_MAX bytes of one direction and day, some 50,000 declarations; as samples_gather() of it.
 */
#ifndef VIEW_STATISTICS_EXPORT_H
#define VIEW_STATISTICS_EXPORT_H

#include "view/view.h"

/* NOT_FOUND: no declaration in that period, or as period_find(); and as samples_gather(). */
enum status export_csv(const struct view_question *question, struct buf *out);

#endif
