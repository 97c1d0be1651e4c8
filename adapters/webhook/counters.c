/*
 * counters.c - the list as an array.
 */
#include "adapters/webhook/counters.h"

struct room_counter webhook_counters[] = {
#define X(id, kind, metric, labels, help) { #kind, metric, labels, help, 0 },
    WEBHOOK_COUNTER_LIST(X)
#undef X
        { .metric = NULL },
};
