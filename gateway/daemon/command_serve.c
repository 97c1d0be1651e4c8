/* command_serve.c - `clearway serve`: the settings, and then the gateway until it is told to stop. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "daemon/command.h"
#include "daemon/process.h"

static const struct option_row options[] = { OPTIONS_END };

static int run(struct invocation *inv) {
    struct settings *settings;
    struct verdict mistakes;
    struct explanation why = { "", "" };
    if (inv->count) {
        return invocation_usage(inv, "不带参数", "takes no arguments");
    }
    process_hold_signals();
    int code = invocation_settings(inv, &settings);
    if (code) {
        return code;
    }
    log_set_level(settings_log_level(settings));
    verdict_init(&mistakes, inv->arena);
    enum status status = process_run(settings, &mistakes, &why);
    bool told = invocation_mistakes(inv, &mistakes, false);
    if (status == STATUS_OK) {
        return 0;
    }
    return told && !why.en[0] ? status_exit(status)
                              : invocation_fail(inv, status, invocation_pick(inv, why.zh, why.en));
}

static const struct example_row examples[] = {
    { "clearway serve", NULL, NULL },
    { "clearway serve --config /etc/clearway/clearway.yaml", NULL, NULL },
    EXAMPLES_END,
};

const struct command command_serve = {
    .name = "serve",
    .arguments = "",
    .summary_en = "run the gateway",
    .summary_zh = "运行网关",
    .examples = examples,
    .options = options,
    .run = run,
};
