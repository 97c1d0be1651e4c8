#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "check/rules.h"
#include "daemon/command.h"

#define PRINT_MAX (16u << 20)

static const struct option_row options[] = {
    { "schemas", "FOLDER", "fields, formats and rules (default: of the configuration)" },
    { NULL, NULL, NULL },
};

static void put_rule(struct json_out *out, const struct rule_view *rule) {
    json_open_object(out, NULL);
    json_put_string(out, "code", rule->code);
    json_put_string(out, "severity", severity_text(rule->severity));
    json_put_string(out, "families", rule->families);
    json_put_string(out, "stage", rule->stage == RULE_ENGINE ? "engine" : "check");
    json_put_string(out, "basis", rule->basis);
    json_put_string(out, "require", rule->require);
    json_put_string(out, "zh", rule->zh);
    json_put_string(out, "en", rule->en);
    json_close_object(out);
}

static void print_rule(struct buf *out, const struct rule_view *rule) {
    buf_printf(out, "%s  %s  %s  (%s)\n  zh       %s\n  en       %s\n", rule->code, severity_text(rule->severity), rule->families,
               rule->stage == RULE_ENGINE ? "engine" : "check", rule->zh, rule->en);
    buf_printf(out, "  require  %s\n", rule->require);
    if (rule->basis[0]) buf_printf(out, "  basis    %s\n", rule->basis);
}

/* Prints all rules, or those with this code; several rules may share one. The number printed. */
static size_t print_rules(const struct invocation *inv, const struct rules *rules, const char *code) {
    struct buf buf;
    struct json_out out;
    size_t found = 0;
    buf_init(&buf, PRINT_MAX);
    json_start(&out, &buf);
    if (inv->json) json_open_array(&out, NULL);
    for (size_t i = 0; i < rules_count(rules); i++) {
        struct rule_view rule = rules_view(rules, i);
        if (code && strcmp(code, rule.code)) continue;
        if (inv->json) put_rule(&out, &rule);
        else if (code) print_rule(&buf, &rule);
        else buf_printf(&buf, "%-6s %-8s %-20s %s\n", rule.code, severity_text(rule.severity), rule.families,
                        inv->language == LANGUAGE_ZH ? rule.zh : rule.en);
        found++;
    }
    if (inv->json) json_close_array(&out);
    if (inv->json) buf_add_char(&buf, '\n');
    invocation_print(&buf);
    return found;
}

static int with_rules(struct invocation *inv, const char *code) {
    struct settings *settings;
    struct setup *setup;
    struct verdict mistakes;
    int exit_code = invocation_settings(inv, &settings);
    if (exit_code) return exit_code;
    struct setup_options setup_options = settings_setup(settings);
    setup_options.parties = NULL;
    if (invocation_option(inv, "schemas")) setup_options.schemas = inv->schemas = invocation_option(inv, "schemas");
    verdict_init(&mistakes, inv->arena);
    enum status status = setup_load(&setup_options, &setup, &mistakes);
    if (status) return invocation_fail(inv, status, setup_options.schemas);
    struct rules *rules = rules_load(setup, "rules", inv->arena, &mistakes);
    if (invocation_mistakes(inv, &mistakes, false)) exit_code = status_exit(STATUS_BAD_CONFIG);
    else if (!print_rules(inv, rules, code)) exit_code = invocation_fail(inv, STATUS_NOT_FOUND, code ? code : "rules");
    setup_free(setup);
    return exit_code;
}

static int run(struct invocation *inv) {
    if (!inv->count || (inv->count == 1 && !strcmp(inv->arguments[0], "list"))) return with_rules(inv, NULL);
    if (inv->count == 2 && !strcmp(inv->arguments[0], "explain")) return with_rules(inv, inv->arguments[1]);
    return invocation_usage(inv, "say list or explain CODE");
}

const struct command command_rules = {
    .name = "rules", .arguments = "[list | explain CODE]", .summary_en = "the business rules and their basis", .summary_zh = "业务规则及其依据",
    .examples = "  clearway rules\n  clearway rules explain D01",
    .options = options, .run = run,
};
