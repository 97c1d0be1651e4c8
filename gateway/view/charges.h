/*
 * charges.h - what operators publish that they charge 收费清单 (`clearway charges`): the list in force on a
 * day, or by its version, and what changed against another. It is public: everybody may ask.
 */
#ifndef VIEW_CHARGES_H
#define VIEW_CHARGES_H

#include "view/view.h"

#define CHARGES_PORTS_MAX    100 /* of one operator */
#define CHARGES_VERSIONS_MAX 100 /* told of one operator at one port, the latest first */

/* operator: its code. port: nothing for each at which it publishes. day: nothing for today; a list is in
 * force as charge notes are held against it (engine/parts/charges.c). list: a version instead of a day; of
 * several of that name the one recorded last. against: the version that it is compared with.
 * "against" and "changes" only where they are asked for and there. NOT_FOUND: no such list. */
enum status charges_json(const struct view_question *question, struct json_out *out);
extern const struct shape charges_shape;
enum status charges_print(const struct view_question *question, struct buf *out);

#endif
