/*
 * lots.h - lots of bulk goods 大宗货批 and their ledgers (`clearway lots`): what customs cleared of each,
 * what was drawn, what is left, and by which message.
 *
 * A party sees the lots that it applied for or drew from, and those whose application it was sent, as customs
 * and who keeps the goods; the office and an operator on the machine see all.
 */
#ifndef VIEW_LOTS_H
#define VIEW_LOTS_H

#include "view/rows.h"

#define LOTS_ROWS_MAX        1000
#define LOTS_LEDGER_ROWS_MAX 1000

extern const char *const lot_states[];

/* lot: one of that number, with its ledger; state, place: only those. Latest first, and lines of the ledger
 * as they were written, the last LOTS_LEDGER_ROWS_MAX of them.
 * weighed: what a weighbridge found of the draw, "" when it was not told; within: the tolerance.
 * NOT_FOUND: no such lot, or none that the viewer may see. */
extern const struct rows lots_rows;

#endif
