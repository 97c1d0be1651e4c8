/*
 * pickups.h - electronic pick-ups 电子化提箱 (`clearway pickups`): the port office sees all, a gate those
 * it let out, the holder its own, and the holder alone the token of what may still be used.
 */
#ifndef VIEW_PICKUPS_H
#define VIEW_PICKUPS_H

#include "view/rows.h"

#define PICKUPS_ROWS_MAX 1000

extern const char *const pickup_states[]; /* NULL ends */

/* state: nothing for those that may be used.
 * The newest first. gate, used_at and used, a record, once it is used. token "": it is not for who asks,
 * may not be used any more, or was signed by a key that is gone: then it is to be asked for anew. */
extern const struct rows pickups_rows;

#endif
