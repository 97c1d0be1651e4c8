/*
 * resources.c - what machines and people may ask: what is the API's own, and the questions of the list of
 * views. A row makes the route (api.c) and its part of the description (description.c), so that neither can
 * lack what the other has.
 */
#include <string.h>

#include "base/status.h"
#include "check/check.h"
#include "adapters/api/shared.h"

/* What a submission may say beside its body. */
static const struct view_parameter of_submission[] = {
    { .name = "format",
      .type = VIEW_WORD,
      .example = "cn-dec",
      .zh = "报文格式的名称；不给则由报文本身判定",
      .en = "the name of its format; left out, the message itself tells" },
    { .name = "again",
      .type = VIEW_CHOICE,
      .choices = (const char *const[]){ "1", NULL },
      .zh = "处理时被拒收的内容重新处理",
      .en = "decide anew what the engine refused" },
    { .name = NULL },
};

#define LANGUAGE_PARAMETER                                                    \
    {                                                                         \
        .name = "lang", .type = VIEW_CHOICE, .choices = api_page_languages,   \
        .zh = "语言：zh 或 en（默认依 Accept-Language）",                     \
        .en = "the language: zh or en (default: by Accept-Language; else zh)" \
    }

static const struct view_parameter of_page[] = {
    LANGUAGE_PARAMETER,
    { .name = NULL },
};

static const struct view_parameter of_problem[] = {
    { .name = "code",
      .type = VIEW_WORD,
      .is_required = true,
      .example = "not-found",
      .zh = "问题、校验发现、答复或规则的代码",
      .en = "the code of a problem, a finding, an answer or a rule" },
    LANGUAGE_PARAMETER,
    { .name = NULL },
};

/* Which events; nothing: all that the party may know of. */
static const struct view_parameter of_events[] = {
    { .name = "after",
      .type = VIEW_WORD,
      .example = "0",
      .zh = "自此事件编号之后（Last-Event-ID 优先）；不给则自现在起",
      .en = "from behind this event on, unless Last-Event-ID says it; left out, from now on" },
    { .name = "subject",
      .type = VIEW_WORD,
      .example = "CNQDG/COSU6201234567",
      .zh = "只此货物",
      .en = "only of these goods" },
    { .name = "port", .type = VIEW_WORD, .example = "CNQDG", .zh = "只此口岸", .en = "only of this port" },
    { .name = "family",
      .type = VIEW_WORD,
      .example = "declaration",
      .zh = "只此报文种类所告知的",
      .en = "only what messages of this family tell" },
    { .name = "type",
      .type = VIEW_CHOICE,
      .choices = api_event_types,
      .zh = "只此类",
      .en = "only of this type" },
    { .name = NULL },
};

#define REASON_PARAMETER                                                                 \
    {                                                                                    \
        .name = "reason", .type = VIEW_WORD, .is_required = true, .example = "INC-2121", \
        .zh = "原因，与账号一并记入日志", .en = "why; it is recorded, with the account"  \
    }

/* What an operator may order of deliveries; their ids stand in the body. */
static const struct view_parameter of_delivery_order[] = {
    { .name = "order",
      .type = VIEW_CHOICE,
      .choices = (const char *const[]){ "redrive", "drop", NULL },
      .is_required = true,
      .example = "redrive",
      .zh = "redrive 再次投递，drop 不再投递",
      .en = "redrive: deliver it after all; drop: no more" },
    REASON_PARAMETER,
    { .name = NULL },
};

/* ... and of records that wait for somebody. */
static const struct view_parameter of_record_order[] = {
    { .name = "order",
      .type = VIEW_CHOICE,
      .choices = (const char *const[]){ "release", "drop", "link", "alert-ack", "clock-accept", NULL },
      .is_required = true,
      .example = "release",
      .zh = "release 解除，drop 丢弃，link 关联，alert-ack 确认预警，clock-accept 采信系统时钟",
      .en = "release, drop, link, alert-ack or clock-accept" },
    { .name = "record",
      .type = VIEW_NUMBER,
      .example = "57",
      .zh = "其记录（clock-accept 除外）",
      .en = "its record; of all but clock-accept" },
    { .name = "to",
      .type = VIEW_NUMBER,
      .example = "17",
      .zh = "link：报关单的记录",
      .en = "link: the record of the declaration" },
    REASON_PARAMETER,
    { .name = NULL },
};

static const struct api_answer of_order[] = {
    { 200, "application/json", "Order", "已记录，此为处理结果", "it is recorded: what was decided" },
    { 202, "application/json", "Order", "已记录，稍后处理", "it is recorded, and will be decided" },
    { 409, HTTP_PROBLEM_TYPE, "Problem", "已记录，处理时拒绝", "it is recorded, and was refused" },
    { 0 },
};

