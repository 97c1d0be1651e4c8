/*
 * command_explain.c - `clearway explain`: what a code stands for: of findings and answers of the gateway
 * itself (message/finding_code.h), of business rules (schemas/rules), of what the gateway answers when it
 * takes nothing (base/status.h). One verb knows them all, for who meets a code in a receipt cannot know
 * whose it is.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log_events.h"
#include "message/finding_code.h"
#include "message/mistakes.h"
#include "edition/rule_set.h"
#include "daemon/command.h"
#include "daemon/rule_text.h"

#define PRINT_MAX (16u << 20)
#define CODE_MAX  64

static const struct option_row options[] = {
    { "schemas", "FOLDER", "字段、格式与规则（默认按配置）",
      "fields, formats and rules (default: of the configuration)" },
    OPTIONS_END,
};

/* What is told of a code, row by row; "" for what there is not. */
struct row {
    const char *name, *text;
};

struct explaining {
    struct invocation *inv;
    struct edition *edition; /* with the rules; NULL as long as no code asked for them */
    struct rule_set *rules;
    struct buf buf;
    struct json_out json;
    size_t told;
};

static void begin(struct explaining *explaining) {
    if (explaining->told++ > 0 && !explaining->inv->json) {
        buf_add_char(&explaining->buf, '\n');
    }
}

static void tell(struct explaining *explaining, const struct row *rows) {
    begin(explaining);
    if (explaining->inv->json) {
        json_open_object(&explaining->json, NULL);
        for (; rows->name; rows++) {
            json_put_string(&explaining->json, rows->name, rows->text);
        }
        json_close_object(&explaining->json);
        return;
    }
    for (; rows->name; rows++) {
        if (*rows->text) {
            buf_printf(&explaining->buf, "%-11s %s\n", rows->name, rows->text);
        }
    }
}

/* --- the gateway's own ---------------------------------------------------------------------------------- */

static bool tell_meaning(struct explaining *explaining, const char *code) {
    const struct invocation *inv = explaining->inv;
    const struct finding_meaning *meaning = finding_meaning_find(code);
    if (!meaning) {
        return false;
    }
    const char *own = invocation_pick(inv, "本网关的规定", "a rule of this gateway");
    const struct row rows[] = {
        { "code", meaning->code },
        { "basis", *meaning->basis ? meaning->basis : own },
        { "meaning", invocation_pick(inv, meaning->zh, meaning->en) },
        { "explanation", invocation_pick(inv, meaning->explanation_zh, meaning->explanation_en) },
        { NULL, NULL },
    };
    tell(explaining, rows);
    return true;
}

static bool tell_status(struct explaining *explaining, const char *code) {
    static const struct {
        const char *zh, *en;
    } advice[] = {
        [RETRY_NEVER] = { "原样重发结果相同", "the same again fares no better" },
        [RETRY_LATER] = { "请稍后原样重发", "send the same again later" },
        [RETRY_AFTER_REPAIR] = { "排除原因后重发", "send it again once the cause is mended" },
    };
    char name[CODE_MAX];
    size_t length = 0;
    for (; code[length] && length + 1 < sizeof(name); length++) { /* HTTP writes not-found */
        name[length] = code[length] == '-' ? '_' : code[length];
    }
    name[length] = '\0';
    for (enum status status = 0; status < STATUS_COUNT; status++) {
        if (status != STATUS_OK && strcmp(status_name(status), name) == 0) {
            enum retry retry = status_retry(status);
            const struct row rows[] = {
                { "code", status_name(status) },
                { "meaning", status_sentence(status, explaining->inv->language) },
                { "explanation", invocation_pick(explaining->inv, advice[retry].zh, advice[retry].en) },
                { NULL, NULL },
            };
            tell(explaining, rows);
            return true;
        }
    }
    return false;
}

/* --- the log -------------------------------------------------------------------------------------------- */

/* Several rooms may have an event of one name. */
static bool tell_events(struct explaining *explaining, const char *name) {
    const struct log_meaning *event = NULL;
    bool found = false;
    while ((event = log_meaning_find(name, event))) {
        const struct row rows[] = {
            { "event", event->name },
            { "component", event->component },
            { "meaning", invocation_pick(explaining->inv, event->zh, event->en) },
            { NULL, NULL },
        };
        tell(explaining, rows);
        found = true;
    }
    return found;
}

/* --- rules ---------------------------------------------------------------------------------------------- */

