/*
 * submissions.h - parties that submit through Kafka: one topic, one party.
 *
 * Who speaks is known from the topic alone; headers and keys prove nothing. So the topic is read only if the
 * brokers do not tell that anybody but the party's principal may write to it (access rules are asked for at
 * the beginning and every minute; where a cluster tells none, that is logged). The value of a message is
 * what was submitted; the header clearway-format names a format, traceparent is kept.
 *
 *   read ─► intake ─► durable ─► receipt on the party's receipts topic ─► acknowledged ─► offset committed
 *
 * A crash anywhere on that way has the message read again: its offset is recorded with it (`origin`: cluster,
 * topic, partition, offset), so it gets the receipt that it has, also when it was refused (intake/seen.h).
 * The receipt is the one of HTTP, as JSON, under the key of the submission; what is not recorded, being
 * larger than any message may be, is told there as a problem, and what the engine refuses later comes there
 * as well. Messages of one key are recorded in their order; of others many are under way at once.
 *
 * Back-pressure: what intake turns away waits, and its topic with it; librdkafka then fetches no more of it
 * than fits its own buffer. Nothing is lost by waiting, and other topics go on.
 * A topic that is not the one it was, offsets that are lost, other writers: the topic is read no further,
 * until an operator has set it right; told in the log, clearway_kafka_topics_stopped and /readyz. What is
 * left is looked at again every half minute. A topic that was made anew needs a new name in the parties
 * file: librdkafka 2.0 does not tell a topic's id, so its offsets would be those of the old one.
 *
 * Thread    the loop thread, beside librdkafka's and one for questions that wait (survey.h).
 */
#ifndef ADAPTERS_KAFKA_SUBMISSIONS_H
#define ADAPTERS_KAFKA_SUBMISSIONS_H

#include "base/json.h"
#include "base/loop.h"
#include "base/status.h"
#include "edition/edition.h"
#include "intake/intake.h"
#include "adapters/kafka/client.h"
#include "base/errands.h"

struct submissions;

struct submissions_options {
    struct loop *loop;
    const struct edition
        *edition; /* held until submissions_stop(): its parties with a kafka stanza are served */
    struct intake *intake;
    struct kafka *kafka;                       /* receipts leave by it */
    struct errands *errands;                   /* that are closed before submissions_stop() */
    const char *brokers, *group;               /* of offsets */
    const char *source;                        /* the journal's name */
    const char *directory;                     /* DATA/kafka.positions */
    const struct kafka_properties *properties; /* borrowed until submissions_stop() or _renew() */
    int survey_ms;                             /* between two looks at a topic that is read; 0: 60000 */
    int again_ms; /* before what cannot be read is looked at again; 0: 5000, and 30000 once it is stopped */
};

/* Does not wait for a broker. BAD_CONFIG (logged), IO. */
enum status submissions_start(const struct submissions_options *options, struct submissions **out);
/* What another edition takes beyond what runs: a consumer, when the first party submits so. BAD_CONFIG
 * (logged), IO: it cannot be had, and nothing has changed. */
enum status submissions_prepare(struct submissions *submissions, const struct edition *edition);
/* Another edition, which was prepared for: topics that are gone, or whose party is blocked, are read no
 * further, and what is in hand of them is answered; new ones begin. */
void submissions_reload(struct submissions *submissions, const struct edition *edition);
/* By other properties, which were checked, or other certificates under their names: another consumer is made
 * and goes on where this one has come. Nothing more is read meanwhile; what is in hand is answered and
 * committed first, for 5 s at most, and what is not then is read again, and recognised. When none can be made
 * of them all the same (logged) the one before goes on. NULL is fine. */
void submissions_renew(struct submissions *submissions, const struct kafka_properties *properties);
void submissions_drain(struct submissions *submissions); /* nothing more is read; answers go on */
/* After kafka_stop(): what was acknowledged until then is committed, within a second. NULL is fine. */
void submissions_stop(struct submissions *submissions);
/* What is not read, and why, as members of an open object. NULL is fine. */
/* Each topic, and how far reading is behind it. */
void submissions_diagnose(const struct submissions *submissions, struct diagnosis *out);
void submissions_health(const struct submissions *submissions, struct json_out *out);

#endif
