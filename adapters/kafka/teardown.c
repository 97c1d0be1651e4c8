/*
 * teardown.c - a thread for each handle that goes down; who stops waits for it only so long.
 */
#include "adapters/kafka/teardown.h"

#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"

#define STOP_MAX_S 5

struct taken {
    rd_kafka_t *handle;
    rd_kafka_queue_t *queues[TEARDOWN_QUEUES_MAX];
    size_t count;
};

static void *take_down(void *argument) {
    struct taken *taken = argument;
    if (rd_kafka_type(taken->handle) == RD_KAFKA_PRODUCER) {
        rd_kafka_purge(taken->handle,
                       RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
    }
    for (size_t i = 0; i < taken->count; i++) {
        rd_kafka_queue_destroy(taken->queues[i]);
    }
    rd_kafka_destroy_flags(taken->handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    free(taken);
    return NULL;
}

void teardown_start(struct teardown *teardown, rd_kafka_t *handle, rd_kafka_queue_t *const *queues,
                    size_t count) {
    require(handle && count <= TEARDOWN_QUEUES_MAX && !teardown->is_running);
    struct taken *taken = memory_new(sizeof(*taken));
    taken->handle = handle;
    taken->count = count;
    for (size_t i = 0; i < count; i++) {
        taken->queues[i] = queues[i];
        rd_kafka_queue_io_event_enable(queues[i], -1, NULL, 0);
    }
    if (pthread_create(&teardown->thread, NULL, take_down, taken) == 0) {
        teardown->is_running = true;
    } else {
        take_down(taken);
    }
}

bool teardown_is_over(struct teardown *teardown) {
    if (teardown->is_running && pthread_tryjoin_np(teardown->thread, NULL) == 0) {
        teardown->is_running = false;
    }
    return !teardown->is_running;
}

bool teardown_wait(struct teardown *teardown) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_MAX_S;
    bool joined = !teardown->is_running || pthread_timedjoin_np(teardown->thread, NULL, &until) == 0;
    if (!joined) {
        pthread_detach(teardown->thread);
        log_event(LOG_WARN, EVENT_KAFKA_DOES_NOT_END, LOG_END);
    }
    teardown->is_running = false;
    return joined;
}
