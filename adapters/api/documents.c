/*
 * documents.c - what explains the API to who builds on it: its description for programs (description.c), and
 * pages for people, of what may be asked and of what each code means: of problems, findings, answers and the
 * rules in force. Pages are plain HTML;
 * nothing in them runs, and nothing comes from elsewhere. The language is that of the address, `?lang=en`,
 * which links of a page keep; otherwise the one that the browser asks for.
 */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/status.h"
#include "message/finding_code.h"
#include "message/markup.h"
#include "edition/rule_set.h"
#include "view/rows.h"
#include "adapters/api/shared.h"

#define PAGE_TYPE "text/html; charset=utf-8"

#define PAGE_POLICY \
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

static const char style[] = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
                            "padding:0 1rem;color:#1b1f24;background:#fff}"
                            "h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;"
                            "border-top:1px solid #ccd2d9;padding-top:1rem}"
                            "code{font:14px ui-monospace,monospace;background:#f0f2f5;padding:.1rem .3rem}"
                            "table{border-collapse:collapse;width:100%}"
                            "td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;"
                            "overflow-wrap:anywhere}"
                            "pre{background:#f0f2f5;padding:.6rem .8rem;overflow-x:auto}"
                            "pre code{padding:0}.contents{padding:0;list-style:none}"
                            ".contents li{padding:.15rem 0}summary{cursor:pointer}"
                            "@media(prefers-color-scheme:dark){body{color:#e3e6ea;background:#16191d}"
                            "code,pre{background:#262b31}h2{border-color:#3a4149}a{color:#8ab4f8}}";

/* --- pieces of a page ----------------------------------------------------------------------------------- */

struct page {
    struct buf body;
    enum language language;
    const char *lang; /* of its links: "?lang=en"; "" where the address has none */
};

const char *const api_page_languages[] = { "zh", "en", NULL };

static bool is_asked(const struct http_request *req, const char *lang) {
    return text_is(http_query_parameter(req, "lang"), lang);
}

static enum language language_of(const struct http_request *req) {
    return is_asked(req, "en")   ? LANGUAGE_EN
           : is_asked(req, "zh") ? LANGUAGE_ZH
                                 : http_request_language(req, LANGUAGE_ZH);
}

static const char *in(const struct page *page, const char *zh, const char *en) {
    return language_pick(page->language, zh, en);
}

static void open_page(struct page *page, struct http_request *req, const char *title) {
    page->language = language_of(req);
    page->lang = is_asked(req, "en") ? "?lang=en" : is_asked(req, "zh") ? "?lang=zh" : "";
    buf_init(&page->body, API_ANSWER_MAX);
    buf_printf(&page->body,
               "<!DOCTYPE html><html lang=\"%s\"><head><meta charset=\"utf-8\">"
               "<meta name=\"viewport\" content=\"width=device-width\"><title>",
               in(page, "zh", "en"));
    markup_text(&page->body, text_of(title));
    buf_add_string(&page->body, "</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body>");
    buf_add_string(&page->body,
                   in(page, "<p><a href=\"?lang=en\" lang=\"en\" hreflang=\"en\">English</a></p>",
                      "<p><a href=\"?lang=zh\" lang=\"zh\" hreflang=\"zh\">中文</a></p>"));
    buf_add_string(&page->body, "<h1>");
    markup_text(&page->body, text_of(title));
    buf_add_string(&page->body, "</h1>");
}

/* Who has it already is sent nothing. policy: of a page; NULL: it is none. */
static void answer_document(struct http_request *req, const char *type, const char *policy,
                            struct text body) {
    struct digest digest = digest_of(body.at, body.length);
    char hex[DIGEST_HEX_MAX], tag[DIGEST_HEX_MAX + 2];
    snprintf(tag, sizeof(tag), "\"%s\"", digest_hex(&digest, hex));
    const struct http_header headers[] = {
        { "ETag", tag },
        { "Cache-Control", "no-cache" },
        { "Vary", "Accept-Language" },
        { "X-Content-Type-Options", "nosniff" },
        { policy ? "Content-Security-Policy" : NULL, policy },
        { NULL, NULL },
    };
    bool has = http_request_has(req, text_of(tag));
    http_answer(req, has ? 304 : 200, has ? NULL : type, headers, has ? TEXT("") : body);
}

static void answer_page(struct page *page, struct http_request *req) {
    buf_add_string(&page->body, "</body></html>\n");
    require(!buf_failed(&page->body));
    answer_document(req, PAGE_TYPE, PAGE_POLICY, buf_text(&page->body));
    buf_release(&page->body);
}

