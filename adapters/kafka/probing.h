/*
 * probing.h - `config lint --connect` and Kafka: whether the brokers answer, and of each topic that the
 * parties file names whether it is there and who may write to it or read it. Nothing is made or written.
 *
 * Blocking, some seconds for each question that is not answered. Thread: one.
 */
#ifndef ADAPTERS_KAFKA_PROBING_H
#define ADAPTERS_KAFKA_PROBING_H

#include "edition/edition.h"
#include "adapters/kafka/properties.h"
#include "adapters/probe.h"

void kafka_probe(const char *brokers, const struct kafka_properties *properties,
                 const struct edition *edition, struct probe *probe);

#endif
