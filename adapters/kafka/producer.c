/*
 * producer.c - one table of settings that a delivery's promise rests on, the file's properties behind them.
 */
#include "adapters/kafka/producer.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"

#define TIMEOUT_USUAL_MS 20000
#define SCRAM_GOOD       0x020601ff /* librdkafka 2.6.1 */

/* --- making one --------------------------------------------------------------------------------------- */

static const struct handle_setting settings[] = {
    { "client.id", "clearway" },
    { "enable.idempotence", "true" },
    { "acks", "all" },
    { "partitioner", "murmur2_random" },
    { "compression.codec", "zstd" },
    { "compression.level", "1" }, /* higher ones clear most of a megabyte for each batch */
    /* With idempotence one batch of a partition is under way at a time, and while messages wait for it longer
     * than this librdkafka looks for its answer without a pause: so longer than brokers usually take. */
    { "linger.ms", "20" },
    { "socket.nagle.disable", "true" }, /* the batch of one partition waits for no answer to another's */
    { "queue.buffering.max.messages", "20000" },
    { "queue.buffering.max.kbytes", "131072" },
    { "message.max.bytes", "16777216" }, /* more than a message may have here: the topic's limit decides */
    { "allow.auto.create.topics", "false" },
    { "topic.metadata.propagation.max.ms", "2000" }, /* so long an unknown topic may be one made just now */
    { "reconnect.backoff.max.ms", "2000" },
};

#define SETTINGS (sizeof(settings) / sizeof(*settings))

static rd_kafka_t *producer_new(const struct kafka_options *options, struct verdict *mistakes) {
    struct handle_setting all[SETTINGS + 1];
    char timeout[16];
    snprintf(timeout, sizeof(timeout), "%d", options->timeout_ms);
    memcpy(all, settings, sizeof(settings));
    all[SETTINGS] = (struct handle_setting){ "message.timeout.ms", timeout };
    struct handle_options handle = { .type = RD_KAFKA_PRODUCER,
                                     .brokers = options->brokers,
                                     .properties = options->properties,
                                     .settings = all,
                                     .count = SETTINGS + 1,
                                     .events = RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR };
    return mistakes ? handle_new(&handle, mistakes) : handle_new_logged(&handle);
}

/* Before 2.6.1 librdkafka sends its own half of the nonce twice (RFC 5802, section 5.1). Kafka put up with it
 * from 3.8.1 to 3.9, and brokers of today refuse it as wrong credentials. */
static void warn_of_scram(const struct kafka_properties *properties, struct verdict *mistakes) {
    for (size_t i = 0; i < properties->count; i++) {
        const struct kafka_property *property = &properties->list[i];
        bool is_mechanism =
            strcmp(property->name, "sasl.mechanism") == 0 || strcmp(property->name, "sasl.mechanisms") == 0;
        if (is_mechanism && text_starts(text_of(property->value), "SCRAM-")
            && rd_kafka_version() < SCRAM_GOOD) {
            verdict_add(
                mistakes,
                &(struct finding){
                    .code = "LINT-KAFKA",
                    .severity = SEVERITY_WARNING,
                    .file = properties->file,
                    .secret = true,
                    .place = { .line = property->line, .column = property->column },
                    .zh = arena_printf(mistakes->arena,
                                       "本机 librdkafka %s 的 SCRAM 有误，Kafka 4 会以密码不符拒绝",
                                       rd_kafka_version_str()),
                    .en = arena_printf(mistakes->arena,
                                       "librdkafka %s speaks SCRAM wrongly: Kafka 4 refuses it as "
                                       "wrong credentials",
                                       rd_kafka_version_str()),
                    .hint_zh = "改用 librdkafka 2.6.1 或更新版本，或 SASL/PLAIN、客户端证书",
                    .hint_en = "take librdkafka 2.6.1 or later, or SASL/PLAIN or a client certificate" });
        }
    }
}

void kafka_check(const struct kafka_properties *properties, struct verdict *mistakes) {
    struct kafka_options options = { .brokers = "",
                                     .properties = properties,
                                     .timeout_ms = TIMEOUT_USUAL_MS };
    rd_kafka_t *handle = producer_new(&options, mistakes);
    if (handle) {
        rd_kafka_destroy(handle);
    }
    warn_of_scram(properties, mistakes);
}

enum status producer_open(struct producer *producer, const struct kafka_options *options, int wakeup) {
    require(!producer->handle);
    static const uint64_t one = 1;
    *producer = (struct producer){ .handle = producer_new(options, NULL) };
    if (!producer->handle) {
        return STATUS_BAD_CONFIG;
    }
    producer->queue = rd_kafka_queue_get_main(producer->handle);
    rd_kafka_queue_io_event_enable(producer->queue, wakeup, &one, sizeof(one));
    return STATUS_OK;
}
