/*
 * dangerous.h - declarations of dangerous goods 危险货物申报, how they stand, and why they were selected for
 * an audit 抽查 (`clearway dangerous`). The office sees all; customs, the maritime administration and
 * terminals those at their ports; any other party those that it sent.
 */
#ifndef VIEW_DANGEROUS_H
#define VIEW_DANGEROUS_H

#include "view/rows.h"

#define DANGEROUS_ROWS_MAX 1000

extern const char *const dangerous_states[];

/* bill: of that bill of lading; state: only those.
 * What awaits an answer first, then the latest. lot: what was drawn for the audit. record, answer: of the
 * declaration and of what was answered last, 0 until then. */
extern const struct rows dangerous_rows;

#endif
