/*
 * patrol.h - who charged otherwise than published 收费巡查 (`clearway patrol`): the charge notes that were
 * refused for what they charge, by operator, item and rule.
 */
#ifndef VIEW_PATROL_H
#define VIEW_PATROL_H

#include "view/view.h"

#define PATROL_ROWS_MAX 1000

/* Notes received in the period, which a business rule refused, when they came or when the engine held them
 * against the list. operator: the payee's code, or nothing for all.
 * Days are those of receipt. */
enum status patrol_json(const struct view_question *question, struct json_out *out);
extern const struct shape patrol_shape;
enum status patrol_print(const struct view_question *question, struct buf *out);

#endif
