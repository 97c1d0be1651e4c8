/* command_rules.c - `clearway rules`: the rules as loaded, each with its condition, basis and dates. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/stamp.h"
#include "check/rules.h"
#include "daemon/command.h"

#define PRINT_MAX (16u << 20)

static const struct option_row options[] = {
    { "schemas", "FOLDER", "字段、格式与规则（默认按配置）",
      "fields, formats and rules (default: of the configuration)" },
    OPTIONS_END,
};

#define ROWS_MAX 16

/* A rule as it is shown, row by row; "" for what does not stand in it. */
struct rule_row {
    const char *name, *text;
};

static const char *day_or_none(int32_t day, char out[STAMP_TEXT_MAX]) {
    return day == INT32_MIN || day == INT32_MAX ? "" : day_print(day, out);
}

static void rows_of(const struct rule_view *rule, struct arena *arena, struct rule_row rows[ROWS_MAX]) {
    char since[STAMP_TEXT_MAX], until[STAMP_TEXT_MAX];
    const struct rule_row all[] = {
        { "code", rule->code },
        { "severity", severity_text(rule->severity) },
        { "families", rule->families },
        { "stage", rule->stage == RULE_ENGINE ? "engine" : "check" },
        { "basis", rule->basis },
        { "since", arena_string(arena, day_or_none(rule->since, since)) },
        { "until", arena_string(arena, day_or_none(rule->until, until)) },
        { "when", rule->when },
        { "each", rule->each },
        { "require", rule->require },
        { "at", rule->at },
        { "zh", rule->zh },
        { "en", rule->en },
        { "hint_zh", rule->hint_zh },
        { "hint_en", rule->hint_en },
        { NULL, NULL },
    };
    _Static_assert(sizeof(all) == ROWS_MAX * sizeof(*rows), "all rows and the end");
    memcpy(rows, all, sizeof(all));
}

static void put_rule(struct json_out *out, const struct rule_row *rows, uint32_t line) {
    json_open_object(out, NULL);
    for (; rows->name; rows++) {
        json_put_string(out, rows->name, rows->text);
    }
    json_put_int(out, "line", line);
    json_close_object(out);
}

static void print_rule(struct buf *out, const struct rule_row *rows) {
    for (; rows->name; rows++) {
        if (rows->text[0]) {
            buf_printf(out, "%-9s %s\n", rows->name, rows->text);
        }
    }
}

/* Prints all rules, or those with this code; several rules may share one. The number printed. */
static size_t print_rules(const struct invocation *inv, const struct rules *rules, const char *code) {
    struct buf buf;
    struct json_out out;
    size_t found = 0;
    buf_init(&buf, PRINT_MAX);
    json_start(&out, &buf);
    if (inv->json) {
        json_open_array(&out, NULL);
    }
    for (size_t i = 0; i < rules_count(rules); i++) {
        struct rule_view rule = rules_view(rules, i);
        struct rule_row rows[ROWS_MAX];
        if (code && strcmp(code, rule.code) != 0) {
            continue;
        }
        rows_of(&rule, inv->arena, rows);
        if (found && code && !inv->json) {
            buf_add_char(&buf, '\n');
        }
        if (inv->json) {
            put_rule(&out, rows, rule.line);
        } else if (code) {
            print_rule(&buf, rows);
        } else {
            buf_printf(&buf, "%-6s %-8s %-20s %s\n", rule.code, severity_text(rule.severity), rule.families,
                       inv->language == LANGUAGE_ZH ? rule.zh : rule.en);
        }
        found++;
    }
    if (inv->json) {
        json_close_array(&out);
    }
    if (inv->json) {
        buf_add_char(&buf, '\n');
    }
    invocation_print(inv, &buf);
    return found;
}

static int with_rules(struct invocation *inv, const char *code) {
    struct setup *setup;
    struct verdict mistakes;
    int exit_code = invocation_schemas(inv, &setup, &mistakes);
    if (exit_code) {
        return exit_code;
    }
    struct rules *rules = rules_load(setup, "rules", inv->arena, &mistakes);
    if (invocation_mistakes(inv, &mistakes, false)) {
        exit_code = status_exit(STATUS_BAD_CONFIG);
    } else if (!print_rules(inv, rules, code)) {
        exit_code = invocation_fail(inv, STATUS_NOT_FOUND, code ? code : "rules");
    }
    setup_free(setup);
    return exit_code;
}

static int run(struct invocation *inv) {
    if (!inv->count || (inv->count == 1 && strcmp(inv->arguments[0], "list") == 0)) {
        return with_rules(inv, NULL);
    }
    if (inv->count == 2 && strcmp(inv->arguments[0], "explain") == 0) {
        return with_rules(inv, inv->arguments[1]);
    }
    return invocation_usage(inv, "应为 list 或 explain CODE", "say list or explain CODE");
}

static const struct example_row examples[] = {
    { "clearway rules", NULL, NULL },
    { "clearway rules explain D01", "条件、依据与有效期", "its condition, basis and dates" },
    EXAMPLES_END,
};

const struct command command_rules = {
    .name = "rules",
    .arguments = "[list | explain CODE]",
    .summary_en = "the business rules and their basis",
    .summary_zh = "业务规则及其依据",
    .examples = examples,
    .options = options,
    .run = run,
};
