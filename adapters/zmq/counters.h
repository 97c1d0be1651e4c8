/*
 * counters.h - what is counted here, for /metrics (base/counters.h).
 */
#ifndef ADAPTERS_ZMQ_COUNTERS_H
#define ADAPTERS_ZMQ_COUNTERS_H

#include "base/counters.h"

/* clang-format off */
/*    id, kind, metric, labels, help */
#define ZMQ_COUNTER_LIST(X) \
    X(RECEIVED, counter, "clearway_messages_received_total",      "transport=\"zmq\"",      "Messages taken in, by transport") \
    X(DENIED, counter, "clearway_zmq_denied_total",             "",                       "CURVE handshakes refused") \
    X(EVENTS, counter, "clearway_zmq_events_total",             "",                       "Events told on streams, as they came")
/* clang-format on */

enum zmq_counter {
#define X(id, kind, metric, labels, help) ZMQ_COUNT_##id,
    ZMQ_COUNTER_LIST(X)
#undef X
};

extern struct room_counter zmq_counters[];

#endif
