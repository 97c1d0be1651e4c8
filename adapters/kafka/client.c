/*
 * client.c - send() gives the producer a copy; its delivery report comes back as an event in a queue, whose
 * eventfd wakes the loop. A producer that has met a fatal error is taken down (producer.h), and another is
 * made. One that another follows for a better reason, other certificates, first ends what it has in flight.
 */
#include "adapters/kafka/client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "adapters/labels.h"
#include "adapters/kafka/offsets.h"
#include "adapters/kafka/overheard.h"
#include "adapters/kafka/producer.h"
#include "adapters/kafka/teardown.h"
#include "adapters/kafka/counters.h"

#define TIMEOUT_USUAL_MS 20000
#define TURN_EVENTS_MAX  64    /* each may hold many reports */
#define REBUILD_PAUSE_MS 5000  /* until it is tried again to make a producer that could not be made */
#define LETTERS_MS       1000  /* at a stop, until receipts are acknowledged */
#define SAME_ERROR_MS    60000 /* the same trouble is told once in this time */
#define LABEL_NAME_MAX   32    /* more than labels.c has */

/* A delivery or a letter in flight; the message's opaque pointer. */
struct in_flight {
    struct kafka *kafka;
    struct delivery *delivery; /* NULL once cancelled: the message cannot be called back */
    void (*done)(void *context, enum status status, const char *words); /* of a letter */
    void *context;
    struct in_flight *next, **link;
    struct in_flight *reported; /* the next of those that one event tells of */
    rd_kafka_resp_err_t error;  /* reported */
    bool implied;               /* reported without a broker's word of it */
};

struct kafka {
    struct kafka_options options;
    struct port port;
    struct producer producer;
    int wakeup; /* eventfd that librdkafka writes when the queue becomes non-empty */
    struct loop_watch *watch;
    struct loop_timer *again;
    struct in_flight *in_flight;
    struct producer retiring; /* the one before; until `retired`, what it has in flight, has ended */
    struct in_flight *retired;
    bool failed;              /* the producer has met a fatal error, or could not be made anew */
    rd_kafka_resp_err_t told; /* the error last logged, and when */
    int64_t told_ms;
    stamp down; /* since when no broker can be reached, and nothing was acknowledged; 0: they are there */
    struct teardown teardown; /* of the producer before */
    struct overheard *overheard;
    void (*opened)(void *listener, const struct party *party);
    void *listener;
};

/* --- outcomes ---------------------------------------------------------------------------------------- */

static struct in_flight *in_flight_new(struct kafka *kafka) {
    struct in_flight *sent = memory_new(sizeof(*sent));
    *sent = (struct in_flight){ .kafka = kafka, .next = kafka->in_flight, .link = &kafka->in_flight };
    if (sent->next) {
        sent->next->link = &sent->next;
    }
    kafka->in_flight = sent;
    return sent;
}

static void end(struct in_flight *sent, enum status status, enum delivery_reason reason, const char *words) {
    struct in_flight ended = *sent;
    *sent->link = sent->next;
    if (sent->next) {
        sent->next->link = sent->link;
    }
    free(sent);
    if (ended.delivery) {
        ended.delivery->done(ended.delivery, status, reason, words);
    } else if (ended.done) {
        ended.done(ended.context, status, words);
    }
}

/* An unknown topic may be one that is made just now, or whose broker is coming back. What the brokers
 * refuse for good parks the delivery; everything else is tried again. */
static enum status status_of(rd_kafka_resp_err_t error) {
    switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return STATUS_OK;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: return STATUS_TOO_LARGE;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: return STATUS_DENIED;
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR__INVALID_ARG: return STATUS_REFUSED;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL: return STATUS_BUSY;
    default: return STATUS_UNAVAILABLE;
    }
}

/* Of what stands before a batch that was acknowledged librdkafka says that it was, too. Where a partition's
 * leader has just moved that may be wrong: the brokers had refused it, and it stands nowhere. What a broker
 * acknowledged itself has the offset it told (confluent-kafka-go, issue 921). */
static bool is_implied(const rd_kafka_message_t *message) {
    return !message->err && message->offset == RD_KAFKA_OFFSET_INVALID;
}

