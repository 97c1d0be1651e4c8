/*
 * shared.h - what the files of this folder share, and nobody else includes: the API itself, who asks, and how
 * is answered.
 */
#ifndef ADAPTERS_API_SHARED_H
#define ADAPTERS_API_SHARED_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/shape.h"
#include "message/order.h"
#include "edition/party.h"
#include "journal/appender.h"
#include "journal/reader.h"
#include "engine/state.h"
#include "view/diagnostics.h"
#include "view/view.h"
#include "view/worker.h"
#include "adapters/http/counters.h"
#include "adapters/http/router.h"
#include "adapters/api/api.h"
#include "adapters/api/people.h"
#include "adapters/api/problems.h"
#include "adapters/api/readings.h"
#include "adapters/api/sessions.h"
#include "adapters/api/tries.h"

#define API_ORDERS_MAX      128 /* in one request */
#define API_ORDERS_BODY_MAX (64u << 10)

#define API_ANSWER_MAX      (16u << 20)
#define API_WAITERS_MAX     10000

#define API_HASHERS         2 /* passwords that are hashed at once; one more: 429 */
#define API_FORM_MAX        4096
#define API_COOKIE          "__Host-clearway" /* taken from this host alone, over TLS (or on loopback) */

struct asked;
struct waiter;
struct api_events;

/* Hashes the passwords of those who sign in, on a thread of its own. */
struct api_hasher {
    struct errands *errands;
    bool is_busy;
};

struct api {
    struct api_options options;
    const struct edition *edition;  /* held: in force */
    struct http_account **accounts; /* one for each party of it, in their order */
    struct state *state;
    struct reader *reader;
    struct view_source source; /* what questions are answered from on the loop */
    struct view_worker *worker;
    struct asked *streams;     /* long answers that are being sent in parts (questions.c) */
    bool is_stopping;          /* none of them goes on */
    struct appender *appender; /* of operators' orders */
    struct api_events *events;
    struct people *people; /* NULL: people are not listened to; nor is there what follows */
    struct sessions *sessions;
    struct tries *tries;
    struct readings *readings;
    struct api_hasher hashers[API_HASHERS];
    struct diagnostics_rooms rooms;
    stamp started;
    struct buf gauges;       /* of deliveries, for /metrics, as last counted */
    int64_t gauges_until_ms; /* not counted again before */
    struct arena *arena;
    struct api_resource *resources; /* of machines and people: what the description describes */
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
    const char *const *bodies;               /* media types of what it takes; NULL: no body */
    const struct api_answer *answers;
    const enum api_problem *problems; /* ends with API_PROBLEMS_COUNT */
    const enum status *statuses;      /* that may be answered as problems; ends with STATUS_OK */
    bool is_of_party;                 /* only who has proved who he is is answered */
    bool is_for_people, is_for_machines;
};

/* Answers of the API's own, beside those of questions. */
extern const struct shape session_shape, delivery_orders_shape;
/* All that have a name, by which answers are described; NULL ends (description.c). */
extern const struct shape *const api_named_shapes[];
/* In which pages for people are read, as their addresses name it; NULL ends (documents.c). */
extern const char *const api_page_languages[];

size_t api_resources(struct api *api, struct api_resource **out); /* in the API's arena; how many */
/* Whether a parameter of it stands in its path; else in its query. */
bool api_is_in_path(const struct api_resource *resource, const struct view_parameter *parameter);

#define API_MEANINGS_MAX 64

/* The problems that a resource may answer with, by their HTTP code; those of HTTP itself are left out. */
struct api_meanings {
    struct api_meaning list[API_MEANINGS_MAX];
    size_t count;
};

void api_gather_meanings(const struct api_resource *resource, struct api_meanings *meanings);

/* --- who asks ------------------------------------------------------------------------------------------- */

/* A party by its certificate, or a person by an account. */
struct api_asker {
    const struct party *party;
    const struct account *account; /* NULL: the party itself */
    const struct session *session; /* by which he came; NULL: the proxy named him, or it is the party */
    enum sight_role role;
};

/* --- admission.c ---------------------------------------------------------------------------------------- */

/* Of each party of an edition: those that were here before keep theirs. To be freed; the accounts are not. */
struct http_account **api_accounts_of(const struct api *api, const struct edition *edition);
/* NULL: no party's certificate, or of a blocked one. */
const struct party *api_party_of_peer(const struct api *api, const struct http_peer *peer);
struct http_account *api_account_of_peer(const struct http_peer *peer, void *api);
/* Identity comes from the channel: the certificate, the session's cookie, or the proxy's word. False:
 * answered already. Lives until the loop goes on. */
