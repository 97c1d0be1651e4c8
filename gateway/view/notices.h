/*
 * notices.h - what tax offices, credit insurers and banks were told of exports 出口信息, and who of them has
 * not acknowledged it (`clearway notices`). Each of them sees what it was told, a declarant what was told of
 * its own declarations, the office and an operator on the machine all.
 */
#ifndef VIEW_NOTICES_H
#define VIEW_NOTICES_H

#include "view/rows.h"

#define NOTICES_ROWS_MAX 1000

extern const char *const notice_states[];

/* state: only those. party: what was told to it.
 * One row for each party and each time that it was told; what is not acknowledged first, the oldest of it
 * first. told: the party. kind: notice, amendment, withdrawal. state "replaced": replaced_by took its place
 * before it was acknowledged. reply: the record of what it replied last, 0 until then. */
extern const struct rows notices_rows;

#endif
