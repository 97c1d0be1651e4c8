/*
 * description.c - what machines and people may ask, as an OpenAPI 3.1 document: the resources (resources.c),
 * one by one.
 *
 * Answers that are lists are described by the columns that make them, other answers in JSON by the shape
 * that stands beside what writes them (base/shape.h). A shape that has a name is one of the components.
 */
#include <stdio.h>
#include <string.h>

#include "base/shape.h"
#include "base/status.h"
#include "message/receipt.h"
#include "view/messages.h"
#include "view/names.h"
#include "view/orders.h"
#include "view/rows.h"
#include "view/sight.h"
#include "view/statistics/report.h"
#include "adapters/api/shared.h"

static const char *sentence(const struct api_meaning *meaning, enum language language) {
    return language_pick(language, meaning->zh, meaning->en);
}

static void put_reference(struct json_out *out, const char *key, const char *schema) {
    char name[64];
    snprintf(name, sizeof(name), "#/components/schemas/%s", schema);
    json_open_object(out, key);
    json_put_string(out, "$ref", name);
    json_close_object(out);
}

static void put_type(struct json_out *out, const char *type) {
    json_put_string(out, "type", type);
}

static void put_schema(struct json_out *out, const struct view_parameter *parameter) {
    json_open_object(out, "schema");
    switch (parameter->type) {
    case VIEW_WORD:
        put_type(out, "string");
        json_put_string(out, "pattern", "^[^\\u0000-\\u001f\\u007f]*$");
        if (parameter->length_max) {
            json_put_int(out, "maxLength", (int64_t)parameter->length_max);
        }
        break;
    case VIEW_NUMBER:
        put_type(out, "integer");
        json_put_int(out, "minimum", 1);
        json_put_int(out, "maximum", parameter->number_max ? (int64_t)parameter->number_max : INT64_MAX);
        break;
    case VIEW_MONTH:
        put_type(out, "string");
        json_put_string(out, "pattern", "^((19|20|21)[0-9]{2}-(0[1-9]|1[0-2]))?$");
        break;
    case VIEW_DAY:
        put_type(out, "string");
        json_put_string(out, "pattern", "^((19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?$");
        break;
    case VIEW_MOMENT:
    case VIEW_CURSOR: put_type(out, "string"); break;
    case VIEW_CHOICE:
        put_type(out, "string");
        json_open_array(out, "enum");
        for (const char *const *choice = parameter->choices; *choice; choice++) {
            json_put_string(out, NULL, *choice);
        }
        json_close_array(out);
        break;
    }
    json_close_object(out);
}

/* The column that a list is narrowed by; NULL: none is called so. */
static const struct row_column *column_of(const struct api_resource *resource,
                                          const struct view_parameter *parameter) {
    const struct rows *rows = resource->view ? resource->view->rows : NULL;
    for (size_t i = 0; rows && i < rows->columns_count; i++) {
        const struct row_column *column = &rows->columns[i];
        if (column->name && column->zh && strcmp(column->name, parameter->name) == 0) {
            return column;
        }
    }
    return NULL;
}

/* NULL: nothing is known of it. */
static const char *choice_name(const struct view_parameter *parameter, const struct row_column *column,
                               const char *choice, enum language language) {
    if (parameter->choice) {
        return parameter->choice(choice, language);
    }
    return column && column->kind == ROW_STATE ? name_of_state(column->of, choice, language) : NULL;
}

/* How a page for people asks for the parameter: what it and its choices are called, by its row, else as the
 * column is headed and as its states are called; what is shown without it; and what is typed. */
