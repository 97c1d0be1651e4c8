/*
 * teardown.h - taking down a librdkafka handle, which the network may keep from ending: a broker that holds
 * its connections and answers nothing lets rd_kafka_destroy() wait for as long as a request may take.
 *
 * Thread    the loop's; the handle goes down on a thread of its own.
 */
#ifndef ADAPTERS_KAFKA_TEARDOWN_H
#define ADAPTERS_KAFKA_TEARDOWN_H

#include <pthread.h>
#include <stdbool.h>

#include "adapters/kafka/handle.h"

#define TEARDOWN_QUEUES_MAX 2

/* The last handle that is being taken down; one at a time. Zeroed to begin with. */
struct teardown {
    pthread_t thread;
    bool is_running;
};

/* Takes the handle and these queues of it, which tell nobody any more. A producer gives up what it has not
 * sent; a consumer commits nothing. Every message of it has been destroyed, or nobody of ours waits for
 * it. */
void teardown_start(struct teardown *teardown, rd_kafka_t *handle, rd_kafka_queue_t *const *queues,
                    size_t count);
/* The loop waits for nobody: while the last one still goes down, the network may be what keeps it. */
bool teardown_is_over(struct teardown *teardown);
/* Waits until it is down, at most 5 s; false: it is not, and is left to the end of the process (logged). */
bool teardown_wait(struct teardown *teardown);

#endif
