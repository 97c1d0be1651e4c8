/*
 * view.c - what a row of the list of questions (views.c) says, and the values of one that is asked.
 */
#include "view/view.h"

#include <string.h>

#include "base/status.h"

static const struct view_asker_row askers[] = {
#define X(asker, role, code, zh, en) { role, code, zh, en },
    VIEW_ASKER_LIST(X)
#undef X
};

const struct view_asker_row *view_asker(const struct view *view) {
    require(view->asker < VIEW_ASKERS_COUNT);
    return &askers[view->asker];
}

static const struct {
    const char *name, *type;
} forms[] = {
#define X(form, name, type) { name, type },
    VIEW_FORM_LIST(X)
#undef X
};

const char *view_form_name(enum view_form form) {
    require(form < VIEW_FORMS_COUNT);
    return forms[form].name;
}

const char *view_kind_text(enum view_kind kind) {
    static const char *const texts[] = {
#define X(kind, text, what) text,
        VIEW_KIND_LIST(X)
#undef X
    };
    require(kind < VIEW_KINDS_COUNT);
    return texts[kind];
}

const char *view_form_type(enum view_form form) {
    require(form < VIEW_FORMS_COUNT);
    return forms[form].type;
}

bool view_has(const struct view *view, enum view_form form) {
    switch (form) {
    case VIEW_JSON: return view->rows || view->json;
    case VIEW_TEXT: return view->rows || view->text;
    case VIEW_CSV:
    case VIEW_CSV_ZST: return view->csv != NULL;
    case VIEW_XML: return view->xml != NULL;
    case VIEW_FORMS_COUNT: break;
    }
    panic("no such form: %d", (int)form);
}

size_t view_parameters_count(const struct view *view) {
    size_t count = 0;
    while (view->parameters && view->parameters[count].name) {
        count++;
    }
    require(count <= VIEW_PARAMETERS_MAX);
    return count;
}

const struct view_parameter *view_parameter(const struct view *view, const char *name) {
    size_t count = view_parameters_count(view);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(view->parameters[i].name, name) == 0) {
            return &view->parameters[i];
        }
    }
    panic("the question %s has no parameter %s", view->name, name);
}

bool view_parameter_is_in_path(const struct view *view, const struct view_parameter *parameter) {
    require(view->path);
    struct text rest = text_of(view->path);
    while (rest.length) {
        struct text segment = text_until(&rest, '/');
        bool named = segment.length > 2 && segment.at[0] == '{';
        if (named && text_is((struct text){ segment.at + 1, segment.length - 2 }, parameter->name)) {
            return true;
        }
    }
    return false;
}

/* --- values --------------------------------------------------------------------------------------------- */

struct text view_value(const struct view_question *question, const char *name) {
    require(question->view && name);
    size_t place = (size_t)(view_parameter(question->view, name) - question->view->parameters);
    return question->values[place].at ? question->values[place] : TEXT("");
}

uint64_t view_number(const struct view_question *question, const char *name) {
    uint64_t number;
    require(text_to_uint(view_value(question, name), &number));
    return number;
}

stamp view_moment(struct text value) {
    int32_t day;
    stamp moment = 0;
    if (day_parse(value, &day)) {
        return stamp_of_day(day);
    }
    require(stamp_parse(value, &moment));
    return moment;
}

enum status view_refuse(const struct view_question *question, enum status status,
                        struct view_refusal refusal) {
    require(status != STATUS_OK && refusal.zh && refusal.en);
    if (question->refusal) {
        *question->refusal = refusal;
    }
    return status;
}
