#include "adapters/kafka.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"

#define TIMEOUT_USUAL_MS 20000
#define STOP_MAX_MS 5000
#define VALUE_MAX 200

/* A delivery under way; the message's opaque pointer. */
struct flight {
    struct delivery *delivery;        /* NULL once it was cancelled: its report is still to come */
    struct flight *next, **link;
};

struct kafka {
    struct kafka_options options;
    struct port port;
    rd_kafka_t *producer;
    rd_kafka_queue_t *queue;          /* delivery reports and errors */
    int wakeup;                       /* eventfd that librdkafka writes when the queue becomes non-empty */
    struct loop_watch *watch;
    struct flight *flights;
    bool rebuilding;
};

/* --- outcomes --------------------------------------------------------------------------------------------------- */

static void unlink_flight(struct flight *flight) {
    *flight->link = flight->next;
    if (flight->next) flight->next->link = flight->link;
}

static void land(struct flight *flight, enum status status, const char *why) {
    struct delivery *delivery = flight->delivery;
    unlink_flight(flight);
    free(flight);
    if (delivery) delivery->done(delivery, status, why);
}

/* What the brokers refuse for good parks the delivery; everything else is tried again. */
static enum status status_of(rd_kafka_resp_err_t error) {
    switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return STATUS_OK;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: return STATUS_TOO_LARGE;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED: case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: return STATUS_DENIED;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC: case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD: return STATUS_REFUSED;
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT: return STATUS_TIMEOUT;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL: return STATUS_BUSY;
    default: return STATUS_UNAVAILABLE;
    }
}

static void take_reports(rd_kafka_event_t *event) {
    const rd_kafka_message_t *message;
    while ((message = rd_kafka_event_message_next(event)))
        land(message->_private, status_of(message->err), message->err ? rd_kafka_err2str(message->err) : "");
}

static void take_error(struct kafka *kafka, rd_kafka_event_t *event) {
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    log_event(LOG_WARN, "kafka", "producer error", LOG_STRING("code", rd_kafka_err2name(error)),
              LOG_STRING("text", rd_kafka_event_error_string(event)), LOG_END);
    if (error == RD_KAFKA_RESP_ERR__FATAL || rd_kafka_event_error_is_fatal(event)) kafka->rebuilding = true;
}

static void take_events(struct kafka *kafka, int timeout_ms) {
    rd_kafka_event_t *event;
    while ((event = rd_kafka_queue_poll(kafka->queue, timeout_ms))) {
        switch (rd_kafka_event_type(event)) {
        case RD_KAFKA_EVENT_DR: take_reports(event); break;
        case RD_KAFKA_EVENT_ERROR: take_error(kafka, event); break;
        default: break;
        }
        rd_kafka_event_destroy(event);
    }
}

/* --- the producer ------------------------------------------------------------------------------------------------- */

static const char *const settings[][2] = {
    { "client.id", "clearway" }, { "enable.idempotence", "true" }, { "acks", "all" }, { "partitioner", "murmur2_random" },
    { "compression.codec", "lz4" }, { "linger.ms", "5" }, { "queue.buffering.max.messages", "20000" },
    { "queue.buffering.max.kbytes", "131072" }, { "message.max.bytes", "16777216" }, { "reconnect.backoff.max.ms", "2000" },
    { "topic.metadata.propagation.max.ms", "2000" }, { "log_level", "3" }, { "allow.auto.create.topics", "false" },
};

static bool set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char why[256];
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) == RD_KAFKA_CONF_OK) return true;
    log_event(LOG_ERROR, "kafka", "setting refused", LOG_STRING("name", name), LOG_STRING("why", why), LOG_END);
    return false;
}

static enum status make_producer(struct kafka *kafka) {
    static const uint64_t one = 1;
    char why[256], timeout[16];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool ok = set(conf, "bootstrap.servers", kafka->options.brokers);
    snprintf(timeout, sizeof timeout, "%d", kafka->options.timeout_ms);
    ok = ok && set(conf, "message.timeout.ms", timeout);
    for (size_t i = 0; ok && i < sizeof settings / sizeof *settings; i++) ok = set(conf, settings[i][0], settings[i][1]);
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
    kafka->producer = ok ? rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why) : NULL;
    if (!kafka->producer) {
        rd_kafka_conf_destroy(conf);
        if (ok) log_event(LOG_ERROR, "kafka", "no producer", LOG_STRING("why", why), LOG_END);
        return STATUS_BAD_CONFIG;
    }
    kafka->queue = rd_kafka_queue_get_main(kafka->producer);
    rd_kafka_queue_io_event_enable(kafka->queue, kafka->wakeup, &one, sizeof one);
    return STATUS_OK;
}