bool api_asker_of(struct api *api, struct http_request *req, struct api_asker *out);
/* The same of an account, whose party may be gone or blocked: false, and nothing is answered. */
bool api_asker_of_account(const struct api *api, struct text name, struct api_asker *out);
/* The same of a request that was admitted once: false: not any more. */
bool api_asker_is_still(const struct api *api, const struct http_request *req, struct api_asker *out);
/* What is seen by an account's role is noted first. True: it is, or need not be: answer. False: the request
 * is held; `again` answers it once it is noted, or it is answered that it could not be. */
bool api_may_show(struct api *api, struct http_request *req, const struct api_asker *asker,
                  const struct sight *sight, const char *question, struct text subject,
                  void (*again)(struct http_request *req, void *api));
/* Before anything else of a request of people: whose header names an account, and from where it changes
 * something. */
void api_admit_people(struct http_request *req, void *api);
void api_handle_people(struct http_request *req, void *api);
/* The digest of the token in its one cookie; false: it has none. */
bool api_session_cookie(const struct http_request *req, struct digest *digest);
/* From which address it comes: the connection's, or what the trusted proxy says. */
void api_client_address(const struct api *api, const struct http_request *req, char out[INET6_ADDRSTRLEN]);
/* Before a party is answered from state.db. */
void api_admit_view(struct http_request *req, void *api);
/* Before anybody else is. */
void api_admit_caught_up(struct http_request *req, void *api);

/* --- answers.c ------------------------------------------------------------------------------------------ */

void api_start_body(struct buf *body, struct json_out *out);
/* JSON; releases the body. */
void api_answer_buf(struct http_request *req, int http, struct buf *body);
/* The answer to a question, as a type of the caller's, with an ETag; 304 to who has it already. link: of the
 * next page; NULL: there is none. */
void api_answer_question(struct http_request *req, const char *type, const char *link, struct buf *body);
/* The same of one that is made while it is sent: nobody knows yet what it will be, so it has no ETag. */
void api_answer_in_parts(struct http_request *req, const char *type, const struct http_stream *stream);

/* --- waiting.c ------------------------------------------------------------------------------------------ */

/* A request that waits for its record to be durable, and perhaps for the decision about it. */
struct waiter {
    struct api *api;
    struct http_request *req;
    void *context;   /* its owner's */
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

/* --- diagnosis.c ---------------------------------------------------------------------------------------- */

/* What the question of the diagnosis asks of a running gateway. */
struct diagnostics_rooms api_diagnostics_rooms(struct api *api);

/* --- questions.c ---------------------------------------------------------------------------------------- */

/* The questions; adds them behind `count`, and returns how many resources there are
 * then. */
size_t api_add_views(struct api *api, struct api_resource *resources, size_t count);
enum status api_start_worker(struct api *api);
void api_stop_worker(struct api *api); /* who waits for a long answer is told that we close */

/* --- events.c ------------------------------------------------------------------------------------------- */

void api_start_events(struct api *api);
void api_change_events(struct api *api);  /* another edition is in force */
void api_advance_events(struct api *api); /* any thread */
void api_stop_events(struct api *api);    /* streams end with their connections */
/* As streams are narrowed by them; NULL ends. */
extern const char *const api_event_types[];
void api_open_events(struct http_request *req, void *api);

/* --- description.c -------------------------------------------------------------------------------------- */

/* The machines' resources as an OpenAPI 3.1 document, in that language. */
void api_describe(const struct api *api, enum language language, struct json_out *out);

/* --- handlers of routes --------------------------------------------------------------------------------- */

/* session_requests.c */
void api_sign_in(struct http_request *req, void *api);
void api_sign_out(struct http_request *req, void *api);
void api_show_session(struct http_request *req, void *api);
/* submission.c */
void api_admit_message(struct http_request *req, void *api);
void api_take_message(struct http_request *req, void *api);
/* operation.c */
/* Body: delivery ids, one a line, API_ORDERS_MAX at most. {"recorded":n,"left":[{"id","code"}]} once those
 * that were taken are durable. */
void api_order_deliveries(struct http_request *req, void *api);
void api_order_delivery(struct http_request *req, void *api);
/* The same of an operator who has signed in: whose account it is stands before the reason. */
void api_people_order_deliveries(struct http_request *req, void *api);
void api_people_order_record(struct http_request *req, void *api);
void api_take_order(struct http_request *req, void *api);
void api_reload(struct http_request *req, void *api);
void api_show_reload(struct http_request *req, void *api);
void api_show_clock(struct http_request *req, void *api);
/* diagnosis.c */
void api_show_diagnosis(struct http_request *req, void *api);
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
