/*
 * adapter.c - Kafka as a row of the list of adapters.
 *
 * In the parties file:
 *   deliver: { transport: kafka, to: clearway.customs.declarations.v1 }      the topic
 */
#include "base/endpoint.h"
#include "adapters/adapters.h"
#include "adapters/kafka/counters.h"
#include "adapters/kafka/client.h"

const struct party_transport kafka_transport = {
    .name = "kafka", .delivers = true, .to = { .name = "to", .zh = "Kafka 主题", .en = "Kafka topic" }
};

/* --- what it needs ------------------------------------------------------------------------------------ */

enum { BROKERS, PROPERTIES };

/* clang-format off */
static const struct setting_row setting_rows[] = {
    [BROKERS] = { "kafka", "brokers", SETTING_TYPE_TEXT, 0, "",
        "主机:端口,主机:端口；空：不用 Kafka",
        "host:port,host:port; empty: no Kafka" },
    [PROPERTIES] = { "kafka", "properties", SETTING_TYPE_PATH, 0, "",
        "librdkafka 属性（TLS、SASL）文件，每行 name=value，与 kcat -F 相同；空：无",
        "file of librdkafka's properties (TLS, SASL), name=value a line as kcat -F reads; empty: none" },
};
/* clang-format on */

static void check_brokers(const struct adapter_settings *settings, struct verdict *mistakes) {
    struct text rest = text_of(adapter_text(settings, BROKERS));
    while (rest.length) {
        struct text broker = text_trim(text_until(&rest, ','));
        struct endpoint endpoint;
        enum endpoint_fault fault = endpoint_read(broker, &endpoint);
        fault = fault == ENDPOINT_GOOD && endpoint.port == 0 ? ENDPOINT_NO_PORT : fault;
        if (fault != ENDPOINT_GOOD) {
            settings->say(settings, BROKERS, SEVERITY_ERROR,
                          arena_printf(mistakes->arena, "Kafka 地址 \"" TEXT_FORMAT "\" 不对：%s",
                                       TEXT_ARGS(broker), endpoint_fault_zh(fault)),
                          arena_printf(mistakes->arena,
                                       "\"" TEXT_FORMAT "\" is no address of a Kafka broker: %s",
                                       TEXT_ARGS(broker), endpoint_fault_en(fault)),
                          "例如 kafka1:9092,kafka2:9092", "for example kafka1:9092,kafka2:9092", mistakes);
        }
    }
}

static void check(const struct adapter_settings *settings, const struct edition *edition,
                  struct verdict *mistakes) {
    const char *path = adapter_text(settings, PROPERTIES);
    check_brokers(settings, mistakes);
    if (*path) {
        struct kafka_properties properties;
        kafka_properties_read(path, &properties, mistakes->arena, mistakes);
        kafka_check(&properties, mistakes);
    }
}

/* --- its life ----------------------------------------------------------------------------------------- */

static enum status start(const struct adapter_rooms *rooms, void **out) {
    const struct adapter_settings *settings = &rooms->settings;
    const char *path = adapter_text(settings, PROPERTIES);
    struct kafka_properties *properties = arena_alloc(rooms->arena, sizeof(*properties));
    struct kafka *kafka = NULL;
    struct kafka_options options = {
        .loop = rooms->loop,
        /* Sooner than dispatch gives up: a dead broker is then the destination's trouble, not that of each
         * delivery. */
        .timeout_ms = rooms->delivery_timeout_ms * 2 / 3,
        .brokers = adapter_text(settings, BROKERS),
        .source = journal_name(rooms->journal),
        .properties = properties,
    };
    if (*path && *options.brokers) {
        kafka_properties_read(path, properties, rooms->arena, rooms->mistakes);
    }
    if (!verdict_passes(rooms->mistakes)) { /* the file was another one when it was checked */
        return STATUS_BAD_CONFIG;
    }
    enum status status = *options.brokers ? kafka_start(&options, &kafka) : STATUS_OK;
    *out = kafka;
    return status;
}

static const struct port *port(void *running) {
    return kafka_port(running);
}

static void stop(void *running) {
    kafka_stop(running);
}

const struct adapter kafka_adapter = {
    .transport = &kafka_transport,
    .zh = "Kafka 无法启动",
    .en = "Kafka cannot start",
    .settings = setting_rows,
    .counters = kafka_counters,
    .settings_count = sizeof(setting_rows) / sizeof(*setting_rows),
    .check = check,
    .start = start,
    .port = port,
    .stop = stop,
};
