/*
 * command_view.c - the verbs that ask a question of the list of views, made from its rows: name, arguments,
 * options and help. A question is put to the gateway that --server names, or answered from the data folder on
 * this machine.
 */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "view/page.h"
#include "view/statistics/releases.h"
#include "view/view.h"
#include "adapters/web/assets.h"
#include "adapters/web/document.h"
#include "daemon/command.h"
#include "daemon/local.h"
#include "daemon/remote.h"

#define PRINT_MAX  (64u << 20)
#define TIMEOUT_MS 30000
#define LONG_MS    60000 /* of a question that takes long */
#define HELP_MAX   1024  /* bytes of one line */

static const struct option_row options[] = { REMOTE_OPTIONS, LOCAL_OPTIONS, OPTIONS_END };

/* --- asking --------------------------------------------------------------------------------------------- */

static const char *value_of(const struct invocation *inv, const struct view_parameter *parameter,
                            size_t *argument) {
    if (view_parameter_is_in_path(view_find(inv->command->asks), parameter)) {
        return *argument < inv->count ? inv->arguments[(*argument)++] : NULL;
    }
    return invocation_option(inv, parameter->name);
}

/* What was asked for: the one value that most questions have; of several each by its name. */
static const char *asked_for(const struct invocation *inv, const struct view_question *question) {
    const char *all = "";
    size_t given = 0;
    for (size_t i = 0; i < view_parameters_count(question->view); i++) {
        given += question->values[i].at != NULL;
    }
    if (given == 1 && question->values[0].at) {
        return question->values[0].at;
    }
    for (size_t i = 0; i < view_parameters_count(question->view); i++) {
        if (question->values[i].at) {
            all = arena_printf(inv->arena, "%s%s%s=%s", all, *all ? " " : "",
                               question->view->parameters[i].name, question->values[i].at);
        }
    }
    return *all ? all : question->view->name;
}

/* Nothing that could be found is called so: said like any other that is not there. */
static int not_there(const struct invocation *inv, const struct view_question *question) {
    return invocation_fail(inv, STATUS_NOT_FOUND, asked_for(inv, question));
}

static int tell_wrong(const struct invocation *inv, const struct view_question *question, enum status status,
                      const struct view_parameter *wrong) {
    const struct view_asker_row *asker = view_asker(question->view);
    if (status == STATUS_DENIED) {
        invocation_say(inv, "%s：%s", "%s: %s", question->viewer->code,
                       invocation_pick(inv, asker->zh, asker->en));
        return status_exit(status);
    }
    if (!wrong || !wrong->wrong_en) {
        return not_there(inv, question);
    }
    return invocation_usage(inv, "%s", "%s", invocation_pick(inv, wrong->wrong_zh, wrong->wrong_en));
}

/* Its answer is printed, or why there is none. */
static int print_answer(struct invocation *inv, const struct view_question *question, enum status status,
                        struct buf *body) {
    const struct view_refusal *why = question->refusal;
    if (status != STATUS_OK && why->en) {
        buf_release(body);
        invocation_say(inv, "%s", "%s", invocation_pick(inv, why->zh, why->en));
        return status_exit(status);
    }
    return invocation_result(inv, status, body, asked_for(inv, question));
}

int command_question(struct invocation *inv, enum view_form form, struct view_question *out) {
    require(inv->command->asks);
    const struct view *view = view_find(inv->command->asks);
    const struct view_parameter *wrong;
    size_t argument = 0, count = view_parameters_count(view);
    *out = (struct view_question){
        .view = view, .language = inv->language, .now = stamp_now(), .arena = inv->arena
    };
    for (size_t i = 0; i < count; i++) {
        const char *value = value_of(inv, &view->parameters[i], &argument);
        out->values[i] = value ? text_of(value) : (struct text){ 0 };
    }
    for (size_t i = 0; i < count; i++) {
        const struct view_parameter *parameter = &view->parameters[i];
        const char *meant = parameter->otherwise && !out->values[i].at ? parameter->otherwise(out) : NULL;
        out->values[i] = meant ? text_of(meant) : out->values[i];
    }
    enum status status = view_check(out, form, &wrong);
    return status == STATUS_OK ? 0 : tell_wrong(inv, out, status, wrong);
}

