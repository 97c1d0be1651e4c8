/*
 * producer.h - librdkafka's producer: made of our settings and the properties of the file, and taken down.
 *
 * One that has failed for good is taken down by a thread of its own, since that may wait for the network;
 * the reports it still has are never read, so it knows nothing of ours any more.
 * Thread: the loop thread, beside that one.
 */
#ifndef ADAPTERS_KAFKA_PRODUCER_H
#define ADAPTERS_KAFKA_PRODUCER_H

#include <pthread.h>
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

/* The last producer that is being taken down; one at a time. Zeroed to begin with. */
struct teardown {
    pthread_t thread;
    bool is_running;
};

/* Takes the producer; librdkafka refers to no message of ours any more. */
void teardown_start(struct teardown *teardown, struct producer *producer);
/* The loop waits for nobody: while the last one still goes down, the network may be what keeps it. */
bool teardown_is_over(struct teardown *teardown);
/* Waits until it is down, at most 5 s; false: it is not, and is left to the end of the process (logged). */
bool teardown_wait(struct teardown *teardown);

#endif
