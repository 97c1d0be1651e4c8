/*
 * event_topics.h - the events topic of each party that wants one: what happens, as it happens.
 *
 *   kafka: { events: clearway.tml-qqct.events.v1 }      one topic, one party
 *
 * Each event (deliver/events.h: who is told of what is decided there) is one message of its party's topic, in
 * CloudEvents' structured mode: the value is the event as JSON, the key its subject, so that the events of a
 * consignment stay in order. The headers say what those of a delivery say, for who reads no JSON:
 *
 *   content-type application/cloudevents+json      ce_specversion   ce_id   ce_source   ce_type
 *   ce_subject   ce_time   ce_sequence (the place in the journal)
 *
 * A topic has everything up to its position, a record's number: what stands behind it is read from the
 * journal and sent, and when the brokers have acknowledged all of that the position moves. So nothing is
 * missed, over any restart and any outage; what was under way then is told again, under the ids it had, which
 * a reader de-duplicates by (ce_source and ce_id). A topic that is new, for this party and in this journal,
 * begins with the journal. DATA/kafka.events remembers the positions; without it all is told again from the
 * beginning.
 *
 * Its topic is for its party alone: nothing is told on it while the brokers tell that anybody but the party's
 * principal may read it (its row may name it: `principal: "User:tml-qqct"`; else only one may read). They are
 * asked at the start, for each topic that comes, and every five minutes; where a cluster tells no access
 * rules, that is logged. Told in the log, KAFKA_COUNT_EVENTS_OVERHEARD and /readyz.
 *
 * Topics are never created by telling: one that is not there is waited for. A message that its topic has no
 * room for is left out, loudly (KAFKA_COUNT_EVENTS_LEFT_OUT): the others go on.
 *
 * Limits    one stretch of events a topic is under way (event_feed.h: 192 KiB of them); what fails is tried
 *           again after 1 s, doubled up to 30 s.
 * Thread    the loop thread, but for event_topics_advance(): any.
 */
#ifndef ADAPTERS_KAFKA_EVENT_TOPICS_H
#define ADAPTERS_KAFKA_EVENT_TOPICS_H

#include "base/json.h"
#include "base/loop.h"
#include "base/status.h"
#include "edition/edition.h"
#include "journal/journal.h"
#include "adapters/kafka/client.h"
#include "base/errands.h"

struct event_topics;

struct event_topics_options {
    struct loop *loop;
    struct journal *journal;
    const struct edition *edition; /* held until another comes, or event_topics_stop() */
    struct kafka *kafka;
    const char *brokers;
    const struct kafka_properties *properties; /* borrowed until event_topics_stop() or _renew() */
    struct errands *errands;                   /* that are closed before event_topics_stop() */
    const char *directory;                     /* DATA/kafka.events */
    int again_ms; /* before what failed is tried again, the first time; 0: 1000 */
    int look_ms;  /* between two looks at who may read; 0: 300000 */
};

/* Does not wait for a broker. */
struct event_topics *event_topics_start(const struct event_topics_options *options);
/* Another edition: topics that are gone are told nothing more, new ones begin. */
void event_topics_reload(struct event_topics *events, const struct edition *edition);
void event_topics_renew(struct event_topics *events, const struct kafka_properties *properties);
void event_topics_advance(struct event_topics *events); /* decisions may have become durable */
/* What cannot be told now, and why, as a member of an open object. */
void event_topics_diagnose(const struct event_topics *events, struct diagnosis *out);
void event_topics_health(const struct event_topics *events, struct json_out *out);
void event_topics_drain(struct event_topics *events); /* nothing more is sent */
/* After kafka_stop(): what was acknowledged until then is remembered. NULL is fine. */
void event_topics_stop(struct event_topics *events);

#endif