static const char *format_of(const struct invocation *inv, const struct view *view) {
    return view_has(view, VIEW_CSV) ? invocation_option(inv, "format") : NULL;
}

/* As a file for a browser (document.h): made here of the answer as JSON, wherever that comes from. */
static bool wants_document(const struct invocation *inv, const struct view *view) {
    const char *format = format_of(inv, view);
    return format && strcmp(format, "html") == 0;
}

static void tell_forms(const struct invocation *inv, const struct view *view) {
    const char *forms = "";
    for (int form = 0; form < VIEW_FORMS_COUNT; form++) {
        bool has = view_has(view, form);
        forms = has ? arena_printf(inv->arena, "%s %s", forms, view_form_name(form)) : forms;
    }
    invocation_usage(inv, "'%s' 不以此格式回答，可用：%s%s", "'%s' is not answered in that form, but as%s%s",
                     view->name, forms, document_is_of(view) && web_assets_count ? " html" : "");
}

/* False, and told: there is no such file. */
static bool has_document(const struct invocation *inv, const struct view *view) {
    if (web_assets_count == 0) {
        invocation_say(inv, "本程序构建时未含网页（CLEARWAY_PAGE），不能写出 HTML",
                       "this program was built without the page (CLEARWAY_PAGE), and writes no HTML");
    } else if (!document_is_of(view)) {
        tell_forms(inv, view);
    }
    return document_is_of(view);
}

/* json: the answer; released. The exit code. */
static int print_document(const struct invocation *inv, const struct view_question *question,
                          struct buf *json) {
    struct buf out;
    buf_init(&out, PRINT_MAX);
    document_write(question->view, buf_text(json), question->now, inv->language, &out);
    buf_release(json);
    return invocation_print(inv, &out);
}

/* --json, or what --format says; else what people read, or what there is. False, and told: no such form. */
static bool choose_form(struct invocation *inv, const struct view *view, enum view_form *out) {
    const char *format = format_of(inv, view);
    bool document = wants_document(inv, view);
    *out = inv->json                   ? VIEW_JSON
           : view_has(view, VIEW_TEXT) ? VIEW_TEXT
           : view_has(view, VIEW_JSON) ? VIEW_JSON
                                       : VIEW_CSV;
    if (inv->json && format && strcmp(format, view_form_name(VIEW_JSON)) != 0) {
        invocation_usage(inv, "--json 与 --format %s 不能同用", "--json does not go with --format %s",
                         format);
        return false;
    }
    if (document) {
        *out = VIEW_JSON;
        return has_document(inv, view);
    }
    for (int form = 0; format && form < VIEW_FORMS_COUNT; form++) {
        *out = strcmp(format, view_form_name(form)) == 0 ? (enum view_form)form : *out;
    }
    if (!view_has(view, *out) || (format && strcmp(format, view_form_name(*out)) != 0)) {
        tell_forms(inv, view);
        return false;
    }
    inv->json = *out == VIEW_JSON;
    return true;
}

/* Page by page, of a list that is asked for as a whole; part by part, of an answer that is long: each is
 * printed before the next is made. */
int command_answer(struct invocation *inv, struct view_question *question, enum view_form form) {
    bool whole = invocation_is_whole(inv);
    struct view_page page;
    struct view_refusal refusal = { NULL, NULL, NULL };
    struct view_parts parts = { 0 };
    struct arena *arena = arena_new();
    int code;
    question->page = &page;
    question->refusal = &refusal;
    question->parts = &parts;
    do {
        struct buf body;
        buf_init(&body, PRINT_MAX);
        page.next = NULL;
        arena_reset(arena);
        question->arena = arena;
        enum status status = view_answer(question, form, &body);
        if (page.next && whole) {
            body.length = form == VIEW_TEXT ? page_without_last_line(buf_text(&body)).length : body.length;
            question->values[view_parameter(question->view, "after") - question->view->parameters] =
                text_of(arena_string(inv->arena, page.next));
        }
        code = print_answer(inv, question, status, &body);
    } while (code == 0 && !ferror(stdout) && (parts.more || (whole && page.next)));
    if (code == 0 && parts.unread) {
        invocation_say(
            inv, "注意：%llu 票的报文不在日志中（或日志不在此处），其所填内容各列为空",
            "note: of %llu declarations the messages are not in the journal, or it is not here: the"
            " columns of what they say are empty",
            (unsigned long long)parts.unread);
    }
    view_parts_release(&parts);
    question->parts = NULL;
    question->refusal = NULL;
    question->arena = inv->arena;
    arena_free(arena);
    return code;
}