static void put_calling(const struct api_resource *resource, const struct view_parameter *parameter,
                        enum language language, struct json_out *out) {
    const struct row_column *column = column_of(resource, parameter);
    const char *zh = parameter->head_zh ? parameter->head_zh : column ? column->zh : NULL;
    const char *en = parameter->head_en ? parameter->head_en : column ? column->en : NULL;
    json_put_string(out, "x-head", language_pick(language, zh, en));
    json_put_string(out, "x-else", language_pick(language, parameter->else_zh, parameter->else_en));
    bool is_day = parameter->type == VIEW_DAY || parameter->type == VIEW_MOMENT;
    json_put_string(out, "x-input", is_day ? "date" : parameter->type == VIEW_MONTH ? "month" : NULL);
    if (parameter->type != VIEW_CHOICE || !choice_name(parameter, column, *parameter->choices, language)) {
        return;
    }
    json_open_array(out, "x-names");
    for (const char *const *choice = parameter->choices; *choice; choice++) {
        json_put_string(out, NULL, choice_name(parameter, column, *choice, language));
    }
    json_close_array(out);
}

static void put_parameters(const struct api_resource *resource, enum language language,
                           struct json_out *out) {
    json_open_array(out, "parameters");
    for (const struct view_parameter *parameter = resource->parameters; parameter && parameter->name;
         parameter++) {
        json_open_object(out, NULL);
        json_put_string(out, "name", parameter->name);
        json_put_string(out, "in", api_is_in_path(resource, parameter) ? "path" : "query");
        json_put_bool(out, "required", parameter->is_required);
        json_put_string(out, "description", language_pick(language, parameter->zh, parameter->en));
        put_calling(resource, parameter, language, out);
        put_schema(out, parameter);
        json_put_string(out, "example", parameter->example);
        json_close_object(out);
    }
    json_close_array(out);
}

#define FORM_TYPE "application/x-www-form-urlencoded"
#define FORM_SCHEMA                                                                                         \
    "{\"schema\":{\"type\":\"object\",\"required\":[\"account\",\"password\"],\"properties\":{\"account\":" \
    "{\"type\":\"string\"},\"password\":{\"type\":\"string\",\"format\":\"password\"}}}}"

/* A body of XML, as bytes; the format is the message's own matter. Or a form. */
static void put_request_body(const struct api_resource *resource, struct json_out *out) {
    if (!resource->bodies) {
        return;
    }
    json_open_object(out, "requestBody");
    json_put_bool(out, "required", true);
    json_open_object(out, "content");
    for (const char *const *type = resource->bodies; *type; type++) {
        json_put_raw(out, *type, strcmp(*type, FORM_TYPE) == 0 ? TEXT(FORM_SCHEMA) : TEXT("{}"));
    }
    json_close_object(out);
    json_close_object(out);
}

static void put_media_type(struct json_out *out, const char *type, const char *schema) {
    json_open_object(out, type);
    if (schema) {
        put_reference(out, "schema", schema);
    }
    json_close_object(out);
}

static void open_response(struct json_out *out, int http, const char *description) {
    char key[16];
    snprintf(key, sizeof(key), "%d", http);
    json_open_object(out, key);
    json_put_string(out, "description", description);
    json_open_object(out, "content");
}

static void close_response(struct json_out *out) {
    json_close_object(out);
    json_close_object(out);
}

static void put_member(const char *name, const char *suffix, const char *type, const char *description,
                       struct json_out *out) {
    char member[64];
    snprintf(member, sizeof(member), "%s%s", name, suffix);
    json_open_object(out, member);
    put_type(out, type);
    json_put_string(out, "description", description);
    json_close_object(out);
}

/* --- answers that are no lists: their shape ------------------------------------------------------------- */

static void put_shape_member(const struct shape_member *member, enum language language, struct json_out *out);

static void put_required(const struct shape_member *member, struct json_out *out) {
    char zh[SHAPE_NAME_MAX], en[SHAPE_NAME_MAX];
    json_put_string(out, NULL, member->kind == SHAPE_WORDS ? NULL : member->name);
    if (shape_kind_has_names(member->kind)) {
        json_put_string(out, NULL, shape_name_in(member, LANGUAGE_ZH, zh));
        json_put_string(out, NULL, shape_name_in(member, LANGUAGE_EN, en));
    }
}