/* 0 or the exit code. */
static int load_rules(struct explaining *explaining) {
    struct invocation *inv = explaining->inv;
    struct verdict mistakes;
    int exit_code = explaining->edition ? 0 : invocation_schemas(inv, &explaining->edition, &mistakes);
    if (exit_code || explaining->rules) {
        return exit_code;
    }
    explaining->rules = rule_set_load(explaining->edition, &mistakes);
    return invocation_mistakes(inv, &mistakes, false) ? status_exit(STATUS_BAD_CONFIG) : 0;
}

/* Several rules may share one code. */
static bool tell_rules(struct explaining *explaining, const char *code) {
    bool found = false;
    for (size_t i = 0; i < explaining->rules->count; i++) {
        const struct rule *rule = &explaining->rules->list[i];
        if (strcmp(rule->code, code) == 0) {
            begin(explaining);
            if (explaining->inv->json) {
                rule_text_json(rule, &explaining->json);
            } else {
                rule_text_print(rule, &explaining->buf);
            }
            found = true;
        }
    }
    return found;
}

/* --- one code after the other --------------------------------------------------------------------------- */

static int unknown(const struct explaining *explaining, const char *code) {
    struct nearest nearest;
    nearest_start(&nearest, text_of(code));
    const struct finding_meaning *meaning;
    for (size_t i = 0; (meaning = finding_meaning_at(i)); i++) {
        nearest_try(&nearest, meaning->code);
    }
    for (size_t i = 0; i < explaining->rules->count; i++) {
        nearest_try(&nearest, explaining->rules->list[i].code);
    }
    const char *best = nearest_found(&nearest);
    if (best) {
        invocation_say(explaining->inv, "没有代码 '%s'；是否为 %s？", "there is no code '%s'; is it %s?",
                       code, best);
    } else {
        invocation_say(explaining->inv, "没有代码 '%s'", "there is no code '%s'", code);
    }
    return status_exit(STATUS_NOT_FOUND);
}

static int explain_code(struct explaining *explaining, const char *argument) {
    char code[CODE_MAX];
    size_t length = 0;
    for (; argument[length] && length + 1 < sizeof(code); length++) {
        code[length] = (char)toupper((unsigned char)argument[length]);
    }
    code[length] = '\0';
    bool told = tell_meaning(explaining, code) || tell_status(explaining, code);
    if (tell_events(explaining, argument) || told) {
        return 0;
    }
    int exit_code = load_rules(explaining);
    return exit_code ? exit_code : tell_rules(explaining, code) ? 0 : unknown(explaining, argument);
}

static void list_codes(struct explaining *explaining) {
    const struct finding_meaning *meaning;
    for (size_t i = 0; (meaning = finding_meaning_at(i)); i++) {
        if (explaining->inv->json) {
            tell_meaning(explaining, meaning->code);
        } else {
            buf_printf(&explaining->buf, "%-24s %s\n", meaning->code,
                       invocation_pick(explaining->inv, meaning->zh, meaning->en));
        }
    }
}

static int run(struct invocation *inv) {
    struct explaining explaining = { .inv = inv };
    int exit_code = 0;
    buf_init(&explaining.buf, PRINT_MAX);
    json_start(&explaining.json, &explaining.buf);
    if (inv->json) {
        json_open_array(&explaining.json, NULL);
    }
    for (size_t i = 0; i < inv->count; i++) {
        int code = explain_code(&explaining, inv->arguments[i]);
        exit_code = code ? code : exit_code;
    }
    if (inv->count == 0) {
        list_codes(&explaining);
    }
    if (inv->json) {
        json_close_array(&explaining.json);
        buf_add_char(&explaining.buf, '\n');
    }
    int printed = invocation_print(inv, &explaining.buf);
    edition_release(explaining.edition);
    return exit_code ? exit_code : printed;
}

static const struct example_row examples[] = {
    { "clearway explain XSD-PATTERN", "依据的标准与处理办法", "the standard's rule, and what to do" },
    { "clearway explain D01", "业务规则：条件、依据与有效期",
      "a business rule: its condition, basis and dates" },
    { "clearway explain", "本网关自己的全部代码", "all codes that are the gateway's own" },
    EXAMPLES_END,
};

const struct command command_explain = {
    .name = "explain",
    .arguments = "[CODE...]",
    .summary_en = "what a code of a receipt or an answer, or an event of the log, stands for",
    .summary_zh = "回执或答复中的代码、日志事件的含义",
    .examples = examples,
    .options = options,
    .run = run,
};
