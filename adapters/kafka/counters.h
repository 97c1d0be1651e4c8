/*
 * counters.h - what is counted here, for /metrics (base/counters.h).
 */
#ifndef ADAPTERS_KAFKA_COUNTERS_H
#define ADAPTERS_KAFKA_COUNTERS_H

#include "base/counters.h"

/* clang-format off */
/*    id, kind, metric, labels, help */
#define KAFKA_COUNTER_LIST(X) \
    X(RECEIVED, counter, "clearway_messages_received_total",      "transport=\"kafka\"",    "Messages taken in, by transport") \
    X(FATAL, counter, "clearway_kafka_producer_rebuilt_total", "",                       "Producers rebuilt after a fatal error") \
    X(IMPLIED, counter, "clearway_kafka_implied_total", "",                       "Deliveries and receipts that librdkafka called acknowledged without a broker's answer: sent again") \
    X(RENEWED, counter, "clearway_kafka_renewed_total", "",                       "Producers and consumers made anew by other properties or certificates") \
    X(DEAD_LETTERS, counter, "clearway_kafka_dead_letters_total",   "",                       "Copies of parked deliveries sent to a .dlq topic") \
    X(EVENTS, counter, "clearway_kafka_events_total",          "",                       "Events told on the topics of parties") \
    X(EVENTS_LEFT_OUT, counter, "clearway_kafka_events_left_out_total", "",               "Events that their topic had no room for (alarm)") \
    X(EVENTS_OVERHEARD, gauge, "clearway_kafka_event_topics_overheard", "",                "Topics of events that others than their party may read: nothing is told there (alarm)") \
    X(EVENTS_WAITING, gauge, "clearway_kafka_event_topics_waiting", "",                   "Topics of events that cannot be told now") \
    X(OVERHEARD, gauge, "clearway_kafka_topics_overheard", "",                "Topics of deliveries, receipts and dead letters that others than their party may read: nothing is sent there (alarm)") \
    X(STOPPED, gauge, "clearway_kafka_topics_stopped",          "",                       "Topics of submissions that are read no further until an operator looks (alarm)") \
    X(WAITING, gauge, "clearway_kafka_topics_waiting",          "",                       "Topics of submissions that cannot be read now")
/* clang-format on */

enum kafka_counter {
#define X(id, kind, metric, labels, help) KAFKA_COUNT_##id,
    KAFKA_COUNTER_LIST(X)
#undef X
};

extern struct room_counter kafka_counters[];

#endif