/* Within an object that is open: what it is made of, and what of that is always there. */
static void put_shape_whole(const struct shape *shape, bool is_nullable, enum language language,
                            struct json_out *out) {
    if (is_nullable) {
        json_put_raw(out, "type", TEXT("[\"object\",\"null\"]"));
    } else {
        put_type(out, "object");
    }
    json_open_object(out, "properties");
    for (const struct shape_member *member = shape->members; member->name; member++) {
        put_shape_member(member, language, out);
    }
    json_close_object(out);
    json_open_array(out, "required");
    for (const struct shape_member *member = shape->members; member->name; member++) {
        if (!member->is_optional) {
            put_required(member, out);
        }
    }
    json_close_array(out);
}

/* The same, or by its name. */
static void put_shape(const struct shape *shape, bool is_nullable, enum language language,
                      struct json_out *out) {
    if (shape->name) {
        require(!is_nullable);
        char name[64];
        snprintf(name, sizeof(name), "#/components/schemas/%s", shape->name);
        json_put_string(out, "$ref", name);
    } else {
        put_shape_whole(shape, is_nullable, language, out);
    }
}

static void put_shape_type(const struct shape_member *member, enum language language, struct json_out *out) {
    if (member->kind == SHAPE_OBJECT) {
        put_shape(member->of, member->is_nullable, language, out);
        return;
    }
    put_type(out, shape_kind_json(member->kind));
    if (member->kind == SHAPE_LIST) {
        json_open_object(out, "items");
        put_shape(member->of, false, language, out);
        json_close_object(out);
    } else if (member->kind == SHAPE_TEXTS) {
        json_put_raw(out, "items", TEXT("{\"type\":\"string\"}"));
    } else if (member->kind == SHAPE_DETAILS) {
        json_put_raw(out, "additionalProperties", TEXT("{\"type\":\"string\"}"));
    }
}

static void put_names(const struct shape_member *member, const char *meaning, struct json_out *out) {
    for (enum language language = LANGUAGE_ZH; language <= LANGUAGE_EN; language++) {
        char name[SHAPE_NAME_MAX];
        put_member(shape_name_in(member, language, name), "", "string", meaning, out);
    }
}

static void put_shape_member(const struct shape_member *member, enum language language,
                             struct json_out *out) {
    const char *meaning = language_pick(language, member->zh, member->en);
    if (member->kind != SHAPE_WORDS) {
        json_open_object(out, member->name);
        json_put_string(out, "description", meaning);
        put_shape_type(member, language, out);
        json_close_object(out);
    }
    if (shape_kind_has_names(member->kind)) {
        put_names(member, meaning, out);
    }
}

const struct shape *const api_named_shapes[] = {
    &finding_shape,         &receipt_shape, &message_shape,         &order_shape,
    &delivery_orders_shape, &session_shape, &report_shape,          &report_direction_shape,
    &report_group_shape,    &figures_shape, &figures_of_part_shape, NULL,
};

static void put_named_shapes(enum language language, struct json_out *out) {
    for (const struct shape *const *shape = api_named_shapes; *shape; shape++) {
        json_open_object(out, (*shape)->name);
        put_shape_whole(*shape, false, language, out);
        json_close_object(out);
    }
}

/* --- answers that are lists: their columns -------------------------------------------------------------- */

static void put_members(const struct rows *rows, enum language language, struct json_out *out) {
    for (size_t i = 0; i < rows->columns_count; i++) {
        const struct row_column *column = &rows->columns[i];
        const char *description = column->name ? row_column_about(column, language) : NULL;
        if (column->name && column->kind != ROW_WORDS) {
            put_member(column->name, "", row_kind_json(column->kind), description, out);
        }
        if (column->name && row_kind_has_names(column->kind)) {
            put_member(column->name, "_zh", "string", description, out);
            put_member(column->name, "_en", "string", description, out);
        }
    }
}

static void put_list(const struct rows *rows, enum language language, struct json_out *out);

