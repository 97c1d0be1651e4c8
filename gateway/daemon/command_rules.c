/* command_rules.c - `clearway rules`: the business rules, one a line; what stands in one is told by
 * `explain`. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "edition/rule_set.h"
#include "daemon/command.h"
#include "daemon/rule_text.h"

#define PRINT_MAX (16u << 20)

static const struct option_row options[] = {
    { "schemas", "FOLDER", "字段、格式与规则（默认按配置）",
      "fields, formats and rules (default: of the configuration)" },
    OPTIONS_END,
};

static int print_rules(const struct invocation *inv, const struct rule_set *rules) {
    struct buf buf;
    struct json_out out;
    buf_init(&buf, PRINT_MAX);
    json_start(&out, &buf);
    if (inv->json) {
        json_open_array(&out, NULL);
    }
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *rule = &rules->list[i];
        if (inv->json) {
            rule_text_json(rule, &out);
        } else {
            buf_printf(&buf, "%-6s %-8s %-20s %s\n", rule->code, severity_text(rule->severity),
                       rule->families_text, invocation_pick(inv, rule->zh, rule->en));
        }
    }
    if (inv->json) {
        json_close_array(&out);
        buf_add_char(&buf, '\n');
    }
    return invocation_print(inv, &buf);
}

static int run(struct invocation *inv) {
    struct edition *edition;
    struct verdict mistakes;
    if (inv->count > 0) {
        return invocation_usage(inv, "不需要参数；单条规则见 clearway explain CODE",
                                "takes no arguments; clearway explain CODE tells of one");
    }
    int exit_code = invocation_schemas(inv, &edition, &mistakes);
    if (exit_code) {
        return exit_code;
    }
    struct rule_set *rules = rule_set_load(edition, &mistakes);
    if (invocation_mistakes(inv, &mistakes, false)) {
        exit_code = status_exit(STATUS_BAD_CONFIG);
    } else if (rules->count == 0) {
        exit_code = invocation_fail(inv, STATUS_NOT_FOUND, "rules");
    } else {
        exit_code = print_rules(inv, rules);
    }
    edition_release(edition);
    return exit_code;
}

static const struct example_row examples[] = {
    { "clearway rules", NULL, NULL },
    { "clearway explain D01", "条件、依据与有效期", "its condition, basis and dates" },
    EXAMPLES_END,
};

const struct command command_rules = {
    .name = "rules",
    .arguments = "",
    .summary_en = "the business rules",
    .summary_zh = "业务规则",
    .examples = examples,
    .options = options,
    .run = run,
};
