/*
 * calls.h - calls of vessels and how their boarding 登轮检疫 stands (`clearway calls`). The office sees all,
 * customs and terminals those at their ports; any other party those that it asked for.
 */
#ifndef VIEW_CALLS_H
#define VIEW_CALLS_H

#include "view/rows.h"

#define CALLS_ROWS_MAX 1000

/* vessel: an IMO number, or nothing for all.
 * The latest expected first. record, result: of the request and of what customs decided, 0 until then. */
extern const struct rows calls_rows;

#endif