static void put_row_schema(const struct rows *rows, enum language language, struct json_out *out) {
    json_open_object(out, "items");
    put_type(out, "object");
    json_open_object(out, "properties");
    put_members(rows, language, out);
    if (rows->detail) {
        put_list(rows->detail, language, out);
    }
    json_close_object(out);
    json_open_array(out, "required");
    for (size_t i = 0; i < rows->columns_count; i++) {
        bool is_member = rows->columns[i].kind != ROW_WORDS;
        json_put_string(out, NULL, is_member ? rows->columns[i].name : NULL);
    }
    json_close_array(out);
    json_close_object(out);
}

static void put_list(const struct rows *rows, enum language language, struct json_out *out) {
    json_open_object(out, rows->name);
    put_type(out, "array");
    put_row_schema(rows, language, out);
    json_close_object(out);
}

static void put_rows_answer(const struct rows *rows, enum language language, struct json_out *out) {
    json_open_object(out, "schema");
    put_type(out, "object");
    json_open_object(out, "properties");
    put_list(rows, language, out);
    json_open_object(out, "more");
    put_type(out, "boolean");
    json_close_object(out);
    json_open_object(out, "next");
    put_type(out, "string");
    json_close_object(out);
    json_close_object(out);
    json_open_array(out, "required");
    json_put_string(out, NULL, rows->name);
    json_put_string(out, NULL, "more");
    json_close_array(out);
    json_close_object(out);
}

/* Where the next page is, of what comes in pages. */
static void put_link(const struct api_resource *resource, enum language language, struct json_out *out) {
    const struct view_parameter *parameter = resource->parameters;
    while (parameter && parameter->name && !parameter->is_of_page) {
        parameter++;
    }
    if (!parameter || !parameter->name) {
        return;
    }
    json_open_object(out, "headers");
    json_open_object(out, "Link");
    json_put_string(out, "description",
                    language_pick(language, "还有更多时：<下一页>; rel=\"next\"（RFC 8288）",
                                  "where there is more: <the next page>; rel=\"next\" (RFC 8288)"));
    json_put_raw(out, "schema", TEXT("{\"type\":\"string\"}"));
    json_close_object(out);
    json_close_object(out);
}

/* The forms in which a question is answered. */
static void put_view_answer(const struct api_resource *resource, enum language language,
                            struct json_out *out) {
    const struct view *view = resource->view;
    open_response(out, 200, http_reason(200));
    for (int form = 0; form < VIEW_FORMS_COUNT; form++) {
        if (!view_has(view, (enum view_form)form)) {
            continue;
        }
        json_open_object(out, view_form_type((enum view_form)form));
        if (form == VIEW_JSON && view->rows) {
            put_rows_answer(view->rows, language, out);
        } else if (form == VIEW_JSON) {
            json_open_object(out, "schema");
            put_shape(view->shape, false, language, out);
            json_close_object(out);
        }
        json_close_object(out);
    }
    json_close_object(out);
    put_link(resource, language, out);
    json_close_object(out);
}

/* --- refusals ------------------------------------------------------------------------------------------- */

/* All problems of one HTTP code: their codes, and what each means. */
static void put_problems(const struct api_meanings *meanings, size_t first, size_t end,
                         enum language language, struct json_out *out) {
    struct buf description;
    buf_init(&description, 16 * 1024);
    for (size_t i = first; i < end; i++) {
        buf_printf(&description, "%s%s: %s", i > first ? "\n" : "", meanings->list[i].code,
                   sentence(&meanings->list[i], language));
    }
    buf_add_char(&description, '\0');
    require(!buf_failed(&description));
    open_response(out, meanings->list[first].http, description.at);
    json_open_object(out, HTTP_PROBLEM_TYPE);
    json_open_object(out, "schema");
    json_open_array(out, "allOf");
    put_reference(out, NULL, "Problem");
    json_open_object(out, NULL);
    json_open_object(out, "properties");
    json_open_object(out, "code");
    json_open_array(out, "anyOf");
    json_open_object(out, NULL);
    json_open_array(out, "enum");
    for (size_t i = first; i < end; i++) {
        bool is_told = false;
        for (size_t j = first; j < i; j++) {
            is_told = is_told || strcmp(meanings->list[i].code, meanings->list[j].code) == 0;
        }
        json_put_string(out, NULL, is_told ? NULL : meanings->list[i].code);
    }
    json_close_array(out);
    json_close_object(out);
    put_reference(out, NULL, "HttpCode");
    json_close_array(out);
    json_close_object(out);
    json_close_object(out);
    json_close_object(out);
    json_close_array(out);
    json_close_object(out);
    json_close_object(out);
    close_response(out);
    buf_release(&description);
}

