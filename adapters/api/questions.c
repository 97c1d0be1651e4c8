/*
 * questions.c - the questions of view/view.h as resources: /v1/ and the question's path; what does not stand
 * in the path comes in the query. One that takes long is put to a thread of its own, and answered when that
 * is done.
 *
 * Where its answer is made in parts it begins with the first of them, and each next one is asked for when the
 * one before has gone to the socket: so of an answer, however long, no more than a part is in memory, and the
 * thread waits for no reader. Where the rest cannot be had the connection is cut.
 */
#include "adapters/api/shared.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"

/* A long question on its way. */
struct asked {
    struct view_job job; /* first */
    struct http_request *req;
    struct view_page page;
    struct view_refusal refusal;
    /* Of one whose answer is being sent in parts. */
    struct api *api;            /* NULL: it has stopped, and nothing more can be had */
    bool is_streamed;           /* it is one */
    bool is_making;             /* the worker has the job */
    bool is_left;               /* nobody reads it any more: it goes when the job comes back */
    bool is_cut;                /* the rest cannot be had */
    size_t sent;                /* of the part */
    struct asked *next, **link; /* among them */
};

/* --- what is asked -------------------------------------------------------------------------------------- */

/* A terminal asks for text/plain and names its language, a spreadsheet for text/csv; everybody else gets
 * JSON, or what there is. */
static enum view_form form_of(struct http_request *req, const struct view *view) {
    struct text accept = http_request_field(req, "accept");
    if (text_starts(accept, "text/plain") && view_has(view, VIEW_TEXT)) {
        return VIEW_TEXT;
    }
    if (text_starts(accept, "text/csv") && view_has(view, VIEW_CSV)) {
        return VIEW_CSV;
    }
    if (text_starts(accept, "application/zstd") && view_has(view, VIEW_CSV_ZST)) {
        return VIEW_CSV_ZST;
    }
    return view_has(view, VIEW_JSON) ? VIEW_JSON : view_has(view, VIEW_XML) ? VIEW_XML : VIEW_CSV;
}

static void read_question(struct api *api, struct http_request *req, const struct sight *sight,
                          struct view_page *page, struct view_refusal *refusal, struct view_question *out) {
    const struct view *view = http_request_route(req)->of;
    *out = (struct view_question){
        .view = view,
        .source = &api->source,
        .viewer = sight->viewer,
        .people = sight->people,
        .language = http_request_language(req, LANGUAGE_ZH),
        .now = clock_now(journal_clock(api->options.journal)),
        .arena = req->arena,
        .page = page,
        .refusal = refusal,
    };
    for (size_t i = 0; i < view_parameters_count(view); i++) {
        const struct view_parameter *parameter = &view->parameters[i];
        out->values[i] = view_parameter_is_in_path(view, parameter)
                             ? http_path_parameter(req, parameter->name)
                             : http_query_parameter(req, parameter->name);
    }
}

static void answer_wrong(struct http_request *req, const struct view_question *question, enum status status,
                         const struct view_parameter *wrong) {
    const struct view_asker_row *asker = view_asker(question->view);
    if (status == STATUS_DENIED) {
        http_problem(req, status_http(status), asker->code, asker->zh, asker->en);
    } else if (status == STATUS_BAD_INPUT && wrong) {
        http_problem(req, status_http(status), wrong->code, wrong->wrong_zh, wrong->wrong_en);
    } else {
        http_problem_status(req, status);
    }
}

/* Where the next page is, as RFC 8288 tells it: the same target, behind what this answer told. NULL: there is
 * none. */
static const char *link_of(struct http_request *req, const char *next) {
    return next ? arena_printf(req->arena, "<" TEXT_FORMAT "?%safter=%s>; rel=\"next\"",
                               TEXT_ARGS(req->head->path), http_query_without(req, "after"), next)
                : NULL;
}

static void answer_refused(struct http_request *req, enum status status, const struct view_refusal *why) {
    char code[HTTP_STATUS_CODE_MAX];
    if (why->en) {
        http_problem(req, status_http(status), why->code ? why->code : http_status_code(status, code),
                     why->zh, why->en);
    } else {
        http_problem_status(req, status);
    }
}

static void answer_question(struct http_request *req, const struct view_question *question,
                            enum status status, enum view_form form, struct buf *body) {
    if (status == STATUS_OK) {
        api_answer_question(req, view_form_type(form), link_of(req, question->page->next), body);
    } else {
        buf_release(body);
        answer_refused(req, status, question->refusal);
    }
}

/* --- long ones ------------------------------------------------------------------------------------------ */