static void end_reported(struct in_flight *sent) {
    if (sent->implied) {
        room_counter_add(&kafka_counters[KAFKA_COUNT_IMPLIED], 1);
        end(sent, STATUS_UNAVAILABLE, DELIVERY_REASON_NONE, "no broker acknowledged it itself");
    } else {
        end(sent, status_of(sent->error), DELIVERY_REASON_NONE,
            sent->error ? rd_kafka_err2str(sent->error) : "");
    }
}

/* Takes any event; of one that reports, it goes first, headers and all: what is sent next finds its
 * memory. */
static void take_reports(struct kafka *kafka, rd_kafka_event_t *event) {
    struct in_flight *first = NULL, **last = &first;
    bool reports = rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR;
    for (const rd_kafka_message_t *message; reports && (message = rd_kafka_event_message_next(event));) {
        struct in_flight *sent = message->_private;
        kafka->down = message->err ? kafka->down : 0;
        sent->error = message->err;
        sent->implied = is_implied(message);
        *last = sent;
        last = &sent->reported;
    }
    rd_kafka_event_destroy(event);
    for (struct in_flight *sent = first, *next; sent; sent = next) {
        next = sent->reported;
        end_reported(sent);
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
                  LOG_STRING("reason", handle_may_tell(kafka->options.properties, reason) ? reason : ""),
                  LOG_END);
        kafka->told = error;
        kafka->told_ms = now_ms;
    }
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !kafka->down) {
        kafka->down = stamp_now();
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
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
            take_error(kafka, event);
        }
        take_reports(kafka, event);
    }
    return false;
}

/* --- the producer ------------------------------------------------------------------------------------ */

static enum status make_producer(struct kafka *kafka) {
    enum status status = producer_open(&kafka->producer, &kafka->options, kafka->wakeup);
    if (status == STATUS_OK) {
        loop_timer_start(kafka->again, 0); /* what came before the wake-up was asked for */
    }
    return status;
}

/* From here on librdkafka refers to no delivery of it any more: what is in flight has failed. */
static void take_down(struct kafka *kafka, struct producer *producer, struct in_flight **in_flight,
                      enum delivery_reason reason) {
    struct producer ended = *producer;
    *producer = (struct producer){ 0 };
    teardown_start(&kafka->teardown, ended.handle, &ended.queue, 1);
    while (*in_flight) {
        end(*in_flight, STATUS_UNAVAILABLE, reason, "");
    }
}

static void end_producer(struct kafka *kafka, enum delivery_reason reason) {
    take_down(kafka, &kafka->producer, &kafka->in_flight, reason);
}

static void rebuild(struct kafka *kafka) {
    if (kafka->producer.handle && !teardown_is_over(&kafka->teardown)) {
        loop_timer_start(kafka->again,
                         REBUILD_PAUSE_MS); /* until then what is sent fails, and is tried again */
        return;
    }
    if (kafka->producer.handle) {
        room_counter_add(&kafka_counters[KAFKA_COUNT_FATAL], 1);
        log_event(LOG_WARN, EVENT_KAFKA_PRODUCER_REBUILT, LOG_END);
        end_producer(kafka, DELIVERY_REASON_PRODUCER_FAILED);
    }
    kafka->failed = make_producer(kafka) != STATUS_OK;
    if (kafka->failed) { /* what made the last one may be gone: a certificate */
        loop_timer_start(kafka->again, REBUILD_PAUSE_MS);
    }
}

static void serve_retiring(struct kafka *kafka);