static int ask_here(struct invocation *inv, struct view_question *question, enum view_form form) {
    struct local local;
    const struct view_parameter *wrong;
    int code = local_open(inv, &local);
    if (code) {
        return code;
    }
    struct releases *releases = releases_new(local.data, 0);
    struct view_source source = {
        .state = local.state, .reader = local.reader, .edition = local.edition, .releases = releases
    };
    question->source = &source;
    question->viewer = question->people = local.viewer;
    enum status status = view_check(question, form, &wrong);
    if (status != STATUS_OK) {
        code = tell_wrong(inv, question, status, wrong);
    } else if (wants_document(inv, question->view)) {
        struct view_refusal refusal = { NULL, NULL, NULL };
        struct buf json;
        buf_init(&json, PRINT_MAX);
        question->refusal = &refusal;
        status = view_answer(question, form, &json);
        code = status == STATUS_OK ? print_document(inv, question, &json)
                                   : print_answer(inv, question, status, &json);
    } else {
        code = command_answer(inv, question, form);
    }
    releases_free(releases);
    local_close(&local);
    return code;
}

/* "/v1/track/COSU6201234567", "/v1/report?month=2026-10" */
static const char *address_of(struct invocation *inv, const struct view_question *question) {
    const struct view *view = question->view;
    struct text rest = text_of(view->path);
    const char *address = "/v1", *mark = "?";
    while (rest.length) {
        struct text segment = text_until(&rest, '/');
        const char *named = arena_copy(inv->arena, segment);
        if (segment.at[0] == '{') {
            named = arena_copy(inv->arena, (struct text){ segment.at + 1, segment.length - 2 });
            named = remote_escape(inv, view_value(question, named).at);
        }
        address = arena_printf(inv->arena, "%s/%s", address, named);
    }
    for (size_t i = 0; i < view_parameters_count(view); i++) {
        const struct view_parameter *parameter = &view->parameters[i];
        if (question->values[i].at && !view_parameter_is_in_path(view, parameter)) {
            address = arena_printf(inv->arena, "%s%s%s=%s", address, mark, parameter->name,
                                   remote_escape(inv, question->values[i].at));
            mark = "&";
        }
    }
    return address;
}

static size_t arguments_wanted(const struct view *view) {
    size_t wanted = 0;
    for (size_t i = 0; i < view_parameters_count(view); i++) {
        wanted += view_parameter_is_in_path(view, &view->parameters[i]);
    }
    return wanted;
}

/* What the operator alone may ask is answered on the machine itself. */
static bool is_local_only(const struct view *view) {
    return !view_asker(view)->role;
}

/* False, and told: an option names the gateway, and it is not the gateway that would answer; or another the
 * folder here, whom that would not ask. */
static bool is_of_one_place(struct invocation *inv, const struct view *view) {
    static const struct option_row local[] = { LOCAL_OPTIONS, OPTIONS_END };
    if (!invocation_option(inv, "server")) {
        return true;
    }
    if (is_local_only(view)) {
        invocation_usage(inv, "只在本机回答，不用 --server", "is answered on this machine, without --server");
        return false;
    }
    for (const struct option_row *row = local; row->name; row++) {
        if (invocation_option(inv, row->name)) {
            invocation_usage(inv, "--%s 读本机的数据文件夹，不能与 --server 同用",
                             "--%s is about a data folder on this machine, and does not go with --server",
                             row->name);
            return false;
        }
    }
    return true;
}

