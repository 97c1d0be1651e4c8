/*
 * mailbox.h - what is kept for a party to which nothing is sent 信箱, oldest decision first:
 * it asks what has come since.
 */
#ifndef VIEW_MAILBOX_H
#define VIEW_MAILBOX_H

#include "view/view.h"

#define MAILBOX_ROWS_MAX 100

/* after: nothing for all there is, or the `next` of an earlier answer; BAD_INPUT: it is none.
 * Reading takes nothing away.
 * next: DECISION-RECORD of the last one shown, or `after` when nothing is new. The order is that of the
 * decisions, for a message may be handed to the party long after it came in. A row that its decision does
 * not confirm is not shown. NOT_FOUND: the operator asks, for whom nothing is kept. */
enum status mailbox_json(const struct view_question *question, struct json_out *out);
extern const struct shape mailbox_shape;

#endif