static const struct api_answer of_delivery_orders[] = {
    { 200, "application/json", "DeliveryOrders", "已记录并已执行多少，哪些没有及其原因",
      "how many were recorded, and are followed; which were not, and why" },
    { 202, "application/json", "DeliveryOrders", "已记录多少，稍后执行，哪些没有及其原因",
      "how many were recorded, and will be followed; which were not, and why" },
    { 0 },
};

static const struct api_answer of_intake[] = {
    { 202, "application/json", "Receipt", "已记录，此为回执", "it is recorded: the receipt" },
    { 200, "application/json", "Message", "Prefer: wait 之内已有处理结果",
      "the decision was made within Prefer: wait" },
    { 409, HTTP_PROBLEM_TYPE, "Refusal", "已记录：编号已用于内容不同的报文",
      "recorded: its id was used for other bytes" },
    { 422, HTTP_PROBLEM_TYPE, "Refusal", "已记录并拒收，errors 说明各处错误",
      "recorded and refused; `errors` says what is wrong, and where" },
    { 0 },
};

#define ANSWERS(type, schema, zh, en) ((const struct api_answer[]){ { 200, type, schema, zh, en }, { 0 } })
#define DOCUMENT(type, schema, zh, en)                                                  \
    ((const struct api_answer[]){                                                       \
        { 200, type, schema, zh, en },                                                  \
        { 304, "", NULL, "与 If-None-Match 所示相同", "it is what If-None-Match has" }, \
        { 0 } })
#define STATUSES(...) ((const enum status[]){ __VA_ARGS__, STATUS_OK })
#define PROBLEMS(...) ((const enum api_problem[]){ __VA_ARGS__, API_PROBLEMS_COUNT })

#define BODIES(...)   ((const char *const[]){ __VA_ARGS__, NULL })
#define FORM_TYPE     "application/x-www-form-urlencoded"

static const struct api_answer of_sign_out[] = {
    { 204, "", NULL, "已退出", "signed out" },
    { 0 },
};