/* To be read until empty: the wake-up comes only when the queue was empty before. */
static void serve(struct kafka *kafka) {
    if (kafka->producer.handle && !take_events(kafka)) {
        loop_timer_start(kafka->again, 0); /* the others' turn; we come back at once */
    }
    if (kafka->failed) {
        rebuild(kafka);
    }
    if (kafka->retiring.handle) {
        serve_retiring(kafka);
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

/* --- another one, because certificates are others ------------------------------------------------- */

/* A message ends within its timeout, so this comes to its end, too. */
static void serve_retiring(struct kafka *kafka) {
    bool failed = false;
    for (rd_kafka_event_t *event; (event = rd_kafka_queue_poll(kafka->retiring.queue, 0));) {
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
            failed |= rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__FATAL;
        }
        take_reports(kafka, event);
    }
    bool over = failed || !kafka->retired;
    if (over && teardown_is_over(&kafka->teardown)) {
        take_down(kafka, &kafka->retiring, &kafka->retired, DELIVERY_REASON_PRODUCER_FAILED);
    } else if (over) {
        loop_timer_start(kafka->again, REBUILD_PAUSE_MS);
    }
}

bool kafka_may_renew(const struct kafka *kafka) {
    return !kafka->retiring.handle;
}

void kafka_renew(struct kafka *kafka, const struct kafka_properties *properties, int timeout_ms) {
    require(kafka_may_renew(kafka) && properties);
    struct producer before = kafka->producer;
    kafka->options.properties = properties;
    kafka->options.timeout_ms = timeout_ms ? timeout_ms : TIMEOUT_USUAL_MS;
    kafka->producer = (struct producer){ 0 };
    if (make_producer(kafka) != STATUS_OK) {
        kafka->producer = before;
        return;
    }
    kafka->failed = false;
    kafka->retiring = before;
    kafka->retired = kafka->in_flight;
    kafka->in_flight = NULL;
    if (kafka->retired) {
        kafka->retired->link = &kafka->retired;
    }
    room_counter_add(&kafka_counters[KAFKA_COUNT_RENEWED], 1);
    log_event(LOG_INFO, EVENT_KAFKA_RENEWED, LOG_END);
}

/* --- sending ----------------------------------------------------------------------------------------- */

static void add_header(rd_kafka_headers_t *headers, const char *name, const char *value) {
    if (value && *value) {
        rd_kafka_header_add(headers, name, -1, value, -1);
    }
}

/* Takes the headers. key at NULL: any partition. */
static void produce(struct in_flight *sent, const char *topic, struct text key, struct text value,
                    rd_kafka_headers_t *headers) {
    rd_kafka_t *handle = sent->kafka->producer.handle;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__DESTROY;
    if (handle) {
        error = rd_kafka_producev(handle, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                  RD_KAFKA_V_KEY((void *)(uintptr_t)key.at, key.length),
                                  RD_KAFKA_V_VALUE((void *)(uintptr_t)value.at, value.length),
                                  RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(sent), RD_KAFKA_V_END);
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_headers_destroy(headers); /* librdkafka takes them only when it takes the message */
        end(sent, status_of(error), handle ? DELIVERY_REASON_NONE : DELIVERY_REASON_PRODUCER_FAILED,
            handle ? rd_kafka_err2str(error) : "");
    }
}

void kafka_mind(struct kafka *kafka, struct overheard *overheard) {
    kafka->overheard = overheard;
}

void kafka_judged(void *context, const struct party *party) {
    const struct kafka *kafka = context;
    if (kafka->opened) {
        kafka->opened(kafka->listener, party);
    }
}

/* False: nothing may be sent to the topic now. reason: why, of a delivery; words: who may read it, or why
 * that is not known. */
static bool may_send(const struct kafka *kafka, const char *topic, enum delivery_reason *reason,
                     const char **words) {
    enum readers readers = kafka->overheard ? overheard_by(kafka->overheard, topic, words) : READERS_ALONE;
    *reason = readers == READERS_OTHERS ? DELIVERY_REASON_OVERHEARD : DELIVERY_REASON_NONE;
    return readers == READERS_ALONE;
}

/* For a letter, of which nobody has the reason: who it is that may read stands in /readyz. */
static const char *refusal(enum delivery_reason reason, const char *words) {
    return reason == DELIVERY_REASON_NONE
               ? words
               : delivery_reason_sentence(delivery_reason_code(reason), LANGUAGE_EN);
}

void kafka_send(struct kafka *kafka, const struct kafka_letter *letter,
                void (*done)(void *context, enum status status, const char *words), void *context) {
    require(letter->topic && *letter->topic && done);
    enum delivery_reason reason;
    const char *words;
    if (!may_send(kafka, letter->topic, &reason, &words)) {
        done(context, STATUS_UNAVAILABLE, refusal(reason, words));
        return;
    }
    rd_kafka_headers_t *headers = rd_kafka_headers_new(letter->headers_count);
    for (size_t i = 0; i < letter->headers_count; i++) {
        add_header(headers, letter->headers[i].name, letter->headers[i].value);
    }
    struct in_flight *sent = in_flight_new(kafka);
    sent->done = done;
    sent->context = context;
    produce(sent, letter->topic, letter->key, letter->value, headers);
}

static rd_kafka_headers_t *headers_of(const struct kafka *kafka, const struct delivery *delivery) {
    struct labels labels;
    char attribute[LABEL_NAME_MAX] = "ce_";
    labels_of(&labels, delivery, kafka->options.source);
    rd_kafka_headers_t *headers = rd_kafka_headers_new(labels.count);
    for (size_t i = 0; i < labels.count; i++) {
        const struct label *label = &labels.list[i];
        if (label->is_attribute) {
            strcpy(attribute + strlen("ce_"), label->name);
        }
        add_header(headers, label->is_attribute ? attribute : label->name, label->value);
    }
    return headers;
}

/* What refuses a submission goes where its receipt went. */
static const char *topic_of(const struct delivery *delivery) {
    return *delivery->way ? stanza_text(party_stanza(delivery->party, "kafka"), "receipts")
                          : delivery->party->address;
}

static struct text key_of(const struct delivery *delivery) {
    return *delivery->subject ? text_of(delivery->subject) : (struct text){ NULL, 0 };
}

static void take_delivery(void *context, struct delivery *delivery) {
    struct kafka *kafka = context;
    if (!*topic_of(delivery)) { /* its row names no receipts any more */
        delivery->done(delivery, STATUS_UNAVAILABLE, DELIVERY_REASON_NO_ADDRESS, "");
        return;
    }
    enum delivery_reason reason;
    const char *words;
    if (!may_send(kafka, topic_of(delivery), &reason, &words)) {
        delivery->done(delivery, STATUS_UNAVAILABLE, reason, words);
        return;
    }
    struct in_flight *sent = in_flight_new(kafka);
    sent->delivery = delivery;
    delivery->of_port = sent;
    produce(sent, topic_of(delivery), key_of(delivery), delivery->data, headers_of(kafka, delivery));
}

/* --- dead letters ------------------------------------------------------------------------------------ */

static void dead_letter_sent(void *context, enum status status, const char *words) {
    room_counter_add(&kafka_counters[KAFKA_COUNT_DEAD_LETTERS], status == STATUS_OK);
    if (status != STATUS_OK) { /* `clearway queue` has it all the same */
        log_event_bounded(LOG_WARN, EVENT_KAFKA_NO_DEAD_LETTER, LOG_STRING("words", words), LOG_END);
    }
}

/* What was too large for its topic would be for this one. */
static void tell_parked(void *context, const struct delivery *delivery, enum delivery_reason reason,
                        const char *words) {
    struct kafka *kafka = context;
    char topic[KAFKA_TOPIC_MAX + sizeof(KAFKA_DLQ)], attempts[16];
    bool too_large = reason == DELIVERY_REASON_RECEIVER_LIMIT;
    enum delivery_reason unsent;
    const char *why;
    snprintf(topic, sizeof(topic), "%s" KAFKA_DLQ, topic_of(delivery));
    if (!may_send(kafka, topic, &unsent, &why)) {
        dead_letter_sent(NULL, STATUS_UNAVAILABLE, refusal(unsent, why));
        return;
    }
    rd_kafka_headers_t *headers = headers_of(kafka, delivery);
    struct in_flight *sent = in_flight_new(kafka);
    snprintf(attempts, sizeof(attempts), "%" PRIu32, delivery->attempt);
    add_header(headers, "clearway-dlq-topic", topic_of(delivery));
    add_header(headers, "clearway-dlq-party", delivery->party->code);
    add_header(headers, "clearway-dlq-reason", delivery_reason_code(reason));
    add_header(headers, "clearway-dlq-words", words);
    add_header(headers, "clearway-dlq-attempts", attempts);
    add_header(headers, "clearway-dlq-content", too_large ? "omitted" : "");
    sent->done = dead_letter_sent;
    produce(sent, topic, key_of(delivery), too_large ? TEXT("") : delivery->data, headers);
}

/* What waits for its topic to be judged is held back, and is no failure. */
static size_t room_of(void *context, const struct party *party) {
    const struct kafka *kafka = context;
    return kafka->overheard && overheard_is_awaited(kafka->overheard, party) ? 0 : SIZE_MAX;
}

static void listen_for(void *context, void (*opened)(void *listener, const struct party *party),
                       void *listener) {
    struct kafka *kafka = context;
    kafka->opened = opened;
    kafka->listener = listener;
}

static void cancel_delivery(void *context, struct delivery *delivery) {
    struct in_flight *sent = delivery->of_port;
    require(sent && sent->kafka == context && sent->delivery == delivery);
    sent->delivery = NULL;
}

/* --- start and stop ---------------------------------------------------------------------------------- */

enum status kafka_start(const struct kafka_options *options, struct kafka **out) {
    require(options->loop && options->brokers && options->source);
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
        .transport = "kafka",
        .context = kafka,
        .send = take_delivery,
        .cancel = cancel_delivery,
        .room = room_of,
        .listen = listen_for,
        .parked = tell_parked,
    };
    *out = kafka;
    return STATUS_OK;
}

