/*
 * client.h - destinations served by Kafka: one idempotent producer (librdkafka, which shows nowhere else).
 *
 * A delivery becomes one message on the topic of the party's row: key = the consignment, value = the record's
 * bytes untouched, headers = CloudEvents 1.0 in binary mode, so that a receiver de-duplicates by `ce_id` (the
 * delivery id):
 *
 *   ce_specversion 1.0                  ce_id      42/CUS-QD              ce_source  options.source
 *   ce_type  clearway.FAMILY.v1         ce_subject PORT/BILL              ce_time    when it was recorded
 *   ce_partitionkey (the key)           content-type application/xml      clearway-record 42
 *   clearway-digest sha256:…            clearway-format cn-dec            clearway-sender FWD-QD-01
 *   clearway-route R01                  traceparent
 *
 * It is done when the brokers have acknowledged it (acks=all). A message that timed out may have been written
 * all the same; it is sent again under the same ce_id. The partitioner is Java's (murmur2_random), so that
 * joins line up with Java producers. Topics are never created by sending: an unknown one is tried again, as
 * a leader that moves or replicas that lack are. What is parked after all goes to TOPIC.dlq, with headers
 * that say why (clearway-dlq-topic, -party, -reason, -words, -attempts); that is a copy for who watches it,
 * goes only where nobody but the party may read it, and may fail: what counts is `clearway queue`. A fatal
 * producer error is a normal event: what is under way fails with UNAVAILABLE and a new producer is made
 * (KAFKA_COUNT_FATAL).
 *
 * How the brokers are reached (TLS, SASL …) is said by properties of librdkafka, in a file of their own
 * (properties.h). A producer that is made anew gets the same ones; certificates are then read again. Other
 * properties, or other certificates under their names, come into force without a restart (kafka_renew()):
 * what goes from then on goes by a new producer, what is in flight ends with the one before.
 * Where none can be made (a certificate was taken away) deliveries fail with UNAVAILABLE, and it is tried
 * again every five seconds.
 *
 * Thread    the loop thread, beside librdkafka's own.
 */
#ifndef ADAPTERS_KAFKA_CLIENT_H
#define ADAPTERS_KAFKA_CLIENT_H

#include "base/loop.h"
#include "base/status.h"
#include "deliver/port.h"
#include "view/diagnosis.h"
#include "adapters/kafka/properties.h"

struct kafka;
struct overheard;

struct kafka_options {
    struct loop *loop;
    const char *brokers;                       /* host:port,host:port */
    const char *source;                        /* CloudEvents source: the journal's name */
    const struct kafka_properties *properties; /* borrowed until kafka_stop() or kafka_renew(); NULL: none */
    int timeout_ms; /* then a message has failed; shorter than dispatch's. 0: 20000 */
};

/* Would librdkafka make a producer with these? Reads the certificates they name, speaks to no broker.
 * Mistakes have code LINT-KAFKA; SCRAM by a librdkafka that speaks it wrongly is a warning. */
void kafka_check(const struct kafka_properties *properties, struct verdict *mistakes);
/* Does not wait for a broker. BAD_CONFIG: a setting is refused (logged); IO. */
enum status kafka_start(const struct kafka_options *options, struct kafka **out);

/* A message of the gateway's own: a receipt, a dead letter. All of it is copied. */
struct kafka_header {
    const char *name, *value; /* value "" or NULL: left out */
};
struct kafka_letter {
    const char *topic;
    struct text key; /* at NULL: none, any partition */
    struct text value;
    const struct kafka_header *headers;
    size_t headers_count;
};
/* done() runs once, in this call or later on the loop thread: OK when the brokers have acknowledged it, else
 * as for a delivery. */
void kafka_send(struct kafka *kafka, const struct kafka_letter *letter,
                void (*done)(void *context, enum status status, const char *words), void *context);

/* Whether the producer of the renewal before has ended. */
bool kafka_may_renew(const struct kafka *kafka);
/* By these properties, which were checked, and this timeout from here on. When no producer can be made of
 * them all the same (logged), the one before goes on. kafka_may_renew(). */
void kafka_renew(struct kafka *kafka, const struct kafka_properties *properties, int timeout_ms);

/* From here on nothing is sent to a topic that others may read, or that nobody has judged: it fails with
 * UNAVAILABLE, and is tried again; what is handed to a party waits while its topic is awaited. Borrowed. */
void kafka_mind(struct kafka *kafka, struct overheard *overheard);
/* What is known of a topic of the party's is another now: dispatch is told. context: the kafka. */
void kafka_judged(void *context, const struct party *party);
/* Whether the brokers were there when it was last known. */
void kafka_diagnose(const struct kafka *kafka, struct diagnosis *out);
const struct port *kafka_port(const struct kafka *kafka);
/* NULL is fine. After dispatch_stop(); what is still under way fails with UNAVAILABLE. Takes at most 10 s. */
void kafka_stop(struct kafka *kafka);

#endif
