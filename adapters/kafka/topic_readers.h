/*
 * topic_readers.h - who may read topics of parties: asked of the cluster, for all of them at once, by a
 * handle of librdkafka's that lives as long as the question.
 *
 * What a party is told, or handed, is for it alone. That only its principal may read its topic stands in the
 * brokers' access rules, which may change at any time.
 * Thread    the loop thread; the question is an errand (errands.h).
 */
#ifndef ADAPTERS_KAFKA_TOPIC_READERS_H
#define ADAPTERS_KAFKA_TOPIC_READERS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/errands.h"
#include "adapters/kafka/survey.h"

struct topic_readers {
    struct arena *arena;    /* that has the list, and what it names */
    struct survey *surveys; /* with topic and principal; of each, the answer */
    size_t count;
    const char *brokers;
    const struct kafka_properties *properties;
    struct errands *errands;
    /* Once, later, on the loop thread; ran false: nothing was asked. Takes nothing. */
    void (*done)(void *context, const struct topic_readers *readers, bool ran);
    void *context;
};

/* Copies all but the arena, which it takes. False: no handle can be made (logged), and done() does not
 * come. */
bool topic_readers_ask(const struct topic_readers *readers);

#endif
