/*
 * order.h - an operator's order, as recorded (meta of an ORDER record): a cause like any other, and the only
 * way in which a person changes what the gateway knows.
 *
 * {"order":"release","record":42,"reason":"mended in 1.4"}    {"order":"…","record":42,"to":17,"reason":"…"}
 *
 * It comes in by the control socket, is recorded, and then carried out by who follows the records: most by
 * the engine, whose decision about the order says what became of it.
 */
#ifndef MESSAGE_ORDER_H
#define MESSAGE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

/* clang-format off */
/*    name           text             records it names   what it says                                 */
#define ORDER_LIST(X)                                                                                  \
    X(RELEASE,       "release",       1,                 "the held cause `record` is to be decided anew, the quarantined message to be routed anew") \
    X(DROP,          "drop",          1,                 "the quarantined message `record` is to go nowhere") \
    X(LINK,          "link",          2,                 "the waiting answer `record` of customs is that of the declaration `to`") \
    X(ALERT_ACK,     "alert-ack",     1,                 "the alert that record `record` opened is known to somebody, who says what is done") \
    X(CLOCK_ACCEPT,  "clock-accept",  0,                 "the wall clock is right, though it was doubted")
/* clang-format on */

enum order_kind {
#define X(name, text, records, what) ORDER_##name,
    ORDER_LIST(X)
#undef X
};

#define ORDER_REASON_MAX 500 /* bytes */

struct order {
    enum order_kind kind;
    uint64_t record, to; /* as many as the kind names; 0 otherwise */
    const char *reason;
};

const char *order_text(enum order_kind kind);
int order_records(enum order_kind kind); /* how many records it names: 0, 1, 2 */
bool order_find(struct text name, enum order_kind *kind);
/* What it names fits its kind, and there is a reason of ORDER_REASON_MAX bytes of UTF-8 at most. */
bool order_is_whole(const struct order *order);
void order_write(const struct order *order, struct buf *meta);
/* Strings stand in the arena. False: not an order, or not a whole one. */
bool order_read(struct text meta, struct arena *arena, struct order *order);

#endif
