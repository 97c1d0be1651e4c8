/*
 * overheard.h - who may read the topics of deliveries, of receipts, and of dead letters: nothing is sent
 * where others than their party may, nor before that is known.
 *
 * What is handed to a party, and what becomes of what it submitted, is for it alone, as its events are
 * (event_topics.h); so is what of it was parked (TOPIC.dlq), which counts as the topic's own. The brokers are
 * asked who may read each such topic: at the start, for another edition, and every five minutes; every two
 * seconds while one is overheard, is not judged, or no broker answers. The party's row may name its
 * principal; else only one may read.
 *
 *   awaited ──first look──► alone ◄──► others
 *      └──► not judged: no broker answers, or there is no such topic; one that is deleted comes back to this
 *
 * Where a cluster tells no access rules, or none that lets anybody read, that is logged, once, and the topic
 * counts as alone; so it does where the brokers are silent about them for UNTOLD_LOOKS looks, though they
 * tell of the topic. What they have said counts while they do not answer. Told in the log,
 * KAFKA_COUNT_OVERHEARD and /readyz.
 *
 * Thread    the loop thread; the question is an errand.
 */
#ifndef ADAPTERS_KAFKA_OVERHEARD_H
#define ADAPTERS_KAFKA_OVERHEARD_H

#include "base/json.h"
#include "base/loop.h"
#include "edition/edition.h"
#include "base/errands.h"
#include "view/diagnosis.h"
#include "adapters/kafka/properties.h"

struct overheard;

enum readers {
    READERS_AWAITED,    /* they are asked for: it takes a moment */
    READERS_NOT_JUDGED, /* nobody tells; words: why */
    READERS_ALONE,      /* the party, as far as is told */
    READERS_OTHERS      /* words: who */
};

struct overheard_options {
    struct loop *loop;
    const struct edition *edition; /* held until another comes, or overheard_stop() */
    const char *brokers;
    const struct kafka_properties *properties; /* borrowed until overheard_stop() or _renew() */
    struct errands *errands;                   /* that are closed before overheard_stop() */
    void (*judged)(void *context, const struct party *party); /* what is known of a topic of it is another */
    void *context;
};

struct overheard *overheard_start(const struct overheard_options *options);
void overheard_reload(struct overheard *overheard, const struct edition *edition);
void overheard_renew(struct overheard *overheard, const struct kafka_properties *properties);
/* words: until the next call of the loop's. A topic that is none of these: alone. */
enum readers overheard_by(struct overheard *overheard, const char *topic, const char **words);
/* A topic of deliveries or receipts of the party is awaited. */
bool overheard_is_awaited(const struct overheard *overheard, const struct party *party);
void overheard_diagnose(const struct overheard *overheard, struct diagnosis *out);
void overheard_health(const struct overheard *overheard,
                      struct json_out *out);       /* members of an open object */
void overheard_drain(struct overheard *overheard); /* judged() comes no more */
void overheard_stop(struct overheard *overheard);  /* NULL is fine */

#endif