int command_ask(struct invocation *inv) {
    require(inv->command->asks);
    struct view_question question;
    const struct view *view = view_find(inv->command->asks);
    enum view_form form;
    size_t wanted = arguments_wanted(view);
    if (wanted == 0 && inv->count > 0) {
        return invocation_usage(inv, "不带参数", "takes no arguments");
    }
    if (inv->count > wanted) {
        return tell_wrong(inv, &(struct view_question){ .view = view }, STATUS_BAD_INPUT,
                          &view->parameters[0]);
    }
    if (!choose_form(inv, view, &form) || !is_of_one_place(inv, view)) {
        return EXIT_USAGE;
    }
    int code = command_question(inv, form, &question);
    if (code) {
        return code;
    }
    struct client *client =
        is_local_only(view) ? NULL : remote_client(inv, view->is_long ? LONG_MS : TIMEOUT_MS);
    if (!client) {
        return ask_here(inv, &question, form);
    }
    struct buf json;
    code = !wants_document(inv, view) ? remote_show(inv, client, address_of(inv, &question), form)
                                      : remote_get(inv, client, address_of(inv, &question), form, &json);
    if (code == 0 && wants_document(inv, view)) {
        code = print_document(inv, &question, &json);
    }
    client_free(client);
    return code;
}

/* --- the verb of a question ----------------------------------------------------------------------------- */

struct verb {
    struct command command;
    struct buf arguments, plain, json; /* lines of its help; json: as another form, where there is no JSON */
    struct example_row examples[3];
};

/* "COSU6201234567", "--month 2026-10" */
static void add_example(struct buf *line, const struct view *view) {
    for (size_t i = 0; i < view_parameters_count(view); i++) {
        const struct view_parameter *parameter = &view->parameters[i];
        if (parameter->example && view_parameter_is_in_path(view, parameter)) {
            buf_printf(line, " %s", parameter->example);
        } else if (parameter->example) {
            buf_printf(line, " --%s %s", parameter->name, parameter->example);
        }
    }
}

static void make_examples(struct verb *verb, const struct view *view) {
    bool of_parties = view->asker == VIEW_FOR_PARTY;
    buf_init(&verb->plain, HELP_MAX);
    buf_init(&verb->json, HELP_MAX);
    buf_printf(&verb->plain, "clearway %s", view->name);
    buf_printf(&verb->json, "clearway %s %s%s", view->name,
               view_has(view, VIEW_JSON) ? "--json" : "--format csv.zst",
               of_parties ? " --as FWD-QD-01" : "");
    add_example(&verb->plain, view);
    add_example(&verb->json, view);
    verb->examples[0] = (struct example_row){ verb->plain.at, NULL, NULL };
    verb->examples[1] = (struct example_row){ verb->json.at, of_parties ? "该参与方可见的内容" : NULL,
                                              of_parties ? "what that party may see" : NULL };
    verb->examples[2] = (struct example_row)EXAMPLES_END;
}

const struct command *command_of_view(const struct view *view) {
    static struct verb verbs[VIEWS_MAX];
    require(view->is_verb && view >= views && view < views + views_count);
    struct verb *verb = &verbs[view - views];
    if (verb->command.name) {
        return &verb->command;
    }
    buf_init(&verb->arguments, HELP_MAX);
    buf_add_string(&verb->arguments, "");
    for (size_t i = 0; i < view_parameters_count(view); i++) {
        if (view_parameter_is_in_path(view, &view->parameters[i])) {
            buf_printf(&verb->arguments, "%s%s", verb->arguments.length ? " " : "",
                       view->parameters[i].argument);
        }
    }
    make_examples(verb, view);
    verb->command = (struct command){ .name = view->name,
                                      .arguments = verb->arguments.at,
                                      .summary_zh = view->zh,
                                      .summary_en = view->en,
                                      .examples = verb->examples,
                                      .options = options,
                                      .asks = view->name,
                                      .run = command_ask };
    return &verb->command;
}
