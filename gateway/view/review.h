/*
 * review.h - follow-up measures of the monthly review 会商跟进措施 (`clearway review`): who does what about
 * which segment, until when, and whether it is done.
 */
#ifndef VIEW_REVIEW_H
#define VIEW_REVIEW_H

#include "view/rows.h"

#define REVIEW_ROWS_MAX 1000

extern const char *const measure_states[]; /* NULL ends */
const char *review_state_name(const char *state, enum language language);

/* month: whose review decided it; state: nothing for those that have not ended. The port office sees all,
 * customs those of the ports they serve, others those that they carry out.
 * The earliest due first. due is the last day on which it is in time; segment is "" of the whole; note: what
 * came of it; record decided it, last is what was told of it last. */
extern const struct rows review_rows;

#endif
