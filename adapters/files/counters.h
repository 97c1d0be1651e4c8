/*
 * counters.h - what is counted here, for /metrics (base/counters.h).
 */
#ifndef ADAPTERS_FILES_COUNTERS_H
#define ADAPTERS_FILES_COUNTERS_H

#include "base/counters.h"

/* clang-format off */
/*    id, kind, metric, labels, help */
#define FILES_COUNTER_LIST(X) \
    X(RECEIVED, counter, "clearway_messages_received_total",      "transport=\"files\"",    "Messages taken in, by transport")
/* clang-format on */

enum files_counter {
#define X(id, kind, metric, labels, help) FILES_COUNT_##id,
    FILES_COUNTER_LIST(X)
#undef X
};

extern struct room_counter files_counters[];

#endif
