/*
 * producer.c - one table of settings that a delivery's promise rests on, the file's properties behind them;
 * and the end.
 */
#include "adapters/kafka/producer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"

#define TIMEOUT_USUAL_MS 20000
#define STOP_MAX_S       5

/* --- what may be told -------------------------------------------------------------------------------- */

static bool is_secret(const char *name) {
    static const char *const parts[] = { "password", "secret", ".pem", "oauthbearer", "kinit.cmd" };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (strstr(name, parts[i])) {
            return true;
        }
    }
    return false;
}

/* librdkafka's reasons help (a path that is not there) and quote values: one that names a secret or holds it
 * is kept back. */
bool producer_may_tell(const struct kafka_properties *properties, const char *reason) {
    for (size_t i = 0; properties && i < properties->count; i++) {
        const struct kafka_property *property = &properties->list[i];
        if (is_secret(property->name)
            && (strstr(reason, property->name) || strstr(reason, property->value))) {
            return false;
        }
    }
    return true;
}

/* --- making one --------------------------------------------------------------------------------------- */

static const char *const settings[][2] = {
    { "client.id", "clearway" },
    { "enable.idempotence", "true" },
    { "acks", "all" },
    { "partitioner", "murmur2_random" },
    { "compression.codec", "zstd" },
    { "linger.ms", "5" },
    { "queue.buffering.max.messages", "20000" },
    { "queue.buffering.max.kbytes", "131072" },
    { "message.max.bytes", "16777216" }, /* more than a message may have here: the topic's limit decides */
    { "allow.auto.create.topics", "false" },
    { "topic.metadata.propagation.max.ms", "2000" }, /* so long an unknown topic may be one made just now */
    { "reconnect.backoff.max.ms", "2000" },
};

/* What cannot be set or made is told as a mistake, of the file of properties where there is one. */
struct making {
    const struct kafka_options *options;
    rd_kafka_conf_t *conf;
    struct verdict *mistakes;
};

static void tell(const struct making *making, const struct kafka_property *property, const char *zh,
                 const char *en) {
    const struct kafka_properties *properties = making->options->properties;
    bool is_path = property && strstr(property->name, ".location");
    kafka_properties_mistake(making->mistakes, properties ? properties->file : "",
                             property ? property->line : 0, property ? property->column : 0, zh, en,
                             is_path ? "文件在吗？网关能读吗？是 PEM 格式吗？" : "",
                             is_path ? "is the file there, may the gateway read it, is it PEM?" : "");
}

static bool set(const struct making *making, const char *name, const char *value) {
    char reason[256];
    if (rd_kafka_conf_set(making->conf, name, value, reason, sizeof(reason)) == RD_KAFKA_CONF_OK) {
        return true;
    }
    kafka_properties_mistake(making->mistakes, "", 0, 0, reason, reason, "", "");
    return false;
}

/* librdkafka's own reason quotes the value, and a name it does not know may be a password that slipped. */
static bool set_property(const struct making *making, const struct kafka_property *property) {
    char reason[256];
    rd_kafka_conf_res_t result =
        rd_kafka_conf_set(making->conf, property->name, property->value, reason, sizeof(reason));
    struct arena *arena = making->mistakes->arena;
    if (result == RD_KAFKA_CONF_UNKNOWN) {
        tell(making, property, "librdkafka 没有这个名称的属性", "librdkafka has no property of this name");
    } else if (result != RD_KAFKA_CONF_OK) {
        tell(making, property, arena_printf(arena, "librdkafka 不接受 %s 的这个值", property->name),
             arena_printf(arena, "librdkafka does not take this value for %s", property->name));
    }
    return result == RD_KAFKA_CONF_OK;
}

