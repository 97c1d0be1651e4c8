/*
 * survey.h - what the cluster says of one topic of submissions: which cluster it is, how many partitions,
 * where each begins and ends, how far the group has read, and who may write.
 *
 * Blocking, some seconds at most: an errand (errands.h). Thread: any.
 */
#ifndef ADAPTERS_KAFKA_SURVEY_H
#define ADAPTERS_KAFKA_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "adapters/kafka/handle.h"
#include "adapters/kafka/offsets.h"

#define SURVEY_PARTITIONS_MAX 1024

enum survey_writers {
    WRITERS_ONE,    /* only that principal, by the access rules that the brokers tell */
    WRITERS_UNTOLD, /* the brokers keep no access rules, or do not tell them: `words` says why */
    WRITERS_OTHERS  /* somebody else may write: `words` says who */
};

struct survey {
    const char *topic, *principal; /* asked about */
    enum status status;            /* OK; NOT_FOUND: no such topic; DENIED; TOO_LARGE: too many partitions; */
    char words[256];               /* UNAVAILABLE; librdkafka's own words, or of the writers */
    char cluster[KAFKA_CLUSTER_MAX];
    bool has_controller; /* that could be asked for access rules */
    enum survey_writers writers;
    int32_t count;
    struct offsets *offsets; /* of each partition, `known` left to the asker; free() it */
};

/* closing(): the asker wants no answer any more. */
void survey_ask(rd_kafka_t *consumer, struct survey *survey, bool (*closing)(void *context), void *context);

#endif