static void put_responses(const struct api_resource *resource, enum language language, struct json_out *out) {
    struct api_meanings meanings;
    api_gather_meanings(resource, &meanings);
    json_open_object(out, "responses");
    if (resource->view) {
        put_view_answer(resource, language, out);
        json_put_raw(out, "304", TEXT("{\"$ref\":\"#/components/responses/Unchanged\"}"));
    }
    for (const struct api_answer *answer = resource->answers; answer && answer->http; answer++) {
        open_response(out, answer->http, language_pick(language, answer->zh, answer->en));
        if (*answer->type) {
            put_media_type(out, answer->type, answer->schema);
        }
        close_response(out);
    }
    for (size_t first = 0, end; first < meanings.count; first = end) {
        for (end = first + 1; end < meanings.count && meanings.list[end].http == meanings.list[first].http;) {
            end++;
        }
        put_problems(&meanings, first, end, language, out);
    }
    json_put_raw(out, "default", TEXT("{\"$ref\":\"#/components/responses/Http\"}"));
    json_close_object(out);
}

static const char *method_key(enum http_method method) {
    return method == METHOD_POST ? "post" : method == METHOD_DELETE ? "delete" : "get";
}

/* Where it is asked, and how one proves there who one is: one of them is enough. */
static void put_security(const struct api_resource *resource, struct json_out *out) {
    bool machines = resource->is_of_party && resource->is_for_machines;
    bool people = resource->is_of_party && resource->is_for_people;
    json_open_array(out, "x-listeners");
    json_put_string(out, NULL, resource->is_for_machines ? "machines" : NULL);
    json_put_string(out, NULL, resource->is_for_people ? "people" : NULL);
    json_close_array(out);
    json_open_array(out, "security");
    if (machines) {
        json_put_raw(out, NULL, TEXT("{\"certificate\":[]}"));
    }
    if (people) {
        json_put_raw(out, NULL, TEXT("{\"session\":[]}"));
    }
    json_close_array(out);
}

/* Of the accounts, those to whom it is not answered "not for this role". */
static void put_roles(const struct view *view, struct json_out *out) {
    json_open_array(out, "x-roles");
    for (enum sight_role role = SIGHT_PARTY + 1; role < SIGHT_ROLES_COUNT; role++) {
        json_put_string(out, NULL, sight_role_asks(role, view) ? sight_role_text(role) : NULL);
    }
    json_close_array(out);
}

static void put_operation(const struct api_resource *resource, enum language language, struct json_out *out) {
    json_open_object(out, method_key(resource->route.method));
    json_put_string(out, "operationId", resource->name);
    json_put_string(out, "summary", language_pick(language, resource->zh, resource->en));
    put_security(resource, out);
    if (resource->view && resource->is_for_people) {
        put_roles(resource->view, out);
    }
    put_parameters(resource, language, out);
    put_request_body(resource, out);
    put_responses(resource, language, out);
    json_close_object(out);
}

/* A path has all its methods in one object; those of the same path stand anywhere in the table. */
static void put_paths(const struct api *api, enum language language, struct json_out *out) {
    json_open_object(out, "paths");
    for (size_t i = 0; i < api->resources_count; i++) {
        const char *path = api->resources[i].route.pattern;
        bool is_told = false;
        for (size_t j = 0; j < i; j++) {
            is_told = is_told || strcmp(api->resources[j].route.pattern, path) == 0;
        }
        if (is_told) {
            continue;
        }
        json_open_object(out, path);
        for (size_t j = i; j < api->resources_count; j++) {
            if (strcmp(api->resources[j].route.pattern, path) == 0) {
                put_operation(&api->resources[j], language, out);
            }
        }
        json_close_object(out);
    }
    json_close_object(out);
}

