/*
 * pickups.h - electronic pick-ups 电子化提箱 (`clearway pickups`): the port office sees all, a gate those
 * it let out, the holder its own, and the holder alone the token of what may still be used.
 */
#ifndef VIEW_PICKUPS_H
#define VIEW_PICKUPS_H

#include "view/view.h"

#define PICKUPS_ROWS_MAX 1000

extern const char *const pickup_states[]; /* NULL ends */

/* state: nothing for those that may be used.
 * {"pickups":[{"id","party","subject","container","truck","until","gate","used_at","state","state_zh",
 *   "state_en","token","record","used"}],"more":true|false}
 * The newest first. gate, used_at and used, a record, once it is used. token "": it is not for who asks,
 * may not be used any more, or was signed by a key that is gone: then it is to be asked for anew. */
enum status pickups_json(const struct view_question *question, struct json_out *out);
enum status pickups_print(const struct view_question *question, struct buf *out);

#endif
