/*
 * delivery.h - what became of handing one record to one party, as recorded (meta of a DELIVERY record):
 * {"record":42,"party":"CUS-QD","outcome":"deferred","attempt":3,"reason":"…","next":1790000000000000000}
 */
#ifndef ENGINE_DELIVERY_H
#define ENGINE_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/stamp.h"
#include "base/text.h"

/* clang-format off */
/*    name        text          state of the row after   what it says                                        */
#define DELIVERY_LIST(X)                                                                                        \
    X(DELIVERED,  "delivered",  "delivered",  "acknowledged by the receiver")                                   \
    X(DEFERRED,   "deferred",   "waiting",    "failed, will be tried again at `next`")                          \
    X(PARKED,     "parked",     "parked",     "given up with a reason until somebody re-drives it")             \
    X(REDRIVEN,   "redriven",   "waiting",    "an operator asked for it again")                                 \
    X(DROPPED,    "dropped",    "dropped",    "an operator decided that it is not to be sent")
/* clang-format on */

enum delivery_outcome {
#define X(name, text, state, what) DELIVERY_##name,
    DELIVERY_LIST(X)
#undef X
};

struct delivery_result {
    uint64_t record;
    const char *party;
    enum delivery_outcome outcome;
    uint32_t attempt;
    const char *reason;
    stamp next;
};

const char *delivery_outcome_text(enum delivery_outcome outcome);
const char *delivery_outcome_state(enum delivery_outcome outcome); /* of the row after it */
void delivery_write(const struct delivery_result *result, struct buf *meta);
bool delivery_read(struct text meta, struct arena *arena, struct delivery_result *result);

#endif