static void asked_free(struct asked *asked) {
    buf_release(&asked->job.body);
    arena_free(asked->job.question.arena);
    free(asked);
}

static void asker_left(struct http_request *req, void *context) {
    struct asked *asked = context;
    struct api *api = asked->job.context;
    (void)req;
    view_worker_cancel(api->worker, &asked->job);
}

static void free_stream(struct asked *asked) {
    if (asked->api) {
        *asked->link = asked->next;
        if (asked->next) {
            asked->next->link = asked->link;
        }
        if (view_job_has_more(&asked->job)) {
            view_worker_give_up(asked->api->worker, &asked->job);
        }
    }
    asked_free(asked);
}

/* By what is in force now: who was signed out, or may not see it any more, is told no more of it. */
static bool may_go_on(const struct asked *asked) {
    const struct view_question *question = &asked->job.question;
    struct api_asker asker;
    if (!api_asker_is_still(asked->api, asked->req, &asker)) {
        return false;
    }
    struct sight sight = sight_of(asker.role, asker.party, question->view->kind);
    const char *viewer = sight.viewer ? sight.viewer->code : "";
    return sight.reach != SIGHT_NONE
           && text_is(text_of(viewer), question->viewer ? question->viewer->code : "");
}

static void tell_cut(const struct asked *asked, enum status status) {
    log_event(LOG_WARN, EVENT_API_ANSWER_CUT, LOG_STRING("question", asked->job.question.view->name),
              LOG_STRING("status", status_name(status)), LOG_END);
}

static enum http_piece next_piece(void *context, struct buf *out) {
    struct asked *asked = context;
    const struct buf *body = &asked->job.body;
    require(!asked->is_making && !asked->is_left);
    size_t left = body->length - asked->sent, length = left < HTTP_PIECE_MAX ? left : HTTP_PIECE_MAX;
    if (asked->is_cut) {
        return HTTP_PIECE_FAIL;
    }
    if (length) {
        buf_add(out, body->at + asked->sent, length);
        asked->sent += length;
        return HTTP_PIECE_MORE;
    }
    if (!view_job_has_more(&asked->job)) {
        return HTTP_PIECE_END;
    }
    if (!may_go_on(asked)) {
        tell_cut(asked, STATUS_DENIED);
        return HTTP_PIECE_FAIL;
    }
    asked->is_making = true;
    view_worker_go_on(asked->api->worker, &asked->job);
    return HTTP_PIECE_WAIT;
}

static void close_stream(void *context) {
    struct asked *asked = context;
    if (asked->is_making) {
        asked->is_left = true;
        view_worker_cancel(asked->api->worker, &asked->job);
    } else {
        free_stream(asked);
    }
}

static void begin_stream(struct api *api, struct asked *asked) {
    asked->api = api;
    asked->is_streamed = true;
    asked->next = api->streams;
    if (asked->next) {
        asked->next->link = &asked->next;
    }
    asked->link = &api->streams;
    api->streams = asked;
    api_answer_in_parts(
        asked->req, view_form_type(asked->job.form),
        &(struct http_stream){
            .next = next_piece, .close = close_stream, .context = asked, .is_one_whole = true });
}

static void go_on_with(struct asked *asked) {
    const struct view_job *job = &asked->job;
    asked->is_making = false;
    asked->sent = 0;
    if (asked->is_left) {
        free_stream(asked);
        return;
    }
    enum status status = job->status == STATUS_OK && buf_failed(&job->body) ? STATUS_TOO_LARGE : job->status;
    asked->is_cut = asked->api->is_stopping || status != STATUS_OK;
    if (asked->is_cut) {
        tell_cut(asked, status);
    }
    http_stream_go_on(asked->req); /* may close it */
}

static void answer_finished(void *context) {
    struct api *api = context;
    for (struct view_job *job; (job = view_worker_collect(api->worker));) {
        struct asked *asked = (struct asked *)job;
        bool has_more = view_job_has_more(job);
        if (asked->is_streamed) {
            go_on_with(asked);
        } else if (has_more && !api->is_stopping && !buf_failed(&job->body)) {
            begin_stream(api, asked);
        } else {
            if (has_more) {
                view_worker_give_up(api->worker, job);
            }
            enum status status = has_more && api->is_stopping ? STATUS_CLOSED : job->status;
            answer_question(asked->req, &job->question, status, job->form, &job->body);
            asked_free(asked);
        }
    }
}

/* On the worker's thread. */
static void finished(void *context) {
    struct api *api = context;
    loop_post(api->options.loop, answer_finished, api);
}

