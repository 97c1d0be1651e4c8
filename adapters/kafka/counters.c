/*
 * counters.c - the list as an array.
 */
#include "adapters/kafka/counters.h"

struct room_counter kafka_counters[] = {
#define X(id, kind, metric, labels, help) { #kind, metric, labels, help, 0 },
    KAFKA_COUNTER_LIST(X)
#undef X
        { .metric = NULL },
};