void kafka_diagnose(const struct kafka *kafka, struct diagnosis *out) {
    bool waits = kafka->in_flight != NULL, dead = kafka->failed || !kafka->producer.handle;
    struct diagnosis_row *row = diagnosis_add(out, CHECK_BROKERS, kafka->options.brokers,
                                              dead || (kafka->down && waits) ? DIAGNOSIS_FAILED
                                              : kafka->down                  ? DIAGNOSIS_WARNING
                                                                             : DIAGNOSIS_OK);
    row->since = kafka->down;
    if (dead) {
        row->zh = "无法建立生产者（证书或属性不可用），每 5 秒再试";
        row->en = "no producer can be made (certificates or properties), it is tried every 5 s";
    } else if (kafka->down) {
        diagnosis_say(out, row, "自 %s 起连不上任何代理，此后无一确认",
                      "no broker can be reached since %s, and none has"
                      " acknowledged anything",
                      diagnosis_moment(out->arena, kafka->down));
    } else {
        row->zh = "未见异常";
        row->en = "nothing is wrong as far as is known";
    }
    if (row->state != DIAGNOSIS_OK) {
        diagnosis_advise(row, "检查代理、网络与证书；clearway config lint --connect 逐一询问",
                         "look at brokers, network, certificates; clearway config lint --connect asks each");
    }
}

