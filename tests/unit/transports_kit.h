/*
 * transports_kit.h - transports that parties of tests may name, for rooms that know no adapter.
 */
#ifndef TRANSPORTS_KIT_H
#define TRANSPORTS_KIT_H

#include "edition/party.h"

static const struct party_key kit_files_keys[] = {
    { .name = "folder", .zh = "文件夹", .en = "folder" },
    { .name = NULL },
};
static const struct party_key kit_zmq_keys[] = {
    { .name = "bind", .zh = "zmq 地址", .en = "zmq address" },
    { .name = "keys", .list = true, .zh = "公钥", .en = "key" },
    { .name = NULL },
};
static const struct party_transport
    kit_loopback = { .name = "loopback", .delivers = true },
    kit_files = { .name = "files", .keys = kit_files_keys, .delivers = true, .answers = true },
    kit_zmq = { .name = "zmq", .keys = kit_zmq_keys, .delivers = true, .answers = true },
    kit_kafka = { .name = "kafka",
                  .delivers = true,
                  .to = { .name = "to", .zh = "Kafka 主题", .en = "Kafka topic" } };
static const struct party_transport *const kit_transports[] = { &kit_loopback, &kit_files, &kit_zmq,
                                                                &kit_kafka, NULL };

#endif