static void add_element(struct page *page, const char *name, const char *content) {
    markup_element(&page->body, name, text_of(content));
}

static void add_heading_row(struct page *page, const char *const *names, size_t count) {
    buf_add_string(&page->body, "<table><tr>");
    for (size_t i = 0; i < count; i++) {
        add_element(page, "th", names[i]);
    }
    buf_add_string(&page->body, "</tr>");
}

/* --- what may be asked ---------------------------------------------------------------------------------- */

static const char *type_of(const struct page *page, const struct view_parameter *parameter) {
    switch (parameter->type) {
    case VIEW_WORD: return in(page, "文本", "text");
    case VIEW_NUMBER: return in(page, "数字", "number");
    case VIEW_MONTH: return "YYYY-MM";
    case VIEW_DAY: return "YYYY-MM-DD";
    case VIEW_MOMENT: return "YYYY-MM-DD[THH:MM:SS[±HH:MM]]";
    case VIEW_CHOICE: return in(page, "选项", "choice");
    case VIEW_CURSOR: return "next";
    }
    panic("a parameter of no type: %s", parameter->name);
}

static void add_parameters(struct page *page, const struct view_parameter *parameter) {
    if (!parameter || !parameter->name) {
        return;
    }
    add_heading_row(page,
                    (const char *const[]){ in(page, "参数", "parameter"), in(page, "形式", "form"),
                                           in(page, "含义", "meaning") },
                    3);
    for (; parameter->name; parameter++) {
        buf_add_string(&page->body, "<tr><td>");
        add_element(page, "code", parameter->name);
        buf_add_string(&page->body, parameter->is_required ? " *</td>" : "</td>");
        add_element(page, "td", type_of(page, parameter));
        add_element(page, "td", in(page, parameter->zh, parameter->en));
        buf_add_string(&page->body, "</tr>");
    }
    buf_add_string(&page->body, "</table>");
}

static void add_code(struct page *page, const struct api_meaning *meaning) {
    buf_add_string(&page->body, "<a href=\"" HTTP_PROBLEM_PAGES);
    markup_text(&page->body, text_of(meaning->code));
    buf_printf(&page->body, "%s\">", page->lang);
    add_element(page, "code", meaning->code);
    buf_add_string(&page->body, "</a>");
}

static void add_meaning(struct page *page, const struct api_meaning *meaning) {
    buf_printf(&page->body, "<tr><td>%d</td><td>", meaning->http);
    add_code(page, meaning);
    buf_add_string(&page->body, "</td>");
    add_element(page, "td", in(page, meaning->zh, meaning->en));
    buf_add_string(&page->body, "</tr>");
}

static void open_meanings(struct page *page) {
    add_heading_row(
        page, (const char *const[]){ "HTTP", in(page, "问题代码", "problem"), in(page, "含义", "meaning") },
        3);
}

static void add_answers(struct page *page, const struct api_resource *resource) {
    struct buf types;
    buf_init(&types, 1024);
    for (int form = 0; resource->view && form < VIEW_FORMS_COUNT; form++) {
        if (view_has(resource->view, (enum view_form)form)) {
            buf_printf(&types, "%s%s", types.length ? ", " : "", view_form_type((enum view_form)form));
        }
    }
    if (types.length) {
        buf_add_string(&page->body, "<p>200: ");
        markup_text(&page->body, buf_text(&types));
        buf_add_string(&page->body, "</p>");
    }
    for (const struct api_answer *answer = resource->answers; answer && answer->http; answer++) {
        buf_printf(&page->body, "<p>%d: ", answer->http);
        markup_text(&page->body, text_of(in(page, answer->zh, answer->en)));
        buf_printf(&page->body, *answer->type ? " (%s)</p>" : "%s</p>", answer->type);
    }
    buf_release(&types);
}

/* --- what is answered ----------------------------------------------------------------------------------- */

static void open_members(struct page *page) {
    add_heading_row(page,
                    (const char *const[]){ in(page, "答复", "answer"), in(page, "类型", "type"),
                                           in(page, "含义", "meaning") },
                    3);
}

/* of: another table of this page; NULL: none. */
static void add_member(struct page *page, const char *path, const char *name, const char *type,
                       const char *of, const char *meaning) {
    buf_add_string(&page->body, "<tr><td><code>");
    markup_text(&page->body, text_of(path));
    markup_text(&page->body, text_of(name));
    buf_add_string(&page->body, "</code></td><td>");
    markup_text(&page->body, text_of(type));
    if (of) {
        buf_printf(&page->body, " <a href=\"#%s\">%s</a>", of, of);
    }
    buf_add_string(&page->body, "</td>");
    add_element(page, "td", meaning);
    buf_add_string(&page->body, "</tr>");
}

