/*
 * problems.c - the API's own list of problems, and all four lists walked as one.
 */
#include "adapters/api/problems.h"

#include <stdio.h>

#include "base/status.h"
#include "view/view.h"

static const struct {
    int http;
    const char *code, *zh, *en;
} problems[] = {
#define X(problem, http, code, zh, en) { http, code, zh, en },
    API_PROBLEM_LIST(X)
#undef X
};

void api_problem_with(struct http_request *req, enum api_problem problem, const char *zh, const char *en) {
    require(problem < API_PROBLEMS_COUNT);
    http_problem(req, problems[problem].http, problems[problem].code, zh, en);
}

void api_problem_headers(struct http_request *req, enum api_problem problem,
                         const struct http_header *headers) {
    require(problem < API_PROBLEMS_COUNT);
    http_problem_with(req, problems[problem].http, problems[problem].code, problems[problem].zh,
                      problems[problem].en, headers);
}

/* RFC 9110, 15.5.2: a 401 says how one proves who one is; by a name that no browser asks a password for. */
void api_problem(struct http_request *req, enum api_problem problem) {
    static const struct http_header challenge[] = { { "WWW-Authenticate", "Session realm=\"clearway\"" },
                                                    { NULL, NULL } };
    require(problem < API_PROBLEMS_COUNT);
    api_problem_headers(req, problem, problems[problem].http == 401 ? challenge : NULL);
}

/* --- meanings ------------------------------------------------------------------------------------------- */

/* Whether to ask again follows from the number alone where the list does not say it. */
static enum retry retry_of(int http) {
    return http == 408 || http == 429 || http == 503 ? RETRY_LATER
           : http == 422                             ? RETRY_AFTER_REPAIR
                                                     : RETRY_NEVER;
}

static struct api_meaning meaning(int http, const char *code, const char *zh, const char *en,
                                  const char *question) {
    struct api_meaning made = { .http = http, .zh = zh, .en = en, .question = question };
    size_t length = strlen(code);
    require(length < sizeof(made.code));
    memcpy(made.code, code, length + 1);
    made.retry = retry_of(http);
    return made;
}

struct api_meaning api_meaning_of(enum api_problem problem) {
    require(problem < API_PROBLEMS_COUNT);
    return meaning(problems[problem].http, problems[problem].code, problems[problem].zh, problems[problem].en,
                   "");
}

struct api_meaning api_meaning_of_status(enum status status) {
    require(status != STATUS_OK && status < STATUS_COUNT);
    char code[HTTP_STATUS_CODE_MAX];
    struct api_meaning made =
        meaning(status_http(status), http_status_code(status, code), status_sentence(status, LANGUAGE_ZH),
                status_sentence(status, LANGUAGE_EN), "");
    made.retry = status_retry(status);
    return made;
}

struct api_meaning api_meaning_of_refusal(enum http_refusal refusal) {
    require(refusal != HTTP_REFUSE_NONE && refusal < HTTP_REFUSAL_COUNT);
    return meaning(http_refusal_status(refusal), http_refusal_code(refusal),
                   http_refusal_sentence(refusal, LANGUAGE_ZH), http_refusal_sentence(refusal, LANGUAGE_EN),
                   "");
}

/* Of a question: who may ask it, and what is said of each parameter. `place` counts them over all questions,
 * and is made smaller by those that were passed. */
static bool meaning_of_view(const struct view *view, size_t *place, struct api_meaning *out) {
    const struct view_asker_row *asker = view_asker(view);
    if (*asker->code && (*place)-- == 0) {
        *out = meaning(status_http(STATUS_DENIED), asker->code, asker->zh, asker->en, view->name);
        return true;
    }
    for (size_t i = 0; i < view_parameters_count(view); i++) {
        const struct view_parameter *parameter = &view->parameters[i];
        if (parameter->code && (*place)-- == 0) {
            *out = meaning(status_http(STATUS_BAD_INPUT), parameter->code, parameter->wrong_zh,
                           parameter->wrong_en, view->name);
            return true;
        }
    }
    return false;
}

bool api_meaning_at(size_t place, struct api_meaning *out) {
    if (place < API_PROBLEMS_COUNT) {
        *out = api_meaning_of((enum api_problem)place);
        return true;
    }
    place -= API_PROBLEMS_COUNT;
    if (place < STATUS_COUNT - 1) { /* the first is OK, which is no problem */
        *out = api_meaning_of_status((enum status)(place + 1));
        return true;
    }
    place -= STATUS_COUNT - 1;
    if (place < HTTP_REFUSAL_COUNT - 1) { /* the first refuses nothing */
        *out = api_meaning_of_refusal((enum http_refusal)(place + 1));
        return true;
    }
    place -= HTTP_REFUSAL_COUNT - 1;
    for (size_t i = 0; i < views_count; i++) {
        if (meaning_of_view(&views[i], &place, out)) {
            return true;
        }
    }
    return false;
}