/* Its answer is made beside the request's arena, which belongs to the loop. */
static void ask_worker(struct api *api, struct http_request *req, const struct view_question *question,
                       enum view_form form) {
    struct asked *asked = memory_new(sizeof(*asked));
    asked->req = req;
    asked->job.edition = api->edition;
    asked->job.question = *question;
    asked->job.question.arena = arena_new();
    asked->job.question.page = &asked->page;
    asked->job.question.refusal = &asked->refusal;
    asked->job.form = form;
    asked->job.context = api;
    buf_init(&asked->job.body, question->view->csv ? VIEW_PART_MAX : API_ANSWER_MAX);
    enum status status = view_worker_submit(api->worker, &asked->job);
    if (status != STATUS_OK) {
        asked_free(asked);
        http_problem_status(req, status);
        return;
    }
    http_request_hold(req, asker_left, asked);
}

static int32_t today(void *context) {
    struct api *api = context;
    return stamp_day(clock_now(journal_clock(api->options.journal)));
}

enum status api_start_worker(struct api *api) {
    require(!api->worker);
    struct view_worker_options options = {
        .directory = api->options.directory,
        .journal = api->options.journal,
        .now_ms = stamp_monotonic_ms,
        .edition = api->edition,
        .today = today,
        .finished = finished,
        .on_damage = api->options.on_damage,
        .context = api,
        .damage_context = api->options.context,
    };
    return view_worker_start(&options, &api->worker);
}

void api_stop_worker(struct api *api) {
    require(api->worker);
    api->is_stopping = true;
    view_worker_stop(api->worker);
    answer_finished(api);
    for (struct asked *asked = api->streams, *next; asked; asked = next) {
        next = asked->next;
        asked->is_cut = true;
        if (view_job_has_more(&asked->job)) {
            view_worker_give_up(api->worker, &asked->job);
        }
        asked->api = NULL; /* its connection is closed after us, and with it the stream */
    }
    view_worker_free(api->worker);
}

/* What is asked for, as it is noted: "query=COSU6001234567". */
static struct text subject_of(const struct view_question *question) {
    const char *subject = "";
    for (size_t i = 0; i < view_parameters_count(question->view); i++) {
        struct text value = question->values[i];
        if (value.length && !question->view->parameters[i].is_of_page) {
            subject = arena_printf(question->arena, "%s%s%s=%.*s", subject, *subject ? "&" : "",
                                   question->view->parameters[i].name, (int)value.length, value.at);
        }
    }
    return text_of(subject);
}

/* --- routes --------------------------------------------------------------------------------------------- */

static void ask(struct http_request *req, void *context) {
    struct api *api = context;
    const struct view *view = http_request_route(req)->of;
    struct view_question question;
    struct view_page page = { NULL };
    struct view_refusal refusal = { NULL, NULL, NULL };
    const struct view_parameter *wrong;
    struct api_asker asker;
    if (!api_asker_of(api, req, &asker)) {
        return;
    }
    struct sight sight = sight_of(asker.role, asker.party, view->kind);
    if (sight.reach == SIGHT_NONE) {
        api_problem(req, API_PROBLEM_ROLE);
        return;
    }
    read_question(api, req, &sight, &page, &refusal, &question);
    enum view_form form = form_of(req, question.view);
    enum status status = view_check(&question, form, &wrong);
    if (status != STATUS_OK) {
        answer_wrong(req, &question, status, wrong);
    } else if (!api_may_show(api, req, &asker, &sight, view->name, subject_of(&question), ask)) {
        return;
    } else if (question.view->is_long) {
        ask_worker(api, req, &question, form);
    } else {
        struct buf body;
        buf_init(&body, API_ANSWER_MAX);
        answer_question(req, &question, view_answer(&question, form, &body), form, &body);
    }
}

size_t api_add_views(struct api *api, struct api_resource *resources, size_t count) {
    for (size_t i = 0; i < views_count; i++) {
        const struct view *view = &views[i];
        resources[count++] = (struct api_resource){
            .route = { .method = METHOD_GET,
                       .pattern = arena_printf(api->arena, "/v1/%s", view->path),
                       .handle = ask,
                       .admit = view->is_of_journal ? NULL : api_admit_view,
                       .of = view },
            .name = view->name,
            .zh = view->zh,
            .en = view->en,
            .view = view,
            .parameters = view->parameters,
            .is_of_party = true,
            .is_for_people = true,
            .is_for_machines = view_asker(view)->role != NULL,
        };
    }
    return count;
}