/* What HTTP itself refuses, whatever was asked. */
static void put_http_response(enum language language, struct json_out *out) {
    json_open_object(out, "Http");
    json_put_string(out, "description",
                    language_pick(language, "HTTP 层面的拒绝；代码见 /docs",
                                  "refused by HTTP itself; /docs lists the codes"));
    json_open_object(out, "content");
    put_media_type(out, HTTP_PROBLEM_TYPE, "Problem");
    json_close_object(out);
    json_close_object(out);
}

static void put_http_codes(struct json_out *out) {
    json_open_object(out, "HttpCode");
    put_type(out, "string");
    json_open_array(out, "enum");
    for (int refusal = HTTP_REFUSE_NONE + 1; refusal < HTTP_REFUSAL_COUNT; refusal++) {
        const char *code = http_refusal_code((enum http_refusal)refusal);
        bool is_told = false;
        for (int before = HTTP_REFUSE_NONE + 1; before < refusal; before++) {
            is_told = is_told || strcmp(code, http_refusal_code((enum http_refusal)before)) == 0;
        }
        json_put_string(out, NULL, is_told ? NULL : code);
    }
    json_close_array(out);
    json_close_object(out);
}

static const char schemas[] = /* members of an object */
    "\"Description\":{\"type\":\"object\",\"required\":[\"openapi\",\"info\",\"paths\"]},"
    "\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"code\"],\"properties\":{"
    "\"type\":{\"type\":\"string\",\"format\":\"uri-reference\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"code\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"}}},"
    "\"Finding\":{\"type\":\"object\",\"required\":[\"code\",\"severity\",\"text\"],\"properties\":{"
    "\"code\":{\"type\":\"string\"},\"severity\":{\"type\":\"string\"},\"line\":{\"type\":\"integer\"},"
    "\"column\":{\"type\":\"integer\"},\"path\":{\"type\":\"string\"},\"text\":{\"type\":\"string\"},"
    "\"hint\":{\"type\":\"string\"}}},"
    "\"Refusal\":{\"allOf\":[{\"$ref\":\"#/components/schemas/Problem\"},{\"type\":\"object\","
    "\"required\":[\"errors\",\"receipt\"],\"properties\":{\"errors\":{\"type\":\"array\",\"items\":"
    "{\"$ref\":\"#/components/schemas/Finding\"}},\"receipt\":"
    "{\"$ref\":\"#/components/schemas/Receipt\"}}}]}";

void api_describe(const struct api *api, enum language language, struct json_out *out) {
    json_open_object(out, NULL);
    json_put_string(out, "openapi", "3.1.0");
    json_open_object(out, "info");
    json_put_string(out, "title", "Clearway");
    json_put_string(out, "version", CLEARWAY_VERSION);
    json_put_string(
        out, "description",
        language_pick(
            language, "程序以证书、人以登录后的会话证明身份；各方只见其可见者。问题说明依 RFC 9457。",
            "Programs prove who they are by a certificate, whose common name is the party; people by a"
            " session. Each sees what it may see."
            " Problems are those of RFC 9457."));
    json_close_object(out);
    put_paths(api, language, out);
    json_open_object(out, "components");
    json_open_object(out, "schemas");
    put_named_shapes(language, out);
    put_http_codes(out);
    buf_printf(out->buf, ",%s", schemas);
    json_close_object(out);
    json_open_object(out, "responses");
    put_http_response(language, out);
    json_open_object(out, "Unchanged");
    json_put_string(out, "description",
                    language_pick(language, "与 If-None-Match 所示相同", "it is what If-None-Match has"));
    json_close_object(out);
    json_close_object(out);
    json_put_raw(out, "securitySchemes",
                 TEXT("{\"certificate\":{\"type\":\"mutualTLS\"},\"session\":{\"type\":\"apiKey\","
                      "\"in\":\"cookie\",\"name\":\"" API_COOKIE "\"}}"));
    json_close_object(out);
    json_close_object(out);
}
