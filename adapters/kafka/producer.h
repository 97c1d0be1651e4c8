/*
 * producer.h - librdkafka's producer: made of our settings and the properties of the file, and taken down.
 *
 * One that has failed for good is taken down by a thread of its own, since that may wait for the network;
 * the reports it still has are never read, so it knows nothing of ours any more.
 * Thread: the loop thread, beside that one.
 */
#ifndef ADAPTERS_KAFKA_PRODUCER_H
#define ADAPTERS_KAFKA_PRODUCER_H

#include <stdbool.h>

#include "base/status.h"
#include "adapters/kafka/client.h"
#include "adapters/kafka/handle.h"

struct producer {
    rd_kafka_t *handle; /* NULL: there is none now */
    rd_kafka_queue_t *queue;
};

/* wakeup: an eventfd that is written when the queue becomes non-empty. BAD_CONFIG: it cannot be made
 * (logged). */
enum status producer_open(struct producer *producer, const struct kafka_options *options, int wakeup);

#endif
