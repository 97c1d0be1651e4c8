/*
 * overheard.h - topics of deliveries and receipts that others than their party may read: nothing is sent
 * there.
 *
 * What is handed to a party, and what becomes of what it submitted, is for it alone, as its events are
 * (event_topics.h). The brokers are asked who may read each such topic: at the start, for another edition,
 * and every five minutes; every five seconds while one is overheard or no broker answers. The party's row may
 * name its principal; else only one may read. Where a cluster tells no access rules, or none that lets
 * anybody read, that is logged, once. A topic counts as overheard from the answer that says so on: what was
 * sent before the first answer of a start was sent. Told in the log, KAFKA_COUNT_OVERHEARD and /readyz.
 *
 * Thread    the loop thread; the question is an errand.
 */
#ifndef ADAPTERS_KAFKA_OVERHEARD_H
#define ADAPTERS_KAFKA_OVERHEARD_H

#include "base/json.h"
#include "base/loop.h"
#include "edition/edition.h"
#include "adapters/kafka/errands.h"
#include "adapters/kafka/properties.h"

struct overheard;

struct overheard_options {
    struct loop *loop;
    const struct edition *edition; /* held until another comes, or overheard_stop() */
    const char *brokers;
    const struct kafka_properties *properties; /* borrowed until overheard_stop() or _renew() */
    struct errands *errands;                   /* that are closed before overheard_stop() */
};

struct overheard *overheard_start(const struct overheard_options *options);
void overheard_reload(struct overheard *overheard, const struct edition *edition);
void overheard_renew(struct overheard *overheard, const struct kafka_properties *properties);
/* Who else may read the topic; NULL: nobody, as far as is told. Until the next call of the loop's. */
const char *overheard_by(const struct overheard *overheard, const char *topic);
void overheard_health(const struct overheard *overheard,
                      struct json_out *out);      /* a member of an open object */
void overheard_stop(struct overheard *overheard); /* NULL is fine */

#endif