#define MEMBER_PATH_MAX 256

/* One by one, with those inside: "consignments[].bookings[].site". */
static void add_members(struct page *page, const struct shape *shape, const char *path) {
    for (const struct shape_member *member = shape->members; member->name; member++) {
        const char *meaning = in(page, member->zh, member->en);
        const char *of = member->of ? member->of->name : NULL;
        if (member->kind != SHAPE_WORDS) {
            add_member(page, path, member->name, shape_kind_json(member->kind), of, meaning);
        }
        for (enum language language = LANGUAGE_ZH; language <= LANGUAGE_EN; language++) {
            char name[SHAPE_NAME_MAX];
            if (shape_kind_has_names(member->kind)) {
                add_member(page, path, shape_name_in(member, language, name), "string", NULL, meaning);
            }
        }
        if (member->of && !of) {
            char inside[MEMBER_PATH_MAX];
            const char *list = member->kind == SHAPE_LIST ? "[]" : "";
            snprintf(inside, sizeof(inside), "%s%s%s.", path, member->name, list);
            add_members(page, member->of, inside);
        }
    }
}

/* The same of a list: what its rows are made of. */
static void add_columns(struct page *page, const struct rows *rows, const char *path) {
    char inside[MEMBER_PATH_MAX];
    snprintf(inside, sizeof(inside), "%s%s[].", path, rows->name);
    for (size_t i = 0; i < rows->columns_count; i++) {
        const struct row_column *column = &rows->columns[i];
        const char *meaning = column->name ? row_column_about(column, page->language) : "";
        if (column->name && column->kind != ROW_WORDS) {
            add_member(page, inside, column->name, row_kind_json(column->kind), NULL, meaning);
        }
        for (enum language language = LANGUAGE_ZH; language <= LANGUAGE_EN; language++) {
            if (column->name && row_kind_has_names(column->kind)) {
                char name[SHAPE_NAME_MAX];
                snprintf(name, sizeof(name), "%s_%s", column->name, language_pick(language, "zh", "en"));
                add_member(page, inside, name, "string", NULL, meaning);
            }
        }
    }
    if (rows->detail) {
        add_columns(page, rows->detail, inside);
    }
}

static void add_rows(struct page *page, const struct rows *rows) {
    static const struct shape_member members[] = { PAGE_MEMBERS, SHAPE_END };
    static const struct shape behind = { .members = members };
    open_members(page);
    add_columns(page, rows, "");
    add_members(page, &behind, "");
    buf_add_string(&page->body, "</table>");
}

static void add_shape(struct page *page, const struct shape *shape) {
    if (shape->name) {
        buf_printf(&page->body, "<p>200: <a href=\"#%s\">%s</a></p>", shape->name, shape->name);
    } else {
        open_members(page);
        add_members(page, shape, "");
        buf_add_string(&page->body, "</table>");
    }
}

static void add_named_shapes(struct page *page) {
    for (const struct shape *const *shape = api_named_shapes; *shape; shape++) {
        buf_printf(&page->body, "<h2 id=\"%s\">%s</h2>", (*shape)->name, (*shape)->name);
        open_members(page);
        add_members(page, *shape, "");
        buf_add_string(&page->body, "</table>");
    }
}

/* "GET /v1/alerts" */
static void add_request_line(struct page *page, const struct api_resource *resource) {
    buf_printf(&page->body, "<code>%s ", http_method_name(resource->route.method));
    markup_text(&page->body, text_of(resource->route.pattern));
    buf_add_string(&page->body, "</code>");
}

/* What there is, a line each that leads to it. */
static void add_contents(struct page *page, const struct api *api) {
    buf_add_string(&page->body, "<ul class=\"contents\">");
    for (size_t i = 0; i < api->resources_count; i++) {
        buf_printf(&page->body, "<li><a href=\"#%s\">", api->resources[i].name);
        add_request_line(page, &api->resources[i]);
        buf_add_string(&page->body, "</a> ");
        markup_text(&page->body, text_of(in(page, api->resources[i].zh, api->resources[i].en)));
        buf_add_string(&page->body, "</li>");
    }
    buf_add_string(&page->body, "</ul>");
}

