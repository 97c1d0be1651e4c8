/*
 * orders.h - an operator's order and what the engine decided about it.
 */
#ifndef VIEW_ORDERS_H
#define VIEW_ORDERS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/shape.h"
#include "base/status.h"
#include "message/order.h"
#include "journal/reader.h"
#include "engine/state.h"

struct orders_view {
    bool decided, refused;      /* refused: nothing was done for it */
    const char *code, *zh, *en; /* the engine's answer, in the arena */
};

/* {"order":57} or {"order":57,"decision":58,"result":"done","released":42,"answer":{"code","zh","en"}};
 * `released` as in engine/decision.h. An order that the engine has not come to yet is not decided. DAMAGED,
 * IO. */
enum status orders_json(struct state *state, struct reader *reader, uint64_t number, struct arena *arena,
                        struct json_out *out, struct orders_view *view);
extern const struct shape order_shape;
/* When the newest order of this kind was recorded; 0: there is none. */
enum status orders_last(struct state *state, enum order_kind kind, stamp *recorded);

#endif
