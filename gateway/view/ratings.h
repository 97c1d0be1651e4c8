/*
 * ratings.h - how the operators of the port are rated 服务评价 (`clearway ratings`): by operator and month,
 * for everybody to see. Single ratings are told to nobody here: whom one is about has it as a message.
 */
#ifndef VIEW_RATINGS_H
#define VIEW_RATINGS_H

#include "view/view.h"

#define RATINGS_ROWS_MAX 1000 /* operators and months */

/* operator: its code, or nothing for all. month: nothing for all; a rating counts in the month, by
 * Asia/Shanghai days, in which it was first given, with the score that it has now.
 * {"ratings":[{"operator","party","zh","en","month","n","mean","scores":[of 1, of 2, ... of 5],
 *   "answered","aspects":[{"code","zh","en","n","mean"}]}],"more":true|false}
 * By operator, the latest month first. party, zh, en: of the newest of its ratings; names are "" when no
 * party is called so any more. */
enum status ratings_json(const struct view_question *question, struct json_out *out);
enum status ratings_print(const struct view_question *question, struct buf *out);

#endif
