/*
 * ratings.h - how the operators of the port are rated 服务评价 (`clearway ratings`): by operator and month,
 * for everybody to see. Single ratings are told to nobody here: whom one is about has it as a message.
 */
#ifndef VIEW_RATINGS_H
#define VIEW_RATINGS_H

#include "view/rows.h"

#define RATINGS_ROWS_MAX 1000 /* operators and months */

/* operator: its code, or nothing for all. month: nothing for all; a rating counts in the month, by
 * Asia/Shanghai days, in which it was first given, with the score that it has now.
 * By operator, the latest month first. n1 to n5: how many gave that score. party: that of the newest of its
 * ratings; its names are "" when no party is called so any more. */
extern const struct rows ratings_rows;

#endif
