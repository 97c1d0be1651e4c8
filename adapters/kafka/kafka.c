/*
 * kafka.c - send() gives the producer a copy; its delivery report comes back as an event in a queue, whose
 * eventfd wakes the loop.
 *
 * A producer that has failed for good is handed to a thread of its own that takes it down, since that may
 * wait for the network; the reports it still has are never read, so it knows nothing of ours any more.
 */
#include "adapters/kafka/kafka.h"

#include <errno.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"

#define TIMEOUT_USUAL_MS 20000
#define STOP_MAX_S       5
#define TURN_EVENTS_MAX  64    /* each may hold many reports */
#define REBUILD_PAUSE_MS 5000  /* until it is tried again to make a producer that could not be made */
#define SAME_ERROR_MS    60000 /* the same trouble is told once in this time */

/* A delivery under way; the message's opaque pointer. */
struct flight {
    struct kafka *kafka;
    struct delivery *delivery; /* NULL once cancelled: the message cannot be called back */
    struct flight *next, **link;
};

struct producer {
    rd_kafka_t *handle;
    rd_kafka_queue_t *queue;
}; /* handle NULL: there is none now */

struct kafka {
    struct kafka_options options;
    struct port port;
    struct producer producer;
    int wakeup; /* eventfd that librdkafka writes when the queue becomes non-empty */
    struct loop_watch *watch;
    struct loop_timer *again;
    struct flight *flights;
    bool failed;              /* the producer has met a fatal error, or could not be made anew */
    rd_kafka_resp_err_t told; /* the error last logged, and when */
    int64_t told_ms;
    pthread_t undertaker;
    bool burying; /* the undertaker is to be joined */
};

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
static bool may_tell(const struct kafka_properties *properties, const char *reason) {
    for (size_t i = 0; properties && i < properties->count; i++) {
        const struct kafka_property *property = &properties->list[i];
        if (is_secret(property->name)
            && (strstr(reason, property->name) || strstr(reason, property->value))) {
            return false;
        }
    }
    return true;
}

/* --- outcomes ---------------------------------------------------------------------------------------- */

static struct flight *flight_new(struct kafka *kafka, struct delivery *delivery) {
    struct flight *flight = memory_new(sizeof(*flight));
    *flight = (struct flight){
        .kafka = kafka, .delivery = delivery, .next = kafka->flights, .link = &kafka->flights
    };
    if (flight->next) {
        flight->next->link = &flight->next;
    }
    kafka->flights = flight;
    return flight;
}

static void land(struct flight *flight, enum status status, enum delivery_reason reason, const char *words) {
    struct delivery *delivery = flight->delivery;
    *flight->link = flight->next;
    if (flight->next) {
        flight->next->link = flight->link;
    }
    free(flight);
    if (delivery) {
        delivery->done(delivery, status, reason, words);
    }
}

/* What the brokers refuse for good parks the delivery; everything else is tried again. */
static enum status status_of(rd_kafka_resp_err_t error) {
    switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return STATUS_OK;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: return STATUS_TOO_LARGE;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: return STATUS_DENIED;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR__INVALID_ARG: return STATUS_REFUSED;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL: return STATUS_BUSY;
    default: return STATUS_UNAVAILABLE;
    }
}

static void take_reports(rd_kafka_event_t *event) {
    for (const rd_kafka_message_t *message; (message = rd_kafka_event_message_next(event));) {
        land(message->_private, status_of(message->err), DELIVERY_REASON_NONE,
             message->err ? rd_kafka_err2str(message->err) : "");
    }
}

/* A broker that is away is told once a minute, not at every try to reach it. */
static void take_error(struct kafka *kafka, rd_kafka_event_t *event) {
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    int64_t now_ms = stamp_monotonic_ms();
    const char *reason = rd_kafka_event_error_string(event);
    bool is_new =
        error != kafka->told && error != RD_KAFKA_RESP_ERR__TRANSPORT; /* _ALL_BROKERS_DOWN says it */
    if (is_new || now_ms - kafka->told_ms > SAME_ERROR_MS) {
        log_event(LOG_WARN, EVENT_KAFKA_PRODUCER_ERROR, LOG_STRING("code", rd_kafka_err2name(error)),
                  LOG_STRING("reason", may_tell(kafka->options.properties, reason) ? reason : ""), LOG_END);
        kafka->told = error;
        kafka->told_ms = now_ms;
    }
    kafka->failed |= error == RD_KAFKA_RESP_ERR__FATAL || rd_kafka_event_error_is_fatal(event);
}

