/*
 * survey.h - what the cluster says of one topic of a party: which cluster it is, how many partitions, who may
 * write to it, or read it; of one of submissions also where each partition begins and ends, and how far the
 * group has read.
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

enum survey_right { SURVEY_WRITE, SURVEY_READ };

/* Who has that right. */
enum survey_holders {
    HOLDERS_ONE,    /* only that principal, by the access rules that the brokers tell */
    HOLDERS_UNTOLD, /* the brokers keep no access rules, or do not tell them: `words` says why */
    HOLDERS_OTHERS  /* somebody else, too: `words` says who */
};

struct survey {
    const char *topic, *principal; /* asked about; principal "": nobody is named, and one may be anybody */
    enum survey_right right;
    enum status status; /* OK; NOT_FOUND: no such topic; DENIED; TOO_LARGE: too many partitions; */
    char words[256];    /* UNAVAILABLE; librdkafka's own words, or of the holders */
    char cluster[KAFKA_CLUSTER_MAX];
    bool has_controller; /* that could be asked for access rules */
    enum survey_holders holders;
    int32_t count;
    struct offsets *offsets; /* of each partition, `known` left to the asker; free() it */
};

/* Cluster, partitions and holders alone. */
void survey_ask_holders(rd_kafka_t *handle, struct survey *survey);
/* All of it. closing(): the asker wants no answer any more. */
void survey_ask(rd_kafka_t *consumer, struct survey *survey, bool (*closing)(void *context), void *context);

#endif
