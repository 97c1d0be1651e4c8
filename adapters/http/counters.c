/*
 * counters.c - the list as an array.
 */
#include "adapters/http/counters.h"

struct room_counter http_counters[] = {
#define X(id, kind, metric, labels, help) { #kind, metric, labels, help, 0 },
    HTTP_COUNTER_LIST(X)
#undef X
        { .metric = NULL },
};
