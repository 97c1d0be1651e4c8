/*
 * counters.c - the list as an array.
 */
#include "adapters/files/counters.h"

struct room_counter files_counters[] = {
#define X(id, kind, metric, labels, help) { #kind, metric, labels, help, 0 },
    FILES_COUNTER_LIST(X)
#undef X
        { .metric = NULL },
};
