/*
 * api.h - the gateway over HTTP: what machines, people, monitors and the operator may ask.
 *
 *   machines (mTLS; the certificate's common name is the party)
 *     POST /v1/messages[?format=NAME]       a message; 202 with the receipt, 422 and 409 as problems that
 *                                           carry it, 429 over the party's budget (intake/budget.h), 503 over
 *                                           the gateway's
 *                      [?again=1]           bytes that the engine refused are decided anew, as a record of
 *                                           their own; any others get their first receipt all the same
 *                                           Prefer: wait=N holds the answer until the decision, at most N
 *                                           seconds
 *                                           Content-Encoding: gzip or zstd is undone first (http/content.h),
 *                                           another one is a 415: digest and size of the receipt, what a
 *                                           repeat is compared by, and what is recorded and handed on are
 *                                           those of the bytes without it
 *                                           Content-Digest and Repr-Digest (sha-256, sha-512), of the bytes
 *                                           as they are sent, are verified: 400 when they differ, and
 *                                           nothing is recorded
 *     GET  /v1/PATH                         the questions of view/views.c that parties may ask, each at its
 *                                           path, with what does not stand in it as ?name=value: messages,
 *                                           messages/{number}, …/receipt, …/content, deliveries,
 *                                           track/{query}, report. 410: of a content only digest and verdict
 *                                           were recorded. The answer has an ETag: If-None-Match is a 304
 *                                           to who has it already
 *     GET  /v1/events                       what happens, as it happens: server-sent events, each with its
 *                                           place as id; Last-Event-ID goes on behind it, over any restart
 *   machines and people
 *     GET  /openapi.json /docs              what machines may ask and be answered, as OpenAPI 3.1 and as a
 *                                           page
 *     GET  /problems/{code}                 what a code means, of a problem, a finding, an answer or a rule:
 *                                           where a problem's type leads
 *     GET  / and the places of web/page.c   the page, which asks all this for a person
 *   people (a browser, over TLS or on loopback)
 *     POST /v1/session                      signs in: a form with account and password; a cookie
 *     GET  /v1/session                      who is signed in
 *     DELETE /v1/session                    signs out
 *     POST /v1/orders/deliveries/{order}    of an operator: redrive or drop; ids of deliveries, one a line,
 *                                           ?reason=R. As over the control socket, recorded with the account
 *     POST /v1/orders/records/{order}       the same of records that wait: ?record=N[&to=N]&reason=R
 *     the questions, /v1/events and POST /v1/messages, as the account's role sees and sends (view/sight.h).
 *     Whatever changes something needs an Origin of people.origins
 *   monitors (loopback)
 *     GET  /healthz /readyz /metrics /version
 *   control (a unix socket in the data directory, for the machine's operator)
 *     POST /control/deliveries/{record}/{party}/{order}?reason=R       order: redrive or drop
 *     POST /control/orders/{order}?record=N[&to=N]&reason=R            order: message/order.h; 200 with the
 *                                                                      decision, 202 when the engine is
 *                                                                      behind, 409 when it refuses
 *     GET  /control/diagnostics             how all stands, as /v1/diagnostics tells an operator who has
 *                                           signed in
 *     POST /control/reload                  the edition is read anew: 200 with what came of it once that is
 *                                           in force, 422 with the mistakes when it is not;
 *                                           ?dry_run=true: what would come of it, and nothing is changed
 *     GET  /control/reload                  what the one that runs waits for: {"waits":"..."}; "": none runs
 *
 * What is answered from state.db, and /readyz, is 503 with the distance while the engine catches up after a
 * start; messages are taken meanwhile, and answered without waiting for a decision. "Not yours" and "not
 * there" are one answer, found by one path. A long question is answered on a thread of its own
 * (view/worker.h): 503 when too many wait, 429 when too many of the asking party do; who goes away ends it.
 * Thread    the loop thread; api_advanced() any.
 */
#ifndef ADAPTERS_API_API_H
#define ADAPTERS_API_API_H

#include "base/loop.h"
#include "base/status.h"
#include "edition/edition.h"
#include "journal/journal.h"
#include "intake/intake.h"
#include "engine/engine.h"
#include "deliver/dispatch.h"
#include "adapters/http/server.h"
#include "adapters/reload.h"
#include "adapters/api/people.h"

struct api;

struct adapter;

struct api_options {
    struct loop *loop;
    struct journal *journal;
    const char *directory;         /* state.db is opened read-only */
    const struct edition *edition; /* in force at the start: the API holds the one that is */
    struct intake *intake;
    struct dispatch *dispatch;
    const struct engine *engine;
    struct people *people; /* by whom people are let in; taken, also when it fails. NULL: they are not */
    const struct adapter *const *adapters; /* NULL ends the list; NULL itself: nothing is told of them */
    void *const *running;                  /* what runs of each, or NULL */
    struct arena *accounts;                /* for those of the parties: it outlives the HTTP server */
    enum status (*reload)(void *context, bool dry, reload_told *told, void *asker); /* adapter.h */
    void (*reload_waits)(void *context, struct explanation *out);
    void (*on_damage)(void *context); /* state.db is not what the journal says; any thread; may be NULL */
    void *context;
};

enum api_audience { API_MACHINES, API_PEOPLE, API_MONITORS, API_CONTROL, API_AUDIENCES_COUNT };

enum status api_start(const struct api_options *options, struct api **out);
/* While the connections still stand, and no request comes any more:
 * who waits for a decision is answered without it, and who waits for a long answer that we close. */
void api_stop(struct api *api);
/* Fills in what is served to this audience: admit, handle, context, body_max. */
void api_listen(struct api *api, enum api_audience audience, struct http_listen *listen);
/* Another edition: from here on it says who asks, and what things are called. Takes people, by whom people
 * are let in from here on; NULL where they are not listened to. */
void api_change(struct api *api, const struct edition *edition, struct people *people);
/* More decisions can be seen in state.db: who waits for one may be answered. */
void api_advanced(struct api *api);

#endif
