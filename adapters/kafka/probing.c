/*
 * probing.c - a consumer that joins no group and reads nothing asks, one question after the other; where no
 * broker answers the first, its last error says why, and the rest is not asked.
 */
#include "adapters/kafka/probing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "adapters/kafka/handle.h"
#include "adapters/kafka/survey.h"

struct probing {
    struct probe *probe;
    rd_kafka_t *handle;
    const struct kafka_properties *properties;
};

static rd_kafka_t *make_handle(const char *brokers, const struct kafka_properties *properties,
                               struct verdict *mistakes) {
    static const struct handle_setting settings[] = {
        { "client.id", "clearway-lint" },
        { "group.id", "clearway-lint" }, /* librdkafka wants one; nothing of it is read or committed */
        { "socket.timeout.ms", "5000" },
        { "allow.auto.create.topics", "false" },
    };
    struct handle_options options = { .type = RD_KAFKA_CONSUMER,
                                      .brokers = brokers,
                                      .properties = properties,
                                      .settings = settings,
                                      .count = sizeof(settings) / sizeof(*settings),
                                      .events = RD_KAFKA_EVENT_ERROR };
    return handle_new(&options, mistakes);
}

/* The words of the last error that names no secret: "SSL handshake failed ...". */
static const char *last_error(const struct probing *probing) {
    const char *words = "";
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(probing->handle);
    for (rd_kafka_event_t *event; (event = rd_kafka_queue_poll(queue, 0));) {
        rd_kafka_resp_err_t error = rd_kafka_event_error(event);
        const char *reason = rd_kafka_event_error_string(event);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN
            && handle_may_tell(probing->properties, reason)) {
            words = arena_string(probing->probe->mistakes->arena, reason);
        }
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    return words;
}

static bool ask_brokers(const struct probing *probing, const char *brokers) {
    struct arena *arena = probing->probe->mistakes->arena;
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t error = rd_kafka_metadata(probing->handle, 0, NULL, &metadata, PROBE_DEADLINE_MS);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char *words = last_error(probing);
        words = *words ? words : rd_kafka_err2str(error);
        probe_tell(probing->probe, false, brokers,
                   arena_printf(arena, "5 秒内没有 Kafka 代理答复：%s", words),
                   arena_printf(arena, "no Kafka broker answers within 5 s: %s", words));
        return false;
    }
    probe_tell(probing->probe, true, brokers,
               arena_printf(arena, "集群有 %d 个 Kafka 代理", metadata->broker_cnt),
               arena_printf(arena, "a cluster of %d Kafka brokers answers", metadata->broker_cnt));
    rd_kafka_metadata_destroy(metadata);
    return true;
}

static void tell_topic(const struct probing *probing, const struct survey *survey, const char *what) {
    struct arena *arena = probing->probe->mistakes->arena;
    bool writes = survey->right == SURVEY_WRITE;
    const char *zh = "", *en = "";
    bool good = survey->status == STATUS_OK && survey->holders != HOLDERS_OTHERS;
    if (survey->status == STATUS_NOT_FOUND) {
        zh = arena_printf(arena, "没有该主题（%s）：不会自动创建，请先以 kafka-topics 建好", survey->words);
        en = arena_printf(arena,
                          "there is no such topic (%s): none is made by accident, make it with kafka-topics",
                          survey->words);
    } else if (survey->status != STATUS_OK) {
        zh = en = *survey->words ? survey->words : status_sentence(survey->status, LANGUAGE_EN);
    } else if (survey->holders == HOLDERS_OTHERS) {
        zh =
            arena_printf(arena, "%s 也可%s", survey->words, writes ? "写入：不会读取" : "读取：不会向其发送");
        en = arena_printf(arena, "%s may %s it, too: %s", survey->words, writes ? "write to" : "read",
                          writes ? "it would not be read" : "nothing would be sent there");
    } else if (survey->holders == HOLDERS_UNTOLD) {
        zh = arena_printf(arena, "%" PRId32 " 个分区；谁可%s未知（%s）", survey->count,
                          writes ? "写入" : "读取", survey->words);
        en = arena_printf(arena, "%" PRId32 " partitions; who may %s it is not told (%s)", survey->count,
                          writes ? "write to" : "read", survey->words);
    } else {
        zh = arena_printf(arena, "%" PRId32 " 个分区；只有该参与方可%s", survey->count,
                          writes ? "写入" : "读取");
        en = arena_printf(arena, "%" PRId32 " partitions; only the party may %s it", survey->count,
                          writes ? "write to" : "read");
    }
    probe_tell(probing->probe, good, what, zh, en);
}

/* key: of the stanza; NULL: what is delivered to the party. */
static void ask_topic(const struct probing *probing, const struct party *party, const char *key,
                      const char *topic) {
    struct arena *arena = probing->probe->mistakes->arena;
    bool submits = key && strcmp(key, "from") == 0;
    struct survey survey = { .topic = topic,
                             .principal = stanza_text(party_stanza(party, "kafka"), "principal"),
                             .right = submits ? SURVEY_WRITE : SURVEY_READ };
    if (!*topic) {
        return;
    }
    survey_ask_holders(probing->handle, &survey);
    tell_topic(probing, &survey, arena_printf(arena, "%s (%s)", topic, party->code));
    if (!key || strcmp(key, "receipts") == 0) { /* what is parked goes there, if anybody has made it */
        struct survey letters = survey;
        letters.topic = arena_printf(arena, "%s" KAFKA_DLQ, topic);
        survey_ask_holders(probing->handle, &letters);
        if (letters.status == STATUS_OK) {
            tell_topic(probing, &letters, arena_printf(arena, "%s (%s)", letters.topic, party->code));
        }
    }
}

void kafka_probe(const char *brokers, const struct kafka_properties *properties,
                 const struct edition *edition, struct probe *probe) {
    static const char *const keys[] = { "from", "receipts", "events" };
    struct verdict told; /* kafka_check() has told them */
    verdict_init(&told, probe->mistakes->arena);
    struct probing probing = { .probe = probe,
                               .handle = make_handle(brokers, properties, &told),
                               .properties = properties };
    if (!probing.handle) {
        return;
    }
    bool answers = ask_brokers(&probing, brokers);
    for (size_t i = 0; answers && i < edition->parties->count; i++) {
        const struct party *party = &edition->parties->list[i];
        for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
            ask_topic(&probing, party, keys[k], stanza_text(party_stanza(party, "kafka"), keys[k]));
        }
        if (strcmp(party->transport, "kafka") == 0) {
            ask_topic(&probing, party, NULL, party->address);
        }
    }
    rd_kafka_destroy(probing.handle);
}
