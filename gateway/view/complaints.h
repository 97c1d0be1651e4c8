/*
 * complaints.h - complaints about charges 收费投诉 and how they were answered (`clearway complaints`), for
 * the port office that watches over them. The two whom one is about have it as a message.
 */
#ifndef VIEW_COMPLAINTS_H
#define VIEW_COMPLAINTS_H

#include "view/rows.h"

#define COMPLAINTS_ROWS_MAX 1000

extern const char *const complaint_states[]; /* NULL ends */

/* state: nothing for those that are not answered. operator: a code, or nothing for all.
 * The earliest due first. line is "" of a whole note; outcome and reply, a record, once it is answered. */
extern const struct rows complaints_rows;

#endif