/* What is under way gets its outcome now; librdkafka may not refer to a flight any more when this returns. */
static void end_producer(struct kafka *kafka, int wait_ms) {
    if (!kafka->producer) return;
    rd_kafka_purge(kafka->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (int waited = 0; kafka->flights && waited < wait_ms; waited += 50) take_events(kafka, 50);
    rd_kafka_queue_destroy(kafka->queue);
    rd_kafka_destroy_flags(kafka->producer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    kafka->producer = NULL;
    while (kafka->flights) land(kafka->flights, STATUS_UNAVAILABLE, "the producer was ended");
}

static void rebuild(struct kafka *kafka) {
    counter_add(COUNTER_KAFKA_FATAL, 1);
    log_event(LOG_WARN, "kafka", "fatal error; making a new producer", LOG_END);
    end_producer(kafka, 1000);
    kafka->rebuilding = false;
    if (make_producer(kafka)) panic("the producer that could be made once cannot be made again");
}

static void woken(int events, void *context) {
    struct kafka *kafka = context;
    uint64_t count;
    if (read(kafka->wakeup, &count, sizeof count) < 0) count = 0;
    take_events(kafka, 0);            /* until empty: the wake-up comes only when the queue was empty before */
    if (kafka->rebuilding) rebuild(kafka);
}

/* --- sending --------------------------------------------------------------------------------------------------------- */

static void add_header(rd_kafka_headers_t *headers, const char *name, const char *value) {
    if (value && value[0]) rd_kafka_header_add(headers, name, -1, value, -1);
}

static rd_kafka_headers_t *headers_of(const struct kafka *kafka, const struct delivery *delivery) {
    char type[VALUE_MAX], digest[VALUE_MAX] = "sha256:", number[32], time[STAMP_TEXT_MAX];
    rd_kafka_headers_t *headers = rd_kafka_headers_new(16);
    snprintf(type, sizeof type, "clearway.%s.v1", delivery->family && delivery->family[0] ? delivery->family : "decision");
    digest_hex(&delivery->digest, digest + strlen(digest));
    snprintf(number, sizeof number, "%llu", (unsigned long long)delivery->record);
    add_header(headers, "ce_specversion", "1.0");
    add_header(headers, "ce_id", delivery->id);
    add_header(headers, "ce_source", kafka->options.source);
    add_header(headers, "ce_type", type);
    add_header(headers, "ce_subject", delivery->subject);
    add_header(headers, "ce_time", stamp_print(delivery->recorded, time));
    add_header(headers, "content-type", "application/xml");
    add_header(headers, "clearway-record", number);
    add_header(headers, "clearway-format", delivery->format);
    add_header(headers, "clearway-digest", digest);
    add_header(headers, "clearway-sender", delivery->sender);
    add_header(headers, "clearway-route", delivery->route);
    add_header(headers, "traceparent", delivery->trace);
    return headers;
}

static void send_one(void *context, struct delivery *delivery) {
    struct kafka *kafka = context;
    struct flight *flight = memory_new(sizeof *flight);
    flight->delivery = delivery;
    flight->next = kafka->flights;
    if (flight->next) flight->next->link = &flight->next;
    flight->link = &kafka->flights;
    kafka->flights = flight;

    const char *key = delivery->subject && delivery->subject[0] ? delivery->subject : delivery->id;
    rd_kafka_headers_t *headers = headers_of(kafka, delivery);
    rd_kafka_resp_err_t error = rd_kafka_producev(kafka->producer,
        RD_KAFKA_V_TOPIC(delivery->party->address), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY((void *)(uintptr_t)key, strlen(key)),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)delivery->data.at, delivery->data.length),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(flight), RD_KAFKA_V_END);
    if (!error) return;
    rd_kafka_headers_destroy(headers);        /* librdkafka takes them only when it takes the message */
    land(flight, status_of(error), rd_kafka_err2str(error));
}

/* librdkafka cannot take one message back: it may be written all the same, and its report finds nobody. */
static void cancel_one(void *context, struct delivery *delivery) {
    struct kafka *kafka = context;
    for (struct flight *flight = kafka->flights; flight; flight = flight->next)
        if (flight->delivery == delivery) flight->delivery = NULL;
}

/* --- life ---------------------------------------------------------------------------------------------------------------- */

enum status kafka_start(const struct kafka_options *options, struct kafka **out) {
    struct kafka *kafka = memory_new(sizeof *kafka);
    kafka->options = *options;
    if (!kafka->options.timeout_ms) kafka->options.timeout_ms = TIMEOUT_USUAL_MS;
    kafka->wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    enum status status = kafka->wakeup < 0 ? STATUS_IO : make_producer(kafka);
    if (status) {
        if (kafka->wakeup >= 0) close(kafka->wakeup);
        free(kafka);
        return status;
    }
    kafka->watch = loop_watch_new(options->loop, kafka->wakeup, LOOP_READ, woken, kafka);
    kafka->port = (struct port){ .transport = "kafka", .context = kafka, .send = send_one, .cancel = cancel_one };
    *out = kafka;
    return STATUS_OK;
}

const struct port *kafka_port(struct kafka *kafka) {
    return &kafka->port;
}

void kafka_stop(struct kafka *kafka) {
    if (!kafka) return;
    loop_watch_free(kafka->watch);
    end_producer(kafka, STOP_MAX_MS);
    close(kafka->wakeup);
    free(kafka);
}