/* False: there may be more. */
static bool take_events(struct kafka *kafka) {
    for (int taken = 0; taken < TURN_EVENTS_MAX; taken++) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(kafka->producer.queue, 0);
        if (!event) {
            return true;
        }
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) {
            take_reports(event);
        } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
            take_error(kafka, event);
        }
        rd_kafka_event_destroy(event);
    }
    return false;
}

/* --- the producer ------------------------------------------------------------------------------------ */

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
    const char *why = may_tell(properties, reason) ? reason : about ? about->name : "";
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

static enum status make_producer(struct kafka *kafka) {
    static const uint64_t one = 1;
    struct verdict mistakes;
    struct arena *arena = arena_new();
    verdict_init(&mistakes, arena);
    struct producer producer = { .handle = producer_new(&kafka->options, &mistakes) };
    for (size_t i = 0; i < mistakes.count; i++) {
        const struct finding *mistake = &mistakes.findings[i];
        log_event(LOG_ERROR, EVENT_KAFKA_NO_PRODUCER, LOG_STRING("file", mistake->file),
                  LOG_INT("line", mistake->place.line), LOG_STRING("reason", mistake->en), LOG_END);
    }
    arena_free(arena);
    if (!producer.handle) {
        return STATUS_BAD_CONFIG;
    }
    producer.queue = rd_kafka_queue_get_main(producer.handle);
    rd_kafka_queue_io_event_enable(producer.queue, kafka->wakeup, &one, sizeof(one));
    kafka->producer = producer;
    loop_timer_start(kafka->again, 0); /* what came before the wake-up was asked for */
    return STATUS_OK;
}

static void *bury(void *argument) {
    struct producer *producer = argument;
    int everything = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING;
    rd_kafka_purge(producer->handle, everything);
    rd_kafka_queue_destroy(producer->queue);
    rd_kafka_destroy(producer->handle);
    free(producer);
    return NULL;
}

/* The loop waits for nobody: while the last one still goes down, the network may be what keeps it. */
static bool undertaker_is_back(struct kafka *kafka) {
    if (kafka->burying && pthread_tryjoin_np(kafka->undertaker, NULL) == 0) {
        kafka->burying = false;
    }
    return !kafka->burying;
}

/* Waits until the last one is down; false: it is not, and is left to the end of the process. */
static bool join_undertaker(struct kafka *kafka) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_MAX_S;
    bool joined = !kafka->burying || pthread_timedjoin_np(kafka->undertaker, NULL, &until) == 0;
    if (!joined) {
        pthread_detach(kafka->undertaker);
        log_event(LOG_WARN, EVENT_KAFKA_PRODUCER_DOES_NOT_END, LOG_END);
    }
    kafka->burying = false;
    return joined;
}

/* From here on librdkafka refers to no flight any more: what is under way has failed. */
static void end_producer(struct kafka *kafka, enum delivery_reason reason) {
    struct producer *producer = memory_new(sizeof(*producer));
    *producer = kafka->producer;
    kafka->producer = (struct producer){ 0 };
    rd_kafka_queue_io_event_enable(producer->queue, -1, NULL, 0);
    require(!kafka->burying);
    if (pthread_create(&kafka->undertaker, NULL, bury, producer) == 0) {
        kafka->burying = true;
    } else {
        bury(producer);
    }
    while (kafka->flights) {
        land(kafka->flights, STATUS_UNAVAILABLE, reason, "");
    }
}

static void rebuild(struct kafka *kafka) {
    if (kafka->producer.handle && !undertaker_is_back(kafka)) {
        loop_timer_start(kafka->again,
                         REBUILD_PAUSE_MS); /* until then what is sent fails, and is tried again */
        return;
    }
    if (kafka->producer.handle) {
        counter_add(COUNTER_KAFKA_FATAL, 1);
        log_event(LOG_WARN, EVENT_KAFKA_PRODUCER_REBUILT, LOG_END);
        end_producer(kafka, DELIVERY_REASON_PRODUCER_FAILED);
    }
    kafka->failed = make_producer(kafka) != STATUS_OK;
    if (kafka->failed) { /* what made the last one may be gone: a certificate */
        loop_timer_start(kafka->again, REBUILD_PAUSE_MS);
    }
}

/* To be read until empty: the wake-up comes only when the queue was empty before. */
static void serve(struct kafka *kafka) {
    if (kafka->producer.handle && !take_events(kafka)) {
        loop_timer_start(kafka->again, 0); /* the others' turn; we come back at once */
    }
    if (kafka->failed) {
        rebuild(kafka);
    }
}

static void woken(int events, void *context) {
    struct kafka *kafka = context;
    uint64_t count;
    while (read(kafka->wakeup, &count, sizeof(count)) < 0 && errno == EINTR) {
    }
    serve(kafka);
}