static bool configure(const struct making *making) {
    const struct kafka_properties *properties = making->options->properties;
    char timeout[16];
    snprintf(timeout, sizeof(timeout), "%d", making->options->timeout_ms);
    bool good = set(making, "bootstrap.servers", making->options->brokers)
                && set(making, "message.timeout.ms", timeout);
    for (size_t i = 0; good && i < sizeof(settings) / sizeof(*settings); i++) {
        good = set(making, settings[i][0], settings[i][1]);
    }
    for (size_t i = 0; properties && i < properties->count; i++) { /* every mistake of the file at once */
        good &= set_property(making, &properties->list[i]);
    }
    rd_kafka_conf_set_events(making->conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
    rd_kafka_conf_set_log_cb(making->conf, NULL); /* what it would log comes as events as well */
    return good;
}

/* The mistake stands at the property that the reason names. */
static void tell_unmade(const struct making *making, const char *reason) {
    const struct kafka_properties *properties = making->options->properties;
    const struct kafka_property *about = NULL;
    for (size_t i = 0; properties && i < properties->count; i++) {
        const struct kafka_property *property = &properties->list[i];
        if (strstr(reason, property->name) && (!about || strlen(property->name) > strlen(about->name))) {
            about = property;
        }
    }
    const char *why = producer_may_tell(properties, reason) ? reason : about ? about->name : "";
    tell(making, about, arena_printf(making->mistakes->arena, "librdkafka 无法建立生产者：%s", why),
         arena_printf(making->mistakes->arena, "librdkafka makes no producer: %s", why));
}

/* NULL after a mistake. */
static rd_kafka_t *producer_new(const struct kafka_options *options, struct verdict *mistakes) {
    char reason[512];
    struct making making = { options, rd_kafka_conf_new(), mistakes };
    if (!configure(&making)) {
        rd_kafka_conf_destroy(making.conf);
        return NULL;
    }
    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_PRODUCER, making.conf, reason, sizeof(reason));
    if (!handle) {
        rd_kafka_conf_destroy(making.conf);
        tell_unmade(&making, reason);
    }
    return handle;
}

void kafka_check(const struct kafka_properties *properties, struct verdict *mistakes) {
    struct kafka_options options = { .brokers = "",
                                     .properties = properties,
                                     .timeout_ms = TIMEOUT_USUAL_MS };
    rd_kafka_t *handle = producer_new(&options, mistakes);
    if (handle) {
        rd_kafka_destroy(handle);
    }
}

enum status producer_open(struct producer *producer, const struct kafka_options *options, int wakeup) {
    static const uint64_t one = 1;
    struct verdict mistakes;
    struct arena *arena = arena_new();
    verdict_init(&mistakes, arena);
    *producer = (struct producer){ .handle = producer_new(options, &mistakes) };
    for (size_t i = 0; i < mistakes.count; i++) {
        const struct finding *mistake = &mistakes.findings[i];
        log_event(LOG_ERROR, EVENT_KAFKA_NO_PRODUCER, LOG_STRING("file", mistake->file),
                  LOG_INT("line", mistake->place.line), LOG_STRING("reason", mistake->en), LOG_END);
    }
    arena_free(arena);
    if (!producer->handle) {
        return STATUS_BAD_CONFIG;
    }
    producer->queue = rd_kafka_queue_get_main(producer->handle);
    rd_kafka_queue_io_event_enable(producer->queue, wakeup, &one, sizeof(one));
    return STATUS_OK;
}

/* --- taking one down ---------------------------------------------------------------------------------- */

static void *take_down(void *argument) {
    struct producer *producer = argument;
    int everything = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING;
    rd_kafka_purge(producer->handle, everything);
    rd_kafka_queue_destroy(producer->queue);
    rd_kafka_destroy(producer->handle);
    free(producer);
    return NULL;
}

void teardown_start(struct teardown *teardown, struct producer *producer) {
    require(producer->handle && !teardown->is_running);
    struct producer *taken = memory_new(sizeof(*taken));
    *taken = *producer;
    *producer = (struct producer){ 0 };
    rd_kafka_queue_io_event_enable(taken->queue, -1, NULL, 0);
    if (pthread_create(&teardown->thread, NULL, take_down, taken) == 0) {
        teardown->is_running = true;
    } else {
        take_down(taken);
    }
}

bool teardown_is_over(struct teardown *teardown) {
    if (teardown->is_running && pthread_tryjoin_np(teardown->thread, NULL) == 0) {
        teardown->is_running = false;
    }
    return !teardown->is_running;
}

bool teardown_wait(struct teardown *teardown) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_MAX_S;
    bool joined = !teardown->is_running || pthread_timedjoin_np(teardown->thread, NULL, &until) == 0;
    if (!joined) {
        pthread_detach(teardown->thread);
        log_event(LOG_WARN, EVENT_KAFKA_PRODUCER_DOES_NOT_END, LOG_END);
    }
    teardown->is_running = false;
    return joined;
}
