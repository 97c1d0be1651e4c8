/*
 * webhook.h - deliveries as POST requests to a party's HTTPS address, after Standard Webhooks 1.0.
 *
 *   webhook-id         the delivery id: record and party; receivers de-duplicate by it
 *   webhook-timestamp  of this try, seconds since 1970
 *   webhook-signature  one of each secret in force (signature.h)
 *   ce-... clearway-...  what else is told of it (labels.h); the body is the record's bytes
 *
 * 2xx acknowledges it. 429, 502 to 504 and others may say when to come again (Retry-After, an hour at most):
 * until then nothing is sent there. 410 Gone: it is parked, and so is all else for that party without being
 * sent, until a reload or a restart. What other statuses mean: answer.c. Nothing else is special about a
 * retry: dispatch tries again at growing pauses, and parks it after three days.
 * Limits    WEBHOOK_CONNECTIONS requests of one party at once. client.h has those of a request.
 * Thread    the loop thread.
 */
#ifndef ADAPTERS_WEBHOOK_WEBHOOK_H
#define ADAPTERS_WEBHOOK_WEBHOOK_H

#include "base/json.h"
#include "base/loop.h"
#include "message/verdict.h"
#include "edition/edition.h"
#include "journal/journal.h"
#include "deliver/port.h"
#include "view/diagnosis.h"
#include "adapters/probe.h"

#define WEBHOOK_CONNECTIONS 8

struct webhooks;
struct webhook_set; /* the receivers of an edition's parties */

struct webhooks_options {
    struct loop *loop;
    struct journal *journal; /* its clock and name */
    const struct edition *edition;
    const char *parties; /* the file, for findings about it */
    int timeout_ms;      /* a request may stand still so long (client.h); 0: 20 s */
    struct verdict *mistakes;
};

/* A party whose files cannot be used is told in the mistakes, as a warning, and its deliveries wait: the
 * others are served. */
void webhook_check(const struct edition *edition, const char *parties, struct verdict *mistakes);
/* Their hosts; with `connect` whether each answers, and TLS is as it should be, all at once. */
void webhooks_probe(const struct edition *edition, const char *parties, struct probe *probe);
struct webhooks *webhooks_start(const struct webhooks_options *options);
void webhooks_stop(struct webhooks *webhooks); /* NULL is fine */
const struct port *webhooks_port(const struct webhooks *webhooks);
/* Those to which nothing is sent. */
void webhooks_diagnose(const struct webhooks *webhooks, struct diagnosis *out);
/* {"gone":[PARTY],"unusable":[PARTY]}: whose address is gone, whose files cannot be used; each where there
 * are such. */
void webhooks_health(const struct webhooks *webhooks, struct json_out *out);

/* Here files that cannot be used are errors. */
struct webhook_set *webhook_set_read(const struct edition *edition, const char *parties,
                                     enum severity severity, struct verdict *mistakes);
void webhook_set_limit(struct webhook_set *set, int timeout_ms); /* of requests, once it is in force */
void webhook_set_free(struct webhook_set *set);
/* Another edition, and its set, which is taken. What is under way to who is there no more, or blocked,
 * or has another address, is ended. */
void webhooks_change(struct webhooks *webhooks, const struct edition *edition, struct webhook_set *set);

#endif
