/*
 * waivers.h - requests that the charges of an inspection be waived 免单申请, and what became of them
 * (`clearway waivers`). The port office sees all, others what they asked for or charged.
 */
#ifndef VIEW_WAIVERS_H
#define VIEW_WAIVERS_H

#include "view/rows.h"

#define WAIVERS_ROWS_MAX 1000

extern const char *const waiver_states[]; /* NULL ends */

/* state: nothing for those that are neither denied nor settled.
 * The newest first. record asked, last: by what it stands so. */
extern const struct rows waivers_rows;

#endif