static const struct api_resource own_resources[] = {
    { { METHOD_POST, "/v1/messages", .handle = api_take_message, .admit = api_admit_message,
        .body_max = CHECK_BODY_MAX },
      .name = "submit",
      .bodies = BODIES("application/xml", "text/xml"),
      .zh = "提交报文",
      .en = "hand over a message",
      .parameters = of_submission,
      .answers = of_intake,
      .problems = PROBLEMS(API_PROBLEM_AGAIN, API_PROBLEM_NOT_XML),
      .statuses = STATUSES(STATUS_DENIED, STATUS_THROTTLED, STATUS_QUOTA, STATUS_IO, STATUS_DAMAGED,
                           STATUS_BUSY, STATUS_FULL, STATUS_CLOSED),
      .is_of_party = true,
      .is_for_people = true,
      .is_for_machines = true },
    { { METHOD_GET, "/v1/events", .handle = api_open_events },
      .name = "events",
      .zh = "事件流：处理结果、节点与其他变化，随发生随告知",
      .en = "decisions, milestones and what else moves as it happens, as server-sent events",
      .parameters = of_events,
      .answers = ANSWERS("text/event-stream", NULL, "不结束的事件流", "events, without an end"),
      .problems = PROBLEMS(API_PROBLEM_NO_EVENT, API_PROBLEM_EVENT_TYPE),
      .statuses = STATUSES(STATUS_BUSY),
      .is_of_party = true,
      .is_for_people = true,
      .is_for_machines = true },
    { { METHOD_POST, "/v1/session", .handle = api_sign_in, .body_max = API_FORM_MAX },
      .name = "sign-in",
      .zh = "登录：表单 account 与 password",
      .en = "sign in, by a form with account and password",
      .bodies = BODIES(FORM_TYPE),
      .answers = ANSWERS("application/json", "Session", "已登录，会话在 Cookie 中",
                         "signed in; the session is in a cookie"),
      .problems = PROBLEMS(API_PROBLEM_FORM, API_PROBLEM_SIGN_IN, API_PROBLEM_NOT_FORM, API_PROBLEM_TRIES,
                           API_PROBLEM_HASHING),
      .statuses = STATUSES(STATUS_BUSY, STATUS_CLOSED),
      .is_for_people = true },
    { { METHOD_GET, "/v1/session", .handle = api_show_session },
      .name = "session",
      .zh = "以谁的身份登录，到何时为止",
      .en = "who is signed in, and until when",
      .answers = ANSWERS("application/json", "Session", "账户与会话", "the account and its session"),
      .is_of_party = true,
      .is_for_people = true },
    { { METHOD_DELETE, "/v1/session", .handle = api_sign_out },
      .name = "sign-out",
      .zh = "退出：会话即告结束",
      .en = "sign out: the session is over",
      .answers = of_sign_out,
      .statuses = STATUSES(STATUS_BUSY),
      .is_for_people = true },
    { { METHOD_POST, "/v1/orders/deliveries/{order}", .handle = api_people_order_deliveries,
        .admit = api_admit_view, .body_max = API_ORDERS_BODY_MAX },
      .name = "order-deliveries",
      .bodies = BODIES("text/plain"),
      .zh = "运维人员对投递的指令，每行一个投递编号 RECORD/PARTY，至多 128 个",
      .en = "an operator's order about deliveries: their ids RECORD/PARTY, one a line, 128 at most",
      .parameters = of_delivery_order,
      .answers = of_delivery_orders,
      .problems = PROBLEMS(API_PROBLEM_DELIVERY_ORDER, API_PROBLEM_NO_ORDER),
      .statuses = STATUSES(STATUS_TOO_LARGE, STATUS_IO, STATUS_CLOSED, STATUS_BEHIND),
      .is_of_party = true,
      .is_for_people = true },
    { { METHOD_POST, "/v1/orders/records/{order}", .handle = api_people_order_record, .admit = api_admit_view,
        .body_max = 0 },
      .name = "order-record",
      .zh = "运维人员对暂挂或隔离的记录、待关联的回执、预警与时钟的指令",
      .en =
          "an operator's order about a record that is held or in quarantine, an answer, an alert, the clock",
      .parameters = of_record_order,
      .answers = of_order,
      .problems = PROBLEMS(API_PROBLEM_NO_ORDER),
      .statuses = STATUSES(STATUS_IO, STATUS_BUSY, STATUS_FULL, STATUS_CLOSED, STATUS_BEHIND),
      .is_of_party = true,
      .is_for_people = true },
    { { METHOD_GET, "/openapi.json", .handle = api_show_description },
      .name = "description",
      .is_for_people = true,
      .is_for_machines = true,
      .zh = "本接口的 OpenAPI 3.1 描述",
      .en = "this API, described in OpenAPI 3.1",
      .parameters = of_page,
      .answers = DOCUMENT("application/json", "Description", "描述", "the description") },
    { { METHOD_GET, "/docs", .handle = api_show_documents },
      .name = "documents",
      .is_for_people = true,
      .is_for_machines = true,
      .zh = "供人阅读的接口说明",
      .en = "the same for people",
      .parameters = of_page,
      .answers = DOCUMENT("text/html; charset=utf-8", NULL, "页面", "a page") },
    { { METHOD_GET, "/docs/style.css", .handle = api_show_style },
      .name = "style",
      .is_for_people = true,
      .is_for_machines = true,
      .zh = "说明页的样式",
      .en = "how the pages look",
      .answers = DOCUMENT("text/css; charset=utf-8", NULL, "样式", "a style sheet") },
    { { METHOD_GET, HTTP_PROBLEM_PAGES "{code}", .handle = api_show_problem },
      .name = "problem",
      .is_for_people = true,
      .is_for_machines = true,
      .zh = "代码的含义：问题、校验发现、答复与规则",
      .en = "what a code means: of a problem, a finding, an answer or a rule",
      .parameters = of_problem,
      .answers = DOCUMENT("text/html; charset=utf-8", NULL, "页面", "a page"),
      .problems = PROBLEMS(API_PROBLEM_NO_PROBLEM) },
};

/* What its query may have is what it is described with: any other name is refused by the router. */
static const char *const *query_of(struct api *api, const struct api_resource *resource) {
    const struct view_parameter *parameters = resource->parameters;
    size_t count = 0;
    while (parameters && parameters[count].name) {
        count++;
    }
    const char **names = arena_alloc(api->arena, (count + 1) * sizeof(*names)), **end = names;
    for (size_t i = 0; i < count; i++) {
        if (!api_is_in_path(resource, &parameters[i])) {
            *end++ = parameters[i].name;
        }
    }
    *end = NULL;
    return names;
}

size_t api_resources(struct api *api, struct api_resource **out) {
    size_t count = sizeof(own_resources) / sizeof(*own_resources);
    struct api_resource *resources = arena_alloc(api->arena, (count + VIEWS_MAX) * sizeof(*resources));
    memcpy(resources, own_resources, sizeof(own_resources));
    count = api_add_views(api, resources, count);
    for (size_t i = 0; i < count; i++) {
        resources[i].route.query = query_of(api, &resources[i]);
    }
    *out = resources;
    return count;
}