/* What a newcomer types first. */
static void add_first_steps(struct page *page) {
    add_element(page, "h2", in(page, "从这里开始", "To begin with"));
    add_element(page, "p",
                in(page, "程序：以参与方证书查询、收听、提交。URL 是机器地址。",
                   "A program, with its party's certificate; URL is the address for machines."));
    buf_add_string(&page->body,
                   "<pre><code>curl --cert PARTY.pem --key PARTY.key --cacert CA.pem $URL/v1/track/BILL\n"
                   "curl --cert PARTY.pem --key PARTY.key --cacert CA.pem -N $URL/v1/events\n"
                   "curl --cert PARTY.pem --key PARTY.key --cacert CA.pem -H 'Prefer: wait=10'"
                   " --data-binary @MESSAGE.xml -H 'Content-Type: application/xml'"
                   " $URL/v1/messages</code></pre>");
    add_element(
        page, "p",
        in(page, "人：登录一次，此后以会话查询；写操作（登录也是）须带配置中的 Origin。",
           "A person signs in once, and asks with the session; what changes something, signing in too,"
           " needs an Origin that is configured."));
    buf_add_string(&page->body, "<pre><code>curl -c SESSION -H \"Origin: $URL\" --data-urlencode account=NAME"
                                " --data-urlencode password=PASSWORD $URL/v1/session\n"
                                "curl -b SESSION $URL/v1/alerts</code></pre>");
    add_element(
        page, "p",
        in(page,
           "列表分页：答复的 next 作为 after 再问，或随 Link。时间带时差，不带者为东八区。"
           "拒绝为 RFC 9457，其 type 是解释该代码的页面，Accept-Language 定语言。",
           "Lists come in pages: ask again with after, which is the next of an answer, or follow Link."
           " Times have an offset; without one they are of Asia/Shanghai. Refusals are RFC 9457: their"
           " type is a page that explains the code, in the language of Accept-Language."));
}

static void add_resource(struct page *page, const struct api_resource *resource) {
    struct api_meanings meanings;
    buf_printf(&page->body, "<h2 id=\"%s\">", resource->name);
    add_request_line(page, resource);
    buf_add_string(&page->body, "</h2>");
    add_element(page, "p", in(page, resource->zh, resource->en));
    add_parameters(page, resource->parameters);
    add_answers(page, resource);
    if (resource->view && resource->view->shape) {
        add_shape(page, resource->view->shape);
    }
    if (resource->view && resource->view->rows) {
        add_rows(page, resource->view->rows);
    }
    api_gather_meanings(resource, &meanings);
    if (meanings.count) { /* much the same everywhere: opened by who wants to know */
        buf_printf(&page->body, "<details><summary>%s (%zu)</summary>",
                   in(page, "可能的拒绝", "how it may be refused"), meanings.count);
        open_meanings(page);
        for (size_t i = 0; i < meanings.count; i++) {
            add_meaning(page, &meanings.list[i]);
        }
        buf_add_string(&page->body, "</table></details>");
    }
}

void api_show_documents(struct http_request *req, void *context) {
    struct api *api = context;
    struct page page;
    open_page(&page, req, language_pick(language_of(req), "接口说明", "The API"));
    add_element(&page, "p",
                in(&page, "程序以证书、人以登录后的会话提问，各方只见其可见者。* 为必给。",
                   "Programs ask with a certificate, people with a session; each sees what it may see. * is"
                   " required."));
    buf_printf(&page.body, "<p>%s <a href=\"/openapi.json%s\">/openapi.json</a></p>",
               in(&page, "机器可读（OpenAPI 3.1）：", "For programs, OpenAPI 3.1:"), page.lang);
    add_first_steps(&page);
    add_contents(&page, api);
    for (size_t i = 0; i < api->resources_count; i++) {
        add_resource(&page, &api->resources[i]);
    }
    add_named_shapes(&page);
    add_element(&page, "h2", in(&page, "HTTP 层面的拒绝", "What HTTP itself refuses"));
    open_meanings(&page);
    for (int refusal = HTTP_REFUSE_NONE + 1; refusal < HTTP_REFUSAL_COUNT; refusal++) {
        struct api_meaning meaning = api_meaning_of_refusal((enum http_refusal)refusal);
        add_meaning(&page, &meaning);
    }
    buf_add_string(&page.body, "</table>");
    answer_page(&page, req);
}

/* --- what a code means ---------------------------------------------------------------------------------- */

static const char *advice(const struct page *page, enum retry retry) {
    switch (retry) {
    case RETRY_NEVER: return in(page, "原样再试不会有别的结果", "the same again will be answered the same");
    case RETRY_LATER: return in(page, "稍后再试", "try again later");
    case RETRY_AFTER_REPAIR: return in(page, "改正后再试", "mend it, and try again");
    }
    panic("no such advice: %d", (int)retry);
}

