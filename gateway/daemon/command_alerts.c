/*
 * command_alerts.c - `clearway alerts`: which alerts are open, asked like any question; and the order by
 * which an operator says that one is known, given to the gateway that runs.
 */
#include <string.h>

#include "daemon/command.h"
#include "daemon/local.h"
#include "daemon/remote.h"

static const struct option_row options[] = {
    { "note", "TEXT", "确认预警时说明已作何处理，将记入日志",
      "for ack: what is done about it; it is recorded" },
    REMOTE_OPTIONS,
    LOCAL_OPTIONS,
    OPTIONS_END,
};

/* Named by the record that told of it, as the list shows. */
static int acknowledge(struct invocation *inv, const char *name) {
    const char *note = invocation_option(inv, "note"), *data = invocation_data(inv);
    uint64_t number;
    if (!data) {
        return status_exit(STATUS_BAD_CONFIG);
    }
    if (!text_to_uint(text_of(name), &number)) {
        return invocation_usage(inv, "预警以其记录编号指明，而非 '%s'",
                                "an alert is named by the number of its record, not '%s'", name);
    }
    if (!note) {
        return invocation_usage(inv, "请说明处理情况：--note TEXT 与指令一并记入日志",
                                "say what is done about it: --note TEXT is recorded with the order");
    }
    return remote_order(inv, data,
                        arena_printf(inv->arena, "/control/orders/alert-ack?record=%llu&reason=%s",
                                     (unsigned long long)number, remote_escape(inv, note)));
}

static int run(struct invocation *inv) {
    if (inv->count == 2 && strcmp(inv->arguments[0], "ack") == 0) {
        return acknowledge(inv, inv->arguments[1]);
    }
    if (inv->count > 0) {
        return invocation_usage(inv, "应为 ack RECORD，或不带参数", "say ack RECORD, or nothing");
    }
    return command_ask(inv);
}

static const struct example_row examples[] = {
    { "clearway alerts", NULL, NULL },
    { "clearway alerts --state acknowledged", "已确认而未解除的", "known, and not over yet" },
    { "clearway alerts ack 57 --note INC-2140", "已知悉，并说明处理情况", "it is known, and what is done" },
    EXAMPLES_END,
};

const struct command command_alerts = {
    .name = "alerts",
    .arguments = "[ack RECORD]",
    .summary_en = "goods that are as they are for too long, or should not be so; acknowledge an alert",
    .summary_zh = "停留过久或状态矛盾的货物；确认预警",
    .examples = examples,
    .options = options,
    .asks = "alerts",
    .run = run,
};
