/*
 * view_kit.h - for tests: a question asked by its name, checked as the API and the command check it.
 */
#ifndef TESTS_VIEW_KIT_H
#define TESTS_VIEW_KIT_H

#include "view/view.h"

struct asking {
    const char *name;
    const char *values[VIEW_PARAMETERS_MAX]; /* in the order of the question's parameters; NULL: not given */
    struct view_source source;
    const struct party *viewer; /* NULL: the operator */
    enum language language;
    stamp now;
    struct arena *arena;
    struct view_refusal *refusal; /* NULL: nobody asks */
};

/* What the question's own checks say, else its answer. Adds to what is in the body. */
static inline enum status view_ask(const struct asking *asking, enum view_form form, struct buf *body) {
    const struct view_parameter *wrong;
    struct view_question question = {
        .view = view_find(asking->name),
        .source = &asking->source,
        .viewer = asking->viewer,
        .language = asking->language,
        .now = asking->now,
        .arena = asking->arena,
        .refusal = asking->refusal,
    };
    require(question.view);
    for (size_t i = 0; i < VIEW_PARAMETERS_MAX; i++) {
        question.values[i] = asking->values[i] ? text_of(asking->values[i]) : (struct text){ 0 };
    }
    enum status status = view_check(&question, form, &wrong);
    return status == STATUS_OK ? view_answer(&question, form, body) : status;
}

#endif