static void add_explanation(struct page *page, const struct api_meaning *meaning) {
    buf_printf(&page->body, "<tr><td>%d %s</td><td>", meaning->http, http_reason(meaning->http));
    add_element(page, "code", *meaning->question ? meaning->question : "*");
    buf_add_string(&page->body, "</td>");
    add_element(page, "td", in(page, meaning->zh, meaning->en));
    add_element(page, "td", advice(page, meaning->retry));
    buf_add_string(&page->body, "</tr>");
}

/* What there is to say of a code, a row each; "" is left out. */
static void add_fact(struct page *page, const char *name, const char *text) {
    if (*text) {
        buf_add_string(&page->body, "<tr>");
        add_element(page, "th", name);
        add_element(page, "td", text);
        buf_add_string(&page->body, "</tr>");
    }
}

static void add_finding(struct page *page, const struct finding_meaning *meaning) {
    const char *own = in(page, "本网关的规定", "a rule of this gateway");
    buf_add_string(&page->body, "<table>");
    add_fact(page, in(page, "含义", "meaning"), in(page, meaning->zh, meaning->en));
    add_fact(page, in(page, "怎么办", "what to do"),
             in(page, meaning->explanation_zh, meaning->explanation_en));
    add_fact(page, in(page, "依据", "basis"), *meaning->basis ? meaning->basis : own);
    buf_add_string(&page->body, "</table>");
}

static void add_day(struct page *page, const char *name, int32_t day) {
    char text[STAMP_TEXT_MAX];
    if (day != INT32_MIN && day != INT32_MAX) {
        add_fact(page, name, day_print(day, text));
    }
}

static void add_rule(struct page *page, const struct rule *rule) {
    buf_add_string(&page->body, "<table>");
    add_fact(page, in(page, "含义", "meaning"), in(page, rule->zh, rule->en));
    add_fact(page, in(page, "怎么办", "what to do"), in(page, rule->hint_zh, rule->hint_en));
    add_fact(page, in(page, "依据", "basis"), rule->basis);
    add_fact(page, in(page, "报文种类", "families"), rule->families_text);
    add_fact(page, in(page, "级别", "severity"), severity_text(rule->severity));
    add_day(page, in(page, "自", "since"), rule->since);
    add_day(page, in(page, "至（不含）", "until"), rule->until);
    add_fact(page, in(page, "条件", "when"), rule->when_text);
    add_fact(page, in(page, "要求", "require"), rule->require_text);
    buf_add_string(&page->body, "</table>");
}

/* How many meanings it has. Several questions may give one code a sentence of their own. */
static size_t add_problems_of(struct page *page, struct text code) {
    struct api_meaning meaning;
    size_t count = 0;
    for (size_t place = 0; api_meaning_at(place, &meaning); place++) {
        if (!text_is(code, meaning.code)) {
            continue;
        }
        if (count++ == 0) {
            add_heading_row(page,
                            (const char *const[]){ "HTTP", in(page, "何处", "where"),
                                                   in(page, "含义", "meaning"),
                                                   in(page, "怎么办", "what to do") },
                            4);
        }
        add_explanation(page, &meaning);
    }
    buf_add_string(&page->body, count ? "</table>" : "");
    return count;
}

/* Several rules may have one code. */
static size_t add_rules_of(struct page *page, const struct rule_set *rules, struct text code) {
    size_t count = 0;
    for (size_t i = 0; i < rules->count; i++) {
        if (text_is(code, rules->list[i].code)) {
            add_rule(page, &rules->list[i]);
            count++;
        }
    }
    return count;
}

void api_show_problem(struct http_request *req, void *context) {
    const struct api *api = context;
    struct text code = http_path_parameter(req, "code");
    const struct finding_meaning *finding = finding_meaning_find(arena_copy(req->arena, code));
    struct page page;
    open_page(&page, req, arena_copy(req->arena, code));
    size_t count = add_problems_of(&page, code) + add_rules_of(&page, api->edition->rules, code);
    if (finding) {
        add_finding(&page, finding);
    } else if (!count) {
        buf_release(&page.body);
        api_problem(req, API_PROBLEM_NO_PROBLEM);
        return;
    }
    answer_page(&page, req);
}

/* --- and what belongs to both --------------------------------------------------------------------------- */

void api_show_style(struct http_request *req, void *context) {
    answer_document(req, "text/css; charset=utf-8", NULL, text_of(style));
}

void api_show_description(struct http_request *req, void *context) {
    struct buf body;
    struct json_out out;
    api_start_body(&body, &out);
    api_describe(context, language_of(req), &out);
    api_answer_question(req, "application/json", NULL, &body);
}
