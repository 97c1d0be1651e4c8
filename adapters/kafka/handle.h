/*
 * handle.h - a handle of librdkafka, producer or consumer: made of a table of settings that what we promise
 * rests on, and of the properties of the file (properties.h).
 * librdkafka is included here and nowhere else.
 */
#ifndef ADAPTERS_KAFKA_HANDLE_H
#define ADAPTERS_KAFKA_HANDLE_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>

#include "message/verdict.h"
#include "adapters/kafka/properties.h"

struct handle_setting {
    const char *name, *value;
};

struct handle_options {
    rd_kafka_type_t type;
    const char *brokers;                       /* host:port,host:port */
    const struct kafka_properties *properties; /* NULL: none */
    const struct handle_setting *settings;
    size_t count;
    int events; /* RD_KAFKA_EVENT_...: what comes as an event in the handle's queue */
};

/* NULL after a mistake (LINT-KAFKA), of the file of properties where there is one. Reads the certificates
 * that it names, speaks to no broker. */
rd_kafka_t *handle_new(const struct handle_options *options, struct verdict *mistakes);
/* The same where nobody reads mistakes: they are logged. */
rd_kafka_t *handle_new_logged(const struct handle_options *options);
/* False: librdkafka's reason names a secret of the properties, or holds it. */
bool handle_may_tell(const struct kafka_properties *properties, const char *reason);

#endif
