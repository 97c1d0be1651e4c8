/*
 * counters.c - the list as an array.
 */
#include "adapters/zmq/counters.h"

struct room_counter zmq_counters[] = {
#define X(id, kind, metric, labels, help) { #kind, metric, labels, help, 0 },
    ZMQ_COUNTER_LIST(X)
#undef X
        { .metric = NULL },
};
