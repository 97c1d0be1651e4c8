/*
 * inspection_queue.c - one comparison, of which each step can be named.
 */
#include "engine/inspection_queue.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

static const struct {
    const char *text, *zh, *en;
} rows[] = {
#define X(reason, text, zh, en) { text, zh, en },
    QUEUE_REASON_LIST(X)
#undef X
};

const char *queue_reason_text(enum queue_reason reason) {
    require((size_t)reason < sizeof(rows) / sizeof(*rows));
    return rows[reason].text;
}

const char *queue_reason_zh(enum queue_reason reason) {
    require((size_t)reason < sizeof(rows) / sizeof(*rows));
    return rows[reason].zh;
}

const char *queue_reason_en(enum queue_reason reason) {
    require((size_t)reason < sizeof(rows) / sizeof(*rows));
    return rows[reason].en;
}

static int order_of(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

/* All slots that have begun are one. */
static stamp slot_to_come(const struct queue_place *place, stamp now) {
    return place->slot_start > now ? place->slot_start : INT64_MIN;
}

int queue_compare(const struct queue_place *a, const struct queue_place *b, stamp now,
                  enum queue_reason *reason) {
    bool both_waited = a->waited_at <= now && b->waited_at <= now;
    const struct {
        enum queue_reason reason;
        int64_t a, b;
    } steps[] = {
        { QUEUE_WAITED, a->waited_at > now, b->waited_at > now },
        { QUEUE_SLOT, both_waited ? 0 : slot_to_come(a, now), both_waited ? 0 : slot_to_come(b, now) },
        { QUEUE_PRIORITY, both_waited ? 0 : a->rank, both_waited ? 0 : b->rank },
        { QUEUE_CUT_OFF, both_waited || !a->cut_off ? INT64_MAX : a->cut_off,
          both_waited || !b->cut_off ? INT64_MAX : b->cut_off },
        { QUEUE_BOOKED, (int64_t)a->booked, (int64_t)b->booked },
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        int order = order_of(steps[i].a, steps[i].b);
        if (order) {
            if (reason) {
                *reason = steps[i].reason;
            }
            return order;
        }
    }
    return 0;
}
