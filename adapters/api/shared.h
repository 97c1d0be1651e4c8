/*
 * shared.h - what the files of this folder share, and nobody else includes: the API itself, who asks, and how
 * is answered.
 */
#ifndef ADAPTERS_API_SHARED_H
#define ADAPTERS_API_SHARED_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/json.h"
#include "message/order.h"
#include "edition/party.h"
#include "journal/appender.h"
#include "journal/reader.h"
#include "engine/state.h"
#include "view/view.h"
#include "view/worker.h"
#include "adapters/http/router.h"
#include "adapters/api/api.h"
#include "adapters/api/problems.h"

#define API_ORDERS_MAX      128 /* in one request */
#define API_ORDERS_BODY_MAX (64u << 10)

#define API_ANSWER_MAX      (16u << 20)
#define API_WAITERS_MAX     10000

struct waiter;
struct api_events;

struct api {
    struct api_options options;
    const struct edition *edition;  /* held: in force */
    struct http_account **accounts; /* one for each party of it, in their order */
    struct state *state;
    struct reader *reader;
    struct view_source source; /* what questions are answered from on the loop */
    struct view_worker *worker;
    struct appender *appender; /* of operators' orders */
    struct api_events *events;
    struct buf gauges;       /* of deliveries, for /metrics, as last counted */
    int64_t gauges_until_ms; /* not counted again before */
    struct arena *arena;
    struct api_resource *resources; /* of the machines: what the description describes */
    size_t resources_count;
    struct http_router *routers[API_AUDIENCES_COUNT];
    struct waiter *waiters;
    _Atomic size_t waiting;
    pthread_mutex_t mutex;
    bool looking; /* under mutex: the waiters will be looked at */
};

/* --- resources 资源 ------------------------------------------------------------------------------------- */

/* An answer that is no plain problem: with what is asked for, or with a receipt beside the problem. */
struct api_answer {
    int http;
    const char *type;   /* media type */
    const char *schema; /* of the description's components; NULL: bytes */
    const char *zh, *en;
};

/* What may be asked at one path with one method: the row makes its route, and its part of the description.
 * Lists end with a row of zeros; NULL: none. */
struct api_resource {
    struct http_route route;
    const char *name; /* "submit" */
    const char *zh, *en;
    const struct view *view;                 /* the question that it is; NULL: none */
    const struct view_parameter *parameters; /* of path and query */
    const struct api_answer *answers;
    const enum api_problem *problems; /* ends with API_PROBLEMS_COUNT */
    const enum status *statuses;      /* that may be answered as problems; ends with STATUS_OK */
    bool is_of_party;                 /* only who has a party's certificate is answered */
};

size_t api_machine_resources(struct api *api, struct api_resource **out); /* in the API's arena; how many */

#define API_MEANINGS_MAX 48

/* The problems that a resource may answer with, by their HTTP code; those of HTTP itself are left out. */
struct api_meanings {
    struct api_meaning list[API_MEANINGS_MAX];
    size_t count;
};

void api_gather_meanings(const struct api_resource *resource, struct api_meanings *meanings);

/* --- admission.c ---------------------------------------------------------------------------------------- */

/* Of each party of an edition: those that were here before keep theirs. To be freed; the accounts are not. */
struct http_account **api_accounts_of(const struct api *api, const struct edition *edition);
struct http_account *api_account_of_peer(const struct http_peer *peer, void *api);
/* Of a request that was admitted once. NULL: no party's certificate any more, or of a blocked one. */
const struct party *api_party_of_peer(const struct api *api, const struct http_peer *peer);
/* Identity comes from the channel. NULL: answered already. */
const struct party *api_party_of(struct api *api, struct http_request *req);
/* Before a party is answered from state.db. */
void api_admit_view(struct http_request *req, void *api);
/* Before anybody else is. */
void api_admit_caught_up(struct http_request *req, void *api);

/* --- answers.c ------------------------------------------------------------------------------------------ */

void api_start_body(struct buf *body, struct json_out *out);
/* JSON; releases the body. */
void api_answer_buf(struct http_request *req, int http, struct buf *body);
/* The answer to a question, as a type of the caller's, with an ETag; 304 to who has it already. */
void api_answer_question(struct http_request *req, const char *type, struct buf *body);

/* --- waiting.c ------------------------------------------------------------------------------------------ */

/* A request that waits for its record to be durable, and perhaps for the decision about it. */
struct waiter {
    struct api *api;
    struct http_request *req;
    uint64_t record; /* 0: not recorded yet */
    int wait_ms;     /* how long the sender would wait for the decision; 0: not at all */
    /* Answers the request and frees the waiter. in_time: the decision is there; else so far there is none. */
    void (*decided)(struct waiter *waiter, bool in_time);
    struct loop_timer *timer;
    struct waiter *next, **link; /* among those waiting for a decision */
};

void api_waiter_free(struct waiter *waiter);
/* Its request is held. decided() comes when the engine has decided, or when its time is over. */
void api_wait_for_decision(struct waiter *waiter, uint64_t record);
void api_end_waiting(struct api *api); /* all are answered as their time were over */

/* --- questions.c ---------------------------------------------------------------------------------------- */

/* The questions that parties may ask; adds them behind `count`, and returns how many resources there are
 * then. */
size_t api_add_views(struct api *api, struct api_resource *resources, size_t count);
enum status api_start_worker(struct api *api);
void api_stop_worker(struct api *api); /* who waits for a long answer is told that we close */

/* --- events.c ------------------------------------------------------------------------------------------- */

void api_start_events(struct api *api);
void api_change_events(struct api *api);  /* another edition is in force */
void api_advance_events(struct api *api); /* any thread */
void api_stop_events(struct api *api);    /* streams end with their connections */
void api_open_events(struct http_request *req, void *api);

/* --- description.c -------------------------------------------------------------------------------------- */

/* The machines' resources as an OpenAPI 3.1 document, in that language. */
void api_describe(const struct api *api, enum language language, struct json_out *out);

/* --- handlers of routes --------------------------------------------------------------------------------- */

/* submission.c */
void api_admit_message(struct http_request *req, void *api);
void api_take_message(struct http_request *req, void *api);
/* operation.c */
/* Body: delivery ids, one a line, API_ORDERS_MAX at most. {"recorded":n,"left":[{"id","code"}]} once those
 * that were taken are durable. */
void api_order_deliveries(struct http_request *req, void *api);
void api_order_delivery(struct http_request *req, void *api);
void api_take_order(struct http_request *req, void *api);
void api_reload(struct http_request *req, void *api);
void api_show_clock(struct http_request *req, void *api);
/* health.c */
void api_show_health(struct http_request *req, void *api);
void api_show_readiness(struct http_request *req, void *api);
void api_show_metrics(struct http_request *req, void *api);
void api_show_version(struct http_request *req, void *api);
/* documents.c */
void api_show_description(struct http_request *req, void *api);
void api_show_documents(struct http_request *req, void *api);
void api_show_problem(struct http_request *req, void *api);
void api_show_style(struct http_request *req, void *api);
void api_put_clock(struct json_out *out, const char *key, const struct clock_reading *reading);

#endif
