/*
 * inspection_queue.h - in which order the inspections of one lane of a site are done 查验次序, and why.
 *
 * 1. who has waited for so many working days since customs' order (schemas/priorities, `waited`), once the
 * slot
 *    began, by booking
 * 2. slots that have begun before those that are to come, these by their beginning
 * 3. by priority (schemas/priorities)
 * 4. by cut-off, who has none behind those who have one
 * 5. by booking
 *
 * The order is total, since no two bookings have one record; it depends on nothing but the bookings and the
 * time. Who waits long enough is passed by nobody who has not waited as long: whoever comes first of all
 * stays there.
 */
#ifndef ENGINE_INSPECTION_QUEUE_H
#define ENGINE_INSPECTION_QUEUE_H

#include <stdint.h>

#include "base/stamp.h"

/* clang-format off */
/*    reason      text         zh                    en                           */
#define QUEUE_REASON_LIST(X)                                                         \
    X(WAITED,     "waited",    "等待已满规定的工作日", "has waited for the working days that are the most") \
    X(SLOT,       "slot",      "时段在前",             "has an earlier slot")           \
    X(PRIORITY,   "priority",  "优先类别在前",         "has a higher priority")         \
    X(CUT_OFF,    "cut-off",   "截关时间在前",         "has an earlier cut-off")        \
    X(BOOKED,     "booked",    "预约在先",             "was booked earlier")
/* clang-format on */

enum queue_reason {
#define X(reason, text, zh, en) QUEUE_##reason,
    QUEUE_REASON_LIST(X)
#undef X
};

const char *queue_reason_text(enum queue_reason reason);
const char *queue_reason_zh(enum queue_reason reason);
const char *queue_reason_en(enum queue_reason reason);

struct queue_place {
    stamp slot_start;
    stamp waited_at; /* from then on it has waited as long as is allowed; INT64_MAX: never */
    int rank;        /* of its priority: 0 is the first */
    stamp cut_off;   /* 0: none */
    uint64_t booked; /* the record by which it has its slot */
};

/* Negative: `a` comes first, as of now. *reason, if asked for: by what they are told apart. */
int queue_compare(const struct queue_place *a, const struct queue_place *b, stamp now,
                  enum queue_reason *reason);

#endif
