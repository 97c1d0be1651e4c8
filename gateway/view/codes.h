/*
 * codes.h - a code list 代码表 as it is today, for who offers a choice of its codes: those that messages of
 * people name.
 */
#ifndef VIEW_CODES_H
#define VIEW_CODES_H

#include "view/rows.h"

#define CODES_ROWS_MAX 2000

extern const struct rows codes_rows;
extern const char *const codes_lists[]; /* that may be asked for, as a choice; NULL ends */

#endif
