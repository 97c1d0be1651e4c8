/*
 * supplements.h - documents that customs asked for 补充单证, with the day by which they are due (`clearway
 * supplements`). The port office sees all, others what they asked for or were asked for.
 */
#ifndef VIEW_SUPPLEMENTS_H
#define VIEW_SUPPLEMENTS_H

#include "view/rows.h"

#define SUPPLEMENTS_ROWS_MAX 1000

extern const char *const supplement_states[]; /* NULL ends */

/* state: nothing for those that are not answered.
 * The earliest due first. codes: "A B" of document_codes; reply: the record of the answer, 0 for none. */
extern const struct rows supplements_rows;

#endif
