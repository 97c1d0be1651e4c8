/*
 * view_answer.c - the values of a question are checked against its row, and it is answered in a form.
 */
#include "base/compress.h"
#include "base/status.h"
#include "view/page.h"
#include "view/rows.h"
#include "view/view.h"

static bool is_one_of(struct text value, const char *const *choices) {
    while (*choices && !text_is(value, *choices)) {
        choices++;
    }
    return *choices != NULL;
}

static bool fits(const struct view_question *question, const struct view_parameter *parameter,
                 struct text value) {
    uint64_t number;
    int32_t day, next_day;
    stamp moment;
    switch (parameter->type) {
    case VIEW_WORD: return text_trim(value).length > 0;
    case VIEW_NUMBER:
        return text_to_uint(value, &number) && number > 0
               && number <= (parameter->number_max ? parameter->number_max : INT64_MAX);
    case VIEW_MONTH: return month_parse(value, &day, &next_day);
    case VIEW_DAY: return day_parse(value, &day) && calendar_has(day);
    case VIEW_MOMENT: return (day_parse(value, &day) && calendar_has(day)) || stamp_parse(value, &moment);
    case VIEW_CHOICE: return is_one_of(value, parameter->choices);
    case VIEW_CURSOR: return page_read(question, value, &(struct page_keys){ 0 });
    }
    panic("a parameter of no type: %s", parameter->name);
}

static bool may_ask(const struct view *view, const struct party *viewer) {
    const char *role = view_asker(view)->role;
    return !viewer || (role && (!*role || party_has_role(viewer, role)));
}

static bool is_among(struct text value, const char *words) {
    struct text rest = text_of(words);
    while (rest.length) {
        if (text_equal(text_until(&rest, ' '), value)) {
            return true;
        }
    }
    return false;
}

static bool clashes(const struct view_question *question, enum view_form form,
                    const struct view_clash *clash) {
    struct text value = view_value(question, clash->name);
    if (!(clash->forms & 1u << form) || !value.length || (clash->value && !text_is(value, clash->value))) {
        return false;
    }
    struct text other = clash->needs ? view_value(question, clash->needs) : TEXT("");
    return !other.length ? !clash->or_none : clash->values && !is_among(other, clash->values);
}

/* The parameter, with what is said of this. */
static const struct view_parameter *find_clash(const struct view_question *question, enum view_form form) {
    for (const struct view_clash *clash = question->view->clashes; clash && clash->name; clash++) {
        if (clashes(question, form, clash)) {
            struct view_parameter *parameter = arena_alloc(question->arena, sizeof(*parameter));
            *parameter = *view_parameter(question->view, clash->name);
            parameter->wrong_zh = clash->zh;
            parameter->wrong_en = clash->en;
            return parameter;
        }
    }
    return NULL;
}

enum status view_check(const struct view_question *question, enum view_form form,
                       const struct view_parameter **wrong) {
    const struct view *view = question->view;
    require(view);
    size_t count = view_parameters_count(view);
    *wrong = NULL;
    if (!may_ask(view, question->viewer)) {
        return STATUS_DENIED;
    }
    for (size_t i = 0; i < count; i++) {
        const struct view_parameter *parameter = &view->parameters[i];
        struct text value = question->values[i];
        if (!value.length && !parameter->is_required) { /* empty is as good as not said */
            continue;
        }
        if (!fits(question, parameter, value)) {
            *wrong = parameter;
            return parameter->code ? STATUS_BAD_INPUT : STATUS_NOT_FOUND;
        }
        if (parameter->length_max && value.length > parameter->length_max) {
            return STATUS_NOT_FOUND;
        }
    }
    *wrong = view->wrong ? view->wrong(question) : NULL;
    *wrong = *wrong ? *wrong : find_clash(question, form);
    return *wrong ? STATUS_BAD_INPUT : STATUS_OK;
}

void view_parts_release(struct view_parts *parts) {
    compressor_free(parts->compressor);
    *parts = (struct view_parts){ 0 };
}

static enum status add_part(const struct view_question *question, bool compressed, struct buf *body) {
    struct view_parts *parts = question->parts;
    struct buf part;
    parts->more = false;
    if (!compressed) {
        return question->view->csv(question, body);
    }
    buf_init(&part, VIEW_PART_MAX);
    enum status status = question->view->csv(question, &part);
    if (status == STATUS_OK && buf_failed(&part)) {
        status = STATUS_TOO_LARGE;
    }
    if (status == STATUS_OK) {
        parts->compressor = parts->compressor ? parts->compressor : compressor_new();
        compressor_add(parts->compressor, buf_text(&part), !parts->more, body);
    }
    buf_release(&part);
    return status;
}

static enum status answer_csv(const struct view_question *question, bool compressed, struct buf *body) {
    if (question->parts) {
        return add_part(question, compressed, body);
    }
    struct view_parts parts = { 0 };
    struct view_question whole = *question;
    whole.parts = &parts;
    enum status status;
    do {
        status = add_part(&whole, compressed, body);
    } while (status == STATUS_OK && parts.more && !buf_failed(body));
    view_parts_release(&parts);
    return status;
}

/* What stands outside of columns, too, is no command to a terminal; lines are ours. In place, by blanks. */
static void blank_controls(struct buf *body, size_t from) {
    for (size_t i = from; i < body->length; i++) {
        unsigned char byte = (unsigned char)body->at[i];
        bool is_c1 = byte == 0xC2 && i + 1 < body->length && ((unsigned char)body->at[i + 1] & 0xE0) == 0x80;
        if (is_c1 || byte == 0x7F || (byte < 0x20 && byte != '\n' && byte != '\t')) {
            body->at[i] = ' ';
            body->at[i + is_c1] = ' ';
        }
    }
}

static enum status answer_text(const struct view_question *question, struct buf *body) {
    const struct view *view = question->view;
    size_t from = body->length;
    enum status status = view->rows ? rows_text(question, view->rows, body) : view->text(question, body);
    blank_controls(body, from);
    return status;
}

enum status view_answer(const struct view_question *question, enum view_form form, struct buf *body) {
    const struct view *view = question->view;
    struct json_out out;
    require(view_has(view, form) && question->source && question->arena);
    switch (form) {
    case VIEW_JSON:
        json_start(&out, body);
        return view->rows ? rows_json(question, view->rows, &out) : view->json(question, &out);
    case VIEW_TEXT: return answer_text(question, body);
    case VIEW_CSV:
    case VIEW_CSV_ZST: return answer_csv(question, form == VIEW_CSV_ZST, body);
    case VIEW_XML: return view->xml(question, body);
    case VIEW_FORMS_COUNT: break;
    }
    panic("no such form: %d", (int)form);
}