static void woken_again(void *context) {
    serve(context);
}

/* --- sending ----------------------------------------------------------------------------------------- */

static void add_header(rd_kafka_headers_t *headers, const char *name, const char *value) {
    if (value && *value) {
        rd_kafka_header_add(headers, name, -1, value, -1);
    }
}

static rd_kafka_headers_t *headers_of(const struct kafka *kafka, const struct delivery *delivery) {
    char type[256], digest[DIGEST_HEX_MAX + 8] = "sha256:", record[32], time[STAMP_TEXT_MAX];
    rd_kafka_headers_t *headers = rd_kafka_headers_new(16);
    snprintf(type, sizeof(type), "clearway.%s.v1", *delivery->family ? delivery->family : "decision");
    snprintf(record, sizeof(record), "%" PRIu64, delivery->record);
    digest_hex(&delivery->digest, digest + strlen(digest));
    add_header(headers, "ce_specversion", "1.0");
    add_header(headers, "ce_id", delivery->id);
    add_header(headers, "ce_source", kafka->options.source);
    add_header(headers, "ce_type", type);
    add_header(headers, "ce_subject", delivery->subject);
    add_header(headers, "ce_time", stamp_print(delivery->recorded, time));
    add_header(headers, "ce_partitionkey", delivery->subject);
    add_header(headers, "content-type", "application/xml");
    add_header(headers, "clearway-record", record);
    add_header(headers, "clearway-format", delivery->format);
    add_header(headers, "clearway-digest", digest);
    add_header(headers, "clearway-sender", delivery->sender);
    add_header(headers, "clearway-route", delivery->route);
    add_header(headers, "traceparent", delivery->trace);
    return headers;
}

static void take_delivery(void *context, struct delivery *delivery) {
    struct kafka *kafka = context;
    struct flight *flight = flight_new(kafka, delivery);
    if (!kafka->producer.handle) {
        land(flight, STATUS_UNAVAILABLE, DELIVERY_REASON_PRODUCER_FAILED, "");
        return;
    }
    const char *key = *delivery->subject ? delivery->subject : NULL; /* without a subject: any partition */
    rd_kafka_headers_t *headers = headers_of(kafka, delivery);
    rd_kafka_resp_err_t error =
        rd_kafka_producev(kafka->producer.handle, RD_KAFKA_V_TOPIC(delivery->party->address),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_KEY((void *)(uintptr_t)key, key ? strlen(key) : 0),
                          RD_KAFKA_V_VALUE((void *)(uintptr_t)delivery->data.at, delivery->data.length),
                          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(flight), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_headers_destroy(headers); /* librdkafka takes them only when it takes the message */
        land(flight, status_of(error), DELIVERY_REASON_NONE, rd_kafka_err2str(error));
    }
}

static void cancel_delivery(void *context, struct delivery *delivery) {
    struct kafka *kafka = context;
    for (struct flight *flight = kafka->flights; flight; flight = flight->next) {
        if (flight->delivery == delivery) {
            flight->delivery = NULL;
        }
    }
}

/* --- start and stop ---------------------------------------------------------------------------------- */

enum status kafka_start(const struct kafka_options *options, struct kafka **out) {
    *out = NULL;
    struct kafka *kafka = memory_new(sizeof(*kafka));
    kafka->options = *options;
    kafka->options.timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_USUAL_MS;
    kafka->wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    kafka->again = loop_timer_new(options->loop, woken_again, kafka);
    enum status status = kafka->wakeup < 0 ? STATUS_IO : make_producer(kafka);
    if (status != STATUS_OK) {
        if (kafka->wakeup >= 0) {
            close(kafka->wakeup);
        }
        loop_timer_free(kafka->again);
        free(kafka);
        return status;
    }
    kafka->watch = loop_watch_new(options->loop, kafka->wakeup, LOOP_READ, woken, kafka);
    kafka->port = (struct port){
        .transport = "kafka", .context = kafka, .send = take_delivery, .cancel = cancel_delivery
    };
    *out = kafka;
    return STATUS_OK;
}

const struct port *kafka_port(const struct kafka *kafka) {
    return &kafka->port;
}

void kafka_stop(struct kafka *kafka) {
    if (!kafka) {
        return;
    }
    loop_watch_free(kafka->watch);
    loop_timer_free(kafka->again);
    if (kafka->producer.handle) {
        join_undertaker(kafka); /* of one that failed before */
        end_producer(kafka, DELIVERY_REASON_STOPPING);
    }
    if (join_undertaker(kafka)) {
        close(kafka->wakeup); /* else somebody may still write to it */
    }
    free(kafka);
}
