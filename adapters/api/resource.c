/*
 * resource.c - what a row of the list of resources (resources.c) says to those who describe it: where its
 * parameters stand, and what may go wrong.
 */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "adapters/api/shared.h"

bool api_is_in_path(const struct api_resource *resource, const struct view_parameter *parameter) {
    char name[64];
    snprintf(name, sizeof(name), "{%s}", parameter->name);
    return strstr(resource->route.pattern, name) != NULL;
}

/* --- what may go wrong ---------------------------------------------------------------------------------- */

static bool is_same(const struct api_meaning *a, const struct api_meaning *b) {
    return a->http == b->http && strcmp(a->code, b->code) == 0 && strcmp(a->en, b->en) == 0;
}

static void add(struct api_meanings *meanings, struct api_meaning meaning) {
    size_t place = 0;
    while (place < meanings->count && meanings->list[place].http <= meaning.http) {
        if (is_same(&meanings->list[place], &meaning)) {
            return;
        }
        place++;
    }
    require(meanings->count < API_MEANINGS_MAX);
    memmove(&meanings->list[place + 1], &meanings->list[place],
            (meanings->count - place) * sizeof(*meanings->list));
    meanings->list[place] = meaning;
    meanings->count++;
}

static void add_statuses(struct api_meanings *meanings, const enum status *statuses) {
    for (; statuses && *statuses != STATUS_OK; statuses++) {
        add(meanings, api_meaning_of_status(*statuses));
    }
}

static void add_problems(struct api_meanings *meanings, const enum api_problem *problems) {
    for (; problems && *problems != API_PROBLEMS_COUNT; problems++) {
        add(meanings, api_meaning_of(*problems));
    }
}

/* Every question is answered in the same way (questions.c). */
static void add_of_view(struct api_meanings *meanings, const struct view *view) {
    static const enum status of_any[] = { STATUS_BAD_INPUT, STATUS_NOT_FOUND, STATUS_IO, STATUS_DAMAGED,
                                          STATUS_OK };
    static const enum status of_long[] = { STATUS_TOO_LARGE, STATUS_THROTTLED, STATUS_BUSY, STATUS_CLOSED,
                                           STATUS_OK };
    static const enum status of_state[] = { STATUS_BEHIND, STATUS_OK };
    static const enum status of_content[] = { STATUS_NOT_KEPT, STATUS_OK };
    const struct view_asker_row *asker = view_asker(view);
    add_statuses(meanings, of_any);
    add_statuses(meanings, view->is_long ? of_long : NULL);
    add_statuses(meanings, view->is_of_journal ? NULL : of_state);
    add_statuses(meanings, view_has(view, VIEW_XML) ? of_content : NULL);
    add(meanings, api_meaning_of_refusal(HTTP_REFUSE_ANSWER_LARGE));
    struct api_meaning meaning;
    for (size_t place = 0; api_meaning_at(place, &meaning); place++) {
        if (strcmp(meaning.question, view->name) == 0 && (*asker->code || meaning.http != 403)) {
            add(meanings, meaning);
        }
    }
}

/* What is said to who is not let in. */
static void add_of_askers(struct api_meanings *meanings, const struct api_resource *resource) {
    static const enum api_problem of_party[] = { API_PROBLEM_PARTY_BLOCKED, API_PROBLEMS_COUNT };
    static const enum api_problem of_machines[] = { API_PROBLEM_UNKNOWN_PARTY, API_PROBLEMS_COUNT };
    static const enum api_problem of_people[] = { API_PROBLEM_SIGNED_OUT, API_PROBLEM_NO_ACCOUNT,
                                                  API_PROBLEM_ROLE, API_PROBLEM_NOT_NOTED,
                                                  API_PROBLEMS_COUNT };
    static const enum api_problem of_changes[] = { API_PROBLEM_ORIGIN, API_PROBLEMS_COUNT };
    bool changes = resource->route.method != METHOD_GET;
    add_problems(meanings, resource->is_of_party ? of_party : NULL);
    add_problems(meanings, resource->is_of_party && resource->is_for_machines ? of_machines : NULL);
    add_problems(meanings, resource->is_of_party && resource->is_for_people ? of_people : NULL);
    add_problems(meanings, resource->is_for_people && changes ? of_changes : NULL);
    if (resource->is_for_people) {
        add(meanings, api_meaning_of(API_PROBLEM_USER_HEADER));
    }
}

void api_gather_meanings(const struct api_resource *resource, struct api_meanings *meanings) {
    meanings->count = 0;
    add(meanings, api_meaning_of_refusal(HTTP_REFUSE_PARAMETER_NAME));
    add_of_askers(meanings, resource);
    add_problems(meanings, resource->problems);
    add_statuses(meanings, resource->statuses);
    if (resource->view) {
        add_of_view(meanings, resource->view);
    }
}
