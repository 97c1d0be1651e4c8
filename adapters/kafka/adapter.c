/*
 * adapter.c - Kafka as a row of the list of adapters: what the parties file says of it.
 *
 *   deliver: { transport: kafka, to: clearway.customs.declarations.v1 }      the topic
 */
#include "adapters/adapters.h"

const struct party_transport kafka_transport = {
    .name = "kafka", .delivers = true, .to = { .name = "to", .zh = "Kafka 主题", .en = "Kafka topic" }
};

const struct adapter kafka_adapter = { .transport = &kafka_transport };