const struct port *kafka_port(const struct kafka *kafka) {
    return &kafka->port;
}

static bool has_letters(const struct kafka *kafka) {
    for (const struct in_flight *sent = kafka->in_flight; sent; sent = sent->next) {
        if (sent->done) {
            return true;
        }
    }
    return false;
}

/* Receipts that are with the brokers now need not be sent again. */
static void wait_for_letters(struct kafka *kafka) {
    int64_t until_ms = stamp_monotonic_ms() + LETTERS_MS;
    while (kafka->producer.handle && has_letters(kafka) && stamp_monotonic_ms() < until_ms) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(kafka->producer.queue, LETTERS_MS / 10);
        if (event) {
            take_reports(kafka, event);
        }
    }
}

void kafka_stop(struct kafka *kafka) {
    if (!kafka) {
        return;
    }
    wait_for_letters(kafka);
    loop_watch_free(kafka->watch);
    loop_timer_free(kafka->again);
    if (kafka->retiring.handle) {
        teardown_wait(&kafka->teardown);
        take_down(kafka, &kafka->retiring, &kafka->retired, DELIVERY_REASON_STOPPING);
    }
    if (kafka->producer.handle) {
        teardown_wait(&kafka->teardown); /* of one that failed before */
        end_producer(kafka, DELIVERY_REASON_STOPPING);
    }
    if (teardown_wait(&kafka->teardown)) {
        close(kafka->wakeup); /* else somebody may still write to it */
    }
    free(kafka);
}
